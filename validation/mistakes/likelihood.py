"""Mistakes about the criterion, its constants and its derivative."""

from __future__ import annotations

import numpy as np

from refmixed.design import Design

from .problem import Problem, Values
from .registry import ANYWHERE, mistake
from .textbook import Array

TWO_PI = 2 * np.pi


@mistake(*ANYWHERE)
def ml_for_reml(p: Problem) -> Values | None:
    """Full maximum likelihood where restricted maximum likelihood is asked for."""
    return p.answers(reml=False) if p.reml else None


@mistake(*ANYWHERE)
def reml_for_ml(p: Problem) -> Values | None:
    """Restricted maximum likelihood where full maximum likelihood is asked for."""
    return None if p.reml else p.answers(reml=True)


@mistake("evaluate", "fit")
def no_logdet_x(p: Problem) -> Values | None:
    """The log|X'V^-1 X| term of REML is missing."""
    if not p.reml:
        return None
    criterion = p.right.criterion - p.right.logdet_X
    return {"criterion": criterion, "gradient": p.right.gradient(fixed_effects=False)}


@mistake("evaluate", "fit")
def divisor_n(p: Problem) -> Values | None:
    """REML divides the residual sum of squares by n instead of n - p."""
    return other_divisor(p, p.design.n) if p.reml else None


@mistake("evaluate", "fit")
def divisor_n_minus_p(p: Problem) -> Values | None:
    """ML divides the residual sum of squares by n - p instead of n."""
    return None if p.reml else other_divisor(p, p.design.n - p.design.p)


def other_divisor(p: Problem, divisor: int) -> Values:
    """sigma, and the standard deviations that are multiples of it, by another divisor."""
    wrong = {"sigma": np.sqrt(p.right.r2 / divisor)}
    if p.level == "fit":
        wrong["sd"] = p.true("sd") * wrong["sigma"] / p.right.sigma
    return wrong


@mistake("evaluate", "fit")
def no_two_pi(p: Problem) -> Values:
    """The log(2 pi) of the criterion is missing."""
    return {"criterion": p.right.criterion - p.right.dof * np.log(TWO_PI)}


@mistake("evaluate", "fit")
def no_constants(p: Problem) -> Values:
    """The constants of the criterion, 1 + log(2 pi) for each degree of freedom, are missing."""
    return {"criterion": p.right.criterion - p.right.dof * (1 + np.log(TWO_PI))}


@mistake("evaluate", "fit")
def constants_of_n(p: Problem) -> Values | None:
    """REML's constants are those of n observations instead of n - p."""
    if not p.reml:
        return None
    return {"criterion": p.right.criterion + p.design.p * np.log(TWO_PI)}


@mistake("evaluate", "fit")
def ml_constants_in_reml(p: Problem) -> Values | None:
    """The REML criterion has n in place of n - p throughout."""
    if not p.reml:
        return None
    n, here = p.design.n, p.right
    constants = n * (1 + np.log(TWO_PI * here.r2 / n))
    return {"criterion": here.logdet_V0 + here.logdet_X + constants}


@mistake("evaluate", "fit")
def harville_constant(p: Problem) -> Values | None:
    """The REML criterion has log|X'X| subtracted, as in Harville's form of it."""
    if not p.reml:
        return None
    X = p.design.X
    return {"criterion": p.right.criterion - np.linalg.slogdet(X.T @ X)[1]}


@mistake("evaluate", "fit")
def log_likelihood(p: Problem) -> Values:
    """The log-likelihood in place of -2 times it."""
    return {"criterion": -p.right.criterion / 2, "gradient": -p.right.gradient() / 2}


@mistake("evaluate", "fit")
def half_criterion(p: Problem) -> Values:
    """Minus the log-likelihood in place of -2 times it."""
    return {"criterion": p.right.criterion / 2, "gradient": p.right.gradient() / 2}


@mistake("evaluate", "fit")
def sign_of_criterion(p: Problem) -> Values:
    """Twice the log-likelihood in place of -2 times it."""
    return {"criterion": -p.right.criterion, "gradient": -p.right.gradient()}


@mistake("evaluate", "fit")
def logdet_once(p: Problem) -> Values:
    """The log determinant of V is counted once as that of its Cholesky factor, half of it."""
    return {"criterion": p.right.criterion - p.right.logdet_V0 / 2}


@mistake("evaluate", "fit")
def no_logdet_v(p: Problem) -> Values:
    """The log determinant of V is missing."""
    return {"criterion": p.right.criterion - p.right.logdet_V0}


@mistake("evaluate", "fit")
def no_logdet_weights(p: Problem) -> Values | None:
    """The log determinant of the weights is missing from that of V."""
    if (p.design.weights == 1).all():
        return None
    return {"criterion": p.right.criterion + np.log(p.design.weights).sum()}


@mistake("evaluate", "fit")
def no_penalty(p: Problem) -> Values:
    """The residual sum of squares is taken without the penalty |u|^2."""
    here = p.right
    residuals = p.design.y - here.fitted
    rss = float(p.design.weights @ residuals**2)
    criterion = here.criterion + here.dof * np.log(rss / here.r2)
    return {"criterion": criterion, "sigma": np.sqrt(rss / here.dof)}


@mistake("evaluate", "fit")
def diagonal_marginal_covariance(p: Problem) -> Values:
    """The marginal covariance of y is taken as diagonal, as if observations were independent."""
    return generalized_least_squares(p.design, np.diag(np.diag(p.right.V0)), p.reml)


@mistake("evaluate", "fit")
def least_squares(p: Problem) -> Values:
    """beta by least squares, without the random effects."""
    wrong = generalized_least_squares(p.design, np.diag(1 / p.design.weights), p.reml)
    return {"beta": wrong["beta"]}


def generalized_least_squares(design: Design, V0: Array, reml: bool) -> Values:
    """Criterion, beta and sigma for another V0 (n, n)."""
    X, y, dof = design.X, design.y_less_offset, design.dof(reml)
    V0inv = np.linalg.inv(V0)
    XVX = X.T @ V0inv @ X
    beta = np.linalg.solve(XVX, X.T @ (V0inv @ y))
    r = y - X @ beta
    r2 = float(r @ V0inv @ r)
    logdets = np.linalg.slogdet(V0)[1] + (np.linalg.slogdet(XVX)[1] if reml else 0.0)
    criterion = logdets + dof * (1 + np.log(TWO_PI * r2 / dof))
    return {"criterion": criterion, "beta": beta, "sigma": np.sqrt(r2 / dof)}


@mistake("evaluate")
def gradient_in_variances(p: Problem) -> Values | None:
    """The derivative in the squares of theta, without the chain rule's factor."""
    if any(term.k > 1 for term in p.design.terms) or not p.theta.all():
        return None
    return {"gradient": p.right.gradient() / (2 * p.theta)}


@mistake("evaluate")
def gradient_without_residual(p: Problem) -> Values:
    """The derivative of the log determinants alone, that of the residuals left out."""
    here = p.right
    pushed = 2 * here.dof / here.r2 * np.outer(here.a, here.a) @ here.Lambda
    return {"gradient": here.gradient() + here.entries(pushed)}
