"""Contrasts of means by name, each a row of coefficients, and what to call them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np

from ...checks import not_one_of, vector
from ...errors import OptionError
from ...linalg import Array

NAMED = ("pairwise", "revpairwise", "trt.vs.ctrl")
PAIRS = ("pairwise", "revpairwise")  # all differences, of which Tukey's law is
OPERATORS = set("+-*/")


def comparisons(wanted: Any, labels: list[str]) -> tuple[list[str], Array]:
    """Names, and coefficients (r, k), of contrasts of k means.  Raises OptionError."""
    if isinstance(wanted, Mapping):
        return own(wanted, len(labels))
    if not isinstance(wanted, str) or wanted not in NAMED:
        raise not_one_of("contrasts", wanted, (*NAMED, "a dict of coefficients"))
    pairs = {
        "pairwise": list(combinations(range(len(labels)), 2)),
        "revpairwise": [(j, i) for j in range(len(labels)) for i in range(j)],
        "trt.vs.ctrl": [(j, 0) for j in range(1, len(labels))],
    }[wanted]
    unit, shown = np.eye(len(labels)), [bracketed(label) for label in labels]
    names = [f"{shown[i]} - {shown[j]}" for i, j in pairs]
    return names, np.reshape([unit[i] - unit[j] for i, j in pairs], (len(pairs), len(labels)))


def own(wanted: Mapping[str, Any], k: int) -> tuple[list[str], Array]:
    """Contrasts that were written out: {name: k coefficients}.  Raises OptionError."""
    if not wanted:
        raise OptionError("contrasts is an empty dict: give {name: coefficients}, or leave it out")
    rows = [vector(f"contrasts[{name!r}]", given, k) for name, given in wanted.items()]
    return list(map(str, wanted)), np.reshape(rows, (len(rows), k))


def bracketed(label: str) -> str:
    """A label as a part of a difference."""
    return f"({label})" if OPERATORS & set(label) else label
