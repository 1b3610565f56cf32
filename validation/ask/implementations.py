"""Whoever answers: an adapter in this process, a command, or a file of answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from ..adapters.as_json import as_json
from ..adapters.messages import Json
from ..suite import schemas
from ..suite.text import plain
from . import protocol
from .program import Program
from .protocol import LostError

STARTS = 3  # in a row that may fail before it is given up


class ImplementationError(Exception):
    """There is nobody to ask; the text says why."""


class Implementation(Protocol):
    """Whoever answers requests to run; nothing that goes wrong there comes out as an exception."""

    about: Json  # name, version, language

    def answer(self, request: Json) -> Json:
        """The answer, as the protocol has it."""
        ...

    def close(self) -> str:
        """No more requests; what is wrong with how it ended, or nothing."""
        ...


class InProcess:
    """An adapter: a module, or another object, with start() and run(request)."""

    def __init__(self, adapter: Any, name: str) -> None:
        self._adapter = adapter
        try:
            self.about = protocol.started(as_json(adapter.start()))
        except Exception as error:  # of any library: what it says is why there is nobody to ask
            raise ImplementationError(f"adapter {name} does not start: {say(error)}") from error

    def software(self) -> Json:
        """All that its answers hang on, as far as the adapter says; nothing where it does not."""
        return dict(self._adapter.software()) if hasattr(self._adapter, "software") else {}

    def answer(self, request: Json) -> Json:
        """The answer; an exception is one, too."""
        try:
            message = json.loads(json.dumps(as_json(self._adapter.run(request))))
        except Exception as error:  # of any library: it costs this case only
            return {"id": request["id"], "error": say(error)}
        try:
            return protocol.checked(message, request)
        except LostError as why:
            return lost(request, str(why))

    def close(self) -> str:
        """Nothing to end."""
        return ""


class Command:
    """A program, started anew after each answer that it lost."""

    def __init__(self, command: Sequence[str], timeout: float) -> None:
        self._command, self._timeout = list(command), timeout
        self._program: Program | None = None
        self._failed = 0  # starts in a row
        try:
            self._running()
        except LostError as why:
            raise ImplementationError(f"{plain(command[0], 60)} does not start: {why}") from why

    def answer(self, request: Json) -> Json:
        """The answer; what the program did instead is one, too."""
        if self._failed >= STARTS:
            return lost(request, f"not asked: it did not start {STARTS} times in a row")
        try:
            return self._running().ask(request)
        except LostError as why:
            self._end()
            return lost(request, str(why))

    def close(self) -> str:
        """End the program; what is wrong with how it ended, or nothing."""
        program, self._program = self._program, None
        return program.stop() if program is not None else ""

    def _running(self) -> Program:
        """The program, started where it does not run."""
        if self._program is None:
            self._failed += 1
            self._program = Program(self._command, self._timeout)
            try:
                self.about = self._program.start()
            except BaseException:  # LostError, and Ctrl-C: the program must not stay behind
                self._end()
                raise
            self._failed = 0
        return self._program

    def _end(self) -> None:
        """Kill the program."""
        if self._program is not None:
            self._program.kill()
            self._program = None


class Answers:
    """A file of answers."""

    def __init__(self, path: Path) -> None:
        try:
            self.content: Json = json.loads(path.read_bytes())
            schemas.check("answers.json", self.content)
        except OSError as error:
            raise ImplementationError(f"cannot read {path}: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise ImplementationError(f"{path} is not a file of answers: {error}") from error
        self.about = protocol.started(self.content)
        self._answers: Json = self.content["answers"]

    def answer(self, request: Json) -> Json:
        """What the file has."""
        written = self._answers.get(request["id"], {"skip": "the file has no answer"})
        try:
            return protocol.checked({"id": request["id"], **written}, request)
        except LostError as why:
            return lost(request, str(why))

    def close(self) -> str:
        """Nothing to end."""
        return ""


def lost(request: Json, why: str) -> Json:
    """The answer where there is none."""
    return {"id": request["id"], "error": why, "lost": True}


def say(error: Exception) -> str:
    """An exception in one line."""
    return plain(f"{type(error).__name__}: {error}") if str(error) else type(error).__name__
