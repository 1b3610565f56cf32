"""The covariance of beta-hat that the information on beta and the variances together gives.

At the estimates the second derivatives of the likelihood in beta and T are not zero, in unbalanced
data, though their mean is: this is what programs report that invert the whole Hessian.
"""

from __future__ import annotations

import numpy as np

from ...linalg import Array
from ..estimated import Estimated
from .information import Information
from .slopes import slopes


def fixed_cov(here: Estimated, known: Information) -> Array:
    """(p, p): the block of beta~ of the inverse of the whole information, over sigma^2.

    known: the observed information in theta, beta at its best at each.

    eq:joint-information
    """
    at, p = here.at, here.design.p
    U = slopes(here, np.eye(p)).U  # (levels, k, p)
    pairs = [np.einsum("iac,ib->abc", u, a) for u, a in zip(U, at.a, strict=True)]  # (k, k, p)
    rows = [pair.reshape(len(pair) ** 2, p) for pair in pairs]
    cross = np.concatenate([np.zeros((0, p)), *rows])  # (N, p)
    B = known.told @ cross  # (any, p)
    return np.asarray(here.beta_cov + 2.0 * at.dof / at.pwrss * B.T @ B)
