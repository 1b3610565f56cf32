"""The rooms of the suite: what imports what, how long a module is, what a name hides."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest
from imports import Package, cycle

from validation.suite import cases

SUITE = Package(Path(cases.__file__).parents[1])
MODULES, TREES, IMPORTS = SUITE.modules, SUITE.trees, SUITE.imports
ROOMS = (  # a room may import those before it
    "adapters", "suite", "models", "made", "mistakes", "invariance", "proof",
    "certificate", "explain", "ask", "tell", "course", "top", "bench",
)  # fmt: skip
LONGEST = 200  # lines of a module


def test_no_import_goes_round_in_a_circle() -> None:
    assert sum(map(len, IMPORTS.values())) > 200
    assert set().union(*IMPORTS.values()) <= set(MODULES)
    assert cycle(IMPORTS) == []


def test_a_circle_is_found() -> None:
    requests = IMPORTS["suite.requests"] | {"invariance.requests"}
    assert "suite.requests" in cycle({**IMPORTS, "suite.requests": requests})


def room(module: str) -> str:
    """The room that a module is in."""
    return module.split(".")[0] if "." in module else "top"


def test_rooms_import_those_above_them_alone() -> None:
    pairs = {(room(name), room(module)) for name in MODULES for module in IMPORTS[name]}
    assert {room(name) for name in MODULES} - {"examples"} == set(ROOMS)
    assert {(a, b) for a, b in pairs if ROOMS.index(a) < ROOMS.index(b)} == set()


def test_modules_are_short_and_the_top_has_few() -> None:
    assert {name: n for name, n in SUITE.lines.items() if n > LONGEST} == {}
    assert len([name for name in MODULES if "." not in name]) <= 8


def test_json_is_defined_once() -> None:
    def defines(tree: ast.Module) -> bool:
        targets = [t for node in tree.body if isinstance(node, ast.Assign) for t in node.targets]
        return any(isinstance(t, ast.Name) and t.id == "Json" for t in targets)

    assert [name for name, tree in TREES.items() if defines(tree)] == ["adapters.messages"]


# --- names ----------------------------------------------------------------------------------------

SHADOWED = """
from . import terms
def factor(request):
    terms = request["terms"]
    return terms.split(terms)
"""


def modules(name: str, tree: ast.AST) -> set[str]:
    """The names of modules that a module imports, whatever they are modules of."""
    plain = (node for node in ast.walk(tree) if isinstance(node, ast.Import))
    others = {a.asname or a.name.partition(".")[0] for node in plain for a in node.names}
    return others | {here for here, _ in SUITE.imported(name, tree)}


def shadowed(name: str, tree: ast.AST) -> list[str]:
    """Names of a function's own that hide a module which its file imports."""
    hidden = modules(name, tree)
    own = []
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.Lambda):
            own += [n.arg for n in ast.walk(function.args) if isinstance(n, ast.arg)]
            names = [n for n in ast.walk(function) if isinstance(n, ast.Name)]
            own += [n.id for n in names if isinstance(n.ctx, ast.Store)]
    return sorted(hidden & set(own))


@pytest.mark.parametrize("name", sorted(MODULES))
def test_no_name_in_a_function_hides_a_module(name: str) -> None:
    """`terms = request["terms"]`, and then `terms.order(...)` of the module `terms`, fails."""
    assert shadowed(name, TREES[name]) == []


def test_a_hidden_module_is_found() -> None:
    assert shadowed("adapters.mine", ast.parse(SHADOWED)) == ["terms"]
    assert shadowed("adapters.mine", ast.parse(inspect.getsource(cases))) == []
