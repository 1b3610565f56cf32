"""A model like a fitted one, the search set out from where the other ended."""

from __future__ import annotations

from typing import Any

from ..covariance import theta_names
from ..design import Design
from ..linalg import Array


def fit_like(fit: Any, design: Design, reml: bool, labels: Any) -> Any:
    """The Fit of a design, as another was fitted."""
    route = fit.route if design.terms else "auto"
    return type(fit).of(design, reml, route, labels, begin=begin(fit, design))


def begin(fit: Any, design: Design) -> Array | None:
    """theta (m,) of a fit, where a design has its random terms and it was found, not given."""
    names = theta_names(design)
    is_like = bool(names) and names == theta_names(fit.design)
    is_found = not (fit.optimum.is_given or fit.optimum.is_open)
    return fit.optimum.theta if is_like and is_found else None
