"""The table in the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from .run import REQUIRED, Row

WIDTH = 39  # of a row's label
SHORT = {"at thetas": "thetas", "at lme4's": "lme4's", "criterion": "crit", "predicted": "pred"}


def header(who: str) -> str:
    """Who is compared, and what the columns are."""
    names = "".join(f"{SHORT.get(quantity, quantity):>8}" for quantity in REQUIRED)
    required = "".join(f"{digits:>8.0f}" for digits in REQUIRED.values())
    return "\n".join(
        [
            f"refmixed against {who}",
            "Digits of agreement (LRE).  thetas: the criterion at given thetas, nothing optimised;",
            "lme4's: the least of all other quantities, refmixed taking lme4's theta; then each",
            "quantity at its own optimum, where lme4's theta has 6 to 8 digits.",
            "",
            f"{'':{WIDTH}}{names}",
            f"{'required':{WIDTH}}{required}",
        ]
    )


def line(row: Row) -> str:
    """One row: what falls short is marked, what a model does not have is a dash."""
    return f"{row.label:{WIDTH}}" + "".join(cell(q, row.digits.get(q)) for q in REQUIRED).rstrip()


def cell(quantity: str, digits: float | None) -> str:
    """The digits of one quantity."""
    if digits is None:
        return f"{'-':>8}"
    return f"{digits:>7.1f}{'!' if digits < REQUIRED[quantity] else ' '}"


def verdict(rows: Iterable[Row]) -> str:
    """The least digits of each quantity, and what fell short."""
    found = list(rows)
    failures = [f"{row.label}: {failure}" for row in found for failure in row.failures]
    least = (min(row.digits[q] for row in found if q in row.digits) for q in REQUIRED)
    cells = "".join(cell(q, digits) for q, digits in zip(REQUIRED, least, strict=True))
    highest = max(row.above for row in found)
    summary = [
        f"{'least':{WIDTH}}{cells}".rstrip(),
        "",
        f"criterion at the optimum above lme4's by {highest:.1e} at most",
    ]
    if not failures:
        return "\n".join([*summary, f"{len(found)} rows agree"])
    return "\n".join([*summary, f"{len(failures)} shortfalls:", *failures])
