"""What adapters share of generalized models by formulas: proportions, and what packages lack."""

from __future__ import annotations

import pandas as pd

from . import frames
from .messages import Json


def of_proportions(request: Json) -> tuple[str, pd.DataFrame]:
    """The formula and the data; of several trials the response is made a proportion."""
    model, data = request["model"], frames.frame(request["data"])
    if model["trials"]:
        data[model["response"]] /= data[model["trials"]]
    return f"{model['response']} ~{model['formula'].partition('~')[2]}", data


def lacks(request: Json, name: str) -> str:
    """What is asked that a package like lme4 does not have, or nothing."""
    model = request["model"]
    if model["likelihood"] == "exact":
        return f"{name} has no exact likelihood"
    if model["dialect"] == "observed":
        return f"{name}'s determinant has Fisher's weights where the link is not canonical"
    if "maximum" in request["asked"]:
        return f"{name} does not say whether there is a maximum"
    return ""
