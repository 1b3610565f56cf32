"""The terms of a model with a column for each cell, and X's columns as contrasts of these.

A column for each combination of levels (times a numeric variable's columns) is what hypotheses
about terms are stated in: it favours no level.  Each is a combination of columns of X.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np

from ..design import Design
from ..errors import OptionError
from ..linalg import Array
from .deparse import deparse
from .frame import codings, term_matrix
from .parse import Node
from .recipe import Recipe
from .terms import Term, product

ROUNDED = 1e-10  # of a sum, relative to what is summed


@dataclass(frozen=True)
class Cells:
    """Every cell's column is X times a column of `columns`."""

    names: tuple[str, ...]  # of the terms, as R's term.labels
    within: tuple[frozenset[int], ...]  # of each term those that contain it
    term: Array  # (p,)  of each column of X its term, -1 the intercept
    columns: Array  # (p, r)  cells, the intercept before them
    of: Array  # (r,)  the term of each
    is_baseless: Array  # (r,)  whether it is a column of X by treatment contrasts, too


def cells(design: Design) -> Cells:
    """The cells of a design that a formula made.  Raises OptionError: arrays have no terms."""
    recipe: Recipe = design.recipe
    if recipe is None:
        raise OptionError(
            "a fit to arrays has no terms, as its columns may belong together: give contrasts, or "
            "take type=None for a test of each coefficient"
        )
    made = Made(recipe)
    parts = [made.term(k) for k in range(len(made.terms))]
    one = int(recipe.formula.fixed.intercept)
    ones = np.zeros((made.P, one))
    ones[:one, :one] = 1.0
    sizes = [columns.shape[1] for columns, _ in parts]
    return Cells(
        names=tuple(deparse(product(term)) for term in made.terms),
        within=tuple(map(made.containing, made.terms)),
        term=made.assign[list(recipe.kept)],
        columns=summed(recipe.whole, np.hstack([ones, *(columns for columns, _ in parts)])),
        of=np.repeat(np.arange(-1, len(parts)), [one, *sizes]),
        is_baseless=np.concatenate([np.ones(one, dtype=bool), *(is_own for _, is_own in parts)]),
    )


def summed(A: Array, B: Array) -> Array:
    """A B, zero where the sum of products is nothing but rounding errors."""
    found = A @ B
    return np.where(np.abs(found) <= ROUNDED * (np.abs(A) @ np.abs(B)), 0.0, found)


@dataclass(frozen=True)
class Made:
    """A recipe's X, before columns of it were dropped: P of them."""

    recipe: Recipe

    @property
    def terms(self) -> tuple[Term, ...]:
        """The fixed terms."""
        return self.recipe.formula.fixed.terms

    @cached_property
    def full(self) -> list[tuple[bool, ...]]:
        """How each term's factors are coded."""
        return codings(self.recipe.formula.fixed, self.recipe.variables)

    @cached_property
    def assign(self) -> Array:
        """(P,): the term of each column, -1 the intercept; R's attribute, less one."""
        sizes = [self.block(k, self.terms[k]).shape[1] for k in range(len(self.terms))]
        one = int(self.recipe.formula.fixed.intercept)
        return np.repeat(np.arange(-1, len(sizes)), [one, *sizes])

    @property
    def P(self) -> int:
        """Columns."""
        return len(self.assign)

    def is_numeric(self, node: Node) -> bool:
        """Whether a variable is one of numbers."""
        return self.recipe.variables[node].levels is None

    def numbers(self, term: Term) -> frozenset[Node]:
        """The numeric variables of a term."""
        return frozenset(filter(self.is_numeric, term))

    def containing(self, term: Term) -> frozenset[int]:
        """The terms that have all factors of this one and more, and the same numeric variables."""
        others = enumerate(self.terms)
        return frozenset(
            k for k, t in others if set(term) < set(t) and self.numbers(t) == self.numbers(term)
        )

    def sizes(self, term: Term) -> list[int]:
        """Levels, or columns, of each factor of a term."""
        variables = [self.recipe.variables[node] for node in term]
        return [len(v.levels) if v.levels is not None else v.width for v in variables]

    def block(self, k: int, term: Term) -> Array:
        """(cells of a term, any): the columns of term k, which has no other factors, in its cells.

        A numeric variable has a cell for each of its columns, where that is one and others zero.
        """
        sizes = self.sizes(term)
        places = np.unravel_index(np.arange(prod(sizes)), sizes, order="F")
        values = {
            node: np.eye(size)[place] if self.is_numeric(node) else place
            for node, size, place in zip(term, sizes, places, strict=True)
        }
        return term_matrix(self.terms[k], self.full[k], self.recipe.variables, values, prod(sizes))[
            0
        ]

    def term(self, k: int) -> tuple[Array, Array]:
        """(P, r_k): the columns of the cells of term k, as combinations of X's; (r_k,) which of
        them are left by treatment contrasts, by which the first level of a factor has none.
        """
        term, numbers = self.terms[k], self.numbers(self.terms[k])
        inside = [
            j
            for j, other in enumerate(self.terms)
            if set(other) <= set(term) and self.numbers(other) == numbers
        ]
        sizes = self.sizes(term)
        one = self.recipe.formula.fixed.intercept and not numbers
        blocks = [np.ones((prod(sizes), int(one))), *(self.block(j, term) for j in inside)]
        rows = np.flatnonzero(np.isin(self.assign, [*inside, *([-1] if one else [])]))
        found = np.zeros((self.P, prod(sizes)))
        of_X = np.linalg.lstsq(np.hstack(blocks), np.eye(prod(sizes)), rcond=None)[0]
        found[rows] = np.where(np.abs(of_X) <= ROUNDED, 0.0, of_X)
        places = np.unravel_index(np.arange(prod(sizes)), sizes, order="F")
        own = [
            (place > 0) | full | self.is_numeric(node)
            for node, full, place in zip(term, self.full[k], places, strict=True)
        ]
        return found, np.logical_and.reduce(own)
