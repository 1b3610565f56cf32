"""How to make the arrays of a fit again: from new rows, or for the hypotheses about its terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..linalg import Array, solve_upper
from .bars import Bar, Grouping
from .formula import Formula
from .parse import Node
from .variable import Variable

NOISE = 1e-12  # of a coefficient of such a combination


@dataclass(frozen=True)
class Recipe:
    """The formula, what its variables learned, and which columns of its X the fit has."""

    formula: Formula
    variables: Mapping[Node, Variable]
    bars: tuple[Bar, ...]  # in the order of Design.terms
    kept: tuple[int, ...]  # the columns of X that are not linearly dependent on those before
    groups: Mapping[Grouping, Mapping[tuple[str, ...], int]]  # columns -> level -> code
    offset_given: bool  # as an argument, so that new rows have none
    columns: tuple[str, ...]  # all columns of X, those not kept too
    whole: Array  # (p, any)  all of them as combinations of those kept


def combinations(X: Array, kept: list[int]) -> Array:
    """(p, any): all columns of X (n, any) as combinations of those kept, which are themselves."""
    found = np.zeros((len(kept), X.shape[1]))
    found[np.arange(len(kept)), kept] = 1.0
    if lost := sorted(set(range(X.shape[1])) - set(kept)):
        sizes = np.abs(X).max(axis=0, initial=0.0)
        sizes = np.where(sizes > 0, sizes, 1.0)
        Q, R = np.linalg.qr(X[:, kept] / sizes[kept])
        solved = solve_upper(R.T, Q.T @ (X[:, lost] / sizes[lost]))  # (p, lost)
        solved[np.abs(solved) < NOISE * np.abs(solved).max(initial=1.0)] = 0.0
        found[:, lost] = solved * sizes[lost] / sizes[kept][:, None]
    return found
