"""Responses as a part of a population: linear predictor, error scale and family."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..errors import PopulationError, nearest
from ..linalg import Array
from .expressions import Expression, expression, parsed
from .families import Family, as_family


@dataclass(frozen=True)
class Response:
    """A response: its linear predictor, its error scale and its family."""

    mean: Expression
    scale: Expression | None
    family: Family

    def law(self, data: pd.DataFrame) -> tuple[Array, Array]:
        """The linear predictor and the error scale, (n,) each.  Raises PopulationError."""
        eta = self.mean(data)
        scale = np.ones(len(data)) if self.scale is None else self.scale(data)
        if (negative := scale < 0).any():
            row = data.index[int(negative.argmax())]
            raise PopulationError(
                f"error_scale must not be negative, and {self.scale} is {scale.min():g} "
                f"(first in row {row!r})"
            )
        return eta, scale

    def reads(self, columns: Iterable[str]) -> bool:
        """Whether its law may depend on one of these columns."""
        expressions = [e for e in (self.mean, self.scale) if e is not None]
        return any(e.reads(columns) for e in expressions)


def response(
    mean: Any, *, error_scale: Any = None, family: Any = "gaussian", **names: Any
) -> Response:
    """A response of a population.

    mean: the linear predictor: a number, a text such as "1 + 2 * x + by_level(g, A = 2, B = 3)",
    or a function of the frame.  error_scale: a number or such an expression; the standard deviation
    of normal errors.  family: "gaussian", "binomial" (log odds), "poisson" (log mean),
    binomial(size), student_t(df), ar1(rho, within), errors(distribution).  names: the values that
    the texts use, as in response("by_level(county, effects)", effects=..., error_scale=1).
    Raises PopulationError, FormulaError, OptionError.
    """
    chosen = as_family(family)
    if chosen.scaled and error_scale is None:
        raise PopulationError("this response needs an error_scale")
    if not chosen.scaled and error_scale is not None:
        raise PopulationError("a response that is a count has no error_scale")
    predictor = expression(mean, names, "a response")
    scale = None if error_scale is None else expression(error_scale, names, "error_scale")
    if scale is not None and isinstance(scale.source, float) and scale.source < 0:
        raise PopulationError(f"error_scale must not be negative, and is {scale.source:g}")
    refuse_unused(names, [mean, error_scale])
    return Response(predictor, scale, chosen)


def refuse_unused(names: Mapping[str, Any], texts: list[Any]) -> None:
    """Raises PopulationError where a value is given that no text uses, a misspelt option say."""
    nodes = [node for text in texts if isinstance(text, str) for node in parsed(text).walk()]
    used = {node.text for node in nodes if node.kind == "name"}
    for name in names:
        if name not in used:
            hint = nearest(name, ["error_scale", "family", *sorted(used)])
            raise PopulationError(f"response() has no option {name!r}, and no text uses it{hint}")
