"""The sets that are fitted: real ones with the formulas of their R help pages, and made ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pandas as pd

from ..adapters.formulas import split_formula
from ..adapters.messages import Json
from ..suite import tables
from . import made, r_data


@dataclass(frozen=True)
class Set:
    """A model and how to make its data; `big`: only where big ones are asked for."""

    name: str
    formula: str
    make: Callable[[], pd.DataFrame]
    reml: bool = True
    big: bool = False
    refits: int = 0  # responses that are fitted together, in place of the data's own
    family: str = ""  # of responses that are not normal

    def model(self) -> Json:
        """What workers are told, beside the data: the bars one by one, for those who want them."""
        fixed, bars = split_formula(self.formula)
        named = [{"effects": effects, "group": g} for effects, _, b in bars for g in nested(b)]
        plain = {"name": self.name, "formula": self.formula, "fixed": fixed, "terms": named}
        return plain | {"reml": self.reml, "refits": self.refits, "family": self.family}


def nested(group: str) -> list[list[str]]:
    """The columns of each grouping factor: a/b is a, and a:b."""
    parts = group.replace(" ", "").split("/")
    return [":".join(parts[: k + 1]).split(":") for k in range(len(parts))]


def real(name: str, formula: str, reml: bool = True, big: bool = False) -> Set:
    """A set of the suite's."""
    return Set(name, formula, lambda: tables.load(name).frame(), reml, big)


def generalized(name: str, formula: str, family: str) -> Set:
    """A set of the suite's, of responses that are not normal."""
    return Set(name, formula, lambda: tables.load(name).frame(), reml=False, family=family)


SLEEP = "Reaction ~ Days + (Days | Subject)"
SETS = (
    real("sleepstudy", SLEEP),
    real("Dyestuff", "Yield ~ 1 + (1 | Batch)"),
    real("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)"),
    real("Pastes", "strength ~ 1 + (1 | batch/cask)"),
    real("Orthodont", "distance ~ age + (age | Subject)"),
    real("Machines", "score ~ Machine + (1 | Worker/Machine)"),
    real("cake", "angle ~ recipe * temperature + (1 | recipe:replicate)", reml=False),
    Set("slopes-20k", "y ~ x + (x | g)", partial(made.slopes, 20_000, 1_000)),
    Set("sleepstudy-refits", SLEEP, tables.load("sleepstudy").frame, refits=1000),
    generalized("cbpp", "cbind(incidence, size - incidence) ~ period + (1 | herd)", "binomial"),
    generalized(
        "grouseticks",
        "TICKS ~ YEAR + cHEIGHT + (1 | BROOD) + (1 | INDEX) + (1 | LOCATION)",
        "poisson",
    ),
    generalized(
        "Contraception",
        "use ~ age + I(age^2) + urban + livch + (1 | district)",
        "binomial",
    ),
    Set("InstEval", "y ~ 1 + (1 | s) + (1 | d) + (1 | dept)", r_data.inst_eval, big=True),
    Set(
        "crossed-100k",
        "y ~ x + (1 | a) + (1 | b)",
        partial(made.crossed, 100_000, 5_000, 1_000),
        big=True,
    ),
    Set("nested-300k", "y ~ x + (1 | a/b/c)", partial(made.nested, 1_000, 10, 10, 3), big=True),
    Set("counties-1m", "y ~ x + (x | g)", partial(made.slopes, 1_000_000, 3_200), big=True),
)


def chosen(names: list[str], big: bool) -> list[Set]:
    """The sets of these names, or all that are not big, or all.  Raises LookupError."""
    known = {one.name: one for one in SETS}
    if unknown := [name for name in names if name not in known]:
        raise LookupError(f"there is no set {unknown[0]}; there are {', '.join(known)}")
    return [known[name] for name in names] or [one for one in SETS if big or not one.big]
