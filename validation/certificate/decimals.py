"""The arrays of any design, exactly: each double as the shortest decimal that stands for it.

A number that was read from decimals is that decimal again.  One that was computed, a square or a
logarithm, is taken as it was rounded: the model is that of the columns as they are.
"""

from __future__ import annotations

from fractions import Fraction

from refmixed.design import Design, RandomTerm
from refmixed.linalg import Array

from ..proof.exact import Exact, Term
from ..suite.columns import Row


def decimals(design: Design) -> Exact:
    """The arrays of a design."""
    return Exact(
        y=row(design.y),
        X=rows(design.X),
        names=design.names,
        terms=tuple(term(t) for t in design.terms),
        weights=row(design.weights),
        offset=row(design.offset),
        design=design,
    )


def term(given: RandomTerm) -> Term:
    """A random term; its grouping factor stands for the columns that group."""
    codes = tuple(int(code) for code in given.codes)
    group, effects, levels = given.group, given.effects, given.levels
    return Term(group, (group,), effects, levels, rows(given.x), codes)


def rows(matrix: Array) -> tuple[Row, ...]:
    """A matrix, row by row."""
    return tuple(row(values) for values in matrix)


def row(values: Array) -> Row:
    """Numbers as their shortest decimals."""
    return [Fraction(repr(float(value))) for value in values]
