"""How to make the arrays of a fit again: from new rows, or for the hypotheses about its terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..linalg import Array, solve_upper
from .bars import Bar, Grouping
from .formula import Formula
from .parse import Node
from .variable import Variable

NOISE = 1e-12  # of a coefficient of such a combination
SHARES = int(pd.__version__.split(".")[0]) >= 3  # a copy takes no memory until one is changed


@dataclass(frozen=True)
class Origin:
    """A data frame, and which of its rows became rows of a design."""

    data: pd.DataFrame  # a copy: the user's may change
    places: Array  # (n,)  positions in the data

    def columns(self, names: Iterable[str]) -> pd.DataFrame:
        """Some columns, in the rows of the design."""
        return self.data[list(names)].iloc[self.places]


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
    lost: Array | None  # (p, any)  the others as combinations of those kept; None of none
    origin: Origin | None = None  # of data that were all there

    @property
    def whole(self) -> Array:
        """(p, any): all columns of X as combinations of those kept, which are themselves."""
        found = np.zeros((len(self.kept), len(self.columns)))
        found[np.arange(len(self.kept)), list(self.kept)] = 1.0
        if self.lost is not None:
            found[:, sorted(set(range(len(self.columns))) - set(self.kept))] = self.lost
        return found


def combinations(X: Array, kept: list[int]) -> Array:
    """(p, any): the columns of X (n, any) that are not kept as combinations of those that are."""
    lost = sorted(set(range(X.shape[1])) - set(kept))
    sizes = np.abs(X).max(axis=0, initial=0.0)
    sizes = np.where(sizes > 0, sizes, 1.0)
    Q, R = np.linalg.qr(X[:, kept] / sizes[kept])
    found = solve_upper(R.T, Q.T @ (X[:, lost] / sizes[lost]))  # (p, lost)
    found[np.abs(found) < NOISE * np.abs(found).max(initial=1.0)] = 0.0
    return np.asarray(found * sizes[lost] / sizes[kept][:, None])
