"""The arrays of a model, exactly: y, X and Z as fractions of the decimals in the data.

Every array is compared with refmixed's floats, so that a name that was misread cannot pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

import refmixed as rm
from refmixed.design import Design
from refmixed.r.deparse import deparse

from ..models import Model
from ..suite.columns import Row, codes, rows
from ..suite.tables import Table
from .matrices import ProofError

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
        at = codes(table, bar.columns, term.levels)
        x = rows(table, term.effects)
        found.append(Term(term.group, bar.columns, term.effects, term.levels, x, at))
    return tuple(found)


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
