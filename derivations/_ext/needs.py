"""A box beneath the title of a page: what to read before, how long it takes, who may skip it.

An author writes an entry into _book/reading.toml, and nothing on the page.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

from .._book.needs import readings
from .links import to_page
from .notebooks import has_notebook, to_notebook


def insert(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the box beneath the title."""
    heading = next(doctree.findall(nodes.title), None)
    lines = [nodes.paragraph("", "", *line) for line in facts(app, page)]
    if has_notebook(app, page):
        lines.append(nodes.paragraph("", "", *to_notebook(app, page), classes=["download"]))
    if heading is not None and lines:
        box = nodes.container("", *lines, classes=["reading"])
        heading.parent.insert(heading.parent.index(heading) + 1, box)


def facts(app: Sphinx, page: str) -> list[list[nodes.Node]]:
    """Of a page with an entry: a line each on what it needs and for whom it is."""
    entry = readings().get(page)
    if entry is None:
        return []
    before: list[nodes.Node] = [nodes.Text("" if entry.needs else "It needs no other page. ")]
    for i, name in enumerate(entry.needs):
        before += [nodes.Text(", " if i else "Read before: "), to_page(app.builder, page, name)]
    before.append(nodes.Text(". " if entry.needs else ""))
    time = nodes.Text(f"About {entry.minutes} minutes.")
    return [[*before, time], [nodes.Text(f"Skip it if {entry.skip}.")]]


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.connect("doctree-resolved", insert)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
