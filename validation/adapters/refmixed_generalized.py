"""refmixed's answers about generalized models, by one of its routes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from json import dumps, loads

import numpy as np
import pandas as pd

from refmixed.covariance import factors
from refmixed.design import Design
from refmixed.errors import SeparationError
from refmixed.glm.given import NOTHING, Given
from refmixed.glm.likelihoods import Kind
from refmixed.glm.model import Model
from refmixed.glm.named import Named, named
from refmixed.glm.response import family_of, reader
from refmixed.glm.result import GlmerFit
from refmixed.r.design import design

from . import frames, terms
from .answers import UnsupportedError, Ways
from .frames import Array
from .messages import Json
from .refmixed_designs import formula, reordered, term_of

ROUTES = {"auto": "blocked", "penalized": "penalized"}
DIGITS = 13  # of an exact log-likelihood
FITS = 4  # that are remembered
LABELS = {"data": None, "weights": None, "offset": None}
SAID = ("level", "form", "model", "data", "arrays", "beta", "theta", "dispersion")


def ways(request: Json, route: str) -> Ways:
    """Ways to the quantities of both levels.  Raises UnsupportedError for the n x n route."""
    if route not in ROUTES:
        raise UnsupportedError(f"the route {route} is of normal responses")
    said = dumps({key: request[key] for key in SAID if key in request})
    return {
        "loglik": lambda: fitted(said, route).loglik,
        "ranef": lambda: list(modes(fitted(said, route))),
        "beta": lambda: fitted(said, route).beta,
        "sd": lambda: np.concatenate([np.sqrt(np.diag(c)) for c in covariances(said, route)]),
        "corr": lambda: terms.corr(covariances(said, route)),
        "dispersion": lambda: fitted(said, route).dispersion,
        "marginal": lambda: marginal(fitted(said, route)),
        "maximum": lambda: has_maximum(said, route),
    }


@lru_cache(FITS)
def fitted(said: str, route: str) -> GlmerFit:
    """The fit of a request, or the model at its parameters, made once for all that is asked."""
    request = loads(said)
    model = request["model"]
    chosen = named(f"{model['family']}({model['link']})")
    made = from_arrays(request) if request["form"] == "matrices" else from_formula(request, chosen)
    own = Model(made, family_of(chosen, made), model["dialect"] or "observed", ROUTES[route])
    kind = Kind(model["nodes"], DIGITS if model["likelihood"] == "exact" else None)
    return GlmerFit.of(own, kind, LABELS, parameters(request))


def parameters(request: Json) -> Given:
    """What is given, at level `glmm-evaluate`."""
    if "theta" not in request:
        return NOTHING
    spread = float(request["dispersion"]) if "dispersion" in request else None
    return Given(frames.array(request["beta"]), frames.array(request["theta"]), spread)


def has_maximum(said: str, route: str) -> int:
    """1, or 0 where an estimate is infinite."""
    try:
        fitted(said, route)
    except SeparationError:
        return 0
    return 1


def from_formula(request: Json, chosen: Named) -> Design:
    """The design of a request of form `formula`, in its order."""
    data, model = frames.frame(request["data"]), request["model"]
    read = reader(chosen, False)
    return reordered(design(formula(model), data, allow_saturated=True, read=read), model)


def from_arrays(request: Json) -> Design:
    """The design of a request of form `matrices`; of several trials y is a proportion."""
    arrays = request["arrays"]
    y, trials = frames.array(arrays["y"]), frames.array(arrays["trials"])
    X = frames.array(arrays["X"]).reshape(len(y), -1)
    z = [frames.array(x).reshape(len(y), -1) for x in arrays["z"]]
    rows = zip(request["model"]["terms"], z, arrays["places"], strict=True)
    blocks = [frames.Block(np.array(at), x, term["levels"]) for term, x, at in rows]
    return Design(
        y=y / trials,
        X=X,
        names=tuple(f"x{j}" for j in range(X.shape[1])),
        terms=tuple(term_of(f"g{t}", block) for t, block in enumerate(blocks)),
        weights=trials,
        offset=frames.array(arrays["offset"]),
        index=pd.RangeIndex(len(y)),
    )


def covariances(said: str, route: str) -> list[Array]:
    """Cov of a level's effects (k, k), a term each."""
    found = fitted(said, route)
    return [F @ F.T for F in factors(found.design, found.theta.to_numpy())]


def marginal(found: GlmerFit) -> Array:
    """The mean (n,) of each row over the random effects."""
    return np.asarray(found.predict(random="marginal", scale="response"))


def modes(found: GlmerFit) -> Iterator[Array]:
    """The modes of the random effects (J, k), a term each."""
    return by_term(found.design, found.theta.to_numpy(), found.likelihood.mode.u)


def by_term(made: Design, theta: Array, u: Array) -> Iterator[Array]:
    """Random effects (J, k), a term each, of the spherical ones u (q,)."""
    start = 0
    for term, F in zip(made.terms, factors(made, theta), strict=True):
        yield u[start : start + term.q].reshape(-1, term.k) @ F.T
        start += term.q
