"""Two tables: what was checked on a page, and all equations of the book."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.util.docutils import SphinxDirective

from .._book.citations import of_tag
from .._book.pages import equations, names
from .links import to_code, to_equation
from .records import Record, kinds, records

Row = Sequence[nodes.Node]


class equation_table(nodes.General, nodes.Element):  # noqa: N801  (docutils' way)
    """Stands for a table until all pages have run: of one page, or of all."""


class Checked(SphinxDirective):
    """The directive `checked`: a table of this page."""

    def run(self) -> list[nodes.Node]:
        """The place of the table."""
        return [equation_table(page=self.env.docname)]


class Equations(SphinxDirective):
    """The directive `equations`: a table of the book."""

    def run(self) -> list[nodes.Node]:
        """The place of the table."""
        return [equation_table(page="")]


def fill(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the tables in their places."""
    for place in list(doctree.findall(equation_table)):
        make = of_page if place["page"] else of_book
        place.replace_self(make(app.builder, page, records(app)))


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


def of_book(builder: Builder, page: str, everything: list[Record]) -> nodes.table:
    """A row for each equation that was checked, in reading order."""
    tags = [equation.tag for name in names() for equation in equations(name) if equation.tag]
    rows = [
        [
            to_equation(builder, page, tag),
            nodes.Text(", ".join(kinds(of))),
            functions(builder, page, dict.fromkeys(c.name for c in of_tag(tag))),
        ]
        for tag in tags
        if (of := [record for record in everything if record["tag"] == tag])
    ]
    return table(["equation", "checks", "code that cites it"], rows)


def function(builder: Builder, page: str, name: str) -> nodes.Node:
    """A link, if there is anything to link to."""
    return to_code(builder, page, name) if name else nodes.Text("")


def functions(builder: Builder, page: str, names: Iterable[str]) -> nodes.Node:
    """Several links."""
    cell = nodes.inline()
    for name in names:
        cell += [to_code(builder, page, name), nodes.Text(" ")]
    return cell


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
    app.add_directive("equations", Equations)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
