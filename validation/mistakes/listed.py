"""All mistakes, in the order in which the first of those that answer the same is kept."""

from __future__ import annotations

from . import (
    contrasts,
    covariances,
    effects,
    frames,
    freedom,
    generalized,
    generalized_inputs,
    generalized_means,
    generalized_pirls,
    gradients,
    inputs,
    integers,
    likelihood,
    minima,
    orders,
    predictions,
    residual,
    structures,
    telltale,
)
from .registry import REGISTRY, Mistake

__all__ = ["MISTAKES", "REGISTRY"]

ORDER = (
    likelihood, gradients, inputs, contrasts, orders, frames, integers, covariances, structures,
    minima, effects, residual, predictions, freedom, generalized, generalized_inputs,
    generalized_means, generalized_pirls, telltale,
)  # fmt: skip
MISTAKES: tuple[Mistake, ...] = tuple(
    mistake
    for module in ORDER
    for mistake in REGISTRY.values()
    if mistake.values.__module__ == module.__name__
)
