"""A page in percent format -> a notebook: code folded, what every page needs added.

Where a page shows messages its cells have the tag `message`: their lines are broken, not scrolled.
"""

from __future__ import annotations

from typing import Any

import jupytext
import nbformat.v4

from .folding import fold
from .records import WRITTEN

# drawings stay sharp at any size, and two builds draw the same bytes
FIGURES = """
import matplotlib
from matplotlib_inline.backend_inline import set_matplotlib_formats
set_matplotlib_formats("svg")
matplotlib.rcParams["svg.hashsalt"] = "refmixed"
"""
SAVING = f"""
import checks
checks.save(f"{WRITTEN}/{{checks.CHECKS[-1].page}}.json")
"""
CHECKED = """
## What was checked on this page

```{checked}
```
"""


def read(text: str) -> Any:
    """The notebook; its last code cell writes down what was checked."""
    notebook = jupytext.reads(text, fmt="py:percent")
    title, *cells = notebook.cells
    fold(cells, "from checks import" in text)
    notebook.cells = [title, hidden(FIGURES), *cells]
    if "import says" in text:
        tag(notebook.cells, "message")
    if "from checks import" in text:
        notebook.cells += [hidden(SAVING), nbformat.v4.new_markdown_cell(CHECKED)]
    return notebook


def tag(cells: list[Any], name: str) -> None:
    """One more tag for each cell of code."""
    for cell in cells:
        if cell.cell_type == "code":
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), name]


def hidden(code: str) -> Any:
    """A cell that runs and does not show."""
    return nbformat.v4.new_code_cell(code, metadata={"tags": ["remove-cell"]})
