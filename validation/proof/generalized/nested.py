"""The log-likelihood of two nested scalar terms: integrals over products of integrals.

    L_b = integral phi(v / theta_b) / theta_b prod_j I_j(v) dv,   the levels j within b  (eq:nested)
All are by the trapezoidal rule.  Off the line |I_j| is at most exp(sum kappa) times the integral of
the soft densities, so that M follows from the joint mode of these; at the ends the integrand, being
log-concave, falls as fast from node to node as between the last two, or faster.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from flint import acb, arb

from ..matrices import ProofError
from .integral import Integrals, prior, total
from .mode import Mode, gradient, mode
from .model import At, Generalized, RandomTerm, Vector
from .modulus import half_width, soft
from .softened import Softened
from .strip import MOST, SHARES, WIDEST


@dataclass(frozen=True)
class Given(At):
    """A model of the inner term, the outer effects being given: they shift eta (n,)."""

    shift: Vector

    @cached_property
    def fixed(self) -> Vector:
        """(n,): what is given of eta."""
        return [x + s for x, s in zip(super().fixed, self.shift, strict=True)]


@dataclass(frozen=True)
class Nested:
    """The integrals at a joint mode, about which the outer nodes lie."""

    mode: Mode
    digits: int  # of each integral

    @property
    def at(self) -> At:
        """The model."""
        return self.mode.at

    @cached_property
    def within(self) -> list[int]:
        """The outer level of each inner one, the first term's.  Raises ProofError."""
        inner, outer = self.at.model.terms
        found = dict(zip(inner.codes, outer.codes, strict=True))
        if any(found[a] != b for a, b in zip(inner.codes, outer.codes, strict=True)):
            raise ProofError("the levels of the first term do not lie within those of the second")
        return [found[a] for a in range(len(inner.levels))]

    @cached_property
    def inner(self) -> Generalized:
        """The model without its outer term."""
        return replace(self.at.model, terms=self.at.model.terms[:1])

    @property
    def outer(self) -> RandomTerm:
        """The outer term."""
        return self.at.model.terms[1]

    @cached_property
    def places(self) -> list[int]:
        """Of the outer effects in u."""
        return [self.at.model.starts[1] + b for b in range(len(self.outer.levels))]

    @cached_property
    def centres(self) -> Vector:
        """The middle node of each outer level."""
        return [(self.at.theta[1] * self.mode.u[c]).mid() for c in self.places]

    @cached_property
    def spread(self) -> arb:
        """The largest conditional standard deviation of the outer effects."""
        units = ([arb(c == k) for k in range(self.at.model.q)] for c in self.places)
        variances = [self.mode.H.solve(e)[c] for c, e in zip(self.places, units, strict=True)]
        return (self.at.theta[1] * max(variances, key=float).sqrt()).mid()

    @property
    def value(self) -> arb:
        """The log-likelihood."""
        first = self.integrands(self.centres)
        tolerances = [f * self.spread * arb(10) ** -self.digits for f in first]
        step, errors = self.widest_step(tolerances)
        sides = [self.side(first, step * side, tolerances) for side in (-1, 1)]
        levels = zip(first, *sides, errors, strict=True)
        return total(((f + a + b) * step + arb(0, e.upper())).log() for f, a, b, e in levels)

    def integrands(self, v: Vector) -> Vector:
        """phi(v / theta_b) / theta_b prod_j I_j(v), of each outer level."""
        at, model = self.at, self.at.model
        shift = [z[1] * v[b] for z, b in zip(model.z, self.outer.codes, strict=True)]
        here = mode(Given(self.inner, at.beta, at.theta[:1], at.lam, shift))
        logs = [prior(x, at.theta[1]) for x in v]
        inside = Integrals(here, [arb(0)] * self.inner.d, self.digits + 2)
        for rows in self.inner.by_level:
            logs[self.outer.codes[rows[0]]] += inside.integral(rows).log()
        return [log.exp() for log in logs]

    def side(self, first: Vector, step: arb, tolerances: Vector) -> Vector:
        """The sums of all nodes to a side, the first left out.  Raises ProofError."""
        found, last = [arb(0)] * len(first), first
        for k in range(1, MOST):
            now = self.integrands([c + k * step for c in self.centres])
            found = [x + f for x, f in zip(found, now, strict=True)]
            ends = [beyond(a, b) for a, b in zip(last, now, strict=True)]
            bounds = [end * abs(step) for end in ends]
            if all(b < t for b, t in zip(bounds, tolerances, strict=True)):
                return [x + arb(0, end.upper()) for x, end in zip(found, ends, strict=True)]
            last = now
        raise ProofError("the integrand has no end within many nodes")

    def widest_step(self, tolerances: Vector) -> tuple[arb, Vector]:
        """The widest step that any strip allows, and the errors.  eq:trapezoid-error"""
        rows = [abs(z[1]).upper() for z in self.at.model.z]
        widest = min(half_width(self.at.model.family) / max(rows, key=float), WIDEST * self.spread)
        found: list[tuple[arb, Vector]] = []
        for share in SHARES:
            Y = (arb(share) * widest).mid()
            M = self.largest(Y)
            pairs = list(zip(M, tolerances, strict=True))
            steps = [(2 * arb.pi() * Y / (1 + 2 * m / t).log()).lower() for m, t in pairs]
            step = min(steps, key=float)
            found.append((step, [2 * m / (2 * arb.pi() * Y / step).expm1() for m in M]))
        return max(found, key=lambda pair: float(pair[0]))

    def largest(self, Y: arb) -> Vector:
        """M of each outer level: h of the soft densities is strongly convex in v and u together."""
        at, model = self.at, self.at.model
        rows = range(model.n)
        bounds = [
            soft(at.family, i, (abs(model.z[i][1]) * Y).upper(), arb(0), acb(at.lam)) for i in rows
        ]
        softened = replace(model, family=Softened(bounds))
        found = mode(At(softened, at.beta, at.theta, at.lam), self.mode.u)
        u, levels = [x.mid() for x in found.u], [*self.within, *range(len(self.outer.levels))]
        stretch = Y * Y / (at.theta[1] * at.theta[1]) / 2
        logs = [stretch for _ in self.outer.levels]
        for i, eta in zip(rows, found.at.etas(u), strict=True):
            logs[self.outer.codes[i]] += bounds[i].kappa + bounds[i].log(eta)
        for b, x, slope in zip(levels, u, gradient(found.at, u), strict=True):
            logs[b] += (slope * slope - x * x) / 2
        return [log.exp() for log in logs]


def beyond(last: arb, now: arb) -> arb:
    """A bound of what a log-concave sequence sums to after its last two; not finite if it rises."""
    ratio = (now / last).upper()
    return now * ratio / (1 - ratio) if ratio < 1 else arb.pos_inf()
