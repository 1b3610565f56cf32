"""Which code of a page is folded: imports, checks and drawing.  What they print or draw is not.

On a page that checks equations every cell is folded that prints no text.  An author decides
otherwise by a tag in the first line of the cell: `# %% tags=["show"]`, or `tags=["hide-input"]`.
"""

from __future__ import annotations

import ast
from typing import Any

DECIDED = {"show", "hide-input", "remove-cell", "remove-input"}
NAMES = {"check": "check", "drawing": "code of the drawing", "text": "code", "other": "code"}
VERBS = ("Show", "Hide")
DRAWS = {"figure", "Figure", "plot", "subplots", "surface"}
PRINTS = {"print", "display", "table"}


def fold(cells: list[Any], checks: bool) -> None:
    """Tag what is to be folded, and say on it what it is; the first cell has the imports."""
    code = [cell for cell in cells if cell.cell_type == "code"]
    for cell in code:
        tags, kind = cell.metadata.setdefault("tags", []), kind_of(cell.source)
        folded = cell is code[0] or (checks and kind != "text")
        if folded and not DECIDED & set(tags):
            tags.append("hide-input")
        if "hide-input" in tags:
            name = "imports" if cell is code[0] else NAMES[kind]
            prompts = {f"code_prompt_{verb.lower()}": f"{verb} the {name}" for verb in VERBS}
            cell.metadata["mystnb"] = cell.metadata.get("mystnb", {}) | prompts


def kind_of(source: str) -> str:
    """Whether code checks an equation, draws, prints text, or prepares for what comes."""
    called = {name for node in ast.walk(ast.parse(source)) for name in names(node)}
    if called & {"check", "link"}:
        return "check"
    if called & DRAWS:
        return "drawing"
    return "text" if called & PRINTS else "other"


def names(node: ast.AST) -> list[str]:
    """What a node calls, if it is a call."""
    if not isinstance(node, ast.Call):
        return []
    called = node.func
    return [called.id] if isinstance(called, ast.Name) else [getattr(called, "attr", "")]
