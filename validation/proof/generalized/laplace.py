"""Laplace's log-likelihood at a mode, in balls, or in power series along a line.

l = sum log f - u'u / 2 - log det H / 2, with the weights of the model's dialect   (eq:laplace)
"""

from __future__ import annotations

from ..matrices import Number
from .elimination import factor
from .mode import curvature, penalized
from .model import At, Vector


def laplace(at: At, u: Vector) -> Number:
    """The log-likelihood."""
    G = factor(curvature(at, u, at.model.dialect))
    return -penalized(at, u) - G.log_det / 2
