"""One model of one data set; several cases are made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ..suite import compare

LEVELS = ("design", "evaluate", "fit", "inference")
EVERY = tuple(
    name for level in LEVELS[1:] for name in compare.LEVELS[level]
)  # quantity but y, X, Z

FLAGS = {
    "balanced": "the design is balanced",
    "unbalanced": "groups are of unequal size",
    "nested": "a grouping factor is nested in another",
    "crossed": "two grouping factors are crossed",
    "blocks": "a term has more effects than one",
    "several-terms": "a group has several terms",
    "singular": "the optimum is on the boundary: a variance of zero or a correlation of one",
    "near-singular": "the optimum is near the boundary",
    "saturated": "there are nearly as many random effects as observations",
    "singletons": "some groups have one observation",
    "small-groups": "many groups of few observations",
    "scales": "covariates, or standard deviations, differ by orders of magnitude",
    "rank-deficient": "columns of X are linearly dependent, and dropped",
    "ill-conditioned": "columns of X are nearly dependent",
    "two-minima": "the criterion has two local minima",
    "weights": "observations have weights",
    "offset": "there is an offset",
    "tiny": "checkable by hand",
    "levels": "levels are ordered or named unusually",
    "whole-numbers": "whole numbers have products that small integers do not hold",
    "no-intercept": "X has no column of ones",
    "no-fixed-effects": "X has no columns",
    "integer-df": "the degrees of freedom are integers",
    "large": "n is above 300",
    "trials": "a row has several trials",
    "dispersion": "the family has a dispersion, which is estimated",
    "separated": "an estimate is infinite",
    "marginal": "the mean over the random effects is asked for",
}


class Stated(Protocol):
    """What a model says of its data, be it linear or generalized."""

    @property
    def data(self) -> str:
        """The data set."""
        ...

    @property
    def formula(self) -> str:
        """R's."""
        ...

    @property
    def weights(self) -> str | None:
        """A column."""
        ...

    @property
    def offset(self) -> str | None:
        """A column."""
        ...


@dataclass(frozen=True)
class Model:
    """A model: its `id` is for ever, `why` says in a sentence what it is for.

    `thetas` are decimals, a case of level `evaluate` each.  `start` leads to the minimum that is
    meant, where there are two.  `required` lowers the digits asked for: quantity -> (digits,
    because).
    """

    id: str
    why: str
    data: str
    formula: str
    reml: bool = True
    weights: str | None = None
    offset: str | None = None
    thetas: tuple[tuple[str, ...], ...] = ()
    flags: tuple[str, ...] = ()
    levels: tuple[str, ...] = LEVELS
    start: tuple[float, ...] | None = None
    required: Mapping[str, tuple[float, str]] = field(default_factory=dict)

    @property
    def newdata(self) -> str | None:
        """The data set of the rows to predict."""
        return f"{self.data}-new" if "inference" in self.levels else None
