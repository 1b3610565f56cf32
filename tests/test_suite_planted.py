"""A mistake planted in a whole implementation, in whichever language, heads the report on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from counts import LONG
from planted.table import PLANTS, Plant
from suite import Json
from wrong_implementations import WRONG, Wrong

from validation.adapters import r
from validation.ask.implementations import Command, Implementation, InProcess
from validation.mistakes import CLASSES, kind
from validation.suite import cases
from validation.tell import headline
from validation.tell.report import Report
from validation.validate import examine

HERE = Path(__file__).parent / "planted"
ADAPTERS = Path(cases.__file__).parents[1] / "adapters"
TIMEOUT = 120.0
EVERY = 6  # of so many one is tried, beside one of each class; by `make long` all are
SUITE = cases.everything()


def chosen() -> list[Plant]:
    """The first plant of each class, and a share of the rest; by `make long` all."""
    first = {kind(plant.mistake): plant for plant in reversed(PLANTS)}
    return [p for k, p in enumerate(PLANTS) if LONG or k % EVERY == 0 or p in first.values()]


class Mistaken:
    """lme4 in R, told in each request which mistake to make."""

    def __init__(self, lme4: Implementation, mistake: str) -> None:
        self.about, self._lme4, self._mistake = lme4.about, lme4, mistake

    def answer(self, request: Json) -> Json:
        return self._lme4.answer({**request, "planted": self._mistake})

    def close(self) -> str:
        return ""


@pytest.fixture(scope="module")
def lme4() -> Iterator[Implementation]:
    if not r.available()[0]:
        pytest.skip("no R with lme4 here")
    program = Command(["Rscript", str(HERE / "lme4.R"), str(ADAPTERS)], TIMEOUT)
    yield program
    assert program.close() == ""


@pytest.fixture
def planted(plant: Plant, request: pytest.FixtureRequest) -> Iterator[Implementation]:
    """The implementation with the mistake in it."""
    if plant.language == "R":
        yield Mistaken(request.getfixturevalue("lme4"), plant.mistake)
        return
    if not shutil.which("node"):
        pytest.skip("no node here")
    program = Command(["node", str(HERE / "mixed.mjs"), plant.mistake], TIMEOUT)
    yield program
    assert program.close() == ""


def report_on(implementation: Implementation, *choice: object) -> Report:
    return examine(implementation, SUITE, cases.choose(SUITE, *choice), [])


@pytest.mark.long
@pytest.mark.parametrize("plant", chosen(), ids=lambda plant: " ".join(plant[:3]))
def test_a_planted_mistake_heads_the_report(plant: Plant, planted: Implementation) -> None:
    report = report_on(planted, [plant.level], plant.patterns)
    assert headline.top(report) == plant.mistake
    first = next(iter(headline.wrong(report)))
    assert f"like {plant.mistake} ({kind(plant.mistake)}): " in first


@pytest.mark.parametrize("wrong", [w for w in WRONG if w.mistake], ids=lambda wrong: wrong.name)
def test_so_does_one_in_python(wrong: Wrong) -> None:
    report = report_on(InProcess(wrong, wrong.name), (), [wrong.case])
    assert headline.top(report) == wrong.mistake


def test_every_class_has_a_plant_and_the_share_has_one_of_each() -> None:
    planted = {(plant.language, plant.mistake) for plant in PLANTS}
    assert len(planted) >= 40
    assert {kind(plant.mistake) for plant in PLANTS} == set(CLASSES)
    assert {kind(plant.mistake) for plant in chosen()} == set(CLASSES)
    assert {plant.language for plant in chosen()} == {"node", "R"}


def test_what_is_right_has_no_mistake_at_its_head() -> None:
    """The same program with nothing planted: what else it fails at has no name."""
    if not shutil.which("node"):
        pytest.skip("no node here")
    program = Command(["node", str(HERE / "mixed.mjs")], TIMEOUT)
    report = report_on(program, ["evaluate", "fit"], ["Dyestuff-reml.*", "Pastes-reml.evaluate*"])
    assert program.close() == ""
    assert not report.failed
    assert headline.top(report) is None
