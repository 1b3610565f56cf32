"""Pages from templates; they fetch nothing, and what others wrote is text in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .. import equations
from .words import CALLED, number, score

HERE = Path(__file__).parent


def render(template: str, **values: Any) -> str:
    """A page."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"number": number, "page": equations.title}
    environment.globals |= {"CALLED": CALLED, "score": score}
    return environment.get_template(template).render(**values) + "\n"
