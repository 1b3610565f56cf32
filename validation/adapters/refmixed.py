"""refmixed, as it chooses; refmixed_penalized.py and refmixed_marginal.py name a route."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

import refmixed as rm
from refmixed.design import Design
from refmixed.optimize import given
from refmixed.result import Fit
from refmixed.search import ROUTES, chosen

from . import answers, frames, terms
from .answers import Ways
from .frames import Array
from .messages import Json
from .refmixed_designs import from_arrays, from_formula

LATER = {"": "refmixed does not compute it yet"}


def start(route: str = "auto") -> Json:
    """Who answers."""
    name = "refmixed" if route == "auto" else f"refmixed ({route})"
    who = {"name": name, "version": rm.__version__, "language": answers.LANGUAGE}
    return {"version": 1, "implementation": who}


def run(request: Json, route: str = "auto") -> Json:
    """The answer to one request."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rm.RefmixedWarning)
        way = LEVELS[request["level"]]
        return answers.answer(request, way(Asked(request, route)), LATER)


@dataclass(frozen=True)
class Asked:
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
        return Fit.of(self.design, self.reml, self.route)

    @cached_property
    def kenward_roger(self) -> pd.DataFrame:
        """The t of each coefficient, after Kenward and Roger."""
        return self.fit.test_fixed("kenward-roger", type=None)


# --- answers --------------------------------------------------------------------------------------


def design_ways(asked: Asked) -> Ways:
    """Level `design`."""
    design = asked.design
    return {"y": lambda: design.y, "X": lambda: design.X, "Z": lambda: design.Z}


def evaluate_ways(asked: Asked) -> Ways:
    """Level `evaluate`: nothing is optimised."""
    theta = frames.array(asked.request["theta"])
    at = given(
        asked.design, theta, asked.reml, ROUTES[chosen(asked.route, asked.design)]
    ).evaluation
    return {
        "criterion": lambda: at.criterion,
        "beta": lambda: at.beta,
        "sigma": lambda: at.sigma,
        "u": lambda: at.u,
        "gradient": lambda: rm.derivatives.gradient(at),
    }


def fit_ways(asked: Asked) -> Ways:
    """Level `fit`."""
    result = asked.fit
    sds = [term.sd for term in result.varcorr.values()]
    return {
        "theta": lambda: result.theta,
        "criterion": lambda: result.criterion,
        "beta": lambda: result.beta,
        "sigma": lambda: result.sigma,
        "sd": lambda: np.concatenate(sds),
        "corr": lambda: terms.corr([np.asarray(term.cov) for term in result.varcorr.values()]),
    }


def inference_ways(asked: Asked) -> Ways:
    """Level `inference`."""
    result = asked.fit
    new = asked.request.get("newdata", {})
    return fit_ways(asked) | {
        "vcov": lambda: result.vcov,
        "ranef": lambda: [part[0] for part in by_term(result)],
        "condvar": lambda: [part[1] for part in by_term(result)],
        "pev": lambda: [part[1] for part in by_term(result, "beta estimated")],
        "fitted": lambda: result.fitted,
        "predicted": lambda: result.predict(frames.frame(new), new_levels="population"),
        "population": lambda: result.predict(frames.frame(new), random=False),
        "df_satterthwaite": lambda: result.test_fixed(type=None)["df"],
        "se_kr": lambda: asked.kenward_roger["Std. Error"],
        "df_kr": lambda: asked.kenward_roger["df"],
        "se_predicted": lambda: result.predict(frames.frame(new), new_levels="population", se=True)[
            "se"
        ],
        "se_population": lambda: result.predict(frames.frame(new), random=False, se=True)["se"],
    }


def by_term(result: Fit, cond_var: str = "beta known") -> Iterator[tuple[Array, Array]]:
    """Random effects (J, k) and conditional variances (J, k, k), term by term."""
    ranef = result.ranef(cond_var)
    variances = ranef.cond_var or {}
    used = dict.fromkeys(ranef, 0)
    for term in result.design.terms:
        here = slice(used[term.group], used[term.group] + term.k)
        used[term.group] += term.k
        values = ranef[term.group].to_numpy()[:, here]
        yield values, np.moveaxis(variances[term.group][here, here], 2, 0)


LEVELS: dict[str, Callable[[Asked], Ways]] = {
    "design": design_ways,
    "evaluate": evaluate_ways,
    "fit": fit_ways,
    "inference": inference_ways,
    "invariance": inference_ways,
}
