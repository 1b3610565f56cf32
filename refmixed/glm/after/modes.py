"""The random effects at the mode of their law given y, and its curvature there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ...after.switches import true_or_false
from ...covariance import factors
from ...evaluation import places
from ...linalg import Array
from ...ranef import LevelPosterior, RandomEffects, coefficients, conditional_variances, effects


def ranef(fit: Any, cond_var: bool) -> RandomEffects:
    """As `GlmerFit.ranef`."""
    with_variances = true_or_false("cond_var", cond_var)
    at = LevelPosterior(gamma(fit), covariances(fit) if with_variances else {})
    found = effects(fit.design, at)
    if with_variances:
        found.cond_var = conditional_variances(fit.design, at, 1.0)
    return found


def coef(fit: Any) -> dict[str, pd.DataFrame]:
    """As `GlmerFit.coef`."""
    return coefficients(fit.beta, ranef(fit, False))


def gamma(fit: Any) -> Array:
    """(q,): Lambda u at the mode.  eq:glmm"""
    u, theta = fit.likelihood.mode.u, fit.theta.to_numpy()
    pairs = zip(places(fit.design), factors(fit.design, theta), strict=True)
    return np.concatenate([np.zeros(0), *((u[here] @ factor.T).ravel() for here, factor in pairs)])


def covariances(fit: Any) -> dict[str, Array]:
    """{group: (levels, k, k)}: Lambda H^-1 Lambda' of the effects of one level.  eq:mode-hessian

    The first row of each level is where these stand together.
    """
    mode, found = fit.likelihood.mode, {}
    blocks, loaded = mode.G.blocks(), mode.at.loaded  # (n, K, K)
    for group in dict.fromkeys(term.group for term in fit.design.terms):
        pairs = list(zip(fit.design.terms, loaded.rows.layout.places, strict=True))
        own = np.concatenate([np.r_[here] for term, here in pairs if term.group == group])
        codes = next(term.codes for term, _ in pairs if term.group == group)
        _, first = np.unique(codes, return_index=True)  # (levels,)
        Lambda = loaded.Lambda[np.ix_(own, own)]  # (k, k)
        found[group] = Lambda @ blocks[np.ix_(first, own, own)] @ Lambda.T
    return found
