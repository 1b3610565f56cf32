"""Deletion diagnostics: what a fit becomes without each row, or without each group.

lme4 has three answers under one name.  `cooks.distance(fit)` is the formula of ordinary least
squares with conditional residuals and leverages: column cook of `residual_table` here.
`influence(fit, groups)` fits again without each group: `theta="estimated"` here; its
`cooks.distance` is `cook` times (N - p)/N, N the number of groups (`cook_lme4`), and its `dfbeta`
has the other sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...checks import coded, one_of
from ...coordinates import require_rows
from ...covariance import theta_names
from ...errors import OptionError, nearest
from ...linalg import Array
from ..estimated import Estimated
from .deletion import Whole, each_group, each_row
from .left_out import each_refit
from .without import Without

THETA = ("kept", "estimated")


@dataclass(frozen=True)
class Influence:
    """A fit without each of N rows or groups, a row for each; nan where there is no such fit.

    beta, se and sigma are those without it, theta too (which stays the same where it was kept).
    `dfbeta` is beta of all less beta without (as R's for lm; lme4's has the other sign).  `dfbetas`
    is dfbeta over se, the standard errors without (as lme4's and influence.ME's); `dfbetas_lm` over
    the standard errors of all with the sigma without (Belsley, Kuh and Welsch; R's for lm).
    `cook` is dfbeta' vcov^-1 dfbeta / p, with the vcov of all, `mdffits` with that without it (SAS,
    HLMdiag).  `covratio` is the ratio of
    determinants of vcov, without over all, and `covtrace` |tr(vcov^-1 vcov without) - p|.
    """

    groups: str | None  # whose deletion, None for rows
    kind: str  # "kept" or "estimated"
    beta: pd.DataFrame  # (N, p)
    se: pd.DataFrame  # (N, p)
    sigma: pd.Series  # (N,)
    theta: pd.DataFrame  # (N, m)
    dfbeta: pd.DataFrame  # (N, p)
    dfbetas: pd.DataFrame  # (N, p)
    dfbetas_lm: pd.DataFrame  # (N, p)
    cook: pd.Series  # (N,)
    mdffits: pd.Series  # (N,)
    covratio: pd.Series  # (N,)
    covtrace: pd.Series  # (N,)
    messages: pd.Series  # (N,)  why there is no such fit, or what was said of it

    @property
    def cook_lme4(self) -> pd.Series:
        """(N,): cook times (N - p)/N, as lme4's cooks.distance(influence(fit)) has it."""
        N, p = self.beta.shape
        return self.cook * (N - p) / N


def influence(fit: Any, groups: Any = None, theta: str = "kept") -> Influence:
    """What a Fit becomes without each row, or without each group.

    groups: None, a grouping factor of the fit, or labels (n,).  theta: "kept", or "estimated" by a
    refit each.  Raises OptionError.
    """
    one_of("theta", theta, THETA)
    require_rows(fit.design)
    name, labels, members = sets(fit, groups)
    if theta == "estimated":
        without = each_refit(fit, members)
    else:
        whole = Whole.of(Estimated.of(fit), fit.theta.to_numpy())
        without = (
            each_row(whole, fit.hat.to_numpy()) if name is None else each_group(whole, members)
        )
    return compared(fit, without, name, labels, theta)


def sets(fit: Any, groups: Any) -> tuple[str | None, Any, Sequence[Array]]:
    """Whose deletion, labels (N,) of the sets of rows, and these.  Raises OptionError."""
    n, terms = fit.nobs, {term.group: term for term in fit.design.terms}
    if groups is None:
        return None, fit.design.index, list(np.arange(n)[:, None])
    if not isinstance(groups, str):
        name = str(getattr(groups, "name", None) or "groups")
        levels, codes = coded("labels in groups", in_order(groups, fit.design.index), n)
    elif groups in terms:
        name, levels, codes = groups, terms[groups].levels, terms[groups].codes
    else:
        raise OptionError(f"the model has no random effects of {groups!r}{nearest(groups, terms)}")
    return name, list(levels), [np.flatnonzero(codes == code) for code in range(len(levels))]


def in_order(groups: Any, index: pd.Index) -> Any:
    """Labels of groups in the order of the rows of the fit, those of other rows left out."""
    if not isinstance(groups, pd.Series) or groups.index.equals(index):
        return groups
    if not (groups.index.is_unique and index.is_unique):
        raise OptionError("row labels of groups or of the data repeat: give an array, in order")
    return groups.reindex(index)


def compared(fit: Any, without: Without, name: str | None, labels: Any, kind: str) -> Influence:
    """The record, of the arrays."""
    index, names = pd.Index(labels), list(fit.design.names)
    ratio = (without.sigma / fit.sigma) ** 2  # (N,)
    se = without.sigma[:, None] * np.sqrt(without.unscaled)  # (N, p)
    of_all = ratio[:, None] ** 0.5 * fit.se.to_numpy()  # (N, p)
    p = fit.design.p

    def table(values: Array, columns: Sequence[str] = names) -> pd.DataFrame:
        return pd.DataFrame(values, index=index, columns=list(columns))

    def series(values: Array) -> pd.Series:
        return pd.Series(values, index=index)

    return Influence(
        groups=name,
        kind=kind,
        beta=table(fit.beta.to_numpy() - without.shift),
        se=table(se),
        sigma=series(without.sigma),
        theta=table(without.theta, theta_names(fit.design)),
        dfbeta=table(without.shift),
        dfbetas=table(without.shift / se),  # eq:dfbetas
        dfbetas_lm=table(without.shift / of_all),
        cook=series(without.distance / fit.sigma**2 / (p or np.nan)),  # eq:cook
        mdffits=series(without.distance_without / without.sigma**2 / (p or np.nan)),  # eq:mdffits
        covratio=series(ratio**p * np.exp(without.logdet)),  # eq:covratio
        covtrace=series(np.abs(ratio * without.trace - p)),  # eq:covtrace
        messages=series(without.messages),
    )
