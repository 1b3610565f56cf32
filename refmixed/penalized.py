"""The same criterion from a q x q system: penalized least squares, as in lme4 and Henderson.

With gamma = Lambda u the model is a ridge regression of y on X and Z Lambda, |u|^2 its penalty:

    [ Lambda'Z'WZ Lambda + I   Lambda'Z'WX ] [u   ]   [ Lambda'Z'Wy ]
    [ X'WZ Lambda              X'WX        ] [beta] = [ X'Wy        ]

A factorization of this matrix gives the determinants too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .covariance import relative_factor
from .design import Design
from .evaluation import Evaluation, Posterior, profiled
from .linalg import Array, cholesky, logdet, solve_lower, solve_upper


@dataclass(frozen=True)
class Solution:
    """Penalized least squares at one theta.  L is lower and RX upper, as in lme4."""

    Lambda: Array  # (q, q)
    L: Array  # (q, q)
    RZX: Array  # (q, p)
    RX: Array  # (p, p)
    u: Array  # (q,)
    beta: Array  # (p,)
    residuals: Array  # (n,)  y - offset - X beta - Z gamma
    pwrss: float


def solve(design: Design, theta: Array) -> Solution:
    """beta, u and the factors that give the criterion.

    theta (m,): entries of the relative covariance factors, term by term.  eq:normal-equations ff.
    """
    Lambda = relative_factor(design, theta)  # (q, q)  eq:Lambda
    L = cholesky(Lambda.T @ design.ZtZ @ Lambda + np.eye(design.q))  # (q, q)  eq:L
    RZX = solve_lower(L, Lambda.T @ design.ZtX)  # (q, p)  eq:RZX
    RX = cholesky(design.XtX - RZX.T @ RZX).T  # (p, p)  eq:RX
    u, beta = back_solve(design, Lambda, L, RZX, RX, design.y_less_offset)
    r = residuals(design, Lambda, u, beta)
    pwrss = float(design.weights @ r**2 + u @ u)  # ()  eq:pwrss
    return Solution(Lambda, L, RZX, RX, u, beta, r, pwrss)


def back_solve(
    design: Design, Lambda: Array, L: Array, RZX: Array, RX: Array, y: Array
) -> tuple[Array, Array]:
    """u (q,) and beta (p,) of the factored system for a response y (n,).  eq:back-solve"""
    Wy = design.weights * y  # (n,)
    cu = solve_lower(L, Lambda.T @ (design.Z.T @ Wy))  # (q,)
    cbeta = solve_lower(RX.T, design.X.T @ Wy - RZX.T @ cu)  # (p,)
    beta = solve_upper(RX.T, cbeta)  # (p,)
    u = solve_upper(L, cu - RZX @ beta)  # (q,)
    return u, beta


def residuals(design: Design, Lambda: Array, u: Array, beta: Array) -> Array:
    """y - offset - X beta - Z Lambda u, (n,)."""
    return design.y_less_offset - design.X @ beta - design.Z @ (Lambda @ u)


def criterion(design: Design, theta: Array, reml: bool = True) -> float:
    """-2 log-likelihood (or restricted likelihood) at theta, beta and sigma at their best.

    theta (m,): entries of the relative covariance factors, term by term.
    eq:small-criterion
    """
    at = solve(design, theta)
    return profiled(design, logdet_V0(design, at), logdet(at.RX), at.pwrss, reml)


def logdet_V0(design: Design, at: Solution) -> float:
    """log det V0 = log det(L L') - sum log w, by Sylvester's identity.  eq:sylvester"""
    return logdet(at.L) - float(np.log(design.weights).sum())


def evaluate(design: Design, theta: Array, reml: bool = True) -> Evaluation:
    """The criterion at theta with what its derivatives need, by Woodbury.  eq:woodbury"""
    at = solve(design, theta)
    KZ = solve_lower(at.L, at.Lambda.T @ design.ZtZ)  # (q, q)
    ZtV0invZ = design.ZtZ - KZ.T @ KZ  # (q, q)  eq:zvz
    XtV0invZ = (design.ZtX - KZ.T @ at.RZX).T  # (p, q)  eq:xvz
    K = solve_lower(at.RX.T, XtV0invZ)  # (p, q)
    A = ZtV0invZ - K.T @ K  # (q, q)  eq:zpz
    RXinv = solve_lower(at.RX.T, np.eye(design.p)).T  # (p, p)
    return Evaluation(
        Lambda=at.Lambda,
        criterion=profiled(design, logdet_V0(design, at), logdet(at.RX), at.pwrss, reml),
        pwrss=at.pwrss,
        beta=at.beta,
        beta_cov=RXinv @ RXinv.T,  # (p, p)  eq:vcov
        A=A,
        C=A if reml else ZtV0invZ,
        a=design.ZtW @ at.residuals,  # (q,)  eq:weighted-residual
        dof=design.dof(reml),
    )


def posterior(design: Design, theta: Array) -> Posterior:
    """Mean and covariance of gamma = Lambda u given y.  eq:posterior-mean ff."""
    at = solve(design, theta)
    Linv_Lambdat = solve_lower(at.L, at.Lambda.T)  # (q, q)
    gamma = at.Lambda @ at.u  # (q,)  eq:posterior-factor
    return Posterior(gamma, Linv_Lambdat.T @ Linv_Lambdat)  # eq:posterior-factor
