"""The data that ship with refmixed: lme4's classic examples, equal to R's to the last bit.

`data/catalogue.json` says what each table holds, column by column, with the levels of its factors
in R's order; `data/PROVENANCE.md` says where it comes from.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import pandas as pd

from .errors import DatasetError, nearest

NUMERIC = {"number": "float64", "integer": "int64"}


def load_dataset(name: str) -> pd.DataFrame:
    """A fresh copy of the data set of that name, one row an observation.

    Factors are categoricals with R's levels in R's order, ordered where R's are; numbers are
    float64, R's integers int64.  `attrs["name"]` is the name; `attrs["ordered"]` has the columns
    whose order is meant, so that no OrderedWarning is due.  Raises DatasetError.
    """
    columns = _entry(name)["columns"]
    with (_folder() / f"{name}.csv").open(encoding="ascii") as file:
        data = pd.read_csv(file, dtype="str", keep_default_na=False)  # "NA" would be a label
    for column, spec in columns.items():
        data[column] = data[column].astype(_dtype(spec))
    data.attrs["name"] = name
    data.attrs["ordered"] = [c for c, spec in columns.items() if spec["type"] == "ordered"]
    return data


def list_datasets() -> pd.DataFrame:
    """What there is: a row for each data set, with `rows`, `columns` and a `description`."""
    entries = [
        {
            "name": name,
            "rows": e["rows"],
            "columns": len(e["columns"]),
            "description": e["description"],
        }
        for name, e in _catalogue().items()
    ]
    return pd.DataFrame(entries).set_index("name")


def _dtype(spec: dict[str, Any]) -> str | pd.CategoricalDtype:
    """The dtype of a column, read as text first: not every CSV reader rounds numbers right."""
    if "levels" in spec:
        return pd.CategoricalDtype(spec["levels"], ordered=spec["type"] == "ordered")
    return NUMERIC[spec["type"]]


def _entry(name: str) -> dict[str, Any]:
    """What the catalogue says about one data set."""
    catalogue = _catalogue()
    if name not in catalogue:
        raise DatasetError(f"there is no data set {name!r}{nearest(name, catalogue)}")
    return catalogue[name]


@cache
def _catalogue() -> dict[str, dict[str, Any]]:
    """The catalogue: name -> description, rows, columns."""
    catalogue: dict[str, dict[str, Any]] = json.loads(
        (_folder() / "catalogue.json").read_text("ascii")
    )
    return catalogue


def _folder() -> Traversable:
    """Where the data are, in a checkout or in an installed package."""
    return files(__package__) / "data"
