"""Tables as SAS's PROC MIXED and GLIMMIX have them: covariances, statistics, effects, tests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..account import INTERCEPT, Account, coefficient, said
from ..numbers import NUMBER, Number, written
from .family import by_sas
from .lme4 import whole
from .tables import Pairs, cells, correlation, root
from .words import said_of_tests

STATISTICS = {
    r"-2 (?:Res(?:tricted)? )?Log Likelihood": "criterion",
    r"AIC\s*\((?:[Ss]maller|lower)[^)]*\)": "aic",
    r"BIC\s*\((?:[Ss]maller|lower)[^)]*\)": "bic",
}
COUNTS = {r"Number of Observations Used": "n", r"Number of Observations\b(?! )": "n"}
EFFECTS = ("beta", "se", "df", "t", "p")
TESTS = ("numdf", "dendf", "F", "pF")
TITLE = (
    r"Covariance Parameter Estimates|Solutions? for Fixed Effects|Fit Statistics|Type [123I]+ Tests"
)
UN = re.compile(r"UN\((\d+),(\d+)\)")


def is_mine(text: str) -> bool:
    """Whether it has such tables."""
    return bool(re.search(TITLE, text))


def read(text: str, name: str) -> Account:
    """An account of it."""
    found = re.search(r"(?:Estimation Method|Method)\s+(REML|ML)\b", text)
    reml = found.group(1) == "REML" if found else restricted(text)
    numbers = said(pairs(text.splitlines(), text))
    says = by_sas(text)
    return Account(
        name, "SAS", numbers, reml, says=said_of_tests(text) | says, is_generalized=bool(says)
    )


def restricted(text: str) -> bool | None:
    """What the name of the criterion says."""
    if re.search(r"-2 Res", text):
        return True
    return False if re.search(r"-2 Log Likelihood", text) else None


def pairs(lines: Sequence[str], text: str) -> Pairs:
    """All numbers that are read."""
    for pattern, kind in STATISTICS.items():
        if found := re.search(rf"{pattern}:?\s+({NUMBER})", text):
            yield (kind,), written(found.group(1))
    for pattern, kind in COUNTS.items():
        if found := re.search(rf"{pattern}:?\s+(\d+)", text):
            yield (kind,), whole(found.group(1))
    yield from covariances(table(lines, "Covariance Parameter Estimates"))
    for row in table(lines, r"Solutions? for Fixed Effects"):
        yield from effect(row)
    for row in table(lines, r"Type [123I]+ Tests"):
        label, values = cells(row, len(TESTS))
        if len(values) == len(TESTS):
            for kind, cell in zip(TESTS, values, strict=True):
                yield (kind, coefficient(label)), written(cell)


def table(lines: Sequence[str], title: str) -> list[str]:
    """The rows of a table with a title: up to the next title, those that have numbers."""
    start = next((i for i, line in enumerate(lines) if re.search(title, line)), len(lines))
    rest = list(lines[start + 1 :])
    end = next((j for j, line in enumerate(rest) if is_title(line)), len(rest))
    return [line for line in rest[:end] if re.search(r"\d", line) and not is_head(line)]


def is_title(line: str) -> bool:
    """Whether a line begins another table."""
    return bool(
        re.search(rf"{TITLE}|Number of|Dimensions|Convergence|Null Model|Least Squares", line)
    )


def is_head(line: str) -> bool:
    """Whether a line is of column heads."""
    return bool(re.search(r"\b(Estimate|Effect|Value|Pr >|DF)\b", line))


def covariances(rows: Sequence[str]) -> Pairs:
    """A row a parameter: what, of which subject, estimate."""
    blocks: dict[tuple[str, int, int], Number] = {}
    for row in rows:
        words = row.split()
        place = next((i for i, word in enumerate(words) if i and written(word)), 0)
        value = written(words[place]) if place else None
        name, subject = words[0], "".join(words[1:place])
        if value is None:
            continue
        if name == "Residual":
            yield ("sigma",), root(value)
        elif found := UN.fullmatch(name):
            blocks[group_of(subject), int(found.group(1)), int(found.group(2))] = value
        else:
            yield component(name, subject, place), root(value)
    yield from unstructured(blocks)


def unstructured(blocks: Mapping[tuple[str, int, int], Number]) -> Pairs:
    """UN(i,j): variances and covariances of effects that are numbered."""
    sds = {(group, i): root(value) for (group, i, j), value in blocks.items() if i == j}
    for (group, i), sd in sds.items():
        yield ("sd", group, str(i)), sd
    for (group, i, j), value in blocks.items():
        a, b = sds.get((group, i)), sds.get((group, j))
        if i != j and a is not None and b is not None:
            yield ("corr", group, str(j), str(i)), correlation(value, a, b)


def component(name: str, subject: str, place: int) -> tuple[str, str, str]:
    """A variance component: an effect of a subject, or an effect that is a group itself."""
    if place == 1:
        return "sd", group_of(name), INTERCEPT
    return "sd", group_of(subject), coefficient(name)


def group_of(subject: str) -> str:
    """`a(b)` and `a*b` as lme4 writes groups, a:b."""
    return re.sub(r"[*(]", ":", subject).replace(")", "")


def effect(row: str) -> Pairs:
    """A row of the solution; a reference level has no standard error, and is left out."""
    label, values = cells(row, len(EFFECTS))
    if len(values) != len(EFFECTS) or "." in values:
        return
    words = label.split()
    name = coefficient(named(words[0], words[1:]))
    for kind, cell in zip(EFFECTS, values, strict=True):
        yield (kind, name), freedom(cell) if kind == "df" else written(cell)


def freedom(cell: str) -> Number | None:
    """Degrees of freedom have three digits, the zeros of whole numbers left out: 17 is 17.0."""
    number = written(cell)
    if number is None or "." in cell:
        return number
    half = 0.5 * 10.0 ** max(0, len(cell) - 3) * 10.0 ** -max(0, 3 - len(cell))
    return Number(number.value - half, number.value + half, cell)


def named(term: str, levels: Sequence[str]) -> str:
    """`recipe*temp` with level B is recipeB:temp: factors take the levels in their order."""
    parts = term.split("*")
    left = [*levels] + [""] * (len(parts) - len(levels))
    return ":".join(part + level for part, level in zip(parts, left, strict=False))
