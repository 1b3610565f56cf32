"""A design without a rounding error: its criterion in balls, the rank of what V is a sum of."""

from __future__ import annotations

import numpy as np
from flint import arb, ctx

from refmixed.design import Design
from validation.certificate.decimals import decimals, row
from validation.certificate.flat import Flat
from validation.proof import engine
from validation.proof.matrices import ball
from validation.proof.optimum import BITS
from validation.proof.problem import problem


def criterion(design: Design, theta: np.ndarray, reml: bool) -> arb:
    """The criterion at theta (m,), in a ball far smaller than a double's last digit."""
    with ctx.workprec(BITS):
        blocks = problem(decimals(design), reml).balls()
        T = engine.covariances(engine.factors(blocks, [ball(t) for t in row(theta)]))
        return engine.criterion(engine.at(blocks, T), blocks.weights)


def undetermined(design: Design, reml: bool) -> int:
    """How many combinations of W^-1 and the M_j are zero, by REML of K'W^-1K and the K'M_jK."""
    return Flat(decimals(design), reml).lost
