"""The same model in coordinates where the numbers behave.

X is replaced by a basis with X~'WX~ = I, y by its weighted least-squares residual over its root
mean square, and the effects of each term by combinations with x~'Wx~ / n = I.  The likelihood is
the same up to a constant (eq:coordinates), and an origin or a unit, however far off, costs no
digits and no iterations of the optimiser.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

import numpy as np

from .covariance import canonical, factors, flatten, start
from .design import Design, RandomTerm
from .evaluation import Evaluation, Posterior
from .linalg import EPS, Array, logdet, solve_lower, solve_upper
from .search import Search

ROUNDED = 1000 * EPS  # relative to what is summed
SCALES = np.array([0.0, *10.0 ** np.linspace(-2, 2, 9)])  # of a factor, looked at for low points
FEW, FEW_LEVELS = 100, 10  # data so few that the criterion may have minima far apart


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

    def starts(self) -> Iterator[Array]:
        """theta~ of unit factors, then of others: none depends on the units of the given model.

        With one effect a term they would be just other sizes.  Of few data there are more, since
        minima lie farther apart there: large effects, one effect large, two of them correlated.
        """
        unit = start(self.design)
        yield unit
        if all(term.k == 1 for term in self.design.terms):
            return
        yield 10.0 * unit
        if (
            self.design.n <= FEW
            or min(len(term.levels) for term in self.design.terms) <= FEW_LEVELS
        ):
            yield 100.0 * unit
            triangles = factors(self.design, unit)
            for t, triangle in enumerate(triangles):
                for shape in extreme(len(triangle)):
                    yield flatten([*triangles[:t], shape, *triangles[t + 1 :]])

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
        units = 2.0 * at.dof * np.log(self.size) + reml * logdet(self.LX)
        return replace(
            at,
            Lambdas=factors(self.design, theta),
            criterion=at.criterion + units,  # eq:coordinates
            pwrss=self.size**2 * at.pwrss,
            beta=beta,
            beta_cov=(beta_cov + beta_cov.T) / 2,
            left_over=partial(np.multiply, self.size, at.residuals),
            a=[self.size * a @ S.T for a, S in zip(at.a, self.S, strict=True)],
            C=[S @ C @ S.T for C, S in zip(at.C, self.S, strict=True)],
            spread=[],  # second derivatives are asked for in the coordinates of the search alone
            bend=[],
        )

    def posterior_out(self, at: Posterior) -> Posterior:
        """gamma and its covariance of the given model."""
        return at.moved(self.design, [solve_upper(S, np.eye(len(S))) for S in self.S], self.size)


def outward(S: Array, t: Array) -> Array:
    """S'^-1 t (k, k); a row that is nothing but rounding errors is zero, whatever its unit."""
    rows = solve_upper(S, t)
    summed = np.abs(solve_upper(S, np.eye(len(S)))) @ np.abs(t)
    is_noise = np.abs(rows).max(axis=1) <= ROUNDED * summed.max(axis=1)
    return np.where(is_noise[:, None], 0.0, rows)


def extreme(k: int) -> Iterator[Array]:
    """Lower triangles (k, k), k > 1: one effect large; all of them, and two nearly dependent."""
    for j in range(k if k > 1 else 0):
        yield np.diag(np.where(np.arange(k) == j, 100.0, 1.0))
    for column, row in combinations(range(k), 2):
        for sign in (-1.0, 1.0):
            tilted = np.eye(k)
            tilted[row, [column, row]] = 0.9 * sign, np.sqrt(1.0 - 0.9**2)
            yield 100.0 * tilted


def low_points(search: Search, theta: Array) -> Iterator[Array]:
    """Where the criterion is low again, a term's one effect larger or smaller than at a minimum."""
    triangles = factors(search.design, theta)
    for t, triangle in enumerate(triangles):
        if len(triangle) > 1:
            continue
        here, unit = (1.0, triangle) if triangle.any() else (0.0, np.eye(1))
        line = [flatten([*triangles[:t], s * unit, *triangles[t + 1 :]]) for s in SCALES]
        heights = np.array([search.criterion(point) for point in line])
        is_low = (heights[:-1] < [np.inf, *heights[:-2]]) & (heights[:-1] < heights[1:])
        yield from (line[i] for i in np.flatnonzero(is_low) if SCALES[i] != here)


def behaved(design: Design) -> Coordinates:
    """Behaved coordinates for a design."""
    root = np.sqrt(design.weights)  # (n,)
    Q, R = positive_qr(root[:, None] * design.X)  # (n, p), (p, p)
    y = root * design.y_less_offset  # (n,)
    c = Q.T @ y  # (p,)
    again = Q.T @ (y - Q @ c)  # what rounding left
    rest = (y - Q @ c) - Q @ again  # (n,)
    size = float(np.abs(rest).max() or 1.0)
    size *= float(np.sqrt(np.mean((rest / size) ** 2)) or 1.0)  # no overflow on the way
    pairs = [scaled(term, design.weights) for term in design.terms]
    work = replace(
        design,
        y=rest / size / root,
        X=Q / root[:, None],
        terms=tuple(term for term, _ in pairs),
        offset=np.zeros(design.n),
    )
    return Coordinates(work, R.T, c + again, size, tuple(S for _, S in pairs))


def scaled(term: RandomTerm, weights: Array) -> tuple[RandomTerm, Array]:
    """A term with x'Wx / n = I, and its S; effects that depend on one another are only scaled."""
    root = np.sqrt(weights / len(weights))[:, None]  # (n, 1)
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
