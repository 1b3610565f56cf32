"""A formula, data and a family -> a Model, and what its arguments are called."""

from __future__ import annotations

from typing import Any

from ..errors import OptionError
from ..r.data import is_plain
from ..r.design import design
from ..r.formula import Formula
from ..r.matrices import call_labels
from ..r.sources import source_of
from ..refusals import refuse_one_level
from .model import Model
from .named import Named
from .response import family_of, reader

Labels = dict[str, str | None]


def model_of(
    parsed: Formula,
    data: Any,
    named: Named,
    weights: Any = None,
    offset: Any = None,
    dialect: str = "observed",
    route: str = "blocked",
) -> tuple[Model, Labels]:
    """The model, and what a summary calls the data, the weights and the offset.

    Raises OptionError where the data come in chunks, and what reading them raises.
    """
    if not is_plain(data) and source_of(data) is not None:
        raise OptionError("glmer() takes a data frame that is all there, not chunks of one")
    made = design(
        parsed, data, weights=weights, offset=offset, allow_saturated=True,
        read=reader(named, weights is not None),
    )  # fmt: skip
    refuse_one_level(made)
    labels = call_labels(str(getattr(data, "attrs", {}).get("name", "data")), weights, offset)
    return Model(made, family_of(named, made), dialect, route), labels
