"""The models of the suite."""

from __future__ import annotations

from . import lme4, made, nlme, others
from .model import FLAGS, LEVELS, Model

MODELS: tuple[Model, ...] = (*lme4.MODELS, *nlme.MODELS, *others.MODELS, *made.MODELS)

__all__ = ["FLAGS", "LEVELS", "MODELS", "Model"]
