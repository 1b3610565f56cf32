"""lme4's answers written down: for machines without R, and for those who have asked it before.

A record says which software answered, and has a digest of each request: what was asked otherwise,
or of another version, is not answered from it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from ..adapters.messages import Json
from ..invariance.requests import requests
from .implementations import Answers, Implementation
from .progress import Progress

FILE = Path(__file__).parents[1] / "recorded" / "lme4.json"
DIGITS = 16  # of a digest
ANOTHER = "the record has the answer to another request: `make record` asks again"


class Recorded(Answers):
    """A record, which answers the requests that it was made of."""

    def __init__(self, path: Path = FILE) -> None:
        super().__init__(path)
        content = json.loads(path.read_bytes())
        self.software: Json = content["software"]
        self._requests: Json = content["requests"]

    def holds(self, request: Json) -> bool:
        """Whether it was made of this very request."""
        return self._requests.get(request["id"]) == digest(request)

    def answer(self, request: Json) -> Json:
        """What was answered to this request."""
        if not self.holds(request):
            return {"id": request["id"], "skip": ANOTHER}
        return super().answer(request)


class Remembered:
    """A live implementation that need not be asked again what a record of it holds."""

    def __init__(self, live: Implementation, record: Recorded, may: Callable[[Json], bool]) -> None:
        self.about, self._live, self._record, self._may = live.about, live, record, may
        self.kept = 0  # answers that came from the record

    def answer(self, request: Json) -> Json:
        """The recorded answer, where it may be taken and is that to this request; or a live one."""
        if not (self._may(request) and self._record.holds(request)):
            return self._live.answer(request)
        self.kept += 1
        return self._record.answer(request)

    def close(self) -> str:
        """End the live one."""
        return self._live.close()


def digest(request: Json) -> str:
    """What tells a request from any other."""
    text = json.dumps(request, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:DIGITS]


def record(
    implementation: Implementation, chosen: Sequence[Json], software: Json, path: Path = FILE
) -> None:
    """Write a file of answers to cases."""
    asked = [request for case in chosen for request in requests(case)]
    answers = {}
    with Progress(len(asked), implementation.about["name"]) as progress:
        for request in asked:
            answers[request["id"]] = answer(implementation, request)
            progress.more()
    digests = {request["id"]: digest(request) for request in asked}
    head = {"version": 1, "implementation": implementation.about, "software": software}
    parts = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    parts += [f'"requests": {lines(digests)}', f'"answers": {lines(answers)}']
    path.write_text("{" + ",\n".join(parts) + "}\n", "ascii")


def lines(table: Json) -> str:
    """An object of JSON, a line each entry."""
    entries = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in table.items())
    return f"{{\n{entries}\n}}"


def answer(implementation: Implementation, request: Json) -> Json:
    """One answer, as a file of answers has it."""
    return {k: v for k, v in implementation.answer(request).items() if k not in ("id", "lost")}
