"""Off the real line: |f(eta + i y)|, |y| <= a bound, is at most exp(kappa) times a soft density.

The soft density is log-concave in the real part x.  eta may also lie within rho of where it is
thought to be, so that all parameters of a polydisc are covered.  eq:strip-modulus
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from flint import acb, arb

from ..matrices import Number, ProofError
from .families import Binomial, Family, Gamma, Poisson


class Soft(NamedTuple):
    """kappa, and the logarithm of the soft density at x, an arb or an arb_series."""

    kappa: arb
    log: Callable[[Number], Number]


class Strip(NamedTuple):
    """|p(x + i y)| <= exp(yes) p(x), |1 - p| <= exp(no) (1 - p)^slower."""

    yes: arb
    no: arb
    slower: arb


def half_width(family: Family) -> arb:
    """|y| below which there is a bound."""
    if isinstance(family, Binomial) and family.link.name == "probit":
        return arb(1000)
    if isinstance(family, Binomial) and family.link.name == "logit":
        return arb.pi()
    return arb.pi() / 2


def soft(family: Family, i: int, y: arb, rho: arb, lam: acb) -> Soft:
    """That of row i, for a bound y of the imaginary part; lam is a box of log dispersions."""
    if isinstance(family, Binomial):
        return binomial(family, i, y, rho)
    if isinstance(family, Poisson):
        return poisson(family, i, y, rho)
    if isinstance(family, Gamma):
        return gamma(family, i, y, rho, lam)
    raise ProofError("of this family no bound off the real line is known")


def binomial(family: Binomial, i: int, y: arb, rho: arb) -> Soft:
    """p rises and 1 - p falls, so that each is taken where it is largest."""
    s, link = family.successes[i], family.link
    f = family.trials[i] - s
    yes, no, slower = STRIPS[link.name](y)

    def log(x: Number) -> Number:
        found = x * 0
        if s:
            found = found + s * link.yes(x + rho)
        return found + slower * f * link.no(x - rho) if f else found

    return Soft(family.constants[i] + s * yes + f * no, log)


def logit_strip(y: arb) -> Strip:
    """|1 + exp(x + i y)| >= cos(y / 2) (1 + exp(x)).  eq:strip-logit"""
    both = -(y / 2).cos().log()
    return Strip(both, both, arb(1))


def probit_strip(y: arb) -> Strip:
    """The density's modulus at t + i y is exp(y^2 / 2) times that at t.  eq:strip-probit"""
    return Strip(y * y / 2, y * y / 2, arb(1))


def cloglog_strip(y: arb) -> Strip:
    """|1 - exp(-w)| <= |w| (1 - exp(-Re w)) / Re w.  eq:strip-cloglog"""
    return Strip(-y.cos().log(), arb(0), y.cos())


STRIPS = {"logit": logit_strip, "probit": probit_strip, "cloglog": cloglog_strip}


def poisson(family: Poisson, i: int, y: arb, rho: arb) -> Soft:
    """exp(-exp(x + i y)) has the modulus exp(-cos(y) exp(x))."""
    w, count = family.weights[i], family.counts[i]

    def log(x: Number) -> Number:
        return w * (count * (x + rho) - y.cos() * (x - rho).exp())

    return Soft(-w * arb(count + 1).lgamma(), log)


def gamma(family: Gamma, i: int, y: arb, rho: arb, lam: acb) -> Soft:
    """With the shape k in a box, and g = eta + Y exp(-eta): Re -k g <= -Re k Re g + |Im k Im g|.

    Re g is at least x - rho + c Y exp(-x - rho), from which its minimum is taken first.
    """
    Y = family.y[i]
    k = acb(family.weights[i]) * (-lam).exp()
    least, turned = k.real.lower(), abs(k.imag).upper()
    if not least > 0:
        raise ProofError("a shape is not proved to be positive")
    c = y.cos() - turned / least * y.sin()
    lowest = (Y * c).log() - 2 * rho + 1
    constant = (k * k.log() - k.lgamma()).real + (k.real - 1) * Y.log()

    def log(x: Number) -> Number:
        return -least * ((x - rho) + c * Y * (-(x + rho)).exp() - lowest)

    return Soft((constant + turned * y - k.real * lowest).upper(), log)
