"""Another maximum of Laplace's approximation, far out, of which a fit warns.

In levels whose responses are all of one kind large effects do as well as any, and there Laplace's
approximation is at its worst: it can rise again where the likelihood itself falls.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..design import RandomTerm
from ..errors import ConvergenceWarning, SeparationError
from ..linalg import Array
from .families import Family
from .objective import Objective
from .separation import signs_of

TIMES = (2.0, 3.0, 4.0, 6.0, 8.0)  # theta of a term
LOGIT = 0.346  # eta shrinks by the root of 1 + .346 variance in the mean over effects, nearly
HIGHER = 1e-6  # of a log-likelihood: another maximum


def warn_of_higher(fit: Any) -> None:
    """Warn (ConvergenceWarning) where a search from far out ends higher than this GlmerFit."""
    if fit.kind.nagq != 1 or fit.kind.digits is not None or not fit.given.is_nothing:
        return
    for k, term in enumerate(fit.design.terms):
        if mostly_alike(term, fit.model.family) and (begin := rising(fit, k)) is not None:
            other = search(fit, begin)
            if other is not None and other.loglik > fit.loglik + HIGHER:
                sd = float(other.varcorr[list(fit.varcorr)[k]].sd.iloc[0])
                warnings.warn(text(fit, other, term, sd), ConvergenceWarning, stacklevel=3)
                return


def text(fit: Any, other: Any, term: RandomTerm, sd: float) -> str:
    """What to say."""
    return (
        f"Laplace's approximation is higher far out, {other.loglik:.3f} and not {fit.loglik:.3f}, "
        f"with a standard deviation of {term.group} of {sd:.1f}: most levels of {term.group} have "
        "responses of one kind, for which it is poor; compare likelihood='exact'"
    )


def mostly_alike(term: RandomTerm, family: Family) -> bool:
    """Whether in most levels all responses are of one kind, which an effect fits ever better."""
    if (signs := signs_of(family)) is None:
        return False
    sums = np.bincount(term.codes, signs)
    return bool((np.abs(sums) == np.bincount(term.codes)).mean() > 0.5)


def rising(fit: Any, k: int) -> Array | None:
    """psi where the log-likelihood rises, theta of term k so many times as large; else None."""
    objective, u = Objective(fit.model, fit.kind.at), fit.likelihood.mode.u
    objective.u = u
    for times in TIMES:
        psi = farther(fit, k, times)
        value, gradient = objective.at(psi)
        if np.isfinite(value) and gradient @ psi < 0.0:
            return psi
    return None


def farther(fit: Any, k: int, times: float) -> Array:
    """psi with a larger theta of term k, all else larger by what that shrinks means."""
    design, psi = fit.design, fit.psi.copy()
    ends = design.p + np.cumsum([0, *(t.k * (t.k + 1) // 2 for t in design.terms)])
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
