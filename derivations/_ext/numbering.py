"""The parts of the book, and numbers of pages that run through all of them.

    ```{part} Likelihood
    :numbered: 1
    d0[3-7]_*
    ```
is Sphinx's `toctree` with a caption.  A pattern may be there before the first page that it is for.
"""

from __future__ import annotations

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.directives.other import TocTree
from sphinx.environment import BuildEnvironment
from sphinx.util.matching import patfilter


class Part(TocTree):
    """The directive `part`: a title, and patterns of the names of its pages."""

    content: StringList
    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """The toctree, or nothing where no page is there."""
        there = [line for line in self.content if patfilter(self.env.found_docs, line)]
        self.content = StringList(there, source="")
        self.options |= {"glob": None, "maxdepth": 1, "caption": self.arguments[0]}
        return super().run() if there else []


def number_on(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Number the pages of all numbered parts; Sphinx has numbered each part for itself."""
    pages = env.toctree_includes.get(app.config.root_doc, [])
    numbered = [page for page in pages if env.titles[page].get("secnumber")]
    for number, page in enumerate(numbered, start=1):
        env.titles[page]["secnumber"] = [number]
        env.toc_secnumbers[page][""] = (number,)
        next(env.tocs[page].findall(nodes.reference))["secnumber"] = [number]
    return numbered


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.add_directive("part", Part)
    app.connect("env-get-updated", number_on, priority=900)  # after Sphinx itself
    return {"parallel_read_safe": True, "parallel_write_safe": True}
