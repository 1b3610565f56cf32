"""The model in coordinates where parameters are of one size, and back: psi = back @ inner.

X has orthonormal columns times root n, and an effect of a term varies columns of size one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import block_diag

from ..covariance import entries
from ..design import RandomTerm
from ..linalg import Array, solve_upper
from .model import Model


@dataclass(frozen=True)
class Scaled:
    """A model whose parameters are inner ones."""

    model: Model
    back: Array  # (any, any)

    def out(self, inner: Array) -> Array:
        """psi of inner parameters."""
        return np.asarray(self.back @ inner)

    def inward(self, psi: Array) -> Array:
        """The inverse."""
        return np.linalg.solve(self.back, psi)


def scaled(model: Model) -> Scaled:
    """A model in such coordinates."""
    design, root = model.design, np.sqrt(len(model.design.y))
    Q, R = np.linalg.qr(design.X)  # (n, p), (p, p)
    of_beta = solve_upper(R.T, np.eye(design.p)) * root
    sizes = [column_sizes(term) for term in design.terms]
    terms = tuple(replace(t, x=t.x / s) for t, s in zip(design.terms, sizes, strict=True))
    of_theta = np.concatenate([np.zeros(0), *(1.0 / s[entries(len(s))[0]] for s in sizes)])
    inner = replace(design, X=Q * root, terms=terms)
    rest = np.concatenate([of_theta, np.ones(model.sizes[2])])
    return Scaled(replace(model, design=inner), block_diag(of_beta, np.diag(rest)))


def column_sizes(term: RandomTerm) -> Array:
    """(k,): the root mean squares of what the effects of a term vary."""
    sizes = np.sqrt((term.x**2).mean(axis=0))
    return np.where(sizes > 0, sizes, 1.0)
