"""`make bench-smoke`: a few ratios of refmixed's own routes, with wide margins, in a minute.

Nothing is said of seconds, which are a machine's.  Exit status 1 where one does not hold.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

import refmixed as rm
from refmixed.design import Design

from ..suite import tables
from . import made
from .programs import ONE_THREAD

SLOPES, SLEEP = "y ~ x + (x | g)", "Reaction ~ Days + (Days | Subject)"
ROUNDS = 3
Work = Callable[[], object]


@dataclass(frozen=True)
class Hold:
    """What takes less than `most` times what something else takes."""

    what: str
    one: Work
    other: Work
    most: float
    times: int = 1  # fits a round


def fits(n: int, J: int, route: str = "blocked") -> Work:
    """Fits of made slopes by a route."""
    return of(rm.design(SLOPES, made.slopes(n, J)), route)


def of(design: Design, route: str) -> Work:
    """Fits of a design, without what a fit before has kept."""
    terms = design.terms
    return lambda: rm.Fit.of(replace(design, terms=tuple(map(replace, terms))), route=route)


def holds() -> list[Hold]:
    """All that is held."""
    sleep = rm.design(SLEEP, tables.load("sleepstudy").frame())
    both = fits(2_000, 200), fits(2_000, 200, "penalized")
    return [
        Hold("the blocked route beside the q x q system, 200 groups with slopes", *both, 1 / 5),
        Hold("four times the rows", fits(80_000, 100), fits(20_000, 100), 8),
        Hold("four times the levels and rows", fits(20_000, 2_000), fits(5_000, 500), 8),
        Hold("sleepstudy, blocked", of(sleep, "blocked"), of(sleep, "penalized"), 1.5, times=10),
    ]


def ratio(hold: Hold, rounds: int = ROUNDS) -> float:
    """The median of the ratios of CPU time within rounds, after a round that does not count."""
    pairs = [(cpu(hold.one, hold.times), cpu(hold.other, hold.times)) for _ in range(rounds + 1)]
    return float(np.median([one / other for one, other in pairs[1:]]))


def cpu(work: Work, times: int) -> float:
    """CPU seconds, user and system."""
    begin = time.process_time()
    for _ in range(times):
        work()
    return time.process_time() - begin


def main(held: Sequence[Hold]) -> int:
    """Whether all hold: 0, or 1 and a sentence on each that does not."""
    wrong = 0
    for hold in held:
        found = ratio(hold)
        wrong += found >= hold.most
        told = f"{hold.what}: {found:.2f} times as long"
        print(told if found < hold.most else f"{told}, which must be less than {hold.most:g}.")
    return int(wrong > 0)


if __name__ == "__main__":
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":  # read when numpy is imported: begin anew
        os.execve(sys.executable, sys.orig_argv, {**os.environ, **ONE_THREAD})
    sys.exit(main(holds()))
