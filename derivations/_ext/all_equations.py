"""All equations of the book: each with its tag, how it was checked, and the code that cites it."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.util.docutils import SphinxDirective

from .._book.citations import of_tag
from .._book.pages import Equation, equations, names, title
from .links import to_code, to_equation, to_page
from .records import Record, kinds, records


class equation_list(nodes.General, nodes.Element):  # noqa: N801  (docutils' way)
    """Stands for the equations of a page until all pages have run."""


class Equations(SphinxDirective):
    """The directive `equations`: a section for each page that has some."""

    def run(self) -> list[nodes.Node]:
        """The places of the lists."""
        tagged = [name for name in names() if any(e.tag for e in equations(name))]
        return [section(name) for name in tagged]


def section(page: str) -> nodes.section:
    """A heading, and the place of the list."""
    heading = nodes.title(text=title(page))
    return nodes.section("", heading, equation_list(page=page), ids=[f"of-{page}"])


def fill(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the lists in their places."""
    places = list(doctree.findall(equation_list))
    everything = records(app) if places else []
    for place in places:
        tagged = [e for e in equations(place["page"]) if e.tag]
        link = nodes.paragraph("", "on the page ", to_page(app.builder, page, place["page"]))
        place.replace_self([link, *(entry(app.builder, page, e, everything) for e in tagged)])


def entry(builder: Builder, page: str, equation: Equation, everything: list[Record]) -> nodes.Node:
    """The formula, and a line on it."""
    formula = nodes.math_block(equation.tex, equation.tex, nowrap=False, label=None)
    line = nodes.paragraph("", "", to_equation(builder, page, equation.tag), classes=["note"])
    for kind in kinds([record for record in everything if record["tag"] == equation.tag]):
        line += [nodes.Text(" "), nodes.inline(text=kind, classes=["check", kind])]
    for i, name in enumerate(dict.fromkeys(c.name for c in of_tag(equation.tag))):
        line += [nodes.Text(", " if i else " in "), to_code(builder, page, name)]
    return nodes.container("", formula, line, classes=["equation"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.add_node(equation_list)
    app.add_directive("equations", Equations)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
