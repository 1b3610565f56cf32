"""statsmodels' MixedLM, given arrays, by BFGS with a low tolerance, which is started twice.

Once where it starts by itself and once where Powell's method ends; the higher likelihood counts.
"""

from __future__ import annotations

from functools import partial
from typing import Any

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
BAYESIAN = "statsmodels has generalized mixed models of Bayes alone, which maximise no likelihood"
OPTIONS = {"method": "bfgs", "gtol": 1e-9, "maxiter": 1000}


def start() -> Json:
    """Who answers."""
    return answers.implementation("statsmodels")


@partial(answers.linear, reason=BAYESIAN)
def run(request: Json) -> Json:
    """The answer to one request."""
    return like_statsmodels.run(request, fitted, NOT)


def fitted(arrays: Arrays, layout: Plan, reml: bool) -> Any:
    """The better of two fits."""
    return like_statsmodels.better(model(arrays, layout), reml, OPTIONS)


def model(arrays: Arrays, layout: Plan) -> Any:
    """The model."""
    main = None if layout.main is None else arrays.blocks[layout.main].x
    groups = range(int(layout.groups.max()) + 1)
    names = [f"v{t}" for t in layout.components]
    labels = [[list(map(str, layout.members(t, g))) for g in groups] for t in layout.components]
    matrices = [[layout.matrix(t, g) for g in groups] for t in layout.components]
    spec = VCSpec(names, labels, matrices) if names else None
    y = arrays.y - arrays.offset
    return MixedLM(y, arrays.X, layout.groups, exog_re=main, exog_vc=spec)
