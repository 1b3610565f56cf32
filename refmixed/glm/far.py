"""A maximum of Laplace's approximation far out, of which a fit warns.

In levels whose responses are all of one kind large effects do as well as any, and there Laplace's
approximation is at its worst: it can rise again where the likelihood itself falls.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..covariance import factors
from ..design import RandomTerm
from ..errors import ConvergenceWarning, SeparationError
from ..linalg import Array
from .families import Family
from .objective import Objective
from .separation import signs_of

TIMES = (2.0, 3.0, 4.0, 6.0, 8.0)  # theta of a term
LOGIT = 0.346  # eta shrinks by the root of 1 + .346 variance in the mean over effects, nearly
FAR = 5.0  # a standard deviation of effects that make most responses all but sure
HIGHER = 1e-6  # of a log-likelihood: another maximum


def warn_of_far(fit: Any) -> None:
    """Warn (ConvergenceWarning) of a maximum far out: that of this GlmerFit, or a higher one."""
    if fit.kind.nagq != 1 or fit.kind.digits is not None or not fit.given.is_nothing:
        return
    for k, term in enumerate(fit.design.terms):
        if mostly_alike(term, fit.model.family) and (text := told(fit, k)):
            poor = (
                f"most levels of {term.group} have responses of one kind, for which it is poor; "
                "compare likelihood='exact'"
            )
            warnings.warn(f"{text}: {poor}", ConvergenceWarning, stacklevel=3)
            return


def told(fit: Any, k: int) -> str:
    """Where a maximum far out is, by the effects of term k; nothing where there is none."""
    group = fit.design.terms[k].group
    if spread(fit, k) > FAR:
        return (
            "Laplace's approximation has its maximum far out, with a standard deviation of the "
            f"effects of {group} of {spread(fit, k):.1f}"
        )
    begin = rising(fit, k)
    other = None if begin is None else search(fit, begin)
    if other is None or other.loglik <= fit.loglik + HIGHER:
        return ""
    return (
        f"Laplace's approximation is higher far out, {other.loglik:.3f} and not {fit.loglik:.3f}, "
        f"with a standard deviation of the effects of {group} of {spread(other, k):.1f}"
    )


def spread(fit: Any, k: int) -> float:
    """The root mean square of what the effects of term k add to linear predictors."""
    term, theta = fit.design.terms[k], fit.theta.to_numpy()
    return float(np.sqrt(((term.x @ factors(fit.design, theta)[k]) ** 2).sum(axis=1).mean()))


def mostly_alike(term: RandomTerm, family: Family) -> bool:
    """Whether in most levels all responses are of one kind, which an effect fits ever better."""
    if (signs := signs_of(family)) is None:
        return False
    sums = np.bincount(term.codes, signs)
    return bool((np.abs(sums) == np.bincount(term.codes)).mean() > 0.5)


def rising(fit: Any, k: int) -> Array | None:
    """psi where the log-likelihood rises, theta of term k so many times as large; else None."""
    objective = Objective(fit.model, fit.kind.at, fit.likelihood.mode.u)
    for times in TIMES:
        psi = farther(fit, k, times)
        value, gradient = objective.at(psi)
        if np.isfinite(value) and gradient @ psi < 0.0:
            return psi
    return None


def farther(fit: Any, k: int, times: float) -> Array:
    """psi with a larger theta of term k, all else larger by what that shrinks means."""
    design, psi = fit.design, fit.psi.copy()
    ends = design.p + np.cumsum([0, *(t.m for t in design.terms)])
    of_term = slice(ends[k], ends[k + 1])
    variance = float((psi[of_term] ** 2).sum())
    more = np.sqrt((1.0 + LOGIT * times**2 * variance) / (1.0 + LOGIT * variance))
    psi[: ends[-1]] *= more
    psi[of_term] *= times / more
    return psi


def search(fit: Any, begin: Array) -> Any | None:
    """The fit from another start; None where that leads to no maximum."""
    try:
        return type(fit).of(fit.model, fit.kind, fit.labels, begin=begin)
    except SeparationError:
        return None
