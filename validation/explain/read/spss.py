"""Tables as SPSS's MIXED lays them out, as text: criteria, fixed effects, covariances, tests."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..account import INTERCEPT, Account, coefficient, said
from ..numbers import NUMBER, Number, written
from .sas import group_of, unstructured
from .tables import Pairs, cells, root
from .words import said_of_tests

CRITERIA = {
    r"-2 (?:Restricted )?Log Likelihood": "criterion",
    r"Akaike's Information Criterion \(AIC\)": "aic",
    r"Schwarz's Bayesian Criterion \(BIC\)": "bic",
}
EFFECTS = ("beta", "se", "df", "t", "p", "", "")  # the last two are limits
TESTS = ("numdf", "dendf", "F", "pF")
ESTIMATES = r"Estimates of (?:Fixed Effects|Covariance Parameters)"
TITLE = rf"Information Criteria|Tests of Fixed Effects|{ESTIMATES}"
COVARIANCE = re.compile(
    rf"^\s*(?:(?P<what>\S.*?)\s*\[subject = (?P<group>[^\]]+)\])?\s*"
    rf"(?:(?P<kind>Residual|Variance)|UN \((?P<i>\d+),\s*(?P<j>\d+)\))\s+(?P<value>{NUMBER})"
)


def is_mine(text: str) -> bool:
    """Whether it has such tables."""
    return bool(re.search(ESTIMATES, text))


def read(text: str, name: str) -> Account:
    """An account of it.  Columns may be set apart by blanks, tabs or bars."""
    plain = re.sub(r"[|\t]+", "  ", text)
    numbers = said(pairs(plain.splitlines(), plain))
    found = re.search(r"-2 (Restricted )?Log Likelihood", plain)
    reml = found and found.group(1) is not None
    return Account(name, "SPSS", numbers, reml, says=said_of_tests(text))


def pairs(lines: Sequence[str], text: str) -> Pairs:
    """All numbers that are read; SPSS writes .5 for 0.5, and footnotes as letters."""
    for pattern, kind in CRITERIA.items():
        if found := re.search(rf"{pattern}\s+({NUMBER})", text):
            yield (kind,), written(found.group(1))
    for row in table(lines, "Estimates of Fixed Effects"):
        yield from effect(row)
    for row in table(lines, "Tests of Fixed Effects"):
        label, values = cells(row, len(TESTS))
        if len(values) == len(TESTS):
            yield from (
                ((kind, named(label)), written(v)) for kind, v in zip(TESTS, values, strict=True)
            )
    yield from covariances(table(lines, "Estimates of Covariance Parameters"))


def table(lines: Sequence[str], title: str) -> list[str]:
    """The rows of a table with a title, up to the next title."""
    start = next((i for i, line in enumerate(lines) if re.search(title, line)), len(lines))
    rest = list(lines[start + 1 :])
    end = next((j for j, line in enumerate(rest) if re.search(TITLE, line)), len(rest))
    return rest[:end]


def named(label: str) -> str:
    """`[arm=low] * week` as lme4 writes it, armlow:week."""
    return coefficient(re.sub(r"\[([^=\]]+)=([^\]]*)\]", r"\1\2", label).replace(" * ", ":"))


def effect(row: str) -> Pairs:
    """A row of fixed effects; a level that is set to zero has no standard error: it is left out."""
    label, values = cells(row, len(EFFECTS))
    if len(values) == len(EFFECTS) and "." not in values:
        for kind, cell in zip(EFFECTS, values, strict=True):
            if kind:
                yield (kind, named(label)), written(cell)


def covariances(rows: Sequence[str]) -> Pairs:
    """A row a parameter; rows of an unstructured matrix name its effects in the first alone."""
    group, effects = "", [INTERCEPT]
    blocks: dict[tuple[str, int, int], Number] = {}
    for found in filter(None, map(COVARIANCE.match, rows)):
        value = written(found["value"])
        if found["group"]:
            group = group_of("".join(found["group"].split()))
            effects = [named(part.strip()) for part in found["what"].split("+")]
        if found["kind"]:
            key = ("sigma",) if found["kind"] == "Residual" else ("sd", group, effects[0])
            yield key, root(value)
        elif value is not None:
            blocks[group, int(found["i"]), int(found["j"])] = value
    yield from unstructured(blocks)
