"""Random effects picked by the bars of a formula's text, "~ (1 | Subject)", as lme4's re.form."""

from __future__ import annotations

import numpy as np

from ..design import Design
from ..errors import OptionError, nearest
from ..linalg import Array
from .bars import Bar
from .formula import parse_formula
from .frame import model_matrix
from .recipe import Recipe
from .variable import no_rows


def picked(design: Design, text: str) -> tuple[Array, ...]:
    """Of each term which (k,) of its effects stand in the bars of a text.

    Raises OptionError where the model has no such effects, and what `parse_formula` raises.
    """
    if design.recipe is None:
        raise OptionError("a fit to arrays has no formula: name groups in random=[...]")
    formula = parse_formula(f"0 {text.strip()}")  # with a left side
    if formula.fixed.terms or formula.offsets:
        raise OptionError(f"random={text!r} must be bars alone, such as '~ (1 | g)'")
    found = tuple(np.zeros(term.k, dtype=bool) for term in design.terms)
    for bar in formula.bars:
        pick(design, bar, found)
    return found


def pick(design: Design, bar: Bar, found: tuple[Array, ...]) -> None:
    """Mark the effects of one bar, in all terms of its group."""
    recipe: Recipe = design.recipe
    of_group = [t for t, own in enumerate(recipe.bars) if own.columns == bar.columns]
    if not of_group:
        groups = dict.fromkeys(term.group for term in design.terms)
        raise no_effects(f"of {bar.group}", nearest(bar.group, groups))
    known = [name for t in of_group for name in design.terms[t].effects]
    for name in effect_names(recipe, bar):
        if name not in known:
            raise no_effects(f"{name} of {bar.group}", nearest(name, known))
        for t in of_group:
            found[t][:] |= np.array(design.terms[t].effects) == name


def no_effects(what: str, hint: str) -> OptionError:
    """What to say where the model lacks them."""
    return OptionError(f"the model has no random effects {what}{hint}")


def effect_names(recipe: Recipe, bar: Bar) -> list[str]:
    """R's names of the columns of the effects of a bar.  Raises OptionError."""
    nodes = {node for term in bar.effects.terms for node in term}
    for node in nodes - set(recipe.variables):
        raise no_effects(f"of {node.text}", "")
    of = {node: recipe.variables[node] for node in nodes}
    none = {node: no_rows(one) for node, one in of.items()}
    return model_matrix(bar.effects, of, none, 0)[1]
