"""Texts of others, made fit to print: one line, no control characters, not too long."""

from __future__ import annotations

import math

WIDTH = 300


def plain(text: str, width: int = WIDTH) -> str:
    """A text in one line."""
    cut = text[: 10 * width]  # it may have millions of characters
    words = "".join(c if c.isprintable() else " " for c in cut).split()
    line = " ".join(words)
    return line if len(line) <= width else f"{line[: width - 3]}..."


def down(digits: float) -> str:
    """Digits of agreement to one decimal, never rounded up to what is required."""
    return f"{math.floor(10 * digits) / 10:.1f}"


def gap(more: float, fewer: float) -> str:
    """The difference of two numbers of digits, as they are shown."""
    return f"{float(down(more)) - float(down(fewer)):.1f}"


def count(number: int, noun: str) -> str:
    """A number of things: "1 case", "2 cases"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
