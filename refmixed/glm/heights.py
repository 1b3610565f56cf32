"""log f of counts and of Gamma responses where the mean is the response, without cancellation.

    log Gamma(x + 1) = x log x - x + log(2 pi x) / 2 + rest(x)    (eq:stirling)
What is left of log f is the response, or the shape, times d - (exp(d) - 1), d the difference of
logarithms of mean and response: no terms are as large as the response times its logarithm.
"""

from __future__ import annotations

import numpy as np
from numpy.polynomial.polynomial import polyval
from scipy.special import gammaln, xlogy

from ..linalg import Array

FAR = 16.0  # from here on a series has all digits
SERIES = np.array([1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188])  # in 1 / x^2, over x


def rest(x: Array) -> Array:
    """What Stirling's formula leaves of log Gamma(x + 1), x > 0."""
    near, far = np.minimum(x, FAR), np.maximum(x, FAR)
    small = gammaln(near + 1.0) - (xlogy(near, near) - near + np.log(2.0 * np.pi * near) / 2.0)
    return np.where(x < FAR, small, polyval(far**-2.0, SERIES) / far)


def poisson_height(y: Array) -> Array:
    """log of Poisson's probability of y at the mean y.  eq:poisson-height"""
    some = np.where(y > 0, y, 1.0)
    return np.where(y > 0, -np.log(2.0 * np.pi * some) / 2.0 - rest(some), 0.0)


def gamma_height(shape: Array) -> Array:
    """log of y times Gamma's density at y, the mean.  eq:gamma-height"""
    return np.asarray(np.log(shape / (2.0 * np.pi)) / 2.0 - rest(shape))


def fall(d: Array) -> Array:
    """d - (exp(d) - 1): 0 at 0, and below elsewhere."""
    return np.asarray(d - np.expm1(d))
