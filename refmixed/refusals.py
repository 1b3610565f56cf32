"""What cannot be fitted, and is refused: each with what there is to do."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.linalg import qr

from .covariance import start
from .design import Design
from .errors import (
    GroupError,
    PerfectFitError,
    RankError,
    ResponseError,
    SaturatedError,
    WeightsError,
    nth,
)
from .linalg import Array, project
from .search import Search

EXACT = (
    "the model reproduces the response exactly, so that its likelihood is unbounded: leave out "
    "terms, or look for a copy of the response among the predictors"
)
SMALL = 1e-4  # residuals beside those of least squares; or the inverse of a large theta


def ranks(design: Design, Z: Array) -> tuple[int, int, float]:
    """Ranks of columns Z (n, any) and of X with them; the root mean square they leave of y."""
    root = np.sqrt(design.weights)
    Q = root[:, None] * design.X  # (n, p)  orthonormal in the coordinates of the search
    Z = root[:, None] * Z
    Z = Z / np.maximum(np.linalg.norm(Z, axis=0), 1e-300)
    basis = independent(project(Q, Z))
    left = project(basis, (root * design.y)[:, None])
    size = float(np.linalg.norm(left) / np.sqrt(design.n))
    return independent(Z).shape[1], design.p + basis.shape[1], size


def independent(Z: Array) -> Array:
    """An orthonormal basis (n, rank) of columns of length one or less."""
    basis, R, _ = qr(Z, mode="economic", pivoting=True)
    return np.asarray(basis[:, : (np.abs(np.diag(R)) > 1e-9).sum()])


def is_unbounded(design: Design, reml: bool, tolerance: float) -> bool:
    """Whether X and some terms give y up to a root mean square, and could not give any y.

    The criterion falls for ever, with sigma, as the log determinant does.  eq:unbounded
    """
    sizes = range(len(design.terms), 0, -1)
    for some in (some for size in sizes for some in combinations(design.terms, size)):
        of_Z, with_X, left = ranks(design, np.hstack([term.Z for term in some]))
        if (with_X if reml else of_Z) < design.n and left <= tolerance:
            return True
    return False


def refuse_exact(search: Search, tolerance: float) -> None:
    """Raises PerfectFitError where X and some terms give y, up to a root mean square.

    Where they could give any y, theta may tend to infinity, and is not followed so far.
    """
    if tolerance >= 1.0 or not search.design.y.any():
        raise PerfectFitError(EXACT)
    try:
        pwrss = search.pwrss(start(search.design) / SMALL)
    except np.linalg.LinAlgError:
        pwrss = 0.0
    if pwrss <= SMALL * search.design.n:
        if is_unbounded(search.design, search.reml, tolerance):
            raise PerfectFitError(EXACT)
        if ranks(search.design, search.design.Z)[1] == search.design.n:
            search.largest = 1.0 / SMALL


def refuse_one_level(design: Design) -> None:
    """Raises GroupError where a grouping factor has a single level."""
    for term in design.terms:
        if len(term.levels) < 2:
            raise GroupError(
                f"the grouping factor {term.group} has the single level {term.levels[0]!r}: "
                "its variance cannot be estimated"
            )


def refuse_unidentified(design: Design, allow_saturated: bool) -> None:
    """Raises GroupError or SaturatedError: of such data theta could not be estimated."""
    refuse_one_level(design)
    for term in design.terms:
        if term.q >= design.n and not allow_saturated:
            raise SaturatedError(
                f"{design.n} observations cannot tell the {term.q} random effects of {term.name} "
                "from the residuals; allow_saturated=True fits the model all the same"
            )


def refuse_impossible(design: Design) -> None:
    """Raises WeightsError, ResponseError or RankError: nothing can be computed at any theta."""
    if (bad := design.weights < 0).any():
        row, weight = nth(design.index, int(bad.argmax())), design.weights[bad.argmax()]
        raise WeightsError(f"weights must be positive or zero, and row {row} has {weight:g}")
    if (largest := np.abs(design.y_less_offset).max()) > 1e150:  # its square is to be finite
        raise ResponseError(f"the response reaches {largest:.0e}: measure it in larger units")
    if design.n <= design.p:
        raise RankError(
            f"{design.n} complete rows leave no residuals beside {design.p} fixed effects"
        )
