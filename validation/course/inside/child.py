"""The child process: limits itself, loads a submission piece by piece, answers a line with a line.

A submission runs in this process and may change all of it. That wins nothing: what counts is not
here but in the grader, to which any line from here is no more than the submission's own answer.
"""

from __future__ import annotations

import fcntl
import inspect
import os
import resource
import sys
from collections.abc import Callable
from difflib import get_close_matches
from json import dumps, loads
from types import ModuleType
from typing import Any

from .cells import FILE, Piece, UnreadableError, pieces
from .values import Message, ValueRefusedError, read, written

WORDS = 300  # characters of a message
CHUNK = 2**16
getpid, leave, receive, send = os.getpid, os._exit, os.read, os.write  # before they are patched


class Channel:
    """Lines of JSON, on descriptors of its own: 0 is at its end, 1 goes where 2 goes."""

    def __init__(self) -> None:
        self._in, self._out = (fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in (0, 1))
        empty, end = os.pipe()
        os.close(end)
        os.dup2(empty, 0)
        os.close(empty)
        os.dup2(2, 1)
        self._rest = b""

    def read(self) -> Message:
        """The next request; the process ends where there is none."""
        while b"\n" not in self._rest:
            chunk = receive(self._in, CHUNK)
            if not chunk:
                leave(0)
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        return dict(loads(line))

    def write(self, message: Message) -> None:
        """Send a line."""
        line = dumps(message).encode() + b"\n"
        while line:
            line = line[send(self._out, line) :]


def limit(limits: dict[str, int], uid: int | None) -> None:
    """Set limits that cannot be raised again, and become somebody who owns nothing."""
    for name, most in limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


class Loaded:
    """A submission: its pieces, and the module that they run in."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self._module = ModuleType("submission")

    def open(self, text: str, notebook: bool) -> Message:
        """Cut it into pieces; where they stand."""
        name = "__main__" if notebook else "submission"  # a file's main() is not called
        self._module = ModuleType(name)
        sys.modules[name] = self._module
        if notebook:
            self._module.__dict__["display"] = print
        try:
            self._pieces, notices = pieces(text, notebook)
        except UnreadableError as why:
            return {"unreadable": str(why)}
        return {"places": [piece.place for piece in self._pieces], "notices": notices}

    def run(self, number: int) -> Message:
        """Run a piece."""
        exec(self._pieces[number].code, self._module.__dict__)
        return {"done": True}

    def variable(self, name: str) -> Message:
        """The value of a variable; an expression of sympy as text."""
        if name not in self._module.__dict__:
            return {"missing": self._like(name)}
        value = self._module.__dict__[name]
        if type(value).__module__.startswith("sympy."):
            value = str(value)
        return {"value": written(value)}

    def task(self, name: str, arguments: dict[str, Message]) -> Message:
        """What a function answers."""
        function = self._module.__dict__.get(name)
        if not callable(function):
            return {"missing": self._like(name)}
        given = {key: read(value) for key, value in arguments.items()}
        return {"value": written(call(function, given))}

    def formula(self, name: str, names: dict[str, str], points: list[Message]) -> Message:
        """What the formula in a variable is worth at points."""
        from ..expressions import answers, as_text  # of the grader, and not always needed

        if name not in self._module.__dict__:
            return {"missing": self._like(name)}
        return {"answers": answers(as_text(self._module.__dict__[name]), names, points)}

    def _like(self, name: str) -> list[str]:
        """Names that are nearly this one."""
        names = [key for key in self._module.__dict__ if type(key) is str and key[0] != "_"]
        folded = {key.lower().replace("_", ""): key for key in names if key != name}
        near = get_close_matches(name.lower().replace("_", ""), list(folded), 1, 0.8)
        return [folded[key] for key in near]


def call(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """Call by names where the function has them, else in order."""
    try:
        inspect.signature(function).bind(**arguments)
    except (TypeError, ValueError):
        return function(*arguments.values())
    return function(**arguments)


def answer(loaded: Loaded, request: Message) -> Message:
    """The answer to a request, whatever happens: this is the wall around a student's code."""
    try:
        what = next(key for key in ("open", "run", "variable", "task", "formula") if key in request)
        values = [
            request[key]
            for key in (what, "arguments", "notebook", "names", "points")
            if key in request
        ]
        return dict(getattr(loaded, what)(*values))
    except ValueRefusedError as why:
        return {"error": f"the answer is {why}"}
    except MemoryError as error:
        return {"error": message(error), "memory": True}
    except BaseException as error:
        return {"error": message(error)}


def message(error: BaseException) -> str:
    """An error in words, with the line; its own words may be a student's code."""
    if isinstance(error, SystemExit):
        return "sys.exit() was called" + line_of(error)
    if isinstance(error, EOFError):
        return "EOFError: input() has nobody to ask here" + line_of(error)
    try:
        words = str(error)[:WORDS]
    except BaseException:  # of a class of the submission
        words = "(its text cannot be had)"
    return f"{type(error).__name__}: {words}{line_of(error)}"


def line_of(error: BaseException) -> str:
    """The line of the submission at which it went wrong."""
    found, traceback = "", error.__traceback__
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if file == FILE or file.startswith("cell "):
            cell = "" if file == FILE else f"{file}, "
            found = f" ({cell}line {traceback.tb_lineno})"
        traceback = traceback.tb_next
    return found


def main() -> None:
    """Serve one submission."""
    channel, me, loaded = Channel(), getpid(), Loaded()
    setup = channel.read()
    limit(setup["limits"], setup["uid"])
    channel.write({"id": setup["id"], "ready": True})
    while True:
        request = channel.read()
        reply = answer(loaded, request)
        if getpid() != me:  # a function forked, and both come back
            leave(0)
        channel.write({"id": request["id"], **reply})
