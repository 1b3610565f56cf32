"""The response of a generalized model: successes of trials, counts, or positive numbers.

As in R's glm() a binomial one is a proportion, and its weights are the trials; 0 and 1, FALSE and
TRUE, the two levels of a factor, and cbind(successes, failures) are other ways to write that.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..design import Design
from ..errors import FamilyError, ResponseError, WeightsError, nth
from ..linalg import Array
from ..r.deparse import deparse
from ..r.design import Read, response
from ..r.frame import Frame
from ..r.parse import Node
from .families import Binomial, Family, Gamma, Poisson
from .links import Probability
from .named import Named

OFF = 1e-3  # of successes: what R's glm() lets pass without a warning
ROUNDED, EXACT = 1e-4, 1e-8  # of a proportion of several trials, and of one


def reader(named: Named, weights_given: bool) -> Read:
    """What makes the response of the columns of a formula."""

    def read(frame: Frame, node: Node) -> tuple[Array, Array]:
        if named.family != "binomial":
            return response(frame, node), frame.weights
        variable, values = frame.variables[node], frame.values[node]
        if variable.levels is not None:
            return truths(variable, values), frame.weights
        if values.shape[1] == 1:
            return response(frame, node), frame.weights
        if values.shape[1] > 2:
            raise ResponseError(
                f"{deparse(node)} has {values.shape[1]} columns, and a binomial response one or two"
            )
        if weights_given:
            raise WeightsError(
                f"{deparse(node)} says how many trials there are: leave the weights out"
            )
        return pairs(values, node, frame.index)

    return read


def truths(variable: Any, codes: Array) -> Array:
    """(n,): 0 for the first of two levels, 1 for the second.  Raises ResponseError."""
    if len(variable.levels) != 2:
        raise ResponseError(
            f"the response {variable.name} has {len(variable.levels)} levels, and a binomial one "
            "has two"
        )
    return codes.astype(float)


def pairs(values: Array, node: Node, index: Any) -> tuple[Array, Array]:
    """Proportions (n,) and trials (n,) of successes and failures (n, 2).  Raises ResponseError."""
    bad = (values < 0) | (values != np.round(values))
    if bad.any():
        row = int(bad.any(axis=1).argmax())
        raise ResponseError(
            f"successes and failures must be whole numbers, none below zero, and row "
            f"{nth(index, row)} has {values[row][bad[row]][0]:g} in {deparse(node)}"
        )
    trials = values.sum(axis=1)
    if not trials.all():
        row = int((trials == 0).argmax())
        raise ResponseError(f"row {nth(index, row)} has no trials: leave it out")
    return values[:, 0] / trials, trials


def family_of(named: Named, design: Design) -> Family:
    """The family with the responses and weights of a design.  Raises ResponseError."""
    y, weights = design.y, design.weights
    if named.family == "poisson":
        refuse(
            (y < 0) | (y != np.round(y)), design, "counts must be whole numbers, none below zero"
        )
        return Poisson(y, weights)
    if named.family == "Gamma":
        refuse(y <= 0, design, "responses of the family Gamma must be positive")
        return Gamma(y, weights)
    refuse((y < 0) | (y > 1), design, "a binomial response must be a proportion, from 0 to 1")
    successes = np.round(y * weights)
    near = np.where(weights > 1, np.minimum(ROUNDED * weights, OFF), EXACT)
    off = (np.abs(y * weights - successes) > near) | (weights != np.round(weights))
    if (weights != 1).any():
        times = "proportions times their weights, the trials, must be whole numbers"
        refuse(off, design, times, weights)
    refuse(off, design, "a binomial response is 0 or 1, or has the numbers of trials as weights")
    if not isinstance(named.link, Probability):
        raise FamilyError(f"the link {named.link.name!r} gives no probability")
    return Binomial(named.link, successes, weights)


def refuse(bad: Array, design: Design, demand: str, trials: Array | None = None) -> None:
    """Raises ResponseError where some rows are bad."""
    if bad.any():
        row = int(bad.argmax())
        times = "" if trials is None else f" times {trials[row]:g}"
        has = f"{design.y[row]:g}{times}"
        raise ResponseError(f"{demand}, and row {nth(design.index, row)} has {has}")
