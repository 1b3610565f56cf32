"""A text as its program wrote it, from one that was pasted: out of a thread, a notebook, a page."""

from __future__ import annotations

import re
from collections.abc import Sequence

PREFIXES = ("#>", "##", ">")  # of every line: knitr's and reprex's comments, a quotation
CODE = 4  # blanks before each line of code in Markdown
COLOUR = re.compile(r"\x1b\[[0-9;]*m")  # a terminal's
COMMA, POINT = re.compile(r"(?<=\d),(?=\d)"), re.compile(r"\d\.\d")
OTHER = {"\u00a0": " ", "\u2212": "-", "\u2013": "-", "\ufeff": ""}  # no-break space, minus, dash


def plain(text: str) -> str:
    """Without fences, colours, prefixes and indentation; usual blanks, signs and points."""
    text = pointed(COLOUR.sub("", text))
    for other, usual in OTHER.items():
        text = text.replace(other, usual)
    lines = [line.rstrip() for line in text.splitlines() if not line.lstrip().startswith("```")]
    return "\n".join(unprefixed(unindented(lines)))


def pointed(text: str) -> str:
    """With decimal points for commas, as R writes by options(OutDec = ","); JSON as it is."""
    is_comma = len(COMMA.findall(text)) > len(POINT.findall(text))
    return COMMA.sub(".", text) if is_comma and text.lstrip()[:1] not in ("{", "[") else text


def unindented(lines: Sequence[str]) -> list[str]:
    """Without the indentation of code."""
    least = min((len(line) - len(line.lstrip(" ")) for line in lines if line), default=0)
    return [line[least // CODE * CODE :] for line in lines]


def unprefixed(lines: Sequence[str]) -> list[str]:
    """Without what all lines that are not blank begin with."""
    for prefix in PREFIXES:
        if any(lines) and all(line.startswith(prefix) for line in lines if line):
            return [re.sub(rf"^{re.escape(prefix)} ?", "", line) for line in lines]
    return list(lines)
