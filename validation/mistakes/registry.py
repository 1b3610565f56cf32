"""What a mistake is, and the list of them, which the modules beside this one fill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .problem import Case, Values

Wrong = Callable[[Case], Values | None]

ANYWHERE = ("evaluate", "fit", "inference")
REGISTRY: dict[str, Mistake] = {}
CLASSES = {
    "criterion": "The criterion or its derivative: the other likelihood, a wrong or missing term.",
    "divisor": "The residual variance has n where n - p is meant, or n - p for n.",
    "structure": "Random effects or their correlations are left out or put in.",
    "inputs": "Weights or the offset are left out, or used in another way.",
    "coding": "The columns of X, or the levels of a factor, are not those of the formula.",
    "order": "The right numbers, or their parts, in another order.",
    "units": "A variance for a standard deviation, or a number that is to be scaled by sigma.",
    "sign": "The right number with the opposite sign.",
    "optimum": "The search ended elsewhere than at the minimum that is meant.",
    "prediction": "Random effects, or means that are made of them, are other than predicted.",
    "variance": "The uncertainty of an effect or a prediction has a part too many or too few.",
    "method": "Another method for degrees of freedom, standard errors or limits.",
    "printing": "The right number, with fewer digits than it has.",
}  # the kinds of bugs: what to look for


@dataclass(frozen=True)
class Mistake:
    """A named mistake: its class, what it is, at which levels it shows, what it would answer.

    `values` gives the quantities that it changes, None where the case has no room for it.
    """

    name: str
    kind: str  # a key of CLASSES
    says: str
    levels: tuple[str, ...]
    values: Wrong


def mistake(kind: str, *levels: str) -> Callable[[Wrong], Wrong]:
    """Register a function under its name, underscores as dashes; its docstring is what it says.

    kind: the class, a key of CLASSES.
    """

    def register(wrong: Wrong) -> Wrong:
        name = wrong.__name__.replace("_", "-")
        says = " ".join((wrong.__doc__ or "").split())
        REGISTRY[name] = Mistake(name, kind, says, levels, wrong)
        return wrong

    return register
