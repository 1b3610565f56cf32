"""The models on which refmixed is held against lme4."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from refmixed import load_dataset
from refmixed.formula import parse_formula

from . import simulated


@dataclass(frozen=True)
class Case:
    """A model, its data, and rows to predict."""

    id: str
    formula: str
    load: Callable[[], pd.DataFrame]
    thetas: tuple[tuple[float, ...], ...]  # where the criterion is compared, nothing optimised

    @property
    def data(self) -> pd.DataFrame:
        """The data of the fit."""
        return self.load()

    @property
    def newdata(self) -> pd.DataFrame:
        """Every seventh row, and the first row once more in a group that nobody has seen."""
        data = self.data
        unseen = data.iloc[[0]].astype(dict.fromkeys(self.groups, str))
        unseen[self.groups] = "unseen"
        rows = data.iloc[::7].astype(dict.fromkeys(self.groups, str))
        new = pd.concat([rows, unseen], ignore_index=True)
        return new.astype(dict.fromkeys(self.groups, "category"))

    @property
    def groups(self) -> list[str]:
        """The columns that group and do nothing else."""
        formula = parse_formula(self.formula)
        fixed = {node.text for term in formula.fixed.terms for node in term}
        columns = dict.fromkeys(c for bar in formula.bars for c in bar.columns)
        return [column for column in columns if column not in fixed]


def around(*center: float) -> tuple[tuple[float, ...], ...]:
    """A few thetas: zero, a point, and others half and three times as large."""
    return tuple(tuple(scale * np.array(center)) for scale in (0.0, 0.5, 1.0, 3.0))


def shipped(name: str) -> Callable[[], pd.DataFrame]:
    """A data set of refmixed."""
    return partial(load_dataset, name)


CASES = (
    Case(
        "sleepstudy/correlated",
        "Reaction ~ Days + (Days | Subject)",
        shipped("sleepstudy"),
        around(1.0, 0.1, 0.25),
    ),
    Case(
        "sleepstudy/uncorrelated",
        "Reaction ~ Days + (Days || Subject)",
        shipped("sleepstudy"),
        around(1.0, 0.25),
    ),
    Case(
        "sleepstudy/intercepts",
        "Reaction ~ Days + (1 | Subject)",
        shipped("sleepstudy"),
        around(1.2),
    ),
    Case("Dyestuff", "Yield ~ 1 + (1 | Batch)", shipped("Dyestuff"), around(0.8)),
    Case("Dyestuff2", "Yield ~ 1 + (1 | Batch)", shipped("Dyestuff2"), around(0.3)),
    Case(
        "Penicillin",
        "diameter ~ 1 + (1 | plate) + (1 | sample)",
        shipped("Penicillin"),
        around(1.5, 3.5),
    ),
    Case("Pastes", "strength ~ 1 + (1 | batch/cask)", shipped("Pastes"), around(3.5, 1.5)),
    Case(
        "cake",
        "angle ~ recipe * temperature + (1 | recipe:replicate)",
        shipped("cake"),
        around(1.4),
    ),
    Case("counties", "income ~ 1 + (1 | county)", partial(simulated.load, "counties"), around(0.5)),
    Case(
        "slopes",
        "y ~ x + (x | group)",
        partial(simulated.load, "slopes"),
        around(1.0, -0.2, 0.4),
    ),
)
