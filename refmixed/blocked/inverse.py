"""V0^-1 times columns, from the same small systems: what standard errors and tests ask for.

A column that is taken for the response of a model without X leaves W^-1 V0^-1 times it as its
residuals (eq:weighted-residual).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..design import Design
from ..linalg import Array
from . import eliminate
from .crossproducts import crossproducts
from .pieces import Pieces
from .route import residuals


def V0inv_times(design: Design, theta: Array, B: Array) -> Array:
    """V0^-1 B (n, any) of B (n, any), at theta (m,)."""
    n = len(design.y)
    bare = replace(design, X=np.zeros((n, 0)), offset=np.zeros(n))
    found = [design.weights * left_of(replace(bare, y=b), theta) for b in B.T]
    return np.column_stack([np.zeros((n, 0)), *found])


def left_of(design: Design, theta: Array) -> Array:
    """(n,): y - Z gamma, of a design without X."""
    products = crossproducts(design)
    at = eliminate.solve(products, theta, reml=False)
    a = Pieces(at).a
    return residuals(design, at, [a[f][:, effects] for f, effects in products.parts])
