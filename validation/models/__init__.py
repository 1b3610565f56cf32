"""The models of the suite."""

from __future__ import annotations

from . import boundary, frames, lme4, nlme, numerics, others, shapes
from .model import FLAGS, LEVELS, Model

SOURCES = (lme4, nlme, others, boundary, shapes, numerics, frames)
MODELS: tuple[Model, ...] = tuple(model for source in SOURCES for model in source.MODELS)

__all__ = ["FLAGS", "LEVELS", "MODELS", "Model"]
