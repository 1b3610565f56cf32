"""The mistakes that an answer tells by itself, which suite/telltale.py finds."""

from __future__ import annotations

from .problem import Case
from .registry import GENERALIZED, mistake


@mistake("printing", "eq:errata-digits", "evaluate", "fit", "inference", *GENERALIZED)
def rounded(_: Case) -> None:
    """The right number, rounded to a few digits or decimals."""


@mistake("optimum", "eq:kkt", "fit", "glmm-fit")
def sd_at_one(_: Case) -> None:
    """Standard deviations are one, in whatever units: the search stayed where it began."""
