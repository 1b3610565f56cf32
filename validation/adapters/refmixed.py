"""refmixed, by penalized least squares; refmixed_marginal.py takes the route by definition."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

import refmixed as rm
from refmixed.design import Design
from refmixed.fit import ROUTES, Fit, call_labels, fit
from refmixed.optimize import given

from . import answers, frames, terms
from .answers import Ways
from .frames import Array
from .messages import Json
from .refmixed_designs import from_arrays, from_formula

LATER = {"": "refmixed does not compute it yet"}


def start(route: str = "penalized") -> Json:
    """Who answers."""
    name = "refmixed" if route == "penalized" else f"refmixed ({route})"
    who = {"name": name, "version": rm.__version__, "language": answers.LANGUAGE}
    return {"version": 1, "implementation": who}


def run(request: Json, route: str = "penalized") -> Json:
    """The answer to one request."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rm.RefmixedWarning)
        way = LEVELS[request["level"]]
        return answers.answer(request, way(Problem(request, route)), LATER)


@dataclass(frozen=True)
class Problem:
    """A request, and refmixed's model of it."""

    request: Json
    route: str

    @property
    def reml(self) -> bool:
        """Restricted maximum likelihood?"""
        return bool(self.request["model"]["reml"])

    @cached_property
    def data(self) -> pd.DataFrame:
        """The data frame."""
        return frames.frame(self.request["data"])

    @cached_property
    def design(self) -> Design:
        """The design, in the order of the request."""
        if self.request["form"] == "matrices":
            return from_arrays(self.request)
        return from_formula(self.request["model"], self.data)

    @cached_property
    def fit(self) -> Fit:
        """The fit of the design."""
        return fit(self.design, self.reml, self.route, call_labels(None, None, None))


# --- answers --------------------------------------------------------------------------------------


def design_ways(problem: Problem) -> Ways:
    """Level `design`."""
    made = problem.design
    return {"y": lambda: made.y, "X": lambda: made.X, "Z": lambda: made.Z}


def evaluate_ways(problem: Problem) -> Ways:
    """Level `evaluate`: nothing is optimised."""
    theta = frames.array(problem.request["theta"])
    point = given(problem.design, theta, problem.reml, ROUTES[problem.route])
    at = point.coordinates.evaluation_out(point.evaluation, theta, problem.reml)
    return {
        "criterion": lambda: at.criterion,
        "beta": lambda: at.beta,
        "sigma": lambda: at.sigma,
        "u": lambda: at.Lambda.T @ at.a,
        "gradient": lambda: rm.derivatives.gradient(problem.design, at),
    }


def fit_ways(problem: Problem) -> Ways:
    """Level `fit`."""
    found = problem.fit
    sds = [term.sd for term in found.varcorr.values()]
    return {
        "theta": lambda: found.theta,
        "criterion": lambda: found.criterion,
        "beta": lambda: found.beta,
        "sigma": lambda: found.sigma,
        "sd": lambda: np.concatenate(sds),
        "corr": lambda: terms.corr([np.asarray(term.cov) for term in found.varcorr.values()]),
    }


def inference_ways(problem: Problem) -> Ways:
    """Level `inference`."""
    found = problem.fit
    new = problem.request.get("newdata", {})
    return fit_ways(problem) | {
        "vcov": lambda: found.vcov,
        "ranef": lambda: [part[0] for part in by_term(found)],
        "condvar": lambda: [part[1] for part in by_term(found)],
        "fitted": lambda: found.fitted,
        "predicted": lambda: found.predict(frames.frame(new), new_levels="population"),
        "population": lambda: found.predict(frames.frame(new), random=False),
    }


def by_term(found: Fit) -> Iterator[tuple[Array, Array]]:
    """Random effects (J, k) and conditional variances (J, k, k), term by term."""
    ranef = found.ranef(cond_var=True)
    variances = ranef.cond_var or {}
    used = dict.fromkeys(ranef, 0)
    for term in found.design.terms:
        here = slice(used[term.group], used[term.group] + term.k)
        used[term.group] += term.k
        values = ranef[term.group].to_numpy()[:, here]
        yield values, np.moveaxis(variances[term.group][here, here], 2, 0)


LEVELS: dict[str, Callable[[Problem], Ways]] = {
    "design": design_ways,
    "evaluate": evaluate_ways,
    "fit": fit_ways,
    "inference": inference_ways,
    "invariance": inference_ways,
}
