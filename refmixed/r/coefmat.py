"""A table of coefficients as R prints it, with p-values and stars where it has them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..linalg import EPS, Array
from .format import character_matrix, format_numbers, round_half

STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"), (0.1, "."), (1.0, " "))
LEGEND = "Signif. codes:  0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1"  # quotes of any locale


def coefficient_table(table: pd.DataFrame, digits: int = 4) -> list[str]:
    """`printCoefmat(table, digits)`, (p, any): estimates and the like, t, and p if there is one.

    The columns before t share their decimals: the smallest number shows `digits` digits.
    """
    has_p = str(table.columns[-1]).startswith("Pr(")
    values = table.to_numpy(dtype=float)
    k = values.shape[1] - 1 - has_p
    magnitudes = [abs(x) for x in values[:, :k].flat if x != 0 and math.isfinite(x)]
    leading = math.floor(math.log10(min(magnitudes, default=1.0)))  # 10^leading, of the smallest
    first = round_half(values[:, :k], max(1, digits - 1 - leading))
    left = np.reshape(format_numbers(first, digits), (len(values), k))
    right = format_numbers(round_half(values[:, k], digits - 1), digits)
    cells, columns = [[*row, t] for row, t in zip(left, right, strict=True)], list(table.columns)
    rest: list[str] = []
    if has_p:
        p = values[:, -1]
        cells = [[*row, shown] for row, shown in zip(cells, p_values(p, digits - 1), strict=True)]
        if (p < 0.1).any():
            cells = [[*row, star(one)] for row, one in zip(cells, p, strict=True)]
            columns, rest = [*columns, ""], ["---", LEGEND]
    return [*character_matrix(list(table.index), columns, cells, right=True), *rest]


def star(p: float) -> str:
    """R's stars, of one width."""
    return next((s for most, s in STARS if p <= most), "").ljust(3)


def p_values(p: Array, digits: int) -> list[str]:
    """`format.pval(p, digits, eps)`, eps the distance of doubles at one; NaN as it is."""
    shown = np.full(len(p), "NaN", dtype=object)
    least = p < EPS
    few = p < 1e-3  # as R has it: the exponent is below -3
    for group in (~least & ~few & ~np.isnan(p), ~least & few):
        if group.any():
            shown[group] = format_numbers(p[group], digits)
    shown[least] = below_eps([str(s) for s in shown[~least & ~np.isnan(p)]])
    return list(shown)


def below_eps(others: Sequence[str]) -> str:
    """What stands for a p-value below eps; one blank more beside wider ones."""
    is_narrow = max(map(len, others), default=0) <= 6
    return f"<{'' if is_narrow else ' '}{format_numbers(EPS, 1)[0]}"
