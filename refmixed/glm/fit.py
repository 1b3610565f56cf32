"""From a formula and data to a generalized linear mixed model: glmer()."""

from __future__ import annotations

import warnings
from typing import Any, Never

from ..checks import one_of
from ..errors import IdentifiabilityWarning, NoRandomTermError
from ..r.formula import parse_formula
from ..r.habits import refuse_unknown
from .families import Binomial
from .far import warn_of_far
from .given import Given
from .likelihoods import kind_of
from .model import DIALECTS, ROUTES, Model
from .named import named
from .reading import model_of
from .result import GlmerFit
from .undetermined import warn_of_undetermined


def glmer(
    formula: str,
    data: Any,
    family: str = "binomial",
    nagq: int = 1,
    *,
    likelihood: str = "laplace",
    digits: float = 10,
    weights: Any = None,
    offset: Any = None,
    dialect: str = "observed",
    route: str = "blocked",
    beta: Any = None,
    theta: Any = None,
    dispersion: float | None = None,
    **unknown: Never,
) -> GlmerFit:
    """Fit a generalized linear mixed model by maximum likelihood.

    formula: R's, as "cbind(incidence, size - incidence) ~ period + (1 | herd)".  data: any data
    frame that narwhals reads.  family: "binomial" (logit; or "binomial(probit)" and
    "binomial(cloglog)"), "poisson" (log) or "Gamma" (log).  A binomial response is 0 and 1, FALSE
    and TRUE, two levels of which the second is a success, proportions with `weights` that say how
    many trials there were, or cbind(successes, failures).
    nagq: 1 is Laplace's approximation; more are that many adaptive nodes of Gauss and Hermite, for
    one random effect a level; 0 takes beta from the joint mode, which is faster and worse.
    likelihood: "exact" is the likelihood itself, with an error below 10^-digits, of models with
    one effect a row, as (1 | a), or two, as (1 | b/a) and (x | a).  dialect: where the link is not
    canonical, the weights in Laplace's determinant: "observed" (glmmTMB's) or "expected" (lme4's).
    weights, offset: a column's name or n numbers; those of counts are so many rows alike, those of
    Gamma divide the dispersion.  route: "blocked" takes the largest factor out first, "penalized"
    factors the whole matrix.  beta (p,), theta (m,), dispersion: values to take as given.

    theta holds standard deviations (of the linear predictor), not ratios to a residual one.
    Raises a RefmixedError that says what is wrong: FamilyError, ResponseError, SeparationError.
    """
    if unknown:
        refuse_unknown(glmer, unknown)
    parsed = parse_formula(formula)
    if not parsed.bars:
        raise NoRandomTermError(f"{formula!r} has no random-effects term such as (1 | group)")
    chosen, kind = named(family), kind_of(likelihood, nagq, digits)
    one_of("dialect", dialect, DIALECTS)
    one_of("route", route, ROUTES)
    model, labels = model_of(parsed, data, chosen, weights, offset, dialect, route)
    warn_of_single_trials(model)
    if theta is None:
        warn_of_undetermined(model.design)
    fit = GlmerFit.of(model, kind, labels, Given(beta, theta, dispersion))
    warn_of_far(fit)
    return fit


def warn_of_single_trials(model: Model) -> None:
    """Warn (IdentifiabilityWarning) of an effect of each response that is 0 or 1.

    With a probit its standard deviation only changes the unit of all other parameters, and with
    another link little more.  eq:marginal-probit
    """
    if not isinstance(model.family, Binomial) or (model.family.trials > 1).any():
        return
    for term in model.design.terms:
        if len(term.levels) == model.design.n and term.k == 1:
            text = (
                f"every response is 0 or 1 and has a level of {term.group} of its own, whose "
                "standard deviation they do not determine: leave that term out"
            )
            warnings.warn(text, IdentifiabilityWarning, stacklevel=3)
