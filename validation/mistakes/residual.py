"""Mistakes about the residual variance, and about what the variances tell of beta."""

from __future__ import annotations

import numpy as np

from refmixed import penalized
from refmixed.covariance import is_diagonal, relative_factor
from refmixed.derivatives import hessian
from refmixed.linalg import Array

from .problem import Case, Values
from .registry import mistake

INTERIOR = 1e-4  # of theta, from which on a diagonal entry is not on the boundary
LEAST = 1e-6  # of the covariance of beta that is added: none where the design is balanced


@mistake("units", "eq:V", "fit", "inference")
def unit_residual_variance(p: Case) -> Values | None:
    """V has I for sigma^2 I beside the covariance of the effects: they are shrunk too little."""
    told = ("beta",) if p.level == "fit" else ("ranef", "fitted", "predicted", "population")
    wrong = p.answers(theta=p.theta * p.right.sigma)
    return {quantity: wrong[quantity] for quantity in told if quantity in p.truth}


@mistake("variance", "eq:vcov", "inference")
def joint_information(p: Case) -> Values | None:
    """The covariance of beta is a block of the inverse information of beta and theta together."""
    if not (p.theta[is_diagonal(p.design)] > INTERIOR).all():
        return None
    slopes = beta_slopes(p)  # (p, m)
    curvature = hessian(penalized.evaluate(p.design, p.theta, p.reml))  # (m, m), of -2 log L
    added = 2 * slopes @ np.linalg.solve(curvature, slopes.T)
    vcov = p.right.sigma**2 * p.right.beta_cov
    return {"vcov": vcov + added} if np.linalg.norm(added) > LEAST * np.linalg.norm(vcov) else None


def beta_slopes(p: Case) -> Array:
    """(p, m): the derivatives in theta of the best beta."""
    here, columns = p.right, []
    for direction in np.eye(len(p.theta)):
        half = relative_factor(p.design, direction) @ here.Lambda.T
        columns.append(-here.beta_cov @ here.U @ (half + half.T) @ here.a)
    return np.column_stack([np.zeros((p.design.p, 0)), *columns])
