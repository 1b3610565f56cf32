"""The code of refmixed on the pages, as it is at the moment of the build.

    ```{refmixed} penalized.solve
    ```
shows a function.  Text between the fences is set beside the code where the window is wide enough.
In prose `penalized.solve` in backticks is a link to the function, `d04_reml` to the page, whose
title it shows, and `RankError` to its section on the page of messages.  A name that refmixed does
not have is a warning, and so fails the build.
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

from .._book.definitions import CODE, find, lines, module_of, modules
from .links import code_uri, to_page, with_equations

log = logging.getLogger(__name__)
CLASS_OF = {"fit": "result.Fit"}  # `fit.beta` is an attribute of a Fit
MESSAGE = re.compile(r"(?!Refmixed)[A-Za-z]+(Error|Warning)")  # the bases are in the page's head
NAME = re.compile(r"(?:refmixed\.)?[a-z_]+(?:\.[A-Za-z_]+)+(?:\(\))?")


class live_code(nodes.General, nodes.Element):  # noqa: N801  (docutils makes visitors of the name)
    """Lines of a module, with a link to where they are."""


def live(name: str, module: str, numbers: range, tag: str = "") -> live_code:
    """The node for some lines of what is called name, beside the equation with the tag."""
    return live_code(name=name, module=module, first=numbers.start, last=numbers.stop - 1, tag=tag)


def visit_live_code(self: HTML5Translator, node: live_code) -> None:
    """A caption with the link, and the lines."""
    builder, page = self.builder, self.builder.current_docname
    uri = code_uri(builder, page, node["name"])
    self.body.append(
        f'<div class="live-code"><div class="live-code-name"><code>{node["name"]}</code>'
        f'<a class="source" href="{uri}">[source]</a></div>'
        f"{highlighted(builder, page, node)}</div>"
    )
    raise nodes.SkipNode


def highlighted(builder: StandaloneHTMLBuilder, page: str, node: live_code) -> str:
    """The lines as HTML, with links to the equations that they cite.

    The tag of the equation that they stand beside would be a link to itself: it is left out.
    """
    text = textwrap.dedent("\n".join(lines(node["module"])[node["first"] - 1 : node["last"]]))
    if node["tag"]:
        text = re.sub(rf"(\s+#)?\s+{node['tag']}$", "", text, flags=re.MULTILINE)
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
    """Names of functions and of pages in the prose become links."""
    for literal in list(doctree.findall(nodes.literal)):
        name = literal.astext()
        if name in app.env.found_docs and name != page:
            literal.replace_self(to_page(app.builder, page, name))
        elif is_message(name):
            put_link(literal, app.builder.get_relative_uri(page, "messages") + f"#{name.lower()}")
        elif NAME.fullmatch(name) and not isinstance(literal.parent, nodes.reference):
            link_name(app, literal, name, page)


def link_name(app: Sphinx, literal: nodes.literal, name: str, page: str) -> None:
    """A link in the place of one name, or a warning."""
    inner = name.removeprefix("refmixed.").removesuffix("()")
    found = find(inner) or find(of_class(inner))
    if found is not None or inner in modules():
        put_link(literal, code_uri(app.builder, page, found.name if found else inner))
    elif is_missing(name):
        log.warning("refmixed has no %s", name, location=literal, type="code")


def of_class(name: str) -> str:
    """`result.Fit.power` of `fit.power`."""
    module = module_of(name)
    return CLASS_OF[module] + name.removeprefix(module) if module in CLASS_OF else name


def is_message(name: str) -> bool:
    """Whether it is an error or a warning with a section on the page of messages."""
    return MESSAGE.fullmatch(name) is not None and find(f"errors.{name}") is not None


def put_link(literal: nodes.literal, uri: str) -> None:
    """The same text, leading somewhere."""
    literal.replace_self(nodes.reference("", "", literal.deepcopy(), refuri=uri, internal=True))


def is_missing(name: str) -> bool:
    """Whether a name looks like a function of refmixed and is none.

    `design.Z` and `fit.beta` are attributes of a Design and of a Fit, not names in a module.
    """
    inner = name.removeprefix("refmixed.").removesuffix("()")
    if name.startswith("refmixed."):
        return inner not in modules() and not CODE.joinpath(*inner.split(".")).is_dir()
    module = module_of(of_class(inner))
    last = re.escape(inner.rpartition(".")[2])
    return bool(module) and not any(re.search(rf"\b{last}\b", line) for line in lines(module))


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.add_node(live_code, html=(visit_live_code, None))
    app.add_directive("refmixed", Refmixed)
    app.connect("doctree-resolved", link_names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
