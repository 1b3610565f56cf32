"""What columns and levels are called changes nothing but the names of effects and levels."""

import random
import re
from collections.abc import Iterable
from functools import cache

import numpy as np
import pandas as pd
import pytest
from counts import share
from hard_names import HOSTILE, NAMES

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


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::refmixed.errors.RefmixedWarning")
@pytest.mark.parametrize("part", range(5))
def test_what_a_column_is_called_changes_nothing(part: int) -> None:
    before = np.random.get_state()[1].copy()  # noqa: NPY002  (the generator of all)
    count = len(share(250, of=2000))
    found = [d for text, names in draws(count)[part::5] for d in differences(text, names)]
    assert found == []
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


def test_every_formula_is_drawn() -> None:
    assert {text for text, _ in draws(250)} == set(FORMULAS)


# --- levels ---------------------------------------------------------------------------------------

Called = dict[str, list[object]]  # the levels of each factor
LEVELS: Called = {"FF": ["f0", "f1", "f2"], "GG": [f"g{k}" for k in range(12)], "HH": ["h0", "h1"]}
CODES = {"FF": np.arange(N) % 3, "GG": np.arange(N) // 5, "HH": np.arange(N) % 2}
OF_LEVELS = [
    f"XX ~ {fixed} + {terms}"
    for fixed in ("FF*VV", "C(FF, sum) + WW", "relevel(FF, ref = 2)", "interaction(FF, HH)")
    for terms in ("(FF | GG)", "(1 | GG/HH)", "(0 + VV | FF:GG) + (1 | HH)", "(1 | factor(GG))")
]
TEXTS = list(dict.fromkeys([*NAMES, *HOSTILE]))


def with_levels(called: Called) -> pd.DataFrame:
    """The data, with levels of these names, in this order."""
    factors = {name: pd.Categorical.from_codes(CODES[name], called[name]) for name in called}
    return DATA[["VV", "WW", "XX"]].assign(**factors)


def draw_levels(seed: int) -> Called:
    """Names of levels: texts, or whole numbers of 19 digits in a row."""
    rng, called = random.Random(seed), dict(LEVELS)
    for name, levels in LEVELS.items():
        start = rng.randrange(10**18, 2**63 - 99)
        ids = list(range(start, start + len(levels)))
        called[name] = rng.choice([rng.sample(TEXTS, len(levels)), rng.sample(ids, len(ids))])
    return called


@cache
def plain_levels(formula: str) -> rm.Fit:
    """The fit over levels of plain names, at some theta: nothing is searched for."""
    data = with_levels(LEVELS)
    return rm.lmer(formula, data, theta=np.full(rm.design(formula, data).m, 0.7))


def called_anew(texts: Iterable[str], called: Called) -> list[str]:
    """Names of effects or levels, the names of levels in them replaced."""
    pairs = [(LEVELS[name], called[name]) for name in LEVELS]
    other = {str(a): str(b) for one, two in pairs for a, b in zip(one, two, strict=True)}
    return [re.sub(r"[fgh]\d+", lambda found: other[found[0]], text) for text in texts]


def level_differences(formula: str, called: Called) -> list[str]:
    """What the names of levels change."""
    plain, data = plain_levels(formula), with_levels(called)
    fit = rm.lmer(formula, data, theta=plain.theta.to_numpy())
    rows = np.random.default_rng(1).permutation(N)[:20]
    new, old = data.iloc[rows], with_levels(LEVELS).iloc[rows]
    pairs = {
        "names of X": (list(fit.beta.index), called_anew(plain.beta.index, called)),
        "X": (fit.design.X.tolist(), plain.design.X.tolist()),
        "Z": (fit.design.Z.tolist(), plain.design.Z.tolist()),
        "criterion": (fit.criterion, plain.criterion),
        "new rows": (fit.predict(new).tolist(), plain.predict(old).tolist()),
    }
    for one, other in zip(fit.design.terms, plain.design.terms, strict=True):
        pairs[f"levels of {other.name}"] = (list(one.levels), called_anew(other.levels, called))
        pairs[f"effects of {other.name}"] = (list(one.effects), called_anew(other.effects, called))
    return [f"{what}: {formula} {called}" for what, (a, b) in pairs.items() if a != b]


@pytest.mark.long
@pytest.mark.parametrize("part", range(5))
def test_what_levels_are_called_changes_nothing(part: int) -> None:
    for seed in share(50, of=2000)[part::5]:
        assert level_differences(OF_LEVELS[seed % len(OF_LEVELS)], draw_levels(seed)) == []
