"""What the modules of refmixed define, and on which lines: read from their text, not imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CODE = Path(__file__).parents[2] / "refmixed"
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
        return module_of(self.name)

    @property
    def lines(self) -> range:
        """The numbers of all its lines."""
        return range(self.first, self.last + 1)


@cache
def modules() -> list[str]:
    """The modules of refmixed that have something to show, `r.frame` among them; the chapter first.

    What a module is called is what comes after `refmixed.`, as for definitions.
    """
    paths = (path.relative_to(CODE).with_suffix("") for path in CODE.rglob("*.py"))
    found = sorted((len(path.parts) > 1, path.parts) for path in paths if path.stem != "__init__")
    return [".".join(parts) for _, parts in found]


def module_of(name: str) -> str:
    """The module that a name begins with: `r.frame` of `r.frame.Frame.rows`; or ""."""
    parts = name.split(".")
    begins = (".".join(parts[:k]) for k in range(len(parts), 0, -1))
    return next((begin for begin in begins if begin in modules()), "")


@cache
def text(module: str) -> str:
    """What a module's file holds."""
    return CODE.joinpath(*module.split(".")).with_suffix(".py").read_text()


@cache
def tree(module: str) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(text(module))


@cache
def lines(module: str) -> list[str]:
    """The lines of a module; the first has the number 1."""
    return text(module).splitlines()


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
    """What is named `penalized.solve`, with or without `refmixed.` and `()`; None if nothing is.

    A method may be one of a class from which the class that is named inherits.
    """
    name = name.removeprefix("refmixed.").removesuffix("()")
    module = module_of(name)
    found = definitions(module).get(name) if module else None
    owner, _, method = name.rpartition(".")
    parents = (find(f"{parent}.{method}") for parent in bases(owner))
    return found or next(filter(None, parents), None)


@cache
def bases(name: str) -> list[str]:
    """The classes of refmixed from which a class `result.Fit` inherits."""
    own = {f"{module_of(name)}.{c.name}": c for c in classes(module_of(name))}
    if name not in own:
        return []
    asked = {base.id for base in own[name].bases if isinstance(base, ast.Name)}
    return [f"{m}.{c.name}" for m in modules() for c in classes(m) if c.name in asked]


def classes(module: str) -> list[ast.ClassDef]:
    """Those of a module, not of a class or function in it."""
    found = tree(module).body if module else []
    return [node for node in found if isinstance(node, ast.ClassDef)]


def summary(module: str) -> str:
    """The first sentence of a module's docstring."""
    begin = (ast.get_docstring(tree(module)) or "").partition("\n\n")[0].replace("\n", " ")
    first = begin.partition(".  ")[0]
    return first if first.endswith("?") else first.removesuffix(".") + "."
