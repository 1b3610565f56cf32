"""Wrong implementations are found out, each with its own message."""

from __future__ import annotations

import re
from typing import Any

import pytest
from suite import SLEEP, Fixed, Json, case_of
from wrong_implementations import WRONG, WRONG_SHAPES, Wrong

from validation.ask import finding, run
from validation.ask.implementations import InProcess
from validation.suite import cases, verdicts
from validation.suite.verdicts import FAIL, NEAR_MISS, PASS
from validation.tell import report, terminal


@pytest.fixture(scope="module")
def fit_case() -> Json:
    return case_of(f"{SLEEP}.fit")


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name)
def test_a_wrong_implementation_is_found_out(wrong: Wrong) -> None:
    (result,) = run.run([case_of(wrong.case)], InProcess(wrong, wrong.name), progress=False)
    outcomes = {o.quantity: o for o in result.outcomes}
    for quantity in wrong.quantities:
        assert outcomes[quantity].verdict == (NEAR_MISS if wrong.mistake else FAIL)
        assert outcomes[quantity].mistake == (wrong.mistake or "")
    text = terminal.table(report.Report(Fixed().start()["implementation"], [result], {}))
    said = f"{wrong.mistake} (" if wrong.mistake else "5.9 digits where 10 are required"
    assert said in text


@pytest.mark.parametrize("name", WRONG_SHAPES)
def test_a_wrong_shape_is_found_out(fit_case: Json, name: str) -> None:
    quantity, change, note = WRONG_SHAPES[name]
    wrong = Wrong(name, "", None, (), change=lambda _, a: {quantity: change(a[quantity])})
    (result,) = run.run([fit_case], InProcess(wrong, name), progress=False)
    (failed,) = [o for o in result.outcomes if o.failed]
    assert failed.quantity == quantity
    assert re.search(note, failed.note)


def test_the_right_implementation_passes_where_the_wrong_ones_fail() -> None:
    refmixed = finding.adapter("refmixed")
    for name in sorted({wrong.case for wrong in WRONG}):
        (result,) = run.run([case_of(name)], refmixed, progress=False)
        assert result.verdict == PASS, terminal.failure_lines([result])


def test_sleepstudy_has_the_proven_digits(fit_case: Json) -> None:
    (result,) = run.run([fit_case], finding.adapter("refmixed"), progress=False)
    least = {o.quantity: o.digits for o in result.outcomes}
    assert result.verdict == PASS
    assert min(least.values()) > 11
    assert fit_case["expected"]["criterion"]["value"].startswith("1743.62827195849076")


def rounded(value: Any) -> Any:
    """To seven digits, as R prints."""
    if isinstance(value, list):
        return [rounded(v) for v in value]
    return f"{float(value):.7g}"


def test_lost_digits_are_not_called_by_the_name_of_a_mistake() -> None:
    """Near misses are written to seven digits, and some differ from the truth beyond them."""
    judged = 0
    for case in cases.everything():
        if case["level"] in ("evaluate", "fit", "inference"):
            answers = {name: rounded(want["value"]) for name, want in case["expected"].items()}
            found = verdicts.judge(case, {"id": case["id"], "answers": answers})
            assert [o.quantity for o in found if o.verdict == verdicts.NEAR_MISS] == [], case["id"]
            judged += any(o.verdict == verdicts.FAIL for o in found)
    assert judged > 300
