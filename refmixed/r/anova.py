"""A table of tests as R's `print.anova` writes it, with stars beside its last p-values."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..linalg import EPS, Array
from .format import character_matrix, format_numbers, round_half, zapsmall

DIGITS = 5  # significant ones
TESTS = ("Chisq", "F", "F value")
STARS = {0.001: "***", 0.01: "**", 0.05: "*", 0.1: ".", np.inf: " "}
LEGEND = ["---", "Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1"]


def anova_lines(table: pd.DataFrame) -> list[str]:
    """The lines of a table; a cell without a value is empty."""
    columns = [cells(str(name), table[name].to_numpy(dtype=float)) for name in table]
    names, legend = list(map(str, table.columns)), []
    if names[-1].startswith("Pr("):
        marks = stars(table[table.columns[-1]].to_numpy(dtype=float))
        if any(mark.strip() for mark in marks):
            columns, names, legend = [*columns, marks], [*names, ""], LEGEND
    rows = list(zip(*columns, strict=True))
    return [*character_matrix(list(map(str, table.index)), names, rows, right=True), *legend]


def cells(name: str, values: Array) -> list[str]:
    """One column, of numbers that are there."""
    there = np.isfinite(values)
    if not there.any():
        return [""] * len(values)
    found = values[there]
    if name.startswith("Pr("):
        texts = p_values(found)
    elif name in TESTS:
        texts = format_numbers(round_half(found, DIGITS - 1), DIGITS)
    else:
        zapped = found if name.endswith("Df") else zapsmall(found, DIGITS)
        texts = format_numbers(zapped, DIGITS)
    rest = iter(texts)
    return [next(rest) if shown else "" for shown in there]


def p_values(p: Array) -> list[str]:
    """`format.pval(p, digits = 4)`: small ones and others each of one width."""
    found = np.full(len(p), f"< {format_numbers(EPS, DIGITS - 3)[0]}", dtype=object)
    is_plain = p >= 1e-4
    for some in (is_plain, ~is_plain & (p >= EPS)):
        if some.any():
            found[some] = format_numbers(p[some], DIGITS - 1)
    return found.tolist()


def stars(p: Array) -> list[str]:
    """One to three stars, a dot, or a blank; nothing where there is no p-value."""
    marks = [next((s for most, s in STARS.items() if one <= most), "") for one in p]
    return [mark.ljust(max(map(len, marks))) for mark in marks]
