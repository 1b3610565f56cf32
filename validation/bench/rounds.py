"""Rounds: in each, every program fits the same set once or several times, one after the other.

What disturbs the machine then disturbs all of a round alike, and what counts is the ratio in it.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from tqdm import tqdm

from . import files
from .live import LeftOutError, Live
from .programs import Program
from .sets import Set
from .sums import Measured

BATCH = 0.3  # CPU seconds that the fits of a round should take together: R's clock has 1 ms
MOST = 50  # fits a round
Workers = dict[str, tuple[Live, int]]  # each with how often a round


def measure(one: Set, programs: Sequence[Program], rounds: int, limit: float) -> Measured:
    """All rounds of a set."""
    with tempfile.TemporaryDirectory() as name:
        folder, measured = (
            Path(name),
            Measured(one.name, one.formula, one.reml, one.refits, one.family),
        )
        files.write(one, folder)
        measured.rows = files.rows(folder)
        live: Workers = {}
        try:
            start(live, programs, folder, limit, measured)
            for number in tqdm(range(rounds), desc=one.name, leave=False, disable=None):
                one_round(live, number, measured)
        finally:
            for worker, _ in live.values():
                worker.close()
    return measured


def start(
    live: Workers, programs: Iterable[Program], folder: Path, limit: float, measured: Measured
) -> None:
    """Start the workers that fit the set, each with how often a round; the others are left out."""
    for program in programs:
        try:
            live[program.name] = warmed(program, folder, limit, measured)
        except LeftOutError as why:
            measured.left_out[program.name] = str(why)


def warmed(program: Program, folder: Path, limit: float, measured: Measured) -> tuple[Live, int]:
    """A worker after fits that do not count, of imports and caches.  Raises LeftOutError."""
    worker = Live(program.command(), limit)
    try:
        before = worker.load(folder)
        first = worker.fit()
        again = worker.fit() if first.seconds < BATCH else first
    except BaseException:  # LeftOutError, and Ctrl-C: the program must not stay behind
        worker.close()
        raise
    measured.loaded[program.name] = before
    return worker, repeats(again.seconds)


def repeats(seconds: float) -> int:
    """How many fits of so many seconds a round has."""
    return max(1, min(MOST, math.ceil(BATCH / max(seconds, 1e-6))))


def one_round(live: Workers, number: int, measured: Measured) -> None:
    """One round; each begins with another program."""
    names = list(live)
    start = number % max(len(names), 1)
    for name in names[start:] + names[:start]:
        worker, times = live[name]
        try:
            measured.add(name, worker.fit(times))
        except LeftOutError as why:
            measured.leave_out(name, str(why))
            worker.close()
            del live[name]
