"""Each page of code as a notebook, and all of them with what they import, to download."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from docutils import nodes
from sphinx.application import Sphinx

FOLDER = "notebooks"  # in that of the book
DRAWING = "%matplotlib inline"
BESIDE = ("checks.py", "_book/__init__.py", "_book/s*.py", "results/*.parquet")  # what cells need


def has_notebook(app: Sphinx, page: str) -> bool:
    """Whether a page is made of cells."""
    return str(app.env.doc2path(page)).endswith(".py")


def to_notebook(app: Sphinx, page: str) -> list[nodes.Node]:
    """A line with links to the notebook of a page, and to all of them."""
    folder = app.builder.get_relative_uri(page, "index").rpartition("/")[0] or "."
    links = [
        nodes.reference("", text, refuri=f"{folder}/{file}", internal=True)
        for text, file in (
            ("this page as a notebook", f"{FOLDER}/{page}.ipynb"),
            ("all notebooks with what they import", f"{FOLDER}.zip"),
        )
    ]
    return [nodes.Text("Download: "), links[0], nodes.Text(", "), links[1], nodes.Text(".")]


def notebook(source: Path) -> Any:
    """The cells of a page, and one so that it draws; each build gives them the same names."""
    made = jupytext.reads(source.read_text("utf-8"), fmt="py:percent")
    made.cells.insert(1, nbformat.v4.new_code_cell(DRAWING))
    for number, cell in enumerate(made.cells):
        cell["id"] = f"cell-{number}"
    made.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    return made


def write(app: Sphinx, error: Exception | None) -> None:
    """The notebooks beside the pages, and an archive in which they run."""
    if error or app.builder.name != "html":
        return
    to, source = Path(app.outdir) / FOLDER, Path(app.srcdir)
    to.mkdir(exist_ok=True)
    for page in sorted(app.env.found_docs):
        if has_notebook(app, page):
            nbformat.write(notebook(Path(app.env.doc2path(page))), to / f"{page}.ipynb")
    beside(source, to)
    shutil.make_archive(str(to), "zip", to)


def beside(source: Path, to: Path) -> None:
    """What the cells import and read lies beside them, as it does beside the pages."""
    for file in (file for pattern in BESIDE for file in source.glob(pattern)):
        place = to / file.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
