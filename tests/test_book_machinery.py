"""What makes the book out of its pages: entries, folded code, notebooks."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest

from derivations._book import house, needs, pages
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


CODE = sorted(path.stem for path in pages.FOLDER.glob("[dsc][0-9]*_*.py"))


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
