"""What marginal means are asked for: arguments, read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...checks import one_of
from ...errors import OptionError
from ..switches import a_level
from .adjust import ADJUSTMENTS
from .averages import WEIGHTS
from .comparisons import PAIRS


@dataclass(frozen=True)
class Asked:
    """Which means are asked for: a row for each combination of `specs` and `by`."""

    specs: list[str]
    by: list[str]
    contrasts: Any
    weights: str
    level: float
    df: Any
    adjust: str

    @classmethod
    def of(
        cls, specs: Any, by: Any, contrasts: Any, weights: Any, level: Any, df: Any, adjust: Any
    ) -> Asked:
        """The same of the arguments of `Fit.means`.  Raises OptionError."""
        one_of("weights", weights, WEIGHTS)
        level = a_level(level)
        if adjust is not None and contrasts is None:
            raise OptionError("adjust= is for contrasts, and none are asked for: give contrasts=")
        method = usual(contrasts) if adjust is None else adjust
        one_of("adjust", method, ADJUSTMENTS)
        if method == "tukey" and not is_pairwise(contrasts):
            raise OptionError(
                "adjust='tukey' is for all differences, contrasts='pairwise': take 'holm'"
            )
        return cls(named("specs", specs), named("by", by), contrasts, weights, level, df, method)


def named(what: str, given: Any) -> list[str]:
    """Names of predictors; "1" is none, as in R.  Raises OptionError."""
    names = [given] if isinstance(given, str) else given
    if names is None:
        return []
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise OptionError(f"{what} must be a name or a list of names, not {given!r}")
    return [] if list(names) == ["1"] else list(names)


def is_pairwise(contrasts: Any) -> bool:
    """Whether all differences are asked for."""
    return isinstance(contrasts, str) and contrasts in PAIRS


def usual(contrasts: Any) -> str:
    """Tukey's for all differences, Holm's for those from a control, none for one's own."""
    if is_pairwise(contrasts):
        return "tukey"
    return "holm" if isinstance(contrasts, str) else "none"
