"""Other codings of X: reference levels, contrasts, factors as numbers, units and origins."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from refmixed.design import Design

from ..base import Trait
from ..setup import Change, Changes, Setup

MOST = 12  # levels of a factor that are tried as reference, or of a number that is tried as factor
CONTRASTS = {"sum": "contr.sum", "helmert": "contr.helmert"}
UNITS = (10.0, 100.0, 1000.0, 1e4, 1e6, 7.0, 12.0, 24.0, 60.0, 365.0, 365.25, 3600.0)


def changes(setup: Setup) -> Changes:
    """All of them."""
    yield from references(setup)
    yield from contrasts(setup)
    yield from kinds(setup)
    yield from origins(setup)
    yield from units(setup)


def made(setup: Setup, column: str, values: Any) -> Design:
    """The design with another column."""
    return setup.with_column(column, values).design


# --- factors --------------------------------------------------------------------------------------


def reference(factor: str, level: str) -> Trait:
    """A reference level."""
    says = f"has {factor} = {level} as the reference level"
    return Trait(f"reference of {factor}", str(level), "reference-level", says)


def releveled(setup: Setup, factor: str, level: str) -> pd.Series:
    """The factor with a level put first."""
    order = [level, *(one for one in setup.factors[factor] if one != level)]
    return pd.Series(pd.Categorical(setup.data[factor], order), index=setup.data.index)


def references(setup: Setup) -> Changes:
    """Another reference of one factor; the last level of each, as SAS has it."""
    factors = {f: v for f, v in setup.factors.items() if len(v) <= MOST}
    for factor, levels in factors.items():
        for level in levels[1:]:
            traits = frozenset({reference(factor, level)})
            yield Change(traits, partial(made, setup, factor, releveled(setup, factor, level)))
    if len(factors) > 1:
        traits = frozenset(reference(factor, levels[-1]) for factor, levels in factors.items())
        yield Change(traits, partial(last_levels, setup, factors))


def last_levels(setup: Setup, factors: dict[str, list[str]]) -> Design:
    """The last level of each factor is its reference."""
    columns = {f: releveled(setup, f, levels[-1]) for f, levels in factors.items()}
    return replace(setup, data=setup.data.assign(**columns)).design


def contrasts(setup: Setup) -> Changes:
    """Sum and Helmert contrasts, by a call in the formula; polynomials, of an ordered factor."""
    every = list(setup.factors)
    some = [[factor] for factor in every] + ([every] if len(every) > 1 else [])
    for factors in some:
        for name, call in CONTRASTS.items():
            yield Change(coded(factors, name), partial(by_call, setup, factors, call))
        yield Change(coded(factors, "polynomial"), partial(ordered, setup, factors))


def coded(factors: list[str], name: str) -> frozenset[Trait]:
    """Contrasts of factors."""
    return frozenset(
        Trait(f"contrasts of {f}", name, "contrasts", f"has {name} contrasts of {f}")
        for f in factors
    )


def by_call(setup: Setup, factors: list[str], call: str) -> Design:
    """Contrasts by C(), under the names that R's options(contrasts=) would give."""
    left, _, right = setup.formula.partition("~")
    for factor in factors:
        outside = rf"(?<![\w.]){re.escape(factor)}(?![\w.])(?![^(|]*\))"
        right = re.sub(outside, f"C({factor}, {call})", right)
    design = replace(setup, formula=f"{left}~{right}").design
    names = tuple(re.sub(r"C\((\S+), contr\.\w+\)", r"\1", name) for name in design.names)
    return replace(design, names=names)


def ordered(setup: Setup, factors: list[str]) -> Design:
    """Ordered factors."""
    columns = {f: pd.Categorical(setup.data[f], setup.factors[f], ordered=True) for f in factors}
    return replace(setup, data=setup.data.assign(**columns)).design


def kinds(setup: Setup) -> Changes:
    """Numbers of few values as factors, and factors whose levels are numbers as these."""
    for column in setup.numbers:
        values = sorted(setup.data[column].dropna().unique())
        if 2 < len(values) <= MOST:
            texts = [f"{value:g}" for value in values]
            factor = pd.Categorical(setup.data[column].map("{:g}".format), texts)
            yield Change(as_kind(column, "factor"), partial(made, setup, column, factor))
    for column in setup.numbers:
        call = rf"(?:as\.)?factor\({re.escape(column)}\)"
        if re.search(call, setup.formula):
            plain = replace(setup, formula=re.sub(call, column, setup.formula))
            yield Change(as_kind(column, "number"), partial(getattr, plain, "design"))
    for column, levels in setup.factors.items():
        numbers = pd.to_numeric(setup.data[column].astype(str), errors="coerce")
        if not numbers.isna().any():
            yield Change(as_kind(column, "number"), partial(made, setup, column, numbers))
        codes = setup.data[column].map({level: k for k, level in enumerate(levels, 1)})
        yield Change(as_kind(column, "codes"), partial(made, setup, column, codes.astype(float)))


def as_kind(column: str, kind: str) -> frozenset[Trait]:
    """What a variable is taken for."""
    words = {
        "factor": "a factor",
        "number": "a number",
        "codes": "a number, 1, 2, ... for its levels",
    }
    says = f"takes {column} for {words[kind]}"
    return frozenset({Trait(f"kind of {column}", kind, "factor-as-number", says)})


# --- numbers --------------------------------------------------------------------------------------


def origins(setup: Setup) -> Changes:
    """Centred, and standardized."""
    for column in setup.numbers:
        x = setup.data[column]
        centred = x - x.mean()
        says = f"has {column} less its mean, {x.mean():.6g}"
        trait = Trait(f"origin of {column}", "mean", "centred-covariate", says)
        yield Change(frozenset({trait}), partial(made, setup, column, centred))
        says = f"has {column} less its mean and over its standard deviation, {x.std():.6g}"
        trait = Trait(f"origin of {column}", "standardized", "standardized-covariate", says)
        if np.isfinite(x.std()) and x.std() > 0:
            yield Change(frozenset({trait}), partial(made, setup, column, centred / x.std()))


def units(setup: Setup) -> Changes:
    """Covariates and the response in another unit."""
    for column in setup.numbers:
        yield from scaled(setup, column, "unit-of-covariate")
    if setup.response in setup.data.columns:
        yield from scaled(setup, setup.response, "unit-of-response")


def scaled(setup: Setup, column: str, cause: str) -> Changes:
    """One column times a number, and divided by it."""
    for unit in UNITS:
        for by, words in ((unit, f"times {unit:g}"), (1 / unit, f"divided by {unit:g}")):
            trait = Trait(f"unit of {column}", words, cause, f"has {column} {words}")
            yield Change(frozenset({trait}), partial(made, setup, column, setup.data[column] * by))
