"""A function of plain arrays from a property or a function of refmixed, by `ast`.

    @cached_property
    def V0(self): return np.diag(1.0 / self.design.weights) + self.design.Z @ self.T @ ...

becomes `def V0(weights, Z, T)`.  What a name in the body stands for is found on the model, so that
reference inputs come with it, and the answer is the package's own.  `module:function#L` is what one
statement of a function assigns to L.
"""

from __future__ import annotations

import ast
import inspect
import io
import tokenize
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from textwrap import dedent
from types import ModuleType
from typing import Any

from .flat import Flat


@dataclass(frozen=True)
class Cut:
    """A function cut out: of what it was made, and what its parameters stand for."""

    name: str
    module: ModuleType
    node: ast.FunctionDef  # its body with parameters in place of attributes
    source: str  # of the original, dedented
    values: Mapping[str, str]  # parameter -> the expression that it stands for
    defaults: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parameters(self) -> list[str]:
        """The names of its arguments, in order."""
        return list(self.values)

    @property
    def docstring(self) -> str:
        """That of the original."""
        return ast.get_docstring(self.node) or ""

    def arguments(self, roots: Mapping[str, Any]) -> dict[str, Any]:
        """What the parameters are worth where the names of the original are `roots`."""
        names = vars(self.module) | dict(roots)
        return {name: eval(text, names) for name, text in self.values.items()}  # our own source

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The answer: the body of the original, as a function of the parameters."""
        tree = ast.Module([self.node], [])
        names: dict[str, Any] = {}
        exec(compile(tree, f"<{self.name}>", "exec"), vars(self.module).copy(), names)
        found: Callable[..., Any] = names[self.node.name]
        return found

    @property
    def body(self) -> list[ast.stmt]:
        """Its statements but for the docstring."""
        return self.node.body[bool(self.docstring) :]

    @property
    def hints(self) -> list[str]:
        """The comments at the ends of its lines, with the name that each line defines."""
        comments = {token.start[0]: token.string for token in tokens(self.source)}
        found = []
        for statement in ast.walk(ast.parse(self.source)):
            if isinstance(statement, ast.Assign) and statement.end_lineno in comments:
                target = ast.unparse(statement.targets[0])
                found.append((statement.lineno, f"{target}: {comments[statement.end_lineno][2:]}"))
        return [text for _, text in sorted(found)]


def tokens(source: str) -> list[tokenize.TokenInfo]:
    """The comments of a source."""
    every = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token for token in every if token.type == tokenize.COMMENT]


@cache
def cut(
    of: str,
    renamed: tuple[tuple[str, str], ...] = (),
    fixed: tuple[tuple[str, Any], ...] = (),
) -> Cut:
    """The function that `module:Class.property`, `module:function` or one with `#name` becomes.

    renamed: names that parameters have instead.  fixed: values of arguments that are none.
    """
    path, _, place = of.partition(":")
    place, _, assigned = place.partition("#")
    module = import_module(path)
    source = dedent(inspect.getsource(original(module, place)))
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)
    given = {a.arg for a in node.args.args + node.args.kwonlyargs}
    if assigned:
        node, source, given = statement(node, source, assigned)
    flat = Flat(given, dict(renamed), dict(fixed))
    node.body = [kept for old in node.body if not is_idle(kept := flat.visit(old))]
    node.decorator_list, node.returns = [], None
    node.args = arguments_of(list(flat.values))
    ast.fix_missing_locations(node)
    return Cut(node.name, module, node, source, flat.values)


def statement(
    node: ast.FunctionDef, source: str, name: str
) -> tuple[ast.FunctionDef, str, set[str]]:
    """Of a function the statement that assigns to a name, as a function; its lines; its locals."""
    of = next(
        s for s in node.body if isinstance(s, ast.Assign) and ast.unparse(s.targets[0]) == name
    )
    local = {
        n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    local |= {a.arg for a in node.args.args}
    lines = "\n".join(source.splitlines()[of.lineno - 1 : of.end_lineno])
    comment = " ".join(token.string.lstrip("# ") for token in tokens(dedent(lines)))
    body: list[ast.stmt] = [ast.Expr(ast.Constant(comment)), ast.Return(of.value)]
    alone = ast.FunctionDef(name, node.args, body, [], None)
    return alone, dedent(lines), local


def is_idle(node: ast.AST) -> bool:
    """Whether a statement has become `dof = dof`."""
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == ast.unparse(node.value)


def original(module: ModuleType, name: str) -> Any:
    """The function of a name; that of a property."""
    found: Any = module
    for part in name.split("."):
        found = inspect.getattr_static(found, part)
    return getattr(found, "fget", None) or getattr(found, "func", None) or found


def arguments_of(names: list[str]) -> ast.arguments:
    """A signature."""
    return ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, [])
