"""What a model is without some of its rows, beside the whole one: a record of many deletions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from ...linalg import Array

RANK = "without these rows columns of X are linearly dependent, so that beta has no value"
EMPTY = "without these rows nothing is left to tell the residual variance from"


@dataclass(frozen=True)
class Without:
    """The model without each of N sets of rows, beta in the user's coordinates; nan: no value."""

    shift: Array  # (N, p)  beta of all less beta without them
    unscaled: Array  # (N, p)  variances of beta without them, over their sigma^2
    distance: Array  # (N,)  shift' (X'V0^-1X) shift, of all
    distance_without: Array  # (N,)  the same with X'V0^-1X without them
    logdet: Array  # (N,)  log det of Cov(beta) / sigma^2 without them, less that of all
    trace: Array  # (N,)  of the former times the inverse of the latter
    sigma: Array  # (N,)
    theta: Array  # (N, m)
    messages: Array  # (N,)  why there is no value, or what a refit warned of


def nothing(p: int, m: int, message: str) -> Without:
    """One set of rows without which there is no such model."""
    row, number = np.full((1, p), np.nan), np.full(1, np.nan)
    theta, words = np.full((1, m), np.nan), np.array([message], dtype=object)
    return Without(row, row, number, number, number, number, number, theta, words)


def stacked(sets: Sequence[Without]) -> Without:
    """Several records as one."""
    names = [field.name for field in fields(Without)]
    return Without(*(np.concatenate([getattr(one, name) for one in sets]) for name in names))
