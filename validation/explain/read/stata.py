"""Tables as Stata's `mixed` and `melogit` lay them out: effects above, random effects below."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from ..account import INTERCEPT, Account, coefficient, said
from ..numbers import NUMBER, Number, written
from .family import by_stata
from .lme4 import whole
from .tables import Pairs, correlation, root

EFFECTS = ("beta", "se", "t", "p")
PARAMETER = re.compile(rf"^\s*(sd|var|corr|cov)\(([^)]*)\)\s*\|\s*({NUMBER})")

HEADING = r"^\s*(\w+)(?::\s*(?:\w+)?\s*\||\s*\|\s*$)"  # `subject: Independent |`, or `subject |`


def is_mine(text: str) -> bool:
    """Whether Stata wrote it."""
    return bool(re.search(r"Mixed-effects (?:ML|REML) regression", text) or by_stata(text))


def read(text: str, name: str) -> Account:
    """An account of it."""
    found = re.search(r"Mixed-effects (ML|REML) regression", text)
    numbers = said(pairs(text.splitlines(), text))
    says = by_stata(text)
    reml = found.group(1) == "REML" if found else None
    return Account(name, "Stata", numbers, reml, says=says, is_generalized=bool(says))


def pairs(lines: Sequence[str], text: str) -> Pairs:
    """All numbers that are read."""
    if found := re.search(r"Number of obs\s*=\s*([\d,]+)", text):
        yield ("n",), whole(found.group(1).replace(",", ""))
    if found := re.search(rf"Log (?:restricted-)?likelihood\s*=\s*({NUMBER})", text):
        yield ("loglik",), written(found.group(1))
    yield from groups(text)
    yield from effects(lines)
    yield from random_effects(lines)


def groups(text: str) -> Pairs:
    """The one grouping variable, with the number of its levels."""
    variable = re.search(r"Group variable:\s*(\w+)", text)
    count = re.search(r"Number of groups\s*=\s*([\d,]+)", text)
    if variable and count:
        yield ("groups", variable.group(1)), whole(count.group(1).replace(",", ""))


def effects(lines: Sequence[str]) -> Pairs:
    """Rows of the upper table: up to the random-effects parameters; `2.arm` is level 2 of arm."""
    factor = ""
    has_z = any(re.search(r"P>\|z\|", line) for line in lines)
    for line in lines:
        if "Random-effects" in line:
            return
        label, bar, rest = (part.strip() for part in line.partition("|"))
        cells = [written(cell) for cell in rest.split()]
        if bar and not rest and label:
            factor = label
        elif bar and len(cells) == 6 and all(cells):
            name = coefficient(label if label == "_cons" else own_name(label, factor))
            yield from zip(((kind, name) for kind in EFFECTS), cells, strict=False)
            if has_z:
                yield ("df", name), Number(math.inf, math.inf, "none: z")


def own_name(label: str, factor: str) -> str:
    """A level under the name of its factor, or the label of a covariate."""
    return f"{factor}{label}" if factor and not re.match(r"[a-z_]\w*$", label) else label


def random_effects(lines: Sequence[str]) -> Pairs:
    """Rows of the lower table, each group after its heading."""
    group, known = "", dict[str, Number]()
    for line in lines:
        if head := re.match(HEADING, line):
            group, known = head.group(1), {}
        elif found := PARAMETER.match(line):
            kind, what, cell = found.groups()
            value = written(cell)
            names = [effect(name) for name in what.split(",")]
            yield from parameter(kind, group, names, value, known)


def effect(name: str) -> str:
    """The intercept is `_cons`."""
    return INTERCEPT if name.strip() == "_cons" else coefficient(name)


def parameter(
    kind: str, group: str, names: list[str], value: Number | None, known: dict[str, Number]
) -> Pairs:
    """A variance or standard deviation, a covariance or correlation.  known: those before it."""
    if value is None:
        return
    if kind in ("sd", "var"):
        sd = root(value) if kind == "var" else value
        yield ("sigma",) if names == ["Residual"] else ("sd", group, names[0]), sd
        if sd is not None:
            known[names[0]] = sd
    elif kind == "corr":
        yield ("corr", group, *names), value
    elif all(name in known for name in names):
        yield ("corr", group, *names), correlation(value, known[names[0]], known[names[1]])
