"""Mistakes about the contrasts of factors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import numpy as np

from refmixed.linalg import Array

from ..suite import tables
from ..suite.tables import Table
from .problem import Case, Values
from .registry import EVERYWHERE, GENERALIZED, mistake


def data(p: Case) -> Table:
    """The data of the model."""
    return tables.load(p.model.data)


@mistake("coding", "eq:errata-contrasts", *EVERYWHERE, *GENERALIZED, of_formula=True)
def sum_contrasts(p: Case) -> Values | None:
    """Factors have sum contrasts instead of treatment contrasts."""
    used = treatment_columns(data(p), p.design.names)
    if not used:
        return None
    coded = {name: sum_column(p, *parts) for name, parts in used.items()}
    names = [name.split(":") for name in p.design.names]
    known = {**dict(zip(p.design.names, p.design.X.T, strict=True)), **coded}
    if any(part not in known for name in names for part in name):
        return None
    X = [np.prod([known[part] for part in name], axis=0) for name in names]
    return other_X(p, np.column_stack(X))


def sum_column(p: Case, factor: str, before: str, last: str) -> Array:
    """(n,): 1 for a level, -1 for the last, else 0."""
    column = data(p).columns[factor]
    return np.array([(value == before) - (value == last) for value in column], dtype=float)


def treatment_columns(table: Table, names: Iterable[str]) -> dict[str, tuple[str, str, str]]:
    """Columns of treatment contrasts in X: name -> (factor, level before it, last level)."""
    parts = {part for name in names for part in name.split(":")}
    found = {}
    for factor, every in table.factors.items():
        levels = [level for level in every if level in table.columns[factor]]
        for before, level in pairwise(levels):
            if factor + level in parts:
                found[factor + level] = (factor, before, levels[-1])
    return found


def other_X(p: Case, X: Array) -> Values:
    """What other columns of the same space give."""
    if p.level == "design":
        return {"X": X}
    wrong = p.answers(replace(p.design, X=X), theta=p.theta)  # the same space, the same minimum
    return {key: wrong[key] for key in ("beta", "criterion", "loglik", "vcov") if key in wrong}
