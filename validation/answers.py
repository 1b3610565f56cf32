"""The questions that every implementation is asked about a case, and what refmixed answers.

Answers are {quantity: array}: `at thetas` is the criterion at the thetas of the case, where nothing
is optimised; all others are of the fit.  Arrays are flat, terms and groups in lme4's order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

import refmixed as rm
from refmixed.fit import ROUTES

from .cases import Case

Array = np.ndarray[Any, np.dtype[np.float64]]
Answers = dict[str, Array]


def join(parts: Iterable[Any]) -> Array:
    """Arrays one after the other, flat."""
    return np.concatenate([np.zeros(0), *(np.ravel(np.asarray(p, dtype=float)) for p in parts)])


def below_diagonal(corr: Any) -> Array:
    """The correlations of a matrix, column by column."""
    matrix = np.asarray(corr, dtype=float)
    return matrix.T[np.triu_indices(len(matrix), 1)]


def refmixed(case: Case, reml: bool, route: str, theta: Array | None = None) -> Answers:
    """What refmixed answers by one route, at its optimum or at a given theta."""
    fit = rm.lmer(case.formula, case.data, reml, route=route, theta=theta)
    criterion = ROUTES[route].criterion
    ranef = fit.ranef(cond_var=True)
    new = fit.predict(case.newdata, new_levels="population")
    return {
        "at thetas": join(criterion(fit.design, np.array(t), reml) for t in case.thetas),
        "theta": join([fit.theta]),
        "criterion": join([fit.criterion]),
        "beta": join([fit.beta]),
        "se": join([fit.se]),
        "sd": join(term.sd for term in fit.varcorr.values()),
        "corr": join(below_diagonal(term.corr) for term in fit.varcorr.values()),
        "sigma": join([fit.sigma]),
        "ranef": join(frame for frame in ranef.values()),
        "condvar": join(term_variances(fit, ranef)),
        "fitted": join([fit.fitted]),
        "predicted": join([new, fit.predict(case.newdata, random=False)]),
    }


def term_variances(fit: rm.Fit, ranef: Any) -> Iterable[Array]:
    """Conditional variances (k, k, levels) term by term, where a group has several."""
    for group, whole in ranef.cond_var.items():
        start = 0
        for term in fit.design.terms:
            if term.group == group:
                yield whole[start : start + term.k, start : start + term.k]
                start += term.k


def lme4(case: Case, reml: bool) -> Answers:
    """What lme4 answers, live, with an optimiser that stops late."""
    from .adapters import lme4 as adapter

    model = adapter.fit(case.formula, case.data, reml)
    facts = model.facts
    new = adapter.predict(model, case.newdata, allow_new_levels=True)
    return {
        "at thetas": join([adapter.devfun(case.formula, case.data, case.thetas, reml)]),
        "theta": join([facts["theta"]]),
        "criterion": join([facts["criterion"]]),
        "beta": join(facts["beta"].values()),
        "se": join(facts["se"].values()),
        "sd": join(list(term["sd"].values()) for term in facts["varcorr"].values()),
        "corr": join(below_diagonal(term["corr"]) for term in facts["varcorr"].values()),
        "sigma": join([facts["sigma"]]),
        "ranef": join(group["values"] for group in facts["ranef"].values()),
        "condvar": join(part for group in facts["ranef"].values() for part in variances(group)),
        "fitted": join([facts["fitted"]]),
        "predicted": join([new, adapter.predict(model, case.newdata, population=True)]),
    }


def variances(group: dict[str, Any]) -> list[Any]:
    """lme4's conditional variances of a group: one array, or a list with one for each term."""
    found = group["condvar"]
    return found if isinstance(found, list) else [found]
