"""The model where the other factors have many levels, of which the first ties few: S is sparse.

As in `eliminate` the first factor goes level by level.  The others then go front by front
(`selected`), and X comes last: all from [X y]'V0^-1 [X y] and U = Z'V0^-1 [X y],

    Z'Py = U_y - U_X beta,   Z'PZ = Z'V0^-1Z - U_X Cov(beta) U_X'.

Sums over all pairs of levels would take what is in no front.  But they are derivatives of sums over
levels in T, and a derivative is the imaginary part, over h, of what T + i h D leads to: without a
difference, h can be so small that its square is nothing.  eq:imaginary-part
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..covariance import layout
from ..evaluation import Forms, diagonal, profiled
from ..linalg import Array, cholesky, logdet
from .crossproducts import CrossProducts
from .levels import Tall, apart, by_level, inverse_and_logdet_of, times, turned
from .selected import Selected, select

STEP = 1e-20  # of an imaginary part


@dataclass(frozen=True)
class Sparse:
    """The model at one T (K, K) of one level of each term, which may be complex."""

    products: CrossProducts
    reml: bool
    Lambda: Array  # (K, K); of a complex T without a meaning
    T: Array  # (K, K)
    levels_logdet: float  # of all I + R T1 R'
    inverse: Array  # (G, k, k)  of all I + R T1 R'
    D: Tall  # (G k, R + 1)  Z1'V1^-1 [Z2 X y]
    rest: Selected
    U2: Array  # (r, p + 1)  Z2'V0^-1 [X y]
    moved: Array  # (r, p + 1)  T2 U2
    S: Array  # (p + 1, p + 1)  [X y]'V0^-1 [X y]

    @property
    def T1(self) -> Array:
        """(k, k)."""
        own = self.products.own[0]
        return self.T[own[:, None], own]

    @cached_property
    def coefficients(self) -> Array:
        """(p, 1 + p): beta, and its covariance over sigma^2."""
        p = len(self.S) - 1
        return np.linalg.solve(self.S[:p, :p], np.column_stack([self.S[:p, p:], np.eye(p)]))

    @property
    def beta(self) -> Array:
        """(p,)."""
        return self.coefficients[:, 0]

    @property
    def beta_cov(self) -> Array:
        """(p, p): Cov(beta) / sigma^2.  eq:vcov"""
        return self.coefficients[:, 1:]

    @property
    def pwrss(self) -> Any:
        """The residual sum of squares."""
        return self.S[-1, -1] - self.S[-1, :-1] @ self.beta

    @property
    def criterion(self) -> Any:
        """-2 log-likelihood, beta and sigma at their best.  eq:eliminated-criterion"""
        design, XVX = self.products.design, self.S[:-1, :-1]
        logdet_V0 = self.levels_logdet - self.products.weights_logdet + self.rest.logdet
        return profiled(design, logdet_V0, logdet(cholesky(XVX)), self.pwrss, self.reml)

    @cached_property
    def D2(self) -> Tall:
        """(G k, r): D without X and y."""
        return self.D[:, : self.products.r]

    @cached_property
    def U(self) -> list[Array]:
        """(levels, k, p + 1) of the first factor, then of each other term: Z'V0^-1 [X y]."""
        own = self.D[:, self.products.r :].toarray() - self.D2 @ self.moved
        return [apart(own, len(self.T1)), *(self.U2[here] for here in self.products.places)]

    @cached_property
    def a(self) -> list[Array]:
        """(levels, k): Z'Py of each."""
        contrast = np.append(-self.beta, 1.0)  # (p + 1,)
        return [U @ contrast for U in self.U]

    @property
    def E(self) -> Array:
        """(G, k, k): Z1'V1^-1 Z1, its blocks.  eq:eliminated-solve"""
        R = self.products.R
        return by_level(by_level(turned(R), self.inverse), R)

    def C(self) -> list[Array]:
        """(k, k): the blocks of Z'PZ for REML, of Z'V0^-1Z for ML, summed, of each."""
        k, Q = len(self.T1), self.rest.Q
        rows = [self.D2[a::k] for a in range(k)]  # (G, r) each
        taken = np.array([[Q.multiply(x.T @ y).sum() for y in rows] for x in rows])
        sums = self.rest.sums(len(self.T))
        found = [self.E.sum(axis=0) - taken, *(sums[here, here] for here in self.products.others)]
        if not self.reml:
            return found
        cov, p = self.beta_cov, len(self.beta)
        shares = (np.einsum("lap,pq,lbq->ab", U[..., :p], cov, U[..., :p]) for U in self.U)
        return [C - share for C, share in zip(found, shares, strict=True)]

    def sums(self) -> tuple[Array, Array]:
        """(K, K) each: C and a'a, summed over levels, of each term."""
        parts, C, a = self.products.parts, self.C(), self.a
        own = [a[f][:, effects] for f, effects in parts]
        blocks = [C[f][effects[:, None], effects] for f, effects in parts]
        return diagonal(blocks), diagonal(one.T @ one for one in own)

    def given_y(self, beta_known: bool) -> list[Array]:
        """(G, k, k): of the first factor Cov(gamma_i | y, beta) / sigma^2, or, beta estimated, of
        gamma_i's error.  eq:eliminated-posterior
        """
        T, R, k = self.T1, self.products.R, len(self.T1)
        A = turned(R) @ R  # (G, k, k)
        alone = np.linalg.solve(np.eye(k) + T @ A, np.broadcast_to(T, A.shape))
        found = alone + T @ self.rest.at_levels(self.D2, k) @ T
        return [found if beta_known else found + self.by_beta(T @ self.U[0])]

    def rest_given_y(self, places: Array, beta_known: bool) -> Array:
        """(levels, k, k): the same of another factor, its effects at places among the r."""
        (levels, k), Q = places.shape, self.rest.Q
        rows, columns = places[:, :, None], places[:, None, :]
        pairs = [np.broadcast_to(one, (levels, k, k)).ravel() for one in (rows, columns)]
        found = np.asarray(Q[tuple(pairs)]).reshape(levels, k, k)
        return found if beta_known else found + self.by_beta(self.moved[places])

    def by_beta(self, moved: Array) -> Array:
        """(levels, k, k): the share of beta's error, of T Z'V0^-1 [X y].  eq:blup-error"""
        of_X = moved[..., :-1]
        return of_X @ self.beta_cov @ turned(of_X)

    def forms(self) -> Forms:
        """(N, N) each: spread and bend, made when first asked for."""
        return self.derivatives

    @cached_property
    def derivatives(self) -> Forms:
        """The same, of symmetric directions.  eq:imaginary-part"""
        of, slopes = layout(self.products.design), []
        for unit in of.units:
            T = self.T.astype(complex)
            T[of.left, of.right] += 1j * STEP * unit
            slopes.append([of.pairs(M.imag) / STEP for M in at(self.products, T, self.reml).sums()])
        dual = of.units / of.units.sum(axis=1, keepdims=True)  # (m, N)
        spread, bend = (-turned(np.array(dM)) @ dual for dM in zip(*slopes, strict=True))
        return spread, bend / 2.0


def solve(products: CrossProducts, theta: Array, reml: bool = True) -> Sparse:
    """The model at theta (m,)."""
    Lambda = layout(products.design).factor(theta)
    own = products.own[0]
    J = by_level(products.R, Lambda[own[:, None], own])  # (G, k, k)
    inverse, logdets = inverse_and_logdet_of(J)  # (G, k, k)  eq:eliminated-det
    return eliminated(products, Lambda, Lambda @ Lambda.T, inverse, logdets.sum(), reml)


def at(products: CrossProducts, T: Array, reml: bool) -> Sparse:
    """The model at a complex T (K, K), but for the criterion."""
    R, own = products.R, products.own[0]
    H = np.eye(len(own)) + by_level(by_level(R, T[own[:, None], own]), turned(R))
    inverse = np.linalg.solve(H, np.broadcast_to(np.eye(len(own)), H.shape))
    return eliminated(products, T, T, inverse, 0.0, reml)


def eliminated(
    products: CrossProducts, Lambda: Array, T: Array, inverse: Array, logdet: float, reml: bool
) -> Sparse:
    """The first factor, the others, and what is left of X and y."""
    assert products.fronts is not None
    b, r = products.b, products.r
    Hb = times(inverse, b)  # (G k, R + 1)
    S = (products.C + b.T @ Hb).tocsr()  # (R + 1, R + 1)  eq:eliminated-rest
    rest = select(products.fronts, S[:r, :r], T)
    S2, S = S[:r, r:].toarray(), S[r:, r:].toarray()  # (r, p + 1), (p + 1, p + 1)
    U2, moved = rest.solve(S2)
    S = S - S2.T @ moved
    D = times(turned(products.R), Hb)  # (G k, R + 1)  eq:eliminated-solve
    return Sparse(products, reml, Lambda, T, logdet, inverse, D, rest, U2, moved, (S + S.T) / 2)
