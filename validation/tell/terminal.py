"""What a run found, as tables in the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from .. import mistakes
from ..ask.run import Result
from ..suite import cases
from ..suite.text import count, down
from ..suite.verdicts import ERROR, NEAR_MISS, SKIP, VERDICTS, Outcome
from . import statement
from .report import Report, explain, lost

MANY = 40  # lines of one kind that are shown


def table(report: Report) -> str:
    """All that the terminal shows."""
    asked = count(len(report.results), "case")
    title = f"{report.who}: {asked} of suite {cases.SUITE}, {cases.digest()[:12]}"
    sections = [
        [title, "", *level_lines(report.results)],
        quantity_lines(report.results),
        headed("Near misses", near_miss_lines(report.results)),
        headed("Failures", failure_lines(report.results)),
        headed("Skipped", skip_lines(report.results)),
        headed("Expected failures", expected_lines(report.results)),
        headed("Regressions", regression_lines(report.results)),
        headed("Problems", list(report.problems)),
        headed("Notes", list(report.notes)),
        conformance(report),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def conformance(report: Report) -> list[str]:
    """What the implementation conforms to, of the levels that were asked whole."""
    lines = headed("Conforms", statement.lines(report))
    return [*lines, statement.statement(report)] if lines else []


def regression_lines(results: Iterable[Result]) -> list[str]:
    """Failures with fewer digits than an old report or the expected failures know of."""
    return [
        f"{r.id}, {o.quantity}: {text}" for r in results for o in r.outcomes if (text := lost(o))
    ]


def changes(lines: list[str]) -> str:
    """What changed since an old report."""
    return "\n".join(headed("Since the old report", lines))


def headed(title: str, lines: list[str]) -> list[str]:
    """Lines under a title; nothing where there are none."""
    shown = [f"  {line}" for line in lines[:MANY]]
    more = [f"  ... and {len(lines) - MANY} more"] * (len(lines) > MANY)
    return [f"{title}:", *shown, *more] if lines else []


def level_lines(results: Sequence[Result]) -> list[str]:
    """One line a level and form: cases by verdict, and the least digits."""
    groups: dict[tuple[str, str], list[Result]] = {}
    for r in results:
        groups.setdefault((r.case["level"], r.case["form"]), []).append(r)
    heads = "".join(f"{verdict:>10}" for verdict in VERDICTS)
    lines = [f"{'level':12}{'form':10}{'cases':>6}{heads}  least digits"]
    for (level, form), group in groups.items():
        found = Counter(r.verdict for r in group)
        counts = "".join(f"{found[v] or '.':>10}" for v in VERDICTS)
        lines.append(f"{level:12}{form:10}{len(group):>6}{counts}  {least(group)}")
    return lines


def least(results: Iterable[Result]) -> str:
    """The least digits of what was compared, and where."""
    scored = [(o.digits, r.id, o) for r in results for o in r.outcomes if o.digits is not None]
    if not scored:
        return ""
    digits, case, outcome = min(scored, key=lambda s: s[0])
    return f"{down(digits):>4} of {outcome.required:g}  {case}, {outcome.quantity}"


def quantity_lines(results: Sequence[Result]) -> list[str]:
    """One line a level and quantity: verdicts, and the least digits."""
    groups: dict[tuple[str, str], list[tuple[str, Outcome]]] = {}
    for r in results:
        for o in r.outcomes:
            groups.setdefault((r.case["level"], o.quantity), []).append((r.id, o))
    heads = "".join(f"{verdict:>10}" for verdict in VERDICTS)
    lines = [f"{'level':12}{'quantity':16}{heads}  least digits"]
    for (level, quantity), group in groups.items():
        found = Counter(o.verdict for _, o in group)
        counts = "".join(f"{found[v] or '.':>10}" for v in VERDICTS)
        scored = [(o.digits, case) for case, o in group if o.digits is not None]
        digits = f"{down(min(scored)[0]):>4}  {min(scored)[1]}" if scored else ""
        lines.append(f"{level:12}{quantity:16}{counts}  {digits}")
    return lines


def near_miss_lines(results: Iterable[Result]) -> list[str]:
    """The mistakes that were made, a sentence on each, and where."""
    found: dict[str, list[str]] = {}
    for r in results:
        for mistake in mistakes_of(r):
            found.setdefault(mistake, []).append(near_miss_line(r, mistake))
    return [
        line
        for mistake, lines in found.items()
        for line in (f"{mistakes.called(mistake)}: {mistakes.sentence(mistake)}", *lines)
    ]


def mistakes_of(result: Result) -> set[str]:
    """The mistake that explains a case, if there is one."""
    return {o.mistake for o in result.outcomes if o.verdict == NEAR_MISS and not o.expected}


def near_miss_line(result: Result, mistake: str) -> str:
    """The quantities of a case that a mistake explains, and what else is wrong there."""
    explained = [o.quantity for o in result.outcomes if o.mistake == mistake]
    others = [o.quantity for o in result.outcomes if o.unexpected and o.mistake != mistake]
    beside = f" (also wrong: {', '.join(others)})" if others else ""
    return f"  {result.id}: {', '.join(explained)}{beside}"


def failure_lines(results: Iterable[Result]) -> list[str]:
    """One line a failure; none for wrong numbers of a case that a mistake explains."""
    return [line for r in results for line in case_failures(r)]


def case_failures(result: Result) -> Iterator[str]:
    """The failures of one case; one line where all have the same reason."""
    named = mistakes_of(result)
    failed = [o for o in result.outcomes if o.failed and not o.expected and (o.note or not named)]
    if len(failed) > 1 and {(o.verdict, o.note) for o in failed} == {(ERROR, failed[0].note)}:
        yield f"{result.id}: {failed[0].note}"
        return
    for o in failed:
        yield f"{result.id}, {o.quantity}: {explain(o)}"


def skip_lines(results: Iterable[Result]) -> list[str]:
    """Reasons, and how often each was given for which quantities."""
    return reasons((o, o.note) for r in results for o in r.outcomes if o.verdict == SKIP)


def expected_lines(results: Iterable[Result]) -> list[str]:
    """The reasons of the failures that were expected and came."""
    return reasons((o, o.expected) for r in results for o in r.outcomes if o.failed and o.expected)


def reasons(found: Iterable[tuple[Outcome, str]]) -> list[str]:
    """One line a reason, with the quantities that it was given for."""
    groups: dict[str, Counter[str]] = {}
    for outcome, reason in found:
        groups.setdefault(reason, Counter())[outcome.quantity] += 1
    return [
        f"{reason}: {', '.join(f'{q} ({n})' for q, n in quantities.items())}"
        for reason, quantities in groups.items()
    ]
