"""Kenward and Roger's covariance of contrasts, and their F.  V is linear in sigma^2 T and sigma^2.

So its second derivatives, which the general formula has, are zero.  W is the inverse of the
information, expected or observed; of the direction in which V itself grows nothing is added, as
PVP = P.
"""

from __future__ import annotations

import numpy as np

from ...linalg import Array
from ..estimated import Estimated
from .information import Information
from .slopes import Slopes, whitening


def adjusted(here: Estimated, of: Slopes, known: Information) -> Array:
    """(l, l): the covariance of the contrasts with what theta-hat adds, twice.  eq:kenward-roger"""
    added = np.zeros_like(of.cov)
    for move in known.told:  # (N,)
        G = pushed(here, of, move)  # (n, l)
        V0invG = here.V0inv_times(G)
        PG = V0invG - here.V0invX @ (here.beta_cov @ (here.design.X.T @ V0invG))  # eq:P
        left = G - here.design.X @ (here.beta_cov @ (here.V0invX.T @ G))  # or X'PG is not quite 0
        added += left.T @ PG
    return of.cov + 2.0 * (added + added.T)  # eq:kenward-roger-added


def pushed(here: Estimated, of: Slopes, move: Array) -> Array:
    """(n, l): Z D U, D the move of T in N pairs."""
    K = sum(term.k for term in here.design.terms)
    D = np.zeros((K, K))
    D[here.at.layout.left, here.at.layout.right] = move
    blocks = here.at.layout.blocks(D)
    found = np.zeros((len(here.design.y), len(of.cov)))
    for term, block, U in zip(here.design.terms, blocks, of.U, strict=True):
        found += np.einsum("na,nac->nc", term.x @ block, U[term.codes])
    return found


def scale_and_freedom(of: Slopes, known: Information) -> tuple[float, float]:
    """What Wald's F of all contrasts is multiplied by, and its degrees of freedom below.

    nan where the mean of such an F is not finite: two degrees of freedom or less.
    """
    A1, A2, rows = traces(of, known)
    if rows == 1:
        return 1.0, 2.0 / A2  # eq:kenward-roger-one
    B = (A1 + 6.0 * A2) / (2.0 * rows)
    g = ((rows + 1) * A1 - (rows + 4) * A2) / ((rows + 2) * A2)
    below = 3.0 * rows + 2.0 * (1.0 - g)
    c1, c2, c3 = g / below, (rows - g) / below, (rows + 2 - g) / below
    mean = 1.0 - A2 / rows  # one over that of F
    rho = (mean / (1.0 - c2 * B)) ** 2 * (1.0 + c1 * B) / (1.0 - c3 * B) / rows
    m = 4.0 + (rows + 2) / (rows * rho - 1.0)  # eq:kenward-roger-freedom
    if not (m > 2.0 and mean > 0.0):
        return float("nan"), float("nan")
    return float(m * mean / (m - 2.0)), float(m)  # eq:kenward-roger-scale


def traces(of: Slopes, known: Information) -> tuple[float, float, int]:
    """A1 and A2, and how many contrasts are independent.  eq:kenward-roger-traces

    Sums of W_ab tr(S_a) tr(S_b) and W_ab tr(S_a S_b), the S slopes of a covariance that is I.
    """
    white = of.combined(whitening(of.cov))
    rows, S = len(white.cov), known.moved(white)
    A1 = 2.0 * (rows**2 / known.dof + (np.einsum("acc->a", S) ** 2).sum())
    A2 = 2.0 * (rows / known.dof + (S * S).sum())
    return float(A1), float(A2), rows
