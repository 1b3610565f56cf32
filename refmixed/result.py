"""A fitted model: every number of it, under lme4's names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Never

import numpy as np
import pandas as pd

from .after.conditional import conditional
from .after.verbs import Verbs
from .checks import one_of
from .coordinates import require_rows
from .covariance import theta_names
from .design import Design
from .errors import OptionError
from .optimality import Optimum
from .optimize import given, minimize
from .r.formula import formula_lines
from .r.habits import refuse_unknown
from .r.unidentified import messages, warn_of_open
from .ranef import RandomEffects, coefficients, effects
from .search import chosen, room
from .varcorr import VarCorr, varcorr

NAMELESS = dict.fromkeys(("data", "weights", "offset"))
KINDS = ("response", "pearson")


@dataclass(frozen=True, eq=False)
class Fit(Verbs):
    """A fitted linear mixed model: lme4's names and units, the criterion -2 log-likelihood.

    Rows: predict, fitted, residuals, residual_table, augment, hat, influence, joint_cov.
    Parameters: test_fixed, confint, profile, certify; of groups ranef, coef, varcorr, pca.
    Models beside it: anova, drop1, test_random, update, refit; drawn: simulate, bootstrap, power.
    Said of it: summary, means, r2, icc, tidy, glance, plot.
    """

    design: Design
    reml: bool
    route: str
    optimum: Optimum = field(repr=False)
    labels: Mapping[str, str | None]  # what the summary calls the data, the weights and the offset

    @classmethod
    def of(
        cls,
        design: Design,
        reml: bool = True,
        route: str = "auto",
        labels: Mapping[str, str | None] = NAMELESS,
        theta: Any = None,
        begin: Any = None,
    ) -> Fit:
        """Fit a design, or take theta (m,) as given; begin is one to set out from.  OptionError."""
        route = chosen(route, design)
        if not isinstance(reml, bool | np.bool_):
            raise OptionError(f"reml must be True or False, not {reml!r}")
        with room(design, route) as way:
            is_free = theta is None
            at = minimize(design, reml, way, begin) if is_free else given(design, theta, reml, way)
        if at.is_open:
            warn_of_open(design, at, reml)
        return cls(design, reml, route, at, labels)

    @property
    def formula(self) -> str:
        """The formula as R writes it, in one line; of a fit to arrays one in its manner."""
        return " ".join(line.strip() for line in formula_lines(self.design))

    @property
    def nobs(self) -> int:
        """Complete rows."""
        return self.design.n

    @cached_property
    def beta(self) -> pd.Series:
        """Fixed effects (p,)."""
        return pd.Series(self.optimum.evaluation.beta, index=list(self.design.names))

    @cached_property
    def vcov(self) -> pd.DataFrame:
        """Covariance of the fixed effects (p, p), theta taken as known.  eq:vcov"""
        names, beta_cov = list(self.design.names), self.optimum.evaluation.beta_cov
        return pd.DataFrame(self.sigma**2 * beta_cov, index=names, columns=names)

    @cached_property
    def se(self) -> pd.Series:
        """Standard errors of the fixed effects (p,)."""
        return pd.Series(np.sqrt(np.diag(self.vcov)), index=list(self.design.names))

    @property
    def sigma(self) -> float:
        """Residual standard deviation."""
        return self.optimum.evaluation.sigma

    @cached_property
    def theta(self) -> pd.Series:
        """Relative covariance parameters (m,), named as lme4's getME(, "theta")."""
        return pd.Series(self.optimum.theta, index=theta_names(self.design))

    @cached_property
    def varcorr(self) -> VarCorr:
        """Standard deviations, correlations and covariances of each random term."""
        return varcorr(self.design, self.optimum.theta, self.sigma)

    @property
    def is_singular(self) -> bool:
        """Whether a variance is zero or a correlation is one, as lme4's isSingular."""
        return self.optimum.is_singular

    @property
    def messages(self) -> tuple[str, ...]:
        """What lme4 would say of this fit, and which parameters are not determined."""
        return messages(self.design, self.optimum, self.reml)

    @property
    def criterion(self) -> float:
        """-2 log-likelihood, or -2 log restricted likelihood with `reml`."""
        return float(self.optimum.evaluation.criterion)

    @property
    def loglik(self) -> float:
        """The (restricted) log-likelihood."""
        return -self.criterion / 2

    @property
    def nparameters(self) -> int:
        """beta, theta and sigma."""
        return self.design.p + self.design.m + 1

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

    def ranef(self, cond_var: bool | str = False, **unknown: Never) -> RandomEffects:
        """Posterior means {group: data frame}; with cond_var a `.cond_var`, see RandomEffects.

        cond_var: whose variance.  True or "beta known": of gamma given y, beta, theta and sigma,
        lme4's postVar.  "beta estimated": of the error gamma-hat - gamma, theta and sigma known.
        "theta estimated": of that error with what theta-hat adds, by the delta method, from the
        curvature of the criterion; a variance or correlation at its boundary is held there.
        Raises OptionError, so where theta was given or is not determined by the data.
        """
        if unknown:
            refuse_unknown(self.ranef, unknown)
        found = effects(self.design, self.optimum.posterior)
        if cond_var:
            found.cond_var = conditional(self, cond_var)
        return found

    def coef(self) -> dict[str, pd.DataFrame]:
        """{group: data frame (levels, effects)}: fixed plus random effects of each level."""
        return coefficients(self.beta, self.ranef())

    @cached_property
    def fitted(self) -> pd.Series:
        """offset + X beta + Z gamma (n,), from the residuals, which are the more exact."""
        return self.design.y - self.residuals()

    def residuals(
        self, kind: str = "response", scaled: bool = False, **unknown: Never
    ) -> pd.Series:
        """y - fitted (n,); "pearson" times the root of the weights; `scaled` over sigma."""
        if unknown:
            refuse_unknown(self.residuals, unknown)
        one_of("kind", kind, KINDS)
        require_rows(self.design)
        root = np.sqrt(self.design.weights) if kind == "pearson" else 1.0
        r = root * self.optimum.evaluation.residuals
        return pd.Series(r / self.sigma if scaled else r, index=self.design.index)

    def __repr__(self) -> str:
        by = "REML" if self.reml else "ML"
        return f"<Fit {self.formula!r} by {by}, n = {self.nobs}, criterion {self.criterion:.4f}>"
