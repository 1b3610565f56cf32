"""Implementations that are wrong on purpose: refmixed, one step left out or one turn mistaken.

Each is an adapter.  `ask` changes what refmixed is asked, `change` what it answered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from suite import Json

from refmixed.search import ROUTES
from validation.adapters import refmixed, refmixed_models
from validation.adapters.answers import numbers

Change = Callable[[Json, Json], Json]


@dataclass(frozen=True)
class Wrong:
    """A wrong implementation, the case that finds it out, and the name of its mistake."""

    name: str
    case: str
    mistake: str | None  # None: it has no name, only digits
    quantities: tuple[str, ...]  # that the mistake is found in
    ask: Callable[[Json], Json] = lambda request: request
    change: Change = lambda request, answers: {}

    def start(self) -> Json:
        who = {"name": self.name, "version": "0", "language": "Python"}
        return {"version": 1, "implementation": who}

    def run(self, request: Json) -> Json:
        message = refmixed.run(self.ask(request))
        answers = {q: floats(value) for q, value in message["answers"].items()}
        changed = self.change(request, answers)
        wrong = {quantity: numbers(value) for quantity, value in changed.items()}
        return {**message, "answers": message["answers"] | wrong}


def floats(nested: Any) -> Any:
    """Arrays of answers; a list with one for each term stays a list."""
    try:
        return np.array(nested, dtype=object).astype(float)
    except ValueError:
        return [floats(part) for part in nested]


def of_model(**changes: Any) -> Callable[[Json], Json]:
    """Ask for another model."""
    return lambda request: {**request, "model": {**request["model"], **changes}}


def at_theta(change: Callable[[Any], Any]) -> Callable[[Json], Json]:
    """Ask at another theta."""
    return lambda request: {**request, "theta": numbers(change(floats(request["theta"])))}


def only(quantity: str, change: Callable[[Any], Any]) -> Change:
    """Change one quantity."""
    return lambda request, answers: {quantity: change(answers[quantity])}


def transposed(theta: Any) -> Any:
    """The theta of two effects that has Lambda'Lambda where there was Lambda Lambda'."""
    factor = np.array([[theta[0], 0.0], [theta[1], theta[2]]])
    return np.linalg.cholesky(factor.T @ factor)[[0, 1, 1], [0, 0, 1]]


def dof(request: Json) -> int:
    """n - p, or n."""
    n = len(next(iter(request["data"]["columns"].values())))
    return n - len(request["model"]["coefficients"]) * request["model"]["reml"]


def without_logdet_x(request: Json, answers: Json) -> Json:
    """The criterion without log|X' V0^-1 X|."""
    asked = {**request, "asked": ["criterion"]}
    theta = floats(request["theta"])
    design = refmixed_models.modelled(asked, "penalized").design
    here = ROUTES["penalized"].evaluate(design, theta, True)
    return {"criterion": answers["criterion"] + np.linalg.slogdet(here.beta_cov)[1]}


def unshrunken(request: Json, answers: Json) -> Json:
    """The means of the groups less the common mean."""
    design = refmixed_models.modelled(request, "penalized").design
    (term,) = design.terms
    rest = design.y - answers["population"][0]
    means = [rest[term.codes == level].mean() for level in range(len(term.levels))]
    return {"ranef": [np.reshape(means, (-1, 1))]}


SLEEP, DYESTUFF = "sleepstudy-slopes-reml", "Dyestuff-reml"
PROFILED = ("criterion", "beta", "sigma")

WRONG = (
    Wrong(
        "maximum likelihood for REML", f"{SLEEP}.evaluate-1", "ml-for-reml", ("criterion", "sigma"),
        ask=of_model(reml=False),
    ),
    Wrong(
        "maximum likelihood for REML, fitted", f"{DYESTUFF}.fit", "ml-for-reml",
        ("theta", "criterion", "sd"), ask=of_model(reml=False),
    ),
    Wrong(
        "REML for maximum likelihood", "Dyestuff-ml.fit", "reml-for-ml", ("theta", "criterion"),
        ask=of_model(reml=True),
    ),
    Wrong(
        "no log|RX|^2", f"{SLEEP}.evaluate-1", "no-logdet-x", ("criterion",),
        change=without_logdet_x,
    ),
    Wrong(
        "no constants", f"{SLEEP}.evaluate-1", "no-constants", ("criterion",),
        change=lambda r, a: {"criterion": a["criterion"] - dof(r) * (1 + np.log(2 * np.pi))},
    ),
    Wrong(
        "no log 2 pi", "Dyestuff-ml.fit", "no-two-pi", ("criterion",),
        change=lambda r, a: {"criterion": a["criterion"] - dof(r) * np.log(2 * np.pi)},
    ),
    Wrong(
        "a log-likelihood", f"{DYESTUFF}.fit", "log-likelihood", ("criterion",),
        change=only("criterion", lambda d: -d / 2),
    ),
    Wrong(
        "divisor n", f"{SLEEP}.evaluate-1", "divisor-n", ("sigma",),
        change=only("sigma", lambda s: s * np.sqrt(178 / 180)),
    ),
    Wrong(
        "Lambda transposed", f"{SLEEP}.evaluate-1", "lambda-transposed", ("criterion", "sigma"),
        ask=at_theta(transposed),
    ),
    Wrong(
        "theta by rows", "three-effects-reml.evaluate-1", "row-major-theta", PROFILED,
        ask=at_theta(lambda theta: theta[[0, 1, 3, 2, 4, 5]]),
    ),
    Wrong(
        "theta as a ratio of variances", f"{DYESTUFF}.evaluate-1", "theta-as-variance",
        ("criterion", "sigma"), ask=at_theta(np.sqrt),
    ),
    Wrong(
        "terms reversed", "Penicillin-reml.fit", "terms-reversed", ("theta", "sd"),
        change=lambda r, a: {"theta": a["theta"][::-1], "sd": a["sd"][::-1]},
    ),
    Wrong(
        "variances for SDs", f"{SLEEP}.fit", "variance-for-sd", ("sd",),
        change=only("sd", np.square),
    ),
    Wrong(
        "theta not scaled by sigma", f"{SLEEP}.fit", "sd-not-scaled-by-sigma", ("sd",),
        change=lambda r, a: {"sd": a["sd"] / a["sigma"]},
    ),
    Wrong(
        "a covariance for a correlation", f"{SLEEP}.fit", "covariance-for-correlation", ("corr",),
        change=lambda r, a: {"corr": a["corr"] * a["sd"].prod()},
    ),
    Wrong(
        "the other sign", f"{SLEEP}.fit", "sign-of-correlation", ("corr",),
        change=only("corr", np.negative),
    ),
    Wrong(
        "offset ignored", "offset-ml.evaluate-1", "offset-ignored", PROFILED,
        ask=of_model(offset=None),
    ),
    Wrong(
        "weights ignored", "weighted-reml.evaluate-1", "weights-ignored", PROFILED,
        ask=of_model(weights=None),
    ),
    Wrong(
        "group means without shrinkage", f"{DYESTUFF}.inference", "no-shrinkage", ("ranef",),
        change=unshrunken,
    ),
    Wrong(
        "residual degrees of freedom", f"{DYESTUFF}.inference", "residual-df",
        ("df_satterthwaite",), change=lambda r, a: {"df_satterthwaite": [29.0]},
    ),
    Wrong(
        "six digits", f"{SLEEP}.fit", None, ("theta", "sigma", "sd"),
        change=lambda r, a: {q: a[q] * (1 + 1.1e-6) for q in ("theta", "sigma", "sd")},
    ),
)  # fmt: skip

WRONG_SHAPES = {  # quantity, change -> what is said of it
    "a column for a vector": (
        "beta", lambda b: b[:, None], r"a list where a number is expected",
    ),
    "one too many": ("theta", lambda t: [*t, 0.0], r"shape \(4,\) where \(3,\) is expected"),
    "a number for a list": ("sd", lambda s: s[0], r"'24\..*' where a list is expected"),
    "NaN": ("sigma", lambda s: np.nan, "NaN where a number is expected"),
}  # fmt: skip
