"""Numbers and tables as R prints them; each function follows the R (4.2) function that it names."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from ..linalg import Array
from .text import display_width, escaped, pad

WIDTH = 80  # options("width")


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
    labels = [escaped(name) for name in ["", *row_names]]
    table = [[escaped(cell) for cell in row] for row in [col_names, *cells]]
    widths = [max(map(display_width, column)) for column in zip(*table, strict=True)]
    left = max(map(display_width, labels))
    return [
        pad(label, left) + "".join(f" {pad(row[j], widths[j], right)}" for j in block)
        for block in _blocks(widths, WIDTH - left)
        for label, row in zip(labels, table, strict=True)
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


# R's powers of ten for scaling: the nearest doubles (exact up to 10^22), held as long doubles.
POWERS = [np.longdouble(float(f"1e{k}")) for k in range(28)]


def format_numbers(x: npt.ArrayLike, digits: int = 7, nsmall: int = 0) -> list[str]:
    """`format(x, digits =, nsmall =)`: the numbers as cells of one width, aligned right.

    All share the fewest decimals with which each shows `digits` (at most 15) significant digits,
    trailing zeros aside, but at least `nsmall`.  Scientific notation only where it is narrower.
    """
    values = [float(value) + 0.0 for value in np.ravel(x)]  # -0.0 + 0.0 is 0.0: R hides the sign
    width, decimals, notation = _layout(values, digits, nsmall)
    cells = [_cell(value, f".{decimals}{notation}") for value in values]
    width = max([width, *map(len, cells)])
    return [cell.rjust(width) for cell in cells]


def _cell(value: float, spec: str) -> str:
    """One number, not padded."""
    if math.isfinite(value):
        return format(value, spec)
    return str(value).replace("nan", "NaN").replace("inf", "Inf")


def _layout(values: list[float], digits: int, nsmall: int) -> tuple[int, int, str]:
    """(width, decimals, "f" or "e") common to the finite ones of the values: C's formatReal."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return 0, 0, "f"
    needs = [_digits(abs(value), digits) for value in finite]
    whole = max(max(left, 1) + (x < 0) for x, (left, _) in zip(finite, needs, strict=True))
    decimals = max(0, *(significant - left for left, significant in needs))
    mantissa = max(significant for _, significant in needs) - 1  # decimals before the exponent
    exponent = "e+100" if any(left > 100 or left <= -99 for left, _ in needs) else "e+10"
    scientific = (min(finite) < 0) + 1 + _point(mantissa) + len(exponent)
    if whole + _point(decimals) > scientific:
        return scientific, mantissa, "e"
    decimals = max(decimals, nsmall)
    return whole + _point(decimals), decimals, "f"


def _point(decimals: int) -> int:
    """The width of that many decimals and of the point before them."""
    return decimals + (decimals > 0)


def _digits(x: float, digits: int) -> tuple[int, int]:
    """(left, significant): the digits that x >= 0 takes left of the point, and altogether.

    C's scientific: at most `digits` are significant, trailing zeros are not, and left is 0 for
    0.1, -1 for 0.01.  R rounds in long double, which differs from decimal rounding at some ties.
    """
    if x == 0:
        return 1, 1
    power = math.floor(math.log10(x)) - digits + 1
    scaled = _scaled(np.longdouble(x), power)
    if scaled < POWERS[digits - 1]:  # the logarithm was rounded up to the next integer
        scaled, power = scaled * POWERS[1], power - 1
    shown = str(int(np.rint(scaled)))  # `digits` digits, or one more if all were rounded up
    exponent = power + len(shown) - 1
    return exponent + 1 - _widened(x, exponent, digits), len(shown.rstrip("0"))


def _scaled(x: np.longdouble, power: int) -> np.longdouble:
    """x / 10^power, with the roundings that R makes."""
    if abs(power) >= len(POWERS):
        return x / np.longdouble(10) ** power
    return x / POWERS[power] if power > 0 else x * POWERS[-power]


def _widened(x: float, exponent: int, digits: int) -> bool:
    """Whether only rounding to `digits` reaches 10^exponent: 9996 is 1e+04 to 3, but is 9996."""
    if not 0 < exponent < len(POWERS):
        return False
    half_a_unit = 0.5 / 10.0 ** max(0, digits - exponent)  # of the last digit shown
    return bool(x < POWERS[exponent] - half_a_unit)


@np.errstate(invalid="ignore", over="ignore")  # infinities may meet, and stay what they are
def round_half(x: npt.ArrayLike, digits: int) -> Array:
    """`round(x, digits)`: the nearer of the two decimals around x, 0 <= digits <= 308.

    Both are compared as the doubles that they are; at a tie the one with an even last digit wins.
    """
    magnitude = np.abs(np.asarray(x, dtype=np.float64))
    ten = _power_of_ten(digits)
    below, above = np.floor(magnitude * ten), np.ceil(magnitude * ten)
    down, up = magnitude - below / ten, above / ten - magnitude
    nearest = np.where((up < down) | ((up == down) & (below % 2 == 1)), above, below) / ten
    log10 = math.log10(2) * (np.frexp(magnitude)[1] - 0.5)  # roughly
    exact = (log10 + digits > np.finfo(np.float64).precision) & (digits > 0)  # nothing to round
    return np.copysign(np.where(exact, magnitude, nearest), x)


def _power_of_ten(n: int) -> float:
    """10^n by repeated squaring, as R: not always the nearest double where n > 22."""
    power, square = 1.0, 10.0
    while n:
        power *= square if n % 2 else 1.0
        square *= square
        n //= 2
    return power


def zapsmall(x: Array, digits: int) -> Array:
    """`zapsmall(x, digits)`: round to the decimals that give the largest `digits` digits."""
    largest = float(np.max(np.abs(x)))
    log10 = math.log10(largest) if largest > 0 else 0.0
    return round_half(x, math.floor(max(0.0, digits - log10) + 0.5))


def quantile(x: Array, probs: Sequence[float] = (0, 0.25, 0.5, 0.75, 1)) -> Array:
    """`quantile(x, probs, na.rm = TRUE)`: linear between order statistics (type 7)."""
    ordered = np.sort(x[~np.isnan(x)])
    at = (len(ordered) - 1) * np.asarray(probs, dtype=np.float64)
    low, high = ordered[np.floor(at).astype(int)], ordered[np.ceil(at).astype(int)]
    h = at - np.floor(at)
    between: Array = (1 - h) * low + h * high
    return np.where(low == high, low, between)


def lower_triangle(corr: Array, decimals: int, columns: int) -> list[list[str]]:
    """The cells below the diagonal of corr (k, k); all others are empty, (k, columns)."""
    k = len(corr)
    cells = format_numbers(round_half(corr, decimals), nsmall=decimals)
    return [[cells[i * k + j] if j < i else "" for j in range(columns)] for i in range(k)]


def named_vector(names: Sequence[str], cells: Sequence[str]) -> list[str]:
    """`print` of a named vector: names over cells, aligned right, as many as a line holds."""
    width = max(map(len, [*names, *cells]))
    count = max(1, WIDTH // (width + 1))
    return [
        "".join(f"{cell.rjust(width)} " for cell in row[start : start + count])
        for start in range(0, len(names), count)
        for row in (names, cells)
    ]


def fill(words: Sequence[str]) -> list[str]:
    """`cat(words, fill = TRUE)`: a new line before a word that does not fit, bytes counted."""
    lines = [words[0]]
    for word in words[1:]:
        lines[-1] += " "  # R puts the blank first, and so leaves it at the end of a full line
        if len((lines[-1] + word).encode()) + 1 <= WIDTH:
            lines[-1] += word
        else:
            lines.append(word)
    return lines
