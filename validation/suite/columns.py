"""Columns of model matrices from the decimals of a table, by the names that they have in R.

What a column is, its name says: `(Intercept)`, a column of numbers, `I(x^2)`, a factor with one of
its levels, or a product of such parts with colons between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import prod

from .tables import Table, TableError

Row = list[Fraction]
LONGEST = 400  # decimals


def rows(table: Table, names: Sequence[str]) -> tuple[Row, ...]:
    """A model matrix (n, p) of the columns so named.  Raises TableError."""
    columns = [values(table, name) for name in names]
    return tuple([column[i] for column in columns] for i in range(len(table)))


def labels(table: Table, columns: Sequence[str]) -> list[str]:
    """The level (n,) of each row of a grouping factor, "a:b" where two columns group."""
    return [":".join(row) for row in zip(*(table.columns[name] for name in columns), strict=True)]


def codes(table: Table, columns: Sequence[str], levels: Sequence[str]) -> tuple[int, ...]:
    """The place (n,) of each row's level among the levels of a grouping factor."""
    book = {label: j for j, label in enumerate(levels)}
    return tuple(book[label] for label in labels(table, columns))


def values(table: Table, name: str) -> Row:
    """One column by its name.  Raises TableError for a name of another kind."""
    way = next(readings(table, name), None)
    if way is None:
        raise TableError(f"the column {name!r} of a model matrix is not understood")
    return [prod(row, start=Fraction(1)) for row in zip(*way, strict=True)]


def readings(table: Table, name: str) -> Iterator[list[Row]]:
    """The ways to read a name as parts with colons between."""
    if (part := reading(table, name)) is not None:
        yield [part]
    for colon in (match.start() for match in re.finditer(":", name)):
        part = reading(table, name[:colon])
        if part is not None:
            yield from ([part, *rest] for rest in readings(table, name[colon + 1 :]))


def reading(table: Table, part: str) -> Row | None:
    """A part of a name: one, a column of numbers, a power of it, or a factor's level."""
    if part == "(Intercept)":
        return [Fraction(1)] * len(table)
    if part in table.columns and part not in table.factors:
        return table.fractions(part)
    power = re.fullmatch(r"I\((.+)\^(\d+)\)", part)
    if power and power[1] in table.columns:
        return [value ** int(power[2]) for value in table.fractions(power[1])]
    for factor, levels in table.factors.items():
        if part.startswith(factor) and part.removeprefix(factor) in levels:
            level = part.removeprefix(factor)
            return [Fraction(value == level) for value in table.columns[factor]]
    return None


def decimal(value: Fraction) -> str:
    """A fraction whose decimal ends, exactly.  Raises TableError for another."""
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
        if places > LONGEST:
            raise TableError(f"{value} is no decimal")
    digits = str(abs(int(value * 10**places))).rjust(places + 1, "0")
    whole, rest = digits[: len(digits) - places], digits[len(digits) - places :]
    return ("-" if value < 0 else "") + whole + ("." + rest if rest else "")
