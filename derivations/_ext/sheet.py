"""A sheet of formulas: the directive `sheet` shows equations of the book by their tags.

Each line is a tag and what it is, `eq:gls: generalized least squares`.  The formula is taken from
the page that derives it, so that there is one copy of it.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.util.docutils import SphinxDirective

from .._book.pages import Equation, equations, names
from .links import to_equation


class formula(nodes.General, nodes.Element):  # noqa: N801  (docutils' way)
    """Stands for an equation until it is known where each is."""


class Sheet(SphinxDirective):
    """The directive `sheet`: a line for each formula."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """The places of the formulas.  An unknown tag is an error."""
        known = {e.tag: e for page in names() for e in equations(page)}
        lines = [line.split(": ", 1) for line in self.content if line.strip()]
        for tag, _ in lines:
            if tag not in known:
                raise self.error(f"no page derives {tag}")
        return [formula(equation=known[tag], words=words) for tag, words in lines]


def fill(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the formulas in their places."""
    for place in list(doctree.findall(formula)):
        place.replace_self(line(app.builder, page, place["equation"], place["words"]))


def line(builder: Builder, page: str, equation: Equation, words: str) -> nodes.Node:
    """What it is, the formula, and where it is derived."""
    told = nodes.paragraph("", words, classes=["words"])
    told += [nodes.Text(" "), to_equation(builder, page, equation.tag)]
    tex = equation.tex.rstrip(" .,:")  # of the sentence that it ends on its page
    shown = nodes.math_block(tex, tex, nowrap=False, label=None)
    return nodes.container("", told, shown, classes=["formula"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.add_node(formula)
    app.add_directive("sheet", Sheet)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
