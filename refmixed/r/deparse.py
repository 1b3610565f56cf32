"""A tree -> the text that R would print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import category

from .format import format_numbers
from .parse import CONSTANTS, Node
from .text import escaped

RESERVED = {"if", "else", "repeat", "while", "function", "for", "in", "next", "break"}
RESERVED |= CONSTANTS  # R's words
TIGHT = {"^", ":", "/", "%%", "%/%"}  # written without blanks, and never broken after
LINE = 60  # R breaks a line after an operator once it has more bytes than this


def deparse(node: Node) -> str:
    """R's name of an expression: its text in one line, without the L of an integer."""
    return "".join(re.sub(r"^(\d+)L$", r"\1", text) for text, _ in pieces(node, 0))


def deparse_lines(node: Node) -> tuple[str, ...]:
    """R's deparse(): a line ends after the operator that made it too long."""
    lines: list[str] = []
    line = ""
    broken: set[int] = set()  # depths of the open operators and calls that hold a break
    for text, depth in pieces(node, 0):
        broken = {d for d in broken if d <= depth}
        if text == "" and len(line.encode()) > LINE:
            lines.append(line)
            broken.add(depth)
            line = "    " * len(broken)
        line += text
    return (*lines, line)


def pieces(node: Node, depth: int) -> Iterator[tuple[str, int]]:
    """The text of a tree piece by piece; an empty piece is a place where R may break the line."""
    if node.kind == "brackets":
        yield "(", depth
        yield from pieces(node.args[0], depth + 1)
        yield ")", depth
    elif node.kind in ("call", "keyword"):
        yield from call_pieces(node, depth)
    elif node.kind == "operator" and len(node.args) == 1:
        yield node.text, depth
        yield from pieces(node.args[0], depth + 1)
    elif node.kind == "operator":
        yield from pieces(node.args[0], depth + 1)
        yield (node.text if node.text in TIGHT else f" {node.text} "), depth
        if node.text not in TIGHT:
            yield "", depth
        yield from pieces(node.args[1], depth + 1)
    else:
        yield leaf(node), depth


def call_pieces(node: Node, depth: int) -> Iterator[tuple[str, int]]:
    """The pieces of f(a, b = c), or of the argument b = c."""
    if node.kind == "keyword":
        yield f"{node.text} = ", depth
        yield from pieces(node.args[0], depth + 1)
        return
    yield f"{node.text}(", depth
    for k, arg in enumerate(node.args):
        if k:
            yield ", ", depth
            yield "", depth
        yield from pieces(arg, depth + 1)
    yield ")", depth


def leaf(node: Node) -> str:
    """A name, number or string as R writes it."""
    if node.kind == "number":
        digits, integer = node.text.rstrip("L"), node.text.endswith("L")
        return f"{float(digits):.0f}L" if integer else format_numbers(float(digits), 15)[0]
    if node.kind == "string":
        inner = node.text[1:-1].replace("\\'", "'")
        return '"' + re.sub(r'(?<!\\)"', r'\\"', inner) + '"'
    if node.kind == "constant":
        return node.text
    plain = re.fullmatch(r"(?:[^\W\d_]|\.(?!\d))[\w.]*", node.text)
    odd = any(category(character) == "No" for character in node.text)  # "²" is \w, not R's alnum
    if plain and not odd and node.text not in RESERVED:
        return node.text
    inner = escaped(node.text).replace("`", r"\`")
    return f"`{inner}`"
