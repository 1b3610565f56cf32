"""The package mixedlm-rs, whose class MixedLM is like that of statsmodels, with its defaults."""

from __future__ import annotations

from typing import Any

from mixedlm_rs import MixedLM

from . import answers, like_statsmodels
from .answers import UnsupportedError
from .frames import Arrays
from .like_statsmodels import Plan
from .messages import Json

NOT = {
    "pev": "mixedlm-rs has no covariances of errors of prediction",
    "predicted": "mixedlm-rs predicts without random effects",
    "": "mixedlm-rs does not compute it",
}


def start() -> Json:
    """Who answers."""
    return answers.implementation("mixedlm-rs")


@answers.linear
def run(request: Json) -> Json:
    """The answer to one request."""
    return like_statsmodels.run(request, fitted, NOT)


def fitted(arrays: Arrays, layout: Plan, reml: bool) -> Any:
    """The fit, of one term."""
    if layout.main is None or layout.components:
        raise UnsupportedError("of mixedlm-rs has one random term")
    y = arrays.y - arrays.offset
    return MixedLM(y, arrays.X, layout.groups, exog_re=arrays.blocks[layout.main].x).fit(reml=reml)
