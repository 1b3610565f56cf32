"""Tables, named vectors and abbreviations as R prints them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from ..linalg import Array
from .format import format_numbers, round_half

WIDTH = 80  # options("width")


def named_vector(names: Sequence[str], cells: Sequence[str]) -> list[str]:
    """`print` of a named vector: names over cells, aligned right, as many as a line holds."""
    width = max(map(len, [*names, *cells]))
    count = max(1, WIDTH // (width + 1))
    return [
        "".join(f"{cell.rjust(width)} " for cell in row[start : start + count])
        for start in range(0, len(names), count)
        for row in (names, cells)
    ]


def character_matrix(
    row_names: Sequence[str],
    col_names: Sequence[str],
    cells: Sequence[Sequence[str]],
    right: bool = False,
) -> list[str]:
    """`print(cells, quote = FALSE, right =)` of a character matrix, cells (rows, columns).

    Row names are aligned left, columns and their names as `right` says; columns for which the
    line has no room follow below, under row names of their own.
    """
    align = str.rjust if right else str.ljust
    labels = max(map(len, row_names))
    table = list(zip(["", *row_names], [col_names, *cells], strict=True))
    widths = [max(map(len, column)) for column in zip(col_names, *cells, strict=True)]
    return [
        label.ljust(labels) + "".join(f" {align(row[j], widths[j])}" for j in block)
        for block in _blocks(widths, WIDTH - labels)
        for label, row in table
    ]


def _blocks(widths: Sequence[int], room: int) -> Iterator[range]:
    """Split columns into runs that fit side by side, each column with a blank before it."""
    start = used = 0
    for j, width in enumerate(widths):
        if j > start and used + width + 1 >= room:
            yield range(start, j)
            start, used = j, 0
        used += width + 1
    yield range(start, len(widths))


def coefficient_table(names: Sequence[str], values: Array, digits: int = 4) -> list[str]:
    """`printCoefmat(values, digits)` for estimates, standard errors and t values, (p, 3).

    The first two columns share their decimals: the smallest number shows `digits` digits.
    """
    estimates, t = values[:, :2], values[:, 2]
    magnitudes = [abs(x) for x in estimates.flat if x != 0 and math.isfinite(x)]
    leading = math.floor(math.log10(min(magnitudes, default=1.0)))  # 10^leading, of the smallest
    left = format_numbers(round_half(estimates, max(1, digits - 1 - leading)), digits)
    right = format_numbers(round_half(t, digits - 1), digits)
    cells = list(zip(left[0::2], left[1::2], right, strict=True))
    return character_matrix(names, ("Estimate", "Std. Error", "t value"), cells, right=True)


def fill(words: Sequence[str]) -> list[str]:
    """`cat(words, fill = TRUE)`: a new line before a word that does not fit."""
    lines = [words[0]]
    for word in words[1:]:
        lines[-1] += " "  # R puts the blank first, and so leaves it at the end of a full line
        if len(lines[-1]) + len(word) + 1 <= WIDTH:
            lines[-1] += word
        else:
            lines.append(word)
    return lines


def abbreviate(names: Sequence[str], minlength: int) -> list[str]:
    """`abbreviate(names, minlength)`: shorter names, as different from each other as before."""
    short = {name.strip(" "): "" for name in names}
    again = list(short)
    while again:
        short.update({name: _shorten(name, minlength) for name in again})
        count = Counter(short.values())
        again = [name for name, text in short.items() if count[text] > 1]
        minlength += 1
    return [short[name.strip(" ")] for name in names]


# What is dropped first, second and last.
DROPPABLE: tuple[Callable[[str], bool], ...] = (
    lambda letter: letter in "aeiou",
    str.islower,
    lambda letter: not letter.isspace(),
)


def _shorten(name: str, minlength: int) -> str:
    """Drop characters until `minlength` are left, then the blanks (C's stripchars)."""
    for droppable in DROPPABLE:
        for only_at_end in (True, False):
            name = _drop(name, droppable, only_at_end, minlength)
    return "".join(name.split()) if len(name) > minlength else name


def _drop(name: str, droppable: Callable[[str], bool], only_at_end: bool, minlength: int) -> str:
    """One pass from right to left; the first character of a word stays."""
    for i in range(len(name) - 1, 0, -1):
        if len("".join(name.split())) <= minlength:
            break
        starts, ends = name[i - 1].isspace(), not name[i + 1 : i + 2].strip()
        if droppable(name[i]) and not starts and (ends or not only_at_end):
            name = name[:i] + name[i + 1 :]
    return name
