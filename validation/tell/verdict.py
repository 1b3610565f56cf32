"""What `make validate` says of a whole run, on less than a screen: the verdict comes last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from textwrap import wrap

from ..suite.compare import LEVELS
from ..suite.text import count, plain
from ..suite.verdicts import PASS
from . import statement
from .report import Report
from .terminal import failure_lines, near_miss_lines

WIDTH = 100
ROOM = 7  # of a count of cases
SHOWN = 6  # lines on what an implementation has against expectation
RIGHT, WRONG = "All is as expected.", "NOT as expected: {names}."


def counts(reports: Mapping[str, Report]) -> list[str]:
    """A line an implementation: cases of each level that pass, of those asked; its failures."""
    heads = [*LEVELS, "failures"]
    lines = [f"{'cases that pass':20}{row(heads, heads)}"]
    for report in reports.values():
        passed = Counter(r.case["level"] for r in report.results if r.verdict == PASS)
        shares = [f"{passed[level]}/{report.sizes.get(level, 0)}" for level in LEVELS]
        cells = row([*shares, str(failures(report))], heads)
        lines.append(f"{report.about['name']:20}{cells}")
    return lines


def row(cells: Sequence[str], heads: Sequence[str]) -> str:
    """Cells below their heads, to the right."""
    pairs = zip(cells, heads, strict=True)
    return "".join(f"{cell:>{max(len(head), ROOM) + 1}}" for cell, head in pairs)


def failures(report: Report) -> int:
    """Answers that fail, expected or not."""
    return sum(o.failed for r in report.results for o in r.outcomes)


def surprises(reports: Mapping[str, Report]) -> list[str]:
    """What is not as expected, the first lines of each implementation; nothing where all is."""
    lines: list[str] = []
    for report in reports.values():
        if not report.failed:
            continue
        own = [*near_miss_lines(report.results), *failure_lines(report.results), *report.problems]
        more = [f"... and {count(len(own) - SHOWN, 'line')} more"] * (len(own) > SHOWN)
        shown = [plain(line, WIDTH - 2) for line in [*own[:SHOWN], *more]]
        lines += [f"{report.who}:", *(f"  {line}" for line in shown), ""]
    return lines


def conformance(ours: Sequence[Report], theirs: Report, chapter: str) -> list[str]:
    """Who conforms at what, in three lines: refmixed, lme4, and the chapter's numbers."""
    return [
        f"refmixed: {'; '.join(by_claim(ours))}",
        f"{theirs.about['name']}: {statement.claim(theirs)}",
        f"the chapter: {chapter}",
    ]


def by_claim(ours: Sequence[Report]) -> list[str]:
    """What routes conform to: one claim where all agree."""
    claims: dict[str, list[str]] = {}
    for report in ours:
        claims.setdefault(statement.claim(report), []).append(report.about["name"])
    if len(claims) == 1:
        return [f"{next(iter(claims))}, by each of {len(ours)} routes"]
    return [f"{', '.join(names)}: {claim}" for claim, names in claims.items()]


def why(theirs: Report) -> list[str]:
    """One sentence on the failures that are expected: the reason that most of them have."""
    outcomes = [o for r in theirs.results for o in r.outcomes]
    reasons = Counter(o.expected for o in outcomes if o.failed and o.expected)
    if not reasons:
        return []
    (first, n), rest = reasons.most_common(1)[0], len(reasons) - 1
    others = f", {rest} other reasons for the rest" if rest else ""
    return [
        f"That {theirs.about['name']} fails at {theirs.tier} digits is expected: {first} "
        f"({n} of {count(reasons.total(), 'failure')}{others})."
    ]


def ending(reports: Mapping[str, Report]) -> str:
    """The last line."""
    names = [report.about["name"] for report in reports.values() if report.failed]
    return WRONG.format(names=", ".join(names)) if names else RIGHT


def folded(lines: Sequence[str]) -> list[str]:
    """The same, no line longer than a terminal is wide."""
    return [part for line in lines for part in wrap(line, WIDTH, subsequent_indent="  ") or [""]]
