"""Digits of agreement between a number and a reference."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

MOST = 16.0  # digits of a double


def lre(q: npt.ArrayLike, c: npt.ArrayLike) -> float:
    """Digits to which q agrees with the reference c: the least over the elements of an array.

    -log10(|q - c| / |c|), absolute where c is zero, between 0 and 16.  Another shape, and NaN where
    the reference has a number, agree to 0 digits; NaN agrees with NaN.
    """
    found, reference = np.asarray(q, dtype=float), np.asarray(c, dtype=float)
    if found.shape != reference.shape:
        return 0.0
    size = np.where(reference == 0, 1.0, np.abs(reference))
    with np.errstate(divide="ignore", invalid="ignore"):
        digits = -np.log10(np.abs(found - reference) / size)
    digits = np.where(
        np.isnan(found) & np.isnan(reference), MOST, np.nan_to_num(digits, posinf=MOST)
    )
    return float(np.clip(digits, 0.0, MOST).min(initial=MOST))
