"""refmixed, by penalized least squares; refmixed_marginal.py takes the route by definition."""

from __future__ import annotations

import platform
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

import refmixed as rm
from refmixed.design import Design, RandomTerm
from refmixed.fit import ROUTES, Fit, call_labels, fit
from refmixed.optimize import given
from refmixed.r.design import Recipe
from refmixed.r.formula import parse_formula

from . import answers, frames, terms
from .answers import Ways
from .frames import Array
from .messages import Json

LATER = {"": "refmixed does not compute it yet"}


def start(route: str = "penalized") -> Json:
    """Who answers."""
    name = "refmixed" if route == "penalized" else f"refmixed ({route})"
    language = f"Python {platform.python_version()}"
    who = {"name": name, "version": rm.__version__, "language": language}
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
        model = self.request["model"]
        made = rm.design(formula(model), self.data, weights=model["weights"], allow_saturated=True)
        return reordered(made, model)

    @cached_property
    def fit(self) -> Fit:
        """The fit of the design."""
        return fit(self.design, self.reml, self.route, call_labels(None, None, None))


# --- designs --------------------------------------------------------------------------------------


def formula(model: Json) -> str:
    """The formula; an offset stands in it, so that new rows have one, too."""
    offset = model["offset"]
    return f"{model['formula']} + offset({offset})" if offset else str(model["formula"])


def reordered(made: Design, model: Json) -> Design:
    """A design with the coefficients, terms, effects and levels in the order of the model."""
    columns = terms.order(made.names, model["coefficients"])
    keys = [terms.term_key(term.group, term.effects) for term in made.terms]
    wanted = [terms.term_key(term["group"], term["effects"]) for term in model["terms"]]
    places = terms.order(keys, wanted)
    chosen = [
        checked_term(made.terms[k], term) for k, term in zip(places, model["terms"], strict=True)
    ]
    kept = tuple(made.recipe.kept[k] for k in columns)
    bars = tuple(made.recipe.bars[k] for k in places)
    names = tuple(model["coefficients"])
    recipe = replace(made.recipe, kept=kept, bars=bars)
    return replace(made, X=made.X[:, columns], names=names, terms=tuple(chosen), recipe=recipe)


def checked_term(term: RandomTerm, wanted: Json) -> RandomTerm:
    """A term that has its effects and levels in the order of the request, or LookupError."""
    levels = terms.level_order(term.group, term.levels, wanted)
    if list(term.effects) != wanted["effects"] or levels != sorted(levels):
        raise LookupError(f"the order of {term.name} is {term.effects} and {term.levels}")
    return term


def from_arrays(request: Json) -> Design:
    """The design of a request of form `matrices`."""
    arrays = frames.arrays(request)
    y, n = arrays["y"], len(arrays["y"])
    widths = [term["effects"] * term["levels"] for term in request["model"]["terms"]]
    blocks = np.split(arrays["Z"], np.cumsum(widths)[:-1], axis=1)
    sizes = [(term["levels"], term["effects"]) for term in request["model"]["terms"]]
    made = [
        term_of(f"g{t}", block.reshape(n, *size))
        for t, (block, size) in enumerate(zip(blocks, sizes, strict=True))
    ]
    return Design(
        y=y,
        X=arrays["X"].reshape(n, -1),
        names=tuple(f"x{j}" for j in range(arrays["X"].shape[1])),
        terms=tuple(made),
        weights=arrays["weights"],
        offset=arrays["offset"],
        index=pd.RangeIndex(n),
        dropped=0,
        messages=(),
        recipe=Recipe(parse_formula("y ~ 1"), {}, (), (), {}),
    )


def term_of(name: str, Z: Array) -> RandomTerm:
    """A term of its columns of Z, (n, J, k), of which each row uses those of one level."""
    n, J, k = Z.shape
    codes = Z.any(axis=2).argmax(axis=1)  # (n,)
    effects = tuple(f"e{j}" for j in range(k))
    levels = tuple(str(j) for j in range(J))
    return RandomTerm(name, name, effects, levels, Z[np.arange(n), codes], codes)


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
