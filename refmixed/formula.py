"""The text of a mixed-model formula -> response, fixed terms, offsets and bars.

The algebra of terms (`a * b`, `(a + b)^2`, `- a`) is formulaic's; the bars are split off here, as
lme4 does: `(x | a/b)` is `(x | b:a) + (x | a)`, and `(x || g)` is `(1 | g) + (0 + x | g)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial, reduce
from itertools import chain

import formulaic

from .errors import BarError, FormulaError, NoRandomTermError
from .syntax import Node, complain, deparse, deparse_lines, operator, parse

ALGEBRA = {"+", "-", "*", ":", "/", "^", "%in%"}
BARS = ("|", "||")
Term = tuple[Node, ...]  # the factors of a product, in the order of their first appearance


@dataclass(frozen=True)
class Terms:
    """A linear predictor: the terms by degree, without the intercept."""

    terms: tuple[Term, ...]
    intercept: bool
    variables: tuple[Node, ...] = ()  # also those whose terms were subtracted again


@dataclass(frozen=True)
class Bar:
    """One random-effects term: the effects that vary, and the columns that group."""

    effects: Terms
    group: str  # lme4's name of the grouping factor, such as "cask:batch"
    columns: tuple[str, ...]  # the columns whose combinations are its levels


@dataclass(frozen=True)
class Formula:
    """A formula taken apart; `lines` is the text as R prints it."""

    lines: tuple[str, ...]
    response: Node
    fixed: Terms
    offsets: tuple[Node, ...]
    bars: tuple[Bar, ...]


def parse_formula(text: str) -> Formula:
    """Take a mixed-model formula apart.

    Raises FormulaError for a syntax error (with a caret) and BarError for a bar outside brackets.
    """
    if not isinstance(text, str):
        kind = type(text).__name__
        raise FormulaError(f"a formula is a string such as 'y ~ x + (x | g)', not {kind}")
    try:
        return take_apart(text.replace("\n", " "))
    except RecursionError:
        raise FormulaError("the formula is nested too deeply, or too long") from None


def take_apart(text: str) -> Formula:
    """The parts of a formula in one line."""
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
        fixed=expand(fixed, text),
        offsets=tuple(offsets),
        bars=bars,
    )


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


def expand(node: Node | None, text: str) -> Terms:
    """The terms of an expression, by formulaic's algebra, in R's order."""
    if node is None:
        return Terms((), intercept=True)
    factors: list[Node] = []
    code = algebra(node, factors, text)
    try:
        products = list(formulaic.Formula(f"0 + {code}")) if code else []
    except (formulaic.errors.FormulaicError, TypeError) as error:
        raise complain(f"{deparse(node)!r} is not a sum of terms", text, node.at) from error
    keys = [sorted(int(f.expr[1:]) for f in p.factors) for p in products]
    terms = tuple(tuple(factors[k] for k in key) for key in keys)
    return Terms(terms, has_intercept(node), tuple(factors))


def has_intercept(node: Node, sign: bool = True, before: bool = True) -> bool:
    """R's rule: of all the 0, 1, -0 and -1, in brackets or not, the last one counts."""
    if node.kind == "number":
        return (node.text.rstrip("L") == "1") == sign
    if node.kind != "brackets" and not (node.kind == "operator" and node.text in ALGEBRA):
        return before
    *first, last = node.args[:1] if node.text == "^" else node.args
    for arg in first:
        before = has_intercept(arg, sign, before)
    minus = node.kind == "operator" and node.text == "-"
    return has_intercept(last, sign != minus, before)


def algebra(node: Node, factors: list[Node], text: str) -> str:
    """The expression in formulaic's syntax, each factor replaced by f0, f1, ...; '' for 0 and 1."""
    if node.kind == "brackets":
        code = algebra(node.args[0], factors, text)
        return f"({code})" if code else ""
    if node.kind == "operator" and node.text in ALGEBRA:
        return algebra_operator(node, factors, text)
    if node.kind == "number" and node.text.rstrip("L") in ("0", "1"):
        return ""
    if node.kind == "call" and node.text == "offset":
        raise complain("an offset can only be added", text, node.at)
    if node.kind in ("number", "string") or (node.kind, node.text) == ("name", "."):
        raise complain(f"{node.text} is not a term of a model", text, node.at)
    if node not in factors:
        factors.append(node)
    return f"f{factors.index(node)}"


def algebra_operator(node: Node, factors: list[Node], text: str) -> str:
    """A sum, product, power or sign in formulaic's syntax."""
    if node.text == "^":
        return power(node, factors, text)
    parts = [algebra(arg, factors, text) for arg in node.args]
    if node.text == "-":  # what is subtracted from nothing leaves nothing
        return " - ".join(filter(None, parts)) if len(parts) == 2 and parts[0] else ""
    if node.text == "+":
        return " + ".join(filter(None, parts))
    if "" in parts:
        raise complain("0 and 1 can be added to terms, not multiplied", text, node.at)
    if node.text == "%in%" and len(expand(node.args[1], text).terms) != 1:
        raise complain("%in% takes a single term on its right", text, node.args[1].at)
    op = {"%in%": ":"}.get(node.text, node.text)
    return f"{parts[0]} {op} {parts[1]}"


def power(node: Node, factors: list[Node], text: str) -> str:
    """(a + b)^2 in formulaic's syntax; powers beyond the number of factors add nothing."""
    base, exponent = node.args
    found: list[Node] = []
    code = algebra(base, found, text)
    times = float(exponent.text.rstrip("L")) if exponent.kind == "number" else 0.0
    if not times.is_integer() or times < 1:
        raise complain("a power of terms is a whole number", text, exponent.at)
    if not code:
        raise complain("0 and 1 can be added to terms, not multiplied", text, node.at)
    return f"({algebra(base, factors, text)})**{min(int(times), len(found))}"


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


def product(term: Term) -> Node:
    """a:b:c as a tree."""
    tree = term[0]
    for factor in term[1:]:
        tree = operator(":", tree, factor)
    return tree


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


def split_bar(node: Node, text: str) -> Iterator[Bar]:
    """One Bar for `(x | g)` and `(x | a:b)`; two for `(x | a/b)`: by b within a, and by a."""
    effects, group = node.args
    refuse_inner_bars(effects, text)
    terms = expand(effects, text)
    if not (terms.terms or terms.intercept):
        raise bar_error(f"nothing varies in ({deparse(node)})", text, node)
    for name, columns in nested(group, text):
        for factor in chain.from_iterable(terms.terms):
            if factor.kind == "name" and factor.text in columns:
                raise bar_error(f"{factor.text} cannot vary within itself", text, factor)
        yield Bar(terms, name if len(columns) > 1 else columns[0], columns)


def nested(group: Node, text: str) -> list[tuple[str, tuple[str, ...]]]:
    """(name, columns) of the factors of a grouping expression, the innermost first."""
    if group.kind == "brackets":
        (name, columns), *outer = nested(group.args[0], text)
        return [(f"({name})" if ":" in name else name, columns), *outer]
    if group.kind == "name":
        return [(deparse(group), (group.text,))]
    if group.is_operator(":"):
        (left, left_columns), (right, right_columns) = (nested(g, text)[0] for g in group.args)
        return [(f"{left}:{right}", left_columns + right_columns)]
    if group.is_operator("/"):
        outer = nested(group.args[0], text)
        (inner, columns), (around, around_columns) = nested(group.args[1], text)[0], outer[0]
        name = f"{inner}:({around})" if ":" in around else f"{inner}:{around}"
        return [(name, columns + around_columns), *outer]
    raise complain("a group is a column, or columns joined by ':' or '/'", text, group.at)
