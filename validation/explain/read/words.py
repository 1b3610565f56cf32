"""What a printed text says of its tests: their type, and the method of degrees of freedom."""

from __future__ import annotations

import re

from ..readings.freedom import METHOD, OF_FIT, RESIDUAL
from ..readings.grouped import BETWEEN, CONTAINMENT
from ..readings.tests import TYPE

HEADS = (r"(?:t-tests use|Table with) (\S+) method", r"Degrees of Freedom Method\s+(\S+)")
METHODS = {
    "satterthwaite": OF_FIT["satterthwaite"],
    "kenward-roger": OF_FIT["kenward-roger"],
    "containment": CONTAINMENT,
    "between-within": BETWEEN,
    "residual": RESIDUAL,
}
TYPES = {"1": "I", "2": "II", "3": "III", "I": "I", "II": "II", "III": "III"}


def said_of_tests(text: str) -> dict[str, str]:
    """By dimension of traits, as far as it says something that is known."""
    found = re.search("|".join(HEADS), text)
    word = next(filter(None, found.groups()), "") if found else ""
    method = METHODS.get(word.removesuffix("'s").casefold())
    kind = re.search(r"^\s*Type ([123]|I{1,3}) (?:Analysis of Variance Table|Tests)", text, re.M)
    return ({METHOD: method} if method else {}) | ({TYPE: TYPES[kind.group(1)]} if kind else {})
