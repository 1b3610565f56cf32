"""How far a run is, on standard error: a bar on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import sys
import time

from tqdm import tqdm

EVERY = 10.0  # seconds between two lines


class Progress:
    """Of so many cases; it says nothing of what takes less than EVERY seconds off a terminal."""

    def __init__(self, total: int, name: str) -> None:
        self._total, self._name, self._done = total, name, 0
        self._begin = self._said = time.monotonic()
        self._bar = tqdm(total=total, desc=name, unit="case", leave=False, disable=None)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.close()

    def more(self, cases: int = 1) -> None:
        """So many more are done."""
        self._done += cases
        self._bar.update(cases)
        now = time.monotonic()
        if self._bar.disable and now - self._said >= EVERY and self._done < self._total:
            self._said = now
            print(self.line(now - self._begin), file=sys.stderr, flush=True)

    def line(self, seconds: float) -> str:
        """How far it is after so many seconds."""
        return f"{self._name}: {self._done} of {self._total} cases, {seconds:.0f} s"
