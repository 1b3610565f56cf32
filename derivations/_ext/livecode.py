"""The code of refmixed on the pages, as it is at the moment of the build.

    ```{refmixed} penalized.solve
    ```
shows a function.  Text between the fences is set beside the code where the window is wide enough.
In prose `penalized.solve` in backticks is a link to the function.  A name that refmixed does not
have is a warning, and so fails the build.
"""

from __future__ import annotations

import re
import textwrap

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from ..definitions import find, lines, modules
from .links import code_uri, with_equations

log = logging.getLogger(__name__)
NAME = re.compile(r"(?:refmixed\.)?[a-z_]+(?:\.[A-Za-z_]+)+(?:\(\))?")


class live_code(nodes.General, nodes.Element):  # noqa: N801  (docutils makes visitors of the name)
    """Lines of a module, with a link to where they are."""


def live(name: str, module: str, numbers: range) -> live_code:
    """The node for some lines of what is called name."""
    return live_code(name=name, module=module, first=numbers.start, last=numbers.stop - 1)


def visit_live_code(self: HTML5Translator, node: live_code) -> None:
    """A caption with the link, and the lines."""
    builder, page = self.builder, self.builder.current_docname
    uri = code_uri(builder, page, node["name"])
    self.body.append(
        f'<div class="live-code"><div class="live-code-name"><code>{node["name"]}</code>'
        f'<a class="source" href="{uri}">[source]</a></div>'
        f"{highlighted(builder, page, node['module'], node['first'], node['last'])}</div>"
    )
    raise nodes.SkipNode


def highlighted(
    builder: StandaloneHTMLBuilder, page: str, module: str, first: int, last: int
) -> str:
    """Lines of a module as HTML, with links to the equations that they cite."""
    text = textwrap.dedent("\n".join(lines(module)[first - 1 : last]))
    code = builder.highlighter.highlight_block(text, "python", linenos=False)
    return f'<div class="highlight-python">{with_equations(builder, page, code)}</div>'


class Refmixed(SphinxDirective):
    """The directive `refmixed`: a function, perhaps with the text that derives it at its side."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """The code alone, or a container with two columns."""
        found = find(self.arguments[0])
        if found is None:
            raise self.error(f"refmixed has no {self.arguments[0]}")
        code = live(found.name, found.module, found.lines)
        if not self.content:
            return [code]
        text = nodes.container(classes=["derivation"])
        self.state.nested_parse(self.content, self.content_offset, text)
        return [nodes.container("", text, code, classes=["beside"])]


def link_names(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Names of functions in the prose become links."""
    for literal in list(doctree.findall(nodes.literal)):
        name = literal.astext()
        if NAME.fullmatch(name) and not isinstance(literal.parent, nodes.reference):
            link_name(app, literal, name, page)


def link_name(app: Sphinx, literal: nodes.literal, name: str, page: str) -> None:
    """Put one link in the place of one name."""
    found = find(name)
    if found is not None:
        uri = code_uri(app.builder, page, found.name)
        literal.replace_self(nodes.reference("", "", literal.deepcopy(), refuri=uri, internal=True))
    elif is_missing(name):
        log.warning("refmixed has no %s", name, location=literal, type="code")


def is_missing(name: str) -> bool:
    """Whether a name looks like a function of refmixed and is none.

    `design.Z` and `fit.beta` are attributes of a Design and of a Fit, not names in a module.
    """
    module, _, inner = name.removeprefix("refmixed.").removesuffix("()").partition(".")
    if name.startswith("refmixed."):
        return module not in modules() or bool(inner)
    return module in modules() and not any(
        re.search(rf"\b{re.escape(inner)}\b", line) for line in lines(module)
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.add_node(live_code, html=(visit_live_code, None))
    app.add_directive("refmixed", Refmixed)
    app.connect("doctree-resolved", link_names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
