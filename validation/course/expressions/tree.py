"""A formula's tree: Python's own, of which only what formulas are made of is let through."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from .errors import RefusedError
from .tokens import Rewritten, rewrite

MOST_NODES = 1_000
DEEPEST = 100
MODULES = {"np", "numpy", "sp", "sympy", "math", "linalg", "scipy", "la"}
ALLOWED = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Name, ast.Constant, ast.Call, ast.Attribute,
    ast.Subscript, ast.Tuple, ast.List, ast.Load, ast.Add, ast.Sub, ast.Mult, ast.MatMult, ast.Div,
    ast.Pow, ast.USub, ast.UAdd,
)  # fmt: skip


@dataclass(frozen=True)
class Formula:
    """A tree that was let through, and the text that it is of."""

    body: ast.expr
    rewritten: Rewritten

    def place(self, node: ast.expr) -> int:
        """Where a node begins in the student's text."""
        return self.rewritten.places[node.col_offset]

    def text(self, node: ast.expr) -> str:
        """What a node says, in Python's spelling."""
        return self.rewritten.text[node.col_offset : node.end_col_offset]


def formula(text: str, functions: Collection[str], symbols: Collection[str]) -> Formula:
    """The tree of a text.  Raises RefusedError where it is no formula."""
    rewritten = rewrite(text, functions, symbols)
    read = Formula(parsed(rewritten).body, rewritten)
    for count, (node, depth) in enumerate(walk(read.body, 0)):
        check(read, node)
        if count >= MOST_NODES or depth >= DEEPEST:
            raise RefusedError("the answer is too long or too deep", read.place(read.body))
    return read


def parsed(rewritten: Rewritten) -> ast.Expression:
    """Python's tree; nothing is compiled or run."""
    try:
        return ast.parse(rewritten.text, mode="eval")
    except SyntaxError as wrong:
        at = min((wrong.offset or 1) - 1, len(rewritten.places) - 1)
        reason = "a sign or something between two signs is missing"
        raise RefusedError(reason, rewritten.places[max(at, 0)]) from None
    except (ValueError, MemoryError, RecursionError):
        raise RefusedError("the answer is too long or too deep", rewritten.places[0]) from None


def walk(node: ast.expr, depth: int) -> Iterator[tuple[ast.expr, int]]:
    """All nodes that have a place, with their depth."""
    stack = [(node, depth)]
    while stack:
        top, depth = stack.pop()
        yield top, depth
        inside = ast.iter_child_nodes(top)
        stack += [(child, depth + 1) for child in inside if isinstance(child, ast.expr)]


def check(read: Formula, node: ast.expr) -> None:
    """Raises RefusedError at a node that formulas do not have."""
    inside = [node, *ast.iter_child_nodes(node)]
    if not all(isinstance(part, ALLOWED) for part in inside):
        raise RefusedError(
            "this is not read in a formula: use + - * / ** and brackets", read.place(node)
        )
    if isinstance(node, ast.Constant) and type(node.value) not in (int, float):
        raise RefusedError("only numbers, symbols and functions are read", read.place(node))


def called(read: Formula, node: ast.Call) -> tuple[str, list[ast.expr]]:
    """The name and the arguments of a call: log(x), np.log(x) and x.log() are the same."""
    function = node.func
    if isinstance(function, ast.Name):
        return function.id, node.args
    if not isinstance(function, ast.Attribute):
        raise RefusedError("a function has a name", read.place(node))
    if module(function.value):
        return function.attr, node.args
    return function.attr, [function.value, *node.args]


def module(node: ast.expr) -> bool:
    """Whether this is np, or np.linalg."""
    if isinstance(node, ast.Attribute):
        return node.attr in MODULES and module(node.value)
    return isinstance(node, ast.Name) and node.id in MODULES
