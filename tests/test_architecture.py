"""The house is as ARCHITECTURE.md says: which rooms there are, and that imports point up."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from imports import Package, cycle

import refmixed as rm
from refmixed import errors, population, study
from refmixed.line import parser
from refmixed.studies import STUDIES
from validation.cli import top as suite

ROOT = Path(__file__).parents[1]
HOUSE = Package(ROOT / "refmixed")
PAGE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
LONGEST = 200  # lines of a module

# The design's list: whatever else there is has a room.
TOP = (
    "linalg", "errors", "checks", "design", "covariance", "evaluation", "ranef", "marginal",
    "penalized", "search", "identifiability", "derivatives", "coordinates", "optimality",
    "refusals", "starts", "optimize", "prediction", "varcorr", "result", "fit", "datasets", "plots",
    "line", "cli",
)  # fmt: skip
EQUATIONS = TOP[: TOP.index("prediction") + 1]
AFTER = {
    "after",
    *(
        f"after.{name}"
        for name in ("draws", "fixed", "influence", "limits", "means", "pictures", "ratio")
    ),
}
ROOMS = {*AFTER, "blocked", "glm", "glm.after", "r", "population", "study", "studies"}


def places() -> dict[str, int]:
    """Each module with the line of ARCHITECTURE.md's first list that it stands on."""
    found = {}
    block = PAGE.split("```")[1].strip().splitlines()
    for number, line in enumerate(block):
        name, words = line.split(maxsplit=1)
        if name == "r/" or name.startswith(("after/", "glm/")):
            room_ = name.replace("/", ".")
            listed = [f"{room_}{word}" for word in re.findall(r"[a-z_]+", words)]
            found |= {module: number for module in listed if module in HOUSE.modules}
        elif name.endswith("/"):
            inside = [m for m in HOUSE.modules if m.startswith(name.replace("/", "."))]
            found |= dict.fromkeys(inside, number)
        else:
            found[name.removesuffix(".py")] = number
    return found


PLACES = places()
NOT_LISTED = {
    "__init__",
    "__main__",
    "r.__init__",
    *(f"{room}.__init__" for room in (*AFTER, "glm", "glm.after")),
}


def room(module: str) -> str:
    """The room that a module is in, "" on the top level."""
    return module.rpartition(".")[0]


def test_the_page_lists_every_module_and_nothing_else() -> None:
    assert set(PLACES) == set(HOUSE.modules) - NOT_LISTED


def test_imports_point_up_the_list() -> None:
    pairs = [(m, other) for m in PLACES for other in HOUSE.imports[m] if other in PLACES]
    assert len(pairs) > 150
    assert [(m, o) for m, o in pairs if PLACES[o] > PLACES[m]] == []
    assert [(m, o) for m, o in pairs if PLACES[o] == PLACES[m] and room(o) != room(m)] == []


def test_the_top_level_is_the_chapter_and_no_more() -> None:
    top = {module for module in HOUSE.modules if not room(module)}
    assert top == {*TOP, "__init__", "__main__"}
    assert {room(module) for module in HOUSE.modules} == {"", *ROOMS}
    assert len(top) <= 27  # with identifiability.py, search.py, refusals.py, starts.py, line.py


@pytest.mark.parametrize("module", EQUATIONS)
def test_the_chapters_equations_import_no_room(module: str) -> None:
    allowed = {"", "blocked"} if module == "search" else {""}  # a route of several files
    assert {room(other) for other in HOUSE.imports[module]} <= allowed


def test_what_gives_numbers_to_people_imports_r_and_what_comes_after_a_fit() -> None:
    for module in ("varcorr", "fit"):
        assert {room(other) for other in HOUSE.imports[module]} <= {"", "r"}
    assert {room(other) for other in HOUSE.imports["result"]} <= {"", "r", "after"}


def test_the_blocked_route_is_made_of_equations_too() -> None:
    """It has a folder, being of several ideas; it imports the chapter alone."""
    inside = [module for module in HOUSE.modules if room(module) == "blocked"]
    assert {room(other) for module in inside for other in HOUSE.imports[module]} <= {"", "blocked"}


# of generalized models
SPEAKS_R = {"named", "response", "reading", "undetermined", "result", "fit", "command_line"}


def test_the_equations_of_generalized_models_import_the_chapter_alone() -> None:
    inside = [m for m in HOUSE.modules if room(m) == "glm" and m.split(".")[1] not in SPEAKS_R]
    assert len(inside) > 15
    assert {room(other) for module in inside for other in HOUSE.imports[module]} <= {"", "glm"}


def test_no_import_goes_round_in_a_circle() -> None:
    assert cycle(HOUSE.imports) == []
    assert "r.frame" in cycle(HOUSE.imports | {"r.parse": {"r.frame"}})


def test_modules_have_at_most_200_lines() -> None:
    book = [Package(ROOT / "derivations" / folder) for folder in ("_book", "_ext")]
    lines = [length for package in (HOUSE, *book) for length in package.lines.items()]
    assert [(name, n) for name, n in lines if n > LONGEST] == []


# --- the way of a fit -----------------------------------------------------------------------------

SLEEP = rm.load_dataset("sleepstudy")
FORMULA = "Reaction ~ Days + (Days | Subject)"


def entered(call: Callable[[], Any]) -> set[str]:
    """The files of refmixed in which a function is entered."""
    found = set()

    def note(frame: Any, event: str, _: Any) -> None:
        path = frame.f_code.co_filename
        if event == "call" and path.startswith(f"{ROOT / 'refmixed'}{os.sep}"):
            found.add(path)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(before)
    return found


def test_few_files_are_entered_on_the_way_to_a_fit() -> None:
    X = np.column_stack([np.ones(len(SLEEP)), SLEEP["Days"]])
    arrays = (SLEEP["Reaction"], X, [(SLEEP["Subject"], X)])
    fit, lmer = rm.fit, rm.lmer  # loaded when they are first asked for
    assert len(entered(lambda: fit(*arrays))) <= 25  # nine of them blocked/
    by_formula = entered(lambda: lmer(f" {FORMULA}", SLEEP))  # that no test has parsed before
    assert len(by_formula) <= 35  # one of them r/matrices.py
    fitted = lmer(FORMULA, SLEEP)
    summary = entered(lambda: str(fitted.summary()))
    assert len(summary - by_formula) <= 6  # with after/described.py, checks.py and r/text.py


# --- names that stay ------------------------------------------------------------------------------


def test_public_names_of_version_0_1_are_there() -> None:
    names = (
        "Fit RefmixedError RefmixedWarning covariance derivatives design errors list_datasets lm "
        "lmer load_dataset marginal optimize penalized"
    )
    assert set(names.split()) <= set(rm.__all__) <= set(dir(rm))
    attributes = (
        "aic beta bic coef criterion df_residual fitted formula is_singular loglik messages nobs "
        "nparameters predict ranef residuals se sigma summary theta varcorr vcov"
    )
    assert set(attributes.split()) <= set(dir(rm.Fit))
    sampled = (
        "Population Sample ar1 binomial by_level dirichlet factor population predictor "
        "random_effects response sample_x sample_y student_t"
    )
    assert set(sampled.split()) <= set(dir(population))
    assert {"sampling_distribution", "StudyError", "StudyWarning"} <= set(dir(study))
    names = {"counties", "sleep", "shrinkage", "small-areas", "raters", "coverage"}
    assert names <= set(STUDIES)


def test_exception_classes_of_version_0_1_are_there() -> None:
    names = (
        "RefmixedError FormulaError BarError NoRandomTermError UnknownColumnError DataError "
        "EmptyDataError InfiniteValueError ResponseError GroupError SaturatedError WeightsError "
        "OffsetError NewDataError MissingColumnError NewLevelError UnknownLevelError RankError "
        "PerfectFitError OptionError DatasetError PopulationError LevelError StudyError "
        "ResumeError RefmixedWarning ConvergenceWarning StudyWarning RankWarning"
    )
    assert set(names.split()) <= set(dir(errors))


def test_commands_of_version_0_1_are_there() -> None:
    (commands,) = (a for a in parser()._actions if a.dest == "command")
    assert {"fit", "datasets", "study", "validate"} <= set(commands.choices or ())
    assert set(suite.commands) >= {
        "run", "check-adapter", "list", "show", "certify", "record", "chapter", "simulate",
        "witnesses", "mistakes",
    }  # fmt: skip


def test_targets_of_make_are_there() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    targets = {words[0] for words in map(str.split, said.stdout.splitlines()) if words}
    before = (
        "help setup tools test book trace validate certify record studies peers bench picture "
        "lint format types clean"
    )
    assert set(before.split()) | {"test-kernels"} <= targets


def test_a_function_does_not_hide_the_module_of_its_name() -> None:
    import refmixed.design as d
    import refmixed.fit as f
    from refmixed.design import Design

    assert d.Design is Design
    assert f.lmer is rm.lmer
    assert d is rm.design
    assert f is rm.fit
    assert isinstance(d(FORMULA, SLEEP), Design)
