"""A page for each module of refmixed: its source, and links from each tag to its equation."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from .._book.citations import citations
from .._book.definitions import definitions, lines, modules, summary
from .._book.house import Line, reading_order
from .links import to_code, with_equations

log = logging.getLogger(__name__)
Page = tuple[str, dict[str, Any], str]


def pages(app: Sphinx) -> Iterator[Page]:
    """Name, context and template of each page: Sphinx asks for pages that no document makes."""
    warn_of_unknown_tags(app)
    assert isinstance(app.builder, StandaloneHTMLBuilder)
    for module in modules():
        name = f"code/{module}"
        yield (
            name,
            {"title": f"refmixed.{module}", "body": body(app.builder, name, module)},
            "page.html",
        )


def warn_of_unknown_tags(app: Sphinx) -> None:
    """A tag that leads nowhere is a broken link."""
    for c in citations():
        if c.tag not in app.env.domains.math_domain.equations:
            log.warning("%s cites %s, which no page derives", c.name, c.tag, type="code")


def body(builder: StandaloneHTMLBuilder, page: str, module: str) -> str:
    """The HTML of a page."""
    text = "\n".join(lines(module))
    highlighted = builder.highlighter.highlight_block(text, "python", linenos="inline")
    linked = with_equations(builder, page, highlighted)
    title = f"<h1>refmixed.{module}</h1>\n<p>{html.escape(summary(module))}</p>"
    return f'{title}\n<div class="highlight-python">{anchored(linked, module)}</div>'


def anchored(highlighted: str, module: str) -> str:
    """Each definition can be linked to."""
    before, pre, code = highlighted.partition("<pre>")
    rows = code.split("\n")
    for name, definition in definitions(module).items():
        rows[definition.first - 1] = f'<span id="{name}"></span>' + rows[definition.first - 1]
    return before + pre + "\n".join(rows)


class module_list(nodes.General, nodes.Element):  # noqa: N801
    """Stands for the list until all pages are known."""


class Modules(SphinxDirective):
    """The directive `modules`."""

    def run(self) -> list[nodes.Node]:
        """The place of the list."""
        return [module_list()]


def fill_lists(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """The modules in reading order, with a sentence on each."""
    for place in list(doctree.findall(module_list)):
        items = nodes.bullet_list()
        for line in reading_order():
            inside = [item(app.builder, page, module) for module in line.modules]
            items += inside if line.modules == [line.name] else of_room(line, inside)
        place.replace_self(items)


def item(builder: Builder, page: str, module: str) -> nodes.list_item:
    """A module and its sentence."""
    link = to_code(builder, page, module)
    return nodes.list_item("", nodes.paragraph("", "", link, nodes.Text(f": {summary(module)}")))


def of_room(line: Line, inside: list[nodes.list_item]) -> nodes.list_item:
    """A room, what it is for, and its modules."""
    name = nodes.strong(text=line.name.removesuffix("."))
    about = nodes.Text(f": {line.about}" if line.about else "")
    return nodes.list_item("", nodes.paragraph("", "", name, about), nodes.bullet_list("", *inside))


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.add_node(module_list)
    app.add_directive("modules", Modules)
    app.connect("html-collect-pages", pages)
    app.connect("doctree-resolved", fill_lists)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
