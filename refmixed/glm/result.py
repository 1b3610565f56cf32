"""A fitted generalized linear mixed model: every number of it, under lme4's names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ..covariance import is_diagonal, theta_names
from ..design import Design
from ..linalg import Array
from ..r.formula import formula_lines
from ..r.summary import SINGULAR
from ..varcorr import VarCorr, covariances
from .after.verbs import Verbs
from .families import Gamma
from .given import NOTHING, Given
from .likelihoods import Kind, Likelihood
from .maximum import maximum
from .model import Model
from .standard_errors import covariance_of, of_beta


@dataclass(frozen=True, eq=False)
class GlmerFit(Verbs):
    """A fitted generalized linear mixed model; the criterion is -2 log-likelihood.

    Rows: predict, fitted, eta, residuals, augment.  Of groups ranef, coef, varcorr.
    Parameters: test_fixed, confint, profile.  Models beside it: anova, drop1, update, refit;
    drawn: simulate, bootstrap.  Said of it: summary, tidy, glance.
    """

    model: Model
    kind: Kind
    labels: Mapping[str, str | None]  # what the summary calls the data, the weights and the offset
    psi: Array  # beta, theta, log dispersion
    moving: Array  # whether each was estimated, and is not at a boundary
    given: Given = NOTHING

    @classmethod
    def of(
        cls,
        model: Model,
        kind: Kind,
        labels: Mapping[str, str | None],
        given: Given = NOTHING,
        begin: Array | None = None,
    ) -> GlmerFit:
        """Fit a model, some of its parameters given.  begin: psi to set out from."""
        psi, moving = maximum(model, kind, given, begin)
        return cls(model, kind, labels, psi, moving, given)

    @property
    def design(self) -> Design:
        """The arrays of the model."""
        return self.model.design

    @property
    def family(self) -> str:
        """The family."""
        return self.model.family.name

    @property
    def link(self) -> str:
        """The link."""
        return self.model.family.link.name

    @property
    def formula(self) -> str:
        """The formula as R writes it, in one line."""
        return " ".join(line.strip() for line in formula_lines(self.design))

    @property
    def nobs(self) -> int:
        """Complete rows."""
        return self.design.n

    @cached_property
    def likelihood(self) -> Likelihood:
        """What was maximised, at the estimates."""
        return self.kind.at(self.model, self.psi)

    @cached_property
    def beta(self) -> pd.Series:
        """Fixed effects (p,)."""
        return pd.Series(self.model.split(self.psi)[0], index=list(self.design.names))

    @cached_property
    def theta(self) -> pd.Series:
        """Standard deviations and their kin (m,), named as lme4's getME(, "theta")."""
        return pd.Series(self.model.split(self.psi)[1], index=theta_names(self.design))

    @property
    def dispersion(self) -> float:
        """Of Gamma, the squared coefficient of variation; of the other families 1."""
        log = self.model.split(self.psi)[2]
        return float(np.exp(log[0])) if len(log) else 1.0

    @property
    def sigma(self) -> float:
        """The root of the dispersion."""
        return float(np.sqrt(self.dispersion))

    @cached_property
    def varcorr(self) -> VarCorr:
        """Standard deviations, correlations and covariances of each random term."""
        sigma = self.sigma if isinstance(self.model.family, Gamma) else None
        return VarCorr(covariances(self.design, self.theta.to_numpy(), 1.0), sigma)

    @property
    def is_singular(self) -> bool:
        """Whether a variance is zero or a correlation is one, as lme4's isSingular."""
        pivots = self.theta.to_numpy()[is_diagonal(self.design)]
        return bool((pivots == 0.0).any())

    @property
    def messages(self) -> tuple[str, ...]:
        """What lme4 would say of this fit."""
        return (*self.design.messages, *[SINGULAR] * self.is_singular)

    @property
    def loglik(self) -> float:
        """The log-likelihood, its constants kept."""
        return -self.likelihood.value

    @property
    def criterion(self) -> float:
        """-2 log-likelihood."""
        return 2.0 * self.likelihood.value

    @property
    def nparameters(self) -> int:
        """beta, theta and, where the family has one, the dispersion."""
        return sum(self.model.sizes)

    @property
    def aic(self) -> float:
        """-2 log-likelihood + 2 parameters."""
        return self.criterion + 2 * self.nparameters

    @property
    def bic(self) -> float:
        """-2 log-likelihood + log(n) parameters."""
        return float(self.criterion + np.log(self.nobs) * self.nparameters)

    @property
    def df_residual(self) -> int:
        """n less the number of parameters, as lme4 counts."""
        return self.nobs - self.nparameters

    @cached_property
    def cov(self) -> Array:
        """Covariance (any, any) of beta, theta and log dispersion, by the Hessian of -l.

        NaN for what is at a boundary, or was given.  eq:glmm-hessian
        """
        return covariance_of(self.model, self.kind, self.psi, self.moving)

    def vcov_by(self, uncertain: str) -> pd.DataFrame:
        """Covariance of the fixed effects (p, p), three ways.

        "theta estimated": the Hessian of all parameters, as lme4's.  "theta known": that of beta
        alone.  "RX": the curvature of h alone, lme4's use.hessian = FALSE.  Raises OptionError.
        """
        return of_beta(self, uncertain)

    @cached_property
    def vcov(self) -> pd.DataFrame:
        """Covariance of the fixed effects (p, p), theta estimated; of nagq = 0 by RX, as lme4's."""
        return self.vcov_by("theta estimated" if self.kind.nagq else "RX")

    @cached_property
    def se(self) -> pd.Series:
        """Standard errors of the fixed effects (p,)."""
        return pd.Series(np.sqrt(np.diag(self.vcov)), index=list(self.design.names))

    def __repr__(self) -> str:
        law = f"{self.family}({self.link})"
        return f"<GlmerFit {self.formula!r}, {law}, n = {self.nobs}, loglik {self.loglik:.4f}>"
