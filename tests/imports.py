"""Who imports whom: read from the text of the modules, imports within functions included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path


class Package:
    """The modules below a folder, by what comes after its name: `r.frame`, `r.__init__`."""

    def __init__(self, folder: Path) -> None:
        self.modules = {
            ".".join(path.relative_to(folder).with_suffix("").parts): path
            for path in sorted(folder.rglob("*.py"))
        }
        texts = {name: path.read_text("utf-8") for name, path in self.modules.items()}
        self.trees = {name: ast.parse(text) for name, text in texts.items()}
        self.lines = {name: text.count("\n") for name, text in texts.items()}
        self.imports = {
            name: {module for _, module in self.imported(name, tree)}
            for name, tree in self.trees.items()
        }

    def imported(self, name: str, tree: ast.AST) -> Iterator[tuple[str, str]]:
        """(name here, module) of each module of the package that a module imports relatively."""
        package = name.split(".")[:-1]
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.level:
                above = package[: len(package) + 1 - node.level]
                base = ".".join([*above, *filter(None, [node.module])])
                for alias in node.names:
                    inner = f"{base}.{alias.name}".strip(".")
                    found = [m for m in (inner, f"{inner}.__init__") if m in self.modules]
                    if found:
                        yield alias.asname or alias.name, found[0]
                    else:
                        whole = f"{base}.__init__".strip(".")
                        yield "", base if base in self.modules else whole


def cycle(imports: dict[str, set[str]]) -> list[str]:
    """A cycle among imports, or nothing."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []
