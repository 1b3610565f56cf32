"""The eigenvalues of a Hessian, whatever the units of its parameters."""

from __future__ import annotations

import numpy as np

from ..linalg import Array


def in_units(H: Array) -> tuple[Array, Array, Array]:
    """Sizes (k,) by which H (k, k) is divided to have ones on its diagonal, or zeros.

    And the eigenvalues (k,) and eigenvectors (k, k) of that.
    """
    sizes = np.sqrt(np.abs(np.diag(H)))
    sizes = np.where(sizes > 0.0, sizes, 1.0)
    return sizes, *np.linalg.eigh(H / np.outer(sizes, sizes))
