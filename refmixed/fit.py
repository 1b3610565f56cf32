"""lmer() and lm(), and the Fit that they return."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from . import marginal, penalized
from .checks import one_of
from .covariance import entries, is_diagonal
from .design import Design
from .errors import OffsetError, OptionError
from .evaluation import Evaluation, Posterior, Route
from .optimize import Optimum, given, minimize
from .prediction import chosen_groups, fitted, own_rows
from .r.design import design as make_design
from .r.formula import parse_formula, refuse_bars, require_bars
from .r.newrows import new_rows
from .r.summary import Summary
from .ranef import RandomEffects, conditional_variances, effects, summed
from .varcorr import VarCorr, varcorr

ROUTES: dict[str, Route] = {"penalized": penalized, "marginal": marginal}
SINGULAR = 1e-4  # a diagonal entry of theta below this is called zero, as in lme4


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted linear mixed model.

    Names and units are lme4's: `beta` and `sigma` are in the units of the response, `theta` holds
    the entries of the relative covariance factor (see `covariance`), the criterion is -2
    log-likelihood.
    """

    design: Design
    reml: bool
    route: str
    optimum: Optimum
    labels: dict[str, str | None]  # what the summary calls the data, the weights and the offset

    @cached_property
    def _at(self) -> Evaluation:
        """The model at the optimum."""
        at, theta = self.optimum.evaluation, self.optimum.theta
        return self.optimum.coordinates.evaluation_out(at, theta, self.reml)

    @cached_property
    def _posterior(self) -> Posterior:
        """The random effects given y."""
        work = self.optimum.coordinates
        route = ROUTES[self.route]
        return work.posterior_out(route.posterior(work.design, self.optimum.work_theta))

    @property
    def formula(self) -> str:
        """The formula as R writes it, in one line."""
        return " ".join(line.strip() for line in self.design.recipe.formula.lines)

    @property
    def nobs(self) -> int:
        """Complete rows."""
        return self.design.n

    @cached_property
    def beta(self) -> pd.Series:
        """Fixed effects (p,)."""
        return pd.Series(self._at.beta, index=list(self.design.names))

    @cached_property
    def vcov(self) -> pd.DataFrame:
        """Covariance of the fixed effects (p, p), theta taken as known.  eq:vcov"""
        names = list(self.design.names)
        return pd.DataFrame(self.sigma**2 * self._at.beta_cov, index=names, columns=names)

    @cached_property
    def se(self) -> pd.Series:
        """Standard errors of the fixed effects (p,)."""
        return pd.Series(np.sqrt(np.diag(self.vcov)), index=list(self.design.names))

    @property
    def sigma(self) -> float:
        """Residual standard deviation."""
        return self._at.sigma

    @cached_property
    def theta(self) -> pd.Series:
        """Relative covariance parameters (m,), named as lme4's getME(, "theta")."""
        names = []
        for term in self.design.terms:
            for row, column in zip(*entries(term.k), strict=True):
                pair = [term.effects[row], term.effects[column]][int(row == column) :]
                names.append(".".join([term.group, *pair]))
        return pd.Series(self.optimum.theta, index=names)

    @cached_property
    def varcorr(self) -> VarCorr:
        """Standard deviations, correlations and covariances of each random term."""
        return varcorr(self.design, self.optimum.theta, self.sigma)

    @property
    def is_singular(self) -> bool:
        """Whether a variance is zero or a correlation is one, as lme4's isSingular."""
        return bool((self.optimum.theta[is_diagonal(self.design)] < SINGULAR).any())

    @property
    def messages(self) -> tuple[str, ...]:
        """What lme4 would say of this fit."""
        singular = "boundary (singular) fit: see help('isSingular')"
        return (*self.design.messages, *[singular] * self.is_singular)

    @property
    def criterion(self) -> float:
        """-2 log-likelihood, or -2 log restricted likelihood with `reml`."""
        return self._at.criterion

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

    def ranef(self, cond_var: bool = False) -> RandomEffects:
        """{group: data frame (levels, effects)}: the posterior means of the random effects.

        With cond_var the result's `.cond_var` is {group: array (k, k, levels)}, the covariance of
        each level's effects given y, beta, theta and sigma (lme4's postVar).
        """
        found = effects(self.design, self._posterior.gamma)
        if cond_var:
            gamma_cov = self.sigma**2 * self._posterior.gamma_cov
            found.cond_var = conditional_variances(self.design, gamma_cov)
        return found

    def coef(self) -> dict[str, pd.DataFrame]:
        """{group: data frame (levels, effects)}: fixed plus random effects of each level."""
        random = self.ranef()
        names = dict.fromkeys(name for frame in random.values() for name in frame)
        zeros = pd.Series(0.0, index=[name for name in names if name not in self.beta])
        fixed = pd.concat([zeros, self.beta])
        return {
            group: summed(frame).reindex(columns=fixed.index, fill_value=0.0) + fixed
            for group, frame in random.items()
        }

    @cached_property
    def fitted(self) -> pd.Series:
        """offset + X beta + Z gamma (n,)."""
        return self.predict()

    def residuals(self, kind: str = "response", scaled: bool = False) -> pd.Series:
        """y - fitted (n,); "pearson" times the root of the weights; `scaled` over sigma."""
        one_of("kind", kind, ["response", "pearson"])
        root = np.sqrt(self.design.weights) if kind == "pearson" else 1.0
        r = root * (self.design.y - self.fitted.to_numpy())
        return pd.Series(r / self.sigma if scaled else r, index=self.design.index)

    def predict(
        self,
        newdata: Any = None,
        random: bool | Iterable[str] = True,
        new_levels: str = "error",
    ) -> pd.Series:
        """Predicted means, for the rows of the fit or for new ones.

        random: True adds the random effects, False gives the population's mean, a list of groups
        adds theirs alone.  new_levels: "error", or "population" to give groups that the fit has
        not seen random effects of zero.  A new row that lacks a value is predicted as NaN.
        Raises MissingColumnError, NewLevelError, UnknownLevelError, OffsetError.
        """
        groups = chosen_groups(self.design, random)
        one_of("new_levels", new_levels, ["error", "population"])
        if newdata is not None and self.labels["offset"] is not None:
            raise OffsetError(
                "the offset of this fit was an argument, so that new rows have none: "
                "write it as offset(column) in the formula"
            )
        own = newdata is None
        rows = own_rows(self.design) if own else new_rows(self.design, newdata, groups, new_levels)
        mean = fitted(self.design, self._at.beta, self._posterior.gamma, groups, rows)
        return pd.Series(mean, index=rows.index)

    def summary(self, optimizer: str = "nloptwrap") -> Summary:
        """What lme4's summary() prints, line for line.

        optimizer: the name in the line that lme4 adds to a singular fit; its own is the default.
        """
        se = self.se
        table = {"Estimate": self.beta, "Std. Error": se, "t value": self.beta / se}
        levels = {term.group: len(term.levels) for term in self.design.terms}
        return Summary(
            reml=self.reml,
            formula=self.design.recipe.formula.lines,
            data=self.labels["data"],
            weights=self.labels["weights"],
            offset=self.labels["offset"],
            criterion=self.criterion,
            aic=self.aic,
            bic=self.bic,
            loglik=self.loglik,
            deviance=self.criterion,
            df_residual=self.df_residual,
            scaled_residuals=self.residuals("pearson", scaled=True).to_numpy(),
            terms=self.varcorr.summaries,
            sigma=self.sigma,
            nobs=self.nobs,
            groups=levels,
            coefficients=pd.DataFrame(table),
            correlation=self.vcov.to_numpy() / np.outer(se, se),
            messages=self.design.messages,
            singular=self.is_singular,
            dropped=self.design.dropped,
            optimizer=optimizer,
        )

    def __repr__(self) -> str:
        method = "REML" if self.reml else "ML"
        return (
            f"<Fit {self.formula!r} by {method}, n = {self.nobs}, criterion {self.criterion:.4f}>"
        )


def lmer(
    formula: str,
    data: Any,
    reml: bool = True,
    *,
    route: str = "penalized",
    weights: Any = None,
    offset: Any = None,
    theta: Any = None,
    allow_saturated: bool = False,
) -> Fit:
    """Fit a linear mixed model.

    formula: R's, as "Reaction ~ Days + (Days | Subject)".  data: any data frame that narwhals
    reads.  reml: restricted rather than full maximum likelihood.  route: "penalized" (q x q) or
    "marginal" (the definition, n x n).  weights, offset: a column's name or n numbers; the variance
    of an observation is sigma^2 over its weight.  theta: m relative covariance parameters to take
    as given instead of the best ones.  allow_saturated: fit even where a term has as many random
    effects as there are observations.

    Raises a RefmixedError that says what is wrong; warns with ConvergenceWarning where a condition
    for a local minimum fails, and with RankWarning where columns of X were dropped.
    """
    parsed = parse_formula(formula)
    require_bars(parsed)
    made = make_design(
        parsed, data, weights=weights, offset=offset, allow_saturated=allow_saturated
    )
    return fit(made, reml, route, call_labels(data, weights, offset), theta)


def lm(
    formula: str, data: Any, reml: bool = True, *, weights: Any = None, offset: Any = None
) -> Fit:
    """The same model without random terms: no pooling, or complete pooling.

    sigma is the unbiased estimate with `reml`, the maximum likelihood estimate without.
    """
    parsed = parse_formula(formula)
    refuse_bars(parsed)
    made = make_design(parsed, data, weights=weights, offset=offset)
    return fit(made, reml, "penalized", call_labels(data, weights, offset))


def fit(
    design: Design, reml: bool, route: str, labels: dict[str, str | None], theta: Any = None
) -> Fit:
    """Fit a design by one route, or take theta as given."""
    one_of("route", route, ROUTES)
    if not isinstance(reml, bool | np.bool_):
        raise OptionError(f"reml must be True or False, not {reml!r}")
    way = ROUTES[route]
    found = minimize(design, reml, way) if theta is None else given(design, theta, reml, way)
    return Fit(design, reml, route, found, labels)


def call_labels(data: Any, weights: Any, offset: Any) -> dict[str, str | None]:
    """What the summary calls the arguments: their names, where they have any."""
    name = getattr(data, "attrs", {}).get("name", "data")
    given = {"weights": weights, "offset": offset}
    texts = {k: v if isinstance(v, str) else k for k, v in given.items() if v is not None}
    return {"data": str(name), "weights": None, "offset": None} | texts
