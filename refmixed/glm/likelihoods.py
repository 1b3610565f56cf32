"""Which likelihood is maximised: Laplace's, one by so many nodes, the exact one, or nagq = 0's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from ..checks import one_of, vector, whole_number
from ..errors import OptionError
from ..linalg import Array
from .exact import exact, refuse_others
from .joint_mode import joint_mode
from .laplace import Laplace
from .model import Model
from .pirls import Mode, mode
from .quadrature import Quadrature, gauss_hermite

MOST_DIGITS = 14  # of a log-likelihood, in doubles
MOST_NODES = 100  # of Gauss and Hermite: beyond, their weights underflow


class Likelihood(Protocol):
    """Minus a log-likelihood and its gradient."""

    @property
    def mode(self) -> Mode:
        """Of u given y."""
        ...

    @property
    def value(self) -> float:
        """-l."""
        ...

    @property
    def gradient(self) -> Array:
        """In beta, theta and log dispersion."""
        ...


By = Callable[[Model, Array, Array | None], Likelihood]  # at parameters, u sought from a start


@dataclass(frozen=True)
class Kind:
    """What is asked for: nagq 0, 1 or more nodes; or the exact likelihood to so many digits."""

    nagq: int = 1
    digits: float | None = None  # of the exact one

    @property
    def text(self) -> str:
        """As the arguments of glmer() say it."""
        return f"nagq={self.nagq}" if self.digits is None else "likelihood='exact'"

    def at(self, model: Model, psi: Array, u: Array | None = None) -> Likelihood:
        """This likelihood at parameters."""
        if self.digits is None and self.nagq == 0:
            return joint_mode(model, psi, u)
        found = mode(model.at(psi), u)
        if self.digits is None:
            return Laplace(found) if self.nagq == 1 else Quadrature(found, gauss_hermite(self.nagq))
        return exact(found, self.digits)(found)

    def near(self, model: Model, psi: Array) -> By:
        """The same for parameters near psi: the exact one by the rules of that place."""
        if self.digits is None:
            return self.at
        integral = exact(mode(model.at(psi)), self.digits + 1)
        return lambda model, psi, u: integral(mode(model.at(psi), u))


def kind_of(likelihood: str, nagq: Any, digits: Any) -> Kind:
    """What likelihood is asked for.  Raises OptionError."""
    one_of("likelihood", likelihood, ("laplace", "exact"))
    nodes = whole_number("nagq", nagq, 0, OptionError)
    if nodes > MOST_NODES:
        raise OptionError(f"nagq is {MOST_NODES} at most, not {nodes}: take likelihood='exact'")
    if likelihood == "laplace":
        return Kind(nodes)
    (number,) = vector("digits", [digits], 1)
    if not 1 <= number <= MOST_DIGITS or nodes != 1:
        raise OptionError(
            f"likelihood='exact' goes with digits from 1 to {MOST_DIGITS}, and no nagq"
        )
    return Kind(1, float(number))


def refuse_nodes(model: Model, kind: Kind) -> None:
    """Raises OptionError where there are other effects than are integrated."""
    if kind.digits is not None:
        refuse_others(model)
    elif kind.nagq > 1 and model.rows.K != 1:
        raise OptionError(
            f"nagq = {kind.nagq} takes one random term with one effect a level, and here a row has "
            f"{model.rows.K} effects: take nagq = 1"
        )
