"""V0^-1 times columns, from the same small systems: what standard errors and tests ask for.

A column that is taken for the response of a model without X leaves W^-1 V0^-1 times it as its
residuals (eq:weighted-residual).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..covariance import layout
from ..design import Design
from ..linalg import Array
from . import eliminate, sparse_rest
from .columns import of_term, spread_out
from .crossproducts import crossproducts
from .pieces import Pieces
from .route import residuals
from .tree import arranged

AT_ONCE = 10  # columns, where the rest is sparse


def V0inv_times(design: Design, theta: Array, B: Array) -> Array:
    """V0^-1 B (n, any) of B (n, any), at theta (m,)."""
    n = len(design.y)
    bare = replace(design, X=np.zeros((n, 0)), offset=np.zeros(n))
    if design.terms and arranged(design.terms)[2] is not None:
        parts = np.split(B, range(AT_ONCE, B.shape[1], AT_ONCE), axis=1)
        found = [left_of_X(replace(bare, X=part), theta) for part in parts]
    else:
        found = [left_of(replace(bare, y=b), theta)[:, None] for b in B.T]
    return design.weights[:, None] * np.hstack([np.zeros((n, 0)), *found])


def left_of(design: Design, theta: Array) -> Array:
    """(n,): y - Z gamma, of a design without X."""
    products = crossproducts(design)
    at = eliminate.solve(products, theta, reml=False)
    a = Pieces(at).a
    return residuals(design, at, [a[f][:, effects] for f, effects in products.parts])


def left_of_X(design: Design, theta: Array) -> Array:
    """(n, p): the same of each column of X in place of y, all of them at once."""
    at = sparse_rest.solve(crossproducts(design), theta)
    left, factors = design.X, layout(design).blocks(at.Lambda)
    for term, L, (f, effects) in zip(design.terms, factors, at.products.parts, strict=True):
        gamma = L @ L.T @ at.U[f][:, effects, :-1]  # (levels, k, p)
        left = left - spread_out(of_term(term), gamma)
    return left
