"""Where the search begins: the generalized linear model without random effects, if it has a fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..covariance import is_diagonal
from ..linalg import Array, cholesky, solve_lower, solve_upper
from .families import Binomial, Family, Poisson
from .model import At, Model
from .scaled import Scaled
from .separation import refuse_groups_alike, refuse_separated

STEPS, HALVINGS = 50, 30
SHORT = 1e-6  # a step of beta: the search goes on from there


def start(inner: Scaled, free: Array) -> Array:
    """psi: beta of the model without random effects, unit factors of their sizes, dispersion 1.

    free: which of it is sought.  Raises SeparationError.
    """
    model = inner.model
    p, m, has_dispersion = model.sizes
    if free[p : p + m].any():
        refuse_groups_alike(model.design, model.family)
    beta = without_effects(model) if free[:p].any() else np.zeros(p)
    if beta is None:
        refuse_separated(model.design, model.family, inner.back[:p, :p])
        beta = np.zeros(p)
    return np.concatenate([beta, is_diagonal(model.design).astype(float), np.zeros(has_dispersion)])


def without_effects(model: Model) -> Array | None:
    """beta (p,) by iteratively reweighted least squares; None where that does not converge."""
    alone = replace(model, design=replace(model.design, terms=()))
    aside = np.zeros(model.sizes[2])
    with np.errstate(over="ignore", invalid="ignore"):
        beta = least_squares(model, first_eta(model.family) - model.design.offset)
        at = alone.at(np.concatenate([beta, aside]))
        value = at.penalized(np.zeros(0), at.fixed)
        for _ in range(STEPS):
            try:
                step = fisher_step(at)
            except np.linalg.LinAlgError:
                return None
            for _ in range(HALVINGS):
                further = alone.at(np.concatenate([at.beta + step, aside]))
                lower = further.penalized(np.zeros(0), further.fixed)
                if lower <= value:
                    break
                step = step / 2.0
            at, value = further, min(value, lower)
            if np.abs(step).max(initial=0.0) <= SHORT:
                return at.beta
    return None


def first_eta(family: Family) -> Array:
    """(n,): linear predictors near the responses, as R's glm() begins with them."""
    if isinstance(family, Binomial):
        return family.link.eta((family.successes + 0.5) / (family.trials + 1.0))
    if isinstance(family, Poisson):
        return np.log(family.counts + 0.1)
    return np.log(family.y)


def least_squares(model: Model, eta: Array) -> Array:
    """beta (p,) whose linear predictors are nearest, without weights."""
    return np.linalg.lstsq(model.X, eta)[0]


def fisher_step(at: At) -> Array:
    """The step (p,) of Fisher's scoring without random effects."""
    local, X = at.family.at(at.fixed), at.model.X
    L = cholesky((X.T * local.expected.W) @ X)  # (p, p)
    return solve_upper(L, solve_lower(L, X.T @ local.score))
