"""What a route computes at one theta: the criterion, and the pieces of its derivatives.

P = V0^-1 - V0^-1 X (X' V0^-1 X)^-1 X' V0^-1, with V0 = Cov(y) / sigma^2, and
T = Lambda Lambda' = Cov(gamma) / sigma^2.  T repeats, for each term, one (k, k) block at every
level; derivatives need sums over levels alone, a few small arrays a term and a pair of terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from .covariance import Layout, layout
from .design import Design
from .linalg import Array

Forms = tuple[Array, Array]  # spread (N, N) and bend (N, N)


@dataclass(frozen=True)
class Evaluation:
    """The model at one theta, or at many, a row each: then all but `a` has an axis more, the first.

    Of the effects of all terms, K a level, in N pairs of effects of one term (`covariance.Layout`).
    With the blocks C_ij and A_ij of level i of one term and level j of another, and D and D'
    directions of T: sum_ij tr(C_ji D C_ij D') = pairs(D)' spread pairs(D'), and
    sum_ij a_i' D A_ij D' a_j = pairs(D)' bend pairs(D').  Of an evaluation that came out of the
    coordinates of the search these two are empty.
    """

    layout: Layout
    Lambda: Array  # (K, K)  the relative factor of one level of each term
    criterion: Any  # -2 log-likelihood, beta and sigma profiled out
    pwrss: Any  # the residual sum of squares r' V0^-1 r, lme4's pwrss
    beta: Array  # (p,)
    beta_cov: Array  # (p, p)  Cov(beta) / sigma^2
    left_over: Callable[[], Array]  # makes the residuals, of which a search has no need
    a: list[Array]  # (levels, k) of each term: Z'Py
    aa: Array  # (K, K)  a'a of each term
    C: Array  # (K, K)  of Z'PZ for REML, Z'V0^-1Z for ML, the blocks C_ii summed
    forms: Callable[[], Forms]  # has them, or makes them when first asked for
    dof: int  # n - p for REML, n for ML

    @classmethod
    def of(cls, at: Any, theta: Array) -> Evaluation:
        """What a `Marginal` or a `Penalized` has of these, all of it computed."""
        design, A = at.design, at.A  # (q, q)
        C = A if at.reml else at.ZtV0invZ  # (q, q)
        known, parts, gamma_like = layout(design), places(design), at.a  # (q,)
        a = [gamma_like[here] for here in parts]
        own = [C[here[:, :, None], here[:, None, :]].sum(axis=0) for here in parts]
        return cls(
            layout=known,
            Lambda=known.factor(theta),
            criterion=at.criterion,
            pwrss=at.pwrss,
            beta=at.beta,
            beta_cov=at.beta_cov,
            left_over=partial(np.asarray, at.residuals),
            a=a,
            aa=diagonal(one.T @ one for one in a),
            C=diagonal(own),
            forms=partial(
                both,
                side_by_side([[spread(block(C, t, s)) for t in parts] for s in parts]),
                side_by_side(
                    [
                        [bend(a[s], block(A, p, q), a[t]) for t, q in enumerate(parts)]
                        for s, p in enumerate(parts)
                    ]
                ),
            ),
            dof=design.dof(at.reml),
        )

    @property
    def spread(self) -> Array:
        """(N, N)."""
        return self.forms()[0]

    @property
    def bend(self) -> Array:
        """(N, N)."""
        return self.forms()[1]

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
        parts = [np.array(self.pwrss), self.C, self.aa, self.bend]
        finite = all(np.isfinite(part).all() for part in parts)
        positive = (np.diag(self.beta_cov) > 0).all()
        return bool(self.criterion < np.inf and finite and positive)

    @property
    def u(self) -> Array:
        """(q,): the spherical random effects, Lambda'Z'Py.  eq:posterior-factor"""
        factors = self.layout.blocks(self.Lambda)
        parts = [(a @ Lambda).ravel() for a, Lambda in zip(self.a, factors, strict=True)]
        return np.concatenate([np.zeros(0), *parts])


def places(design: Design) -> list[Array]:
    """Of each term the places (levels, k) of its effects in gamma."""
    starts = np.cumsum([0, *(term.q for term in design.terms)])
    pairs = zip(design.terms, starts, strict=False)
    return [start + np.arange(term.q).reshape(len(term.levels), term.k) for term, start in pairs]


def diagonal(blocks: Iterable[Array]) -> Array:
    """(K, K): blocks (k, k) of the terms on a diagonal."""
    blocks = list(blocks)
    ends = np.cumsum([0, *(one.shape[-1] for one in blocks)])
    shape = *(blocks[0].shape[:-2] if blocks else ()), ends[-1], ends[-1]
    whole = np.zeros(shape, dtype=np.result_type(0.0, *blocks))
    for one, start, end in zip(blocks, ends, ends[1:], strict=False):
        whole[..., start:end, start:end] = one
    return whole


def both(spread: Array, bend: Array) -> Forms:
    """Forms that are there."""
    return spread, bend


def side_by_side(forms: list[list[Array]]) -> Array:
    """(N, N): forms (k k, l l) of each two terms."""
    return np.block(forms) if forms else np.zeros((0, 0))


def block(M: Array, rows: Array, columns: Array) -> Array:
    """(levels, k, levels, l): of M (q, q), what is between two terms at such places."""
    return M[np.ix_(rows.ravel(), columns.ravel())].reshape(*rows.shape, *columns.shape)


def spread(C: Array) -> Array:
    """(k k, l l): sum_ij C_ij[a, b] C_ij[d, c] at [b c, d a], of C (levels, l, levels, k)."""
    rows, columns = C.shape[-3], C.shape[-1]
    moved = np.moveaxis(C, (-3, -1), (-4, -3))  # (l, k, levels, levels)
    flat = moved.reshape(*C.shape[:-4], rows * columns, -1)  # (a b, i j)
    sums = (flat @ flat.swapaxes(-1, -2)).reshape(*C.shape[:-4], rows, columns, rows, columns)
    turned = np.moveaxis(sums, (-3, -1, -2, -4), (-4, -3, -2, -1))  # a, b, d, c -> b, c, d, a
    return turned.reshape(*C.shape[:-4], columns**2, rows**2)


def bend(left: Array, A: Array, right: Array) -> Array:
    """(k k, l l): sum_ij left_i[a] A_ij[b, c] right_j[d] at [a b, c d].

    left (levels, k).  A (levels, k, levels, l).  right (levels, l).
    """
    k, l_ = left.shape[-1], right.shape[-1]
    outer = A.shape[:-4]
    moved = A.swapaxes(-1, -2) @ right[..., None, None, :, :]  # (levels, k, l, l)
    flat = moved.reshape(*outer, left.shape[-2], k * l_ * l_)
    return (left.swapaxes(-1, -2) @ flat).reshape(*outer, k * k, l_ * l_)


def log_weights(design: Design) -> float:
    """The logarithms of all weights, summed: those of rows that were left out, too."""
    return float(np.log(design.weights).sum()) + design.log_left


def profiled(design: Design, logdet_V0: Any, logdet_XVX: Any, pwrss: Any, reml: bool) -> Any:
    """The profiled criterion of its parts.  eq:ml-criterion, eq:reml-criterion"""
    dof = design.dof(reml)
    with np.errstate(divide="ignore"):  # pwrss = 0: the likelihood is unbounded, -inf says so
        fit = dof * (1.0 + np.log(2.0 * np.pi * pwrss / dof))
    return logdet_V0 + (logdet_XVX if reml else 0.0) + fit
