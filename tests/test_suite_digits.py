"""Digits, verdicts and the names of mistakes, as SPEC.md has them."""

from __future__ import annotations

import copy
import re
from typing import Any

import numpy as np
import pytest
from suite import SLEEP, Json, case_of, near, right

from validation.suite import schemas, verdicts
from validation.suite.compare import LEVELS, QUANTITIES, REQUIRED, agreement, digits, lre
from validation.suite.verdicts import ERROR, FAIL, NEAR_MISS, PASS, SKIP


@pytest.fixture(scope="module")
def fit_case() -> Json:
    return case_of(f"{SLEEP}.fit")


# --- digits ---------------------------------------------------------------------------------------


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


def test_a_magnitude_is_what_the_specification_says() -> None:
    assert digits("beta", [1.001, 100.0], ["1", "100"]) == pytest.approx(3)
    assert digits("u", [1.001, 100.0], ["1", "100"]) == pytest.approx(5)  # the largest
    assert digits("corr", [0.001], ["0"]) == pytest.approx(3)
    assert digits("corr", ["0.501"], ["0.5"]) == pytest.approx(3)
    # a covariance of zero between variances of 100 and 1: the error counts against 10
    assert digits("vcov", [[100, 0.01], [0.01, 1]], [["100", "0"], ["0", "1"]]) == pytest.approx(3)
    by_column = agreement("ranef", [[[1.001, 1.0], [100, 2]]], [[["1", "1"], ["100", "2"]]])
    assert (by_column.digits, by_column.place) == (pytest.approx(5), (0, 0, 0))
    assert digits("ranef", [[[0.001]]], [[["0"]]]) == pytest.approx(3)  # a magnitude of zero is one


def test_digits_are_at_most_those_that_are_proved_and_those_of_a_double() -> None:
    assert digits("sigma", "2.5", "2.5", 7) == 7
    assert digits("sigma", "2.5", "2.5", 30) == 16
    assert digits("sigma", "0.1000000000000000055511", "0.1") == 16  # the same double


def test_special_numbers_agree_with_themselves_alone() -> None:
    assert digits("profile_sd", [["0", "inf"]], [["0", "inf"]]) == 16
    assert digits("profile_sd", [["0", 1e300]], [["0", "inf"]]) == 0
    assert digits("profile_sd", [[0, "-inf"]], [["0", "inf"]]) == 0
    assert digits("sigma", "nan", "nan") == 16
    assert digits("sigma", None, "1") == 0


@pytest.mark.parametrize(
    ("quantity", "answer", "value", "note"),
    [
        ("beta", [1, 2, 3], ["1", "2"], r"shape \(3,\) where \(2,\) is expected"),
        ("beta", 1.0, ["1"], "1.0 where a list is expected"),
        ("sigma", [1.0], "1", "a list where a number is expected"),
        ("sigma", "NA", "1", "'NA' where a number is expected"),
        ("sigma", "1_0", "10", "'1_0' where a number is expected"),
        ("sigma", True, "1", "True where a number is expected"),
        ("sigma", {"a": 1}, "1", "an object where a number is expected"),
        ("vcov", [[1, 0], [0]], [["1", "0"], ["0", "1"]], "lists of different lengths"),
        ("ranef", [[[1]], [[1]]], [[["1"]]], "one array for each of the 1 terms is expected"),
        ("ranef", [[[1]], [[None]]], [[["1"]], [["1"]]], "term 2: NaN where a number is expected"),
    ],
)
def test_what_has_no_digits_is_named(quantity: str, answer: Any, value: Any, note: str) -> None:
    found = agreement(quantity, answer, value)
    assert found.digits == 0
    assert re.search(note, found.note)


def test_every_quantity_has_a_level_and_every_level_digits() -> None:
    assert {q for level in LEVELS.values() for q in level} == set(QUANTITIES)
    assert set(LEVELS) - {"invariance"} == set(REQUIRED)
    names = schemas.validator("case.json#/$defs/quantity")
    assert all(names.is_valid(quantity) for quantity in QUANTITIES)


# --- verdicts -------------------------------------------------------------------------------------


def test_the_truth_passes(fit_case: Json) -> None:
    outcomes = verdicts.judge(fit_case, right(fit_case))
    assert {o.verdict for o in outcomes} == {PASS}
    assert verdicts.overall(outcomes) == PASS


@pytest.mark.parametrize("quantity", LEVELS["fit"])
def test_a_planted_error_fails_where_it_was_planted(fit_case: Json, quantity: str) -> None:
    message = copy.deepcopy(right(fit_case))
    value = np.array(message["answers"][quantity], dtype=float)
    message["answers"][quantity] = (value * (1 + 1e-8)).tolist()
    failed = [o for o in verdicts.judge(fit_case, message) if o.verdict != PASS]
    assert [(o.quantity, o.verdict) for o in failed] == [(quantity, FAIL)]
    assert 7 < (failed[0].digits or 0) < 10


def test_what_is_not_answered_is_an_error_and_what_is_skipped_has_a_reason(fit_case: Json) -> None:
    message = right(fit_case)
    del message["answers"]["theta"], message["answers"]["sd"]
    outcomes = {
        o.quantity: o for o in verdicts.judge(fit_case, {**message, "skipped": {"sd": "later"}})
    }
    assert outcomes["theta"].verdict == ERROR
    assert (outcomes["sd"].verdict, outcomes["sd"].note) == (SKIP, "later")


def test_a_case_passes_with_skips_but_not_with_skips_alone(fit_case: Json) -> None:
    one = {"answers": {"sigma": fit_case["expected"]["sigma"]["value"]}}
    rest = dict.fromkeys(fit_case["expected"], "later")
    assert verdicts.overall(verdicts.judge(fit_case, {**one, "skipped": rest})) == PASS
    assert verdicts.overall(verdicts.judge(fit_case, {"skip": "later"})) == SKIP


def named(answers: Json, *near_misses: Json) -> dict[str, str]:
    """The mistakes named in a case whose truth is sigma = 1 and theta = (1, 1)."""
    truth: Json = {"sigma": "1", "theta": ["1", "1"]}
    want = {q: {"value": v, "digits": 30, "required": 10} for q, v in truth.items()}
    outcomes = verdicts.judge(
        {"expected": want, "near_misses": list(near_misses)}, {"answers": truth | answers}
    )
    return {o.quantity: o.mistake for o in outcomes if o.verdict == NEAR_MISS}


def test_a_failure_near_a_mistake_has_its_name() -> None:
    twice = near({"sigma": "2", "theta": ["2", "2"]})
    assert named({"sigma": 2.00001}, twice) == {"sigma": "twice"}
    assert named({"sigma": 2, "theta": [2, 2]}, twice) == dict.fromkeys(("sigma", "theta"), "twice")
    assert named({"sigma": 2.01}, twice) == {}  # fewer than four digits
    assert named({"sigma": 2, "theta": [1, 3]}, twice) == {}  # what it changes too is elsewhere
    assert named({}, twice) == {}  # nothing failed


def test_a_mistake_must_be_nearer_than_the_truth() -> None:
    assert named({"sigma": 1 + 2e-5}, near({"sigma": "1.00001"})) == {}
    assert named({"sigma": 1.00001}, near({"sigma": "1.00001"})) == {"sigma": "twice"}


def test_a_mistake_that_shares_six_digits_with_the_truth_names_nothing() -> None:
    """Near misses are written to seven."""
    assert named({"sigma": 1.000001}, near({"sigma": "1.000001"})) == {}


def test_of_several_mistakes_the_one_that_explains_most_is_named() -> None:
    some, more = near({"sigma": "2"}), near({"sigma": "2.00001", "theta": ["2", "2"]}, "more")
    found = named({"sigma": 2, "theta": [2, 2]}, some, more)
    assert set(found.values()) == {"more"}
