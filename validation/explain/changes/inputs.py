"""Other rows and other weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from refmixed.design import Design
from refmixed.linalg import Array

from ..base import one
from ..setup import Change, Changes, Setup, of_setup

Way = tuple[str, Callable[[Array], Array]]
WAYS: dict[str, Way] = {
    "ignored": ("ignores the weights", np.ones_like),
    "variances": ("takes the weights for variances", lambda w: 1 / w),
    "roots": ("takes the roots of the weights", np.sqrt),
    "squares": ("takes the squares of the weights", np.square),
    "mean one": ("divides the weights by their mean", lambda w: w / w.mean()),
    "sum one": ("divides the weights by their sum", lambda w: w / w.sum()),
}
MULTIPLES = (2.0, 10.0, 100.0, 1000.0)  # that weights are taken times, or over


def changes(setup: Setup) -> Changes:
    """All of them."""
    yield from rows(setup)
    yield from weights(setup)


def rows(setup: Setup) -> Changes:
    """Without the rows that lack a value in any column."""
    complete = setup.data.dropna()
    if 0 < len(complete) < len(setup.data):
        says = "leaves out the rows that lack a value in any column of the data"
        yield of_setup(
            one("rows", "complete", "rows-dropped", says), partial(replace, setup, data=complete)
        )


def weights(setup: Setup) -> Changes:
    """The weights otherwise, or taken for counts of rows."""
    if setup.weights is None:
        return
    for value, (says, of) in (WAYS | dict(multiples())).items():
        yield Change(one("weights", value, "weights", says), partial(weighted, setup, of))
    if is_whole(setup.data[setup.weights]):
        says = "takes the weights for numbers of rows"
        yield Change(one("weights", "counts", "weights", says), partial(repeated, setup))


def multiples() -> Iterator[tuple[str, Way]]:
    """The weights times a number."""
    for by in (k for size in MULTIPLES for k in (size, 1 / size)):
        yield f"times {by:g}", (f"takes the weights times {by:g}", partial(np.multiply, by))


def weighted(setup: Setup, of: Callable[[Array], Array]) -> Design:
    """The design with a function of the weights."""
    design = setup.design
    return replace(design, weights=of(design.weights))


def repeated(setup: Setup) -> Design:
    """The design with each row as often as its weight says."""
    often = setup.data[setup.weights].astype(int)
    return replace(
        setup,
        data=setup.data.loc[setup.data.index.repeat(often)].reset_index(drop=True),
        weights=None,
    ).design


def is_whole(column: pd.Series) -> bool:
    """Whether all weights are whole numbers."""
    return bool((column % 1 == 0).all() and column.sum() < 20000)
