"""R's rules for which argument of a call is which: by name, by the beginning of a name, by place.

A function has the signature of its Python function: `na_rm` is R's `na.rm`, `*x` R's `...`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from inspect import Parameter, signature
from typing import Any

from ..errors import FormulaError

UNDERSCORES = {"ordered_result"}  # of R's own names


@dataclass(frozen=True)
class Signature:
    """The arguments that a function takes, under R's names."""

    before: tuple[str, ...]  # of `...`, or all where there is none
    after: tuple[str, ...]  # given by their whole names only
    dots: bool
    required: tuple[str, ...]

    def shown(self) -> str:
        """The arguments in one line."""
        return ", ".join([*self.before, *["..."] * self.dots, *self.after]) or "none"


@cache
def signature_of(function: Callable[..., Any]) -> Signature:
    """R's signature of a Python function; its `memory` is no argument."""
    found = [p for p in signature(function).parameters.values() if p.name != "memory"]
    dots = any(p.kind is Parameter.VAR_POSITIONAL for p in found)
    plain = [p for p in found if p.kind is not Parameter.VAR_POSITIONAL]
    after = [p for p in plain if p.kind is Parameter.KEYWORD_ONLY]
    before = [p for p in plain if p not in after]
    required = [p for p in plain if p.default is Parameter.empty]
    names = (tuple(r_name(p.name) for p in some) for some in (before, after, required))
    return Signature(*(next(names), next(names), dots, next(names)))


def r_name(name: str) -> str:
    """na.rm of na_rm."""
    return name if name in UNDERSCORES else name.replace("_", ".")


def matched(
    name: str, function: Callable[..., Any], given: Sequence[tuple[str, Any]]
) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call as Python takes them.

    given: (name, value) in the order of the text, the name '' where there is none.
    Raises FormulaError for an unknown name, one given twice, too many and too few.
    """
    form = signature_of(function)
    named: dict[str, Any] = {}
    for key, value in given:
        if key:
            formal = whole_name(name, form, key)
            if formal in named:
                raise FormulaError(f"{name}() is given {formal} twice")
            named[formal] = value
    places = [value for key, value in given if not key]
    free = [formal for formal in form.before if formal not in named]
    if len(places) > len(free) and not form.dots:
        most = f"{len(form.before)} argument{'s' * (len(form.before) != 1)}"
        raise FormulaError(f"{name}() takes at most {most} without a name here: {form.shown()}")
    named |= dict(zip(free, places, strict=False))
    if lacking := [formal for formal in form.required if formal not in named]:
        raise FormulaError(f"{name}() needs the argument {lacking[0]}")
    more = places[len(free) :]
    first = [named.pop(formal) for formal in form.before] if more else []
    return [*first, *more], {key.replace(".", "_"): value for key, value in named.items()}


def whole_name(name: str, form: Signature, key: str) -> str:
    """The argument that a name, or its beginning, stands for.  Raises FormulaError."""
    if key in (*form.before, *form.after):
        return key
    begun = [formal for formal in form.before if formal.startswith(key)]
    if len(begun) != 1:
        raise FormulaError(f"{name}() takes no argument {key!r} here, but {form.shown()}")
    return begun[0]
