"""The value of a formula's tree at one point."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from typing import cast

from . import exact
from . import matrices as m
from .errors import RefusedError, UndecidedError
from .exact import iv
from .functions import FUNCTIONS, LISTED, SUMS, eye, whole
from .matrices import Value, is_number
from .tree import Formula, called

MOST_STEPS = 100_000
MOST_TERMS = 2_000  # of a sum

OPERATORS: dict[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: m.add,
    ast.Sub: lambda a, b: m.add(a, m.multiply(-m.ONE, b)),
    ast.Mult: m.multiply,
    ast.MatMult: m.multiply,
    ast.Div: m.divide,
    ast.Pow: m.power,
}


@dataclass
class Evaluation(ast.NodeVisitor):
    """Goes through a tree: `symbols` have values, `bound` are those of sums, by their spelling."""

    formula: Formula
    symbols: Mapping[str, Value]
    there: str  # the names of the symbols, for a student
    bound: dict[str, Value] = field(default_factory=dict)
    steps: int = 0

    def visit(self, node: ast.AST) -> Value:
        """What a node is worth; a refusal without a place gets that of the node."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise UndecidedError("it takes too many steps")
        try:
            return super().visit(node)
        except RefusedError as refused:
            if refused.place is None:
                refused.place = self.formula.place(cast(ast.expr, node))
            raise

    def visit_Constant(self, node: ast.Constant) -> Value:
        """A number: the fraction that its text says."""
        return Fraction(self.formula.text(node))

    def visit_Name(self, node: ast.Name) -> Value:
        """A symbol, the square of one (sigma2), I_n, or a constant."""
        for known in (self.bound, self.symbols):
            if node.id in known:
                return known[node.id]
        if node.id.startswith("I_") and node.id[2:] in self.symbols:
            return eye(self.symbols[node.id[2:]])
        if node.id in ("I", "pi", "E", "e"):
            return {"I": m.Identity(m.ONE), "pi": iv.pi + 0}.get(node.id) or exact.exp(m.ONE)
        if node.id in FUNCTIONS:
            raise RefusedError(f"`{node.id}` needs brackets: {node.id}(...)")
        advice = ": write * between them" if product(node.id, self.symbols) else ""
        raise RefusedError(
            f"`{node.id}` is no symbol of this question; there are {self.there}{advice}"
        )

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Value:
        """A sign."""
        value = self.visit(node.operand)
        return m.multiply(-m.ONE, value) if isinstance(node.op, ast.USub) else value

    def visit_BinOp(self, node: ast.BinOp) -> Value:
        """Two values and a sign between; X^T is the transpose."""
        left, right = self.visit(node.left), node.right
        if isinstance(node.op, ast.Pow) and isinstance(left, m.Matrix) and name(right) == "T":
            return m.transpose(left)
        return OPERATORS[type(node.op)](left, self.visit(right))

    def visit_Attribute(self, node: ast.Attribute) -> Value:
        """X.T, X.I and np.pi."""
        if node.attr in ("T", "I"):
            return {"T": m.transpose, "I": m.inverse}[node.attr](self.visit(node.value))
        if node.attr == "pi" and name(node.value) not in self.symbols:
            return iv.pi + 0
        raise RefusedError(f"`.{node.attr}` is not read: there are .T, .I and .inv()")

    def visit_Call(self, node: ast.Call) -> Value:
        """A function of values, or a sum."""
        name, arguments = called(self.formula, node)
        if name in SUMS and len(arguments) > 1:
            return self.sum(arguments)
        if name not in FUNCTIONS:
            raise RefusedError(f"`{name}` is no function that is read; there are {LISTED}")
        fewest, most, function = FUNCTIONS[name]
        if not fewest <= len(arguments) <= most:
            raise RefusedError(
                f"`{name}` has {most} argument{'s'[: most > 1]}, not {len(arguments)}"
            )
        return function(*map(self.visit, arguments))

    def sum(self, arguments: list[ast.expr]) -> Value:
        """Sum(term, (i, first, last), ...): the last range is the outermost."""
        if len(arguments) == 1:
            return self.visit(arguments[0])
        *inner, over = arguments
        if not (isinstance(over, ast.Tuple) and len(over.elts) == 3 and name(over.elts[0])):
            raise RefusedError("a sum is written Sum(term, (i, 1, n))", self.formula.place(over))
        ends = [self.visit(end) for end in over.elts[1:]]
        first, last = (whole(end, "an end of a sum", -MOST_TERMS, MOST_TERMS) for end in ends)
        terms = [self.term(inner, name(over.elts[0]), i) for i in range(first, last + 1)]
        return reduce(m.add, terms) if terms else m.ZERO

    def term(self, inner: list[ast.expr], index: str, i: int) -> Value:
        """One term of a sum, and what it has inside."""
        before = dict(self.bound)
        self.bound[index] = Fraction(i)
        try:
            return self.sum(inner)
        finally:
            self.bound = before

    def visit_Subscript(self, node: ast.Subscript) -> Value:
        """y[i] or X[i, j], counted from 1."""
        entries, at = self.visit(node.value), node.slice
        if not isinstance(entries, m.Matrix):
            raise RefusedError("only a vector or a matrix has elements")
        places = [self.visit(x) for x in (at.elts if isinstance(at, ast.Tuple) else [at])]
        lengths = entries.shape if len(places) == 2 else (len(entries.rows),)
        if len(places) != len(lengths) or (len(places) == 1 and entries.shape[1] != 1):
            raise RefusedError("a vector has one subscript, a matrix two")
        i, *j = (whole(x, "a subscript", 1, n) for x, n in zip(places, lengths, strict=True))
        return entries.rows[i - 1][j[0] - 1 if j else 0]

    def visit_List(self, node: ast.List) -> Value:
        """[[a, b], [c, d]], a matrix by its rows; [a, b] is a column."""
        rows = [x.elts if isinstance(x, ast.List) else [x] for x in node.elts]
        if not rows or len(set(map(len, rows))) != 1 or not rows[0]:
            raise RefusedError("a matrix is written [[a, b], [c, d]], its rows of one length")
        values = [[self.visit(x) for x in row] for row in rows]
        if not all(is_number(x) for row in values for x in row):
            raise RefusedError("the entries of a matrix are numbers")
        return m.matrix(values)

    def visit_Tuple(self, node: ast.Tuple) -> Value:
        """Two values where one is asked."""
        if not node.elts:
            raise RefusedError("nothing stands in these brackets")
        raise RefusedError("a comma stands here: decimals are written with a point, 0.5")


def product(word: str, symbols: Collection[str]) -> bool:
    """Whether a word is symbols side by side, as in nw."""
    return re.fullmatch(f"({'|'.join(map(re.escape, symbols))})+", word) is not None


def name(node: ast.expr) -> str:
    """The name that a node is, "" of anything else."""
    return node.id if isinstance(node, ast.Name) else ""
