"""The text of a mixed-model formula -> response, fixed terms, offsets and bars."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial, reduce

from ..design import Design
from ..errors import FormulaError, NoRandomTermError
from .bars import Bar, expand_double_bars, find_bars, split_bar, without_bars
from .deparse import deparse, deparse_lines
from .parse import Node, operator, parse
from .terms import DOT, Terms, expand

DEEPEST = 5000  # calls, for sums of some 1,500 terms


@dataclass(frozen=True)
class Formula:
    """A formula taken apart; `lines` is the text as R prints it."""

    lines: tuple[str, ...]
    response: Node
    fixed: Terms
    offsets: tuple[Node, ...]
    bars: tuple[Bar, ...]
    text: str  # as it was given

    def over(self, columns: Iterable[str]) -> Formula:
        """The formula with `.` written out: all columns that the response does not use, as in R.

        Raises FormulaError where there are none.
        """
        if DOT not in self.fixed.variables:
            return self
        used = {node.text for node in self.response.walk() if node.kind == "name"}
        others = [Node("name", name) for name in columns if name not in used]
        if not others:
            raise FormulaError("'.' stands for no column: the data have those of the response only")
        with deep():
            return take_apart(self.text, reduce(partial(operator, "+"), others))


def parse_formula(text: str) -> Formula:
    """Take a mixed-model formula apart.

    Raises FormulaError for a syntax error (with a caret) and BarError for a bar outside brackets.
    """
    if not isinstance(text, str):
        kind = type(text).__name__
        raise FormulaError(f"a formula is a string such as 'y ~ x + (x | g)', not {kind}")
    return remembered(text.replace("\n", " "))


@lru_cache(maxsize=200)
def remembered(text: str) -> Formula:
    """A formula taken apart, once for many data: nothing in a Formula changes."""
    with deep():
        return take_apart(text)


@contextmanager
def deep() -> Iterator[None]:
    """Let a sum have more terms than Python's calls may be deep.  Raises FormulaError beyond."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, DEEPEST))
    try:
        yield
    except RecursionError:
        raise FormulaError("the formula is nested too deeply, or too long") from None
    finally:
        sys.setrecursionlimit(before)


def take_apart(text: str, dot: Node = DOT) -> Formula:
    """The parts of a formula in one line, with something in the place of `.`."""
    tree = parse(text)
    if not tree.is_operator("~"):
        raise FormulaError(f"a formula reads 'response ~ terms', and {text!r} does not")
    response, right = tree.args
    right = expand_double_bars(right)
    bars = tuple(bar for node in find_bars(right, text) for bar in split_bar(node, text))
    offsets, fixed = split_offsets(without_bars(right))
    return Formula(
        lines=deparse_lines(operator("~", response, right)),
        response=response,
        fixed=expand(fixed and with_dot(fixed, dot), text),
        offsets=tuple(offsets),
        bars=bars,
        text=text,
    )


def with_dot(node: Node, dot: Node) -> Node:
    """A sum of terms with something in the place of `.`."""
    if node == DOT:
        return Node("brackets", "(", (dot,), node.at) if dot != DOT else node
    if node.kind not in ("brackets", "operator"):
        return node
    return Node(node.kind, node.text, tuple(with_dot(arg, dot) for arg in node.args), node.at)


def require_bars(formula: Formula) -> None:
    """Raises NoRandomTermError where there is nothing random."""
    if not formula.bars:
        raise NoRandomTermError(
            f"{' '.join(formula.lines)!r} has no random-effects term such as (1 | group); "
            "use refmixed.lm for a model without them"
        )


def refuse_bars(formula: Formula) -> None:
    """Raises FormulaError where there is something random."""
    if formula.bars:
        raise FormulaError(
            f"{' '.join(formula.lines)!r} has random-effects terms; use refmixed.lmer for it"
        )


def split_offsets(node: Node | None) -> tuple[list[Node], Node | None]:
    """The arguments of offset(...) in a sum, and what is left of the sum."""
    if node is None:
        return [], None
    if node.kind == "call" and node.text == "offset":
        if len(node.args) != 1:
            raise FormulaError(f"offset() takes one argument, and {deparse(node)} has not one")
        return list(node.args), None
    if node.kind == "brackets":
        offsets, inner = split_offsets(node.args[0])
        return offsets, Node("brackets", "(", (inner,), node.at) if inner else None
    if node.is_operator("-"):
        offsets, left = split_offsets(node.args[0])
        kept = (left, node.args[1]) if left else node.args[1:]
        return offsets, Node("operator", "-", kept, node.at)
    if not node.is_operator("+"):
        return [], node
    (left_offsets, left), (right_offsets, right) = map(split_offsets, node.args)
    rest = operator("+", left, right) if left and right else left or right
    return left_offsets + right_offsets, rest


def written_lines(formula: Formula) -> tuple[str, ...]:
    """A formula as R prints that of glmer(): double bars stand as they were written."""
    with deep():
        return deparse_lines(parse(formula.text))


def formula_lines(design: Design) -> tuple[str, ...]:
    """The formula of a design as R prints it; of one from arrays, what would give its columns."""
    if design.recipe is not None:
        return tuple(design.recipe.formula.lines)
    bars = [f"(0 + {' + '.join(term.effects)} | {term.group})" for term in design.terms]
    return (f"y ~ 0 + {' + '.join([*design.names, *bars])}",)
