"""Mistakes that data tools make: what is left of a factor when it comes out of a data frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from refmixed.design import Design

from .contrasts import data, treatment_columns
from .inferences import limits
from .problem import Case, Values, arrays_of
from .registry import ANYWHERE, EVERYWHERE, mistake

MISSING = (
    "NA",
    "N/A",
    "NaN",
    "nan",
    "NULL",
    "null",
    "None",
)  # what readers of CSV take for nothing


@mistake("coding", "eq:errata-contrasts", *EVERYWHERE, of_formula=True)
def polynomial_contrasts(p: Case) -> Values | None:
    """Factors are taken as ordered, and have polynomial instead of treatment contrasts."""
    frame = data(p).frame()
    used = {factor for factor, _, _ in treatment_columns(data(p), columns(p)).values()}
    if not used:
        return None
    ordered = {name: frame[name].cat.as_ordered() for name in used}
    design = arrays_of(p.model, frame.assign(**ordered))
    return {"X": design.X, "Z": design.Z} if p.level == "design" else answers(p, design)


def columns(p: Case) -> Iterable[str]:
    """The names of the columns of X, and of the effects of the random terms."""
    return [*p.design.names, *(name for term in p.design.terms for name in term.effects)]


@mistake("coding", "eq:Z", *ANYWHERE, of_formula=True)
def numbers_for_labels(p: Case) -> Values | None:
    """Labels that are numbers are read as numbers: 1 and 01 are one group, a dose has a slope."""
    frame = data(p).frame()
    numeric = {name: number_column(frame[name]) for name in data(p).factors}
    read = {name: column for name, column in numeric.items() if column is not None}
    return answers(p, arrays_of(p.model, frame.assign(**read))) if read else None


def number_column(labels: pd.Series[str]) -> pd.Series[float] | None:
    """A column of labels as numbers; None where one of them is none."""
    found = pd.to_numeric(labels.astype(str), errors="coerce")
    return None if found.isna().any() else found.astype(float)


@mistake("coding", "eq:Z", *ANYWHERE, of_formula=True)
def labels_without_case(p: Case) -> Values | None:
    """Labels that differ in upper and lower case alone are taken for one level."""
    table, folded = data(p), data(p)
    for name, levels in table.factors.items():
        texts = map(str.casefold, table.columns[name])
        folded = folded.replaced(name, texts, dict.fromkeys(map(str.casefold, levels)))
    same = all(len(folded.factors[name]) == len(v) for name, v in table.factors.items())
    return None if same else answers(p, arrays_of(p.model, folded.frame()))


@mistake("inputs", "eq:model-rows", *ANYWHERE, of_formula=True)
def labels_as_missing(p: Case) -> Values | None:
    """Labels such as NA are taken for missing values, and their rows are left out."""
    table = data(p)
    rows = zip(*(table.columns[name] for name in table.factors), strict=True)
    kept = [i for i, row in enumerate(rows) if not set(row) & set(MISSING)]
    if len(kept) == len(table):
        return None
    return answers(p, arrays_of(p.model, table.subset(kept).frame()))


def answers(p: Case, design: Design) -> Values | None:
    """What other arrays give, fitted anew; rows to predict are not theirs."""
    if design.m != p.design.m:
        return None
    wrong = replace(p, new=None).answers(design)
    asked = "profile_beta" in p.truth and not np.array_equal(design.X, p.design.X)
    return {**wrong, **({"profile_beta": limits(design)} if asked else {})}
