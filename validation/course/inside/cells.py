"""A submission in pieces that can run one by one, so that one that fails loses no other.

A piece is a statement of the top level, of a file or of a cell of a notebook. Of a notebook only
the sources of its code cells are looked at, whatever its kernel, its cells' ids and metadata are.
"""

from __future__ import annotations
import __future__

import ast
import json
import re
from dataclasses import dataclass
from types import CodeType
from typing import Any

FILE = "submission.py"  # whatever it is called
BEGINS = re.compile(r"^(?=@|(?:def|class|async|import|from|if|for|while|with|try)\b|\w+\s*=)", re.M)
MAGIC = re.compile(r"^(\s*)(?:[%!?].*|[\w., ]+=\s*[%!].*|.*\w\?{1,2})$")
WHOLE_CELLS = re.compile(r"\s*%%(?!time\b|timeit\b|capture\b|prun\b)\w+")  # in another language


class UnreadableError(Exception):
    """No submission; the text says why."""


@dataclass(frozen=True)
class Piece:
    """A statement that is ready to run, and where it stands: "line 3", "cell 2, line 1"."""

    place: str
    code: CodeType


def pieces(text: str, notebook: bool) -> tuple[list[Piece], list[str]]:
    """The pieces of a submission, and what was passed over.  Raises UnreadableError."""
    found: list[Piece] = []
    notices: list[str] = []
    flags = 0  # of `from __future__ import`, which hold from there on
    for name, source in cells(text) if notebook else [("", text)]:
        for statement, first in statements(source, name, notices):
            flags |= future(statement)
            line = first + statement.lineno - 1
            ast.increment_lineno(statement, first - 1)
            module = ast.Module([statement], type_ignores=[])
            try:
                code = compile(module, name or FILE, "exec", flags, dont_inherit=True)
            except (
                SyntaxError,
                ValueError,
                RecursionError,
            ) as error:  # a bare `return`
                notices.append(f"{where(name, line)}: {type(error).__name__}: {error}")
            else:
                found.append(Piece(where(name, line), code))
    return found, notices


def where(name: str, line: int) -> str:
    """A place in words."""
    return f"{name}, line {line}" if name else f"line {line}"


def cells(text: str) -> list[tuple[str, str]]:
    """The code cells of a notebook, with their names.  Raises UnreadableError."""
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("the notebook is not JSON: save it again and send it anew") from error
    found = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(found, list):
        raise UnreadableError("the notebook has no cells: save it again and send it anew")
    codes = [c for c in found if isinstance(c, dict) and c.get("cell_type", "code") == "code"]
    return [(f"cell {n}", source(cell)) for n, cell in enumerate(codes, 1)]


def source(cell: dict[str, Any]) -> str:
    """The text of a cell: a string, or lines."""
    lines = cell.get("source", cell.get("input", ""))
    return "".join(map(str, lines)) if isinstance(lines, list) else str(lines)


def statements(text: str, name: str, notices: list[str]) -> list[tuple[ast.stmt, int]]:
    """The statements of a text, each with the line of the text that it is counted from."""
    try:
        return [(statement, 1) for statement in ast.parse(text).body]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        text = without_magic(text, name, notices)
    try:
        return [(statement, 1) for statement in ast.parse(text).body]
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        message = getattr(error, "msg", error)
        notices.append(f"{where(name, line)}: {type(error).__name__}: {message}")
    return [pair for part, first in parts(text) for pair in readable(part, first)]


def readable(text: str, first: int) -> list[tuple[ast.stmt, int]]:
    """The statements of a part, or none where it is broken."""
    try:
        return [(statement, first) for statement in ast.parse(text).body]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def parts(text: str) -> list[tuple[str, int]]:
    """A text cut where a line begins a statement, each part with the number of its first line."""
    found: list[tuple[str, int]] = []
    first = 1
    for part in BEGINS.split(text):
        if found and found[-1][0].rstrip().rpartition("\n")[2].startswith("@"):  # its decorators
            before, begun = found.pop()
            found.append((before + part, begun))
        else:
            found.append((part, first))
        first += part.count("\n")
    return found


def without_magic(text: str, name: str, notices: list[str]) -> str:
    """A text without the lines that only IPython understands."""
    if WHOLE_CELLS.match(text):
        notices.append(f"{name or 'the file'}: passed over, for it is not Python")
        return ""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if match := MAGIC.match(line):
            lines[number] = f"{match[1]}pass"
            notices.append(f"{where(name, number + 1)}: passed over, {line.strip()} is IPython")
    return "\n".join(lines)


def future(statement: ast.stmt) -> int:
    """The compiler's flags that a `from __future__ import` sets."""
    if not isinstance(statement, ast.ImportFrom) or statement.module != "__future__":
        return 0
    features = [getattr(__future__, alias.name, None) for alias in statement.names]
    return sum(feature.compiler_flag for feature in features if feature is not None)
