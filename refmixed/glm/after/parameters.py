"""The parameters of a generalized model that have limits, under lme4's names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ...after.draws.estimates import random_values
from ...after.limits import parameters as linear
from ...after.limits.parameters import Parameter
from ...errors import OptionError
from ...linalg import Array
from ..families import Gamma
from ..model import Model


def parameters(model: Model) -> list[Parameter]:
    """Terms as lme4 orders them, sigma where the family has a dispersion, and coefficients."""
    kinds = ("sd", "cor", "beta", *["sigma"] * isinstance(model.family, Gamma))
    return [p for p in linear.parameters(model.design) if p.kind in kinds]


def chosen(model: Model, which: Any) -> list[Parameter]:
    """Those that are asked for; None: all but theta.  Raises OptionError."""
    if which is None:
        return parameters(model)
    found = linear.chosen(model.design, which)
    if not isinstance(model.family, Gamma) and any(p.kind == "sigma" for p in found):
        raise OptionError(f"the family {model.family.name} has no dispersion, and so no sigma")
    return found


def values(model: Model, thetas: Array, sigmas: Array, betas: Array) -> Array:
    """(b, parameters) of theta (b, m), sigma (b,) and beta (b, p); eq:sd-and-correlation"""
    random = random_values(model.design, thetas, np.ones(len(thetas)))
    own = [sigmas[:, None]] * isinstance(model.family, Gamma)
    return np.hstack([random, *own, betas])


def estimates(fit: Any) -> pd.Series[float]:
    """(parameters,) of a fit."""
    names = [p.name for p in parameters(fit.model)]
    return pd.Series(at(fit.model, fit.psi), index=names)


def at(model: Model, psi: Array) -> Array:
    """(parameters,) of psi."""
    beta, theta, log_dispersion = model.split(psi)
    sigma = np.exp(log_dispersion / 2.0) if len(log_dispersion) else np.ones(1)
    return values(model, theta[None], sigma, beta[None])[0]
