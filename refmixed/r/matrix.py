"""The columns of X that a linear predictor has, term by term, coded and named as in R."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import numpy as np

from ..linalg import PART, Array, afford
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
    with afford(n, columns_at_most(terms, variables), 0, advice=PART):
        for k, full in enumerate(codings(terms, variables)):
            block, labels = term_matrix(terms.terms[k], full, variables, values, n)
            blocks.append(block)
            names += labels
        return np.hstack(blocks), names


def codings(terms: Terms, variables: Mapping[Node, Variable]) -> list[tuple[bool, ...]]:
    """Of each factor of each term whether it has a column a level, and not contrasts."""
    categorical = [[f for f in term if variables[f].levels is not None] for term in terms.terms]
    first = next((k for k, found in enumerate(categorical) if found), None)
    found = []
    for k, term in enumerate(terms.terms):
        # without an intercept, the first categorical variable of all stands in for it
        stand_in = categorical[k][0] if not terms.intercept and k == first else None
        found.append(tuple(f == stand_in or is_full(terms.terms, k, f) for f in term))
    return found


def term_matrix(
    term: Term,
    full: tuple[bool, ...],
    variables: Mapping[Node, Variable],
    values: Mapping[Node, Array],
    n: int,
) -> tuple[Array, list[str]]:
    """The columns (n, any) of one term and their names, its factors so coded."""
    block, labels = np.ones((n, 1)), [""]
    for factor, whole in zip(term, full, strict=True):
        columns, new = variables[factor].columns(values[factor], whole)
        if factor is term[0]:
            block, labels = columns + 0.0, new  # a zero has no sign, as in products
            continue
        both = np.einsum("ni,nj->nji", block, columns)
        block = both.reshape(n, len(new) * len(labels))  # the first varies fastest
        labels = [f"{a}:{b}" for b in new for a in labels]
    return block, labels


def columns_at_most(terms: Terms, variables: Mapping[Node, Variable]) -> int:
    """How many columns a linear predictor has, were each factor to have one a level."""
    widths = {node: len(v.levels or ()) or v.width for node, v in variables.items()}
    return 1 + sum(prod(widths[factor] for factor in term) for term in terms.terms)
