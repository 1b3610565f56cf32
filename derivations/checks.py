"""Every equation of the book is checked here, and every check is kept.

    page("d06_penalized")                          # once, at the top of a page
    check("eq:RZX", L * RZX, Lambda.T * Z.T * X, "symbolic", "n = 4, q = 3, p = 2")
    link("eq:RZX", expected, solve(design, theta).RZX, penalized.solve)

A check is of one of four kinds: `general` (block or noncommutative algebra, all sizes), `symbolic`
(a small design, a symbol for every entry), `exact` (rational numbers) and `link` (the derived
expression equals what a function of refmixed computes on random numbers).  A check that fails
raises CheckFailed with both sides and their difference.  All are kept in CHECKS, so that tests can
perturb each right side and see the check fail.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp
from sympy.core import random

KINDS = ("general", "symbolic", "exact", "link")
TOLERANCE = 1e-9  # of a link, relative to the largest element
RECORDED = ("tag", "page", "kind", "sizes", "function", "text_only")
STEP = sp.Rational(1, 1000)  # by how much a right side is perturbed


class CheckFailed(AssertionError):  # noqa: N818  (it reads as the sentence that it is)
    """Two sides that should be equal are not."""


@dataclass(frozen=True)
class Check:
    """One comparison of the two sides of an equation."""

    tag: str
    page: str
    kind: str
    sizes: str  # which sizes it covers, in words
    left: Any
    right: Any
    function: str  # the function of refmixed that a link is to
    text_only: bool  # an equation that no code of refmixed needs


CHECKS: list[Check] = []
_page = ""


def page(name: str) -> None:
    """The checks that follow stand on this page.

    sympy factors with random numbers, and with some of them for minutes: they are fixed here.
    """
    global _page
    random.seed(0)
    _page = name


def check(
    tag: str,
    left: Any,
    right: Any,
    kind: str = "symbolic",
    sizes: str = "",
    text_only: bool = False,
) -> None:
    """Check that left equals right, and keep the comparison.

    left, right: sympy expressions or matrices, rationals, or sequences of such.
    """
    _keep(Check(tag, _page, kind, sizes, left, right, "", text_only))


def link(tag: str, left: Any, right: Any, function: Any) -> None:
    """Check that numbers by the derived expression (left) are those of a function or property."""
    function = getattr(function, "fget", None) or getattr(function, "func", function)
    name = f"{function.__module__.removeprefix('refmixed.')}.{function.__qualname__}"
    numbers = np.asarray(left, dtype=float), np.asarray(right, dtype=float)
    sizes = " x ".join(map(str, numbers[0].shape)) or "a number"
    _keep(Check(tag, _page, "link", sizes, *numbers, name, False))


def _keep(new: Check) -> None:
    """Record a check that holds; raise CheckFailed for one that does not."""
    if new.kind not in KINDS or not new.tag.startswith("eq:") or not new.page:
        raise ValueError(f"{new.tag} on page {new.page!r}: not a check of a known kind")
    if (new.kind == "link") != bool(new.function):
        raise ValueError(f"{new.tag}: a link is made by link(), with a function")
    if not holds(new.left, new.right):
        raise CheckFailed(
            f"{new.tag} does not hold ({new.kind})\n"
            f"left:       {new.left}\nright:      {new.right}\n"
            f"difference: {difference(new.left, new.right)}"
        )
    CHECKS.append(new)


def record(of: Check) -> dict[str, Any]:
    """A check without its two sides; whether it fails when its right side is perturbed."""
    sensitive = not holds(of.left, perturbed(of.right))
    return {name: getattr(of, name) for name in RECORDED} | {"sensitive": sensitive}


def save(file: str) -> None:
    """Write what was checked so far: the book tells it beside each equation."""
    path = Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([record(of) for of in CHECKS]))


def holds(left: Any, right: Any) -> bool:
    """Whether two sides are equal: numbers up to rounding, expressions exactly."""
    if isinstance(left, np.ndarray):
        if left.shape != np.shape(right):
            return False
        scale = max(float(np.abs(left).max(initial=0.0)), 1e-12)
        return bool(np.abs(left - right).max(initial=0.0) <= TOLERANCE * scale)
    if is_sequence(left):
        same = shape(left) == shape(right)
        return same and all(map(holds, entries(left), entries(right)))
    return is_zero(sp.sympify(left) - sp.sympify(right))


def is_sequence(side: Any) -> bool:
    """Whether a side has elements to compare one by one."""
    return isinstance(side, sp.MatrixBase | list | tuple)


def shape(side: Any) -> tuple[int, ...]:
    """Rows and columns of a matrix, the length of a sequence, and nothing of an expression."""
    if isinstance(side, np.ndarray | sp.MatrixBase):
        return tuple(side.shape)
    return (len(side),) if is_sequence(side) else ()


def entries(side: Any) -> list[Any]:
    """The elements of a matrix or sequence, row by row."""
    return list(side.as_mutable() if isinstance(side, sp.MatrixBase) else side)


def is_zero(expression: Any) -> bool:
    """Whether an expression is identically zero."""
    if not expression.is_commutative:
        return bool(sp.expand(expression) == 0)  # done by expanding, or not at all
    if is_nonzero_somewhere(expression):
        return False
    together = sp.together(expression)  # over one denominator first: expanding quotients explodes
    return bool(sp.expand(sp.numer(together)) == 0 or sp.simplify(together) == 0)


def is_nonzero_somewhere(expression: Any) -> bool:
    """Whether one number shows that an expression is not zero.

    sympy simplifies for minutes before it gives up on what is not zero; this takes milliseconds.
    The numbers are positive, as what holds for every symbol holds for positive ones.
    """
    if expression.has(sp.Integral, sp.Sum, sp.Product, sp.Derivative, sp.Limit):
        return False  # no number without doing the work
    symbols = sorted(expression.free_symbols, key=str)
    point = {s: _number(s, i) for i, s in enumerate(symbols)}
    try:
        value = complex(expression.evalf(30, subs=point))
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return False
    return bool(np.isfinite(value)) and abs(value) > 1e-15


def _number(symbol: Any, i: int) -> Any:
    """A number that a symbol may stand for, another one for each."""
    if symbol.is_integer:
        number = sp.Integer(sp.prime(i + 1))
    else:
        number = sp.Rational(sp.prime(i + 3), sp.prime(i + 2) + 1)
    return -number if symbol.is_negative else number


def difference(left: Any, right: Any) -> Any:
    """left - right, as far as there is such a thing; of a matrix what is not zero."""
    if shape(left) != shape(right):
        return f"shapes {shape(left)} and {shape(right)}"
    if isinstance(left, np.ndarray):
        return left - right
    if not is_sequence(left):
        return sp.expand(sp.sympify(left) - sp.sympify(right))
    pairs = zip(entries(left), entries(right), strict=True)
    return {i: difference(a, b) for i, (a, b) in enumerate(pairs) if not holds(a, b)}


def perturbed(right: Any) -> Any:
    """The right side with one element changed a little: a check of it must fail."""
    if isinstance(right, np.ndarray):
        changed = right.copy()
        worst = np.unravel_index(np.abs(changed).argmax(), changed.shape) if changed.size else ()
        changed[worst] += 1e-6 * max(float(np.abs(changed[worst])), 1e-9)
        return changed
    if isinstance(right, sp.MatrixBase):
        return right + STEP * sp.Matrix(*right.shape, lambda i, j: int(i == j == 0))
    if is_sequence(right):
        return [perturbed(right[0]), *right[1:]]
    return sp.sympify(right) + STEP


def differential(expression: Any, rules: Any) -> Any:
    """The differential, given those of the letters: Leibniz' rule, and eq:dinverse."""
    total = sp.S.Zero
    for term in sp.Add.make_args(sp.expand(expression)):
        numbers, letters = term.args_cnc()
        for i, letter in enumerate(letters):
            base, power = letter.as_base_exp()
            change = rules.get(base, 0)
            change = change if power == 1 else -(letter * change * letter)
            total += sp.Mul(*numbers, *letters[:i]) * change * sp.Mul(*letters[i + 1 :])
    return sp.expand(total)
