"""Which equations the code of refmixed cites: a tag in a comment or a docstring is a citation.

In a comment it belongs to the statement beside it, in a docstring to the whole function.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from .definitions import Definition, definitions, lines, modules, tree
from .pages import TAG

LONGEST_STATEMENT = 4  # lines; of a longer one only the line with the tag is shown
LONGEST_BODY = 8  # of a function that cites in its docstring


@dataclass(frozen=True)
class Citation:
    """A tag at one place, and the lines of code to show beside the equation (perhaps none)."""

    tag: str
    module: str
    name: str  # the innermost function or class, else the module
    in_comment: bool
    shown: range


@cache
def citations() -> list[Citation]:
    """All of them; where a function cites a tag in a comment, its docstring says nothing new."""
    found = [citation for module in modules() for citation in _of_module(module)]
    in_comments = {(c.tag, c.name) for c in found if c.in_comment}
    kept = [c for c in found if c.in_comment or (c.tag, c.name) not in in_comments]
    return list(dict.fromkeys(kept))


def of_tag(tag: str) -> list[Citation]:
    """The places that cite one equation."""
    return [citation for citation in citations() if citation.tag == tag]


def _of_module(module: str) -> Iterator[Citation]:
    for number, line in enumerate(lines(module), start=1):
        for tag in re.findall(TAG, line):
            inner = innermost(module, number)
            in_comment = inner is not None and number >= inner.body
            shown = statement(module, number) if in_comment else body(inner)
            yield Citation(tag, module, inner.name if inner else module, in_comment, shown)


def innermost(module: str, line: int) -> Definition | None:
    """The function or class that a line is in."""
    around = [d for d in definitions(module).values() if line in d.lines]
    return around[-1] if around else None


def body(function: Definition | None) -> range:
    """The lines after the docstring, if they are few."""
    if function is None or function.last - function.body >= LONGEST_BODY:
        return range(0)
    return range(function.body, function.last + 1)


def statement(module: str, line: int) -> range:
    """The lines of the statement that a comment stands beside, or above."""
    spans = (range(s.lineno, (s.end_lineno or s.lineno) + 1) for s in simple_statements(module))
    nearest = min((s for s in spans if s.stop > line), key=lambda s: s.start, default=range(0))
    return nearest if 0 < len(nearest) <= LONGEST_STATEMENT else range(line, line + 1)


def simple_statements(module: str) -> list[ast.stmt]:
    """The statements that have no statements inside."""
    statements = (node for node in ast.walk(tree(module)) if isinstance(node, ast.stmt))
    return [statement for statement in statements if not hasattr(statement, "body")]
