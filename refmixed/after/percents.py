"""Levels of intervals, and the heads of their columns."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from ..errors import OptionError


def checked(level: Any) -> float:
    """A level within (0, 1).  Raises OptionError."""
    if not isinstance(level, Real) or isinstance(level, bool) or not 0.0 < float(level) < 1.0:
        raise OptionError(f"level must be a number between 0 and 1, as 0.95 is, not {level!r}")
    return float(level)


def percents(level: float) -> list[str]:
    """The heads of the columns of limits, as R's: "2.5 %", "97.5 %"."""
    tails = [50.0 * (1.0 - level), 50.0 * (1.0 + level)]
    texts = [np.format_float_positional(p, 3, fractional=False, trim="-") for p in tails]
    decimals = max(len(text.partition(".")[2]) for text in texts)
    return [f"{p:.{decimals}f} %" for p in tails]
