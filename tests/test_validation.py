"""The harness finds agreement where there is some, and says what is wrong where there is not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import refmixed as rm
from refmixed.fit import ROUTES
from validation import answers, chapter, run, simulated
from validation.adapters import recorded
from validation.cases import CASES, Case
from validation.compare import lre

QUICK = [case for case in CASES if case.id != "counties"]


def test_digits_of_agreement() -> None:
    assert lre(1.0, 1.0) == 16.0
    assert lre(1.001, 1.0) == pytest.approx(3.0)
    assert lre(0.001, 0.0) == pytest.approx(3.0)  # absolute where the reference is zero
    assert lre(-1.0, 1.0) == 0.0  # a wrong sign
    assert lre([1.0, 2.0], [1.0, 2.1]) == pytest.approx(-np.log10(0.1 / 2.1))  # the worst element
    assert lre([1.0], [1.0, 1.0]) == 0.0  # a wrong shape
    assert lre(np.nan, 1.0) == 0.0
    assert lre(1.0, np.nan) == 0.0
    assert lre(np.nan, np.nan) == 16.0


@pytest.mark.parametrize("case", QUICK, ids=lambda case: case.id)
@pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
def test_refmixed_agrees_with_live_lme4(lme4: ModuleType, case: Case, reml: bool) -> None:
    theirs = answers.lme4(case, reml)
    for route in ROUTES:
        assert run.compare(case, reml, route, theirs).failures == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
@pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
def test_refmixed_agrees_with_recorded_lme4(case: Case, reml: bool) -> None:
    theirs = recorded.answers(case.id, reml)
    assert run.compare(case, reml, "penalized", theirs).failures == []


def test_what_is_recorded_is_what_lme4_answers(lme4: ModuleType) -> None:
    """theta of an ill-conditioned fit changes in its seventh digit from process to process."""
    for case in QUICK[:3]:
        live, written = answers.lme4(case, True), recorded.answers(case.id, True)
        assert lre(live["at thetas"], written["at thetas"]) > 13
        assert lre(live["criterion"], written["criterion"]) > 13
        assert lre(live["beta"], written["beta"]) > 7


@pytest.mark.parametrize("quantity", list(run.REQUIRED)[2:])
def test_a_planted_error_is_named(quantity: str) -> None:
    """One part in ten thousand in any quantity makes the row fall short, and says where."""
    case = CASES[0]
    theirs = dict(recorded.answers(case.id, reml=True))
    theirs[quantity] = theirs[quantity] * (1 + 1e-4)
    failures = run.compare(case, True, "penalized", theirs).failures
    assert any(re.match(rf"{quantity}: \d", failure) for failure in failures)


def test_a_criterion_above_lme4s_is_named() -> None:
    case = CASES[0]
    theirs = dict(recorded.answers(case.id, reml=True))
    theirs["criterion"] = theirs["criterion"] - 2e-9
    assert any("above" in f for f in run.compare(case, True, "penalized", theirs).failures)


def test_the_simulated_files_are_what_their_generator_makes() -> None:
    for make in (simulated.counties, simulated.slopes):
        written = simulated.load(make.__name__)
        made = make().astype({written.columns[0]: "category"})
        assert written.equals(made)


def test_the_simulated_designs_are_unbalanced_as_the_chapter_has_them() -> None:
    counties, slopes = simulated.load("counties"), simulated.load("slopes")
    assert (len(counties), counties["county"].nunique()) == (1000, 52)
    sizes = counties["county"].value_counts()
    assert sizes.max() > 5 * sizes.min()
    assert slopes["group"].value_counts().nunique() > 5


def test_the_chapters_numbers_are_right_to_the_digits_of_its_optimiser() -> None:
    """At least four digits, or an error below 5e-5."""
    numbers = chapter.printed_numbers()
    assert len(numbers) == 60
    for number in numbers:
        half_unit = 0.5 * 10.0 ** -len(number.printed.split(".")[1])
        off = abs(float(number.printed) - number.right)
        assert off <= half_unit or number.digits > 4 or off < 5e-5, number


def test_sleepstudy_has_the_proven_digits() -> None:
    """Certified by interval arithmetic; see DESIGN: theta, sigma, SDs and the correlation."""
    fit = rm.lmer("Reaction ~ Days + (Days | Subject)", rm.load_dataset("sleepstudy"))
    theta = [0.966732951864803427, 0.0151690542704846886, 0.230909594760483349]
    assert lre(fit.theta, theta) > 12
    assert lre(fit.criterion, 1743.6282719584907607) > 14
    assert lre(fit.sigma, 25.5918156267252523661) > 13
    assert lre(fit.varcorr["Subject"].sd, [24.7404514644039075, 5.92213310373191422]) > 12
    assert lre(fit.varcorr["Subject"].corr.to_numpy()[1, 0], 0.0655513196549739103) > 11
    beta = [251.405104848484848, 10.4672859595959595]  # balanced: those of least squares
    assert lre(fit.beta, beta) > 13


def test_without_r_the_recorded_answers_are_used_and_the_first_line_says_so() -> None:
    root = Path(__file__).parents[1]
    code = (
        "from validation import r, run\n"
        "r.available = lambda: (False, 'no R here')\n"
        "who, ask = run.source()\n"
        "print(who)\n"
        "from validation.cases import CASES\n"
        "print(all(not row.failures for row in run.rows(ask, CASES[:1])))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert re.match(
        r"recorded answers of lme4 [\d.-]+, R [\d.]+ \(no live lme4: no R here\)", done.stdout
    )
    assert done.stdout.endswith("True\n")
