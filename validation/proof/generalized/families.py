"""log f(y | eta) of a row, and its slopes in eta: in balls, or in power series of balls.

eta is an arb or an arb_series, and so is the log of the dispersion: the same lines run on either.
eq:glm-density
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import comb
from typing import Any, ClassVar, Protocol

from flint import arb

from ..matrices import Number, ProofError, ball
from .links import LINKS, Function, Link


class Family(Protocol):
    """The law of the rows' responses."""

    has_dispersion: ClassVar[bool]

    def given(self, lam: Number) -> Family:
        """The same at a log of the dispersion, where there is one."""
        ...

    def log(self, i: int, eta: Number) -> Number:
        """log f of row i."""
        ...

    def score(self, i: int, eta: Number) -> Number:
        """Its slope in eta."""
        ...

    def weight(self, i: int, eta: Number, dialect: str) -> Number:
        """Minus its second derivative, `observed`, or the mean of that, `expected`."""
        ...


@dataclass(frozen=True)
class Binomial:
    """Successes of trials."""

    link: Link
    successes: Sequence[int]
    trials: Sequence[int]
    has_dispersion: ClassVar[bool] = False

    def given(self, lam: Number) -> Binomial:
        """There is none."""
        return self

    @cached_property
    def constants(self) -> list[arb]:
        """The logarithms of the binomial coefficients."""
        pairs = zip(self.trials, self.successes, strict=True)
        return [arb(comb(m, s)).log() for m, s in pairs]

    def both(self, i: int, yes: Function, no: Function, eta: Number) -> Number:
        """s yes(eta) + (m - s) no(eta)."""
        s, m = self.successes[i], self.trials[i]
        parts = [k * part(eta) for k, part in ((s, yes), (m - s, no)) if k]
        return parts[0] + parts[1] if len(parts) == 2 else parts[0]

    def log(self, i: int, eta: Number) -> Number:
        """log f."""
        return self.both(i, self.link.yes, self.link.no, eta) + self.constants[i]

    def score(self, i: int, eta: Number) -> Number:
        """Its slope."""
        return self.both(i, self.link.up, self.link.down, eta)

    def weight(self, i: int, eta: Number, dialect: str) -> Number:
        """The mean is m p'^2 / (p (1 - p)).  eq:expected-weight"""
        if dialect == "expected":
            return -self.trials[i] * self.link.up(eta) * self.link.down(eta)
        return -self.both(i, self.link.up_bends, self.link.down_bends, eta)


@dataclass(frozen=True)
class Poisson:
    """Counts, each so many times as its weight says; the link is the logarithm."""

    counts: Sequence[int]
    weights: Sequence[arb]
    has_dispersion: ClassVar[bool] = False

    def given(self, lam: Number) -> Poisson:
        """There is none."""
        return self

    def log(self, i: int, eta: Number) -> Number:
        """log f."""
        y = self.counts[i]
        return self.weights[i] * (y * eta - eta.exp() - arb(y + 1).lgamma())

    def score(self, i: int, eta: Number) -> Number:
        """Its slope."""
        return self.weights[i] * (self.counts[i] - eta.exp())

    def weight(self, i: int, eta: Number, dialect: str) -> Number:
        """The mean: the link is canonical."""
        return self.weights[i] * eta.exp()


@dataclass(frozen=True)
class Gamma:
    """Positive y of mean exp(eta) and variance exp(lam) mean^2 / weight."""

    y: Sequence[arb]
    weights: Sequence[arb]
    lam: Number = field(default_factory=lambda: arb(0))
    has_dispersion: ClassVar[bool] = True

    def given(self, lam: Number) -> Gamma:
        """At the log of the dispersion."""
        return replace(self, lam=lam)

    @cached_property
    def shapes(self) -> list[Number]:
        """The inverses of the squared coefficients of variation."""
        inverse = (-self.lam).exp()
        return [w * inverse for w in self.weights]

    @cached_property
    def constants(self) -> list[Number]:
        """What does not vary with eta."""
        pairs = zip(self.y, self.shapes, strict=True)
        return [k * k.log() - k.lgamma() + (k - 1) * y.log() for y, k in pairs]

    def log(self, i: int, eta: Number) -> Number:
        """log f."""
        return self.constants[i] - self.shapes[i] * (eta + self.y[i] * (-eta).exp())

    def score(self, i: int, eta: Number) -> Number:
        """Its slope."""
        return self.shapes[i] * (self.y[i] * (-eta).exp() - 1)

    def weight(self, i: int, eta: Number, dialect: str) -> Number:
        """The mean is the shape."""
        k = self.shapes[i]
        return k if dialect == "expected" else k * self.y[i] * (-eta).exp()


def family(name: str, link: str, y: Sequence[Any], weights: Sequence[Any]) -> Family:
    """The family of exact responses y and weights; of a binomial one y are proportions.

    Raises ProofError for responses that the family does not have.
    """
    if name == "binomial":
        successes = [a * w for a, w in zip(y, weights, strict=True)]
        return Binomial(LINKS[link], whole(successes), whole(weights))
    if name == "poisson":
        return Poisson(whole(y), [ball(w) for w in weights])
    if name == "Gamma":
        return Gamma([ball(v) for v in y], [ball(w) for w in weights])
    raise ProofError(f"nothing is proved of the family {name!r}")


def whole(numbers: Sequence[Any]) -> list[int]:
    """Whole numbers.  Raises ProofError where one is not."""
    if any(v != int(v) or v < 0 for v in numbers):
        raise ProofError("successes, trials and counts must be whole numbers, none below zero")
    return [int(v) for v in numbers]
