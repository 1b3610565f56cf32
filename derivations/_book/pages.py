"""The pages of the book as text: which there are, and the equations that they display."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1]
TAG = r"eq:[A-Za-z0-9-]+"
DISPLAY = re.compile(rf"\$\$(?P<tex>.+?)\$\$(?:[ ]*\((?P<tag>{TAG})\))?", re.DOTALL)
OTHER_DISPLAY = re.compile(  # cannot have a tag
    r"^(?:\\begin\{(\w+)\*?\}.*?\\end|([`:]{3,})\{math\}.*?^\2)", re.DOTALL | re.MULTILINE
)
SCRIPT = re.compile(r"[_^]\{[^{}]*\}")


@dataclass(frozen=True)
class Equation:
    """A displayed formula: the tag is empty where it has none."""

    tag: str
    tex: str
    page: str
    line: int

    @property
    def states_an_identity(self) -> bool:
        """Whether it has an equals sign, other than those of a sum's limits."""
        return "=" in SCRIPT.sub("", self.tex)


def names() -> list[str]:
    """The pages with equations, in reading order."""
    numbered = [path for kind in "dgc" for path in sorted(FOLDER.glob(f"{kind}[0-9]*_*.py"))]
    return [path.stem for path in [*numbered, *FOLDER.glob("errata.py")]]


def title(page: str) -> str:
    """The heading of a page, its first line of Markdown."""
    return re.findall(r"^# # (.+)$", (FOLDER / f"{page}.py").read_text("utf-8"), re.MULTILINE)[0]


def equations(page: str, text: str | None = None) -> list[Equation]:
    """All that a page displays; text is for tests."""
    prose = markdown((FOLDER / f"{page}.py").read_text() if text is None else text)
    found = [
        Equation(match["tag"] or "", match["tex"].strip(), page, line_of(prose, match.start()))
        for match in DISPLAY.finditer(prose)
    ]
    rest = DISPLAY.sub(lambda match: re.sub(r"[^\n]", "", match[0]), prose)
    others = [
        Equation("", match[0], page, line_of(rest, match.start()))
        for match in OTHER_DISPLAY.finditer(rest)
    ]
    return found + others


def markdown(text: str) -> str:
    """The Markdown of a page with all lines in place, those of code empty."""
    lines, inside = [], False
    for line in text.splitlines():
        if line.startswith("# %%"):
            inside = "[markdown]" in line
            lines.append("")
        else:
            lines.append(line.removeprefix("#").removeprefix(" ") if inside else "")
    return "\n".join(lines)


def line_of(text: str, position: int) -> int:
    """The number of a line, from 1."""
    return text.count("\n", 0, position) + 1
