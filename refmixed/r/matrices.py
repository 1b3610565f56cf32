"""A formula and data, all there or in chunks -> the arrays of the model, and what they are called.

`fit` makes a model of them, `after.ratio.update` another one of a model.
"""

from __future__ import annotations

from typing import Any

from ..design import Design
from .chunks import chunked_design
from .data import is_plain
from .design import design as make_design
from .formula import Formula
from .sources import source_of


def matrices(
    parsed: Formula, data: Any, weights: Any, offset: Any, any_response: bool
) -> tuple[Design, dict[str, str | None]]:
    """The design of data that are all there, or come in chunks, and what the summary calls them."""
    source = None if is_plain(data) else source_of(data)
    if source is not None:
        made = chunked_design(parsed, source, weights, offset, any_response)
        return made, call_labels(source.name, weights, offset)
    made = make_design(parsed, data, weights=weights, offset=offset, allow_saturated=True)
    name = str(getattr(data, "attrs", {}).get("name", "data"))
    return made, call_labels(name, weights, offset)


def call_labels(name: str | None, weights: Any, offset: Any) -> dict[str, str | None]:
    """What the summary calls the arguments: their names, where they have any; None: no data."""
    given = {"weights": weights, "offset": offset}
    texts = {k: v if isinstance(v, str) else k for k, v in given.items() if v is not None}
    return {"data": name, "weights": None, "offset": None} | texts
