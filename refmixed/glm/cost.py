"""What an approximation of the likelihood costs on the data at hand: the exact fit beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..checks import vector
from ..covariance import theta_names
from ..errors import OptionError
from ..linalg import Array
from .given import Given
from .likelihoods import Kind, refuse_nodes

DOUBLED = (1, 2, 4, 8, 16, 32, 64)  # nodes


def approximation_error(fit: Any, digits: float = 10.0) -> pd.DataFrame:
    """A GlmerFit beside the exact one: a row a parameter, and two of the log-likelihood.

    Columns: the fit's estimate, the exact one and their difference, the standard error of either,
    and the difference over the exact standard error.  "loglik" is at the maximum of either, "loglik
    here" of both at the estimates of the fit.  What was given to the fit is given to the exact one.
    Raises OptionError for a model whose exact likelihood is not computed.
    """
    kind = Kind(1, digits)
    refuse_nodes(fit.model, kind)
    exact = type(fit).of(fit.model, kind, fit.labels, given(fit), fit.psi)
    here = -kind.at(fit.model, fit.psi).value
    values = [np.append(fit.psi, [fit.loglik] * 2), np.append(exact.psi, [exact.loglik, here])]
    errors = [np.append(standard_errors(f), [np.nan] * 2) for f in (fit, exact)]
    return pd.DataFrame(
        {
            "estimate": values[0],
            "exact": values[1],
            "difference": values[0] - values[1],
            "se": errors[0],
            "exact_se": errors[1],
            "difference_in_se": (values[0] - values[1]) / errors[1],
        },
        index=[*names(fit), "loglik", "loglik here"],
    )


def given(fit: Any) -> Given:
    """The parameters that were given to a fit: none of them moved, and theta is not at zero."""
    beta, theta, log = fit.model.split(fit.psi)
    held = [len(part) > 0 and not part.any() for part in fit.model.split(fit.moving)]
    return Given(
        beta if held[0] and fit.kind.nagq else None,
        theta if held[1] and theta.any() else None,
        float(np.exp(log[0])) if held[2] else None,
    )


def standard_errors(fit: Any) -> Array:
    """Of beta, theta and log dispersion; NaN of what is at a boundary, or was given."""
    found = np.sqrt(np.diag(fit.cov))
    found[: fit.model.design.p] = fit.se
    return found


def names(fit: Any) -> list[str]:
    """Of beta, theta and log dispersion."""
    own = [*fit.model.design.names, *theta_names(fit.model.design)]
    return own + ["log(dispersion)"] * fit.model.sizes[2]


def quadrature_converged(fit: Any, tolerance: float = 1e-6) -> pd.DataFrame:
    """The log-likelihood at a fit's estimates by 1, 2, 4, ... nodes, until it changes no more.

    A row a number of nodes: the log-likelihood, and what it changed by, which is less than the
    tolerance in the last.  Raises OptionError where 64 nodes are too few.
    """
    (limit,) = vector("tolerance", [tolerance], 1)
    refuse_nodes(fit.model, Kind(2))
    found: list[float] = []
    for nagq in DOUBLED:
        found.append(-Kind(nagq).at(fit.model, fit.psi).value)
        change = np.diff(found, prepend=np.nan)
        if abs(change[-1]) < limit:
            index = pd.Index(DOUBLED[: len(found)], name="nagq")
            return pd.DataFrame({"loglik": found, "change": change}, index=index)
    raise OptionError(
        f"with {DOUBLED[-1]} nodes the log-likelihood still changes by {change[-1]:.1g}: take "
        "likelihood='exact', or a larger tolerance"
    )
