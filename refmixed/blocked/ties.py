"""Which levels of other factors the first one ties, and whether they are left sparse.

Two levels are tied where a level of the first meets both: pupils tie the teachers that they had.
What is left of the products of tied levels, when the first is gone, is not zero.  Of many levels
with few ties a sparse system is left, of which less is computed; of others a dense one.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import numpy as np
from scipy import sparse

from ..design import RandomTerm
from ..linalg import UNKNOWN, memory_limits
from .fronts import Fronts, fronts_of

FEW = 0.1  # of all pairs, those that may be tied
SLOWER = 20.0  # an evaluation by fronts beside one by dense matrices, a multiplication each
SOME = 100  # levels whose ties are counted
KEPT: dict[bytes, Fronts] = {}  # the last ones: of one design they are asked for again


def fronts_of_rest(
    terms: Sequence[RandomTerm], first: tuple[int, ...], others: Sequence[int]
) -> Fronts | None:
    """The fronts of other terms; None where they are better left dense.

    They are better sparse where that takes less time, by a count of multiplications, or where a
    dense system would not fit into memory: if no more than FEW of all pairs of levels are tied.
    """
    met = meetings(terms, first, others)
    if share(met) > FEW:
        return None
    fronts, r = kept(met, terms, others), sum(terms[t].q for t in others)
    is_large = 48.0 * r**2 > min(memory_limits(), default=UNKNOWN)
    return fronts if is_large or SLOWER * fronts.work < r**3 else None


def meetings(terms: Sequence[RandomTerm], first: tuple[int, ...], others: Sequence[int]) -> Any:
    """(G, N), sparse: in how many rows a level of the first meets each of the N of all others."""
    codes, G = terms[first[0]].codes, len(terms[first[0]].levels)
    parts = []
    for t in others:
        ones = np.ones(len(codes), dtype=int)
        rows = ones, (codes, terms[t].codes)
        parts.append(sparse.csr_array(rows, shape=(G, len(terms[t].levels))))
    return sparse.hstack(parts).tocsr()


def share(met: Any) -> float:
    """Of all pairs of levels of the others, those that are tied: counted of every so many."""
    columns = met.tocsc()
    some = columns[:, :: 1 + met.shape[1] // SOME]
    return float((some.T @ columns).nnz / (some.shape[1] * met.shape[1]))


def kept(met: Any, terms: Sequence[RandomTerm], others: Sequence[int]) -> Fronts:
    """The fronts of the others, of whom the first meets so many (G, N)."""
    ends = np.cumsum([0, *(term.k for term in terms)])
    effects = [(np.arange(ends[t], ends[t + 1]), len(terms[t].levels)) for t in others]
    each = [own for own, levels in effects for _ in range(levels)]
    parts = met.indptr, met.indices, np.concatenate(each)
    key = sha256(b"".join(np.asarray(part, dtype=int).tobytes() for part in parts)).digest()
    if key not in KEPT:
        found = fronts_of((met.T @ met).tocsr(), each)
        KEPT.clear()
        KEPT[key] = found
    return KEPT[key]
