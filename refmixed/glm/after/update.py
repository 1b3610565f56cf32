"""A generalized model changed: `fit.update("~ . - x")`, as R's."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...after.ratio.update import column, new_formula, own_data
from ...covariance import theta_names
from ...design import Design
from ...errors import OptionError
from ...linalg import Array
from ...r.formula import require_bars
from ...r.parts import chosen, part
from ..likelihoods import Kind, kind_of
from ..named import Named
from ..reading import model_of
from ..response import family_of


def update(fit: Any, change: str, data: Any, nagq: int | None = None) -> Any:
    """As `Inferred.update`: of the rows of the fit where something is left out, or of its data."""
    kind = fit.kind if nagq is None else kind_of("laplace", nagq, None)
    if not fit.given.is_nothing:
        raise OptionError("parameters of this fit were given, and another model has others")
    formula, named = new_formula(fit, change), Named(fit.family, fit.model.family.link)
    require_bars(formula)
    if data is None and chosen(fit.design, formula) is not None:
        design = part(fit.design, formula)
        return like(fit, design, family_of(named, design), fit.labels, kind)
    source = own_data(fit) if data is None else data
    had = column(fit, "weights"), column(fit, "offset")
    model, labels = model_of(formula, source, named, *had)
    return like(fit, model.design, model.family, labels, kind)


def like(fit: Any, design: Design, family: Any, labels: Any, kind: Kind) -> Any:
    """The fit of a design, as another was fitted, by some likelihood."""
    model = type(fit.model)(design, family, fit.model.dialect, fit.model.route)
    return type(fit).of(model, kind, labels, fit.given, begin=begin(fit, model))


def begin(fit: Any, model: Any) -> Array | None:
    """psi of the fit for a model with the same random terms, zero for coefficients that are new."""
    if theta_names(model.design) != theta_names(fit.design):
        return None
    beta = fit.beta.reindex(model.design.names).fillna(0.0).to_numpy()
    return np.concatenate([beta, fit.psi[fit.design.p :]])
