"""What a mistake is, and the list of them, which the modules beside this one fill."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .pages import PAGES

if TYPE_CHECKING:
    from .problem import Values

Wrong = Callable[[Any], "Values | Iterable[Values] | None"]  # of a Case, or one of a level's own

ANYWHERE = ("evaluate", "fit", "inference")
EVERYWHERE = ("design", *ANYWHERE)
GENERALIZED = ("glmm-evaluate", "glmm-fit")
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

    `values` gives the quantities that it changes, None where the case has no room for it; several
    of these where it can be made in several ways.
    """

    name: str
    kind: str  # a key of CLASSES
    equation: str  # what is done wrong: its tag in the book
    says: str
    levels: tuple[str, ...]
    values: Wrong
    keeps: tuple[str, ...] = ()  # quantities that are kept however many numbers they have
    of_formula: bool = False  # whether it is made in reading a formula: not of given X and Z

    @property
    def page(self) -> str:
        """The page of the book on which its equation stands."""
        return PAGES[self.equation]


def mistake(
    kind: str, equation: str, *levels: str, keeps: tuple[str, ...] = (), of_formula: bool = False
) -> Callable[[Wrong], Wrong]:
    """Register a function under its name, underscores as dashes; its docstring is what it says.

    kind: the class, a key of CLASSES.  equation: the tag of what is done wrong.
    """

    def register(wrong: Wrong) -> Wrong:
        name = wrong.__name__.replace("_", "-")
        says = " ".join((wrong.__doc__ or "").split())
        REGISTRY[name] = Mistake(name, kind, equation, says, levels, wrong, keeps, of_formula)
        return wrong

    return register
