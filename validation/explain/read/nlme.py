"""What nlme prints of lme(): summary(), print() and anova()."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..account import Account, coefficient, said
from ..numbers import NUMBER, written
from ..readings.freedom import METHOD
from ..readings.grouped import WITHIN
from .lme4 import correlations, header, whole
from .tables import Pairs, cells, coefficients, named_vector, section

KINDS = ("beta", "se", "df", "t", "p")
CRITERIA = ("aic", "bic", "loglik")
ROW = re.compile(
    rf"^(\S.*?)\s+({NUMBER})\s*(.*)$"
)  # effect, StdDev, and correlations or their heads
F_KINDS = ("numdf", "dendf", "F", "pF")


def is_mine(text: str) -> bool:
    """Whether nlme wrote it."""
    return bool(
        re.search(
            r"Linear mixed-effects model fit by|numDF\s+denDF\s+F-value|Value\s+Std\.Error", text
        )
    )


def read(text: str, name: str) -> Account:
    """An account of it."""
    found = re.search(r"model fit by (REML|maximum likelihood)", text)
    lines = text.splitlines()
    numbers = said(pairs(lines, text))
    reml = found and found.group(1) == "REML"
    says = {METHOD: WITHIN} if re.search(r"Std\.Error\s+DF\s", text) else {}
    return Account(name, "nlme", numbers, reml, formula(text), says=says)


def formula(text: str) -> str | None:
    """The formula that lme4 would have; None where the random part is none that is read here."""
    fixed = re.search(r"^\s*Fixed(?: effects)?:\s*(.*)", text, re.M)
    random = re.findall(r"^ Formula: ~(.*?) \| (.*)", text, re.M)
    if not fixed or not random:
        return None
    bar = "||" if "Structure: Diagonal" in text else "|"
    terms = (f"({effects} {bar} {group_name(group)})" for effects, group in random)
    return " + ".join([fixed.group(1).strip(), *terms])


def group_name(group: str) -> str:
    """`b %in% a` as lme4 writes it, b:a."""
    return ":".join(part.strip() for part in group.split("%in%"))


def pairs(lines: Sequence[str], text: str) -> Pairs:
    """All numbers that are read."""
    head = header(lines, r"^\s*AIC\s+BIC\s+logLik")
    row = lines[lines.index(head) + 1].split() if head else []
    for kind, cell in zip(CRITERIA, row, strict=False):
        yield (kind,), written(cell)
    if found := re.search(rf"Log-(?:restricted-)?likelihood:\s*({NUMBER})", text):
        yield ("loglik",), written(found.group(1))
    yield from counts(lines, text)
    for block in blocks(lines):
        yield from random_effects(block)
    for name, number in coefficients(section(lines, r"Value\s+Std\.Error"), KINDS):
        yield name, whole(str(number)) if name[0] == "df" and number else number
    for label, cell in named_vector(section(lines, r"^\s*Fixed: ")):
        yield ("beta", coefficient(label)), written(cell)
    yield from tests(lines)


def counts(lines: Sequence[str], text: str) -> Pairs:
    """Observations, and levels of groups."""
    if found := re.search(r"Number of Observations:\s*(\d+)", text):
        yield ("n",), whole(found.group(1))
    groups = [group_name(group) for group in re.findall(r"^ Formula: ~.*? \| (.*)", text, re.M)]
    numbers = re.findall(r"\d+", " ".join(section(lines, r"^Number of Groups:\s*$")[1:]))
    if one := re.search(r"Number of Groups:\s*(\d+)", text):
        numbers = [one.group(1)]
    for group, count in zip(groups, numbers, strict=False):
        yield ("groups", group), whole(count)


def blocks(lines: Sequence[str]) -> list[list[str]]:
    """The parts of `Random effects`, one a group, each from its formula to a blank line."""
    starts = [i for i, line in enumerate(lines) if re.match(r" Formula: ~", line)]
    return [until_blank(lines[i:]) for i in starts]


def until_blank(lines: Sequence[str]) -> list[str]:
    """Lines up to the first that is blank."""
    end = next((j for j, line in enumerate(lines) if not line.strip()), len(lines))
    return list(lines[:end])


def random_effects(block: Sequence[str]) -> Pairs:
    """One group: its effects in a row of names over StdDev, or a row each with correlations."""
    group = group_name(block[0].partition("|")[2])
    if across := [i for i, line in enumerate(block) if line.startswith("StdDev:")]:
        row = block[across[0]].removeprefix("StdDev:").rjust(len(block[across[0]]))
        for label, cell in named_vector([block[across[0] - 1], row]):
            yield key(group, label), written(cell)
        return
    head = next((i for i, line in enumerate(block) if re.match(r"\s+StdDev\b", line)), len(block))
    effects: list[str] = []
    for line in block[head + 1 :]:
        if found := ROW.match(line):
            label = coefficient(found.group(1))
            yield key(group, label), written(found.group(2))
            yield from correlations(group, label, effects, found.group(3).split())
            effects.append(label)


def key(group: str, label: str) -> tuple[str, ...]:
    """A standard deviation, or sigma."""
    return ("sigma",) if label == "Residual" else ("sd", group, coefficient(label))


def tests(lines: Sequence[str]) -> Pairs:
    """anova(): sequential F tests."""
    for row in section(lines, r"numDF\s+denDF\s+F-value"):
        label, values = cells(row, 4)
        for kind, cell in zip(F_KINDS, values, strict=False):
            if len(values) == 4:
                yield (kind, coefficient(label)), written(cell)
