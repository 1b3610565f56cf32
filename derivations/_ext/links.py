"""Links between the pages of the book and the pages of code, in both directions."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.builders import Builder
from sphinx.util import logging

from .._book.definitions import find, module_of, modules
from .._book.pages import TAG

log = logging.getLogger(__name__)


def equation_uri(builder: Builder, page: str, tag: str) -> str | None:
    """Where an equation is, as seen from a page."""
    found = builder.env.domains.math_domain.equations.get(tag)
    if found is None:
        return None
    return builder.get_relative_uri(page, found[0]) + "#" + nodes.make_id(f"equation-{tag}")


def code_uri(builder: Builder, page: str, name: str) -> str:
    """Where `penalized` or `penalized.solve` is among the pages of code."""
    module = module_of(name)
    return builder.get_relative_uri(page, f"code/{module}") + (f"#{name}" if name != module else "")


def to_page(builder: Builder, page: str, name: str) -> nodes.Node:
    """A link that reads as the title of another page."""
    uri = builder.get_relative_uri(page, name)
    title = builder.env.titles[name].astext()
    return nodes.reference("", title, refuri=uri, internal=True)


def to_equation(builder: Builder, page: str, tag: str) -> nodes.Node:
    """A link that reads as the tag."""
    text = nodes.literal(text=tag, classes=["eqref"])
    uri = equation_uri(builder, page, tag)
    return text if uri is None else nodes.reference("", "", text, refuri=uri, internal=True)


def to_code(builder: Builder, page: str, name: str, text: str = "") -> nodes.Node:
    """A link that reads as the name of the function, or as another text."""
    literal = nodes.literal(text=text or name)
    if find(name) is None and name not in modules():
        log.warning("refmixed has no %s", name, location=page, type="code")
        return literal
    return nodes.reference("", "", literal, refuri=code_uri(builder, page, name), internal=True)


def with_equations(builder: Builder, page: str, highlighted: str) -> str:
    """Highlighted code with its tags turned into links to the equations."""

    def linked(match: re.Match[str]) -> str:
        uri = equation_uri(builder, page, match[0])
        return f'<a href="{uri}">{match[0]}</a>' if uri else match[0]

    return re.sub(TAG, linked, highlighted)
