"""The criterion with the largest grouping factor eliminated, level by level.

V0 = V1 + Z2 T2 Z2', where V1 = W^-1 + Z1 T1 Z1' has a block for each level of that factor.  All
products in the metric of V1^-1 come from small systems, one a level; what is left is penalized
least squares in that metric, with the other random effects and X (eq:normal-equations).
T1 = Lambda1 Lambda1' may be singular: nothing here is divided by it.  Factors in which that one
lies are eliminated after it (`nested`); V1 is then of all of these, and Z2 has other columns.

Everything takes one theta (m,) or many (b, m), of one response or of one each
(`route.with_responses`): then each array has an axis more, the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..covariance import layout
from ..evaluation import profiled
from ..linalg import Array, cholesky, logdet, solve_lower, solve_upper
from .crossproducts import CrossProducts
from .levels import Tall, by_level, gram, inverse_and_logdet_of, times, turned
from .nested import Stage, shared, stages


@dataclass(frozen=True)
class Eliminated:
    """The model at one theta.  R = r + p: the other random effects, and X."""

    products: CrossProducts
    reml: bool
    Lambda: Array  # (K, K)  of one level of each term
    T1: Array  # (k, k)  of the eliminated factor, its terms side by side
    levels_logdet: Array  # ()  of all I + R T1 R', and those of the other eliminated factors
    inverse: Array  # (G, k, k)  of all I + R T1 R' of the first
    Hb: Tall  # (G k, R + 1)  the inverse times b
    S: Array  # (R + 1, R + 1)  [Z2 X y]'V1^-1 [Z2 X y]
    L: Array  # (R, R)  of the penalized system
    c: Array  # (R, 1)  L^-1 times its right side
    pwrss: Array  # ()
    stages: list[Stage]  # of each such factor

    @property
    def Rt(self) -> Array:
        """(G, k, k): R'."""
        return turned(self.products.R)

    @cached_property
    def E(self) -> Array:
        """(G, k, k): Z1'V1^-1 Z1, its blocks, V1 of the first factor alone.  eq:eliminated-solve"""
        return by_level(by_level(self.Rt, self.inverse), self.products.R)

    @cached_property
    def D(self) -> Tall:
        """(G k, R + 1): Z1'V1^-1 [Z2 X y].  eq:eliminated-solve"""
        return times(self.Rt, self.Hb)

    @cached_property
    def beside(self) -> list[Array]:
        """(G, k, l): Z1'V1^-1 Z of each factor in which the first lies."""
        half = by_level(self.Rt, self.inverse)
        return [by_level(half, B) for B in self.products.beside]

    @property
    def criterion(self) -> Array:
        """-2 log-likelihood, beta and sigma at their best.  eq:eliminated-criterion"""
        design, r = self.products.design, self.products.r
        logdet_V0 = self.levels_logdet - self.products.weights_logdet + logdet(self.L[..., :r, :r])
        return profiled(design, logdet_V0, logdet(self.L[..., r:, r:]), self.pwrss, self.reml)

    @cached_property
    def coefficients(self) -> Array:
        """(R, 1): the other random effects, gamma, and beta.  eq:back-solve"""
        spherical = turned(solve_upper(self.L, self.c))  # (1, R)
        return turned(scaled(self.products, turned(self.Lambda), spherical))

    @property
    def beta(self) -> Array:
        """(p,)."""
        return self.coefficients[..., self.products.r :, 0]

    @property
    def beta_cov(self) -> Array:
        """(p, p): Cov(beta) / sigma^2.  eq:vcov"""
        inverse = inverse_of(self.L[..., self.products.r :, self.products.r :])  # (p, p)
        return turned(inverse) @ inverse


def solve(products: CrossProducts, theta: Array, reml: bool = True) -> Eliminated:
    """The small systems of each level, then the penalized one."""
    Lambda = layout(products.design).factor(theta)
    Lambda1, *factors = [Lambda[..., e[:, None], e] for e in products.own]  # (k, k)
    T1 = Lambda1 @ turned(Lambda1)  # (k, k)
    R, b, r = products.R, products.b, products.r
    J = by_level(R, Lambda1[..., None, :, :])  # (G, k, k)
    inverse, logdets = inverse_and_logdet_of(J)  # (G, k, k)  eq:eliminated-det
    Hb = times(inverse, b)  # (G k, R + 1)
    S = products.C + gram(b, Hb)  # (R + 1, R + 1)  eq:eliminated-rest
    S, higher = again(products, factors, inverse, Hb, S)
    S = (S + turned(S)) / 2
    M = scaled(products, Lambda, S)
    M = scaled(products, Lambda, turned(M))  # (R + 1, R + 1)
    M[..., range(r), range(r)] += 1.0
    L = cholesky(M[..., :-1, :-1])  # (R, R)  eq:eliminated-factor
    c = solve_lower(L, M[..., :-1, -1:])  # (R, 1)
    pwrss = M[..., -1, -1] - (c**2).sum(axis=(-1, -2))
    height = logdets.sum(axis=-1) + sum(stage.logdet for stage in higher)
    return Eliminated(products, reml, Lambda, T1, height, inverse, Hb, S, L, c, pwrss, higher)


def again(
    products: CrossProducts, factors: list[Array], inverse: Array, Hb: Tall, S: Array
) -> tuple[Array, list[Stage]]:
    """S, and the factors in which the first lies, these eliminated.  eq:nested-left"""
    if not factors:
        return S, []
    B = products.beside
    rows = shared(products.tree, 0, products.above, B, [by_level(inverse, b) for b in B], Hb)
    return stages(products.tree, rows, factors, S)


def inverse_of(L: Array) -> Array:
    """L^-1 of a lower triangle (..., any, any)."""
    return solve_lower(L, np.broadcast_to(np.eye(L.shape[-1]), L.shape))


def scaled(products: CrossProducts, Lambda: Array, M: Array) -> Array:
    """M (..., any, R or R + 1) with the columns of the other random effects times their Lambda."""
    out = M.copy()
    for here, places in zip(products.others, products.places, strict=True):
        columns = slice(places[0, 0], places[-1, -1] + 1)
        factor = Lambda[..., None, here, here]  # (1, k, k)
        part = M[..., columns].reshape(*M.shape[:-1], *places.shape)
        out[..., columns] = by_level(part, factor).reshape(*M.shape[:-1], places.size)
    return out
