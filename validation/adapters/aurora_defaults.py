"""The package aurora-glm as it comes: its search ends where a step gains less than 1e-6."""

from __future__ import annotations

from . import answers, aurora
from .messages import Json


def start() -> Json:
    """Who answers."""
    known = answers.implementation(aurora.NAME)
    known["implementation"]["name"] += " (defaults)"
    return known


def run(request: Json) -> Json:
    """The answer to one request."""
    return aurora.run(request, {})
