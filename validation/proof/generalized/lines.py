"""A model along a line of parameters, psi + t v: power series in t, up to t^2.

The mode moves along: its series follows from gradient h = 0, coefficient by coefficient.
"""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb, arb_series

from .mode import Mode, gradient
from .model import At, Vector

ORDER = 3  # coefficients


def series(*coefficients: arb | int) -> arb_series:
    """A power series up to t^2."""
    return arb_series(list(coefficients), prec=ORDER)


def along(mode: Mode, v: Sequence[arb | int]) -> tuple[At, Vector]:
    """The model at psi + t v, and the mode there."""
    at = mode.at.model.at([series(x, s) for x, s in zip(mode.at.psi, v, strict=True)])
    coefficients: list[Vector] = [[x] for x in mode.u]
    for order in range(1, ORDER):
        left = gradient(at, [series(*c) for c in coefficients])
        step = mode.H.solve([x[order] for x in left])
        coefficients = [[*c, -s] for c, s in zip(coefficients, step, strict=True)]
    return at, [series(*c) for c in coefficients]
