"""Requests as data frames and arrays.

A plain file that needs numpy and pandas alone, as `answers` and `terms` are, so that adapters in
environments of their own can use it: `serve.py` makes `from .frames import frame` work there.

Order is the business of terms.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .formulas import group_columns, level_key
from .messages import Json

Array = npt.NDArray[np.float64]


def array(values: Any) -> Array:
    """Nested lists of decimal strings as the doubles nearest to them."""
    return np.array(values, dtype=object).astype(np.float64)


def arrays(request: Json) -> dict[str, Array]:
    """The arrays of form `matrices`; weights of one and offsets of zero where there are none."""
    given = {name: array(values) for name, values in request["arrays"].items() if values}
    n = len(given["y"])
    return {"weights": np.ones(n), "offset": np.zeros(n)} | given


def frame(data: Json) -> pd.DataFrame:
    """The data: numbers as float64, factors as categories with the levels in their order."""
    factors = data["factors"]
    columns = {
        name: pd.Categorical(texts, categories=factors[name]) if name in factors else array(texts)
        for name, texts in data["columns"].items()
    }
    return pd.DataFrame(columns)


def group_labels(data: pd.DataFrame, group: str) -> Any:
    """The level (n,) of a grouping factor in each row, "a:b" for a combination of columns."""
    columns = [data[name].astype(str) for name in group_columns(group)]
    return np.array([":".join(labels) for labels in zip(*columns, strict=True)], dtype=object)


def effect(data: pd.DataFrame, factors: Json, name: str) -> Array:
    """A column (n,) of a model matrix, by R's name: (Intercept), x, fa, I(x^2), x:fa."""
    return np.prod([part(data, factors, text) for text in name.split(":")], axis=0)


def part(data: pd.DataFrame, factors: Json, text: str) -> Array:
    """One factor of a product."""
    if text == "(Intercept)":
        return np.ones(len(data))
    if power := re.fullmatch(r"I\((\w+)\s*\^\s*(\d+)\)", text):
        return np.asarray(data[power[1]].to_numpy() ** int(power[2]))
    for name, levels in factors.items():
        if text.startswith(name) and text[len(name) :] in levels:
            return np.asarray(data[name] == text[len(name) :], dtype=np.float64)
    return np.asarray(data[text], dtype=np.float64)


def matrix(data: pd.DataFrame, factors: Json, names: Iterable[str]) -> Array:
    """A model matrix (n, p) of named columns."""
    columns = [effect(data, factors, name) for name in names]
    return np.column_stack([np.zeros((len(data), 0)), *columns])


def prepared(data: pd.DataFrame, request: Json) -> pd.DataFrame:
    """The data with a column g0, g1, ... for the groups of each term, and e0_0, e0_1, ... for its
    effects: for those whose formulas have no interactions of groups or factors among the effects.
    """
    factors, columns = request["data"]["factors"], {}
    for t, term in enumerate(request["model"]["terms"]):
        columns[f"g{t}"] = group_labels(data, term["group"])
        for j, name in enumerate(term["effects"]):
            columns[f"e{t}_{j}"] = effect(data, factors, name)
    return data.assign(**columns)


@dataclass(frozen=True)
class Block:
    """A random term in arrays."""

    codes: npt.NDArray[np.int64]  # (n,)  the level, in the request's order; -1: a new one
    x: Array  # (n, k)
    levels: int


@dataclass(frozen=True)
class Arrays:
    """A request in arrays, of either form, in the order of the request."""

    y: Array  # (n,)
    X: Array  # (n, p)
    blocks: list[Block]
    weights: Array | None
    offset: Array


def in_arrays(request: Json) -> Arrays:
    """The arrays that a request gives, or those of its data."""
    if request["form"] == "formula":
        return rows(request, frame(request["data"]), response=True)
    given, blocks, start = arrays(request), [], 0
    for term in request["model"]["terms"]:
        J, k = term["levels"], term["effects"]
        Z = given["Z"][:, start : start + J * k].reshape(-1, J, k)
        start += J * k
        codes = Z.any(axis=2).argmax(axis=1)
        blocks.append(Block(codes, Z[np.arange(len(Z)), codes], J))
    weights = None if (given["weights"] == 1).all() else given["weights"]
    X = given["X"].reshape(len(given["y"]), -1)
    return Arrays(given["y"], X, blocks, weights, given["offset"])


def rows(request: Json, data: pd.DataFrame, response: bool = False) -> Arrays:
    """The arrays of some rows, such as new ones."""
    model, factors, blocks = request["model"], request["data"]["factors"], []
    for term in model["terms"]:
        places = {level_key(term["group"], name): j for j, name in enumerate(term["levels"])}
        keys = [level_key(term["group"], name) for name in group_labels(data, term["group"])]
        codes = np.array([places.get(key, -1) for key in keys])
        x = matrix(data, factors, term["effects"])
        blocks.append(Block(codes, x, len(term["levels"])))
    y = data[model["formula"].split("~")[0].strip()].to_numpy() if response else np.zeros(len(data))
    weights = data[model["weights"]].to_numpy() if model["weights"] and response else None
    offset = data[model["offset"]].to_numpy() if model["offset"] else np.zeros(len(data))
    return Arrays(y, matrix(data, factors, model["coefficients"]), blocks, weights, offset)
