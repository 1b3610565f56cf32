"""What a column is called changes nothing but the names of effects."""

import random
import re
from collections.abc import Iterable
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hard_names import NAMES

import refmixed as rm
from refmixed.r.deparse import deparse
from refmixed.r.functions import FUNCTIONS
from refmixed.r.parse import Node, parse

N = 60
PLAIN = ["VV", "WW", "XX", "FF", "GG"]
RIGHT = """
log({v}) + {w} // I({v}^2) + I({v}*{w}) // scale({v}) + scale({w}) // poly({v}, 2) + poly({w}, 2)
poly({v} + {w}, 2) // I({v} - mean({v})) + I({w} - mean({w})) // bs({v}, df = 4) + ns({w}, df = 2)
pmin({v}, {w}, {x}) // I({v}/max({v})) + {w} // exp({x})*{f} // C({f}, sum)*{v}
C({f}, contr.sum) // factor({f}):{v} // relevel({f}, "b") + {w} // I({f} == "it's") + {v}
{f}*{v} + {f}:{w} // log({v}, 2) // ifelse({x} > 0, {v}, {w}) // dummy({f}, "b")*{v}
interaction({f}, {x} > 0) // cut({v}, 3) + {w} // I(({f} == "it's") - mean({f} == "it's"))
{v} + {w} + offset(log({x} + 9)) // I({v} > {w} & {x} > 0)
"""
FORMULAS = [
    f"{{x}} ~ {right.strip()} + ({{w}} | {{g}})"
    for line in RIGHT.strip().splitlines()
    for right in line.split("//")
]
FORMULAS += ["{x} ~ {v} + ({w} | factor({g}))", "{x} ~ {v} + ({w} | interaction({g}))"]


def build() -> pd.DataFrame:
    """Two numbers apart from zero, a number, a factor with a quote in a level, a group."""
    rng = np.random.default_rng(0)
    v, w = rng.uniform(1, 2, (2, N))
    return pd.DataFrame(
        {
            "VV": v,
            "WW": w,
            "XX": v + rng.normal(size=N) + np.repeat(rng.normal(size=12), 5),
            "FF": rng.choice(["a", "b", "it's"], N),
            "GG": np.repeat([f"g{k}" for k in range(12)], 5),
        }
    )


DATA = build()
NEW = DATA.sample(20, random_state=1).reset_index(drop=True)


def quoted(name: str) -> str:
    """A name as it stands in a formula."""
    return deparse(Node("name", name))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_read_as_it_is_written(name: str) -> None:
    for text in (quoted(name), f"log({quoted(name)})"):
        assert deparse(parse(text)) == text
    assert parse(quoted(name)) == Node("name", name)


def test_the_names_are_hard_ones() -> None:
    assert len(set(NAMES)) == len(NAMES) > 100
    assert len({*NAMES} & FUNCTIONS.keys()) > 8


def placed(text: str, names: list[str]) -> str:
    """A formula over the columns of these names."""
    return text.format(**dict(zip("vwxfg", map(quoted, names), strict=True)))


def renamed(effects: Iterable[str], names: list[str]) -> list[str]:
    """The names of effects, those of columns in them replaced."""
    other = dict(zip(PLAIN, map(quoted, names), strict=True))
    return [re.sub("|".join(PLAIN), lambda found: other[found[0]], effect) for effect in effects]


def draws(count: int, seed: int = 1) -> list[tuple[str, list[str]]]:
    """Formulas, each with other names; those that stand side by side above stay together."""
    rng = random.Random(seed)
    chosen = []
    for k in range(count):
        pair = [NAMES[k % len(NAMES)], NAMES[(k + 1) % len(NAMES)]]
        names = [*pair, *rng.sample([name for name in NAMES if name not in pair], 3)]
        if k % 3 == 1:
            rng.shuffle(names)
        chosen.append((rng.choice(FORMULAS), names))
    return chosen


@cache
def plain_fit(text: str) -> rm.Fit:
    """The fit over columns of plain names."""
    return rm.lmer(placed(text, PLAIN), DATA)


def group_of(text: str, names: list[str]) -> str:
    """The name of the grouping factor: a column's as it is, a call's as it is written."""
    inside = text.rpartition("| ")[2].removesuffix(")")
    return names[4] if inside == "{g}" else inside.format(g=quoted(names[4]))


def differences(text: str, names: list[str]) -> list[str]:
    """What the names of columns change."""
    plain, new = plain_fit(text), NEW.set_axis(names, axis=1)
    fit = rm.lmer(placed(text, names), DATA.set_axis(names, axis=1))
    pairs = {
        "names of X": (list(fit.beta.index), renamed(plain.beta.index, names)),
        "group": ([t.group for t in fit.design.terms], [group_of(text, names)]),
        "effects": (list(fit.design.terms[0].effects), ["(Intercept)", quoted(names[1])]),
        "X": (fit.design.X.tolist(), plain.design.X.tolist()),
        "Z": (fit.design.Z.tolist(), plain.design.Z.tolist()),
        "y": (fit.design.y.tolist(), plain.design.y.tolist()),
        "offset": (fit.design.offset.tolist(), plain.design.offset.tolist()),
        "criterion": (fit.criterion, plain.criterion),
        "new rows": (fit.predict(new).tolist(), plain.predict(NEW).tolist()),
    }
    return [f"{what}: {text} {names}" for what, (a, b) in pairs.items() if a != b]


@pytest.mark.filterwarnings("ignore::refmixed.errors.RefmixedWarning")
@pytest.mark.parametrize("part", range(5))
def test_what_a_column_is_called_changes_nothing(part: int) -> None:
    before = np.random.get_state()[1].copy()  # noqa: NPY002  (the generator of all)
    found = [d for text, names in draws(250)[part::5] for d in differences(text, names)]
    assert found == []
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


def test_every_formula_is_drawn() -> None:
    assert {text for text, _ in draws(250)} == set(FORMULAS)
