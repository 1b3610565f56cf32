"""Attributes of an object in a piece of code become names: `self.design.X` becomes `X`."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

HOLDERS = ("design",)  # attributes that are no numbers, but hold them
OBJECTS = ("self", "design", "rows", "model", "at")  # names whose attributes become parameters
RENAMED = {"y_less_offset": "y"}
ZERO = ("left_out", "log_left")  # of rows that have no weight: no task has any


class Flat(ast.NodeTransformer):
    """Puts a parameter in the place of each attribute of an object, and of each argument."""

    def __init__(
        self, given: set[str], renamed: Mapping[str, str], fixed: Mapping[str, Any]
    ) -> None:
        self.given, self.renamed, self.fixed = given, RENAMED | dict(renamed), fixed
        self.values: dict[str, str] = {}

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """design.dof(reml) -> dof."""
        if isinstance(node.func, ast.Attribute) and is_object(node.func.value):
            return self.parameter(node.func.attr, node)
        return self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """self.design.X -> X; of self.design.Z.T the part before .T."""
        if not is_object(node.value):
            return self.generic_visit(node)
        if node.attr in HOLDERS:
            return node
        return self.parameter(node.attr, node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """An argument that is used as it is stays a parameter, unless it has one value."""
        if node.id in self.fixed and isinstance(node.ctx, ast.Load):
            return ast.Constant(self.fixed[node.id])
        if node.id in self.given and isinstance(node.ctx, ast.Load):
            return self.parameter(node.id, node)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        """a if True else b -> a."""
        test = self.visit(node.test)
        if isinstance(test, ast.Constant):
            return self.visit(node.body if test.value else node.orelse)
        return self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Sums and products less their zeros."""
        self.generic_visit(node)
        if isinstance(node.op, ast.Mult) and (is_zero(node.left) or is_zero(node.right)):
            return ast.Constant(0)
        is_sum = isinstance(node.op, ast.Add | ast.Sub)
        return node.left if is_sum and is_zero(node.right) else node

    def parameter(self, name: str, node: ast.expr) -> ast.expr:
        """The parameter that stands for an expression."""
        if name in ZERO:
            return ast.Constant(0)
        name, text = self.renamed.get(name, name), ast.unparse(node)
        if self.values.setdefault(name, text) != text:
            raise ValueError(f"{name} would stand for {self.values[name]} and for {text}")
        return ast.Name(name, ast.Load())


def is_object(node: ast.expr) -> bool:
    """Whether an expression is an object that holds numbers: self, self.design, at(...)."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in OBJECTS
    if isinstance(node, ast.Attribute):
        return node.attr in HOLDERS and is_object(node.value)
    return isinstance(node, ast.Name) and node.id in OBJECTS


def is_zero(node: ast.expr) -> bool:
    """Whether an expression is the number 0."""
    return isinstance(node, ast.Constant) and node.value == 0
