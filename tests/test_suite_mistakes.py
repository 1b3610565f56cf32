"""Mistakes that have names: planted ones are named, over a run too; the head of a report; lists."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from counts import LONG
from suite import Fixed, Json, case_of, near, right
from wrong_implementations import WRONG
from wrong_orders import ORDERS, Disordered

from validation import cli, mistakes
from validation.ask import run
from validation.ask.implementations import InProcess
from validation.course import equations
from validation.mistakes.pages import EQUATIONS
from validation.proof import certify
from validation.proof.writing import dumped
from validation.suite import cases, consistent, verdicts
from validation.suite.telltale import TELLTALES
from validation.suite.verdicts import Outcome
from validation.tell import catalogue, headline, terminal
from validation.tell.report import Report

NAMES = [m.name for m in mistakes.MISTAKES if m.name not in TELLTALES]
EVERY = 4  # of so many cases that can tell one is tried; by `make long` all are


# --- planted in every case ------------------------------------------------------------------------


@cache
def suite() -> list[Json]:
    """The cases with reference values that are asked with a formula."""
    return [c for c in cases.everything() if "expected" in c and c["form"] == "formula"]


def ways(case: Json, name: str) -> list[Json]:
    """The near misses of a mistake in a case."""
    return [miss for miss in case["near_misses"] if name in verdicts.names(miss)]


def values(case: Json, name: str) -> Json:
    """What a mistake answers: in the first of its ways, and what stands apart of that."""
    found: Json = {}
    for miss in ways(case, name):
        if found.keys().isdisjoint(verdicts.quantities(miss)):
            moved = {q: taken(case, q, places) for q, places in miss.get("columns", {}).items()}
            found |= miss["values"] | moved
    return found


def taken(case: Json, quantity: str, places: Sequence[int]) -> list[list[Any]]:
    """The columns of an array that is right."""
    return [[row[place] for place in places] for row in case["expected"][quantity]["value"]]


@cache
def passed(name: str) -> dict[str, Outcome]:
    """The outcomes of a right answer."""
    case = case_of(name)
    return {o.quantity: o for o in verdicts.judge({**case, "near_misses": []}, right(case))}


def planted(case: Json, answers: Json) -> tuple[Outcome, ...]:
    """The outcomes, not named, of an answer that is right but for some quantities."""
    want = case["expected"]
    wrong = {
        q: verdicts.outcome(q, {"answers": answers}, want[q]["value"], want[q]["required"])
        for q in answers
    }
    return tuple((passed(case["id"]) | wrong).values())


def names(outcomes: Iterable[Outcome]) -> set[str]:
    """The mistakes that the outcomes of a case are called by."""
    return {o.mistake for o in outcomes if o.mistake}


def answer_alike(case: Json, outcomes: Iterable[Outcome], name: str) -> bool:
    """Whether what is called by another mistake's name is what this one gives, digit by digit."""
    mine = values(case, name)
    others = {o.quantity: values(case, o.mistake).get(o.quantity) for o in outcomes if o.mistake}
    return all(mine.get(quantity) == value for quantity, value in others.items())


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_a_planted_mistake_is_named_wherever_it_can_be_told(name: str) -> None:
    """Alone in a case, and over the run of all cases that can tell; or one that gives the same."""
    telling = [case for case in suite() if ways(case, name)][:: 1 if LONG else EVERY]
    judged = [(case, planted(case, values(case, name))) for case in telling]
    assert judged
    for case, outcomes in judged:
        alone = verdicts.named(case["near_misses"], outcomes)
        assert names(alone) == {name} or answer_alike(case, alone, name), case["id"]
    named = consistent.renamed(judged)
    results = [run.Result(c, o, 0.0) for (c, _), o in zip(judged, named, strict=True)]
    assert [r.id for r in results if top(results) not in names(r.outcomes)] == []
    assert top(results) == name or all(answer_alike(r.case, r.outcomes, name) for r in results)


def top(results: Sequence[run.Result]) -> str | None:
    """The mistake of most cases of a run."""
    return headline.top(report(results))


def report(results: Sequence[run.Result], **others: Any) -> Report:
    """The report of a run."""
    return Report(Fixed().start()["implementation"], results, Counter(), **others)


def test_a_wrong_name_would_be_noticed() -> None:
    """Of each mistake with another one's values the test above finds that the name is another."""
    case = case_of("sleepstudy-slopes-reml.fit")
    for one, other in (("ml-for-reml", "stayed-at-start"), ("divisor-n", "variance-for-sigma")):
        alone = verdicts.named(case["near_misses"], planted(case, values(case, one)))
        assert names(alone) == {one}
        assert not answer_alike(case, alone, other)


# --- orders of levels, by an implementation that has its own --------------------------------------

ORDERED = (  # nested groups; effects that are those of a factor; labels like numbers; factors in X
    "Oats-reml", "Machines-blocks-reml", "odd-labels-reml", "npk-reml", "sleepstudy-slopes-reml",
)  # fmt: skip
SLOW = ("df_", "f_", "se_kr", "profile_")  # quantities that take long


def quick(case: Json) -> Json:
    """A case without the quantities that take long."""
    kept = {q: want for q, want in case["expected"].items() if not q.startswith(SLOW)}
    return {**case, "expected": kept}


@pytest.mark.parametrize("level", ["design", "evaluate-1", "fit", "inference"])
@pytest.mark.parametrize("name", ORDERS)
def test_an_order_of_levels_is_named_at_every_level(name: str, level: str) -> None:
    chosen = [quick(case_of(f"{model}.{level}")) for model in ORDERED]
    results = run.run(chosen, InProcess(Disordered(name), name), progress=False)
    failed = headline.failures(report(results))
    assert failed
    for r in failed:
        assert names(r.outcomes) == {top(results)}, r.id
    assert top(results) == name or name in headline.rivals(str(top(results)), failed)


# --- another minimum ------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["fit", "inference"])
def test_another_minimum_is_named_by_what_follows_from_it(level: str) -> None:
    case = case_of(f"two-minima-zero-ml.{level}")
    answers = values(case, "other-minimum")
    assert {"vcov", "ranef"} <= answers.keys() if level == "inference" else "theta" in answers
    assert names(verdicts.named(case["near_misses"], planted(case, answers))) == {"other-minimum"}


# --- names over a run -----------------------------------------------------------------------------

WIDE = near({"sigma": "2", "theta": ["2", "2"]}, "ml-for-reml")
NARROW = near({"sigma": "2"}, "divisor-n")
OTHER = near({"theta": ["3", "3"]}, "theta-times-sigma")


def judged(answers: Json, *near_misses: Json) -> tuple[Json, tuple[Outcome, ...]]:
    """A case whose truth is sigma = 1 and theta = (1, 1), and the outcomes of an answer."""
    truth: Json = {"sigma": "1", "theta": ["1", "1"]}
    want = {q: {"value": v, "required": 10.0, "digits": 30.0} for q, v in truth.items()}
    case = {"id": "made", "expected": want, "near_misses": list(near_misses)}
    return case, verdicts.judge(case, {"answers": truth | answers})


def over_a_run(*cases_: tuple[Json, tuple[Outcome, ...]]) -> list[set[str]]:
    """The names in each case of a run."""
    return [names(outcomes) for outcomes in consistent.renamed(cases_)]


def test_the_mistake_of_most_cases_is_named_where_others_explain_as_much() -> None:
    both = {"sigma": 2, "theta": [2, 2]}
    alone = near({"sigma": "2", "theta": ["2", "2"]}, "stayed-at-start")
    first = judged(both, alone, WIDE)
    assert over_a_run(first) == [{"stayed-at-start"}]
    assert over_a_run(first, judged(both, WIDE)) == [{"ml-for-reml"}] * 2


def test_a_mistake_that_would_have_changed_what_passed_counts_half() -> None:
    """Two cases in which it explains sigma and theta is right are no more than one in full."""
    half, full = judged({"sigma": 2}, NARROW, WIDE), judged({"sigma": 2}, NARROW)
    assert over_a_run(half, half) == [{"divisor-n"}] * 2
    assert over_a_run(half, half, full) == [{"divisor-n"}] * 3


def test_two_mistakes_in_one_case_are_both_named_if_neither_changes_what_the_other_does() -> None:
    wrong = {"sigma": 2, "theta": [3, 3]}
    assert over_a_run(judged(wrong, NARROW, OTHER)) == [{"divisor-n", "theta-times-sigma"}]
    assert over_a_run(judged(wrong, OTHER, WIDE)) == [{"theta-times-sigma"}]


def test_columns_of_a_near_miss_are_those_of_the_truth() -> None:
    outcome = verdicts.outcome(
        "Z", {"answers": {"Z": [[0, 1], [1, 0]]}}, [["1", "0"], ["0", "1"]], 16
    )
    moved = {"mistake": "levels-reversed", "values": {}, "columns": {"Z": [1, 0]}}
    assert names(verdicts.named([moved], [outcome])) == {"levels-reversed"}
    assert names(verdicts.named([moved | {"columns": {"Z": [0, 1]}}], [outcome])) == set()


# --- the head of a report -------------------------------------------------------------------------

TOPS = {w.name: w for w in WRONG if w.mistake and "inference" not in w.case}


@pytest.mark.parametrize("name", TOPS)
def test_the_top_line_has_the_mistake(name: str) -> None:
    wrong = TOPS[name]
    level = wrong.case.split(".")[1]
    models = {w.case.split(".")[0] for w in WRONG if level in w.case}
    chosen = [case_of(f"{model}.{level}") for model in sorted(models)]
    results = run.run(chosen, InProcess(wrong, wrong.name), progress=False)
    assert top(results) == wrong.mistake
    first = next(headline.wrong(report(results)))
    assert f" like {mistakes.called(str(wrong.mistake))}: " in first
    assert mistakes.read(str(wrong.mistake)) in first


def result(answers: Json, *near_misses: Json, expected: str = "") -> run.Result:
    """The result of a made case."""
    case, outcomes = judged(answers, *near_misses)
    marked = tuple(replace(o, expected=expected if o.failed else "") for o in outcomes)
    return run.Result(case | {"level": "fit", "form": "formula"}, marked, 0.0)


def test_the_head_says_what_came_of_the_run() -> None:
    results = [
        result({"sigma": 2}, NARROW),
        result({"sigma": 1.00001}),
        result({"sigma": 5}, expected="a bug"),
        result({}),
        run.Result(result({}).case, verdicts.judge(result({}).case, {"error": "no"}), 0.0),
        run.Result(result({}).case, verdicts.judge(result({}).case, {"skip": "later"}), 0.0),
    ]
    made = report(results, command="refmixed validate run", date="2026-11-29 10:00 UTC")
    head = headline.lines(made)
    assert head[0] == "fixed 1 (Python): NOT AS EXPECTED in 3 cases"
    assert head[1] == "6 cases: 1 passed, 3 failed, 1 failed as expected, 1 skipped"
    assert head[2].startswith("  1 of 3 failures looks like divisor-n (divisor): REML divides")
    assert head[2].endswith("Read eq:sigma, page d03_likelihood.")
    known = f"the {len(mistakes.MISTAKES)} mistakes that have names"
    assert (
        head[3]
        == f"  1 of 3 failures looks like none of {known}; the least digits are 4.9, made, sigma."
    )
    assert head[4] == "  1 of 3 failures ended in an error, as made: no"
    assert head[5] == "refmixed validate run"
    assert head[6].startswith(f"refmixed-suite {cases.SUITE}, cases ")
    assert head[6].endswith("; 2026-11-29 10:00 UTC")
    assert terminal.table(made).splitlines()[: len(head)] == head


def test_where_all_failures_were_expected_they_are_told_all_the_same() -> None:
    made = report([result({"sigma": 2}, NARROW, expected="a bug"), result({})])
    assert headline.lines(made)[0] == "fixed 1 (Python): as expected, failures among it"
    assert headline.top(made) == "divisor-n"


def test_a_run_without_failures_has_no_top() -> None:
    made = report([result({})])
    assert headline.top(made) is None
    assert list(headline.wrong(made)) == []
    assert headline.lines(made)[0] == "fixed 1 (Python): nothing is wrong"


def test_mistakes_that_give_the_same_are_told_beside_the_one_that_is_named() -> None:
    twice = near({"sigma": "2"}, "divisor-n") | {"also": ["variance-for-sigma"]}
    (_, outcomes) = judged({"sigma": 2}, twice)
    (renamed,) = consistent.renamed([judged({"sigma": 2}, twice)])
    results = [replace(result({}), outcomes=renamed)]
    assert next(headline.wrong(report(results))).endswith(
        "variance-for-sigma would answer the same."
    )
    assert names(outcomes) == {"divisor-n"}


# --- lists ----------------------------------------------------------------------------------------


def test_equations_of_mistakes_stand_on_the_pages_that_are_named() -> None:
    assert {m.equation for m in mistakes.MISTAKES} == {
        t for tags in EQUATIONS.values() for t in tags
    }
    for page, tags in EQUATIONS.items():
        assert {equations.pages()[tag].name for tag in tags} == {page}


def test_near_misses_are_of_mistakes_that_are_listed() -> None:
    misses = [miss for case in cases.everything() for miss in case.get("near_misses", [])]
    assert {name for miss in misses for name in verdicts.names(miss)} <= set(mistakes.REGISTRY)


def test_the_specification_lists_the_mistakes() -> None:
    text = catalogue.SPEC.read_text("utf-8")
    assert catalogue.written(text) == text
    assert catalogue.table().count("\n| `") == len(mistakes.MISTAKES)
    assert catalogue.written(text.replace("| `ml-for-reml` ", "| `ml` ")) == text


def test_the_command_lists_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["mistakes", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["mistake"] for one in found] == [m.name for m in mistakes.MISTAKES]
    assert all(one["cases"] for one in found)
    assert cli.main(["mistakes", "other-minimum"]) == 0
    (_, name, says, *ids, book) = capsys.readouterr().out.splitlines()
    assert name == f"  other-minimum ({len(ids)} cases can tell)"
    assert says.endswith("Read eq:ratio-criterion, page d13_certificate.")
    assert "    two-minima-ml.fit.matrices" in ids
    assert "derivations/d13_certificate" in book
    assert cli.main(["mistakes", "other"]) == 2
    assert "there is no mistake 'other': `mistakes` lists all" in capsys.readouterr().err


def test_near_misses_are_written_anew_and_nothing_else(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spoiled, they come out as they were; at form matrices without those of a formula."""
    old = {path.name: path.read_text("utf-8") for path in cases.FOLDER.glob("tiny-reml.*.json")}
    for name, text in old.items():
        case = json.loads(text)
        (tmp_path / name).write_text(dumped({**case, "near_misses": []}), "utf-8")
    monkeypatch.setattr(certify, "CASES", tmp_path)
    certify.near_misses(["tiny-reml"])
    assert {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()} == old
    orders = {m.name for m in mistakes.MISTAKES if m.of_formula}
    for name, text in old.items():
        told = {n for miss in json.loads(text)["near_misses"] for n in verdicts.names(miss)}
        assert not (".matrices." in name and told & orders)
