"""A set in a folder, for workers in any language: doubles and level codes as they are in memory.

set.json        the model, and the columns with their levels
0.bin, 1.bin    the columns: float64, or int32 codes from 0, little-endian
responses.bin   the responses of refits, column by column
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from . import made
from .sets import Set


def write(one: Set, folder: Path) -> None:
    """Make the data, and write all."""
    data = one.make()
    columns = []
    for k, name in enumerate(data.columns):
        levels = write_column(data[name], folder / f"{k}.bin")
        columns.append({"name": name, "levels": levels})
    text = json.dumps(one.model() | {"rows": len(data), "columns": columns})
    (folder / "set.json").write_text(text, "utf-8")
    if one.refits:
        y = data[one.formula.split("~")[0].strip()]
        Y = made.responses(y, one.refits)
        (folder / "responses.bin").write_bytes(Y.astype("<f8").tobytes(order="F"))


def write_column(values: pd.Series, path: Path) -> list[str] | None:
    """Write a column; the levels of a factor."""
    if not isinstance(values.dtype, pd.CategoricalDtype):
        path.write_bytes(values.to_numpy().astype("<f8").tobytes())
        return None
    path.write_bytes(np.asarray(values.cat.codes).astype("<i4").tobytes())
    return [str(level) for level in values.cat.categories]


def rows(folder: Path) -> int:
    """How many rows the set of a folder has."""
    return int(json.loads((folder / "set.json").read_text("utf-8"))["rows"])
