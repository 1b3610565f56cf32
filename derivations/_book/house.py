"""The modules of refmixed in reading order: the first list of ARCHITECTURE.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .definitions import modules

PAGE = Path(__file__).parents[2] / "ARCHITECTURE.md"


@dataclass(frozen=True)
class Line:
    """A module of the top level, or a room (its name ends in a dot) with some of its modules."""

    name: str
    about: str  # of a room, perhaps nothing
    modules: list[str]


def reading_order() -> Iterator[Line]:
    """The lines of the list, and what it does not name."""
    found = [room(*line.split(maxsplit=1)) for line in block().splitlines()]
    named = {module for line in found for module in line.modules}
    yield from found
    yield from (Line(module, "", [module]) for module in modules() if module not in named)


def block() -> str:
    """The list."""
    return PAGE.read_text("utf-8").split("```")[1].strip()


def room(name: str, words: str) -> Line:
    """What a line says: of a module, or of a room, which names its modules or has all inside."""
    if name.endswith(".py"):
        return Line(name.removesuffix(".py"), "", [name.removesuffix(".py")])
    begin = name.replace("/", ".")
    about, _, listed = words.rpartition(": ")
    named = [begin + word for word in re.split("[,;] ", listed)]
    if set(named) <= set(modules()):
        return Line(begin, about, named)
    return Line(begin, words, [module for module in modules() if module.startswith(begin)])
