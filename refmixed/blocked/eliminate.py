"""The criterion with the largest grouping factor eliminated, level by level.

V0 = V1 + Z2 T2 Z2', where V1 = W^-1 + Z1 T1 Z1' has a block for each level of that factor.  All
products in the metric of V1^-1 come from small systems, one a level; what is left is penalized
least squares in that metric, with the other random effects and X (eq:normal-equations).
T1 = Lambda1 Lambda1' may be singular: nothing here is divided by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import block_diag

from ..covariance import factors
from ..evaluation import profiled
from ..linalg import Array, cholesky, logdet, solve_lower, solve_upper
from .crossproducts import CrossProducts


@dataclass(frozen=True)
class Eliminated:
    """The model at one theta.  R = r + p: the other random effects, and X."""

    products: CrossProducts
    reml: bool
    Lambdas: list[Array]  # (k, k) of each term
    T1: Array  # (k, k)  of the eliminated factor, its terms side by side
    det: Array  # (G,)  of I + R T1 R'
    E: Array  # (G, k, k)  Z1'V1^-1 Z1, the blocks that are not zero
    D: Array  # (G, k, R + 1)  Z1'V1^-1 [Z2 X y]
    S: Array  # (R + 1, R + 1)  [Z2 X y]'V1^-1 [Z2 X y]
    L: Array  # (R, R)  of the penalized system
    c: Array  # (R,)  L^-1 times its right side
    pwrss: float

    @property
    def criterion(self) -> float:
        """-2 log-likelihood, beta and sigma at their best.  eq:eliminated-criterion"""
        design, r = self.products.design, self.products.r
        logdet_V0 = float(np.log(self.det).sum() - np.log(design.weights).sum())
        logdet_V0 += logdet(self.L[:r, :r])
        return profiled(design, logdet_V0, logdet(self.L[r:, r:]), self.pwrss, self.reml)

    @cached_property
    def coefficients(self) -> Array:
        """(R,): u of the other random effects, and beta.  eq:back-solve"""
        return solve_upper(self.L, self.c)

    @property
    def Lambda2(self) -> Array:
        """(r, r): the relative factor of the other random effects."""
        terms = ((self.products.design.terms[t], self.Lambdas[t]) for t in self.products.rest)
        blocks = (np.kron(np.eye(len(term.levels)), Lambda) for term, Lambda in terms)
        return np.asarray(block_diag(np.zeros((0, 0)), *blocks))

    @property
    def beta(self) -> Array:
        """(p,)."""
        return self.coefficients[self.products.r :]

    @property
    def beta_cov(self) -> Array:
        """(p, p): Cov(beta) / sigma^2.  eq:vcov"""
        LX = self.L[self.products.r :, self.products.r :]  # (p, p)
        inverse = solve_lower(LX, np.eye(len(LX)))
        return inverse.T @ inverse


def solve(products: CrossProducts, theta: Array, reml: bool = True) -> Eliminated:
    """The small systems of each level, then the penalized one."""
    Lambdas = factors(products.design, theta)
    Lambda1 = block_diag(*(Lambdas[t] for t in products.first))  # (k, k)
    T1 = Lambda1 @ Lambda1.T  # (k, k)
    k = len(T1)
    R, b = products.R, products.b
    H = np.eye(k) + R @ T1 @ R.transpose(0, 2, 1)  # (G, k, k)
    inverse = np.linalg.inv(H)  # (G, k, k)
    Hb = times(inverse, b)  # (G, k, R + 1)
    E = R.transpose(0, 2, 1) @ inverse @ R  # (G, k, k)  eq:eliminated-solve
    D = times(R.transpose(0, 2, 1), Hb)  # (G, k, R + 1)  eq:eliminated-solve
    S = products.C + flat(b).T @ flat(Hb)  # (R + 1, R + 1)  eq:eliminated-rest
    S = (S + S.T) / 2
    M = scaled(products, Lambdas, scaled(products, Lambdas, S).T)  # (R + 1, R + 1)
    M[np.arange(products.r), np.arange(products.r)] += 1.0
    L = cholesky(M[:-1, :-1])  # (R, R)  eq:eliminated-factor
    c = solve_lower(L, M[:-1, -1])  # (R,)
    pwrss = float(M[-1, -1] - c @ c)
    det = np.linalg.det(H)  # (G,)  eq:eliminated-det
    return Eliminated(products, reml, Lambdas, T1, det, E, D, S, L, c, pwrss)


def times(small: Array, blocks: Array) -> Array:
    """(k, k) or (G, k, k) times (G, k, any); one effect a level needs no product of matrices."""
    return small * blocks if blocks.shape[1] == 1 else small @ blocks


def flat(blocks: Array) -> Array:
    """(G, k, any) -> (G k, any)."""
    return blocks.reshape(blocks.shape[0] * blocks.shape[1], blocks.shape[2])


def scaled(products: CrossProducts, Lambdas: list[Array], M: Array) -> Array:
    """M (any, R + 1) with the columns of the other random effects times their Lambda."""
    out, start = M.copy(), 0
    for t in products.rest:
        size = products.design.terms[t].q
        part = M[..., start : start + size]
        small = part.reshape(*part.shape[:-1], -1, len(Lambdas[t])) @ Lambdas[t]
        out[..., start : start + size] = small.reshape(part.shape)
        start += size
    return out


def criterion(products: CrossProducts, theta: Array, reml: bool = True) -> float:
    """-2 log-likelihood (or restricted likelihood) at theta (m,), beta and sigma at their best."""
    return solve(products, theta, reml).criterion
