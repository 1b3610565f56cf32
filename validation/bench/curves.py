"""Cost against rows, levels and effects a level, for refmixed and lme4, and the powers of each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from ..adapters.messages import Json
from . import made
from .programs import LME4, Program
from .rounds import measure
from .sets import Set
from .sums import slope, summed

WHO = ("refmixed", LME4)
AGAINST = {"rows": "rows", "levels": "levels, ten rows each", "effects": "effects a level"}


def bars(k: int) -> str:
    """A formula with k effects a level."""
    names = ["x" if j == 1 else f"x{j}" for j in range(1, k)]
    right = " + ".join(names or ["1"])
    return f"y ~ {right} + ({right} | g)"


def one(n: int, J: int, k: int) -> Set:
    """A set of n rows and J levels with k effects each."""
    return Set(f"n {n}, levels {J}, effects {k}", bars(k), partial(made.slopes, n, J, k))


SETS = {
    "rows": {n: one(n, 100, 2) for n in (1_000, 3_000, 10_000, 30_000, 100_000)},
    "levels": {J: one(10 * J, J, 2) for J in (30, 100, 300, 1_000, 3_000)},
    "effects": {k: one(4_000, 200, k) for k in (1, 2, 3, 4, 5)},
}


def fitted(programs: Sequence[Program], rounds: int, limit: float) -> Json:
    """The curves: CPU seconds at each size, and the slopes of log on log."""
    asked = [program for program in programs if program.name in WHO]
    found = {}
    for what, sets in SETS.items():
        at = {x: summed(measure(of, asked, rounds, limit))["programs"] for x, of in sets.items()}
        found[what] = {"against": AGAINST[what], "programs": lines(at)}
    return found


def lines(at: dict[int, Json]) -> Json:
    """Program -> sizes, seconds, slope; of those that fitted at two sizes at least."""
    names = dict.fromkeys(name for programs in at.values() for name in programs)
    found = {}
    for name in names:
        x = [size for size, programs in at.items() if name in programs]
        y = [at[size][name]["seconds"]["median"] for size in x]
        if len(np.unique(x)) > 1:
            found[name] = {"x": x, "seconds": y, "slope": slope(x, y)}
    return found
