"""The arrays of a model, exactly: y, X and Z as fractions of the decimals in the data.

What a column is, its name says: `(Intercept)`, a column of numbers, `I(x^2)`, a factor with one of
its levels, or a product of such parts with colons between.  Every array is compared with refmixed's
floats, so that a name that was misread cannot pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import prod

import numpy as np

import refmixed as rm
from refmixed.design import Design
from refmixed.r.deparse import deparse

from ..models import Model
from ..suite.tables import Table
from .matrices import ProofError

Row = list[Fraction]
SAME = 1e-12  # relative difference of a decimal and refmixed's float


@dataclass(frozen=True)
class Term:
    """One random term: effects (k,), levels, x (n, k), and the level (n,) of each row."""

    group: str
    columns: tuple[str, ...]
    effects: tuple[str, ...]
    levels: tuple[str, ...]
    x: tuple[Row, ...]
    codes: tuple[int, ...]

    @property
    def k(self) -> int:
        """Effects a level."""
        return len(self.effects)

    @property
    def q(self) -> int:
        """Columns of Z."""
        return self.k * len(self.levels)


@dataclass(frozen=True)
class Exact:
    """The arrays of one model; refmixed's `design` beside them, in floats."""

    y: Row
    X: tuple[Row, ...]
    names: tuple[str, ...]
    terms: tuple[Term, ...]
    weights: Row
    offset: Row
    design: Design

    @property
    def n(self) -> int:
        """Observations."""
        return len(self.y)

    @cached_property
    def Z(self) -> tuple[Row, ...]:
        """(n, q): each term's x in the columns of its level, zeros elsewhere."""
        return tuple(self._row(i) for i in range(self.n))

    def _row(self, i: int) -> Row:
        """One row of Z."""
        row: Row = []
        for term in self.terms:
            cells = [Fraction(0)] * term.q
            start = term.codes[i] * term.k
            cells[start : start + term.k] = term.x[i]
            row += cells
        return row


def exact(model: Model, table: Table) -> Exact:
    """The arrays of a model.  Raises ProofError where they are not what refmixed makes."""
    frame = table.frame()
    design = rm.design(model.formula, frame, weights=model.weights, offset=model.offset)
    n = len(table)
    made = Exact(
        y=table.fractions(deparse(design.recipe.formula.response)),
        X=rows(table, design.names),
        names=design.names,
        terms=terms(table, design),
        weights=table.fractions(model.weights) if model.weights else [Fraction(1)] * n,
        offset=table.fractions(model.offset) if model.offset else [Fraction(0)] * n,
        design=design,
    )
    compare(made)
    return made


def terms(table: Table, design: Design) -> tuple[Term, ...]:
    """The random terms; the level of a row is read from the data."""
    found = []
    for term, bar in zip(design.terms, design.recipe.bars, strict=True):
        book = {label: j for j, label in enumerate(term.levels)}
        codes = tuple(book[label] for label in labels(table, bar.columns))
        x = rows(table, term.effects)
        found.append(Term(term.group, bar.columns, term.effects, term.levels, x, codes))
    return tuple(found)


def labels(table: Table, columns: Sequence[str]) -> list[str]:
    """The level (n,) of each row of a grouping factor, "a:b" where two columns group."""
    return [":".join(row) for row in zip(*(table.columns[name] for name in columns), strict=True)]


def rows(table: Table, names: Sequence[str]) -> tuple[Row, ...]:
    """A model matrix (n, p) of the columns so named."""
    columns = [values(table, name) for name in names]
    return tuple([column[i] for column in columns] for i in range(len(table)))


def values(table: Table, name: str) -> Row:
    """One column of a model matrix by its name.  Raises ProofError for a name of another kind."""
    way = next(readings(table, name), None)
    if way is None:
        raise ProofError(f"the column {name!r} of a model matrix is not understood")
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


def compare(made: Exact) -> None:
    """Raises ProofError unless the arrays are refmixed's, but for rounding."""
    design = made.design
    vectors = [(made.y, design.y), (made.weights, design.weights), (made.offset, design.offset)]
    pairs = [([[v] for v in vector], floats) for vector, floats in vectors]
    pairs += [(list(made.X), design.X), (list(made.Z), design.Z)]
    for exactly, floats in pairs:
        mine = np.array([[float(v) for v in row] for row in exactly])
        if not np.allclose(mine, floats.reshape(mine.shape), rtol=SAME, atol=0.0):
            raise ProofError("the exact arrays are not those of refmixed")
