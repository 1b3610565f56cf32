"""Where the search begins: the generalized linear model without random effects, if it has a fit.

Where a combination of the predictors tells successes from failures, or counts from zeros, its
likelihood has no maximum, with random effects or without (eq:separation).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.optimize import linprog

from ..design import Design
from ..errors import SeparationError
from ..linalg import Array, cholesky, solve_lower, solve_upper
from .families import Binomial, Family, Poisson
from .model import Model

STEPS, HALVINGS = 50, 30
TELLS = 1e-6  # a combination of columns of size one


def start(model: Model) -> Array:
    """psi: beta of the model without random effects, unit factors of their sizes, dispersion 1.

    Raises SeparationError.
    """
    beta = without_effects(model)
    if beta is None:
        refuse_separated(model.design, model.family)
        beta = np.zeros(model.design.p)
    where = model.rows.layout
    theta = (where.rows == where.columns).astype(float)
    return np.concatenate([beta, theta, np.zeros(model.sizes[2])])


def without_effects(model: Model) -> Array | None:
    """beta (p,) by iteratively reweighted least squares; None where that does not converge."""
    alone = replace(model, design=replace(model.design, terms=()))
    X, beta = model.design.X, np.zeros(model.design.p)
    u = np.zeros(0)
    value = np.inf
    for _ in range(STEPS):
        at = alone.at(np.concatenate([beta, np.zeros(model.sizes[2])]))
        local = at.family.at(at.fixed)
        try:
            L = cholesky((X.T * local.expected.W) @ X)  # (p, p)
        except np.linalg.LinAlgError:
            return None
        step = solve_upper(L, solve_lower(L, X.T @ local.score))
        for _ in range(HALVINGS):
            further = alone.at(np.concatenate([beta + step, np.zeros(model.sizes[2])]))
            lower = further.penalized(u, further.fixed)
            if lower <= value:
                break
            step = step / 2.0
        beta, value = beta + step, min(value, lower)
        if np.abs(step).max(initial=0.0) <= 1e-6:
            return beta
    return None


def refuse_separated(design: Design, family: Family) -> None:
    """Raises SeparationError where the fixed effects tell responses apart.  eq:separation"""
    if (signs := signs_of(family)) is None:
        return
    X = design.X / np.maximum(np.abs(design.X).max(axis=0, initial=0.0), 1e-300)
    one_sided = signs != 0
    towards = signs[one_sided, None] * X[one_sided]
    found = linprog(
        -towards.sum(axis=0),
        A_ub=-towards,
        b_ub=np.zeros(len(towards)),
        A_eq=X[~one_sided],
        b_eq=np.zeros(int((~one_sided).sum())),
        bounds=(-1.0, 1.0),
    )
    if found.status != 0 or -found.fun <= TELLS * len(design.y):
        return
    told = [name for name, d in zip(design.names, found.x, strict=True) if abs(d) > TELLS]
    kind = "successes from failures" if isinstance(family, Binomial) else "counts from zeros"
    raise SeparationError(
        f"{', '.join(told)} tell {kind} apart, so that the estimates are infinite: leave them out, "
        "or merge levels"
    )


def signs_of(family: Family) -> Array | None:
    """(n,): 1 where an ever larger eta fits ever better, -1 where a smaller, 0 where neither."""
    if isinstance(family, Binomial):
        s, m = family.successes, family.trials
        return np.where(s == m, 1.0, np.where(s == 0, -1.0, 0.0))
    if isinstance(family, Poisson):
        return np.where(family.counts == 0, -1.0, 0.0)
    return None
