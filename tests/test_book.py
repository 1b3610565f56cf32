"""The book is built, and looked at in headless Chromium as a reader would: offline, from files.

Without node the book cannot be built, without Chromium not be looked at: a skip says which.
With REFMIXED_REQUIRE_BROWSER=1 it is a failure instead.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import browser
import nbclient
import nbformat
import numpy as np
import pandas as pd
import pytest
from counts import some
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from shared import folder, once

import refmixed as rm
from derivations._book import book as build
from derivations._book import needs, pages
from derivations._book import print as paper

pytestmark = pytest.mark.timeout(1200)  # the first test builds the book

Facts = dict[str, dict[str, Any]]  # {page: what browser.look found}
LEGIBLE = 4.5  # contrast of text, by the Web Content Accessibility Guidelines


def need(what: str, *commands: str) -> None:
    missing = [command for command in commands if not shutil.which(command)]
    if missing and os.environ.get("REFMIXED_REQUIRE_BROWSER") == "1":
        pytest.fail(f"REFMIXED_REQUIRE_BROWSER=1, and there is no {', '.join(missing)}")
    if missing:
        pytest.skip(f"{what} needs {', '.join(missing)}")


@pytest.fixture(scope="session")
def html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the book.  The one that is there will do if it is of the same files."""
    need("building the book", "node", "npm")

    def make() -> str:
        if not (build.has_katex() and build.is_current()):
            command = [sys.executable, "-m", "derivations._book.book"]
            done = subprocess.run(command, cwd=build.FOLDER.parent, capture_output=True, text=True)
            return done.stdout + done.stderr if done.returncode else ""
        return ""

    complaints = once(folder(tmp_path_factory) / "book.txt", make)
    assert not complaints, complaints
    return build.HTML


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chrome]:
    need("looking at the book", "chromium", "chromedriver")
    driver = browser.started()
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def facts(html: Path, chromium: Chrome, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """What is to be seen on every page, and on a share of those that show code, all made alike."""
    names = [str(path.relative_to(html)) for path in files(html)]
    code = [name for name in names if Path(name).parent.name == "code"]
    names = [name for name in names if name not in code] + some(code, every=8)
    path = folder(tmp_path_factory) / "facts.json"
    found = once(path, lambda: json.dumps({n: browser.look(chromium, html / n) for n in names}))
    return json.loads(found)


def files(html: Path) -> list[Path]:
    return sorted(path for path in html.rglob("*.html") if "_static" not in path.parts)


def test_there_is_a_page_for_everything(html: Path) -> None:
    names = {path.stem for path in html.glob("*.html")}
    assert {"index", "search", "shrinkage", "messages", "equations", "code"} <= names
    assert set(pages.names()) <= names
    assert {"penalized", "marginal", "fit"} <= {path.stem for path in html.glob("code/*.html")}


@pytest.mark.long
def test_all_formulas_are_rendered(facts: Facts) -> None:
    for name, page in facts.items():
        assert page["rendered"] == page["formulas"], name
        assert page["errors"] == 0, name
        assert re.findall(r".*\$.*|.*\\[a-z]+\{.*|.*\{eq\}.*", page["prose"]) == [], name
    for page in pages.names():
        assert facts[f"{page}.html"]["formulas"] >= len(pages.equations(page))


@pytest.mark.long
def test_nothing_is_asked_of_any_network(facts: Facts) -> None:
    for name, page in facts.items():
        assert page["requests"], name
        assert [url for url in page["requests"] if not url.startswith(("file:", "data:"))] == []


@pytest.mark.long
def test_the_console_stays_empty(facts: Facts) -> None:
    assert {name: page["console"] for name, page in facts.items() if page["console"]} == {}


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_read(facts: Facts, scheme: str) -> None:
    faint = {
        (name, element): round(contrast, 2)
        for name, page in facts.items()
        for element, contrast in page[scheme].items()
        if contrast < LEGIBLE
    }
    assert faint == {}


@pytest.mark.long
def test_no_page_is_wider_than_a_phone(facts: Facts) -> None:
    assert {name: page["phone"] for name, page in facts.items() if page["phone"] > 390} == {}


# Links, without a browser


class Links(HTMLParser):
    """What a page links to and loads, and where in it one can link to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.texts: list[str] = []  # what links read as
        self.inside = False
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.anchors.update(filter(None, (found.get("id"), found.get("name"))))
        target = found.get("href") or found.get("src")
        if target:
            (self.targets if tag == "a" else self.loaded).append(target)
        if tag == "a":
            self.texts.append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "a"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.texts[-1] += data


@pytest.fixture(scope="module")
def links(html: Path) -> dict[Path, Links]:
    return {path: Links(path) for path in files(html)}


def is_outside(target: str) -> bool:
    return re.match(r"[a-z]+:", target) is not None


def test_links_within_the_book_lead_somewhere(links: dict[Path, Links]) -> None:
    broken = []
    for path, page in links.items():
        for target in [*page.targets, *page.loaded]:
            if is_outside(target):
                continue
            name, _, anchor = unquote(target).partition("#")
            to = (path.parent / name.partition("?")[0]).resolve() if name else path
            there = to.exists() and (not anchor or to not in links or anchor in links[to].anchors)
            if not there and anchor != "":
                broken.append((path.name, target))
    assert broken == []


def test_links_to_pages_read_as_their_titles(links: dict[Path, Links]) -> None:
    files = {path.stem for path in links if re.match(r"[dgsc]\d\d_", path.stem)}
    files |= {"errata", "messages", "conformance", "speed"}
    for path, page in links.items():
        texts = {text.strip() for text in page.texts}
        assert texts & files == set(), path.name
        assert [text for text in texts if re.search(r"[.](md|py|html)$", text)] == [], path.name
    (first,) = (page for path, page in links.items() if path.stem == "d00_one_page")
    assert "Finding the best theta" in first.texts  # `d07_optimize` in its prose


def test_what_a_page_loads_lies_beside_it(links: dict[Path, Links]) -> None:
    for path, page in links.items():
        outside = [t for t in page.loaded if is_outside(t) and not t.startswith("data:")]
        assert outside == [], path.name


def test_equation_and_code_lead_to_each_other(html: Path, links: dict[Path, Links]) -> None:
    page, code = html / "d06_penalized.html", html / "code" / "penalized.html"
    assert "code/penalized.html#penalized.solve" in links[page].targets
    assert "../d06_penalized.html#equation-eq-rzx" in links[code].targets
    assert "equation-eq-rzx" in links[page].anchors


def test_each_message_can_be_linked_to_by_its_name(html: Path, links: dict[Path, Links]) -> None:
    page = links[html / "messages.html"]
    titles = re.findall(r"^# ### (.+)$", (build.FOLDER / "messages.py").read_text(), re.MULTILINE)
    assert {"FormulaError", "RankWarning", "Singular fit"} <= set(titles)
    assert {title.lower().replace(" ", "-") for title in titles} <= page.anchors
    assert "#rankwarning" in page.targets  # of `RankWarning` in the prose


def test_each_page_ends_with_what_was_checked_on_it(html: Path) -> None:
    for name in pages.names():
        end = (html / f"{name}.html").read_text().partition("What was checked on this page")[2]
        for equation in pages.equations(name):
            if equation.tag:
                assert equation.tag in end, (name, equation.tag)


def test_pages_are_numbered_in_reading_order(html: Path) -> None:
    index = (html / "index.html").read_text()
    (contents,) = re.findall(r'<div class="sidebar-tree">(.*?)</aside>', index, re.DOTALL)
    numbered = re.findall(r'href="(\w+)[.]html">(\d+)\s', contents)
    assert [int(number) for _, number in numbered] == [*range(1, len(numbered) + 1)]
    assert set(needs.to_read()) <= {page for page, _ in numbered}
    in_order = [page for page, _ in numbered if page in needs.to_read()]
    assert in_order == needs.to_read()
    for page, number in numbered:
        title = re.findall(r"<h1>(.*?)<a", (html / f"{page}.html").read_text(), re.DOTALL)[0]
        assert re.sub(r"<.*?>", "", title).startswith(f"{number}\N{NO-BREAK SPACE}"), page


def test_a_page_begins_with_what_it_needs_and_how_long_it_takes(
    html: Path, links: dict[Path, Links]
) -> None:
    for page, entry in needs.readings().items():
        text = (html / f"{page}.html").read_text()
        (box,) = re.findall(r'<div class="reading docutils container">(.*?)</div>', text, re.DOTALL)
        assert f"About {entry.minutes} minutes." in box, page
        assert [name for name in entry.needs if f'href="{name}.html"' not in box] == [], page
        if (build.FOLDER / f"{page}.py").exists():
            assert f"notebooks/{page}.ipynb" in " ".join(links[html / f"{page}.html"].targets)


def test_all_equations_are_shown_with_tag_and_code(html: Path) -> None:
    text = (html / "equations.html").read_text()
    entries = re.split(r'<div class="equation docutils container">', text)[1:]
    tags = [e.tag for page in pages.names() for e in pages.equations(page) if e.tag]
    assert len(entries) == len(tags) > 300
    for entry, tag in zip(entries, tags, strict=True):
        assert 'class="katex-display"' in entry, tag
        assert f'#{"equation-" + tag.replace(":", "-").lower()}"' in entry.lower(), tag
    assert "penalized.solve" in entries[tags.index("eq:RZX")]


def test_a_notebook_runs_with_what_is_downloaded(html: Path, tmp_path: Path) -> None:
    shutil.unpack_archive(html / "notebooks.zip", tmp_path)
    made = nbformat.read(tmp_path / "s05_raters.ipynb", as_version=4)
    there = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(made, kernel_name="python3", resources=there).execute()
    outputs = [output for cell in made.cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs)


# Paper

NOT_PRINTED = {"index", "search", "genindex"}
PAPER = 665  # pixels of A4 between its margins
TOO_WIDE = """
return [...document.querySelectorAll("article :is(pre, table, img, .katex-html > .base)")]
  .filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth)
  .map((e) => e.textContent.slice(0, 60));
"""


def test_the_printed_book_has_every_page_once_and_links_within_itself(html: Path) -> None:
    parts = paper.parts()
    printed = [page for part in parts for page in part.pages]
    assert len(printed) == len(set(printed))
    assert {path.stem for path in html.glob("*.html")} - set(printed) == NOT_PRINTED
    text = "".join(paper.whole(parts))
    places = set(re.findall(r'\bid="([^"]+)"', text))
    to = {unquote(place) for place in re.findall(r'\bhref="#([^"]+)"', text)}
    assert len(to) > 500
    assert to - places == set()
    assert "d06_penalized:equation-eq-rzx" in to


def test_a_page_is_printed(html: Path, chromium: Chrome, tmp_path: Path) -> None:
    out = tmp_path / "page.pdf"
    paper.to_pdf([paper.Part("", ["s04_small_areas"])], out)
    assert out.read_bytes().startswith(b"%PDF")
    assert len(list(re.finditer(rb"/Type */Page\b", out.read_bytes()))) >= 2


@pytest.mark.parametrize("page", ["d00_one_page", "d11_blocked", "errata", "conformance"])
def test_nothing_is_cut_off_on_paper(html: Path, chromium: Chrome, page: str) -> None:
    browser.resize(chromium, PAPER)
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    chromium.get((html / f"{page}.html").as_uri())
    wide = chromium.execute_script(TOO_WIDE)
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert wide == []


# Reading


def folded(chromium: Chrome) -> list[bool]:
    """Whether the folded code of a page is closed, cell by cell."""
    details = chromium.find_elements(By.CSS_SELECTOR, "details.hide.above-input")
    return [one.get_attribute("open") is None for one in details]


def test_one_switch_opens_the_code_of_all_pages_and_is_remembered(
    html: Path, chromium: Chrome
) -> None:
    def switch() -> None:
        chromium.find_element(By.CSS_SELECTOR, ".code-switch input").click()

    browser.resize(chromium, 1400)
    chromium.get((html / "d06_penalized.html").as_uri())
    closed = folded(chromium)
    assert len(closed) > 20
    assert all(closed)
    outputs = chromium.find_elements(By.CSS_SELECTOR, ".cell_output")
    assert outputs
    assert all(output.is_displayed() for output in outputs)
    switch()
    assert not any(folded(chromium))
    chromium.get((html / "s03_shrinkage.html").as_uri())
    assert folded(chromium)
    assert not any(folded(chromium))
    switch()
    chromium.get((html / "d06_penalized.html").as_uri())
    assert all(folded(chromium))


def test_every_page_has_the_switch(html: Path, chromium: Chrome) -> None:
    for name in ("index", "conformance", "search", "code/penalized"):
        chromium.get((html / f"{name}.html").as_uri())
        assert len(chromium.find_elements(By.CSS_SELECTOR, ".code-switch input")) == 1, name


def test_without_scripts_folded_code_opens_by_itself(html: Path, chromium: Chrome) -> None:
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    chromium.get((html / "d06_penalized.html").as_uri())
    summary = chromium.find_element(By.CSS_SELECTOR, "details.hide summary")
    details = chromium.find_element(By.CSS_SELECTOR, "details.hide")
    before = details.rect["height"]
    summary.send_keys(Keys.ENTER)
    after = details.rect["height"]
    switches = chromium.find_elements(By.CSS_SELECTOR, ".code-switch")
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert after > before + 50
    assert switches == []


def test_a_message_is_read_without_scrolling(html: Path, chromium: Chrome) -> None:
    chromium.get((html / "messages.html").as_uri())
    browser.resize(chromium, 390)
    outputs = chromium.find_elements(By.CSS_SELECTOR, ".cell_output pre")
    widths = "return [arguments[0].scrollWidth, arguments[0].clientWidth]"
    assert len(outputs) > 30
    for output in outputs:
        needed, there = chromium.execute_script(widths, output)
        assert needed <= there, output.text


def test_code_stands_beside_its_equation_and_below_it_on_a_phone(
    html: Path, chromium: Chrome
) -> None:
    chromium.get((html / "d06_penalized.html").as_uri())
    equation = chromium.find_element(By.CSS_SELECTOR, "#equation-eq-rzx .derivation")
    code = chromium.find_element(By.CSS_SELECTOR, "#equation-eq-rzx .live-code")
    assert "RZX = solve_lower" in code.text
    for width, beside in ((1400, True), (390, False)):
        browser.resize(chromium, width)
        right, below = (
            equation.rect[a] + equation.rect[b] for a, b in (("x", "width"), ("y", "height"))
        )
        assert (code.rect["x"] >= right) == beside
        assert (code.rect["y"] >= below) == (not beside)


def test_the_search_finds_pages(html: Path, chromium: Chrome) -> None:
    chromium.get((html / "search.html").as_uri() + "?q=sylvester")
    WebDriverWait(chromium, 20).until(
        lambda driver: driver.find_elements(By.CSS_SELECTOR, "#search-results li a")
    )
    found = chromium.find_elements(By.CSS_SELECTOR, "#search-results li a")
    assert any("d06_penalized.html" in (link.get_attribute("href") or "") for link in found)


@pytest.mark.parametrize("word", ["Sylvester", "predictions", "shrinkage"])
def test_a_result_shows_the_place_in_words(html: Path, chromium: Chrome, word: str) -> None:
    chromium.get((html / "search.html").as_uri() + f"?q={word}")
    WebDriverWait(chromium, 20).until(
        lambda driver: driver.find_elements(By.CSS_SELECTOR, "#search-results .excerpt")
    )
    texts = [e.text for e in chromium.find_elements(By.CSS_SELECTOR, "#search-results .excerpt")]
    assert any(word.lower() in text.lower() for text in texts)
    assert [text for text in texts if re.search(r"\\[a-z]|\$|[_^]\{", text)] == []


# The page with sliders


@pytest.fixture
def sliders(html: Path, chromium: Chrome) -> Chrome:
    browser.resize(chromium, 1400)
    chromium.get((html / "shrinkage.html").as_uri())
    return chromium


def drawn(chromium: Chrome, row: str) -> np.ndarray:
    marks = chromium.find_elements(By.CSS_SELECTOR, f"#shrinkage circle.{row}")
    return np.array([float(mark.get_attribute("data-value") or "nan") for mark in marks])


def set_slider(chromium: Chrome, name: str, value: float) -> None:
    slider = chromium.find_element(By.NAME, name)
    code = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))"
    chromium.execute_script(code, slider, value)


def posterior_means(means: np.ndarray, sizes: np.ndarray, theta: float) -> np.ndarray:
    """By refmixed: a county is one row, with the weight of its respondents."""
    data = pd.DataFrame({"y": means, "county": [f"{j:02d}" for j in range(len(means))]})
    design = rm.design("y ~ 1 + (1 | county)", data, weights=sizes, allow_saturated=True)
    at = np.array([theta])
    return rm.penalized.solve(design, at).beta + rm.penalized.posterior(design, at).gamma


def sizes(chromium: Chrome, counties: int, size: int) -> np.ndarray:
    data = chromium.find_element(By.ID, "shrinkage-data").get_attribute("textContent")
    shares = np.array(json.loads(data or "")["draws"]["share"][:counties])
    return np.maximum(1, np.floor(shares * size + 0.5))


def test_the_sliders_draw_what_refmixed_computes(sliders: Chrome) -> None:
    chosen = {"sigma": 12.0, "sigma_gamma": 3.0, "size": 7, "counties": 11}
    for name, value in chosen.items():
        set_slider(sliders, name, value)
    means = drawn(sliders, "means")
    expected = posterior_means(means, np.full(11, 7.0), 3.0 / 12.0)
    np.testing.assert_allclose(drawn(sliders, "partial"), expected, rtol=1e-12)
    sliders.find_element(By.NAME, "unequal").click()
    means = drawn(sliders, "means")
    expected = posterior_means(means, sizes(sliders, 11, 7), 3.0 / 12.0)
    np.testing.assert_allclose(drawn(sliders, "partial"), expected, rtol=1e-12)


@pytest.mark.parametrize("name", ["sigma", "sigma_gamma", "size", "counties"])
def test_a_slider_obeys_the_keyboard_and_redraws(sliders: Chrome, name: str) -> None:
    slider = sliders.find_element(By.NAME, name)
    label = slider.find_element(By.XPATH, "..")
    before, shown = drawn(sliders, "partial"), label.find_element(By.TAG_NAME, "output").text
    slider.send_keys(Keys.ARROW_RIGHT)
    after = drawn(sliders, "partial")
    assert label.find_element(By.TAG_NAME, "output").text != shown
    assert before.shape != after.shape or not np.allclose(before, after)
    assert label.tag_name == "label"
    assert len(label.text) > 10


@pytest.mark.parametrize("name", ["sigma", "sigma_gamma"])
def test_the_ends_of_the_sliders_are_no_trouble(sliders: Chrome, name: str) -> None:
    """Without any variance nothing moves; without that of the counties all are the same."""
    set_slider(sliders, name, 0)
    partial, means = drawn(sliders, "partial"), drawn(sliders, "means")
    assert np.allclose(partial, means if name == "sigma" else partial[0])
    set_slider(sliders, "sigma", 0)
    set_slider(sliders, "sigma_gamma", 0)
    assert np.allclose(drawn(sliders, "partial"), 50)


def test_the_first_drawing_is_that_of_the_picture_without_scripts(sliders: Chrome) -> None:
    picture = sliders.find_element(By.CSS_SELECTOR, ".tag_shrinkage-picture")
    assert not picture.is_displayed()
    sliders.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    sliders.refresh()
    image = sliders.find_element(By.CSS_SELECTOR, ".tag_shrinkage-picture img")
    width = image.rect["width"]
    controls = sliders.find_elements(By.CSS_SELECTOR, "#shrinkage input")
    sliders.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert width > 300
    assert controls == []


# What must stop the build


PLANTED = r"""# %% [markdown]
# # Mistakes
# A slip in TeX:
# $$ \frac{a}{ = b $$ (eq:slip)
# A reference to {eq}`eq:not-there`, a name that moved, `penalized.gone`, and its code:
#
# ```{refmixed} penalized.gone
# ```
"""
FALSE = """# %% [markdown]
# # A false equation
# $$ (x + y)^2 = x^2 + y^2 $$ (eq:false)
# %%
import sympy as sp
from checks import check, page
page("d00_false")
x, y = sp.symbols("x y")
check("eq:false", (x + y) ** 2, x**2 + y**2)
"""


def small_book(tmp: Path, page: str) -> subprocess.CompletedProcess[str]:
    """Build a book of one page, with the configuration of the real one."""
    need("building a book", "node", "npm")
    (tmp / "d00_small.py").write_text(page)
    (tmp / "index.md").write_text("# Small\n\n```{toctree}\nd00_small\n```\n")
    shutil.copy(build.FOLDER / "checks.py", tmp)
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-c"]
    return subprocess.run(
        [*command, str(build.FOLDER), str(tmp), str(tmp / "html")],
        env=os.environ | {"PYTHONPATH": str(build.FOLDER.parent)},
        capture_output=True,
        text=True,
    )


def test_mistakes_on_a_page_stop_the_build_and_are_named(html: Path, tmp_path: Path) -> None:
    done = small_book(tmp_path, PLANTED)
    assert done.returncode != 0
    assert re.search(r"d00_small.py:4: WARNING: KaTeX parse error", done.stderr)
    assert re.search(r"d00_small.py.*equation not found: eq:not-there", done.stderr)
    assert len(re.findall(r"d00_small.py.*refmixed has no penalized.gone", done.stderr)) == 2


def test_a_check_that_fails_stops_the_build(html: Path, tmp_path: Path) -> None:
    done = small_book(tmp_path, FALSE)
    assert done.returncode != 0
    assert "CheckFailed" in done.stderr
    assert "2*x*y" in done.stderr
