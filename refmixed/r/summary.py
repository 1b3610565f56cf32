"""The summary of a fit, in the words of lme4: `str(summary)` has the lines that R prints."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from ..varcorr import variance_table
from .format import (
    character_matrix,
    fill,
    format_numbers,
    lower_triangle,
    named_vector,
    quantile,
    round_half,
    zapsmall,
)
from .formula import formula_lines
from .lmertest import LEGEND, NAMES, p_values, star, with_tests
from .text import abbreviate

DIGITS = 4  # significant digits, where lme4 does not fix the decimals
MAX_CORRELATION = 12  # lme4 leaves the correlation of more fixed effects out
SINGULAR = "boundary (singular) fit: see help('isSingular')"


@dataclass(frozen=True)
class Summary:
    """What lme4's summary shows of a fit: in the layout of lme4 1.1, to 1.1-36, or of 2.x."""

    fit: Any  # a Fit
    style: str = "1.1"
    optimizer: str = "nloptwrap"  # named in the line that lme4 adds to a singular fit
    df: str | None = None  # of degrees of freedom, where lmerTest's table is asked for

    @cached_property
    def coefficients(self) -> pd.DataFrame:
        """A row for each fixed effect: estimates, their standard errors and t values.

        With df degrees of freedom and p-values, too, as lmerTest has them.
        """
        if self.df is not None:
            table: pd.DataFrame = self.fit.test_fixed(self.df, type=None)
            return table
        beta, se = self.fit.beta, self.fit.se
        return pd.DataFrame({"Estimate": beta, "Std. Error": se, "t value": beta / se})

    @property
    def correlation(self) -> pd.DataFrame:
        """Correlations (p, p) of the estimates."""
        return self.fit.vcov / np.outer(self.fit.se, self.fit.se)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"

    def __str__(self) -> str:
        return "\n".join(line for block in BLOCKS for line in block(self))


def title(s: Summary) -> list[str]:
    """The kind of model and how it was fitted."""
    method = "REML" if s.fit.reml else "maximum likelihood"
    kind = "Linear mixed model" if s.fit.design.terms else "Linear model"
    if s.df is not None:
        return with_tests(f"{kind} fit by {method}{'' if s.fit.reml else ' '}", NAMES[s.df])
    if not s.fit.design.terms:
        return [f"Linear model fit by {method}"]
    gap = " " if s.fit.reml else "  "  # lme4 pastes an empty word after "likelihood"
    return [f"Linear mixed model fit by {method}{gap}['lmerMod']"]


def call(s: Summary) -> list[str]:
    """The arguments of the call."""
    lines = fill(["Formula:", *formula_lines(s.fit.design)])
    for label, name in (("   Data:", "data"), ("Weights:", "weights"), (" Offset:", "offset")):
        if (text := s.fit.labels[name]) is not None:
            lines += fill([label, *text.splitlines()])
    return [*lines, ""]


def criterion(s: Summary) -> list[str]:
    """The REML criterion, or the table of likelihood statistics."""
    if not s.fit.reml:
        return statistics(s)
    (value,) = format_numbers(round_half(s.fit.criterion, 1))
    return [f"REML criterion at convergence: {value}", ""]


def statistics(s: Summary) -> list[str]:
    """The table of likelihood statistics."""
    fit = s.fit
    values = [fit.aic, fit.bic, fit.loglik, fit.criterion, fit.df_residual]
    cells = format_numbers(round_half(values, 1))
    cells[-1:] = format_numbers(values[-1])  # degrees of freedom have decimals of their own
    deviance = {"1.1": "deviance", "2.x": "-2*log(L)"}[s.style]
    return [*named_vector(("AIC", "BIC", "logLik", deviance, "df.resid"), cells), ""]


def residuals(s: Summary) -> list[str]:
    """Five numbers on the scaled residuals; of data in chunks nothing."""
    if s.fit.design.coordinates is not None:
        return []
    scaled = s.fit.residuals("pearson", scaled=True).to_numpy()
    cells = format_numbers(zapsmall(quantile(scaled), DIGITS + 1), DIGITS)
    table = named_vector(("Min", "1Q", "Median", "3Q", "Max"), cells)
    return ["Scaled residuals: ", *table, ""]


def random_effects(s: Summary) -> list[str]:
    """Variances, standard deviations and correlations of the random effects."""
    if not s.fit.design.terms:
        return ["Residual standard deviation: " + format_numbers(s.fit.sigma, DIGITS)[0]]
    return ["Random effects:", *variance_table(s.fit.varcorr, DIGITS, style=s.style)]


def sizes(s: Summary) -> list[str]:
    """How many observations there are, and levels of each grouping factor."""
    if not s.fit.design.terms:
        return [f"Number of obs: {s.fit.nobs}"]
    levels = {term.group: len(term.levels) for term in s.fit.design.terms}
    listed = "; ".join(f"{group}, {count}" for group, count in levels.items())
    return fill([f"Number of obs: {s.fit.nobs}, groups: ", listed])


def fixed_effects(s: Summary) -> list[str]:
    """Estimates, standard errors and t values."""
    if s.coefficients.empty:
        return []
    return ["", "Fixed effects:", *coefficient_table(s.coefficients, DIGITS)]


def correlation(s: Summary) -> list[str]:
    """Correlations of the estimates, under shortened names."""
    names = list(s.fit.beta.index)
    if not 1 < len(names) <= MAX_CORRELATION:
        return []
    rows, columns = abbreviate(names, 11)[1:], abbreviate(names, 6)[:-1]
    cells = lower_triangle(s.correlation.to_numpy(), 3, len(names) - 1)[1:]
    return ["", "Correlation of Fixed Effects:", *character_matrix(rows, columns, cells)]


def messages(s: Summary) -> list[str]:
    """What there is to say about X."""
    return ["fit warnings:", *s.fit.design.messages] if s.fit.design.messages else []


def convergence(s: Summary) -> list[str]:
    """A note on a singular fit, with the blank line that R puts after it."""
    code = f"optimizer ({s.optimizer}) convergence code: 0 (OK)"
    return [code, SINGULAR, ""] if s.fit.is_singular else []


def missing(s: Summary) -> list[str]:
    """How many rows were dropped; lme4 does not say."""
    if (dropped := s.fit.design.dropped) == 0:
        return []
    rows = "observation" if dropped == 1 else "observations"
    return [f"({dropped} {rows} deleted due to missingness)"]


BLOCKS = [title, call, criterion, residuals, random_effects, sizes]
BLOCKS += [fixed_effects, correlation, messages, convergence, missing]


def coefficient_table(table: pd.DataFrame, digits: int = 4) -> list[str]:
    """`printCoefmat(table, digits)`, (p, any): estimates and the like, t, and p if there is one.

    The columns before t share their decimals: the smallest number shows `digits` digits.
    """
    has_p = str(table.columns[-1]).startswith("Pr(")
    values = table.to_numpy(dtype=float)
    k = values.shape[1] - 1 - has_p
    magnitudes = [abs(x) for x in values[:, :k].flat if x != 0 and math.isfinite(x)]
    leading = math.floor(math.log10(min(magnitudes, default=1.0)))  # 10^leading, of the smallest
    first = round_half(values[:, :k], max(1, digits - 1 - leading))
    left = np.reshape(format_numbers(first, digits), (len(values), k))
    right = format_numbers(round_half(values[:, k], digits - 1), digits)
    cells, columns = [[*row, t] for row, t in zip(left, right, strict=True)], list(table.columns)
    rest: list[str] = []
    if has_p:
        p = values[:, -1]
        cells = [[*row, shown] for row, shown in zip(cells, p_values(p, digits - 1), strict=True)]
        if (p < 0.1).any():
            cells = [[*row, star(one)] for row, one in zip(cells, p, strict=True)]
            columns, rest = [*columns, ""], ["---", LEGEND]
    return [*character_matrix(list(table.index), columns, cells, right=True), *rest]
