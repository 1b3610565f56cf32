"""refmixed, as it chooses; refmixed_penalized.py and refmixed_marginal.py name a route."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

import refmixed as rm
from refmixed.optimize import given
from refmixed.result import Fit
from refmixed.search import ROUTES, chosen

from . import answers, frames, refmixed_generalized, terms
from .answers import UnsupportedError, Ways
from .frames import Array
from .messages import Json
from .refmixed_models import Modelled, modelled
from .refmixed_software import software as software


def start(route: str = "auto") -> Json:
    """Who answers."""
    name = "refmixed" if route == "auto" else f"refmixed ({route})"
    who = {"name": name, "version": rm.__version__, "language": answers.LANGUAGE}
    return {"version": 1, "implementation": who}


def run(request: Json, route: str = "auto") -> Json:
    """The answer to one request."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rm.RefmixedWarning)
        if request["level"] in answers.GENERALIZED:
            return generalized(request, route)
        way = LEVELS[request["level"]]
        return answers.answer(request, way(Asked(request, modelled(request, route))), {})


def generalized(request: Json, route: str) -> Json:
    """The answer about a generalized model."""
    try:
        return answers.answer(request, refmixed_generalized.ways(request, route), {})
    except UnsupportedError as reason:
        return {"id": request["id"], "skip": str(reason)}


@dataclass(frozen=True)
class Asked:
    """A request, and the model that it is about."""

    request: Json
    model: Modelled


# --- answers --------------------------------------------------------------------------------------


def design_ways(asked: Asked) -> Ways:
    """Level `design`."""
    design = asked.model.design
    return {"y": lambda: design.y, "X": lambda: design.X, "Z": lambda: design.Z}


def evaluate_ways(asked: Asked) -> Ways:
    """Level `evaluate`: nothing is optimised."""
    theta = frames.array(asked.request["theta"])
    model, design = asked.model, asked.model.design
    at = given(design, theta, model.reml, ROUTES[chosen(model.route, design)]).evaluation
    return {
        "criterion": lambda: at.criterion,
        "beta": lambda: at.beta,
        "sigma": lambda: at.sigma,
        "u": lambda: at.u,
        "gradient": lambda: rm.derivatives.gradient(at),
    }


def fit_ways(asked: Asked) -> Ways:
    """Level `fit`."""
    result = asked.model.fit
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
    result = asked.model.fit
    new = asked.request.get("newdata", {})
    limits = profiles(result)
    return fit_ways(asked) | {
        "vcov": lambda: result.vcov,
        "ranef": lambda: [part[0] for part in by_term(result)],
        "condvar": lambda: [part[1] for part in by_term(result)],
        "pev": lambda: [part[1] for part in by_term(result, "beta estimated")],
        "fitted": lambda: result.fitted,
        "predicted": lambda: result.predict(frames.frame(new), new_levels="population"),
        "population": lambda: result.predict(frames.frame(new), random=False),
        "se_predicted": lambda: result.predict(frames.frame(new), new_levels="population", se=True)[
            "se"
        ],
        "se_population": lambda: result.predict(frames.frame(new), random=False, se=True)["se"],
        "df_satterthwaite": lambda: result.test_fixed(type=None)["df"],
        "se_kr": lambda: asked.model.kenward_roger["Std. Error"],
        "df_kr": lambda: asked.model.kenward_roger["df"],
        "f_satterthwaite": lambda: of_all(result, "satterthwaite"),
        "f_kr": lambda: of_all(result, "kenward-roger"),
        "profile_beta": lambda: limits("beta_"),
        "profile_sigma": lambda: limits("sigma")[0],
        "profile_sd": lambda: limits("sd_"),
    }


def of_all(result: Fit, df: str) -> Array:
    """F of all coefficients at once, and its denominator's degrees of freedom."""
    test = result.test_fixed(df, np.eye(result.design.p))
    return test[["F value", "DenDF"]].to_numpy()[0]


def profiles(result: Fit) -> Callable[[str], Array]:
    """(any, 2): limits of 95% by the profile of the ML criterion, of one fit for all of them."""
    ml = cache(lambda: Fit.of(result.design, False, result.route) if result.reml else result)
    return lambda which: ml().confint("profile", which=which).to_numpy()


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
