"""What an implementation answers: read, and held against the protocol; SPEC.md, section 8."""

from __future__ import annotations

import json
from typing import Any

from ..adapters.messages import Json
from ..suite import schemas
from ..suite.text import plain

VERSION = 1


class LostError(Exception):
    """No usable answer to a request; the text says why."""


def line(request: Json) -> str:
    """A request as it is sent, without the end of its line."""
    return json.dumps(request)


def parsed(line: bytes) -> Any:
    """The JSON of a line.  Raises LostError."""
    try:
        return json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise LostError("wrote bytes that are not UTF-8") from error
    except (ValueError, RecursionError) as error:
        text = plain(line[:400].decode("utf-8", "replace"), 60)
        raise LostError(f"wrote what is not JSON: {text!r}") from error


def started(message: Any) -> Json:
    """The implementation that an answer to `start` names.  Raises LostError."""
    try:
        schemas.check("message.json#/$defs/started", message)
    except schemas.SchemaError as error:
        raise LostError(f"the answer to start is wrong: {error}") from error
    who = message["implementation"]
    return {key: plain(who[key], 60) for key in ("name", "version", "language")}


def checked(message: Any, request: Json) -> Json:
    """An answer to `run`, without what was not asked.  Raises LostError where it is none."""
    if not isinstance(message, dict):
        raise LostError(f"answered with {type(message).__name__} where an object is expected")
    answer = {k: message[k] for k in ("id", "answers", "skipped", "skip", "error") if k in message}
    for key in ("answers", "skipped"):
        if isinstance(answer.get(key), dict):
            answer[key] = {q: answer[key][q] for q in request["asked"] if q in answer[key]}
    try:
        schemas.check("message.json#/$defs/answer", answer)
    except schemas.SchemaError as error:
        raise LostError(f"the answer is wrong: {error}") from error
    if answer["id"] != request["id"]:
        raise LostError(f"answered for {plain(answer['id'], 60)!r} and not for this case")
    for key in ("skip", "error"):
        if key in answer:
            answer[key] = plain(answer[key])
    if "skipped" in answer:
        answer["skipped"] = {q: plain(reason) for q, reason in answer["skipped"].items()}
    return answer
