"""The model of a fit for other responses, the search set out from where the other ended."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ...after.ends import Refits, by_name, keep, no_ends
from ...checks import matrix
from ...errors import OptionError, RefmixedError, RefmixedWarning
from ...linalg import Array
from ..named import Named
from ..response import family_of


def refit(fit: Any, y: Any) -> Any:
    """As `Drawn.refit`."""
    values = matrix("y", y, fit.nobs)
    if not values.shape[1]:
        raise OptionError("y has no column: there is no response to fit")
    if np.ndim(y) == 1:
        return with_response(fit, values[:, 0])
    return refits(fit, values.T, pd.Index(getattr(y, "columns", range(values.shape[1]))))


def with_response(fit: Any, y: Array) -> Any:
    """The fit of a response (n,).  Raises ResponseError, SeparationError."""
    design = replace(fit.design, y=y)
    family = family_of(Named(fit.family, fit.model.family.link), design)
    model = replace(fit.model, design=design, family=family)
    return type(fit).of(model, fit.kind, fit.labels, fit.given, begin=fit.psi)


def refits(fit: Any, Y: Array, names: pd.Index) -> Refits:
    """The estimates from each row of Y (b, n)."""
    return kept(fit, [alone(fit, y) for y in Y], names)


def kept(fit: Any, found: list[tuple[Any, str]], names: pd.Index) -> Refits:
    """The estimates of fits, or that there is none, and what was said."""
    ends, singular = no_ends(fit.design, len(found)), np.zeros(len(found), dtype=bool)
    for j, (one, _) in enumerate(found):
        if one is not None:
            keep(one, ends, singular, j)
    return by_name(fit.design, names, ends, singular, [words for _, words in found])


def alone(fit: Any, y: Array) -> tuple[Any, str]:
    """The fit of a response, None where there is none; what is said of it."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", RefmixedWarning)
        try:
            found = with_response(fit, y)
        except RefmixedError as error:
            return None, str(error)
    return found, "; ".join(str(warning.message) for warning in told)
