"""What mistakes about a generalized model would answer: the suite's near misses, of any data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from refmixed.glm.families import Gamma

from ...mistakes import MISTAKES
from ...mistakes.generalized_problem import GeneralizedCase, told
from ...models import GeneralizedModel
from ..base import Base
from ..causes import GENERALIZED_LEVEL, GENERALIZED_SAME
from ..near_misses import MOST, answers, trait
from ..near_misses import told as under
from .dimensions import LAPLACE
from .setup import GeneralizedSetup


def bases(base: Base, setup: GeneralizedSetup) -> Iterator[Base]:
    """The numbers of a fit as each mistake would tell them."""
    if base.n is None or base.n > MOST:
        return
    case = problem(base, setup)
    for mistake in MISTAKES:
        if GENERALIZED_LEVEL in mistake.levels and mistake.name not in GENERALIZED_SAME:
            for numbers in (under(values, case) for values in answers(mistake, case)):
                changed = base.account.with_numbers(base.account.numbers | numbers)
                yield replace(base, account=changed, traits=base.traits | {trait(mistake)})


def problem(base: Base, setup: GeneralizedSetup) -> GeneralizedCase:
    """The case of a fit by Laplace's approximation: what the mistakes begin with."""
    fit = base.generalized
    assert fit is not None
    model = GeneralizedModel(
        "", "", "", setup.formula, (), fit.family, fit.link, trials(base), None, LAPLACE.lower(), 1,
        fit.model.dialect,
    )  # fmt: skip
    truth = told(GENERALIZED_LEVEL, fit)
    has_dispersion = isinstance(fit.model.family, Gamma)
    truth = truth if has_dispersion else {k: v for k, v in truth.items() if k != "dispersion"}
    theta = fit.theta.to_numpy(dtype=float)
    return GeneralizedCase(
        model, GENERALIZED_LEVEL, fit.design, theta, truth, own=fit.model, psi=fit.psi
    )


def trials(base: Base) -> str | None:
    """Something where there is more than one trial a row."""
    fit = base.generalized
    return "trials" if fit is not None and (fit.design.weights > 1).any() else None
