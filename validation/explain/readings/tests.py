"""F tests of terms: of which type, with which denominator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from ..account import Account, Numbers, coefficient
from ..base import Base, Reading, Trait
from ..numbers import exact
from .errors import ADJUSTED, OBSERVED
from .freedom import OF_FIT, RESIDUAL, Z, method
from .tested import table

TYPE = "type of F"  # the dimension
SEQUENTIAL = "I as nlme and lme4 have it"  # after those before it, in the metric of V
TYPES: tuple[tuple[Any, str], ...] = (
    (2, "II"), (3, "III"), (1, "I"), ("sequential", SEQUENTIAL), ("marginal", "marginal"),
)  # fmt: skip
COLUMNS = {"NumDF": "numdf", "DenDF": "dendf", "F value": "F", "Pr(>F)": "pF"}
PLAIN = {"residual": RESIDUAL, "infinite": Z}


def ways(base: Base, told: Account) -> Iterator[Reading]:
    """Every type by every method; of an account alone what it tells."""
    if base.fit is None:
        kinds = ("F", "numdf", "dendf", "pF")
        yield Reading({k: v for kind in kinds for k, v in base.account.of(kind).items()})
        return
    if not told.of("F") or any(trait.cause == "fixed-effect-omitted" for trait in base.traits):
        yield Reading({})  # nothing to give back, or a design that lacks a column of its terms
        return
    for type, words in TYPES:
        for df, name in {**OF_FIT, **PLAIN}.items():
            found = table(base.fit, df, type=type)
            if found is not None:
                yield Reading(numbers(found), frozenset(traits(words, df, name)))


def traits(words: str, df: str, name: str) -> Iterator[Trait]:
    """What a table of F is."""
    yield method(name)
    yield Trait(TYPE, words, "test-type", f"tests hypotheses of type {words}")
    if df.startswith("kenward-roger"):
        yield ADJUSTED
    if df.endswith("observed"):
        yield OBSERVED


def numbers(found: pd.DataFrame) -> Numbers:
    """The numbers of a table."""
    return {
        (kind, coefficient(str(term))): exact(found.loc[term, column])
        for term in found.index
        for column, kind in COLUMNS.items()
        if column in found
    }
