"""A fitted generalized linear mixed model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ..covariance import theta_names
from ..linalg import Array
from ..r.formula import formula_lines
from ..varcorr import VarCorr, varcorr
from .likelihoods import Exact, Likelihood, by_nodes
from .model import Model
from .pirls import Mode
from .scaled import scaled
from .search import Objective, minimize
from .start import start


@dataclass(frozen=True)
class Settings:
    likelihood: str = "laplace"
    nagq: int = 1
    digits: float = 10.0

    @property
    def by(self):
        return Exact(self.digits) if self.likelihood == "exact" else by_nodes(self.nagq)


@dataclass(frozen=True, eq=False)
class GlmerFit:
    """A fit."""

    model: Model
    settings: Settings
    labels: Mapping[str, str | None]
    psi: Array
    moving: Array

    @classmethod
    def of(cls, model: Model, settings: Settings, labels: Mapping[str, str | None]) -> GlmerFit:
        inner = scaled(model)
        found = minimize(Objective(inner.model, settings.by), start(inner.model))
        return cls(model, settings, labels, inner.out(found.psi), found.moving)

    @cached_property
    def at(self) -> Likelihood:
        return Objective(self.model, self.settings.by).likelihood(self.psi)

    @property
    def loglik(self) -> float:
        return -self.at.value

    @property
    def beta(self):
        return pd.Series(self.model.split(self.psi)[0], index=list(self.model.design.names))

    @property
    def theta(self):
        return pd.Series(self.model.split(self.psi)[1], index=theta_names(self.model.design))
