"""The parameters that an account tells, as a fit has them: fixed effects, theta, log dispersion."""

from __future__ import annotations

from math import log

import numpy as np

import refmixed as rm
from refmixed.glm.joint_mode import curvature
from refmixed.glm.laplace import Laplace
from refmixed.glm.model import Model
from refmixed.glm.pirls import mode
from refmixed.glm.result import GlmerFit
from refmixed.linalg import Array, cholesky, solve_lower

from ..account import Account, Numbers
from ..align import aligned
from ..base import Base
from ..numbers import exact
from ..stopped import theta

FAR = 3.0  # standard errors: the likelihoods of one model are nearer to each other


def told(base: Base, account: Account) -> tuple[GlmerFit, Account] | None:
    """The fit and the account under its names; None where the account lacks a parameter."""
    fit = base.generalized
    if fit is None:
        return None
    here = aligned(account, base.account, by_place=True)
    return (fit, here) if parameters(fit.model, here) is not None else None


def parameters(model: Model, here: Account) -> Array | None:
    """psi (any,), in the middle of what is written; None where one is missing."""
    beta = [here.numbers.get(("beta", name)) for name in model.design.names]
    factor = theta(model.design, here, {}, 1.0)
    sigma = here.one("sigma")
    has_scale = sigma is not None and sigma.value > 0
    if None in beta or factor is None or (model.sizes[2] and not has_scale):
        return None
    spread = [2 * log(sigma.value)] if sigma is not None and model.sizes[2] else []
    return np.concatenate([[b.value for b in beta if b is not None], factor, spread])


def moved(fit: GlmerFit, here: Account, psi: Array) -> Array:
    """(any,): how far rounding may have moved each parameter."""
    beta = [here.numbers["beta", name].half for name in fit.design.names]
    others = [number.half for key, number in here.numbers.items() if key[0] in ("sd", "corr")]
    return np.array([*beta, *[max(others, default=0.0)] * (len(psi) - len(beta))])


def is_far(model: Model, account: Account) -> bool:
    """Whether the parameters that an account tells cannot be the estimates of a model.

    A step of Newton's in beta from there is longer than some standard errors.
    """
    psi = parameters(model, aligned(account, names_of(model), by_place=True))
    if psi is None or not model.design.terms:
        return False
    with np.errstate(over="ignore", invalid="ignore"):
        try:
            there = Laplace(mode(model.at(psi)))
            step = solve_lower(cholesky(curvature(there.mode)), there.gradient_beta)
        except (rm.RefmixedError, np.linalg.LinAlgError):
            return True
    return not float(step @ step) <= FAR**2


def names_of(model: Model) -> Account:
    """An account of nothing but the names of a model's effects, all of one size."""
    beta: Numbers = {("beta", name): exact(1.0) for name in model.design.names}
    sd: Numbers = {("sd", t.group, e): exact(1.0) for t in model.design.terms for e in t.effects}
    return Account("", "", beta | sd)
