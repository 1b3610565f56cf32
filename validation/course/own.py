"""A lecturer's own assignment, a file of TOML: functions of refmixed, and formulas, such as
`examples/course/weights.toml`.

What is in the file is the lecturer's and is trusted: `wrong` is Python, in the arguments and np.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..suite.schemas import SchemaError, check
from . import equations
from .arguments import meaning
from .models import MODELS
from .points import Symbol, ask
from .questions import cut_of, hidden, public, random
from .records import Assignment, Expression, Function, Mistake, Task

Table = Mapping[str, Any]


class OwnError(Exception):
    """A file is no assignment: what is wrong in it."""


def read(path: Path) -> Assignment:
    """The assignment of a file.  Raises OwnError."""
    try:
        source = path.read_text("utf-8")
        table = tomllib.loads(source)
    except (OSError, ValueError) as error:
        raise OwnError(f"cannot read {path.name}: {error}") from error
    try:
        check("assignment.json", table)
    except SchemaError as error:
        raise OwnError(f"{path.name}, {error}") from error
    tasks: list[Task] = [function(one) for one in table.get("function", [])]
    tasks += [formula(one) for one in table.get("formula", [])]
    return Assignment(
        name=table["name"],
        title=table["title"],
        page=table.get("page", ""),
        hours=table.get("hours", 0),
        needs=tuple(table.get("needs", ())),
        tasks=tuple(tasks),
        source=source,
    )


def function(table: Table) -> Function:
    """A task whose answer is refmixed's, on models of a kind; tried once.  Raises OwnError."""
    draw, by_hand = MODELS[table["model"]]
    try:
        near = mistakes(table, computed)
    except SyntaxError as error:
        raise OwnError(f"the mistake of {table['name']} is no Python: {error.text}") from error
    made = Function(
        name=table["name"],
        points=table["points"],
        asks=table["asks"],
        mistakes=near,
        of=table["of"],
        draw=draw,
        by_hand=by_hand,
        magnitude=table.get("magnitude", "largest"),
        digits=table.get("digits", 8.0),
        renamed=table.get("renamed"),
        arguments=table.get("arguments"),
    )
    try:
        for question in (*hidden(made, "lecturer"), public(made)):
            question.mistaken()
    except Exception as error:  # whatever the lecturer's own code raises is told, and no more
        raise OwnError(
            f"the task {made.name} cannot be asked: {type(error).__name__}: {error}"
        ) from error
    if unsaid := [name for name in cut_of(made).parameters if not meaning(made, name)]:
        example = f'arguments = {{ {unsaid[0]} = "(n,) what it is" }}'
        raise OwnError(
            f"the task {made.name} does not say what {', '.join(unsaid)} is: write {example}"
        )
    return made


def formula(table: Table) -> Expression:
    """A task whose answer is a formula; it and its mistakes are read once.  Raises OwnError."""
    made = Expression(
        name=table["name"],
        points=table["points"],
        asks=table["asks"],
        mistakes=mistakes(table, str),
        reference=table["answer"],
        symbols=tuple(symbol(one) for one in table["symbols"]),
    )
    try:
        for text in (made.reference, *(mistake.wrong for mistake in made.mistakes)):
            ask(text, made.symbols, random("lecturer", made.name))
    except ValueError as error:
        raise OwnError(f"the task {made.name} cannot be asked: {error}") from error
    return made


def symbol(table: Table) -> Symbol:
    """A symbol of a formula; lists become tuples."""
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
    return Symbol(**fields)


def mistakes(table: Table, wrong: Callable[[str], Any]) -> tuple[Mistake, ...]:
    """The near misses of a task.  Raises OwnError."""
    return tuple(
        Mistake(
            name=one["name"],
            kind=one.get("kind", "method"),
            says=one["says"],
            equation=tag(one["reads"]),
            wrong=wrong(one["wrong"]),
            credit=one.get("credit", 0.5),
        )
        for one in table.get("mistake", [])
    )


def tag(text: str) -> str:
    """The tag of an equation of the book, where the book is there.  Raises OwnError."""
    if equations.pages() and text not in equations.pages():
        raise OwnError(f"the book has no equation {text}, which a mistake reads")
    return text


def computed(text: str) -> Callable[..., Any]:
    """A function of the arguments, from an expression in them and numpy."""
    code = compile(text, "<mistake>", "eval")
    return lambda **arguments: eval(code, {"np": np, **arguments})  # the lecturer's own
