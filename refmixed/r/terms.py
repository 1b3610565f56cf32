"""A sum of terms -> the terms: `a * b`, `(a + b)^2`, `- a`.

The algebra is formulaic's, the order of the terms and the rule of the intercept are R's.
"""

from __future__ import annotations

from dataclasses import dataclass

import formulaic

from .deparse import deparse
from .parse import Node, complain, operator

ALGEBRA = {"+", "-", "*", ":", "/", "^", "%in%"}
DOT = Node("name", ".")  # all columns that the response does not use
Term = tuple[Node, ...]  # the factors of a product, in the order of their first appearance


@dataclass(frozen=True)
class Terms:
    """A linear predictor: the terms by degree, without the intercept."""

    terms: tuple[Term, ...]
    intercept: bool
    variables: tuple[Node, ...] = ()  # also those whose terms were subtracted again


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
    if node.kind in ("number", "string", "constant"):
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


def product(term: Term) -> Node:
    """a:b:c as a tree."""
    tree = term[0]
    for factor in term[1:]:
        tree = operator(":", tree, factor)
    return tree
