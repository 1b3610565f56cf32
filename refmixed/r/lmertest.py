"""What lmerTest's summary has beside lme4's: a longer title, p-values and stars."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..linalg import EPS, Array
from .format import WIDTH, format_numbers

STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"), (0.1, "."), (1.0, " "))
LEGEND = "Signif. codes:  0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1"  # quotes of any locale
NAMES = {"satterthwaite": "Satterthwaite's", "kenward-roger": "Kenward-Roger's"}


def with_tests(start: str, whose: str) -> list[str]:
    """The same, and whose degrees of freedom there are, broken as R does."""
    kind = "lmerModLmerTest" if start.startswith("Linear mixed") else None
    return broken(f"{start}. t-tests use {whose} method", kind)


def broken(title: str, kind: str | None) -> list[str]:
    """A title that is too long for a line, and the class after it."""
    words = title.split(" ")
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) < WIDTH - 3:
            lines[-1] += f" {word}"
        else:
            lines.append(f"  {word}")
    for part in [" [", kind, "]"] if kind else []:
        if len(lines[-1]) + len(part) <= WIDTH:
            lines[-1] += part
        else:
            lines.append(part)
    return lines


def star(p: float) -> str:
    """R's stars, of one width."""
    return next((s for most, s in STARS if p <= most), "").ljust(3)


def p_values(p: Array, digits: int) -> list[str]:
    """`format.pval(p, digits, eps)`, eps the distance of doubles at one; NaN as it is."""
    shown = np.full(len(p), "NaN", dtype=object)
    least = p < EPS
    few = p < 1e-4  # as R has it: the exponent is below -4
    for group in (~least & ~few & ~np.isnan(p), ~least & few):
        if group.any():
            shown[group] = format_numbers(p[group], digits)
    shown[least] = below_eps([str(s) for s in shown[~least & ~np.isnan(p)]])
    return list(shown)


def below_eps(others: Sequence[str]) -> str:
    """What stands for a p-value below eps; one blank more beside wider ones."""
    is_narrow = max(map(len, others), default=0) <= 6
    return f"<{'' if is_narrow else ' '}{format_numbers(EPS, 1)[0]}"
