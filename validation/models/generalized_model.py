"""One generalized linear mixed model of one data set; several cases are made from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

GENERALIZED_LEVELS = ("glmm-evaluate", "glmm-fit")


class Point(NamedTuple):
    """Parameters as decimals; theta in absolute units."""

    beta: tuple[str, ...]
    theta: tuple[str, ...]
    dispersion: str | None = None


@dataclass(frozen=True)
class GeneralizedModel:
    """A model: its `id` is for ever, `why` says in a sentence what it is for.

    `trials` is a column, where there are more than one a row.  `likelihood` is `laplace`, `agq`
    with so many `nodes`, or `exact`; `dialect` the weights in Laplace's determinant, which is
    `observed` or `expected` where the link is not canonical.  A case of level `glmm-evaluate` is
    made of each of the `points`.  `required` lowers the digits asked for: quantity -> (digits,
    because).
    """

    id: str
    why: str
    data: str
    formula: str
    points: tuple[Point, ...]
    family: str = "binomial"
    link: str = "logit"
    trials: str | None = None
    offset: str | None = None
    likelihood: str = "laplace"
    nodes: int = 1
    dialect: str | None = None
    flags: tuple[str, ...] = ()
    levels: tuple[str, ...] = GENERALIZED_LEVELS
    required: Mapping[str, tuple[float, str]] = field(default_factory=dict)

    @property
    def response(self) -> str:
        """The column of successes, counts or other responses."""
        left = self.formula.split("~")[0].strip()
        pair = re.fullmatch(r"cbind\((\w+), .+\)", left)
        return pair[1] if pair else left

    @property
    def weights(self) -> None:
        """None: trials are told apart from weights."""
        return None
