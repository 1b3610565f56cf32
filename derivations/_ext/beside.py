"""Beside each displayed equation: what was checked, and the code that cites it.

No author does anything for this.  The code is that of the comments and docstrings of refmixed that
name the tag, so that equation and code cannot drift apart.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders import Builder

from .._book.citations import Citation, of_tag
from .links import to_code
from .livecode import live
from .records import Record, kinds, records


def annotate(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put each tagged equation of a page into a box with its note and its code."""
    everything = records(app)
    for equation in list(doctree.findall(nodes.math_block)):
        if equation.get("label"):
            of = [record for record in everything if record["tag"] == equation["label"]]
            box = boxed(app.builder, page, equation, of)
            around = equation.parent
            around.replace(equation, box)
            if equation["ids"] != around["ids"]:  # furo's wrapper has taken them over
                box["ids"] = equation["ids"]


def boxed(builder: Builder, page: str, equation: nodes.Element, of: list[Record]) -> nodes.Element:
    """The equation with its note, and the code at their side."""
    formula = equation.deepcopy()
    formula["ids"] = []  # the box has them
    left = nodes.container("", formula, note(builder, page, of), classes=["derivation"])
    cited = of_tag(equation["label"])
    shown = [live(c.name, c.module, c.shown, c.tag) for c in cited if c.shown]
    if not shown:
        return nodes.container("", left, *mention(builder, page, cited), classes=["equation"])
    right = nodes.container("", *shown, *mention(builder, page, cited), classes=["code"])
    return nodes.container("", left, right, classes=["equation", "beside"])


def note(builder: Builder, page: str, of: list[Record]) -> nodes.paragraph:
    """One line: the kinds of check, for which sizes, and the functions that compute the same."""
    line = nodes.paragraph(classes=["note"])
    for kind, covers in kinds(of).items():
        item = nodes.inline(classes=["check", kind])
        item += nodes.Text(kind)
        for i, text in enumerate(covers):
            item += nodes.Text(", " if i else ": ")
            item += to_code(builder, page, text) if kind == "link" else nodes.Text(text)
        line += [item, nodes.Text(" ")]
    return line


def mention(builder: Builder, page: str, cited: list[Citation]) -> list[nodes.Node]:
    """Where it is cited by more code than can be shown."""
    names = [c.name for c in cited if not c.shown]
    if not names:
        return []
    line = nodes.paragraph("", "used in ", classes=["note"])
    for i, name in enumerate(names):
        line += [nodes.Text(", " if i else ""), to_code(builder, page, name)]
    return [line]


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.connect("doctree-resolved", annotate)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
