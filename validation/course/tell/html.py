"""Pages from templates; they fetch nothing, and what others wrote is text in them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .. import equations
from .words import CALLED, number, score

HERE = Path(__file__).parent


def render(template: str, **values: Any) -> str:
    """A page."""
    return environment().get_template(template).render(**values) + "\n"


@cache
def environment() -> Environment:
    """Where templates are, and what they may call."""
    made = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters |= {"number": number, "page": equations.title}
    made.globals |= {"CALLED": CALLED, "score": score}
    return made
