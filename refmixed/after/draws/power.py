"""Power by simulation: how often a test of one coefficient or contrast rejects.

Responses are drawn from the fitted model, with another effect, more or fewer groups, or groups of
another size, and the model is fitted to each.  Adding X d to a response adds d to beta-hat and
leaves theta as it is (eq:power-shift): one draw of responses does for all effects.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ...checks import one_of, whole_number
from ...coordinates import require_rows
from ...covariance import factors
from ...design import Design
from ...errors import OptionError, ReplicateWarning
from ...linalg import Array
from ...refusals import refuse_unidentified
from ..ends import Refits
from ..refit import AT_ONCE, refits
from ..switches import a_level
from .bootstrap import MOST
from .law import Normal, a_seed, draws, law_of
from .question import Question, called, checked_df, contrast_of, designs, list_of

TESTS = ("wald", "lrt")


@dataclass(frozen=True)
class Power:
    """What power was found: a row for each number of groups, size of a group, and effect."""

    table: pd.DataFrame  # groups, size, effect, power, mcse, lower, upper, failed, singular
    title: str
    nsim: int
    seed: int

    def __str__(self) -> str:
        head = f"{self.title}; {self.nsim} samples each, seed {self.seed}"
        return f"{head}\n{self.table.to_string(index=False, float_format='{:.4g}'.format)}"


def power(
    fit: Any,
    coefficient: Any,
    effect: Any = None,
    groups: Any = None,
    size: Any = None,
    *,
    test: str = "wald",
    df: float = np.inf,
    level: float = 0.05,
    group: str | None = None,
    nsim: int = 1000,
    seed: int | None = None,
) -> Power:
    """The power of a test of coefficient = 0; arguments as of `Fit.power`.  Raises OptionError."""
    nsim, seed = whole_number("nsim", nsim, 1, OptionError), a_seed(seed)
    one_of("test", test, TESTS)
    require_rows(fit.design)
    contrast = contrast_of(fit.design, coefficient)
    question = Question(contrast, test, checked_df(df), a_level(level))
    effects = list_of("effect", fit.beta.to_numpy() @ contrast if effect is None else effect)
    rows: list[dict[str, Any]] = []
    for m, k, design in designs(fit.design, groups, size, group):
        refuse_unidentified(design, allow_saturated=True)
        found = rejections(fit, design, question, effects, nsim, seed)
        rows += [{"groups": m, "size": k} | one for one in found]
    by = "likelihood ratio" if test == "lrt" else f"t with {df:g} df" if df < np.inf else "z"
    table = pd.DataFrame(rows)
    if failed := int(table["failed"].sum()):
        text = f"{failed} of {len(rows) * nsim} samples could not be fitted, and powers are of the "
        warnings.warn(f"{text}others: see the column failed", ReplicateWarning, stacklevel=3)
    title = f"Power of {by} at level {level:g}: {fit.formula}, {called(coefficient)}"
    return Power(table, title, nsim, seed)


def rejections(
    fit: Any, design: Design, question: Question, effects: list[float], nsim: int, seed: int
) -> Iterator[dict[str, Any]]:
    """For each effect how often the test rejects in responses of a design."""
    c = question.contrast
    reml = fit.reml and question.test == "wald"
    model = type(fit).of(design, reml, fit.route, theta=fit.theta.to_numpy())
    null = model if question.test == "wald" else restricted(model, c)
    beta = fit.beta.to_numpy() - c * (fit.beta.to_numpy() @ c) / (c @ c)  # of effect zero
    source = Normal(law_of(design, beta, factors(design, fit.theta.to_numpy()), fit.sigma))
    found: list[list[Array]] = [[] for _ in effects]
    singular, size = 0, min(MOST, max(1, int(AT_ONCE / design.n)))
    for start in range(0, nsim, size):
        Y = draws(source, seed, range(start, min(start + size, nsim))).T  # (n, b)
        refitted = refits(model, Y, pd.RangeIndex(Y.shape[1]))
        singular += int(refitted.is_singular.sum())
        for effect, own in zip(effects, found, strict=True):
            shift = design.X @ c * (effect / (c @ c))  # (n,)
            own.append(statistic(question, refitted, effect, null, Y, shift))
    for effect, values in zip(effects, map(np.concatenate, found), strict=True):
        there = ~np.isnan(values)
        counted = share(question.rejections(values[there]))
        failed = int((~there).sum())
        yield {"effect": effect} | counted | {"failed": failed, "singular": singular}


def statistic(
    question: Question, found: Refits, effect: float, null: Any, Y: Array, shift: Array
) -> Array:
    """(b,): estimate over standard error, or the likelihood ratio.  eq:power-shift"""
    if question.test == "lrt":
        without = refits(null, Y + shift[:, None], pd.RangeIndex(Y.shape[1]))
        return np.asarray(without.criterion - found.criterion)
    c = question.contrast
    variance = c @ found.vcov @ c  # (b,)
    return (found.beta.to_numpy() @ c + effect) / np.sqrt(variance)  # eq:power-shift


def share(rejected: Array) -> dict[str, float]:
    """A share, its Monte Carlo error, and a 95 % interval after Clopper and Pearson.  eq:mcse"""
    b, k = len(rejected), int(rejected.sum())
    p = k / b if b else np.nan
    return {
        "power": p,
        "mcse": float(np.sqrt(p * (1.0 - p) / b)) if b else np.nan,  # eq:mcse
        "lower": float(stats.beta.ppf(0.025, k, b - k + 1)) if k else 0.0,
        "upper": float(stats.beta.ppf(0.975, k + 1, b - k)) if k < b else 1.0,
    }


def exact_power(effect: float, se: float, df: float, level: float = 0.05) -> float:
    """Of a two-sided t test whose t is exact: from the noncentral t.  eq:power-t

    se: the standard error, sqrt(c' Cov(beta-hat) c) with the true variances.
    """
    far, shift = stats.t.isf(level / 2.0, df), effect / se
    return float(stats.nct.sf(far, df, shift) + stats.nct.cdf(-far, df, shift))


def restricted(model: Any, c: Array) -> Any:
    """The model with c'beta = 0: the column where c is largest is told by the others."""
    j, design = int(np.abs(c).argmax()), model.design
    others = np.delete(np.arange(design.p), j)
    X = design.X[:, others] - np.outer(design.X[:, j], c[others] / c[j])  # (n, p - 1)
    names = tuple(design.names[i] for i in others)
    theta = model.theta.to_numpy()
    return type(model).of(replace(design, X=X, names=names), False, model.route, theta=theta)
