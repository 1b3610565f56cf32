"""What makes the book out of its pages: entries, folded code, notebooks."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from derivations._book import book, house, needs, pages, progress
from derivations._book.needs import Reading
from derivations._ext import folding, notebooks, reading

# What to read before, how long, for whom


def test_every_page_has_an_entry_and_needs_only_earlier_pages() -> None:
    assert list(needs.problems(needs.to_read(), needs.readings())) == []


ENTRIES = {"d01_a": Reading([], 30, "you know it"), "d02_b": Reading(["d01_a"], 30, "you know it")}
PLANTED = {
    "d02_b has no entry": {"d01_a": ENTRIES["d01_a"]},
    "there is no page d03_c": ENTRIES | {"d03_c": Reading([], 30, "")},
    "d01_a needs d02_b: not an earlier page": ENTRIES | {"d01_a": Reading(["d02_b"], 30, "")},
    "d02_b needs d02_b: not an earlier page": ENTRIES | {"d02_b": Reading(["d02_b"], 30, "")},
    "d02_b needs d09_x: not an earlier page": ENTRIES | {"d02_b": Reading(["d09_x"], 30, "")},
    "d02_b: minutes from 5 to 240": ENTRIES | {"d02_b": Reading([], 0, "")},
    "d02_b: its sentence has a full stop": ENTRIES | {"d02_b": Reading([], 30, "you know it.")},
}


@pytest.mark.parametrize("problem", PLANTED)
def test_a_wrong_entry_is_named(problem: str) -> None:
    assert list(needs.problems(["d01_a", "d02_b"], ENTRIES)) == []
    assert list(needs.problems(["d01_a", "d02_b"], PLANTED[problem])) == [problem]


def test_the_minutes_are_those_of_the_text() -> None:
    """As reading.toml says: one for a hundred words, two for an equation."""
    for page in pages.names():
        if page not in needs.readings():
            continue
        text = pages.DISPLAY.sub(" ", pages.markdown((pages.FOLDER / f"{page}.py").read_text()))
        counted = len(text.split()) / 100 + 2 * len(pages.equations(page))
        said = needs.readings()[page].minutes
        assert counted / 1.5 - 5 <= said <= 1.5 * counted + 25, (page, counted)


# The code, in reading order


def test_the_list_of_the_code_is_that_of_the_house() -> None:
    listed = [module for line in house.reading_order() for module in line.modules]
    assert sorted(listed) == sorted(house.modules())
    order = ["design", "marginal", "penalized", "blocked.levels", "optimize", "r.text", "fit"]
    assert sorted(order, key=listed.index) == order


# What is folded


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("check('eq:L', 1, 1)", "check"),
        ("print(1)\nlink('eq:L', 1, 1, f)", "check"),
        ("axes.plot(1, 2)", "drawing"),
        ("def f():\n    return 1", "other"),
        ("print(f(1))", "text"),
        ("table(frame)", "text"),
    ],
)
def test_the_kind_of_a_cell_is_what_it_does(code: str, kind: str) -> None:
    assert folding.kind_of(code) == kind


def folded(page: str) -> dict[str, bool]:
    cells = reading.read((pages.FOLDER / f"{page}.py").read_text("utf-8")).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    shown = [cell for cell in code if "remove-cell" not in cell.metadata["tags"]]
    return {cell.source: "hide-input" in cell.metadata["tags"] for cell in shown}


def test_checks_are_folded_and_what_prints_is_not() -> None:
    for page in pages.names():
        for source, hidden in folded(page).items():
            if folding.kind_of(source) == "check":
                assert hidden, (page, source)
    assert not all(folded("d00_one_page").values())


def test_an_author_can_show_a_cell() -> None:
    text = "# %% [markdown]\n# # T\n\n# %%\nfrom checks import check\n\n# %%{}\nx = 1\n"
    for tags, hidden in (("", 1), (' tags=["show"]', 0), (' tags=["hide-input"]', 1)):
        *_, cell = [c for c in reading.read(text.format(tags)).cells if c.source == "x = 1"]
        assert cell.metadata["tags"].count("hide-input") == hidden


# Notebooks


CODE = sorted(path.stem for path in pages.FOLDER.glob("[dgsc][0-9]*_*.py"))


@pytest.mark.parametrize("page", CODE)
def test_a_notebook_has_the_cells_of_its_page(page: str) -> None:
    source = pages.FOLDER / f"{page}.py"
    made = notebooks.notebook(source)
    nbformat.validate(made)
    assert made == notebooks.notebook(source)  # the same at every build
    drawing, *cells = [c.source for c in made.cells if c.cell_type == "code"]
    assert drawing == notebooks.DRAWING
    assert ast.dump(ast.parse("\n".join(cells))) == ast.dump(ast.parse(source.read_text("utf-8")))
    prose = "\n".join(c.source for c in made.cells if c.cell_type == "markdown")
    assert prose.split() == pages.markdown(source.read_text("utf-8")).split()


def test_what_notebooks_import_goes_with_them(tmp_path: Path) -> None:
    notebooks.beside(pages.FOLDER, tmp_path)
    for page in [*CODE, "messages"]:
        text = (pages.FOLDER / f"{page}.py").read_text("utf-8")
        for name in re.findall(r"^from (checks|_book[.]\w+) import", text, re.MULTILINE):
            assert tmp_path.joinpath(*name.split(".")).with_suffix(".py").exists(), (page, name)
        for name in re.findall(r'"(results/[^"]+)"', text):
            assert (tmp_path / name).exists(), (page, name)


# The build: what it says, and when there is nothing to do

SPHINX = """building [html]: targets for 60 source files that are out of date
updating environment: [new config] 60 added, 0 changed, 0 removed
/book/d05_posterior.py: Executing notebook using local CWD [mystnb]
/book/d05_posterior.py: Executed notebook in 8.38 seconds [mystnb]
/book/s01_counties.py: Executed notebook in 12.6 seconds [mystnb]
reading sources... [ 50%] d01_model .. d04_reml
writing output...
writing output... [100%] d02_marginal .. index
"""


def test_the_build_shows_its_progress(capsys: pytest.CaptureFixture[str]) -> None:
    progress.show(SPHINX.splitlines(), 3)
    assert capsys.readouterr().out.splitlines() == [
        "executed 1 of 3 pages: d05_posterior, 8 s",
        "executed 2 of 3 pages: s01_counties, 13 s",
        "reading sources: 50%",
        "writing output: 100%",
    ]


def test_the_pages_are_those_of_the_configuration() -> None:
    names = {path.stem for path in book.pages()}
    assert {*CODE, *pages.names(), "messages", "shrinkage"} == names


BUILDS: list[str] = []  # of the small book below


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a project whose book is built at once, where there is no npm."""
    top = tmp_path / "derivations"
    for name in ("derivations/d00_one.py", "refmixed/fit.py", "validation/suite/cases.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("1")
    for name in ("pyproject.toml", "ARCHITECTURE.md"):
        (tmp_path / name).touch()
    (top / "package.json").write_text('{"dependencies": {"katex": "1.2.3"}}')
    places = {"FOLDER": top, "BUILD": top / "_build", "HTML": top / "_build" / "html"}
    places |= {"DIGEST": top / "_build" / "made-from", "KATEX": top / "katex.json"}
    for name, place in places.items():
        monkeypatch.setattr(book, name, place)
    monkeypatch.setattr(book.shutil, "which", lambda name: None)
    monkeypatch.chdir(tmp_path)
    BUILDS.clear()

    def sphinx() -> int:
        (top / "_build").mkdir()
        BUILDS.append("TeX")
        return 0

    monkeypatch.setattr(book, "sphinx", sphinx)
    return tmp_path


PATH = "derivations/_build/html/index.html"
NPM = "install nodejs npm)."
LOST = f"Formulas of the book will be shown as TeX, as there is no npm (Debian: apt-get {NPM}"


def test_a_second_build_does_nothing_and_both_end_with_the_path(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (book.main(), book.main(), len(BUILDS)) == (0, 0, 1)
    said = [
        LOST,
        PATH,
        LOST,
        "Nothing has changed since the book was built.",
    ]
    assert capsys.readouterr().out.splitlines() == [*said, PATH]


@pytest.mark.parametrize(
    "name", ["derivations/d00_one.py", "refmixed/fit.py", "validation/suite/cases.py", "new"]
)
def test_a_file_that_changes_is_a_reason_to_build(small: Path, name: str) -> None:
    book.main()
    (small / name).write_text("2")
    assert book.is_current() == (name == "new")  # one beside the folders is none of the book's
    assert book.main() == 0
    assert len(BUILDS) == 2 - (name == "new")


def test_another_version_of_a_package_and_npm_are_reasons_to_build(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book.main()
    with monkeypatch.context() as patch:
        patch.setattr(book, "distributions", lambda: [SimpleNamespace(name="numpy", version="9")])
        assert not book.is_current()
    assert book.is_current()
    monkeypatch.setattr(book.shutil, "which", lambda name: f"/usr/bin/{name}")
    (small / "derivations" / "katex.json").write_text('{"version": "1.2.3"}')
    assert not book.is_current()


def test_a_build_that_fails_says_so_and_is_done_again(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(book, "sphinx", lambda: 2)
    assert book.main() == 2
    assert not book.is_current()
    assert "not built: what is wrong stands above" in capsys.readouterr().err


def test_without_npm_formulas_are_shown_as_tex(tmp_path: Path) -> None:
    """A book of one page, with the configuration of the real one, and no node on the path."""
    (tmp_path / "d00_small.py").write_text("# %% [markdown]\n# # Small\n# $$ x_1 < 2 $$ (eq:x)\n")
    (tmp_path / "index.md").write_text("# All\n\nWith $y^2$.\n\n```{toctree}\nd00_small\n```\n")
    shutil.copy(pages.FOLDER / "checks.py", tmp_path)
    command = [sys.executable, "-m", "sphinx", "-q", "-c", str(pages.FOLDER), str(tmp_path)]
    settings = {"REFMIXED_FORMULAS": "TeX", "PATH": "", "PYTHONPATH": str(pages.FOLDER.parent)}
    subprocess.run([*command, str(tmp_path / "html")], env=os.environ | settings, check=True)
    first, page = ((tmp_path / "html" / f"{n}.html").read_text() for n in ("index", "d00_small"))
    assert "<code>y^2</code>" in first
    assert "<pre><code>x_1 &lt; 2</code></pre>" in page
    assert "Built without npm: formulas are shown as TeX." in page
    assert not (tmp_path / "html" / "_static" / "katex").exists()
