"""Columns of text as numbers, where R's read.csv() reads numbers: its type.convert().

Python's float() reads more (`1_1`, digits of other scripts), and would make one group of two.  Here
whole numbers keep all their digits, R makes doubles of them; what no double holds (`1e400`, which R
calls Inf) and what R alone takes for a number (`1e`, `1i`) stays text.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

import pandas as pd

from .tables import whole

BLANKS = " \t\n\r\f\v"  # C's isspace(), not Unicode's
WHOLE = re.compile(r"[+-]?[0-9]{1,300}")
DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
HEXADECIMAL = re.compile(r"[+-]?0[xX][0-9a-fA-F]{1,200}")
INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
MISSING = re.compile(r"[+-][nN][aA][nN]|n[aA][nN]|Na[nN]")  # of NAN R reads NA, and N is left
LONG = 2**53  # doubles tell whole numbers apart up to here

Number = int | float | Decimal


def convert(column: pd.Series) -> pd.Series:
    """A column of texts: as numbers where all are, None where missing; any other stays as it is."""
    codes, texts = pd.factorize(column)
    numbers = [as_number(text) for text in texts]
    found = [number for number in numbers if number is not None]
    if len(found) < len(numbers):
        return column
    if found and all(isinstance(number, int) for number in found):
        values = pd.Series(whole([*found, None]))
    elif held_by_doubles(found):
        values = pd.Series([*map(float, found), math.nan])
    else:
        values = pd.Series([*found, None], dtype=object)
    return values.iloc[codes].set_axis(column.index)


def held_by_doubles(numbers: list[Number]) -> bool:
    """Whether the nearest doubles are different numbers, and whole numbers are exact."""
    is_long = any(isinstance(number, int) and abs(number) > LONG for number in numbers)
    return not is_long and len(set(map(float, numbers))) == len(set(numbers))


def as_number(text: str) -> Number | None:
    """A text as R's read.csv() reads it, with all its digits; None where it is no number."""
    text = text.strip(BLANKS)
    if WHOLE.fullmatch(text):
        return int(text)
    if HEXADECIMAL.fullmatch(text):
        return int(text, 16)
    if DECIMAL.fullmatch(text):
        return as_decimal(text)
    if INFINITE.fullmatch(text):
        return float(text)
    return math.nan if MISSING.fullmatch(text) else None


def as_decimal(text: str) -> Decimal | None:
    """A decimal; None where it is beyond the range of doubles."""
    double = float(text)
    is_lost = double == 0 and re.search("[1-9]", re.split("[eE]", text)[0])
    return None if math.isinf(double) or is_lost else Decimal(text)
