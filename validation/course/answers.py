"""What a submission answered, as a record; and the texts around it, made harmless."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..suite.text import plain
from .inside.cells import UnreadableError
from .inside.values import Message, Value, ValueRefusedError, read
from .process import LostError

FOLDERS = re.compile(r"(?<![\w.)\]])/(?:[\w.+-]+/)+")  # of a path, which say where the grader is
WIDTH = 300
LINES = 40


@dataclass(frozen=True)
class Answer:
    """What a submission answered.

    status: "value"; "missing" (no such name), "error" (an exception, or no value), "time",
    "memory", "died" (its process ended), "garbage" (no line of the protocol), "unreadable" (the
    file). value: an array (of 0 dimensions for a number), a text, a list of texts, None, or a tuple
    of these. text: for the student, what happened. said: the beginning of what it printed.
    """

    status: str
    value: Value = None
    text: str = ""
    said: str = ""


def answer(name: str, reply: Message, said: str) -> Answer:
    """The record of a reply, whatever is in it."""
    error = reply.get("error")
    if type(error) is str:
        status = "memory" if reply.get("memory") is True else "error"
        return Answer(status, text=cleaned(f"{name}: {error}"), said=said)
    if "missing" in reply:
        near = reply["missing"][:1] if type(reply["missing"]) is list else []
        meant = "".join(f": is {word} meant?" for word in near if type(word) is str)
        return Answer("missing", text=cleaned(f"there is no {name}{meant}"), said=said)
    if "answers" in reply:
        return of_points(name, reply["answers"], said)
    try:
        return Answer("value", shaped(read(reply.get("value"))), said=said)
    except ValueRefusedError as why:
        return Answer("garbage", text=f"{name} answered with {why}", said=said)


def of_points(name: str, given: Any, said: str) -> Answer:
    """What was answered at points: a record for each."""
    if type(given) is list and all(type(one) is dict for one in given):
        return Answer("value", given, said=said)
    return Answer("garbage", text=f"{name} answered with what is no answer", said=said)


def shaped(value: Value) -> Value:
    """Numbers as arrays."""
    if isinstance(value, bool | int | float):
        return np.asarray(value)
    return tuple(map(shaped, value)) if isinstance(value, tuple) else value


def words(reply: Message, key: str) -> list[str]:
    """The texts of a list in a reply.  Raises LostError."""
    found: Any = reply.get(key, [])
    if type(found) is not list or not all(type(text) is str for text in found):
        raise LostError("garbage", "answered with what is no answer")
    return list(found)


def cleaned(text: str) -> str:
    """A text in one line, without folders of this machine."""
    return plain(FOLDERS.sub("", text[: 10 * WIDTH]), WIDTH)


def lines(text: str) -> str:
    """A text of several lines, each cleaned."""
    return "\n".join(map(cleaned, text.splitlines()[:LINES]))


def source(path: Path, most: int) -> str:
    """The text of a submission, of a plain file only.  Raises UnreadableError."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        link = "it is a symbolic link: send the file itself"
        why = link if path.is_symlink() else error.strerror
        raise UnreadableError(f"the file cannot be read: {why}") from error
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise UnreadableError("the file cannot be read: it is no plain file")
    with open(fd, "rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise UnreadableError(f"the file has more than {most} bytes: clear a notebook's outputs")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError("the file is not text in UTF-8: save it again as that") from error
