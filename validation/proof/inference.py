"""What follows from a fit, on the box of theta: covariances, random effects, predictions.

Everything is the model's own formula, beta estimated and theta and sigma held.  With U = X'V0^-1 Z,
the errors of prediction are, over sigma^2,

    Cov(beta^ - beta) = N,   Cov(gamma^ - gamma) = T - T A T,   Cov(beta^, gamma^ - gamma) = -N U T

(eq:vcov, eq:posterior-covariance; Henderson's mixed-model equations give the same).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flint import arb, arb_mat

from ..models import Model
from ..suite.columns import Row, labels, rows
from ..suite.tables import Table
from .exact import Exact
from .matrices import Matrix, ball, column, dot, part
from .optimum import Optimum
from .problem import Cell


@dataclass(frozen=True)
class NewRow:
    """One row to predict: x (p,), and for each term its level, None for a new one, and effects."""

    x: Row
    offset: arb
    levels: tuple[int | None, ...]
    z: tuple[Row, ...]


def vcov(fit: Optimum) -> list[list[arb]]:
    """(p, p): sigma^2 N.  eq:vcov"""
    return (fit.here.N * fit.sigma2).tolist()


def sds(fit: Optimum) -> list[arb]:
    """Standard deviations of the effects, term by term."""
    sigma = fit.sigma2.sqrt()
    return [sigma * T[i, i].sqrt() for T in fit.T for i in range(T.nrows())]


def correlations(fit: Optimum) -> list[arb] | None:
    """Below the diagonal, column by column, term by term; None where there are none."""
    if all(k == 1 for k in fit.problem.sizes) or 0 in fit.ranks:
        return None
    return [
        T[i, j] / (T[i, i] * T[j, j]).sqrt()
        for T in fit.T
        for j in range(T.ncols())
        for i in range(j + 1, T.nrows())
    ]


def ranef(fit: Optimum) -> list[list[list[arb]]]:
    """terms x (J, k): T Z'P y.  eq:posterior-mean"""
    cells: dict[Cell, list[arb]] = {}
    for _, local, cell, places in fit.cells():
        gamma = local.T * local.a
        cells[cell] = [gamma[i, 0] for i in places]
    return by_term(fit, cells)


def condvar(fit: Optimum) -> list[list[list[list[arb]]]]:
    """terms x (J, k, k): sigma^2 (T - T D T).  eq:posterior-covariance"""
    return diagonal_blocks(fit, [local.D for local in fit.here.locals])


def pev(fit: Optimum) -> list[list[list[list[arb]]]]:
    """terms x (J, k, k): sigma^2 (T - T A T)."""
    return diagonal_blocks(fit, [fit.here.A(local) for local in fit.here.locals])


def diagonal_blocks(fit: Optimum, inner: Sequence[Matrix]) -> list[list[list[list[arb]]]]:
    """sigma^2 (T - T M T) of each level."""
    whole = [
        (local.T - local.T * M * local.T) * fit.sigma2
        for local, M in zip(fit.here.locals, inner, strict=True)
    ]
    cells = {cell: part(whole[c], at, at).tolist() for c, _, cell, at in fit.cells()}
    return by_term(fit, cells)


def by_term(fit: Optimum, cells: dict[Cell, list[Any]]) -> list[list[list[Any]]]:
    """What each cell has, as lists by term and level."""
    counts = fit.problem.counts
    return [[cells[t, j] for j in range(count)] for t, count in enumerate(counts)]


# --- rows -----------------------------------------------------------------------------------------


def old_rows(made: Exact) -> list[NewRow]:
    """The rows of the data themselves."""
    return [
        NewRow(
            made.X[i],
            ball(made.offset[i]),
            tuple(term.codes[i] for term in made.terms),
            tuple(term.x[i] for term in made.terms),
        )
        for i in range(made.n)
    ]


def new_rows(model: Model, made: Exact, table: Table) -> list[NewRow]:
    """The rows of a table, a factor's level that the fit has not seen being new."""
    X = rows(table, made.names)
    effects = [rows(table, term.effects) for term in made.terms]
    books = [{label: j for j, label in enumerate(term.levels)} for term in made.terms]
    found = [
        [book.get(label) for label in labels(table, term.columns)]
        for book, term in zip(books, made.terms, strict=True)
    ]
    offset = table.fractions(model.offset) if model.offset else [0] * len(table)
    return [
        NewRow(X[i], ball(offset[i]), tuple(f[i] for f in found), tuple(e[i] for e in effects))
        for i in range(len(table))
    ]


def means(fit: Optimum, rows: Sequence[NewRow], random: bool) -> list[arb]:
    """offset + x'beta, + z'gamma with the random effects, those of a new level zero."""
    gamma = ranef(fit)
    found = []
    for row in rows:
        mean = row.offset + scalar(row.x, [fit.here.beta[j, 0] for j in range(fit.problem.p)])
        for t, (level, z) in enumerate(zip(row.levels, row.z, strict=True)):
            if random and level is not None:
                mean += scalar(z, gamma[t][level])
        found.append(mean)
    return found


def scalar(x: Row, values: Sequence[arb]) -> arb:
    """x'values."""
    return sum((ball(a) * b for a, b in zip(x, values, strict=True)), arb(0))


def standard_errors(fit: Optimum, rows: Sequence[NewRow], random: bool) -> list[arb]:
    """Of the same means: sqrt Var(x'(beta^ - beta) + z'(gamma^ - gamma))."""
    return [(fit.sigma2 * mean_square(fit, row, random)).sqrt() for row in rows]


def mean_square(fit: Optimum, row: NewRow, random: bool) -> arb:
    """The square of one, over sigma^2."""
    x = column(fit.here.N, [ball(v) for v in row.x])
    size = dot(x, fit.here.N * x)
    if not random:
        return size
    in_X = arb_mat(fit.problem.p, 1)  # U T z
    for local, z in zip(fit.here.locals, known_effects(fit, row), strict=True):
        if z is not None:
            Tz = local.T * z
            size += dot(z, Tz) - dot(Tz, local.D * Tz)
            in_X = in_X + local.U * Tz
    size += dot(in_X, fit.here.N * in_X) - 2 * dot(x, fit.here.N * in_X)
    for t, level in enumerate(row.levels):
        if level is None:
            z = column(fit.here.N, [ball(v) for v in row.z[t]])
            size += dot(z, fit.T[t] * z)
    return size


def known_effects(fit: Optimum, row: NewRow) -> list[Matrix | None]:
    """z (q_c, 1) of each block; None where a block has no level of this row."""
    found: list[Matrix | None] = [None] * len(fit.here.locals)
    for c, local, (t, j), places in fit.cells():
        if row.levels[t] == j:
            z: Matrix = arb_mat(local.D.nrows(), 1) if found[c] is None else found[c]
            for i, value in zip(places, row.z[t], strict=True):
                z[i, 0] = ball(value)
            found[c] = z
    return found
