"""Mistakes that an answer tells by itself: rounding, and a search that stayed where it began."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from suite import SLEEP, Json, case_of, right

from validation import mistakes
from validation.suite import verdicts
from validation.suite.telltale import ROUNDED, SD_AT_ONE, telltale, told

TRUTH = [251.40510484848508, 10.467285959596022, -0.0031415926535]


@pytest.mark.parametrize("digits", [3, 4, 7])
def test_significant_digits_are_told(digits: int) -> None:
    answer = [float(f"{x:.{digits - 1}e}") for x in TRUTH]
    assert telltale("beta", answer, TRUTH) == ROUNDED
    assert telltale("beta", [str(x) for x in answer], [str(x) for x in TRUTH]) == ROUNDED


@pytest.mark.parametrize("decimals", [2, 3, 4])
def test_decimals_are_told(decimals: int) -> None:
    assert telltale("beta", [round(x, decimals) for x in TRUTH], TRUTH) == ROUNDED


def test_numbers_that_were_multiplied_by_a_power_of_ten_are_short_all_the_same() -> None:
    answer = [float(np.round(x / 0.001) * 0.001) for x in TRUTH[:2]]
    assert telltale("beta", answer, TRUTH[:2]) == ROUNDED


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        (251.4, 251.46),  # not the nearest
        (251.40510484, 251.40510484848508),  # ten digits: a search that stops early looks like it
        (251.39870012345, 251.40510484848508),
        ([17.0, 17.0], [17.2, 16.8]),  # whole numbers of few digits are of another kind
        (float("nan"), 251.4051),
        ([1.0, 0.0], [1.0, 0.0]),
    ],
)
def test_other_answers_are_not_called_rounded(answer: Any, value: Any) -> None:
    assert telltale("beta", answer, value) == ""


def test_few_digits_are_enough_where_others_of_the_case_are_rounded() -> None:
    assert telltale("sd", [42.0], [42.000606], seen=True) == ROUNDED
    assert telltale("sd", [42.0], [42.000606]) == ""
    assert telltale("sd", [42.0], [43.1], seen=True) == ""


def test_standard_deviations_of_one_are_told_where_the_truth_is_another() -> None:
    assert telltale("sd", [1.0016], [42.0]) == SD_AT_ONE
    assert telltale("sd", [0.9999, 1.0014], [10.66, 30.19]) == SD_AT_ONE
    assert telltale("sd", [1.0016, 5.0], [42.0, 5.2]) == ""
    assert telltale("sd", [1.001], [1.05]) == ""
    assert telltale("sigma", 1.0016, 42.0) == ""


def rounded(nested: Any) -> Any:
    """Numbers with four significant digits."""
    return [rounded(x) for x in nested] if isinstance(nested, list) else f"{float(nested):.3e}"


def test_a_case_of_rounded_answers_is_a_near_miss_by_name() -> None:
    case: Json = case_of(f"{SLEEP}.fit")
    message = right(case)
    message["answers"] = {q: rounded(answer) for q, answer in message["answers"].items()}
    outcomes = told(verdicts.judge(case, message))
    assert {(o.verdict, o.mistake) for o in outcomes} == {(verdicts.NEAR_MISS, ROUNDED)}
    assert mistakes.kind(ROUNDED) == "printing"
    assert "rounded" in mistakes.sentence(ROUNDED)


def test_the_first_mistake_of_a_case_is_that_of_a_near_miss() -> None:
    case: Json = case_of(f"{SLEEP}.fit")
    message = right(case)
    message["answers"]["sd"] = [f"{float(x) ** 2:.7g}" for x in message["answers"]["sd"]]
    sd = next(o for o in told(verdicts.judge(case, message)) if o.quantity == "sd")
    assert sd.mistake == "variance-for-sd"
