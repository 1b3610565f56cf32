"""What the readers of printed tables share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..account import Key, coefficient
from ..numbers import NUMBER, Number, written

CELL = re.compile(rf"(?:<\s*)?{NUMBER}(?![\w(])|NaN|NA|\.(?=\s|$)")
STARS = re.compile(r"\s+(?:\*{1,3}|\.)?\s*$")
Pairs = Iterator[tuple[Key, Number | None]]


def section(lines: Sequence[str], start: str, stop: str = r"^\s*$|^---") -> list[str]:
    """The lines after the first that matches `start`, up to one that matches `stop`."""
    for i, line in enumerate(lines):
        if re.search(start, line):
            rest = lines[i + 1 :]
            ends = (j for j, later in enumerate(rest) if re.search(stop, later))
            return list(rest[: next(ends, len(rest))])
    return []


def cells(line: str, most: int) -> tuple[str, list[str]]:
    """A row: its label, and the numbers at its end, `most` of them at most.  Stars are dropped."""
    text = re.sub(r"<\s+(?=[\d.])", "<", STARS.sub("", line.rstrip()))
    words = text.split()
    count = 0
    while count < min(most, len(words) - 1) and is_cell(words[-1 - count]):
        count += 1
    label = text
    for _ in range(count):
        label = re.sub(r"\s*\S+$", "", label)
    return label.strip(), words[len(words) - count :]


def is_cell(word: str) -> bool:
    """Whether a word is a number, or stands for a missing one."""
    return written(word) is not None or word in ("NaN", "NA", ".", "nan")


def coefficients(rows: Sequence[str], kinds: Sequence[str]) -> Pairs:
    """The table of fixed effects: a row each, the kinds of its columns, "" for one not read."""
    for row in rows:
        label, numbers = cells(row, len(kinds))
        if len(numbers) != len(kinds):
            continue
        for kind, text in zip(kinds, numbers, strict=True):
            if kind:
                yield (kind, coefficient(label)), written(text)


def named_columns(names: str, numbers: str) -> Iterator[tuple[str, str]]:
    """Names over numbers, both right-aligned: R's way of printing a named vector."""
    start = 0
    for cell in re.finditer(r"\S+", numbers):
        yield names[start : cell.end()].strip(), cell.group()
        start = cell.end()


def named_vector(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """A named vector of R, which may go on over several pairs of lines."""
    kept = [line for line in lines if line.strip()]
    for names, numbers in zip(kept[::2], kept[1::2], strict=False):
        if all(written(cell) for cell in numbers.split()):
            yield from named_columns(names, numbers)


def root(number: Number | None) -> Number | None:
    """The standard deviation of a variance."""
    if number is None or number.high < 0:
        return None
    shown = f"sqrt({number})"
    return Number(max(number.low, 0.0) ** 0.5, number.high**0.5, shown)


def correlation(cov: Number, a: Number, b: Number) -> Number | None:
    """The correlation of a covariance and two standard deviations."""
    quotient = cov / (a * b)
    return Number(quotient.low, quotient.high, f"cov {cov}") if quotient.half < 1 else None
