"""Mistakes about the levels of factors, and their contrasts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np

from refmixed.linalg import Array

from ..suite import tables
from ..suite.tables import Table
from .problem import Case, Values, arrays
from .registry import ANYWHERE, mistake

EVERYWHERE = ("design", *ANYWHERE)
Levels = tuple[str, ...]


def data(p: Case) -> Table:
    """The data of the model."""
    return tables.load(p.model.data)


# --- contrasts ------------------------------------------------------------------------------------


@mistake("coding", *EVERYWHERE)
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
    return {key: wrong[key] for key in ("beta", "criterion", "vcov") if key in wrong}


# --- order of levels ------------------------------------------------------------------------------


@mistake("coding", *EVERYWHERE)
def last_level_reference(p: Case) -> Values | None:
    """The last level of a factor is the reference instead of the first."""
    factors = dict(data(p).factors)
    coded = {factor for factor, _, _ in treatment_columns(data(p), p.design.names).values()}
    return with_levels(p, factors | {f: (factors[f][-1], *factors[f][:-1]) for f in coded})


@mistake("order", *EVERYWHERE)
def levels_sorted(p: Case) -> Values | None:
    """The levels of factors are sorted by name instead of in the order given."""
    return with_levels(p, {f: tuple(sorted(v)) for f, v in data(p).factors.items()})


@mistake("order", *EVERYWHERE)
def levels_as_numbers(p: Case) -> Values | None:
    """Levels that look like numbers are sorted as numbers."""
    table = data(p)
    numeric = {f for f, v in table.factors.items() if all(is_number(level) for level in v)}
    if not numeric:
        return None
    ordered = {f: tuple(sorted(v, key=float)) for f, v in table.factors.items() if f in numeric}
    return with_levels(p, {**table.factors, **ordered})


def is_number(text: str) -> bool:
    """Whether a label looks like a whole number."""
    return text.lstrip("-").isdigit()


@mistake("order", *EVERYWHERE)
def levels_in_order_of_rows(p: Case) -> Values | None:
    """The levels of factors are in the order in which the rows have them."""
    table = data(p)
    return with_levels(p, {f: tuple(dict.fromkeys(table.columns[f])) for f in table.factors})


def with_levels(p: Case, levels: Mapping[str, Levels]) -> Values | None:
    """What another order of levels gives: X and Z, beta, u and the random effects."""
    table = data(p)
    if dict(levels) == dict(table.factors):
        return None
    design = arrays(p.model, Table(table.name, table.columns, levels))
    if design.X.shape != p.design.X.shape or design.Z.shape != p.design.Z.shape:
        return None
    if p.level == "design":
        return {"X": design.X, "Z": design.Z}
    wrong = replace(p, new=None).answers(design, theta=p.theta)
    kept = ("beta", "criterion", "u", "vcov", "ranef", "condvar", "pev")
    return {key: wrong[key] for key in kept if key in wrong}
