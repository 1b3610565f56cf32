"""What is not known of the random effects: with beta known, with beta and with theta estimated.

The first is lme4's postVar; the second the variance of the prediction error, from the joint
covariance of the errors of beta and gamma; the third adds what the error of theta-hat does to
gamma-hat, by the delta method.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..checks import not_one_of
from ..derivatives import directions, hessian, moves
from ..errors import OptionError
from ..evaluation import places
from ..identifiability import Zt_times
from ..linalg import Array, cholesky, solve_lower, solve_upper
from ..ranef import by_group, conditional_variances
from .estimated import Estimated

KINDS = ("beta known", "beta estimated", "theta estimated")


def conditional(fit: Any, kind: bool | str) -> dict[str, Array]:
    """{group: (k, k, levels)}, as `Verbs.ranef` says.  Raises OptionError."""
    kind = "beta known" if isinstance(kind, bool | np.bool_) else kind
    if kind not in KINDS:
        raise not_one_of("cond_var", kind, KINDS)
    if kind == "beta known":
        return conditional_variances(fit.design, fit.optimum.posterior, fit.sigma)
    here = Estimated.of(fit)
    posterior = here.coordinates.posterior_out(here.route.posterior(here.design, here.theta, False))
    found = conditional_variances(fit.design, posterior, fit.sigma)
    if kind == "theta estimated":
        root = theta_root(fit, here)  # (q, any)
        for group, (_, _, at) in by_group(fit.design).items():
            found[group] += np.einsum("lam,lbm->abl", root[at], root[at])
    return found


def theta_root(fit: Any, here: Estimated) -> Array:
    """(q, any): its square is what the error of theta-hat adds.  eq:theta-estimated

    Entries of theta that are held at zero, the boundary, add nothing.
    Raises OptionError where theta was given, or is not determined.
    """
    optimum = fit.optimum
    if optimum.is_given:
        raise OptionError("theta was given to this fit, so that there is no error of its estimate")
    ways = directions(here.design, here.theta, optimum.kernel)  # (m, any)
    try:
        L = cholesky(ways.T @ hessian(here.at) @ ways)
    except np.linalg.LinAlgError:
        L = None
    if L is None or optimum.is_open:
        raise OptionError("the data do not determine theta: its error has no value")
    moved = theta_moves(here) @ ways  # (q, any)
    root = np.sqrt(2.0) * solve_lower(L, moved.T).T  # (q, any)  Cov(theta-hat) = 2 H^-1
    for here_, S in zip(places(fit.design), here.coordinates.S, strict=True):
        root[here_] = here.coordinates.size * (solve_upper(S, np.eye(len(S))) @ root[here_])
    return root


def theta_moves(here: Estimated) -> Array:
    """(q, m): the derivative of gamma-hat in theta, in the coordinates of the search.

    dT a - T Z'P Z dT a with a = Z'Py, of all entries of theta at once, n rows each: Z'PZ is not
    made.  eq:theta-moves
    """
    at, layout, terms = here.at, here.at.layout, here.design.terms
    dT = np.zeros((here.design.m, len(at.Lambda), len(at.Lambda)))  # (m, K, K)
    dT[:, layout.left, layout.right] = moves(at)
    pairs = zip(at.a, layout.blocks(dT), strict=True)
    straight = [np.einsum("la,mab->lbm", a, of_term) for a, of_term in pairs]  # (levels, k, m)
    seen = np.zeros((len(here.design.y), here.design.m))  # (n, m)  Z dT a
    for term, effects in zip(terms, straight, strict=True):
        seen += np.einsum("nk,nkm->nm", term.x, effects[term.codes])
    left = here.P_times(seen)  # (n, m)
    found = [np.zeros((0, here.design.m))]
    for term, effects, L in zip(terms, straight, layout.blocks(at.Lambda), strict=True):
        back = Zt_times(term, left)  # (levels, k, m)
        found.append((effects - L @ L.T @ back).reshape(term.q, -1))
    return np.concatenate(found)
