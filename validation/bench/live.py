"""A worker that runs, with one set loaded: fits are asked of it, CPU seconds come back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..ask.program import Program as Process
from ..ask.protocol import LostError

ASKED = ["seconds", "criterion", "memory", "blas"]


class LeftOutError(Exception):
    """A program does not fit a set; the text says why."""


@dataclass(frozen=True)
class Timed:
    """What a worker says of some fits."""

    seconds: float  # CPU seconds a fit
    criterion: float
    memory: float  # MB, the most so far


class Live:
    """A worker."""

    def __init__(self, command: Sequence[str], limit: float) -> None:
        try:
            self._process = Process(command, limit)
        except LostError as why:
            raise LeftOutError(f"does not start: {why}") from why
        try:
            self.about = self._process.start()
        except LostError as why:
            self.close()
            raise LeftOutError(f"does not start: it {why}") from why

    def load(self, folder: Path) -> float:
        """Give it the set of a folder; MB before any fit.  Raises LeftOutError."""
        return float(self._ask(do="load", folder=str(folder))["memory"])

    def fit(self, times: int = 1) -> Timed:
        """Fits, and what one took.  Raises LeftOutError."""
        answers = self._ask(do="fit", times=times)
        criterion = float(answers["criterion"])
        if not math.isfinite(criterion):
            raise LeftOutError("its criterion is no number")
        return Timed(float(answers["seconds"]) / times, criterion, float(answers["memory"]))

    def blas(self) -> dict[str, Any]:
        """Its BLAS, and the CPU seconds of a cross product.  Raises LeftOutError."""
        answers = self._ask(do="blas")
        return {"blas": answers["blas"], "seconds": float(answers["seconds"])}

    def close(self) -> None:
        """End it."""
        self._process.kill()

    def _ask(self, **what: Any) -> Any:
        """The answers to one request.  Raises LeftOutError."""
        try:
            answer = self._process.ask({"cmd": "run", "id": "bench", "asked": ASKED, **what})
        except LostError as why:
            raise LeftOutError(str(why)) from why
        for key in ("skip", "error"):
            if key in answer:
                raise LeftOutError(answer[key])
        return answer["answers"]
