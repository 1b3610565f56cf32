"""The models of the suite."""

from __future__ import annotations

from . import (
    binary,
    boundary,
    counts,
    frames,
    lme4,
    means,
    nlme,
    numerics,
    others,
    shapes,
    successes,
)
from .generalized_model import GENERALIZED_LEVELS, GeneralizedModel, Point
from .model import FLAGS, LEVELS, Model, Stated

SOURCES = (lme4, nlme, others, boundary, shapes, numerics, frames)
MODELS: tuple[Model, ...] = tuple(model for source in SOURCES for model in source.MODELS)
GENERALIZED: tuple[GeneralizedModel, ...] = (
    *successes.MODELS,
    *binary.MODELS,
    *counts.MODELS,
    *means.MODELS,
)

__all__ = [
    "FLAGS",
    "GENERALIZED",
    "GENERALIZED_LEVELS",
    "LEVELS",
    "MODELS",
    "GeneralizedModel",
    "Model",
    "Point",
    "Stated",
]
