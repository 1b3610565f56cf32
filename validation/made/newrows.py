"""Rows to predict: known groups with other covariates, and groups that the fit has not seen."""

from __future__ import annotations

import re
from collections.abc import Iterable

from refmixed.r.formula import parse_formula

from ..models import Model
from ..suite.tables import Table

UNSEEN = "new"


def new_rows(table: Table, models: Iterable[Model]) -> Table:
    """Four rows of known groups, each with the covariates of another row, then unseen groups.

    Where several columns do nothing but group, one row has an unseen level of the last only.
    """
    wanted = list(models)
    groups = grouping(wanted)
    n = len(table)
    rows = [0, n // 4, n // 2, 3 * n // 4, 0, n // 2]
    others = [(i + n // 3 + 1) % n for i in rows]
    unseen = [set[str]()] * 4 + [set(groups), set(groups[-1:])]
    count = 6 if len(groups) > 1 else 5
    columns, factors = {}, {}
    for name in predictors(table, wanted):
        source = rows if name in table.factors else others
        taken = [table.columns[name][i] for i in source]
        new = [UNSEEN if name in u else v for u, v in zip(unseen, taken, strict=True)]
        columns[name] = tuple(new[:count])
        if name in table.factors:
            factors[name] = table.factors[name] + (UNSEEN,) * (name in groups)
    return Table("new", columns, factors)


def grouping(models: Iterable[Model]) -> list[str]:
    """The columns that group in some model and do nothing else in any."""
    formulas = [parse_formula(model.formula) for model in models]
    used = {n.text for f in formulas for term in f.fixed.terms for n in term}
    used |= {n.text for f in formulas for bar in f.bars for t in bar.effects.terms for n in t}
    columns = dict.fromkeys(str(c) for f in formulas for bar in f.bars for c in bar.columns)
    return [column for column in columns if column not in used]


def predictors(table: Table, models: Iterable[Model]) -> list[str]:
    """The columns of the table that some model reads, its response and weights left out."""
    used = {model.offset for model in models}
    for model in models:
        used |= set(re.findall(r"[\w.]+", model.formula.split("~")[1]))
    return [name for name in table.columns if name in used]
