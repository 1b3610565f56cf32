"""refmixed's models of requests, remembered.

Questions about one model that follow one another are answered by one fit, as whoever uses refmixed
would have it: the seconds of a report are those of the questions, and of a fit where it was made.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache

import pandas as pd

from refmixed.design import Design
from refmixed.result import Fit

from . import frames
from .messages import Json
from .refmixed_designs import from_arrays, from_formula

MODELS = 4  # that are remembered
SAID = ("form", "model", "data", "arrays")  # of a request, what its model hangs on


@dataclass(frozen=True)
class Modelled:
    """What a request says of a model and its data, and refmixed's model of it."""

    said: Json
    route: str

    @property
    def reml(self) -> bool:
        """Restricted maximum likelihood?"""
        return bool(self.said["model"]["reml"])

    @cached_property
    def design(self) -> Design:
        """The design, in the order of the request."""
        if self.said["form"] == "matrices":
            return from_arrays(self.said)
        return from_formula(self.said["model"], frames.frame(self.said["data"]))

    @cached_property
    def fit(self) -> Fit:
        """The fit of the design."""
        return Fit.of(self.design, self.reml, self.route)

    @cached_property
    def kenward_roger(self) -> pd.DataFrame:
        """The t of each coefficient, after Kenward and Roger."""
        return self.fit.test_fixed("kenward-roger", type=None)


@lru_cache(MODELS)
def remembered(said: str, route: str) -> Modelled:
    """The model of a text of JSON, made and fitted once for all that is asked of it."""
    return Modelled(json.loads(said), route)


def modelled(request: Json, route: str) -> Modelled:
    """The model of a request.

    At level invariance it is made anew: there two answers are asked for, to be compared.
    """
    said = {key: request[key] for key in SAID if key in request}
    anew = request["level"] == "invariance"
    return Modelled(said, route) if anew else remembered(json.dumps(said), route)
