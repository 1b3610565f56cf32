"""F and its denominator's degrees of freedom, of the hypothesis that all p coefficients are zero.

With N = (X'V0^-1 X)^-1 and its slopes in the covariance parameters, Kenward and Roger match two
moments of F by A1 and A2; after Satterthwaite, Fai and Cornelius (as in lmerTest) each eigenvector
of the coefficients' covariance has degrees of freedom of its own, and F those whose mean is that of
the sum of their squared t.  The eigenvectors, and so these, depend on the units of X.
"""

from __future__ import annotations

from flint import acb_mat, arb

from .freedom import KenwardRoger, Slopes, coefficients
from .matrices import Matrix, ProofError, column, dot, eye, symmetric, total, trace_of_product
from .optimum import Optimum


def kenward_roger(found: KenwardRoger) -> list[arb] | None:
    """[F, df]; None where no F has such moments."""
    l_, W, moves = found.slopes.N.nrows(), found.slopes.W, found.slopes.moves
    traces = column(W, [dot(move, eye(W, l_)) for move in moves])
    A1 = dot(traces, W * traces)
    A2 = dot(W, symmetric(len(moves), lambda i, j: trace_of_product(moves[i], moves[j])))
    B = (A1 + 6 * A2) / (2 * l_)
    g = ((l_ + 1) * A1 - (l_ + 4) * A2) / ((l_ + 2) * A2)
    c = [x / (3 * l_ + 2 * (1 - g)) for x in (g, l_ - g, l_ + 2 - g)]
    mean = 1 / (1 - A2 / l_)
    variance = 2 * (1 + c[0] * B) / ((1 - c[1] * B) ** 2 * (1 - c[2] * B)) / l_
    df = 4 + (l_ + 2) / (l_ * variance / (2 * mean**2) - 1)
    if mean < 0 or df < 2:
        return None
    if not (mean > 0 and df > 2):
        raise ProofError("moments at the edge of what an F has")
    return [df / (mean * (df - 2)) * found.wald / l_, df]


def satterthwaite(fit: Optimum, slopes: Slopes) -> list[arb] | None:
    """[F, df]; df is 2 unless all exceed 2.

    None where eigenvalues are not told apart: within their space eigenvectors are anybody's choice.
    """
    vectors = eigenvectors(slopes.N)
    if vectors is None:
        return None
    p, dfs, beta = len(vectors), [slopes.freedom(c) for c in vectors], coefficients(fit)
    F = dot(beta, fit.here.XVX * beta) / (fit.sigma2 * p)
    if any(df < 2 for df in dfs):
        return [F, arb(2)]
    if not all(df > 2 for df in dfs):
        raise ProofError("degrees of freedom that may be two, or less")
    E = total((df / (df - 2) for df in dfs), arb(0))
    return [F, 2 * E / (E - p)]


def eigenvectors(N: Matrix) -> list[Matrix] | None:
    """Each (p, 1); None where two eigenvalues are not told apart."""
    try:
        _, vectors = acb_mat(N).eig(right=True)
    except ValueError:
        return None
    p = N.nrows()
    return [column(N, [vectors[i, j].real for i in range(p)]) for j in range(p)]
