"""What usual mistakes of an implementation would answer: the suite's near misses, of any data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from refmixed.covariance import entries

from ..mistakes import MISTAKES, Case, Mistake
from ..mistakes.answers import fitted_parameters
from ..mistakes.misses import answer
from ..models import Model
from ..suite.tables import TableError
from .account import Key, Numbers
from .base import Base, Trait
from .causes import LEVEL, SAME
from .numbers import exact
from .setup import Setup

MOST = 2000  # observations: mistakes are computed from n x n matrices


def bases(base: Base, setup: Setup) -> Iterator[Base]:
    """The numbers of a fit as each mistake would tell them."""
    if base.n is None or base.n > MOST:
        return
    case = problem(base, setup)
    for mistake in MISTAKES:
        if LEVEL in mistake.levels and mistake.name not in SAME:
            for numbers in (told(values, case) for values in answers(mistake, case)):
                changed = base.account.with_numbers(base.account.numbers | numbers)
                yield Base(changed, base.fit, base.traits | {trait(mistake)})


def trait(mistake: Mistake) -> Trait:
    """A mistake."""
    return Trait("mistake", mistake.name, mistake.name, f"is as if: {mistake.says[:-1]}")


def problem(base: Base, setup: Setup) -> Case:
    """The case of a fit: what the mistakes begin with."""
    fit = base.fit
    assert fit is not None
    theta = fit.theta.to_numpy(dtype=float)
    model = Model("", "", "", setup.formula, fit.reml, setup.weights)
    case = Case(model, LEVEL, fit.design, theta, {})
    return Case(model, LEVEL, fit.design, theta, fitted_parameters(case.right, theta))


def answers(mistake: Mistake, case: Case) -> Sequence[Mapping[str, Any]]:
    """What a mistake answers; nothing without the data set or the inverse that it needs."""
    try:
        return answer(mistake, case)
    except (TableError, np.linalg.LinAlgError):
        return []


def told(values: Mapping[str, Any], case: Case) -> Numbers:
    """The quantities of SPEC section 3 under the keys of accounts."""
    numbers: Numbers = {}
    if "criterion" in values:
        numbers["criterion",] = exact(values["criterion"])
        numbers["loglik",] = exact(-0.5 * values["criterion"])
    if "loglik" in values:
        numbers["loglik",] = exact(values["loglik"])
        numbers["criterion",] = exact(-2 * values["loglik"])
    if "dispersion" in values:
        numbers["sigma",] = exact(np.sqrt(values["dispersion"]))
    if "sigma" in values:
        numbers["sigma",] = exact(values["sigma"])
    keys: dict[str, list[Key]] = {
        "beta": [("beta", name) for name in case.design.names],
        "sd": [("sd", t.group, e) for t in case.design.terms for e in t.effects],
        "corr": list(correlations(case)),
    }
    for quantity, names in keys.items():
        if quantity in values and np.size(values[quantity]) == len(names):
            pairs = zip(names, np.ravel(values[quantity]), strict=True)
            numbers |= {name: exact(value) for name, value in pairs}
    return numbers


def correlations(case: Case) -> Iterator[tuple[str, ...]]:
    """The keys of correlations, in the order of SPEC section 3."""
    for term in case.design.terms:
        for i, j in zip(*entries(term.k), strict=True):
            if i > j:
                yield "corr", term.group, term.effects[j], term.effects[i]
