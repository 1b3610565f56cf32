"""statsmodels' MixedLM, given arrays, by BFGS with a low tolerance, which is started twice.

Once where it starts by itself and once where Powell's method ends; the higher likelihood counts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec

from . import answers, like_statsmodels
from .frames import Arrays
from .like_statsmodels import Plan
from .messages import Json

NOT = {
    "pev": "statsmodels has no covariances of errors of prediction",
    "predicted": "statsmodels predicts without random effects",
    "": "statsmodels does not compute it",
}
OPTIONS = {"method": "bfgs", "gtol": 1e-9, "maxiter": 1000}


def start() -> Json:
    """Who answers."""
    return answers.implementation("statsmodels")


def run(request: Json) -> Json:
    """The answer to one request."""
    return like_statsmodels.run(request, fitted, NOT)


def fitted(arrays: Arrays, how: Plan, reml: bool) -> Any:
    """The better of two fits."""
    made, fits = model(arrays, how), []
    for powell in (False, True):
        try:
            start = from_powell(made, reml) if powell else {}
            fits.append(made.fit(reml=reml, **start, **OPTIONS))
        except np.linalg.LinAlgError as error:
            failure = error
    if not fits:
        raise failure
    return max(fits, key=lambda fit: fit.llf)


def from_powell(made: Any, reml: bool) -> Json:
    """Where Powell's method ends, as a start."""
    return {"start_params": made.fit(reml=reml, method="powell", maxiter=1000).params_object}


def model(arrays: Arrays, how: Plan) -> Any:
    """The model."""
    main = None if how.main is None else arrays.blocks[how.main].x
    groups = range(int(how.groups.max()) + 1)
    names = [f"v{t}" for t in how.components]
    labels = [[list(map(str, how.members(t, g))) for g in groups] for t in how.components]
    matrices = [[how.matrix(t, g) for g in groups] for t in how.components]
    spec = VCSpec(names, labels, matrices) if names else None
    y = arrays.y - arrays.offset
    return MixedLM(y, arrays.X, how.groups, exog_re=main, exog_vc=spec)
