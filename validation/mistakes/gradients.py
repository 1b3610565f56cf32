"""Mistakes about the derivative of the criterion alone."""

from __future__ import annotations

import numpy as np

from .problem import Case, Values
from .registry import mistake


@mistake("criterion", "eq:dT", "evaluate")
def gradient_in_variances(p: Case) -> Values | None:
    """The derivative in the squares of theta, without the chain rule's factor."""
    if any(term.k > 1 for term in p.design.terms) or not p.theta.all():
        return None
    return {"gradient": p.true("gradient") / (2 * p.theta)}


@mistake("criterion", "eq:dr2", "evaluate")
def gradient_without_residual(p: Case) -> Values:
    """The derivative of the log determinants alone, that of the residuals left out."""
    here = p.right
    pushed = 2 * here.dof / here.pwrss * np.outer(here.a, here.a) @ here.Lambda
    return {"gradient": p.true("gradient") + here.entries(pushed)}
