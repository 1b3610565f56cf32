"""All mistakes, in the order in which the first of those that answer the same is kept."""

from __future__ import annotations

from . import (
    contrasts,
    covariances,
    effects,
    freedom,
    inputs,
    likelihood,
    minima,
    orders,
    predictions,
    residual,
    structures,
    telltale,
)
from .registry import REGISTRY, Mistake

ORDER = (
    likelihood, inputs, contrasts, orders, covariances, structures, minima, effects, residual,
    predictions, freedom, telltale,
)  # fmt: skip
MISTAKES: tuple[Mistake, ...] = tuple(
    mistake
    for module in ORDER
    for mistake in REGISTRY.values()
    if mistake.values.__module__ == module.__name__
)
