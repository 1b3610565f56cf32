"""refmixed by the definition of the likelihood, n x n."""

from __future__ import annotations

from . import refmixed
from .messages import Json
from .refmixed_software import software as software


def start() -> Json:
    """Who answers."""
    return refmixed.start("marginal")


def run(request: Json) -> Json:
    """The answer to one request."""
    return refmixed.run(request, "marginal")
