"""The mean of the response over the random effects, by a formula or an integral in balls.

    E[g^-1(eta + s Z)],    Z ~ N(0, 1)    (eq:mean-over-effects)
for a row whose linear predictor has the fixed part eta and a random part of the variance s^2.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flint import acb, arb

from ..matrices import total
from .families import Binomial
from .links import logistic
from .model import At, Vector

END = 18  # standard deviations, beyond which there is less than 1e-71 of the normal density
CLOSE = arb("1e-45")  # of the integrals

Inverse = Callable[[acb], acb]


def means(at: At) -> Vector:
    """(n,): the means; of binomial responses those of the proportion of successes."""
    link = at.family.link.name if isinstance(at.family, Binomial) else "log"
    variances = (total((x * x for x in a), arb(0)) for a in at.a)
    return [MEANS[link](eta, s2) for eta, s2 in zip(at.fixed, variances, strict=True)]


def lognormal(eta: arb, s2: arb) -> arb:
    """Of the log link.  eq:marginal-log"""
    return (eta + s2 / 2).exp()


def normal(eta: arb, s2: arb) -> arb:
    """Of the probit link.  eq:marginal-probit"""
    return (-eta / (2 * (1 + s2)).sqrt()).erfc() / 2


def integrated(inverse: Inverse, eta: arb, s2: arb) -> arb:
    """Of any link whose mean is a probability: so small is what lies beyond the ends."""
    s = s2.sqrt()
    within = acb.integral(
        lambda z, _: inverse(eta + s * z) * (-z * z / 2).exp(), -END, END, rel_tol=CLOSE
    )
    beyond = (arb(END) / arb(2).sqrt()).erfc()
    return within.real / (2 * arb.pi()).sqrt() + arb(0, beyond.upper())


def extreme(x: acb) -> acb:
    """1 - exp(-exp(x))."""
    return -(-x.exp()).expm1()


MEANS: dict[str, Callable[[arb, arb], arb]] = {
    "log": lognormal,
    "probit": normal,
    "logit": partial(integrated, logistic),
    "cloglog": partial(integrated, extreme),
}
