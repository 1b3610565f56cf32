"""A model changed: `fit.update("~ . - x")`, as R's.

What is left out comes from the arrays of the fit, its rows stay; anything else is made anew of the
data that the fit was made of, or of others.
"""

from __future__ import annotations

from typing import Any

from ...errors import OptionError
from ...r.design import refuse
from ...r.formula import Formula, parse_formula
from ...r.matrices import matrices
from ...r.parts import AGAIN, chosen, part
from ...r.updated import updated
from ..warm import fit_like


def update(
    fit: Any, change: str | None, data: Any, reml: bool | None, weights: Any, offset: Any
) -> Any:
    """The Fit of a changed formula, other data, or the other criterion.  Raises OptionError."""
    reml = fit.reml if reml is None else reml
    formula = None if change is None else new_formula(fit, change)
    if data is not None:
        return with_data(fit, formula or own_formula(fit), data, reml, weights, offset)
    if weights is not None or offset is not None:
        raise OptionError("other weights or another offset take the data again: give data=")
    if formula is not None and chosen(fit.design, formula) is None:
        return with_data(fit, formula, own_data(fit), reml, weights, offset)
    design = fit.design if formula is None else part(fit.design, formula)
    return fit_like(fit, design, reml, fit.labels)


def new_formula(fit: Any, change: str) -> Formula:
    """The formula of a fit, changed."""
    return parse_formula(updated(own_formula(fit), change))


def own_formula(fit: Any) -> Formula:
    """The formula of a fit.  Raises OptionError: one of arrays has none."""
    if fit.design.recipe is None:
        raise OptionError("a model of arrays has no formula: fit the arrays of the other model")
    formula: Formula = fit.design.recipe.formula
    return formula


def own_data(fit: Any) -> Any:
    """The data of a fit.  Raises OptionError: those that came in chunks are not kept."""
    origin = fit.design.recipe.origin
    if origin is None:
        raise OptionError(AGAIN)
    return origin.data


def with_data(fit: Any, formula: Formula, data: Any, reml: bool, weights: Any, offset: Any) -> Any:
    """The Fit of a formula to data, with the weights and the offset that the fit had."""
    had = {"weights": weights, "offset": offset}
    for name, given in had.items():
        had[name] = column(fit, name) if given is None else given
    design, labels = matrices(formula, data, had["weights"], had["offset"], False)
    refuse(design, allow_saturated=False)
    return fit_like(fit, design, reml, labels)


def column(fit: Any, name: str) -> str | None:
    """The column that a fit had its weights or its offset from.  Raises OptionError."""
    label: str | None = fit.labels[name]
    if label == name:  # numbers that were given have no other name
        raise OptionError(
            f"the {name} of the fit were numbers, which go with its rows: give {name}="
        )
    return label
