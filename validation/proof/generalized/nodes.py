"""The log-likelihood by Gauss and Hermite's rule about the mode, of one scalar random term.

    l_j = log c_j + log sum_k w_k exp(z_k^2 / 2 - h_j(u_j + c_j z_k)),   c_j = H_j^-1/2   (eq:agq)
z_k are the zeros of Hermite's polynomial He_N, and w_k = N! / (N He_{N-1}(z_k))^2: they sum to 1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import factorial
from typing import Any

from flint import arb, ctx, fmpz_poly

from ..matrices import Number, ProofError
from .mode import curvature
from .model import At, Vector

Rule = list[tuple[arb, arb]]  # nodes, and weights times exp(z^2 / 2)


def by_nodes(N: int) -> Callable[[At, Vector], Number]:
    """The log-likelihood at a mode by a rule of so many nodes."""
    return lambda at, u: adaptive(gauss_hermite(N, ctx.prec), at, u)


@cache
def gauss_hermite(N: int, bits: int) -> Rule:
    """Nodes enclosed, as simple zeros, where so many bits are worked with.  eq:gauss-hermite"""
    He, before = hermite(N), hermite(N - 1)
    roots: Any = He.complex_roots()  # with multiplicities
    nodes = sorted((z.real for z, _ in roots), key=float)
    weights = [factorial(N) / (N * before(z)) ** 2 for z in nodes]
    return [(z, w * (z * z / 2).exp()) for z, w in zip(nodes, weights, strict=True)]


def hermite(N: int) -> fmpz_poly:
    """He_N = z He_{N-1} - (N - 1) He_{N-2}."""
    last, now = fmpz_poly([0]), fmpz_poly([1])
    for k in range(N):
        last, now = now, fmpz_poly([0, 1]) * now - k * last
    return now


def adaptive(rule: Rule, at: At, u: Vector) -> Number:
    """The log-likelihood.  Raises ProofError where there are more effects than one."""
    if not at.model.is_scalar:
        raise ProofError("a rule of several nodes is for one random term of one effect a level")
    G = curvature(at, u, at.model.dialect)
    levels = at.model.by_level
    return sum((level(rule, at, rows, u, G) for rows in levels), arb(0))


def level(rule: Rule, at: At, rows: list[int], u: Vector, G: list[dict[int, Number]]) -> Number:
    """That of the rows of a level."""
    j = at.model.places[rows[0]][0]
    c, total = G[j][j].rsqrt(), arb(0)
    for z, w in rule:
        U = u[j] + z * c
        fitted = sum((at.family.log(i, at.fixed[i] + at.a[i][0] * U) for i in rows), -U * U / 2)
        total = total + w * fitted.exp()
    return (c * total).log()
