"""Satterthwaite's degrees of freedom by their definition, with matrices of all rows.

refmixed takes sigma out and sums over levels (`after.fixed`); here V = sum_a phi_a V_a, as on
paper, with the variances phi and the matrices V_a as parts.
"""

from __future__ import annotations

import numpy as np
from numpy.linalg import inv

from refmixed.linalg import Array


def information(X: Array, Vinv: Array, vcov: Array, parts: Array) -> Array:
    """(m, m): on the variances.  eq:information"""
    P = Vinv - Vinv @ X @ vcov @ X.T @ Vinv  # (n, n)
    return 0.5 * np.einsum("aij,bji->ab", P @ parts, P @ parts)


def freedom(
    contrast: Array, X: Array, Vinv: Array, vcov: Array, parts: Array, information: Array
) -> float:
    """(): of the t of one contrast.  eq:satterthwaite"""
    v = contrast @ vcov @ contrast  # ()
    b = Vinv @ X @ vcov @ contrast  # (n,)
    g = np.array([b @ part @ b for part in parts])  # (m,)
    return float(2.0 * v**2 / (g @ inv(information) @ g))
