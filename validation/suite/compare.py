"""Digits of agreement between an answer and a reference; SPEC.md, section 5.

Numbers are JSON numbers or decimal strings, arrays nested lists of them; both sides are read by
`nested`.  Pure functions; `verdicts` makes verdicts of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .nested import array, outline

if TYPE_CHECKING:
    from refmixed.linalg import Array  # which loads scipy

MOST = 16.0  # digits of a double


@dataclass(frozen=True)
class Quantity:
    """What an error in a quantity is divided by, and the shape of the quantity."""

    magnitude: str  # own, largest, column, one, covariance: the keys of MAGNITUDES
    ndim: int
    by_term: bool = False  # a list with one such array for each random term


QUANTITIES = {
    "y": Quantity("own", 1),
    "X": Quantity("own", 2),
    "Z": Quantity("own", 2),
    "criterion": Quantity("own", 0),
    "beta": Quantity("own", 1),
    "sigma": Quantity("own", 0),
    "u": Quantity("largest", 1),
    "gradient": Quantity("largest", 1),
    "theta": Quantity("own", 1),
    "sd": Quantity("own", 1),
    "corr": Quantity("one", 1),
    "loglik": Quantity("own", 0),
    "dispersion": Quantity("own", 0),
    "maximum": Quantity("own", 0),
    "marginal": Quantity("own", 1),
    "vcov": Quantity("covariance", 2),
    "ranef": Quantity("column", 2, by_term=True),
    "condvar": Quantity("covariance", 3, by_term=True),
    "pev": Quantity("covariance", 3, by_term=True),
    "fitted": Quantity("largest", 1),
    "predicted": Quantity("largest", 1),
    "population": Quantity("largest", 1),
    "se_predicted": Quantity("own", 1),
    "se_population": Quantity("own", 1),
    "df_satterthwaite": Quantity("own", 1),
    "se_kr": Quantity("own", 1),
    "df_kr": Quantity("own", 1),
    "f_satterthwaite": Quantity("own", 1),
    "f_kr": Quantity("own", 1),
    "profile_beta": Quantity("own", 2),
    "profile_sigma": Quantity("own", 1),
    "profile_sd": Quantity("own", 2),
}
LEVELS = {
    "design": ("y", "X", "Z"),
    "evaluate": ("criterion", "beta", "sigma", "u", "gradient"),
    "fit": ("theta", "criterion", "beta", "sigma", "sd", "corr"),
    "inference": tuple(list(QUANTITIES)[list(QUANTITIES).index("vcov") :]),
    "invariance": tuple(QUANTITIES),
    "glmm-evaluate": ("loglik", "ranef", "marginal"),
    "glmm-fit": ("loglik", "beta", "sd", "corr", "dispersion", "maximum", "marginal"),
}
REQUIRED = {  # digits, usually
    "design": 16.0,
    "evaluate": 13.0,
    "fit": 10.0,
    "inference": 10.0,
    "glmm-evaluate": 12.0,
    "glmm-fit": 10.0,
}
MAGNITUDES: dict[str, Callable[[Array], Array]] = {
    "own": np.abs,
    "largest": lambda c: np.full(c.shape, np.fmax.reduce(np.abs(c), axis=None, initial=0)),
    "column": lambda c: np.broadcast_to(np.fmax.reduce(np.abs(c), axis=0, initial=0), c.shape),
    "one": np.ones_like,
    "covariance": lambda c: np.sqrt(np.abs(products(np.diagonal(c, axis1=-2, axis2=-1)))),
}


def parsed(quantity: str, nested: Any) -> Any:
    """A quantity as `agreement` takes it, read: an array, or one for each term.

    Raises ValueError where it is none.
    """
    kind = QUANTITIES[quantity]
    return [array(x, kind.ndim) for x in nested] if kind.by_term else array(nested, kind.ndim)


@dataclass(frozen=True)
class Agreement:
    """The digits of the worst element, its place, and a sentence where no digits were counted."""

    digits: float
    place: tuple[int, ...] = ()
    note: str = ""


def digits(quantity: str, answer: Any, value: Any, proven: float | None = None) -> float:
    """Digits of an answer: those of its worst element, 0 for a wrong shape or what is no number."""
    return agreement(quantity, answer, value, proven).digits


def agreement(quantity: str, answer: Any, value: Any, proven: float | None = None) -> Agreement:
    """Digits of an answer, and where they are least.  proven: the digits of the value."""
    kind, most = QUANTITIES[quantity], MOST if proven is None else min(MOST, float(proven))
    if not kind.by_term:
        return one_array(kind, answer, value, most)
    if not isinstance(answer, Sequence) or isinstance(answer, str) or len(answer) != len(value):
        return Agreement(0.0, note=f"one array for each of the {len(value)} terms is expected")
    parts = [one_array(kind, a, v, most) for a, v in zip(answer, value, strict=True)]
    term = min(range(len(parts)), key=lambda k: parts[k].digits, default=None)
    if term is None:
        return Agreement(most)
    worst = parts[term]
    note = worst.note and f"term {term + 1}: {worst.note}"
    return Agreement(worst.digits, (term, *worst.place), note)


def one_array(kind: Quantity, answer: Any, value: Any, most: float) -> Agreement:
    """The agreement of one array."""
    reference = array(value, kind.ndim)
    shape = outline(answer, kind.ndim)
    if len(shape) == kind.ndim and shape != reference.shape:  # before millions of numbers are read
        return Agreement(0.0, note=f"shape {shape} where {reference.shape} is expected")
    try:
        given = array(answer, kind.ndim)
    except ValueError as error:
        return Agreement(0.0, note=str(error))
    scores = np.minimum(elementwise(given, reference, magnitude(kind, reference)), most)
    if not scores.size:
        return Agreement(most)
    place = tuple(int(k) for k in np.unravel_index(np.argmin(scores), scores.shape))
    lost = np.isnan(given[place]) and not np.isnan(reference[place])
    note = "NaN where a number is expected" if lost else ""
    return Agreement(float(scores[place]), place, note)


def elementwise(given: Array, reference: Array, size: Array) -> Array:
    """Digits of each element, from 0 to 16: -log10(|a - c| / s); NaN agrees with NaN alone."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        raw = -np.log10(np.abs(given - reference) / size)
    same = (given == reference) | (np.isnan(given) & np.isnan(reference))
    return np.where(same, MOST, np.minimum(np.fmax(raw, 0.0), MOST))


def magnitude(kind: Quantity, reference: Array) -> Array:
    """What the error of each element is divided by; a magnitude of zero counts as one."""
    size = np.asarray(MAGNITUDES[kind.magnitude](reference), dtype=float)
    return np.where(size == 0, 1.0, size)


def products(v: Array) -> Array:
    """(..., k) -> (..., k, k): each entry times each."""
    return v[..., :, None] * v[..., None, :]


def lre(q: npt.ArrayLike, c: npt.ArrayLike) -> float:
    """Digits to which q agrees with the reference c: the least over the elements of an array.

    -log10(|q - c| / |c|), absolute where c is zero, between 0 and 16.  Another shape, and NaN where
    the reference has a number, agree to 0 digits; NaN agrees with NaN.
    """
    given, reference = np.asarray(q, dtype=float), np.asarray(c, dtype=float)
    if given.shape != reference.shape:
        return 0.0
    size = magnitude(QUANTITIES["beta"], reference)
    return float(elementwise(given, reference, size).min(initial=MOST))
