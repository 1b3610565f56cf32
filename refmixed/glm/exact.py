"""The likelihood itself, with a proven error: what integrates a model, by its effects a row."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import OptionError
from . import strip
from .model import Model
from .nested import Nested
from .pair import Pair
from .pirls import Mode
from .quadrature import Quadrature


def exact(at: Mode, digits: float) -> Callable[[Mode], Quadrature | Nested]:
    """The integral by trapezoidal rules that give so many digits at a mode, and near it.

    Raises OptionError for a model that has no such rules, or too many nodes.
    """
    refuse_others(at.at.model)
    pair = Pair.of(at.at.model.rows)
    if pair is None:
        rule = strip.rule(at, digits)
        return lambda mode: Quadrature(mode, rule)
    outer, inner = strip.nested_rules(Nested(at, pair, strip.FEWER, strip.FEWER), digits)
    return lambda mode: Nested(mode, pair, outer, inner)


def refuse_others(model: Model) -> None:
    """Raises OptionError where rows have more effects than are integrated."""
    if model.rows.K != 1 and Pair.of(model.rows) is None:
        groups = ", ".join(dict.fromkeys(term.group for term in model.design.terms))
        raise OptionError(
            f"the exact likelihood takes one effect a row, or two of levels within levels, and "
            f"there are {model.rows.K} of {groups}: take nagq = 1"
        )
