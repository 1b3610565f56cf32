"""What the grader asks: the values of one text at several points, as texts again.

    >>> answers("sigma^2 (N-1)/N", {"sigma": "sigma", "N": "n"}, [{"sigma": "1/2", "n": "4"}])
    [{'value': '3/16'}]

A value is `p/q`, or `m +/- r` in decimals, which holds the true one; of a matrix, rows of them.
Where there is none, a sentence says why: `refused` of a text that is no formula of the question,
`undefined` of a point where it has no value, `undecided` where the precision did not suffice.
"""

from __future__ import annotations

import numbers
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from . import exact
from . import matrices as m
from .errors import RefusedError, UndecidedError, UndefinedError
from .evaluate import MOST_STEPS, Evaluation
from .functions import FUNCTIONS
from .tree import Formula, formula

PRECISIONS = (300, 1_200, 4_800)  # bits
DIGITS = 60
Answer = dict[str, Any]
Point = Mapping[str, Any]  # by symbol: the text of a fraction, or rows of them


def as_text(answer: object) -> str:
    """The text of what a student gave: a string, a number, or an expression of sympy's."""
    if isinstance(answer, str):
        return answer
    if isinstance(answer, numbers.Number) or type(answer).__module__.split(".")[0] == "sympy":
        return str(answer)
    raise TypeError("An answer is the text of a formula, in quotation marks.")


def answers(
    text: str, names: Mapping[str, str], points: Sequence[Point], needed: int | None = None
) -> list[Answer]:
    """The value of `text` at each point, until `needed` were found, or none will be.

    `names` has what each name stands for: a symbol, or the square of one, `sigma**2`.
    """
    try:
        read = formula(text, FUNCTIONS, [*map(spelled, names)])
    except RefusedError as refused:
        return [{"refused": refused.told(text)}]
    found: list[Answer] = []
    for point in points:
        found.append(answer(text, read, names, point))
        hopeless = "refused" in found[-1] or "undecided" in found[-1]
        if hopeless or sum("value" in one for one in found) == needed:
            break
    return found


def answer(text: str, read: Formula, names: Mapping[str, str], point: Point) -> Answer:
    """The value at one point, or why there is none."""
    try:
        return {"value": shown(evaluated(read, names, point))}
    except RefusedError as refused:
        return {"refused": refused.told(text)}
    except UndefinedError as undefined:
        return {"undefined": f"{undefined}"}
    except UndecidedError as undecided:
        return {"undecided": f"{undecided}"}


def evaluated(read: Formula, names: Mapping[str, str], point: Point) -> m.Value:
    """The value, with as many bits as it takes, or the most that are tried."""
    for bits in PRECISIONS:
        exact.iv.prec = bits
        evaluation = Evaluation(read, values(names, point), ", ".join(point))
        try:
            value = evaluation.visit(read.body)
        except UndecidedError:
            if bits == PRECISIONS[-1] or evaluation.steps > MOST_STEPS:
                raise
        else:
            if bits == PRECISIONS[-1] or all(map(sharp, entries(value))):
                break
    return value


def values(names: Mapping[str, str], point: Point) -> dict[str, m.Value]:
    """What each name is worth, in the spelling of the tree."""
    found = {symbol: given(value) for symbol, value in point.items()}
    squares = {f"{symbol}**2": value for symbol, value in found.items() if m.is_number(value)}
    found |= {symbol: exact.times(value, value) for symbol, value in squares.items()}
    return {spelled(name): found[symbol] for name, symbol in names.items()}


def spelled(name: str) -> str:
    """lambda is a word of Python's."""
    return "lambda_" if name == "lambda" else name


def given(value: Any) -> m.Value:
    """A value of a point."""
    if isinstance(value, str):
        return Fraction(value)
    return m.matrix([[Fraction(x) for x in row] for row in value])


def entries(value: m.Value) -> list[exact.Number]:
    """The numbers of a value."""
    if isinstance(value, m.Identity):
        raise RefusedError(
            "the size of `I` is not known here: write I(n), of the size that is meant", 0
        )
    return [value] if m.is_number(value) else [x for row in value.rows for x in row]


def sharp(x: exact.Number) -> bool:
    """Whether a number is known to DIGITS digits."""
    low, high = exact.ends(x)
    return (high - low) * 10**DIGITS <= min(abs(low), abs(high)) or low == high


def shown(value: m.Value) -> Any:
    """A value as texts."""
    if m.is_number(value):
        return exact.written(value)
    return [[exact.written(x) for x in row] for row in value.rows]
