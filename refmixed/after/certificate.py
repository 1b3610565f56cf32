"""What is proved of a fit, and what is not: the record, and its text.

The proofs are `validation/certificate`'s, which needs python-flint: the extra `validation`.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import pandas as pd

from ..coordinates import require_rows
from .suites import suite

Extent = Literal["global", "local"]  # of a minimum that is proved
WIDTH = 100  # characters of a line
SHOWN = 20  # significant digits that are printed


@dataclass(frozen=True)
class Certificate:
    """What is proved of a fit, and what is not, in sentences and in numbers.

    `estimates` has a row for each number: quantity, name, value (text of 32 digits), digits (how
    many of them are proved), fit (the fit's own number), agree (the digits that it has right).
    """

    model: str
    minimum: Extent | None  # what theta is proved to be
    proved: tuple[str, ...]
    not_proved: tuple[str, ...]
    estimates: pd.DataFrame
    seconds: float

    def __str__(self) -> str:
        parts = [f"Certificate of {self.model}"]
        parts += [listed("Proved", self.proved)] if self.proved else []
        parts += [listed("Not proved", self.not_proved)] if self.not_proved else []
        parts += [table(self.estimates)] if len(self.estimates) else []
        read = "Data are read as the shortest decimals that stand for their doubles."
        return "\n\n".join([*parts, f"{read} {self.seconds:.1f} s"])

    def as_json(self) -> dict[str, Any]:
        """The same for a program: values as texts, no digits lost."""
        rows = self.estimates.drop(columns=["fit", "agree"]).to_dict("records")
        return {
            "minimum": self.minimum,
            "proved": list(self.proved),
            "not_proved": list(self.not_proved),
            "estimates": rows,
        }


def certify(fit: Any) -> Certificate:
    """The certificate of a Fit.  Raises ExtraError, and OptionError where its rows are not kept."""
    require_rows(fit.design)
    certificate: Certificate = suite("certificate.certify").certify(fit)
    return certificate


def listed(title: str, sentences: tuple[str, ...]) -> str:
    """Sentences under a title."""
    wrapped = [
        textwrap.fill(text, WIDTH, initial_indent="  - ", subsequent_indent="    ")
        for text in sentences
    ]
    return "\n".join([title, *wrapped])


def table(estimates: pd.DataFrame) -> str:
    """Each number, how many digits of it are proved, and how many the fit has right."""
    columns = [
        ["", *(estimates["quantity"] + " " + estimates["name"])],
        ["proved value", *map(shorter, estimates["value"])],
        ["digits", *map(str, estimates["digits"])],
        ["fit's", *(f"{agree:.1f}" for agree in estimates["agree"])],
    ]
    one, two, three, four = (max(map(len, column)) for column in columns)
    rows = zip(*columns, strict=True)
    return "\n".join(f"{a:<{one}}  {b:<{two}}  {c:>{three}}  {d:>{four}}" for a, b, c, d in rows)


def shorter(value: str) -> str:
    """The text of a number to so many digits as are printed."""
    return f"{Decimal(value):.{SHOWN}g}"
