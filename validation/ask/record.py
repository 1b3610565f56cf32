"""Answers written down: lme4's for machines without R, and what was asked before of the same code.

A record says which software answered, and has a digest of each request: what was asked otherwise,
or of other software, is not answered from it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from ..adapters.messages import Json
from ..invariance.requests import requests
from .implementations import Answers, Implementation
from .progress import Progress

FILE = Path(__file__).parents[1] / "recorded" / "lme4.json"
DIGITS = 16  # of a digest
ANOTHER = "the record has the answer to another request: `make record` asks again"

Entry = tuple[str, Json]  # the digest of a request, and the answer to it


class Recorded(Answers):
    """A record, which answers the requests that it was made of."""

    def __init__(self, path: Path = FILE) -> None:
        super().__init__(path)
        self.software: Json = self.content["software"]
        self._requests: Json = self.content["requests"]

    def holds(self, request: Json) -> bool:
        """Whether it was made of this very request."""
        return self._requests.get(request["id"]) == digest(request)

    @property
    def entries(self) -> dict[str, Entry]:
        """All that it holds, by the ids of the requests."""
        return {name: (self._requests[name], answer) for name, answer in self._answers.items()}

    def answer(self, request: Json) -> Json:
        """What was answered to this request."""
        if not self.holds(request):
            return {"id": request["id"], "skip": ANOTHER}
        return super().answer(request)


class Remembered:
    """A live implementation that need not be asked again what records of it hold.

    Requests at some levels are answered by the first record that holds them.
    """

    def __init__(
        self, live: Implementation, records: Sequence[Recorded], levels: Collection[str]
    ) -> None:
        self.about, self._live, self._records, self._levels = live.about, live, records, levels
        self.kept: list[str] = []  # ids of requests that a record answered
        self.fresh: dict[str, Entry] = {}  # live answers there, by the ids of their requests

    def answer(self, request: Json) -> Json:
        """The recorded answer to this very request, or a live one."""
        if request["level"] not in self._levels:
            return self._live.answer(request)
        for recorded in self._records:
            if recorded.holds(request):
                self.kept.append(request["id"])
                return recorded.answer(request)
        message = self._live.answer(request)
        if "error" not in message:
            self.fresh[request["id"]] = (digest(request), without_id(message))
        return message

    def close(self) -> str:
        """End the live one."""
        return self._live.close()


def matching(paths: Iterable[Path], software: Json) -> list[Recorded]:
    """The records that are there, and are of this software."""
    records = [Recorded(path) for path in paths if path.is_file()]
    return [found for found in records if found.software == software]


def digest(request: Json) -> str:
    """What tells a request from any other."""
    text = json.dumps(request, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:DIGITS]


def record(
    implementation: Implementation,
    chosen: Sequence[Json],
    software: Json,
    path: Path = FILE,
    anew: bool = False,
) -> None:
    """Write the answers to cases; what is there of the same software is not asked again.

    anew: all is asked.
    """
    known = [] if anew else matching([path], software)
    asked = [request for case in chosen for request in requests(case)]
    entries = {}
    with Progress(len(asked), implementation.about["name"]) as progress:
        for request in asked:
            kept = next((found for found in known if found.holds(request)), implementation)
            answer = without_id(kept.answer(request))
            entries[request["id"]] = (digest(request), answer)
            progress.more()
    write(implementation.about, software, entries, path)


def write(about: Json, software: Json, entries: Mapping[str, Entry], path: Path) -> None:
    """Write a record: a file of answers, with the software and the digests of the requests."""
    digests = {name: of for name, (of, _) in entries.items()}
    answers = {name: answer for name, (_, answer) in entries.items()}
    head = {"version": 1, "implementation": about, "software": software}
    parts = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    parts += [f'"requests": {lines(digests)}', f'"answers": {lines(answers)}']
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{" + ",\n".join(parts) + "}\n", "ascii")


def lines(table: Json) -> str:
    """An object of JSON, a line each entry."""
    entries = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in table.items())
    return f"{{\n{entries}\n}}"


def without_id(message: Json) -> Json:
    """An answer, as a file of answers has it."""
    return {key: value for key, value in message.items() if key not in ("id", "lost")}
