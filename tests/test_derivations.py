"""Every page runs, every check on it can fail, and equations and code lead to one another."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from shared import folder, once

import refmixed as rm
from derivations import checks
from derivations._book import citations, definitions, pages, running, trace
from derivations._book.running import Checked
from derivations.checks import CheckFailed, check, holds, link, perturbed

LEAST_TAGS = 60
WHOLE_BOOK = pytest.mark.timeout(900)  # where one worker runs all pages
x, y = sp.symbols("x y", positive=True)
A, B = sp.symbols("A B", commutative=False)


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Checked]]:
    """Run a page and perturb its checks, once for all workers."""

    def run_page(page: str) -> list[Checked]:
        path = folder(tmp_path_factory) / f"{page}.json"
        return running.parse(once(path, lambda: running.known(page)))

    return run_page


@pytest.fixture(scope="session")
def book(run: Callable[[str], list[Checked]]) -> trace.Book:
    return trace.read(run)


@pytest.mark.parametrize("page", pages.names())
def test_a_page_runs_and_each_of_its_checks_fails_when_perturbed(
    run: Callable[[str], list[Checked]], page: str
) -> None:
    found = run(page)
    assert found or not pages.equations(page)
    assert [c.tag for c in found if not c.sensitive] == []
    assert {c.page for c in found} <= {page}


@WHOLE_BOOK
@pytest.mark.parametrize("rule", trace.PROBLEMS, ids=lambda rule: rule.__name__)
def test_the_book_obeys(book: trace.Book, rule: Callable[[trace.Book], Iterator[str]]) -> None:
    assert list(rule(book)) == []


@WHOLE_BOOK
def test_there_are_enough_equations_of_every_kind(book: trace.Book) -> None:
    assert len(book.tags) >= LEAST_TAGS
    assert {c.kind for c in book.checks} == set(checks.KINDS)


@WHOLE_BOOK
def test_the_table_has_a_row_for_each_equation(book: trace.Book) -> None:
    title, *rows = trace.rows(book)
    assert [row[0] for row in rows] == book.tags
    assert len(set(map(len, [title, *rows]))) == 1


# Mistakes planted in a book of one equation: each is found by the rule for it, and by no other.

GOOD = trace.Book(
    equations=[pages.Equation("eq:L", "L L^\\top = A", pages.names()[0], 1)],
    checks=[Checked("eq:L", pages.names()[0], "link", "", "penalized.solve", False, True)],
    citations=[citations.Citation("eq:L", "penalized", "penalized.solve", True, range(1))],
)
(EQUATION,), (CHECK,), (CITATION,) = GOOD.equations, GOOD.checks, GOOD.citations
ELSEWHERE = dataclasses.replace(CITATION, tag="eq:other")
LOWER = dataclasses.replace(EQUATION, tag="eq:l")
PLANTED: dict[str, dict[str, Any]] = {
    "defined_twice": {"equations": [EQUATION, EQUATION]},
    "untagged": {"equations": [EQUATION, dataclasses.replace(EQUATION, tag="")]},
    "unchecked": {"checks": [], "citations": []},
    "nowhere": {"citations": [CITATION, ELSEWHERE]},
    "unlinked": {"checks": [dataclasses.replace(CHECK, kind="exact")]},
    "unused": {"checks": [dataclasses.replace(CHECK, text_only=True)]},
    "insensitive": {"checks": [dataclasses.replace(CHECK, sensitive=False)]},
    "misplaced": {"checks": [dataclasses.replace(CHECK, page="d99_nothing")]},
}
FOLLOWS = {"unchecked": {"unused"}}  # what is not checked does not say text only either


def broken(book: trace.Book) -> set[str]:
    return {rule.__name__ for rule in trace.PROBLEMS if list(rule(book))}


def test_every_rule_has_a_planted_mistake() -> None:
    assert set(PLANTED) == {rule.__name__ for rule in trace.PROBLEMS}
    assert broken(GOOD) == set()


@pytest.mark.parametrize("rule", PLANTED)
def test_a_planted_mistake_breaks_its_rule(rule: str) -> None:
    book = dataclasses.replace(GOOD, **PLANTED[rule])
    assert broken(book) == {rule} | FOLLOWS.get(rule, set())


def test_tags_that_differ_in_case_would_share_an_anchor_on_one_page() -> None:
    check = dataclasses.replace(CHECK, tag="eq:l")
    book = dataclasses.replace(GOOD, equations=[EQUATION, LOWER], checks=[CHECK, check])
    assert broken(book) == {"defined_twice"}


def test_a_tag_that_neither_code_nor_check_accounts_for_is_unused() -> None:
    check = dataclasses.replace(CHECK, kind="exact", function="")
    assert broken(dataclasses.replace(GOOD, checks=[check], citations=[])) == {"unused"}


# Rooms: what a folder within refmixed cites counts as much.


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder that stands for refmixed while a test writes modules into it."""
    read = [getattr(definitions, name) for name in ("modules", "text", "tree", "lines")]
    caches = [*read, definitions.definitions, citations.citations]
    monkeypatch.setattr(definitions, "CODE", tmp_path)
    for cached in caches:
        cached.cache_clear()
    yield tmp_path
    for cached in caches:
        cached.cache_clear()


@pytest.mark.parametrize("file", ["at_the_top.py", "room/inside.py", "room/within/deep.py"])
def test_what_any_folder_cites_must_be_derived(planted: Path, file: str) -> None:
    (planted / file).parent.mkdir(parents=True, exist_ok=True)
    (planted / file).write_text("def total(x):\n    return sum(x)  # ()  eq:nobody-derived-this\n")
    book = trace.Book([], [], citations.citations())
    module = file.removesuffix(".py").replace("/", ".")
    expected = f"{module}.total cites eq:nobody-derived-this, which no page derives"
    assert list(trace.nowhere(book)) == [expected]


def test_the_code_of_a_room_is_shown_beside_its_equation() -> None:
    (line,) = shown("eq:parts-xvy", "studies.independent.at")
    assert line.startswith("XVy += XVX_part @ found.beta")


# checks.py


@pytest.fixture(autouse=True)
def a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "CHECKS", [])
    monkeypatch.setattr(checks, "_page", "d00_test")


TRUE = [
    ((x + y) ** 2, x**2 + 2 * x * y + y**2),
    (sp.log(x * y), sp.log(x) + sp.log(y)),
    (sp.sin(x) ** 2 + sp.cos(x) ** 2, 1),
    (1 / (1 / x + 1 / y), x * y / (x + y)),
    (A * (A + B), A**2 + A * B),
    (sp.Matrix([[x, 1], [0, y]]).inv(), sp.Matrix([[1 / x, -1 / (x * y)], [0, 1 / y]])),
    ([x, sp.Matrix([y])], [x, sp.Matrix([y])]),
    (sp.Rational(1, 3), sp.Rational(2, 6)),
    (np.array([1.0, 2.0]), np.array([1.0, 2.0 + 1e-13])),
]
FALSE = [
    ((x + y) ** 2, x**2 + y**2),
    (sp.sqrt(x**2 + y**2), x + y),
    (A * B, B * A),
    ((A + B) ** 2, A**2 + 2 * A * B + B**2),
    (sp.Matrix([[x, y]]), sp.Matrix([x, y])),
    (sp.Matrix([[x, 1], [0, y]]), sp.Matrix([[x, 0], [1, y]])),
    ([x, y], [x, y, 0]),
    (sp.Rational(1, 3), sp.Rational(333333333333, 1000000000000)),
    (np.ones((2, 2)), np.ones(4)),
    (np.array([1.0, 2.0]), np.array([1.0, 2.0 + 1e-7])),
    (np.array([1.0, np.nan]), np.array([1.0, np.nan])),
    (sp.Symbol("z"), sp.sqrt(sp.Symbol("z") ** 2)),
]


@pytest.mark.parametrize("sides", TRUE, ids=str)
def test_a_true_equation_holds_and_a_perturbed_one_does_not(sides: tuple[object, object]) -> None:
    left, right = sides
    assert holds(left, right)
    assert not holds(left, perturbed(right))


@pytest.mark.parametrize("sides", FALSE, ids=str)
def test_a_false_equation_raises(sides: tuple[object, object]) -> None:
    left, right = sides
    with pytest.raises(CheckFailed):
        check("eq:false", left, right)
    assert checks.CHECKS == []


def test_a_failure_shows_both_sides_and_their_difference() -> None:
    with pytest.raises(CheckFailed) as failed:
        check("eq:square", sp.Matrix([x, (x + y) ** 2]), sp.Matrix([x, x**2 + y**2]), "symbolic")
    message = str(failed.value)
    for part in ("eq:square", "(x + y)**2", "x**2 + y**2", "difference: {1: 2*x*y}"):
        assert part in message


def test_a_failed_link_shows_the_numbers() -> None:
    with pytest.raises(CheckFailed, match=r"(?s)1\.5.*2\.5.*difference: -1\.0"):
        link("eq:sum", 1.5, 2.5, rm.penalized.solve)


def test_a_link_knows_its_function() -> None:
    link("eq:sum", np.eye(2), np.eye(2), rm.penalized.solve)
    (kept,) = checks.CHECKS
    assert (kept.kind, kept.function, kept.sizes) == ("link", "penalized.solve", "2 x 2")


@pytest.mark.parametrize(("tag", "kind"), [("L", "exact"), ("eq:L", "proof"), ("eq:L", "link")])
def test_what_is_no_check_is_refused(tag: str, kind: str) -> None:
    with pytest.raises(ValueError, match=r"known kind|made by link"):
        check(tag, x, x, kind)


def test_checks_are_written_down_without_their_sides(tmp_path: Path) -> None:
    check("eq:L", x, x, "general", "all sizes", text_only=True)
    checks.save(str(tmp_path / "deep" / "L.json"))
    (written,) = json.loads((tmp_path / "deep" / "L.json").read_text())
    assert written == {
        "tag": "eq:L",
        "page": "d00_test",
        "kind": "general",
        "sizes": "all sizes",
        "function": "",
        "text_only": True,
        "sensitive": True,
    }


def test_a_page_runs_where_there_is_no_book_and_tells_what_the_book_would(
    monkeypatch: pytest.MonkeyPatch, run: Callable[[str], list[Checked]], tmp_path: Path
) -> None:
    told = run("c02_marginal")
    monkeypatch.setattr(running.book, "DIGEST", tmp_path / "none")
    running.is_built.cache_clear()
    assert running.run("c02_marginal") == told
    running.is_built.cache_clear()


# What the pages display, and what the code cites.

PAGE = r"""# %% [markdown]
# # Title
# By $a = b$, $$a = b$$ (eq:one-line)
#
# $$
# a &= b \\
#   &= c
# $$ (eq:several-lines)
# $$ \sum_{i=1}^n x_i \equiv s $$
# $$ a = c $$
# %%
text = "$$ x = y $$ (eq:in-code)"
# %% [markdown]
# ```{math}
# :label: by-directive
# a = b
# ```
# \begin{align}
# a &= b
# \end{align}
"""


def test_displayed_equations_are_found_with_their_lines() -> None:
    found = pages.equations("d00_test", PAGE)
    assert [(e.tag, e.line, e.states_an_identity) for e in found] == [
        ("eq:one-line", 3, True),
        ("eq:several-lines", 5, True),
        ("", 9, False),
        ("", 10, True),
        ("", 14, True),
        ("", 18, True),
    ]


def shown(tag: str, name: str) -> list[str]:
    (citation,) = (c for c in citations.of_tag(tag) if c.name == name)
    return [definitions.lines(citation.module)[i - 1].strip() for i in citation.shown]


def test_the_statement_beside_a_tag_is_shown() -> None:
    (line,) = shown("eq:RZX", "penalized.solve")
    assert line.startswith("RZX = solve_lower(L, Lambda.T @ design.ZtX)")


def test_of_a_long_statement_the_line_with_the_tag_is_shown() -> None:
    (line,) = shown("eq:coordinates", "coordinates.Coordinates.evaluation_out")
    assert line.startswith("criterion=")


def test_a_tag_in_a_docstring_stands_for_the_body_if_that_is_short() -> None:
    (line,) = shown("eq:sylvester", "penalized.Penalized.logdet_V0")
    assert line.startswith("return logdet(self.L)")
    assert shown("eq:normal-equations", "penalized.solve")[0].startswith("Lambda = ")


def test_a_moved_function_is_not_found() -> None:
    assert definitions.find("refmixed.penalized.solve()") == definitions.find("penalized.solve")
    assert definitions.find("penalized.solve") is not None
    assert definitions.find("result.Fit.ranef") is not None
    assert definitions.find("penalized.gone") is None
    assert definitions.find("gone.solve") is None
