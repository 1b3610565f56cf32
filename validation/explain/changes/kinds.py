"""What a variable is taken for: a factor or a number; and which of its labels is which level."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from itertools import combinations

import pandas as pd

from ..base import Traits, one
from ..setup import Changes, Setup, of_column, of_setup

MOST = 12  # levels of a number that is tried as a factor
LABELS = 6  # levels of a factor of which each two are exchanged, and merged


def changes(setup: Setup) -> Changes:
    """All of them."""
    for column in setup.numbers:
        yield from as_factors(setup, column)
    for column, levels in setup.factors.items():
        yield from as_numbers(setup, column, levels)
        for a, b in combinations(levels, 2) if len(levels) <= LABELS else ():
            yield from relabelled(setup, column, a, b)


def as_factors(setup: Setup, column: str) -> Changes:
    """Numbers of few values as factors, ordered or not; a number where the formula has a factor."""
    values = sorted(setup.data[column].dropna().unique())
    if 2 < len(values) <= MOST:
        texts = [f"{value:g}" for value in values]
        labels = setup.data[column].map("{:g}".format)
        for words, is_ordered in (("a factor", False), ("an ordered factor", True)):
            factor = pd.Categorical(labels, texts, ordered=is_ordered)
            yield of_column(as_kind(column, words), setup, column, factor)
    call = rf"(?:as\.)?factor\({re.escape(column)}\)"
    if re.search(call, setup.formula):
        plain = partial(replace, setup, formula=re.sub(call, column, setup.formula))
        yield of_setup(as_kind(column, "a number"), plain)


def as_numbers(setup: Setup, column: str, levels: list[str]) -> Changes:
    """Factors whose levels are numbers as these, and the codes of any."""
    numbers = pd.to_numeric(setup.data[column].astype(str), errors="coerce")
    if not numbers.isna().any():
        yield of_column(as_kind(column, "a number"), setup, column, numbers)
    codes = setup.data[column].map({level: k for k, level in enumerate(levels, 1)})
    words = "a number, 1, 2, ... for its levels"
    yield of_column(as_kind(column, words), setup, column, codes.astype(float))


def as_kind(column: str, words: str) -> Traits:
    """What a variable is taken for."""
    return one(f"kind of {column}", words, "factor-as-number", f"takes {column} for {words}")


def relabelled(setup: Setup, column: str, a: str, b: str) -> Changes:
    """Two labels of a factor exchanged; two levels as one."""
    x, levels = setup.data[column].astype(object), setup.factors[column]
    says = f"has the labels {a} and {b} of {column} exchanged"
    values = pd.Categorical(x.replace({a: b, b: a}), levels)
    yield of_column(one(f"labels of {column}", says, "labels", says), setup, column, values)
    if len(levels) > 2:
        says = f"takes {a} and {b} of {column} for one level"
        merged = pd.Categorical(x.replace({b: a}), [level for level in levels if level != b])
        yield of_column(
            one(f"labels of {column}", says, "levels-merged", says), setup, column, merged
        )
