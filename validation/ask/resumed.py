"""Answers kept in a file as they come, so that a long run may be broken off and goes on there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from ..adapters.messages import Json
from .implementations import Implementation
from .record import digest


class Resumed:
    """An implementation that is started for the first request that its file does not have.

    `of` says what the answers depend on: a file of anything else is begun anew.  The file has a
    JSON object a line, so that what was answered stays where a run is broken off.
    """

    def __init__(self, start: Callable[[], Implementation], path: Path, of: Json) -> None:
        self._start, self._path = start, path
        self._implementation: Implementation | None = None
        lines = [json.loads(line) for line in read(path)]
        if not lines or lines[0]["of"] != of:
            self.about = self._running().about
            lines = [{"of": of, "about": self.about}]
            path.write_text(json.dumps(lines[0]) + "\n", "utf-8")
        self.about = lines[0]["about"]
        self._answers = {line["request"]: line["answer"] for line in lines[1:]}

    def answer(self, request: Json) -> Json:
        """The answer that is kept, or a new one; that of a program that was lost is not kept."""
        key = digest(request)
        if key not in self._answers:
            answer = self._running().answer(request)
            if answer.get("lost"):
                return answer
            self._answers[key] = answer
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"request": key, "answer": answer}) + "\n")
        return self._answers[key]

    def close(self) -> str:
        """End the implementation, if it runs; what is wrong with how it ended, or nothing."""
        return self._implementation.close() if self._implementation is not None else ""

    def _running(self) -> Implementation:
        """The implementation, started where it does not run."""
        if self._implementation is None:
            self._implementation = self._start()
        return self._implementation


def read(path: Path) -> list[str]:
    """The whole lines of a file; none where there is no file."""
    return path.read_text("utf-8").splitlines() if path.is_file() else []
