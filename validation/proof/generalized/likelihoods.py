"""The log-likelihoods of which there are proofs, by name: `laplace`, `agq` and `exact`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from flint import arb

from ..matrices import Number, ProofError, symmetric
from .integral import Integrals, Second, total
from .laplace import laplace
from .lines import along
from .mode import Mode
from .model import At, Vector
from .nested import Nested
from .nodes import by_nodes

DIGITS = 45  # of an integral, the likelihood's part of one level
OFF = arb("0.1")  # how far parameters of the polydisc move an eta


class Likelihood(Protocol):
    """A log-likelihood at a mode."""

    def value(self, mode: Mode) -> arb:
        """It."""
        ...

    def second(self, mode: Mode, moving: Sequence[int]) -> Second:
        """With gradient and Hessian in some of the parameters."""
        ...


@dataclass(frozen=True)
class Approximate:
    """One that is known in power series along lines of parameters."""

    by: Callable[[At, Vector], Number]

    def value(self, mode: Mode) -> arb:
        """At the mode."""
        return self.by(mode.at, mode.u)

    def second(self, mode: Mode, moving: Sequence[int]) -> Second:
        """By the lines along each parameter, and between two of them."""

        def line(*towards: int) -> Vector:
            v = [int(k in towards) for k in range(mode.at.model.d)]
            return self.by(*along(mode, v)).coeffs()

        own = [line(k) for k in moving]

        def bend(a: int, b: int) -> arb:
            if a == b:
                return 2 * own[a][2]
            return line(moving[a], moving[b])[2] - own[a][2] - own[b][2]

        return Second(self.value(mode), [c[1] for c in own], symmetric(len(moving), bend))


@dataclass(frozen=True)
class Exact:
    """The likelihood itself, of one scalar random term, or (its value alone) of two nested ones.

    To the first order in theta^2 it is Laplace's with observed weights, which stands for it where
    the variance is zero.
    """

    digits: int = DIGITS

    def value(self, mode: Mode) -> arb:
        """At the mode.  Raises ProofError where there are more effects a row."""
        if [term.k for term in mode.at.model.terms] == [1, 1]:
            return Nested(mode, self.digits).value
        if is_zero(mode):
            return Approximate(laplace).value(mode)
        return Integrals(mode, [arb(0)] * mode.at.model.d, self.digits).value

    def second(self, mode: Mode, moving: Sequence[int]) -> Second:
        """Under the integral.  Raises ProofError where there are more effects a row than one."""
        if is_zero(mode):
            return Approximate(laplace).second(observed(mode), moving)
        found = Integrals(mode, radii(mode), self.digits).second
        bends = symmetric(len(moving), lambda a, b: found.hessian[moving[a], moving[b]])
        return Second(found.value, [found.gradient[k] for k in moving], bends)


def is_zero(mode: Mode) -> bool:
    """Whether the variance is zero.  Raises ProofError where there are more effects than one."""
    if not mode.at.model.is_scalar:
        raise ProofError("this of the exact likelihood is proved of one term of one effect alone")
    return bool(mode.at.theta[0] == 0)


def observed(mode: Mode) -> Mode:
    """The same, of a model with observed weights."""
    model = replace(mode.at.model, dialect="observed")
    return replace(mode, at=replace(mode.at, model=model))


def radii(mode: Mode) -> Vector:
    """(d,): of a polydisc in which no eta moves far, the less the more its level tells of it."""
    model, at = mode.at.model, mode.at
    largest = [arb(0)] * model.p
    for row in model.rows:
        for k, x in row:
            largest[k] = max(largest[k], abs(x).upper(), key=float)
    weights = [at.family.weight(i, eta, "observed") for i, eta in enumerate(at.etas(mode.u))]
    levels = [total(weights[i] for i in rows) for rows in model.by_level]
    off = min(OFF, 1 / max(levels, key=float).upper(), key=float)
    of_beta = [(off / (model.d * x)).lower() for x in largest]
    return [*of_beta, (OFF * at.theta[0]).lower(), *[off.lower()] * model.family.has_dispersion]


def likelihood(name: str, nodes: int = 1) -> Likelihood:
    """One by its name, `agq` with so many nodes.  Raises ProofError for another name."""
    if name == "laplace":
        return Approximate(laplace)
    if name == "agq":
        return Approximate(by_nodes(nodes))
    if name == "exact":
        return Exact()
    raise ProofError(f"nothing is proved of the likelihood {name!r}")
