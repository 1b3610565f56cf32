"""What is tested of a term: contrasts of beta that its cells and X give, the response aside.

Types 1 to 3 are SAS's, as in lmerTest; "sequential" and "marginal" are lme4's and nlme's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...coordinates import positive_qr
from ...errors import OptionError
from ...linalg import Array, cholesky, independent_columns
from ...r.cells import Cells, cells
from ..estimated import Estimated

Hypotheses = dict[str, Array]  # of each term contrasts (l, p) of beta; none where l is 0


def hypotheses(fit: Any, kind: Kind) -> Hypotheses:
    """The contrasts of each term, named as in R.  Raises OptionError.

    Of a single term types 1 to 3 are the same, and lmerTest takes the first.
    """
    if isinstance(kind, bool) or not isinstance(kind, int | str) or kind not in TYPES:
        *first, last = (repr(known) for known in TYPES)
        raise OptionError(f"type must be {', '.join(first)}, {last} or None, not {kind!r}")
    found = cells(fit.design)
    is_same = kind in (2, 3) and len(found.names) < 2 and not are_lost(fit)
    return TYPES[1 if is_same else kind](fit, found)


def are_lost(fit: Any) -> bool:
    """Whether the rows are those of data in chunks, and have their weights in them."""
    return fit.design.coordinates is not None and fit.labels["weights"] is not None


def sequential(fit: Any, of: Cells) -> Hypotheses:
    """Type 1: what is left of the columns of a term beside those before them.

    X'X = LDL' with L unit lower triangular; the rows of L' are the contrasts.  As in lmerTest the
    rows of X are not weighted.  Raises OptionError for weighted data in chunks.  eq:type-one
    """
    return by_term(of, unit_rows(unweighted(fit)))


def by_covariance(fit: Any, of: Cells) -> Hypotheses:
    """The same of X'V0^-1 X in place of X'X: the sequential table of lme4's anova(), and nlme's."""
    here = Estimated.of(fit)
    L = cholesky(here.design.X.T @ here.V0invX)  # (p, p)
    return by_term(of, unit_rows(here.coordinates.LX @ L))


def coded(fit: Any, of: Cells) -> Hypotheses:
    """Each coefficient of a term is zero, as it is coded: nlme's marginal table."""
    return by_term(of, np.eye(fit.design.p))


def by_term(of: Cells, rows: Array) -> Hypotheses:
    """The rows (p, p) of each term."""
    return {name: rows[of.term == k] for k, name in enumerate(of.names)}


def unit_rows(L: Array) -> Array:
    """(p, p): the triangle L' with ones on its diagonal."""
    return (L / np.diag(L)).T


def unweighted(fit: Any) -> Array:
    """(p, p): lower triangular L with LL' = X'X."""
    design = fit.design
    if design.coordinates is None:
        return positive_qr(design.X)[1].T
    if are_lost(fit):
        raise OptionError(
            "hypotheses of types 1 and 2 are those of rows that are not weighted, and weighted "
            "rows of data in chunks are not kept: take type=3"
        )
    return np.asarray(fit.optimum.coordinates.LX)


def triangle(fit: Any) -> Array:
    """(p, p): R with R'R = X'X, or X'WX where the rows are not kept."""
    design = fit.design
    is_kept = design.coordinates is None
    return positive_qr(design.X)[1] if is_kept else np.asarray(fit.optimum.coordinates.LX.T)


def beside(fit: Any, of: Cells) -> Hypotheses:
    """Type 2: a term after all that do not contain it; one that none contains as it is coded."""
    L, found = unweighted(fit), coded(fit, of)
    for k, name in enumerate(of.names):
        if of.within[k]:
            is_last = np.isin(of.term, list(of.within[k]))
            rank = np.where(is_last, 2, np.where(of.term == k, 1, 0))
            order = np.argsort(rank, kind="stable")
            rows = np.zeros_like(L)
            rows[:, order] = unit_rows(positive_qr(L[order].T)[1].T)
            found[name] = rows[rank[order] == 1]
    return found


def marginal(fit: Any, of: Cells) -> Hypotheses:
    """Type 3: functions of the cells of a term, orthogonal to those of terms that contain it.

    With treatment contrasts the coefficients of a term are functions of its own cells and of those
    of terms that contain it: H (p, r) of all cells.  What is left of its rows beside the rows of
    the latter are the contrasts.  eq:type-three
    """
    own = np.flatnonzero(of.is_baseless)
    seen = triangle(fit) @ of.columns[:, own]
    base = own[independent_columns(seen)]  # (p,)  X by treatment contrasts
    B = of.columns[:, base]  # (p, p)
    H = np.linalg.solve(B, of.columns)  # (p, r)
    found = {}
    for k, name in enumerate(of.names):
        is_own, is_over = of.of[base] == k, np.isin(of.of[base], list(of.within[k]))
        K = np.eye(len(base))[is_own]  # (l, p)
        K[:, is_over] = -np.linalg.lstsq(H[is_over].T, H[is_own].T, rcond=None)[0].T
        found[name] = np.linalg.solve(B.T, K.T).T  # of beta as it is coded
    return found


Kind = int | str
TYPES: dict[Kind, Callable[[Any, Cells], Hypotheses]] = {
    1: sequential,
    2: beside,
    3: marginal,
    "sequential": by_covariance,
    "marginal": coded,
}
