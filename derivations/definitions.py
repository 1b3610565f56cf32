"""What the modules of refmixed define, and on which lines: read from their text, not imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CODE = Path(__file__).parents[1] / "refmixed"
Defining = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Definition:
    """A function, method or class.  `name` is what comes after `refmixed.`."""

    name: str
    first: int  # its lines, decorators included
    last: int
    body: int  # the first line after the docstring

    @property
    def module(self) -> str:
        """The module that it is in."""
        return self.name.partition(".")[0]

    @property
    def lines(self) -> range:
        """The numbers of all its lines."""
        return range(self.first, self.last + 1)


def modules() -> list[str]:
    """The modules of refmixed that have something to show."""
    return sorted(path.stem for path in CODE.glob("*.py") if path.stem != "__init__")


@cache
def tree(module: str) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse((CODE / f"{module}.py").read_text())


@cache
def lines(module: str) -> list[str]:
    """The lines of a module; the first has the number 1."""
    return (CODE / f"{module}.py").read_text().splitlines()


@cache
def definitions(module: str) -> dict[str, Definition]:
    """All functions and classes of a module, inner ones after those that they are in."""
    return {found.name: found for found in _inside(tree(module), module)}


def _inside(node: ast.AST, prefix: str) -> Iterator[Definition]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Defining):
            name = f"{prefix}.{child.name}"
            first = min(item.lineno for item in [child, *child.decorator_list])
            yield Definition(name, first, child.end_lineno or first, _body(child))
            yield from _inside(child, name)


def _body(node: Defining) -> int:
    """The line on which the statements begin."""
    if ast.get_docstring(node) is None:
        return node.body[0].lineno
    return (node.body[0].end_lineno or node.body[0].lineno) + 1


def find(name: str) -> Definition | None:
    """What is named `penalized.solve`, with or without `refmixed.` and `()`; None if nothing is."""
    name = name.removeprefix("refmixed.").removesuffix("()")
    module = name.partition(".")[0]
    return definitions(module).get(name) if module in modules() else None


def summary(module: str) -> str:
    """The first sentence of a module's docstring."""
    text = (ast.get_docstring(tree(module)) or "").partition("\n\n")[0].replace("\n", " ")
    return text.partition(".  ")[0].removesuffix(".") + "."
