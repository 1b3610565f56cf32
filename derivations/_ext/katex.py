"""Formulas become HTML when the book is built: a slip in TeX is a warning, and so fails the build.

KaTeX runs in one node process for the whole build.  Its style sheet and fonts go into the book.
With REFMIXED_FORMULAS=TeX formulas stay as they are written: no node is needed, and no slip seen.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

HERE = Path(__file__).parent
AS_TEX = os.environ.get("REFMIXED_FORMULAS") == "TeX"
KATEX = HERE.parent / "node_modules" / "katex" / "dist"
log = logging.getLogger(__name__)


class Renderer:
    """KaTeX in a process that is started at the first formula and stopped after the last.

    Sphinx writes pages in several processes: each has its own, as answers come in order.
    """

    def __init__(self) -> None:
        self.processes: dict[int, subprocess.Popen[str]] = {}

    def render(self, tex: str, display: bool) -> tuple[str, str]:
        """HTML and an error message; one of them is empty, and both where formulas stay TeX."""
        if AS_TEX:
            return "", ""
        if os.getpid() not in self.processes:
            self.processes = {os.getpid(): started()}
        process = self.processes[os.getpid()]
        options = {"displayMode": display, "throwOnError": True, "strict": "error"}
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"tex": tex, "options": options}) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        return answer.get("html", ""), answer.get("error", "")

    def glyphs(self, tex: str) -> str:
        """What a formula looks like in one line of text, without its raised and lowered places."""
        if AS_TEX:
            return tex
        looks = self.render(tex, display=False)[0].partition(
            'class="katex-html" aria-hidden="true">'
        )
        return html.unescape(re.sub("<[^>]*>", "", looks[2]))

    def stop(self, *_: Any) -> None:
        """End the process of this process; those of others end with them."""
        for process in self.processes.values():
            process.communicate()
        self.processes = {}


def started() -> subprocess.Popen[str]:
    """node, with KaTeX, waiting for formulas."""
    command = ["node", str(HERE / "katex.js"), str(KATEX / "katex.js")]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


renderer = Renderer()


def formula(node: nodes.Element, display: bool) -> str:
    """The HTML of a formula.  A warning names the page, the formula and where KaTeX stopped."""
    tex = node.astext().strip()
    rendered, error = renderer.render(aligned(tex) if display else tex, display)
    if error:
        log.warning("%s in %r", error, tex, location=place(node, tex), type="katex")
    return rendered or f"<code>{html.escape(tex)}</code>"


def aligned(tex: str) -> str:
    """Several lines without an environment of their own are aligned at &."""
    several = (r"\\" in tex or "&" in tex) and r"\begin{" not in tex
    return rf"\begin{{aligned}}{tex}\end{{aligned}}" if several else tex


def place(node: nodes.Element, tex: str) -> str:
    """File and line of a formula; the parser's lines count within a cell."""
    source = Path(node.document.get("source", "")) if node.document else Path()
    first = tex.splitlines()[0]
    found = [i for i, line in enumerate(source.read_text().splitlines(), 1) if first in line]
    return f"{source}:{found[0] if found else '?'}"


def visit_math(self: HTML5Translator, node: nodes.math) -> None:
    """A formula in a line of text."""
    html_of = formula(node, display=False)
    self.body.append(self.starttag(node, "span", "", CLASS="math") + html_of + "</span>")
    raise nodes.SkipNode


def visit_math_block(self: HTML5Translator, node: nodes.math_block) -> None:
    """A displayed formula; a tag is a link to itself."""
    self.body.append(self.starttag(node, "div", "", CLASS="math") + formula(node, display=True))
    if node.get("label"):
        href = "#" + nodes.make_id(f"equation-{node['label']}")
        self.body.append(f'<a class="eqno" href="{href}">{node["label"]}</a>')
    self.body.append("</div>\n")
    raise nodes.SkipNode


def copy_assets(app: Sphinx) -> None:
    """KaTeX's style sheet and fonts, so that the book asks no network for them."""
    if AS_TEX:
        return
    static = Path(app.outdir) / "_static" / "katex"
    (static / "fonts").mkdir(parents=True, exist_ok=True)
    shutil.copy(KATEX / "katex.min.css", static)
    for font in (KATEX / "fonts").glob("*.woff2"):
        shutil.copy(font, static / "fonts")
    app.add_css_file("katex/katex.min.css")


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.add_html_math_renderer("katex", (visit_math, None), (visit_math_block, None))
    app.connect("builder-inited", copy_assets)
    app.connect("build-finished", renderer.stop)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
