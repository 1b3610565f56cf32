"""What the arguments of tasks are: a shape and a meaning for each name, the same in every task."""

from __future__ import annotations

from .questions import cut_of
from .records import Assignment, Function

ARGUMENTS: dict[str, tuple[str, str]] = {
    # sizes
    "n": ("()", "how many rows there are"),
    "dof": ("()", "the degrees of freedom of pwrss"),
    "k": ("()", "how many effects a level has"),
    "q": ("()", "how many columns Z has"),
    "levels": ("()", "how many levels the group has"),
    "size": ("()", "how many levels there might be: all codes are below"),
    # data
    "y": ("(n,)", "the response, less the offset"),
    "X": ("(n, p)", "the model matrix of the fixed effects"),
    "Z": ("(n, q)", "the model matrix of the random effects"),
    "weights": ("(n,)", "the variance of the error of a row is sigma^2 over its weight"),
    "x": ("(n, k)", "a row for each observation: what the effects of its level are multiplied by"),
    "codes": ("(n,)", "the level of each row, counted from 0"),
    "other": ("(n,)", "the level of each row in another factor"),
    "left": ("(n, k)", "the columns of one factor or covariate"),
    "right": ("(n, l)", "the columns of another"),
    # parameters
    "beta": ("(p,)", "the fixed effects"),
    "sigma": ("()", "the standard deviation of an error of weight 1"),
    "factor": ("(k, k)", "the factor of one level, a lower triangle"),
    "Lambda": ("(q, q)", "the factor of all levels: gamma = Lambda u"),
    "T": ("(q, q)", "Lambda Lambda', the covariance of gamma over sigma^2"),
    "u": ("(q,)", "the spherical random effects"),
    # rows to predict
    "X0": ("(r, p)", "rows of the model matrix of the fixed effects"),
    "Z0": ("(r, q)", "the same rows of that of the random effects"),
    # variances, and their test
    "contrast": ("(p,)", "the coefficients of the combination contrast' beta"),
    "parts": ("(m, n, n)", "the matrices V_a: V, the covariance of y, is the sum of phi_a V_a"),
    "Vinv": ("(n, n)", "the inverse of V"),
    "vcov": ("(p, p)", "the covariance of the estimate of beta, (X' V^-1 X)^-1"),
    "information": ("(m, m)", "the expected information on the variances phi"),
    "N": ("()", "the dimension of the data: n - p by REML, n by ML"),
    "shares": ("(b, r)", "in each row the shares of |a|^2 along the eigenvalues mu, of sum 1"),
    "mu": ("(r,)", "the different positive eigenvalues of Z' P Z at tau = 0"),
    "xi": ("(s,)", "by REML the same as mu, by ML the different eigenvalues of Z' W Z"),
    "counts": ("(s,)", "how many times each of xi occurs"),
    # what is computed of them
    "V0": ("(n, n)", "the covariance of y over sigma^2"),
    "V0inv": ("(n, n)", "the inverse of V0"),
    "beta_cov": ("(p, p)", "the covariance of the estimate of beta over sigma^2"),
    "G": ("(q, n)", "the posterior mean of gamma is G (y - X beta)"),
    "gamma_cov": ("(q, q)", "the covariance of gamma given y and beta over sigma^2"),
    "Wy": ("(n,)", "W y, the response of each row times its weight"),
    "ZtZ": ("(q, q)", "Z' W Z, W the diagonal matrix of the weights"),
    "L": ("(q, q)", "the lower triangle of the random effects"),
    "RZX": ("(q, p)", "the block of the factor between random and fixed effects"),
    "RX": ("(p, p)", "the upper triangle of the fixed effects"),
    "cu": ("(q,)", "what the way down has found for u"),
    "residuals": ("(n,)", "y - X beta - Z Lambda u"),
    "logdet_V0": ("()", "the logarithm of the determinant of V0"),
    "logdet_XVX": ("()", "the logarithm of the determinant of X' V0^-1 X"),
    "pwrss": ("()", "the residual sum of squares r' V0^-1 r, r = y - X beta at the best beta"),
}


def meaning(task: Function, name: str) -> str:
    """The shape and the meaning of an argument, in one line; empty where none is said."""
    return (task.arguments or {}).get(name) or " ".join(ARGUMENTS.get(name, ()))


def arguments_of(one: Assignment) -> list[str]:
    """The names of all arguments of an assignment, each once."""
    functions = [task for task in one.tasks if isinstance(task, Function)]
    return list(dict.fromkeys(name for task in functions for name in cut_of(task).parameters))
