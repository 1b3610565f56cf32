"""Factors whose contrasts are polynomial because of their column's type: nobody may have asked."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator

from formulaic.transforms.contrasts import PolyContrasts

from ..design import Design
from ..errors import OrderedWarning


def warn_of_orders(made: Design, meant: Collection[str] = ()) -> None:
    """Warn (OrderedWarning) of each column that is ordered by its type alone.

    meant: columns of the data that are ordered on purpose; a formula says so by ordered(column).
    """
    for name in ordered_by_type(made):
        if name not in meant:
            warnings.warn(
                f"{name} is ordered by its type, and so gets polynomial contrasts; write "
                f"ordered({name}) in the formula if that is meant, for a coefficient a level "
                f"write factor({name}, ordered = FALSE) or take {name}.cat.as_unordered()",
                OrderedWarning,
                stacklevel=5,
            )


def ordered_by_type(made: Design) -> Iterator[str]:
    """The columns of the data that the formula names as they are, and that have such contrasts."""
    columns = [*made.names, *(effect for term in made.terms for effect in term.effects)]
    parts = {part for column in columns for part in column.split(":")}
    for node, variable in made.recipe.variables.items():
        by_type = node.kind == "name" and isinstance(variable.contrasts, PolyContrasts)
        if by_type and f"{variable.name}.L" in parts:
            yield node.text
