"""Which combinations of the fixed effects data can estimate, where columns of X were left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...linalg import Array
from ...r.recipe import Recipe

ROUNDED = 1e-8  # of what is summed


@dataclass(frozen=True)
class Estimable:
    """X_d = X_k B: the columns that were left out, by those that were kept."""

    kept: list[int]
    lost: list[int]
    B: Array  # (p, lost)

    @classmethod
    def of(cls, recipe: Recipe) -> Estimable:
        """What a recipe says of them."""
        kept = list(recipe.kept)
        lost = sorted(set(range(len(recipe.columns))) - set(kept))
        return cls(kept, lost, np.zeros((len(kept), 0)) if recipe.lost is None else recipe.lost)

    def holds(self, M: Array, X: Array) -> Array:
        """(r,) whether rows of M X are combinations of those of the data.  eq:estimable

        M (r, c).  X (c, P), rows of the whole model matrix.
        """
        X_k, X_d = X[:, self.kept], X[:, self.lost]
        error = M @ (X_d - X_k @ self.B)  # (r, lost)  eq:estimable
        summed = np.abs(M) @ (np.abs(X_d) + np.abs(X_k) @ np.abs(self.B))
        return np.asarray((np.abs(error) <= ROUNDED * summed).all(axis=1))
