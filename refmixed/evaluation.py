"""What a route computes at one theta: the criterion, and the pieces of its derivatives.

P = V0^-1 - V0^-1 X (X' V0^-1 X)^-1 X' V0^-1, with V0 = Cov(y) / sigma^2, and
T = Lambda Lambda' = Cov(gamma) / sigma^2.  T repeats, for each term, one (k, k) block at every
level; derivatives need sums over levels alone, a few small arrays a term and a pair of terms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain
from typing import Any, Protocol

import numpy as np
from scipy.linalg import block_diag

from .covariance import factors
from .design import Design
from .linalg import Array

Pairs = list[list[Array]]  # for each two terms


@dataclass(frozen=True)
class Evaluation:
    """The model at one theta.  Lists have an element for each term.

    With the blocks C_ij and A_ij of level i of one term and level j of another, and D_s and D_t
    directions of their covariances: sum_ij tr(C_ji D_s C_ij D_t) = vec(D_s)' spread[s][t] vec(D_t),
    and sum_ij a_i' D_s A_ij D_t a_j = vec(D_s)' bend[s][t] vec(D_t).  Of an evaluation that came
    out of the coordinates of the search these two are empty.
    """

    Lambdas: list[Array]  # (k, k)  the relative factors
    criterion: float  # -2 log-likelihood, beta and sigma profiled out
    pwrss: float  # the residual sum of squares r' V0^-1 r, lme4's pwrss
    beta: Array  # (p,)
    beta_cov: Array  # (p, p)  Cov(beta) / sigma^2
    left_over: Callable[[], Array]  # makes the residuals, of which a search has no need
    a: list[Array]  # (levels, k)   Z'Py
    C: list[Array]  # (k, k)  of Z'PZ for REML, Z'V0^-1Z for ML, the blocks C_ii summed
    spread: Pairs  # (k k, l l)
    bend: Pairs  # (k k, l l)
    dof: int  # n - p for REML, n for ML

    @classmethod
    def of(cls, at: Any, theta: Array) -> Evaluation:
        """What a `Marginal` or a `Penalized` has of these, all of it computed."""
        design, A = at.design, at.A  # (q, q)
        C = A if at.reml else at.ZtV0invZ  # (q, q)
        parts, a = places(design), at.a  # (q,)
        return cls(
            Lambdas=factors(design, theta),
            criterion=at.criterion,
            pwrss=at.pwrss,
            beta=at.beta,
            beta_cov=at.beta_cov,
            left_over=partial(np.asarray, at.residuals),
            a=[a[here] for here in parts],
            C=[C[here[:, :, None], here[:, None, :]].sum(axis=0) for here in parts],
            spread=[[spread(block(C, t, s)) for t in parts] for s in parts],
            bend=[[bend(a[s], block(A, s, t), a[t]) for t in parts] for s in parts],
            dof=design.dof(at.reml),
        )

    @cached_property
    def residuals(self) -> Array:
        """(n,): y - offset - X beta - Z gamma."""
        return self.left_over()

    @property
    def sigma(self) -> float:
        """The residual standard deviation.  eq:sigma"""
        return float(np.sqrt(self.pwrss / self.dof))

    @property
    def is_sound(self) -> bool:
        """Whether theta was not too large for doubles: a criterion, variances, finite pieces."""
        parts = [np.array(self.pwrss), *self.C, *self.a, *chain.from_iterable(self.bend)]
        finite = all(np.isfinite(part).all() for part in parts)
        positive = (np.diag(self.beta_cov) > 0).all()
        return bool(self.criterion < np.inf and finite and positive)

    @property
    def u(self) -> Array:
        """(q,): the spherical random effects, Lambda'Z'Py.  eq:posterior-factor"""
        parts = [(a @ L).ravel() for a, L in zip(self.a, self.Lambdas, strict=True)]
        return np.concatenate([np.zeros(0), *parts])


def places(design: Design) -> list[Array]:
    """Of each term the places (levels, k) of its effects in gamma."""
    starts = np.cumsum([0, *(term.q for term in design.terms)])
    pairs = zip(design.terms, starts, strict=False)
    return [start + np.arange(term.q).reshape(len(term.levels), term.k) for term, start in pairs]


def block(M: Array, rows: Array, columns: Array) -> Array:
    """(levels, k, levels, l): of M (q, q), what is between two terms at such places."""
    return M[np.ix_(rows.ravel(), columns.ravel())].reshape(*rows.shape, *columns.shape)


def spread(C: Array) -> Array:
    """(k k, l l): sum_ij C_ij[a, b] C_ij[d, c] at [b c, d a], of C (levels, l, levels, k)."""
    rows, columns = C.shape[1], C.shape[3]
    flat = C.transpose(1, 3, 0, 2).reshape(rows * columns, -1)  # (a b, i j)
    sums = (flat @ flat.T).reshape(rows, columns, rows, columns)  # (a, b, d, c)
    return sums.transpose(1, 3, 2, 0).reshape(columns**2, rows**2)


def bend(left: Array, A: Array, right: Array) -> Array:
    """(k k, l l): sum_ij left_i[a] A_ij[b, c] right_j[d] at [a b, c d].

    left (levels, k).  A (levels, k, levels, l).  right (levels, l).
    """
    moved = np.tensordot(A, right, ((2,), (0,)))  # (levels, k, l, l)
    sums = np.tensordot(left, moved, ((0,), (0,)))  # (k, k, l, l)
    return sums.reshape(left.shape[1] ** 2, right.shape[1] ** 2)


class Posterior(Protocol):
    """Mean and covariance of the random effects given y, the latter over sigma^2."""

    @property
    def gamma(self) -> Array:
        """(q,)."""
        ...

    def at_levels(self, group: str, places: Array) -> Array:
        """(levels, k, k): the covariance of the effects of each level, at places (levels, k)."""
        ...

    def moved(self, design: Design, matrices: list[Array], size: float) -> Posterior:
        """The same of size times B gamma, B with a (k, k) matrix at each level of a term."""
        ...


@dataclass(frozen=True)
class DensePosterior:
    """The whole covariance."""

    gamma: Array  # (q,)
    gamma_cov: Array  # (q, q)

    def at_levels(self, group: str, places: Array) -> Array:
        """(levels, k, k)."""
        return self.gamma_cov[places[:, :, None], places[:, None, :]]

    def moved(self, design: Design, matrices: list[Array], size: float) -> DensePosterior:
        """The same in other coordinates."""
        pairs = zip(design.terms, matrices, strict=True)
        blocks = (np.kron(np.eye(len(term.levels)), matrix) for term, matrix in pairs)
        B = block_diag(np.zeros((0, 0)), *blocks)  # (q, q)
        return DensePosterior(size * (B @ self.gamma), B @ self.gamma_cov @ B.T)


def profiled(
    design: Design, logdet_V0: float, logdet_XVX: float, pwrss: float, reml: bool
) -> float:
    """The profiled criterion of its parts.  eq:ml-criterion, eq:reml-criterion"""
    dof = design.dof(reml)
    with np.errstate(divide="ignore"):  # pwrss = 0: the likelihood is unbounded, -inf says so
        fit = dof * (1.0 + np.log(2.0 * np.pi * pwrss / dof))
    return float(logdet_V0 + (logdet_XVX if reml else 0.0) + fit)
