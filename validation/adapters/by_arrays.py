"""Packages that are given y, X and the terms as arrays, in one fit: what their adapters share.

Where a package has no offset it is subtracted from the response, and added to what is fitted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import answers, frames, terms
from .answers import UnsupportedError, Ways
from .frames import Array, Arrays, Block
from .messages import Json

Fit = Callable[[Arrays, bool], Ways]  # arrays, REML or not -> ways to the quantities


def run(request: Json, package: str, fit: Fit, missing: Json) -> Json:
    """The answer to one request; `fit` raises UnsupportedError where there is nothing to offer."""
    if request["level"] in ("design", "evaluate"):
        return {"id": request["id"], "skip": f"{package} documents nothing but the fit"}
    try:
        ways = fit(frames.in_arrays(request), bool(request["model"]["reml"]))
    except UnsupportedError as reason:
        return {"id": request["id"], "skip": str(reason)}
    return answers.answer(request, answers.forgiving(ways), missing)


def unweighted(arrays: Arrays, package: str) -> Array:
    """The response without its offset.  Raises UnsupportedError where there are weights."""
    if arrays.weights is not None:
        raise UnsupportedError(f"{package} has no prior weights")
    return arrays.y - arrays.offset


def columns(block: Block) -> Array:
    """The columns (n, J k) of Z of a term: level by level, effect by effect within a level."""
    member = block.codes[:, None] == np.arange(block.levels)  # (n, J)
    return (member[:, :, None] * block.x[:, None, :]).reshape(len(member), -1)


def covariance_ways(covariances: list[Array], sigma: float) -> Ways:
    """Ways to what the covariances (k, k) of the terms say."""
    own = [terms.Term("", [""] * len(c), [], c) for c in covariances]
    return terms.term_ways(own, sigma) | {"sigma": lambda: sigma}


def spread(variances: Any) -> list[Array]:
    """The covariances of terms of one effect; a variance below zero has no standard deviation."""
    return [np.array([[v if v >= 0 else np.nan]]) for v in np.asarray(variances, dtype=np.float64)]
