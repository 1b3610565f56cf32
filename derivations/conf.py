"""The book for Sphinx.  `make book` builds it; derivations/_book/book.py says how."""

import logging
import os
import sys
from pathlib import Path

logging.getLogger("traitlets").setLevel(logging.WARNING)  # it tells which kernel runs each page
sys.path.insert(0, str(Path(__file__).parents[1]))  # the extensions are derivations._ext.*

project = "refmixed: the derivations"
author = "The refmixed authors"
copyright = f"{author}, MIT licence"

extensions = [
    "myst_nb",
    "sphinx_design",
    "sphinx_copybutton",
    "derivations._ext.katex",
    "derivations._ext.tags",
    "derivations._ext.livecode",
    "derivations._ext.codepages",
    "derivations._ext.beside",
    "derivations._ext.all_equations",
    "derivations._ext.numbering",
    "derivations._ext.needs",
    "derivations._ext.notebooks",
    "derivations._ext.excerpts",
    "derivations._ext.tables",
    "derivations._ext.figures",
    "derivations._ext.sheet",
]
include_patterns = ["*.md", "[dgsc][0-9]*_*.py"]
include_patterns += ["errata.py", "messages.py", "shrinkage.py"]
nitpicky = True

# Pages are notebooks in percent format. All are executed at every build: a cache of results would
# know of changes on the page, but not in refmixed.
nb_custom_formats = {".py": "derivations._ext.reading.read"}
nb_execution_mode = "force"
nb_execution_show_tb = True  # a cell that fails is a warning, and so an error: see book.py
nb_execution_timeout = 120
nb_output_stderr = "warn"
nb_merge_streams = True
nb_render_markdown_format = "myst"  # tables of the pages of simulations: shown.py
nb_code_prompt_show = "Show the {type}"
nb_code_prompt_hide = "Hide the {type}"
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]

html_theme = "furo"
html_title = "refmixed: the derivations"
html_math_renderer = "katex"
html_static_path = ["_static"]
html_css_files = ["book.css", "print.css"]
html_js_files = ["book.js"]
html_secnumber_suffix = "\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}"
html_copy_source = False
html_show_search_summary = False  # it would fetch pages, which a browser refuses: see excerpts
html_theme_options: dict[str, object] = {"top_of_page_buttons": []}
if os.environ.get("REFMIXED_FORMULAS") == "TeX":
    html_theme_options["announcement"] = "Built without npm: formulas are shown as TeX."
copybutton_exclude = ".linenos, .gp, .go"
