"""The table of what was checked on a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.util.docutils import SphinxDirective

from .links import to_code, to_equation
from .records import Record, records

Row = Sequence[nodes.Node]


class equation_table(nodes.General, nodes.Element):  # noqa: N801  (docutils' way)
    """Stands for the table until all pages have run."""


class Checked(SphinxDirective):
    """The directive `checked`: a table of this page."""

    def run(self) -> list[nodes.Node]:
        """The place of the table."""
        return [equation_table()]


def fill(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the table in its place."""
    for place in list(doctree.findall(equation_table)):
        place.replace_self(of_page(app.builder, page, records(app)))


def of_page(builder: Builder, page: str, everything: list[Record]) -> nodes.table:
    """A row for each check; those that differ in their numbers alone are one."""
    facts = (
        (r["tag"], r["kind"], r["sizes"], r["function"]) for r in everything if r["page"] == page
    )
    rows = [
        [
            to_equation(builder, page, tag),
            nodes.Text(kind),
            nodes.Text(sizes),
            function(builder, page, name),
        ]
        for tag, kind, sizes, name in dict.fromkeys(facts)
    ]
    return table(["equation", "check", "sizes", "equal to"], rows)


def function(builder: Builder, page: str, name: str) -> nodes.Node:
    """A link, if there is anything to link to."""
    return to_code(builder, page, name) if name else nodes.Text("")


def table(titles: list[str], rows: Iterable[Row]) -> nodes.table:
    """A table of docutils, which wants every part wrapped."""
    group = nodes.tgroup("", cols=len(titles))
    group += [nodes.colspec(colwidth=1) for _ in titles]
    group += nodes.thead("", row([nodes.Text(title) for title in titles]))
    group += nodes.tbody("", *map(row, rows))
    return nodes.table("", group, classes=["checked"])


def row(cells: Row) -> nodes.row:
    """One row."""
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells))


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.add_node(equation_table)
    app.add_directive("checked", Checked)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
