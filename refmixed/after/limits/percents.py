"""The heads of columns of limits."""

from __future__ import annotations

import numpy as np


def percents(level: float) -> list[str]:
    """The heads of the columns of limits, as R's: "2.5 %", "97.5 %"."""
    tails = [50.0 * (1.0 - level), 50.0 * (1.0 + level)]
    texts = [np.format_float_positional(p, 3, fractional=False, trim="-") for p in tails]
    decimals = max(len(text.partition(".")[2]) for text in texts)
    return [f"{p:.{decimals}f} %" for p in tails]
