"""The same model in coordinates where the numbers behave.

X is replaced by a basis with X~'WX~ = I, y by its weighted least-squares residual over its root
mean square, and the effects of each term by combinations with x~'Wx~ / n = I.  The likelihood is
the same up to a constant (eq:coordinates), and an origin or a unit, however far off, costs no
digits and no iterations of the optimiser.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

import numpy as np

from .covariance import canonical, factors, flatten, layout
from .design import Design, RandomTerm
from .errors import OptionError
from .evaluation import Evaluation, both, diagonal
from .linalg import EPS, Array, logdet, solve_lower, solve_upper
from .ranef import Posterior

ROUNDED = 1000 * EPS  # relative to what is summed


@dataclass(frozen=True)
class Coordinates:
    """A design in behaved coordinates, and the way back.

    X = X~ LX',  y - offset = X~ c + size y~,  beta = LX'^-1 (c + size beta~);
    x_t = x~_t S_t',  gamma_t = size S_t'^-1 gamma~_t at each level.
    """

    design: Design
    LX: Array  # (p, p) lower
    c: Array  # (p,)  ordinary least squares
    size: float  # root mean square of its residuals
    S: tuple[Array, ...]  # (k, k) lower, one a term
    largest: float  # of y - offset, times the roots of the weights

    def theta_in(self, theta: Array) -> Array:
        """theta of the given model -> theta~."""
        old = factors(self.design, theta)
        return flatten(canonical(S.T @ t) for S, t in zip(self.S, old, strict=True))

    def theta_out(self, theta: Array) -> Array:
        """theta~ -> theta of the given model."""
        old = factors(self.design, theta)
        return flatten(canonical(outward(S, t)) for S, t in zip(self.S, old, strict=True))

    def evaluation_out(self, at: Evaluation, theta: Array, reml: bool) -> Evaluation:
        """The evaluation of the given model at theta (m,), of that of this design at theta~."""
        beta = solve_upper(self.LX, self.c + self.size * at.beta)  # (p,)
        half = solve_upper(self.LX, at.beta_cov)  # (p, p)
        beta_cov = solve_upper(self.LX, half.T)  # (p, p)
        S, none = diagonal(self.S), np.zeros((0, len(at.layout.left)))  # (K, K), (0, N)
        units = 2.0 * at.dof * np.log(self.size) + reml * logdet(self.LX)
        return replace(
            at,
            Lambda=at.layout.factor(theta),
            criterion=at.criterion + units,  # eq:coordinates
            pwrss=self.size**2 * at.pwrss,
            beta=beta,
            beta_cov=(beta_cov + beta_cov.T) / 2,
            left_over=partial(np.multiply, self.size, at.residuals),
            a=[self.size * a @ S.T for a, S in zip(at.a, self.S, strict=True)],
            aa=self.size**2 * (S @ at.aa @ S.T),
            C=S @ at.C @ S.T,
            forms=partial(both, none, none),  # second derivatives are those of the search alone
        )

    def responses_in(self, Y: Array) -> tuple[Array, Array, Array]:
        """Other responses (n, b), less the offset: y~ (n, b), c (p, b) and size (b,) of each."""
        root = np.sqrt(self.design.weights)[:, None]
        rest, c, size = beside(root * self.design.X, root * Y, self.design.n)
        return rest / root, c, size

    def thetas_out(self, thetas: Array) -> Array:
        """theta~ (b, m) -> theta (b, m), each as `theta_out`."""
        of = layout(self.design)
        old = of.blocks(of.factor(thetas))
        rows = [solve_upper(S, np.eye(len(S))) @ t for S, t in zip(self.S, old, strict=True)]
        upper = [np.asarray(np.linalg.qr(row.swapaxes(-1, -2), mode="r")) for row in rows]
        signs = [np.where(np.einsum("bii->bi", R) < 0, -1.0, 1.0)[..., None] for R in upper]
        new = [(sign * R).swapaxes(-1, -2) for sign, R in zip(signs, upper, strict=True)]
        return of.entries(diagonal(new))

    def posterior_out(self, at: Posterior) -> Posterior:
        """gamma and its covariance of the given model."""
        return at.moved(self.design, [solve_upper(S, np.eye(len(S))) for S in self.S], self.size)


def outward(S: Array, t: Array) -> Array:
    """S'^-1 t (k, k); a row that is nothing but rounding errors is zero, whatever its unit."""
    rows = solve_upper(S, t)
    summed = np.abs(solve_upper(S, np.eye(len(S)))) @ np.abs(t)
    is_noise = np.abs(rows).max(axis=1) <= ROUNDED * summed.max(axis=1)
    return np.where(is_noise[:, None], 0.0, rows)


def behaved(design: Design) -> Coordinates:
    """Behaved coordinates for a design; those that it brings."""
    if design.coordinates is not None:
        return cast(Coordinates, design.coordinates)
    root = np.sqrt(design.weights)  # (n,)
    Q, R = positive_qr(root[:, None] * design.X)  # (n, p), (p, p)
    weighted = root * design.y_less_offset  # (n,)
    rest, c, size = beside(Q, weighted, design.n)  # (n,), (p,), ()
    pairs = [scaled(term, design.weights, design.n) for term in design.terms]
    work = replace(
        design,
        y=rest / root,
        X=Q / root[:, None],
        terms=tuple(term for term, _ in pairs),
        offset=np.zeros(len(design.y)),
    )
    largest = float(np.abs(weighted).max())
    return Coordinates(work, R.T, c, float(size), tuple(S for _, S in pairs), largest)


def beside(Q: Array, y: Array, n: int) -> tuple[Array, Array, Any]:
    """What least squares leave of y (rows,) or (rows, b), over its size; coefficients; that size.

    n: how many observations the root mean square is of.
    """
    c = Q.T @ y  # (p,)
    again = Q.T @ (y - Q @ c)  # what rounding left
    rest = (y - Q @ c) - Q @ again  # (n,)
    largest = np.abs(rest).max(axis=0)
    rest = rest / np.where(largest > 0, largest, 1.0)  # no overflow on the way
    size = np.sqrt(np.sum(rest**2, axis=0) / n)
    size = np.where(size > 0, size, 1.0)
    return rest / size, c + again, np.where(largest > 0, largest, 1.0) * size


def require_rows(design: Design) -> None:
    """Raises OptionError where the rows of the data came in chunks."""
    if design.coordinates is not None:
        raise OptionError(
            "the rows of data that come in chunks are not kept: give them to predict(newdata), "
            "chunk by chunk, or fit data that are all there"
        )


def scaled(term: RandomTerm, weights: Array, n: int) -> tuple[RandomTerm, Array]:
    """A term with x'Wx / n = I, and its S; effects that depend on one another are only scaled."""
    root = np.sqrt(weights / n)[:, None]  # (n, 1)
    S = positive_qr(root * term.x)[1].T  # (k, k), or (k, n) where there are fewer rows
    sizes = np.linalg.norm(root * term.x, axis=0)  # (k,)
    if S.shape[1] < term.k or (np.diag(S) <= 1e-7 * sizes).any():  # each in its own unit
        S = np.diag(np.where(sizes > 0, sizes, 1.0))
    return replace(term, x=solve_lower(S, term.x.T).T), S


def positive_qr(A: Array) -> tuple[Array, Array]:
    """QR with a diagonal of R that is not negative."""
    Q, R = np.linalg.qr(A)
    sign = np.where(np.diag(R) < 0, -1.0, 1.0)
    return Q * sign, sign[:, None] * R
