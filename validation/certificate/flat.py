"""Whether the covariance parameters are identified: a rank, decided in rationals.

The matrices W^-1 and M_j of V, or by REML K'W^-1K and the K'M_jK, are linearly independent if and
only if their Gram matrix is not singular.  At T = 0, where V0 = W^-1, the engine has its elements:

    <W^-1, W^-1> = n - p (n by ML),   <W^-1, M_j> = tr(C D_j),   <M_i, M_j> = tr(C D_i C D_j)

with C = Z'PZ by REML and Z'WZ by ML.  eq:linear-v
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from flint import fmpq, fmpq_mat

from ..proof.engine import At, at
from ..proof.exact import Exact
from ..proof.matrices import beside, part
from ..proof.problem import Blocks, problem
from ..proof.slopes import inner_products, log_slopes, push, spread, units


def at_zero(problem: Blocks) -> At:
    """The model without random effects."""
    return at(problem, [type(problem.XX)(k, k) for k in problem.sizes])


def gram(problem: Blocks) -> fmpq_mat:
    """(1 + m, 1 + m): inner products of W^-1 and the M_j, as the criterion sees them."""
    here, directions = at_zero(problem), units(problem)
    pushed = [push(here, direction) for direction in directions]
    C = log_slopes(here)
    cross = [inner_products([C[d.term]], [d.matrix], here.N) for d in directions]
    G = fmpq_mat(1 + len(cross), 1 + len(cross))
    G[0, 0] = problem.dof
    for i, first in enumerate(pushed):
        G[0, 1 + i] = G[1 + i, 0] = cross[i]
        for j, second in enumerate(pushed[i:], start=i):
            G[1 + i, 1 + j] = G[1 + j, 1 + i] = spread(here, first, second, problem.reml)
    return G


@dataclass(frozen=True)
class Flat:
    """What depends on what among the parameters of a model."""

    made: Exact
    reml: bool

    @cached_property
    def problem(self) -> Blocks:
        """Its cross products, in rationals."""
        return problem(self.made, self.reml)

    @cached_property
    def gram(self) -> fmpq_mat:
        """The inner products of its matrices."""
        return gram(self.problem)

    @property
    def lost(self) -> int:
        """Directions of the parameters in which nothing changes."""
        return int(self.gram.nrows() - self.gram.rank())

    @property
    def sigma_is_told(self) -> bool:
        """Whether the residual variance has no part in what is flat."""
        terms = range(1, self.gram.nrows())
        return int(part(self.gram, terms, terms).rank()) == int(self.gram.rank()) - 1

    def spare(self) -> tuple[int, int] | None:
        """A term and an effect of it without which the model is the same one; None: all count."""
        effects = [(t, j) for t, k in enumerate(self.problem.sizes) for j in range(k)]
        return next((some for some in reversed(effects) if self.is_spare(*some)), None)

    def is_spare(self, t: int, j: int) -> bool:
        """Whether an effect adds nothing to others of its term, or what other terms give."""
        if self.depends(t, j):
            return True
        return self.problem.sizes[t] == 1 and self.is_stood_for(self.row(t))

    def row(self, t: int) -> int:
        """The place of a term's one variance among the matrices."""
        return 1 + [s for s, _, _ in self.problem.entries].index(t)

    @cached_property
    def products(self) -> list[fmpq_mat]:
        """C summed over the levels of each term: where C v = 0, v of the effects adds nothing."""
        return log_slopes(at_zero(self.problem))

    def depends(self, t: int, j: int) -> bool:
        """Whether an effect is a combination of others of its term, the same at all levels.

        By REML up to what X takes up.
        """
        C = self.products[t]
        fewer = [i for i in range(C.ncols()) if i != j]
        return bool(C.rank() == part(C, fewer, fewer).rank())

    def is_stood_for(self, row: int) -> bool:
        """Whether the other parts can give whatever one variance gives."""
        size = self.gram.nrows()
        every, rest = range(size), [other for other in range(size) if other != row]
        weights = combination(part(self.gram, every, rest), part(self.gram, every, [row]))
        return weights is not None and self.is_covariance(dict(zip(rest, weights, strict=True)))

    def is_covariance(self, weights: dict[int, fmpq]) -> bool:
        """Whether weights of W^-1 and the M_j are those of covariances."""
        blocks = [fmpq_mat(k, k) for k in self.problem.sizes]
        for row, (t, i, j) in enumerate(self.problem.entries, start=1):
            blocks[t][i, j] = blocks[t][j, i] = weights.get(row, fmpq(0))
        return weights[0] >= 0 and all(is_semidefinite(block) for block in blocks)


def combination(A: fmpq_mat, b: fmpq_mat) -> list[fmpq] | None:
    """An x with A x = b, zeros where there is a choice; None where there is none."""
    reduced, rank = beside([A, b]).rref()
    n, x = A.ncols(), [fmpq(0)] * A.ncols()
    for i in range(rank):
        pivot = next(j for j in range(n + 1) if reduced[i, j] != 0)
        if pivot == n:
            return None
        x[pivot] = reduced[i, n]
    return x


def is_semidefinite(A: fmpq_mat) -> bool:
    """Whether a symmetric matrix is positive semidefinite: a zero pivot has zeros beside it."""
    rest = A.tolist()
    while rest:
        pivot, *right = rest[0]
        if pivot < 0 or (pivot == 0 and any(right)):
            return False
        below = [row[1:] for row in rest[1:]]
        ratios = [x / pivot if pivot else fmpq(0) for x in right]
        rest = [
            [a - r * b for a, b in zip(row, right, strict=True)]
            for row, r in zip(below, ratios, strict=True)
        ]
    return True


def without(made: Exact, t: int, j: int) -> Exact:
    """The arrays less an effect of a term, and less the term where it has no other."""
    fewer = [i for i in range(made.terms[t].k) if i != j]
    terms, arrays = list(made.terms), list(made.design.terms)
    x = tuple([row[i] for i in fewer] for row in terms[t].x)
    effects = tuple(terms[t].effects[i] for i in fewer)
    terms[t : t + 1] = [replace(terms[t], x=x, effects=effects)] if fewer else []
    own = replace(arrays[t], x=arrays[t].x[:, fewer], effects=effects)
    arrays[t : t + 1] = [own] if fewer else []
    design = replace(made.design, terms=tuple(arrays))
    return replace(made, terms=tuple(terms), design=design)
