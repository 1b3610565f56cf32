"""The mean of a response over the random effects: E[mean(eta + sd z)], z standard normal.

It is not the mean at z = 0, unless the link is the identity.  The log and the probit link have a
formula.  For the others the trapezoidal rule has all digits, with a step that is proven to do:
where |mean(eta + i y)| <= exp(kappa) mean(eta) in the strip, the integrand on the strip's edge is
exp(kappa + Y^2 / 2) times the integral, whatever eta is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
from scipy.special import ndtr

from ..linalg import EPS, Array
from .links import Link, Probability
from .quadrature import Rule, trapezoid
from .strip import SHARES, WIDEST

FORMULAS: dict[str, Callable[[Array, Array], Array]] = {
    "log": lambda eta, sd: np.exp(eta + sd**2 / 2.0),  # eq:marginal-log
    "probit": lambda eta, sd: ndtr(eta / np.sqrt(1.0 + sd**2)),  # eq:marginal-probit
}


def marginal_mean(link: Link, eta: Array, sd: Array) -> Array:
    """(n,): means in the population, eta (n,) the fixed part and sd (n,) that of the random part.

    Relative errors are of the size of rounding.
    """
    if formula := FORMULAS.get(link.name):
        return np.asarray(formula(eta, sd))
    made = rule(cast(Probability, link), float(np.max(sd, initial=0.0)))
    p = np.exp(made.log_w - made.z**2 / 2.0)  # (N,)
    return np.asarray(p @ link.mean(eta + sd * made.z[:, None]))  # eq:mean-over-effects


def rule(link: Probability, sd: float) -> Rule:
    """The trapezoidal rule for means to within rounding, where random parts vary up to an sd."""
    step = max(step_in(link, sd, share) for share in SHARES)
    reach = np.sqrt(2.0 * np.log(np.sqrt(1.0 + sd**2) / EPS))  # eq:marginal-reach
    return trapezoid(step, int(np.ceil(reach / step)), int(np.ceil((reach + sd) / step)))


def step_in(link: Probability, sd: float, share: float) -> float:
    """The step with a relative error of EPS, from a share of the widest strip."""
    Y = share * min(link.half_width / max(sd, 1e-300), WIDEST)
    log_M = link.strip(np.array(sd * Y)).yes + Y**2 / 2.0  # of M over the integral
    return float(2.0 * np.pi * Y / np.logaddexp(0.0, np.log(2.0 / EPS) + log_M))  # eq:marginal-step
