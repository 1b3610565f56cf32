"""The head of a report: what was run, what came of it, and what is wrong, in a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import refmixed as rm

from .. import mistakes
from ..ask.run import Result
from ..suite import cases
from ..suite.text import count, down, gap
from ..suite.verdicts import ERROR, PASS, SKIP, Outcome
from . import statement
from .report import Report

FIRST = 3  # mistakes that the head names


def top(report: Report) -> str | None:
    """The mistake that explains most of what failed; None where none explains anything."""
    return next(iter(explained(failures(report))), None)


def lines(report: Report) -> list[str]:
    """The head, for the terminal."""
    return [
        f"{report.who}: {verdict(report)}",
        totals(report),
        *(f"  {line}" for line in wrong(report)),
        *conformance(report),
        *filter(None, [report.command]),
        versions(report),
    ]


def verdict(report: Report) -> str:
    """Whether all was as it should be."""
    amiss = sum(r.unexpected for r in report.results)
    problems = count(len(report.problems), "problem")
    if report.failed and not amiss:
        return f"NOT AS EXPECTED: {problems}"
    if report.failed:
        also = f", and {problems}" if report.problems else ""
        return f"NOT AS EXPECTED in {count(amiss, 'case')}{also}"
    expected = any(wrongs(r) for r in report.results)
    return "as expected, failures among it" if expected else "nothing is wrong"


def totals(report: Report) -> str:
    """How many cases passed, failed and were skipped."""
    found = Counter(fate(r) for r in report.results)
    named = ("passed", "failed", "failed as expected", "skipped")
    parts = ", ".join(f"{found[name]} {name}" for name in named if found[name])
    return f"{count(len(report.results), 'case')}: {parts}"


def fate(result: Result) -> str:
    """What became of a case, in a word or two."""
    if result.verdict in (PASS, SKIP):
        return "passed" if result.verdict == PASS else "skipped"
    unexpected = any(o.failed and not o.expected for o in result.outcomes)
    return "failed" if unexpected else "failed as expected"


def wrong(report: Report) -> Iterator[str]:
    """What is wrong: problems, digits lost, the mistakes that explain most, what has no name."""
    yield from first_problem(report.problems)
    yield from lost_lines(report.results)
    failed = failures(report)
    found = explained(failed)
    for name in list(found)[:FIRST]:
        yield mistake_line(name, found[name], len(failed))
    if more := list(found)[FIRST:]:
        share = sum(len(found[name]) for name in more)
        yield f"{of(share, len(failed))} like {', '.join(map(mistakes.called, more))}."
    yield from nameless_lines(failed)


def first_problem(problems: Sequence[str]) -> Iterator[str]:
    """The first of the problems, which is the only one in the most usual case."""
    if problems:
        which = "The problem" if len(problems) == 1 else f"The first of {len(problems)} problems"
        yield f"{which}: {problems[0]}"


def lost_lines(results: Iterable[Result]) -> Iterator[str]:
    """How many answers have fewer digits than before, and the one that has lost most."""
    fallen = [(r.id, o) for r in results for o in r.outcomes if o.before is not None]
    if fallen:
        case, most = max(fallen, key=lambda pair: fall(pair[1]))
        lost = gap(most.before or 0.0, most.digits or 0.0)
        worst = f"the worst {lost} digits lost: {case}, {most.quantity}"
        yield f"{count(len(fallen), 'regression')}, {worst}"


def fall(outcome: Outcome) -> float:
    """The digits that an answer has lost."""
    return (outcome.before or 0.0) - (outcome.digits or 0.0)


def mistake_line(name: str, explained: Sequence[Result], failed: int) -> str:
    """How many failures look like a mistake, what it is, and where the book has it."""
    same = rivals(name, explained)
    others = f" {' and '.join(same)} would answer the same." if same else ""
    return (
        f"{of(len(explained), failed)} like {mistakes.called(name)}: "
        f"{mistakes.sentence(name)} Read {mistakes.read(name)}.{others}"
    )


def of(share: int, failed: int) -> str:
    """A share of the failures, and a verb."""
    return f"{share} of {count(failed, 'failure')} {'looks' if share == 1 else 'look'}"


def rivals(name: str, explained: Sequence[Result]) -> list[str]:
    """Other mistakes that explain each of some cases as well."""
    also = [{other for o in r.outcomes if o.mistake == name for other in o.also} for r in explained]
    return sorted(set.intersection(*also))


def nameless_lines(failed: Sequence[Result]) -> Iterator[str]:
    """How many failures look like no mistake that has a name, and how many are errors."""
    nameless = [r for r in failed if not names(r)]
    errors = [r for r in nameless if all(o.verdict == ERROR for o in wrongs(r))]
    if numbers := [r for r in nameless if r not in errors]:
        known = count(len(mistakes.MISTAKES), "mistake")
        yield (
            f"{of(len(numbers), len(failed))} like none of the {known} that have names; "
            f"the least digits are {least(numbers)}."
        )
    if errors:
        first = f"{errors[0].id}: {wrongs(errors[0])[0].note}"
        yield f"{len(errors)} of {count(len(failed), 'failure')} ended in an error, as {first}"


def least(results: Sequence[Result]) -> str:
    """The least digits of some failures, and where."""
    digits, case, quantity = min(
        (o.digits or 0.0, r.id, o.quantity) for r in results for o in wrongs(r)
    )
    return f"{down(digits)}, {case}, {quantity}"


def conformance(report: Report) -> list[str]:
    """What the implementation conforms to, of the levels that were asked whole."""
    lines = statement.lines(report)
    if lines:
        return [f"Conforms: {'; '.join(lines)}", statement.statement(report)]
    return [f"Conforms: {statement.unsaid(report)}"] if report.conforms() else []


def versions(report: Report) -> str:
    """Which suite, and when."""
    suite = f"refmixed-suite {cases.SUITE}, cases {cases.digest()[:12]}, refmixed {rm.__version__}"
    return f"{suite}; {report.date}"


# --- failures and their names ---------------------------------------------------------------------


def failures(report: Report) -> list[Result]:
    """The cases that failed and were not expected to; where there are none, those that were."""
    failed = [r for r in report.results if wrongs(r)]
    return [r for r in failed if fate(r) == "failed"] or failed


def wrongs(result: Result) -> list[Outcome]:
    """What failed of a case and was not expected to; where nothing did, what was."""
    failed = [o for o in result.outcomes if o.failed]
    return [o for o in failed if not o.expected] or failed


def names(result: Result) -> set[str]:
    """The mistakes that failures of a case are called by."""
    return {o.mistake for o in wrongs(result) if o.mistake}


def explained(failed: Sequence[Result]) -> dict[str, list[Result]]:
    """The cases that each mistake explains, those of most cases first."""
    found: dict[str, list[Result]] = {}
    for result in failed:
        for name in sorted(names(result)):
            found.setdefault(name, []).append(result)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))
