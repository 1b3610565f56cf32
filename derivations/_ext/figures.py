"""A drawing has words for those who do not see it: the title of its section, if nothing better.

An author gives better ones in the first line of the cell that draws:
`# %% mystnb={"image": {"alt": "the criterion falls, then rises"}}`.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx


def describe(app: Sphinx, doctree: nodes.document) -> None:
    """Give every image an alternative text."""
    for image in doctree.findall(nodes.image):
        if not image.get("alt"):
            image["alt"] = f"Figure: {section_title(image)}"


def section_title(node: nodes.Node) -> str:
    """The title of the innermost section around a node."""
    while node.parent is not None and not isinstance(node, nodes.section):
        node = node.parent
    title = node.next_node(nodes.title)
    return "" if title is None else title.astext()


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.connect("doctree-read", describe)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
