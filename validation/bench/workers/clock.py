"""What the workers in Python have in common: a set is read, fits are timed by CPU time.

A plain file that needs numpy and pandas alone, as workers run in environments of their own, served
by adapters/serve.py.  A request says what to `do`:

    load   read the set in `folder`, untimed
    fit    so many `times`: CPU seconds of all together, the criterion, and memory
    blas   which BLAS numpy has, and the CPU seconds of a cross product
"""

from __future__ import annotations

import gc
import json
import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

Model = dict[str, Any]  # set.json: formula, fixed, terms, reml, refits, columns
Fit = Callable[[], float]  # fits once, and gives the criterion
Prepare = Callable[[pd.DataFrame, Model], Fit]  # the data and the model; what is not timed
SIZE = 1000  # rows and columns of the cross product


class NotForIt(Exception):  # noqa: N818  (no error: a package that was not made for a set)
    """The package does not fit such models; the text says why."""


class Worker:
    """Answers the requests, of one set."""

    def __init__(self, name: str, prepare: Prepare, generalized: bool = False) -> None:
        self.name, self.prepare, self.generalized = name, prepare, generalized
        self.fit: Fit = unloaded

    def start(self) -> dict[str, Any]:
        """Who answers."""
        language = f"Python {platform.python_version()}"
        who = {"name": self.name, "version": version(self.name), "language": language}
        return {"version": 1, "implementation": who}

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to one request."""
        try:
            answers = getattr(self, f"do_{request['do']}")(request)
        except NotForIt as reason:
            return {"id": request["id"], "skip": str(reason)}
        return {"id": request["id"], "answers": answers}

    def do_load(self, request: dict[str, Any]) -> dict[str, Any]:
        """Read the set, and prepare what is not timed."""
        folder = Path(request["folder"])
        model = json.loads((folder / "set.json").read_text("utf-8"))
        if model["family"] and not self.generalized:
            raise NotForIt("generalized models are not asked of it")
        self.fit = self.prepare(frame(folder, model), model | {"folder": str(folder)})
        return {"memory": memory()}

    def do_fit(self, request: dict[str, Any]) -> dict[str, Any]:
        """CPU seconds of fits, user and system; garbage of those before is not theirs."""
        gc.collect()
        begin = time.process_time()
        for _ in range(request["times"]):
            criterion = self.fit()
        seconds = time.process_time() - begin
        return {"seconds": seconds, "criterion": float(criterion), "memory": memory()}

    def do_blas(self, request: dict[str, Any]) -> dict[str, Any]:
        """The BLAS of numpy: its name, and how fast it is."""
        known = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
        return {"blas": f"{known['name']} {known['version']}", "seconds": cross_product()}


def unloaded() -> float:
    """What is fitted before there is a set.  Raises LookupError."""
    raise LookupError("no set was loaded")


def frame(folder: Path, model: Model) -> pd.DataFrame:
    """The data: float64 columns, and categorical ones with their levels."""
    columns: dict[str, Any] = {}
    for k, column in enumerate(model["columns"]):
        levels = column["levels"]
        kind = np.dtype("<f8" if levels is None else "<i4")
        values = np.fromfile(folder / f"{k}.bin", kind)
        columns[column["name"]] = (
            values if levels is None else pd.Categorical.from_codes(values, levels)
        )
    return pd.DataFrame(columns)


def responses(model: Model, n: int) -> Any:
    """(n, count): the responses of refits."""
    Y = np.fromfile(Path(model["folder"]) / "responses.bin", "<f8")
    return Y.reshape(n, model["refits"], order="F")


def memory() -> float:
    """The most that this process ever had in memory, in MB, as Linux counts."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return float("nan")


def cross_product() -> float:
    """CPU seconds of X'X, after one that is not counted."""
    X = np.random.default_rng(0).normal(size=(SIZE, SIZE))
    X.T @ X
    begin = time.process_time()
    X.T @ X
    return time.process_time() - begin


def label(data: pd.DataFrame, group: list[str]) -> Any:
    """The level (n,) of a grouping factor of one or more columns."""
    if len(group) == 1:
        return data[group[0]].to_numpy()
    return data.groupby(group, observed=True, sort=False).ngroup().to_numpy()


def without_deep(data: pd.DataFrame, model: Model) -> tuple[str, pd.DataFrame]:
    """Formula and data; groups of more than two columns are prepared columns, for some packages."""
    if all(len(term["group"]) <= 2 for term in model["terms"]):
        return model["formula"], data
    terms = {f"g{t}": term for t, term in enumerate(model["terms"])}
    made = {name: pd.Categorical(label(data, term["group"])) for name, term in terms.items()}
    bars = [f"({term['effects']} | {name})" for name, term in terms.items()]
    return " + ".join([model["fixed"], *bars]), data.assign(**made)
