"""Tiers: what is asked for at each, and the highest that an implementation meets."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from suite import SLEEP, Json, case_of, right

from validation.ask import run
from validation.suite import cases, verdicts
from validation.suite.nested import number
from validation.suite.tiers import REFERENCE, TIERS, lowered, required
from validation.tell.report import Report


def reported(case: Json, message: Json, size: int = 1, **settings: Any) -> Report:
    """The report on one answer, by the whole case."""
    tier = settings.get("digits", REFERENCE)
    result = run.Result(case, verdicts.judge(lowered(case, tier), message), 0.0)
    return Report({}, [result], {case["level"]: size}, settings=settings)


def highest(case: Json, message: Json, size: int = 1) -> int | None:
    """The highest tier of one answer."""
    return reported(case, message, size).tiers()[case["level"]]


def off(digits: float) -> Callable[[Json], Json]:
    """A fit with sigma to so many digits."""

    def answer(case: Json) -> Json:
        message = right(case)
        message["answers"]["sigma"] = number(message["answers"]["sigma"]) * (1 + 10**-digits)
        return message

    return answer


@pytest.mark.parametrize(
    ("digits", "tier"), [(11.0, 10), (9.9, 8), (7.9, 6), (5.9, 4), (4.1, 4), (3.9, None)]
)
def test_the_highest_tier_is_read_off_one_run(digits: float, tier: int | None) -> None:
    case = case_of(f"{SLEEP}.fit")
    assert highest(case, off(digits)(case)) == tier


@pytest.mark.parametrize("tier", TIERS)
def test_a_run_at_a_tier_judges_by_it(tier: int) -> None:
    case = case_of(f"{SLEEP}.fit")
    for digits in (tier + 0.1, tier - 0.1):
        found = reported(case, off(digits)(case), digits=tier)
        assert found.conforms() == {"fit": "yes" if digits > tier else "no"}
        (sigma,) = [o for o in found.results[0].outcomes if o.quantity == "sigma"]
        assert (sigma.required, sigma.failed) == (tier, digits < tier)
    assert case == case_of(f"{SLEEP}.fit")  # the case itself is what it was


def test_the_highest_tier_of_a_low_run_is_that_of_a_whole_one() -> None:
    case = case_of(f"{SLEEP}.fit")
    assert reported(case, off(8.5)(case), digits=4).tiers() == {"fit": 8}


@pytest.mark.parametrize(
    "answer",
    [
        {"answers": {"sd": ["nan", "5.9"]}},
        {"answers": {"sd": ["24.7"]}},
        {"error": "it broke"},
        {"answers": {}},
    ],
)
def test_what_is_no_answer_fails_at_every_tier(answer: Json) -> None:
    case = case_of(f"{SLEEP}.fit")
    case["expected"] = {"sd": case["expected"]["sd"]}
    assert highest(case, answer) is None


def test_skips_conform_in_part_and_alone_not_at_all() -> None:
    case = case_of(f"{SLEEP}.fit")
    message = off(6.5)(case)
    del message["answers"]["corr"]
    assert highest(case, message | {"skipped": {"corr": "later"}}) == 6
    assert highest(case, {"skip": "later"}) is None
    assert highest(case, right(case), size=2) is None  # not asked whole


def test_a_design_is_exact_at_every_tier() -> None:
    case = case_of(f"{SLEEP}.design")
    message = copy.deepcopy(right(case))
    assert highest(case, message) == REFERENCE
    message["answers"]["y"][0] = number(message["answers"]["y"][0]) * (1 + 1e-9)
    assert highest(case, message) is None


def test_no_tier_requires_more_than_the_case_and_the_highest_requires_as_much() -> None:
    for case in cases.everything():
        for quantity in cases.asked(case):
            whole = required(case, quantity)
            wants = [required(case, quantity, tier) for tier in sorted(TIERS)]
            assert wants == sorted(wants)
            assert wants[-1] == whole
            if case["level"] != "design":
                assert wants[:-1] == [min(whole, tier) for tier in sorted(TIERS)[:-1]]
