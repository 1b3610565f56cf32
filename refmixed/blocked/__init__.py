"""The same numbers again, the largest grouping factor eliminated: no n x n or q x q matrix.

Read `crossproducts`, `eliminate`, `pieces`, and then `route`, which a search asks; the page
d11_blocked derives them.  Where other factors have many levels, few of which are tied by the first,
`sparse_rest` is in the place of the second and third, with `ties`, `fronts` and `selected`.
`chunks`, `cells` and `pseudo` make a design of a few rows of one that is larger than memory.
"""

from .errors import error_covariance, error_variances
from .inverse import V0inv_times
from .route import (
    criteria,
    criterion,
    evaluate,
    numbers,
    posterior,
    prepare,
    solve,
    with_responses,
    work,
)

__all__ = [
    "V0inv_times",
    "criteria",
    "criterion",
    "error_covariance",
    "error_variances",
    "evaluate",
    "numbers",
    "posterior",
    "prepare",
    "solve",
    "with_responses",
    "work",
]
