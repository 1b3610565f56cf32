"""All parameters of a model at one point of a profile."""

from __future__ import annotations

import numpy as np

from ...covariance import factors
from ...linalg import Array
from ...varcorr import covariance
from .held import Held, Local
from .parameters import Parameter


def reported(held: Held, here: Local, asked: list[Parameter]) -> Array:
    """The value (any,) of each parameter."""
    ways = held.shifted.ways
    B, _, _ = held.chart.factors(here.x[held.h :])
    sigma = float(ways.size * np.exp(here.x[-1]))
    theta = ways.theta_out(held.theta(B))  # (m,)
    triangles = factors(ways.design, theta)
    terms = [
        covariance(term.effects, triangle, sigma)
        for term, triangle in zip(ways.design.terms, triangles, strict=True)
    ]
    beta = held.shifted.beta(here.x[: held.h], here.at.beta)

    def value(p: Parameter) -> float:
        if p.kind == "sd":
            return float(terms[p.t].sd.iloc[p.i])
        if p.kind == "cor":
            return float(terms[p.t].corr.to_numpy()[p.i, p.j])
        if p.kind == "theta":
            return float(triangles[p.t][p.i, p.j])
        return float(beta[p.i]) if p.kind == "beta" else sigma

    return np.array([value(p) for p in asked])
