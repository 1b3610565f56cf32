"""What is tested of a term: its columns after those before (type 1), or beside all others (type 3).

Both are contrasts of beta that `Cells` and X give, the response aside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..coordinates import positive_qr
from ..errors import OptionError
from ..linalg import Array, independent_columns
from ..r.cells import Cells, cells

Hypotheses = dict[str, Array]  # of each term contrasts (l, p) of beta; none where l is 0


def hypotheses(fit: Any, kind: int) -> Hypotheses:
    """The contrasts of each term, of type 1 or 3, named as in R.  Raises OptionError.

    Of a single term the two are the same, and lmerTest takes the first.
    """
    if isinstance(kind, bool) or kind not in TYPES:
        raise OptionError(f"type must be 1 (sequential), 3 or None, not {kind!r}")
    found = cells(fit.design)
    is_same = len(found.names) < 2 and not are_lost(fit)
    return TYPES[1 if is_same else kind](fit, found)


def are_lost(fit: Any) -> bool:
    """Whether the rows are those of data in chunks, and have their weights in them."""
    return fit.design.coordinates is not None and fit.labels["weights"] is not None


def sequential(fit: Any, of: Cells) -> Hypotheses:
    """Type 1: what is left of the columns of a term beside those before them.

    X'X = LDL' with L unit lower triangular; the rows of L' are the contrasts.  As in lmerTest the
    rows of X are not weighted.  Raises OptionError for weighted data in chunks.  eq:type-one
    """
    L = unweighted(fit)
    rows = (L / np.diag(L)).T  # (p, p)  unit upper triangular
    return {name: rows[of.term == k] for k, name in enumerate(of.names)}


def unweighted(fit: Any) -> Array:
    """(p, p): lower triangular L with LL' = X'X."""
    design = fit.design
    if design.coordinates is None:
        return positive_qr(design.X)[1].T
    if are_lost(fit):
        raise OptionError(
            "sequential hypotheses are those of rows that are not weighted, and weighted rows of "
            "data in chunks are not kept: take type=3"
        )
    return np.asarray(fit.optimum.coordinates.LX)


def marginal(fit: Any, of: Cells) -> Hypotheses:
    """Type 3: functions of the cells of a term, orthogonal to those of terms that contain it.

    With treatment contrasts the coefficients of a term are functions of its own cells and of those
    of terms that contain it: H (p, r) of all cells.  What is left of its rows beside the rows of
    the latter are the contrasts.  eq:type-three
    """
    own = np.flatnonzero(of.is_baseless)
    R = fit.optimum.coordinates.LX.T
    base = own[independent_columns(R @ of.columns[:, own])]  # (p,)  X by treatment contrasts
    B = of.columns[:, base]  # (p, p)
    H = np.linalg.solve(B, of.columns)  # (p, r)
    found = {}
    for k, name in enumerate(of.names):
        is_own, is_over = of.of[base] == k, np.isin(of.of[base], list(of.within[k]))
        K = np.eye(len(base))[is_own]  # (l, p)
        K[:, is_over] = -np.linalg.lstsq(H[is_over].T, H[is_own].T, rcond=None)[0].T
        found[name] = np.linalg.solve(B.T, K.T).T  # of beta as it is coded
    return found


TYPES: dict[int, Callable[[Any, Cells], Hypotheses]] = {1: sequential, 3: marginal}
