"""Requests about generalized models as arrays, in the order of the request."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from . import frames
from .frames import Arrays, Block
from .messages import Json


def in_arrays(request: Json) -> Arrays:
    """The arrays of a request of either form.

    y (n,) is a proportion where there are trials, which are the weights then.
    """
    made = of_arrays(request) if request["form"] == "matrices" else of_formula(request)
    if made.weights is None or (made.weights == 1).all():
        return replace(made, weights=None)
    return replace(made, y=made.y / made.weights)


def of_formula(request: Json) -> Arrays:
    """Those of its data, y not divided by the trials."""
    model, data = request["model"], frames.frame(request["data"])
    made = frames.rows({**request, "model": {**model, "weights": None}}, data)
    trials = data[model["trials"]].to_numpy() if model["trials"] else None
    return replace(made, y=data[model["response"]].to_numpy(), weights=trials)


def of_arrays(request: Json) -> Arrays:
    """Those that it gives, y not divided by the trials."""
    given = request["arrays"]
    y, trials, offset = (frames.array(given[key]) for key in ("y", "trials", "offset"))
    parts = zip(request["model"]["terms"], given["z"], given["places"], strict=True)
    blocks = [
        Block(np.array(places), frames.array(z).reshape(len(y), -1), term["levels"])
        for term, z, places in parts
    ]
    return Arrays(y, frames.array(given["X"]).reshape(len(y), -1), blocks, trials, offset)
