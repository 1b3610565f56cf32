"""The random-effects terms of a formula, split off as lme4 does.

`(x | a/b)` is `(x | b:a) + (x | a)`, and `(x || g)` is `(1 | g) + (0 + x | g)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial, reduce
from itertools import chain

from ..errors import BarError
from .deparse import deparse
from .parse import Node, complain, operator
from .terms import DOT, Terms, expand, product

BARS = ("|", "||")
Grouping = tuple[str | Node, ...]  # columns, and calls that make one, such as factor(id)
MAKERS = {"factor", "as.factor"}
OFFERED = "here there are (x | g), with all covariances, and (x || g), without any"
STRUCTURES = {  # covariances that lme4 2.x writes as calls around a bar
    "us": "unstructured: here it is written (x | g)",
    "diag": "of independent effects: here it is written (x || g)",
    "cs": f"compound symmetry; {OFFERED}",
    "ar1": f"autoregressive; {OFFERED}",
}


@dataclass(frozen=True)
class Bar:
    """One random-effects term: the effects that vary, and the columns that group."""

    effects: Terms
    group: str  # lme4's name of the grouping factor, such as "cask:batch"
    columns: Grouping  # the columns whose combinations are its levels

    @property
    def grouping(self) -> str:
        """The grouping factor as a formula has it, a name that is none of R's in backticks."""
        first, *more = self.columns
        plain = isinstance(first, str) and not more
        return deparse(Node("name", str(first))) if plain else self.group


def expand_double_bars(node: Node) -> Node:
    """Replace `(x || g)` by `((1 | g) + (0 + x | g))`, as lme4 does and prints."""
    if node.kind == "call":
        return node
    args = tuple(expand_double_bars(arg) for arg in node.args)
    if node.kind == "brackets" and args[0].is_operator("||"):
        args = (uncorrelated(args[0]),)
    return Node(node.kind, node.text, args, node.at)


def uncorrelated(node: Node) -> Node:
    """The sum of bars that `x || g` stands for."""
    effects, group = node.args
    inner = expand(effects, deparse(node))
    sides = [Node("number", "1")] if inner.intercept else []
    sides += [operator("+", Node("number", "0"), product(term)) for term in inner.terms]
    bars = [Node("brackets", "(", (operator("|", s, group),), node.at) for s in sides]
    return reduce(partial(operator, "+"), bars or [operator("|", effects, group)])


def find_bars(node: Node, text: str) -> Iterator[Node]:
    """The bars of a sum, each alone in its brackets, in the order of the text."""
    if node.is_operator(*BARS):
        raise bar_error(f"a random-effects term needs brackets: {bracketed(node)}", text, node)
    if node.kind == "brackets" and node.args[0].is_operator("|"):
        yield node.args[0]
    elif node.kind == "brackets" or node.is_operator("+"):
        for arg in node.args:
            yield from find_bars(arg, text)
    elif node.is_operator("-"):
        yield from find_bars(node.args[0], text)
        refuse_inner_bars(node.args[1], text)
    else:
        refuse_inner_bars(node, text)


def bracketed(node: Node) -> str:
    """`x + 1 | g` as it was probably meant: x + (1 | g)."""
    left, group = node.args
    before = ""
    if left.is_operator("+"):
        before, left = f"{deparse(left.args[0])} + ", left.args[1]
    return f"{before}({deparse(left)} {node.text} {deparse(group)})"


def refuse_inner_bars(node: Node, text: str) -> None:
    """Raises BarError where a bar is part of anything but a sum; I(a | b) is no bar."""
    if node.text in STRUCTURES and any(arg.is_operator(*BARS) for arg in node.args):
        kind = f"{node.text}(x | g) is a covariance structure of lme4 2.x, {STRUCTURES[node.text]}"
        raise bar_error(kind, text, node)
    if node.kind == "call":
        return
    if node.is_operator(*BARS):
        raise bar_error("a random-effects term (x | g) can only be added", text, node)
    for arg in node.args:
        refuse_inner_bars(arg, text)


def bar_error(message: str, text: str, node: Node) -> BarError:
    """A BarError that shows the place."""
    return BarError(str(complain(message, text, node.at)))


def without_bars(node: Node) -> Node | None:
    """The expression with its bars left out; None where nothing else is there."""
    if node.is_operator("|"):
        return None
    if node.kind not in ("brackets", "operator"):
        return node
    kept = [arg for arg in map(without_bars, node.args) if arg is not None]
    if len(kept) == len(node.args):
        return Node(node.kind, node.text, tuple(kept), node.at)
    return kept[0] if kept else None


def split_bar(node: Node, text: str) -> Iterator[Bar]:
    """One Bar for `(x | g)` and `(x | a:b)`; two for `(x | a/b)`: by b within a, and by a."""
    effects, group = node.args
    refuse_inner_bars(effects, text)
    terms = expand(effects, text)
    if dots := [factor for factor in terms.variables if factor == DOT]:
        raise bar_error("'.' stands for columns among the fixed effects only", text, dots[0])
    if not (terms.terms or terms.intercept):
        raise bar_error(f"nothing varies in ({deparse(node)})", text, node)
    for name, columns in nested(group, text):
        for factor in chain.from_iterable(terms.terms):
            if factor.kind == "name" and factor.text in columns:
                raise bar_error(f"{factor.text} cannot vary within itself", text, factor)
        plain = len(columns) == 1 and isinstance(columns[0], str)
        yield Bar(terms, str(columns[0]) if plain else name, columns)


def is_maker(node: Node) -> bool:
    """Whether it makes a factor that learns nothing from the data of the fit, or is no call."""
    alone = len(node.args) == 1 and node.args[0].kind != "keyword"
    return node.kind != "call" or node.text == "interaction" or (node.text in MAKERS and alone)


def nested(group: Node, text: str) -> list[tuple[str, Grouping]]:
    """(name, columns) of the factors of a grouping expression, the innermost first."""
    if group.kind == "brackets":
        (name, columns), *outer = nested(group.args[0], text)
        return [(f"({name})" if ":" in name else name, columns), *outer]
    if group.kind == "name":
        return [(deparse(group), (group.text,))]
    if group.kind == "call" and all(map(is_maker, group.walk())):
        return [(deparse(group), (group,))]
    if group.is_operator(":"):
        (left, left_columns), (right, right_columns) = (nested(g, text)[0] for g in group.args)
        return [(f"{left}:{right}", left_columns + right_columns)]
    if group.is_operator("/"):
        outer = nested(group.args[0], text)
        (inner, columns), (around, around_columns) = nested(group.args[1], text)[0], outer[0]
        name = f"{inner}:({around})" if ":" in around else f"{inner}:{around}"
        return [(name, columns + around_columns), *outer]
    message = "a group is a column, factor() or interaction(), or these joined by ':' or '/'"
    raise complain(message, text, group.at)
