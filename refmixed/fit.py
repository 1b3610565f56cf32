"""From arrays, or from a formula and data, to a Fit: fit(), lmer() and lm()."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Never

from .design import from_arrays
from .r.design import refuse
from .r.formula import parse_formula, refuse_bars, require_bars
from .r.habits import refuse_unknown
from .r.matrices import call_labels, matrices
from .refusals import refuse_impossible, refuse_unidentified
from .result import Fit


def fit(
    y: Any,
    X: Any,
    terms: Iterable[Any],
    reml: bool = True,
    *,
    route: str = "auto",
    weights: Any = None,
    offset: Any = None,
    theta: Any = None,
    allow_saturated: bool = False,
    **unknown: Never,
) -> Fit:
    """Fit a linear mixed model to arrays: no formula, no data frame.

    y (n,).  X (n, p).  terms: a pair (labels (n,), columns) for each random term, columns (n, k)
    or None for a random intercept.  See `design.from_arrays` for names, `lmer` for the rest.

        rm.fit(y, X, [(subject, X)])             # as lmer("y ~ x + (x | subject)")
        rm.fit(y, X, [(plate, None), (sample, None)])
    """
    if unknown:
        refuse_unknown(fit, unknown)
    made = from_arrays(y, X, terms, weights=weights, offset=offset)
    refuse_impossible(made)
    if theta is None:
        refuse_unidentified(made, allow_saturated)
    return Fit.of(made, reml, route, call_labels(None, weights, offset), theta)


def lmer(
    formula: str,
    data: Any,
    reml: bool = True,
    *,
    route: str = "auto",
    weights: Any = None,
    offset: Any = None,
    theta: Any = None,
    allow_saturated: bool = False,
    **unknown: Never,
) -> Fit:
    """Fit a linear mixed model.

    formula: R's, as "Reaction ~ Days + (Days | Subject)".  data: any data frame that narwhals
    reads; or chunks, of which few rows are kept: the path of a .csv or .parquet file, a list of
    data frames, a function that gives them in turn, a dask data frame.
    reml: restricted rather than full maximum likelihood.  route: "auto" is "blocked" (level by
    level, the fastest); "penalized" (q x q); "marginal" (the definition, n x n).
    weights, offset: a column's name (of chunks nothing else) or n numbers, by label where they and
    the data have row labels, else by position; the variance of an observation is sigma^2 over its
    weight, and one of weight 0 is left out.  theta: m relative covariance parameters to take as
    given instead of the best ones: a group may have one level then.
    allow_saturated: fit even where a term has as many random effects as there are observations.

    Distinct values of a grouping factor are distinct groups.  Texts sort by code point, as in R's C
    locale: of "Drug" and "control" the baseline is Drug, where R in most other locales takes
    control.  `relevel(arm, ref = "control")` or the order of a pandas categorical decides.

    Raises a RefmixedError that says what is wrong; warns with ConvergenceWarning where a condition
    for a local minimum fails, with RankWarning where columns of X were dropped, and with
    MissingValueWarning where an expression made rows lack a value.
    """
    if unknown:
        refuse_unknown(lmer, unknown)
    parsed = parse_formula(formula)
    require_bars(parsed)
    made, labels = matrices(parsed, data, weights, offset, theta is not None)
    if theta is None:
        refuse(made, allow_saturated)
    return Fit.of(made, reml, route, labels, theta)


def lm(
    formula: str,
    data: Any,
    reml: bool = True,
    *,
    weights: Any = None,
    offset: Any = None,
    **unknown: Never,
) -> Fit:
    """The same model without random terms: no pooling, or complete pooling.

    sigma is the unbiased estimate with `reml`, the maximum likelihood estimate without.
    """
    if unknown:
        refuse_unknown(lm, unknown)
    parsed = parse_formula(formula)
    refuse_bars(parsed)
    made, labels = matrices(parsed, data, weights, offset, False)
    refuse(made, allow_saturated=False)
    return Fit.of(made, reml, labels=labels)
