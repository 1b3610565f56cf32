"""refmixed by penalized least squares, q x q."""

from __future__ import annotations

from . import refmixed
from .messages import Json
from .refmixed_software import software as software


def start() -> Json:
    """Who answers."""
    return refmixed.start("penalized")


def run(request: Json) -> Json:
    """The answer to one request."""
    return refmixed.run(request, "penalized")
