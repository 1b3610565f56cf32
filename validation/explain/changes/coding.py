"""Other codings of factors in X: reference levels, and contrasts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd

from ..base import Trait
from ..setup import Changes, Setup, of_setup

MOST = 12  # levels of a factor that are tried as reference
CONTRASTS = {"sum": "contr.sum", "helmert": "contr.helmert"}
Coding = tuple[Trait, Callable[[Setup], Setup]]


def changes(setup: Setup) -> Changes:
    """Of one factor at a time; of all: the last level, as SAS has it, or the same contrasts."""
    every = {factor: list(codings(setup, factor)) for factor in setup.factors}
    for some in every.values():
        for coding in some:
            yield of_setup(frozenset({coding[0]}), partial(coded, setup, [coding]))
    for together in zip(*(reversed(some) for some in every.values()), strict=False):
        if len(together) > 1:
            traits = frozenset(trait for trait, _ in together)
            yield of_setup(traits, partial(coded, setup, together))


def coded(setup: Setup, codings: Sequence[Coding]) -> Setup:
    """The setup under all of some codings."""
    for _, to in codings:
        setup = to(setup)
    return setup


def codings(setup: Setup, factor: str) -> Iterator[Coding]:
    """Those of one factor: reference levels, the last one last; then contrasts."""
    levels = setup.factors[factor]
    for level in levels[1:] if len(levels) <= MOST else ():
        says = f"has {factor} = {level} as the reference level"
        trait = Trait(f"reference of {factor}", str(level), "reference-level", says)
        yield trait, partial(releveled, factor=factor, level=level)
    for name, call in CONTRASTS.items():
        yield contrasts(factor, name), partial(by_call, factor=factor, call=call)
    yield contrasts(factor, "polynomial"), partial(ordered, factor=factor)


def contrasts(factor: str, name: str) -> Trait:
    """Contrasts of a factor."""
    says = f"has {name} contrasts of {factor}"
    return Trait(f"contrasts of {factor}", name, "contrasts", says)


def releveled(setup: Setup, factor: str, level: str) -> Setup:
    """The factor with a level put first."""
    order = [level, *(one for one in setup.factors[factor] if one != level)]
    values = pd.Categorical(setup.data[factor], order)
    return setup.with_column(factor, pd.Series(values, index=setup.data.index))


def by_call(setup: Setup, factor: str, call: str) -> Setup:
    """Contrasts by C() in the formula, outside of groups."""
    left, _, right = setup.formula.partition("~")
    outside = rf"(?<![\w.]){re.escape(factor)}(?![\w.])(?![^(|]*\))"
    return replace(
        setup, formula=f"{left}~{re.sub(outside, f'C({factor}, {call})', right)}", is_coded=True
    )


def ordered(setup: Setup, factor: str) -> Setup:
    """An ordered factor, which has polynomial contrasts."""
    values = pd.Categorical(setup.data[factor], setup.factors[factor], ordered=True)
    return setup.with_column(factor, values)
