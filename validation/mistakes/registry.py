"""What a mistake is, and the list of them, which the modules beside this one fill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .problem import Problem, Values

Wrong = Callable[[Problem], Values | None]

ANYWHERE = ("evaluate", "fit", "inference")
REGISTRY: dict[str, Mistake] = {}


@dataclass(frozen=True)
class Mistake:
    """A named mistake: what it is, at which levels it shows, and what it would answer.

    `values` gives the quantities that it changes, None where the case has no room for it.
    """

    name: str
    says: str
    levels: tuple[str, ...]
    values: Wrong


def mistake(*levels: str) -> Callable[[Wrong], Wrong]:
    """Register a function under its name, underscores as dashes; its docstring is what it says."""

    def register(wrong: Wrong) -> Wrong:
        name = wrong.__name__.replace("_", "-")
        says = " ".join((wrong.__doc__ or "").split())
        REGISTRY[name] = Mistake(name, says, levels, wrong)
        return wrong

    return register
