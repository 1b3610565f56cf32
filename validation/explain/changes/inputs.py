"""Other rows and other weights."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from refmixed.design import Design

from ..base import Trait
from ..setup import Change, Changes, Setup


def changes(setup: Setup) -> Changes:
    """All of them."""
    yield from rows(setup)
    yield from weights(setup)


def rows(setup: Setup) -> Changes:
    """Without the rows that lack a value in any column."""
    complete = setup.data.dropna()
    if 0 < len(complete) < len(setup.data):
        says = "leaves out the rows that lack a value in any column of the data"
        trait = Trait("rows", "complete", "rows-dropped", says)
        yield Change(frozenset({trait}), lambda: replace(setup, data=complete).design)


def weights(setup: Setup) -> Changes:
    """The weights ignored, inverted, or taken for counts of rows."""
    if setup.weights is None:
        return
    column = setup.weights
    ways = {
        "ignored": ("ignores the weights", partial(weighted, setup, lambda w: np.ones_like(w))),
        "variances": ("takes the weights for variances", partial(weighted, setup, lambda w: 1 / w)),
        "roots": ("takes the roots of the weights", partial(weighted, setup, np.sqrt)),
        "squares": ("takes the squares of the weights", partial(weighted, setup, np.square)),
        "mean one": (
            "divides the weights by their mean",
            partial(weighted, setup, lambda w: w / w.mean()),
        ),
    }
    if is_whole(setup.data[column]):
        ways["counts"] = ("takes the weights for numbers of rows", partial(repeated, setup))
    for value, (says, design) in ways.items():
        yield Change(frozenset({Trait("weights", value, "weights", says)}), design)


def weighted(setup: Setup, of: object) -> Design:
    """The design with a function of the weights."""
    design = setup.design
    return replace(design, weights=of(design.weights))  # type: ignore[operator]


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
