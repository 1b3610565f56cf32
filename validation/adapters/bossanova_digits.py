"""The package bossanova with set_display_digits, so that its tables show all digits."""

from __future__ import annotations

import bossanova

from . import answers
from . import bossanova as as_it_comes
from .messages import Json

DIGITS = 17


def start() -> Json:
    """Who answers."""
    bossanova.set_display_digits(DIGITS)
    known = answers.implementation("bossanova")
    known["implementation"]["name"] += f" (set_display_digits({DIGITS}))"
    return known


def run(request: Json) -> Json:
    """The answer to one request."""
    return as_it_comes.run(request)
