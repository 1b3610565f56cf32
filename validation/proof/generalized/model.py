"""A generalized linear mixed model at its parameters, from exact numbers.

    eta = offset + X beta + Z Lambda u,    u ~ N(0, I),    theta in absolute units   (eq:glmm)
psi = (beta, theta, log dispersion); its numbers are balls, or power series of balls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, Protocol, Self

from flint import arb

from ..matrices import Number, ball
from .families import Family

Vector = list[Any]


class RandomTerm(Protocol):
    """One random term."""

    @property
    def x(self) -> Any:
        """(n, k): the effects in each row."""
        ...

    @property
    def codes(self) -> Any:
        """(n,): the level of each row."""
        ...

    @property
    def k(self) -> int:
        """Effects a level."""
        ...

    @property
    def levels(self) -> Sequence[str]:
        """Their labels."""
        ...


class Entry(NamedTuple):
    """A place in theta: row and column of a factor (K, K) of all terms."""

    term: int
    row: int
    column: int


@dataclass(frozen=True)
class Generalized:
    """The model; X (n, p), offset (n,)."""

    family: Family
    X: Sequence[Vector]
    offset: Vector
    terms: Sequence[RandomTerm]
    dialect: str = "observed"  # of the weights in the determinant

    @cached_property
    def rows(self) -> list[list[tuple[int, arb]]]:
        """What is not zero in each row of X, with its column."""
        return [[(k, ball(x)) for k, x in enumerate(row) if x != 0] for row in self.X]

    @cached_property
    def z(self) -> list[list[arb]]:
        """(n, K): the effects of all terms in each row."""
        return [[ball(v) for t in self.terms for v in t.x[i]] for i in range(self.n)]

    @cached_property
    def places(self) -> list[list[int]]:
        """(n, K): columns of Z."""
        return [
            [start + t.codes[i] * t.k + r for t, start in zip(self.terms, self.starts, strict=True)
             for r in range(t.k)]
            for i in range(self.n)
        ]  # fmt: skip

    @cached_property
    def starts(self) -> list[int]:
        """The first column of Z of each term."""
        ends = [t.k * len(t.levels) for t in self.terms]
        return [sum(ends[:t]) for t in range(len(ends))]

    @cached_property
    def entries(self) -> list[Entry]:
        """(m,): lower triangles, term by term, column by column.  eq:theta"""
        found, first = [], 0
        for t, term in enumerate(self.terms):
            inside = range(first, first + term.k)
            found += [Entry(t, i, j) for j in inside for i in inside if i >= j]
            first += term.k
        return found

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.X)

    @property
    def p(self) -> int:
        """Fixed effects."""
        return len(self.X[0])

    @property
    def K(self) -> int:
        """Effects of all terms at a level each."""
        return sum(t.k for t in self.terms)

    @property
    def q(self) -> int:
        """Random effects."""
        return sum(t.k * len(t.levels) for t in self.terms)

    @property
    def d(self) -> int:
        """Parameters."""
        return self.p + len(self.entries) + self.family.has_dispersion

    @property
    def is_scalar(self) -> bool:
        """Whether there is one random term, of one effect a level."""
        return self.K == 1

    @cached_property
    def by_level(self) -> list[list[int]]:
        """The rows of each level of the only term."""
        found: list[list[int]] = [[] for _ in self.terms[0].levels]
        for i, code in enumerate(self.terms[0].codes):
            found[code].append(i)
        return [rows for rows in found if rows]

    def at(self, psi: Vector) -> At:
        """The model at its parameters."""
        p, m = self.p, len(self.entries)
        lam = psi[p + m] if self.family.has_dispersion else arb(0)
        return At(self, psi[:p], psi[p : p + m], lam)


@dataclass(frozen=True)
class At:
    """A model at beta (p,), theta (m,) and the log of the dispersion."""

    model: Generalized
    beta: Vector
    theta: Vector
    lam: Number

    @property
    def psi(self) -> Vector:
        """All parameters."""
        return [*self.beta, *self.theta, *([self.lam] if self.model.family.has_dispersion else [])]

    @property
    def middle(self) -> Self:
        """The same at the middles of balls."""
        beta, theta = ([x.mid() for x in part] for part in (self.beta, self.theta))
        return replace(self, beta=beta, theta=theta, lam=self.lam.mid())

    @cached_property
    def fixed(self) -> Vector:
        """(n,): offset + X beta."""
        pairs = zip(self.model.rows, self.model.offset, strict=True)
        return [sum((x * self.beta[k] for k, x in row), ball(o)) for row, o in pairs]

    @cached_property
    def a(self) -> list[Vector]:
        """(n, K): the rows of Z Lambda."""
        return [self.loaded(z) for z in self.model.z]

    def loaded(self, z: Vector) -> Vector:
        """z Lambda, of a row z (K,)."""
        a: Vector = [arb(0)] * len(z)
        for (_, i, j), value in zip(self.model.entries, self.theta, strict=True):
            a[j] = a[j] + z[i] * value
        return a

    def etas(self, u: Vector) -> Vector:
        """(n,): offset + X beta + Z Lambda u."""
        rows = zip(self.fixed, self.a, self.model.places, strict=True)
        return [sum((x * u[c] for x, c in zip(a, at, strict=True)), eta) for eta, a, at in rows]

    @cached_property
    def family(self) -> Family:
        """At the dispersion."""
        return self.model.family.given(self.lam)
