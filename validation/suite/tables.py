"""The frozen data sets: decimals as text, factors with their levels, digests checked.

A data set is a CSV file in `data/`, or one that refmixed ships.  The levels of the factors are in
`data/factors-*.json`, those of refmixed's sets in its catalogue; all other columns are numbers.
`data/SHA256SUMS` has the digest of every file.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

DATA = files(__package__.rpartition(".")[0]) / "data"
SHIPPED = files("refmixed") / "data"
SUMS = "SHA256SUMS"
TABLES = 8  # that are kept
REAL, MADE = "factors-real.json", "factors-made.json"

Factors = Mapping[str, tuple[str, ...]]


class TableError(ValueError):
    """A data set is not there, or not what it was when its reference values were proved."""


@dataclass(frozen=True)
class Table:
    """A data set: each column as the text of its values; `factors` has the levels, in order."""

    name: str
    columns: Mapping[str, tuple[str, ...]]
    factors: Factors

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def fractions(self, column: str) -> list[Fraction]:
        """A column of numbers, exactly.  Raises TableError for a factor."""
        if column in self.factors:
            raise TableError(f"column {column!r} of {self.name} is a factor, not numbers")
        return [Fraction(text) for text in self.columns[column]]

    def floats(self, column: str) -> list[float]:
        """A column of numbers, each the double nearest to its decimal."""
        return [float(value) for value in self.fractions(column)]

    def frame(self) -> pd.DataFrame:
        """The same as a data frame: float64 and categorical columns."""
        import pandas as pd  # as long to load as all else that a run needs

        return pd.DataFrame({name: self._series(name) for name in self.columns})

    def _series(self, name: str) -> pd.Series:
        """One column of the data frame."""
        import pandas as pd

        if name not in self.factors:
            return pd.Series(self.floats(name), dtype="float64")
        levels = pd.CategoricalDtype(list(self.factors[name]))
        return pd.Series(list(self.columns[name]), dtype=levels)

    def subset(self, rows: Iterable[int], name: str | None = None) -> Table:
        """Some of the rows, in the order given, under another name; the levels stay."""
        places = list(rows)
        columns = {key: tuple(values[i] for i in places) for key, values in self.columns.items()}
        return Table(name or self.name, columns, self.factors)

    def replaced(
        self, column: str, values: Iterable[str], levels: Iterable[str] | None = None
    ) -> Table:
        """The table with another column in the place of one, or one more; `levels` of a factor."""
        factors = dict(self.factors)
        if levels is not None:
            factors[column] = tuple(levels)
        return Table(self.name, {**self.columns, column: tuple(values)}, factors)


def load(name: str) -> Table:
    """The data set of that name.  Raises TableError where it is missing or was changed."""
    return Table(name, dict(parsed(read(f"{name}.csv"))), factors()[name])


@lru_cache(TABLES)
def parsed(content: bytes) -> Mapping[str, tuple[str, ...]]:
    """The columns of a CSV file."""
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8")))
    return dict(zip(header, zip(*rows, strict=True), strict=True))


def digest(name: str) -> str:
    """The recorded SHA-256 of a data set's file."""
    return sums()[f"{name}.csv"]


def read(file: str) -> bytes:
    """The bytes of one file, as they were recorded.  Raises TableError."""
    if file not in sums():
        raise TableError(f"there is no {file} in {SUMS}")
    content = find(file).read_bytes()
    if hashlib.sha256(content).hexdigest() != sums()[file]:
        raise TableError(f"{file} is not the file whose digest is in {SUMS}")
    return content


def find(file: str) -> Traversable:
    """Where a file is: with the suite, or else with refmixed."""
    return DATA / file if (DATA / file).is_file() else SHIPPED / file


@cache
def sums() -> dict[str, str]:
    """The recorded digests: file -> SHA-256."""
    lines = (DATA / SUMS).read_text("ascii").splitlines()
    return {file: hexadecimal for hexadecimal, file in (line.split("  ") for line in lines)}


@cache
def factors() -> dict[str, Factors]:
    """The levels of the factors of each data set, in order."""
    listed = {**json.loads(read(REAL)), **json.loads(read(MADE))}
    mine = {name: _levels(columns) for name, columns in listed.items()}
    return {**shipped_factors(), **mine}


def shipped_factors() -> dict[str, Factors]:
    """The same of the sets that refmixed ships, from its catalogue."""
    catalogue = json.loads((SHIPPED / "catalogue.json").read_text("ascii"))
    return {name: _levels(_with_levels(entry["columns"])) for name, entry in catalogue.items()}


def _with_levels(columns: Mapping[str, Mapping[str, list[str]]]) -> dict[str, list[str]]:
    """Column -> levels, of the columns that have any."""
    return {name: spec["levels"] for name, spec in columns.items() if "levels" in spec}


def _levels(columns: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Column -> levels, as tuples."""
    return {name: tuple(levels) for name, levels in columns.items()}
