"""The summary of a fit, in the words of lme4: `str(summary)` is what R prints, line for line.

The blocks stand in the order in which they are printed, one function each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..linalg import Array
from .format import format_numbers, quantile, round_half, zapsmall
from .layout import abbreviate, character_matrix, coefficient_table, fill, named_vector

DIGITS = 4  # significant digits, where lme4 does not fix the decimals
MAX_CORRELATION = 12  # lme4 leaves the correlation of more fixed effects out


@dataclass(frozen=True)
class TermSummary:
    """One random-effects term with k effects."""

    group: str  # "Subject"; a second term of the group is "Subject.1"
    names: tuple[str, ...]  # (k,) effects
    sd: Array  # (k,) standard deviations
    corr: Array  # (k, k), off the diagonal NaN where a standard deviation is 0


@dataclass(frozen=True)
class Summary:
    """What lme4's summary shows of a fit with n rows and p fixed effects."""

    reml: bool
    formula: tuple[str, ...]  # the lines of R's deparse(formula)
    data: str | None
    weights: str | None
    offset: str | None
    criterion: float  # of REML; the five that follow are of maximum likelihood
    aic: float
    bic: float
    loglik: float
    deviance: float
    df_residual: int
    scaled_residuals: Array  # (n,)
    terms: tuple[TermSummary, ...]  # none for a model without random effects
    sigma: float
    nobs: int
    groups: dict[str, int]  # grouping factor -> number of levels
    coefficients: pd.DataFrame  # (p, 3): Estimate, Std. Error, t value
    correlation: Array  # (p, p) of the fixed effects
    messages: tuple[str, ...]  # on the rank and the scales of X
    singular: bool
    dropped: int  # rows with missing values
    optimizer: str = "nloptwrap"

    def __str__(self) -> str:
        blocks = (
            title,
            call,
            criterion,
            residuals,
            random_effects,
            sizes,
            fixed_effects,
            correlation,
            messages,
            convergence,
            missing,
        )
        return "\n".join(line for block in blocks for line in block(self))


def title(s: Summary) -> list[str]:
    """The kind of model and how it was fitted."""
    method = "REML" if s.reml else "maximum likelihood"
    if not s.terms:
        return [f"Linear model fit by {method}"]
    gap = " " if s.reml else "  "  # lme4 pastes an empty word after "likelihood"
    return [f"Linear mixed model fit by {method}{gap}['lmerMod']"]


def call(s: Summary) -> list[str]:
    """The arguments of the call."""
    lines = fill(["Formula:", *s.formula])
    for label, text in (("   Data:", s.data), ("Weights:", s.weights), (" Offset:", s.offset)):
        if text is not None:
            lines += fill([label, *text.splitlines()])
    return [*lines, ""]


def criterion(s: Summary) -> list[str]:
    """The REML criterion, or the table of likelihood statistics."""
    if s.reml:
        (value,) = format_numbers(round_half(s.criterion, 1))
        return [f"REML criterion at convergence: {value}", ""]
    statistics = round_half([s.aic, s.bic, s.loglik, s.deviance, s.df_residual], 1)
    cells = format_numbers(statistics)
    cells[-1:] = format_numbers(statistics[-1])  # degrees of freedom have decimals of their own
    return [*named_vector(("AIC", "BIC", "logLik", "deviance", "df.resid"), cells), ""]


def residuals(s: Summary) -> list[str]:
    """Five numbers on the scaled residuals."""
    quartiles = zapsmall(quantile(s.scaled_residuals), DIGITS + 1)
    cells = format_numbers(quartiles, DIGITS)
    table = named_vector(("Min", "1Q", "Median", "3Q", "Max"), cells)
    return ["Scaled residuals: ", *table, ""]


def random_effects(s: Summary) -> list[str]:
    """Variances, standard deviations and correlations of the random effects."""
    if not s.terms:
        return ["Residual standard deviation: " + format_numbers(s.sigma, DIGITS)[0]]
    return ["Random effects:", *variance_table(s.terms, s.sigma, DIGITS)]


def variance_table(
    terms: Sequence[TermSummary], sigma: float, digits: int, variances: bool = True
) -> list[str]:
    """A row for each effect and one for the residuals (formatVC), with or without variances."""
    sd = np.concatenate([*(term.sd for term in terms), [sigma]])
    columns = [format_numbers(sd**2, digits)] * variances + [format_numbers(sd, digits)]
    widest = max((len(term.names) for term in terms), default=1)
    decimals = max(2, digits - 2)
    corr = [row for t in terms for row in lower_triangle(t.corr, decimals, widest - 1)]
    names = [*(label for term in terms for label in labels(term)), ("Residual", "")]
    rows = zip(names, zip(*columns, strict=True), [*corr, [""] * (widest - 1)], strict=True)
    cells = [[*label, *numbers, *correlations] for label, numbers, correlations in rows]
    header = ["Groups", "Name", *["Variance"] * variances, "Std.Dev."]
    header += ["Corr"] * (widest > 1) + [""] * (widest - 2)
    return character_matrix([""] * len(cells), header, cells)


def labels(term: TermSummary) -> list[tuple[str, str]]:
    """(group, effect) for each effect; the group is named once."""
    groups = [term.group, *[""] * (len(term.names) - 1)]
    return list(zip(groups, term.names, strict=True))


def lower_triangle(corr: Array, decimals: int, columns: int) -> list[list[str]]:
    """The cells below the diagonal of corr (k, k); all others are empty, (k, columns)."""
    k = len(corr)
    cells = format_numbers(round_half(corr, decimals), nsmall=decimals)
    return [[cells[i * k + j] if j < i else "" for j in range(columns)] for i in range(k)]


def sizes(s: Summary) -> list[str]:
    """How many observations there are, and levels of each grouping factor."""
    if not s.terms:
        return [f"Number of obs: {s.nobs}"]
    levels = "; ".join(f"{group}, {count}" for group, count in s.groups.items())
    return fill([f"Number of obs: {s.nobs}, groups: ", levels])


def fixed_effects(s: Summary) -> list[str]:
    """Estimates, standard errors and t values."""
    if s.coefficients.empty:
        return []
    table = coefficient_table(list(s.coefficients.index), s.coefficients.to_numpy(), DIGITS)
    return ["", "Fixed effects:", *table]


def correlation(s: Summary) -> list[str]:
    """Correlations of the estimates, under shortened names."""
    names = list(s.coefficients.index)
    p = len(names)
    if not 1 < p <= MAX_CORRELATION:
        return []
    rows, columns = abbreviate(names, 11)[1:], abbreviate(names, 6)[:-1]
    cells = lower_triangle(s.correlation, 3, p - 1)[1:]
    return ["", "Correlation of Fixed Effects:", *character_matrix(rows, columns, cells)]


def messages(s: Summary) -> list[str]:
    """What there is to say about X."""
    return ["fit warnings:", *s.messages] if s.messages else []


def convergence(s: Summary) -> list[str]:
    """A note on a singular fit, with the blank line that R puts after it."""
    if not s.singular:
        return []
    return [
        f"optimizer ({s.optimizer}) convergence code: 0 (OK)",
        "boundary (singular) fit: see help('isSingular')",
        "",
    ]


def missing(s: Summary) -> list[str]:
    """How many rows were dropped; lme4 does not say."""
    if s.dropped == 0:
        return []
    rows = "observation" if s.dropped == 1 else "observations"
    return [f"({s.dropped} {rows} deleted due to missingness)"]
