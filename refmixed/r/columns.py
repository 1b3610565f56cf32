"""Terms -> the columns of a model matrix, with R's coding and R's names.

Whether a categorical variable has a column a level or a column a contrast is decided by R's rule
(`model.matrix`), which is not formulaic's.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..linalg import Array
from .parse import Node
from .terms import Term, Terms
from .variable import Variable


def is_full(terms: tuple[Term, ...], k: int, factor: Node) -> bool:
    """R's rule: a column a level, unless a term before already spans the rest of term k."""
    rest = set(terms[k]) - {factor}
    return bool(rest) and not any(rest <= set(before) for before in terms[:k])


def model_matrix(
    terms: Terms, variables: Mapping[Node, Variable], values: Mapping[Node, Array], n: int
) -> tuple[Array, list[str]]:
    """Model matrix (n, p) and R's column names of a linear predictor."""
    blocks = [np.ones((n, int(terms.intercept)))]
    names = ["(Intercept)"] * terms.intercept
    categorical = [[f for f in term if variables[f].levels is not None] for term in terms.terms]
    first = next((k for k, found in enumerate(categorical) if found), None)
    for k, term in enumerate(terms.terms):
        block, labels = np.ones((n, 1)), [""]
        for factor in term:
            # without an intercept, the first categorical variable of all stands in for it
            stands_in = not terms.intercept and k == first and factor == categorical[k][0]
            full = stands_in or is_full(terms.terms, k, factor)
            columns, new = variables[factor].columns(values[factor], full)
            block = np.einsum("ni,nj->nji", block, columns).reshape(
                n, -1
            )  # the first varies fastest
            labels = [f"{a}:{b}" if a else b for b in new for a in labels]
        blocks.append(block)
        names += labels
    return np.hstack(blocks), names
