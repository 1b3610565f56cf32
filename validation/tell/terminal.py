"""What a run found, as tables in the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from .. import mistakes
from ..ask.run import Result
from ..suite.text import count, down
from ..suite.verdicts import ERROR, NEAR_MISS, SKIP, VERDICTS, Outcome
from . import headline
from .report import Report, explain, lost

MANY = 12  # lines of one kind that are shown; the page and the JSON have all
FEW = 4  # cases of one mistake that are shown


def table(report: Report) -> str:
    """All that the terminal shows."""
    sections = [
        headline.lines(report),
        level_lines(report.results),
        headed("Problems", list(report.problems)),
        headed("Notes", list(report.notes)),
        headed("Regressions", regression_lines(report.results)),
        near_miss_lines(report.results),
        headed("Failures without a name", failure_lines(report.results)),
        quantity_lines(report.results),
        headed("Skipped", skip_lines(report.results)),
        headed("Expected failures", expected_lines(report.results)),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def regression_lines(results: Iterable[Result]) -> list[str]:
    """Failures with fewer digits than an old report or the expected failures know of."""
    return [
        f"{r.id}, {o.quantity}: {text}" for r in results for o in r.outcomes if (text := lost(o))
    ]


def changes(lines: list[str]) -> str:
    """What changed since an old report."""
    return "\n".join(headed("Since the old report", lines))


def headed(title: str, lines: list[str], most: int = MANY) -> list[str]:
    """Lines under a title, no more than are shown; nothing where there are none."""
    shown = [f"  {line}" for line in lines[:most]]
    more = [f"  ... and {len(lines) - most} more"] * (len(lines) > most)
    return [f"{title}:", *shown, *more] if lines else []


def level_lines(results: Sequence[Result]) -> list[str]:
    """One line a level and form: cases by verdict, and the least digits."""
    groups: dict[tuple[str, str], list[Result]] = {}
    for r in results:
        groups.setdefault((r.case["level"], r.case["form"]), []).append(r)
    heads = "".join(f"{verdict:>10}" for verdict in VERDICTS)
    lines = [f"{'level':14}{'form':10}{'cases':>6}{heads}  least digits"]
    for (level, form), group in groups.items():
        found = Counter(r.verdict for r in group)
        counts = "".join(f"{found[v] or '.':>10}" for v in VERDICTS)
        lines.append(f"{level:14}{form:10}{len(group):>6}{counts}  {least(group)}")
    return lines


def least(results: Iterable[Result]) -> str:
    """The least digits of what was compared, and where."""
    scored = [(o.digits, r.id, o) for r in results for o in r.outcomes if o.digits is not None]
    if not scored:
        return ""
    digits, case, outcome = min(scored, key=lambda s: s[0])
    return f"{down(digits):>4} ({outcome.required:g} required)  {case}, {outcome.quantity}"


def quantity_lines(results: Sequence[Result]) -> list[str]:
    """One line a level and quantity: verdicts, and the least digits."""
    groups: dict[tuple[str, str], list[tuple[str, Outcome]]] = {}
    for r in results:
        for o in r.outcomes:
            groups.setdefault((r.case["level"], o.quantity), []).append((r.id, o))
    heads = "".join(f"{verdict:>10}" for verdict in VERDICTS)
    lines = [f"{'level':14}{'quantity':16}{heads}  least digits"]
    for (level, quantity), group in groups.items():
        found = Counter(o.verdict for _, o in group)
        counts = "".join(f"{found[v] or '.':>10}" for v in VERDICTS)
        scored = [(o.digits, case) for case, o in group if o.digits is not None]
        digits = f"{down(min(scored)[0]):>4}  {min(scored)[1]}" if scored else ""
        lines.append(f"{level:14}{quantity:16}{counts}  {digits}")
    return lines


def near_miss_lines(results: Iterable[Result]) -> list[str]:
    """The mistakes that were made, those of most cases first, and in which cases."""
    found: dict[str, list[str]] = {}
    for r in results:
        for mistake in mistakes_of(r):
            found.setdefault(mistake, []).append(near_miss_line(r, mistake))
    return [
        line
        for mistake, lines in sorted(found.items(), key=lambda item: -len(item[1]))
        for line in headed(mistake_title(mistake, len(lines)), lines, FEW)
    ]


def mistake_title(mistake: str, number: int) -> str:
    """A mistake, and in how many cases it was made."""
    return f"Near misses, {mistakes.called(mistake)}, {count(number, 'case')}"


def mistakes_of(result: Result) -> set[str]:
    """The mistake that explains a case, if there is one."""
    return {o.mistake for o in result.outcomes if o.verdict == NEAR_MISS and not o.expected}


def near_miss_line(result: Result, mistake: str) -> str:
    """The quantities of a case that a mistake explains, and what else is wrong there."""
    explained = [o.quantity for o in result.outcomes if o.mistake == mistake]
    others = [o.quantity for o in result.outcomes if o.unexpected and not o.mistake]
    beside = f" (also wrong: {', '.join(others)})" if others else ""
    return f"{result.id}: {', '.join(explained)}{beside}"


def failure_lines(results: Iterable[Result]) -> list[str]:
    """One line a failure that no mistake explains; of a case's wrong numbers one for the worst."""
    return [line for r in results for line in case_failures(r)]


def case_failures(result: Result) -> Iterator[str]:
    """The failures of one case."""
    failed = [o for o in result.outcomes if o.failed and not o.expected]
    told = [o for o in failed if o.note]
    if len(told) > 1 and {(o.verdict, o.note) for o in told} == {(ERROR, told[0].note)}:
        yield f"{result.id}: {told[0].note}"
    else:
        yield from (f"{result.id}, {o.quantity}: {explain(o)}" for o in told)
    if not mistakes_of(result):
        yield from worst_line(result.id, [o for o in failed if not o.note])


def worst_line(case: str, wrong: Sequence[Outcome]) -> Iterator[str]:
    """The wrong number of least digits, and what else is wrong in its case."""
    ordered = sorted(wrong, key=lambda o: o.digits or 0.0)
    others = ", ".join(o.quantity for o in ordered[1:])
    for o in ordered[:1]:
        yield f"{case}, {o.quantity}: {explain(o)}{f'; {others} too' if others else ''}"


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
