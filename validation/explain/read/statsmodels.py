"""What statsmodels prints of a MixedLM: summary()."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from ..account import INTERCEPT, Account, coefficient, said
from ..numbers import NUMBER, Number, written
from .lme4 import whole
from .tables import Pairs, cells, correlation, root

COLUMNS = ("beta", "se", "t", "p", "", "")
FACTS = {"No. Observations": "n", "Log-Likelihood": "loglik"}
GROUP = "Group"  # what it calls groups without a name, and their intercept


def is_mine(text: str) -> bool:
    """Whether statsmodels wrote it."""
    return "Mixed Linear Model Regression Results" in text


def read(text: str, name: str) -> Account:
    """An account of it."""
    found = re.search(r"Method:\s+(REML|ML)\b", text)
    numbers = said(pairs(text.splitlines(), text))
    return Account(name, "statsmodels", numbers, found and found.group(1) == "REML")


def pairs(lines: Sequence[str], text: str) -> Pairs:
    """All numbers that are read."""
    for label, kind in FACTS.items():
        if found := re.search(rf"{re.escape(label)}:\s+({NUMBER})", text):
            cell = found.group(1)
            yield (kind,), whole(cell) if kind == "n" else written(cell)
    if found := re.search(rf"\bScale:\s+({NUMBER})", text):
        yield ("sigma",), root(written(found.group(1)))
    if found := re.search(r"No\. Groups:\s+(\d+)", text):
        yield ("groups", GROUP), whole(found.group(1))
    covariances: dict[str, Number] = {}
    for line in rows(lines):
        label, values = cells(line, len(COLUMNS))
        if len(values) == len(COLUMNS):
            for kind, cell in zip(COLUMNS, values, strict=True):
                if kind:
                    yield (kind, coefficient(label)), written(cell)
            yield ("df", coefficient(label)), Number(math.inf, math.inf, "none: z")
        elif values and label.endswith((" Var", " Cov")):
            covariances[label] = written(covariance_cell(line, label)) or Number(0, 0)
    yield from random_effects(covariances)


def intercept_name(covariances: Mapping[str, Number]) -> str:
    """What the group's intercept is called: as the group, which the first row is of."""
    first = next(iter(covariances), GROUP)
    return first.removesuffix(" Var") if not first.endswith(" Cov") else GROUP


def rows(lines: Sequence[str]) -> list[str]:
    """The lines of the table of effects."""
    start = next((i for i, line in enumerate(lines) if "Std.Err." in line), len(lines))
    return [line for line in lines[start + 1 :] if line.strip() and not set(line) <= set("-=")]


def covariance_cell(line: str, label: str) -> str:
    """The first number after a label, which is the estimate."""
    return line.strip().removeprefix(label).split()[0]


def random_effects(covariances: dict[str, Number]) -> Pairs:
    """Variances and covariances of the group's effects; what no covariance ties stands alone."""
    own = intercept_name(covariances)
    tied = {part for label in covariances if label.endswith(" Cov") for part in parts(label)}
    sds: dict[str, Number] = {}
    for label, variance in covariances.items():
        name = label.removesuffix(" Var")
        sd = root(variance)
        if label.endswith(" Var") and sd is not None:
            sds[name] = sd
            yield sd_key(name, tied, own), sd
    for label, covariance in covariances.items():
        if label.endswith(" Cov"):
            a, b = parts(label)
            both = correlation(covariance, sds[a], sds[b]) if a in sds and b in sds else None
            yield ("corr", GROUP, effect(a, own), effect(b, own)), both


def parts(label: str) -> tuple[str, str]:
    """The two effects of a covariance."""
    first, _, second = label.removesuffix(" Cov").partition(" x ")
    return first, second


def sd_key(name: str, tied: set[str], own: str) -> tuple[str, str, str]:
    """An effect of the group, or a variance component, which has an intercept alone."""
    if name in tied or name == GROUP:
        return "sd", GROUP, effect(name, own)
    return "sd", name, INTERCEPT


def effect(name: str, own: str) -> str:
    """The intercept is called as the group."""
    return INTERCEPT if name in (own, GROUP) else coefficient(name)
