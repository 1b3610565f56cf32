"""Other units and origins of covariates and of the response."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..base import one
from ..setup import Changes, Setup, is_number, of_column

UNITS = (10.0, 100.0, 1000.0, 1e4, 1e6, 7.0, 12.0, 24.0, 60.0, 365.0, 365.25, 3600.0)


def changes(setup: Setup) -> Changes:
    """All of them."""
    for column in setup.numbers:
        yield from standardized(setup, column)
        yield from scaled(setup, column, "unit-of-covariate")
        yield from negative(setup, column)
    response = setup.response
    if response in setup.data.columns and is_number(setup.data[response]):
        yield from scaled(setup, response, "unit-of-response")


def standardized(setup: Setup, column: str) -> Changes:
    """Centred, and standardized."""
    x = setup.data[column]
    centred = x - x.mean()
    says = f"has {column} less its mean, {x.mean():.6g}"
    yield of_column(
        one(f"origin of {column}", "mean", "centred-covariate", says), setup, column, centred
    )
    if np.isfinite(x.std()) and x.std() > 0:
        says = f"has {column} less its mean and over its standard deviation, {x.std():.6g}"
        traits = one(f"origin of {column}", "standardized", "standardized-covariate", says)
        yield of_column(traits, setup, column, centred / x.std())


def scaled(setup: Setup, column: str, cause: str) -> Changes:
    """One column times a number, and divided by it."""
    for by, words in factors():
        traits = one(f"unit of {column}", words, cause, f"has {column} {words}")
        yield of_column(traits, setup, column, setup.data[column] * by)


def negative(setup: Setup, column: str) -> Changes:
    """A covariate of the other sign."""
    says = f"has {column} with the other sign"
    traits = one(f"unit of {column}", says, "sign-of-covariate", says)
    yield of_column(traits, setup, column, -setup.data[column])


def factors() -> Iterator[tuple[float, str]]:
    """What a unit is multiplied by, in numbers and words."""
    for unit in UNITS:
        yield unit, f"times {unit:g}"
        yield 1 / unit, f"divided by {unit:g}"
