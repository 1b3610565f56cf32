"""What a page says, section by section, for the results of a search.

Sphinx's own script would fetch the pages, which a browser refuses for a book that is opened from
files; this one is loaded by the page of the search alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from .katex import renderer

LONGEST = 16  # characters of a formula in an excerpt
LEFT_OUT = "\N{HORIZONTAL ELLIPSIS}"
NO_PROSE = nodes.section | nodes.table | nodes.literal_block | nodes.title


def write(app: Sphinx, _: Exception | None) -> None:
    """{page: [[anchor, prose], ...]} as a script; the first anchor is that of the whole page."""
    if app.builder.name != "html":
        return
    found = {page: sections(app.env.get_doctree(page)) for page in sorted(app.env.found_docs)}
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    path = Path(app.outdir) / "_static" / "excerpts.js"
    path.write_text(f"window.EXCERPTS = {text};\n", "utf-8")


def sections(document: nodes.document) -> list[tuple[str, str]]:
    """The anchor of each section, and its prose without that of the sections inside."""
    return [
        (s["ids"][0], " ".join(map(prose, paragraphs(s)))) for s in document.findall(nodes.section)
    ]


def paragraphs(node: nodes.Element) -> Iterator[nodes.Element]:
    """Those within a node, neither in tables nor in sections inside."""
    for child in node.children:
        if isinstance(child, nodes.paragraph | nodes.term):
            yield child
        elif isinstance(child, nodes.Element) and not isinstance(child, NO_PROSE):
            yield from paragraphs(child)


def prose(node: nodes.Node) -> str:
    """The text of a paragraph; a short formula as it looks, of a long one that there is one."""
    if isinstance(node, nodes.math):
        glyphs = renderer.glyphs(node.astext())
        return glyphs if len(glyphs) <= LONGEST else LEFT_OUT
    if isinstance(node, nodes.Text):
        return node.astext().replace("\n", " ")
    return "".join(map(prose, node.children))


def load(app: Sphinx, page: str, *_: Any) -> None:
    """The scripts are for the page of the search alone."""
    if page == "search":
        app.add_js_file("excerpts.js")
        app.add_js_file("search.js")


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.connect("html-page-context", load)
    app.connect("build-finished", write, priority=400)  # before KaTeX is stopped
    return {"parallel_read_safe": True, "parallel_write_safe": True}
