"""What is answered no more: a program that falls silent has no failures, and must not look right.

A skip says that something is not offered, and is no failure.  It is a problem where nothing at all
is answered, where a failure was expected of all that is now skipped, and where an old report has
a pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ..adapters.messages import Json
from ..ask.run import Result
from ..suite import cases
from ..suite.text import count
from ..suite.verdicts import PASS, SKIP
from .expected import ALL, Expected
from .track import flat


def problems(
    results: Sequence[Result],
    entries: Iterable[Expected],
    suite: Iterable[Json],
    before: Json | None = None,
) -> list[str]:
    """All that is wrong with what is skipped.

    before: an old report, of which nothing that passed may be skipped now.
    """
    if results and all(r.verdict == SKIP for r in results):
        return [f"nothing is answered: {skipped_whole(results)}"]
    return [*silent(results, entries, suite), *fallen_silent(results, before)]


def skipped_whole(results: Sequence[Result]) -> str:
    """How many cases are skipped, and the reason that was given most often."""
    reasons = Counter(o.note for r in results for o in r.outcomes)
    reason = reasons.most_common(1)[0][0]
    if len(results) == 1:
        return f"the one case is skipped ({reason})"
    return f"all {len(results)} cases are skipped ({reason})"


def silent(
    results: Iterable[Result], entries: Iterable[Expected], suite: Iterable[Json]
) -> Iterator[str]:
    """Entries of which all is skipped; those of which only a part was asked are let be."""
    verdicts = {(r.id, o.quantity): o.verdict for r in results for o in r.outcomes}
    pairs = [(case["id"], quantity) for case in suite for quantity in cases.asked(case)]
    for entry in entries:
        about = [verdicts.get(pair) for pair in pairs if entry.fits(*pair)]
        if about and set(about) == {SKIP}:
            yield (
                f"{count(len(about), 'answer')} of {where(entry)} "
                f"{'is' if len(about) == 1 else 'are'} skipped, and expected to fail "
                f"({entry.reason}): take the entry out where they are skipped on purpose"
            )


def where(entry: Expected) -> str:
    """What an entry is about, in its own patterns."""
    names = ", ".join(map(repr, entry.case))
    return names if entry.quantity == ALL else f"{names}, {', '.join(entry.quantity)}"


def fallen_silent(results: Iterable[Result], before: Json | None) -> Iterator[str]:
    """A line a case of which something is skipped that passed in an old report."""
    then = flat(before) if before else {}
    for result in results:
        lost = [
            o.quantity
            for o in result.outcomes
            if o.verdict == SKIP and then.get((result.id, o.quantity), {}).get("verdict") == PASS
        ]
        if lost:
            yield f"{result.id}: {', '.join(lost)} passed in the old report, now skipped"
