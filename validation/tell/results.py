"""What conforms to what: the page of the book on the reports that kept.py sums up.

`python -m validation.tell.results` writes the page anew; peers.py runs the suite first.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .. import mistakes
from ..adapters.messages import Json
from ..suite.cases import SUITE
from ..suite.compare import LEVELS
from ..suite.tiers import TIERS
from . import kept
from .details import TABLES, digit_table, label, skips, table

MOST = 3  # names of mistakes that are shown of each
PAGE = Path(__file__).parents[2] / "derivations" / "conformance.md"
HEAD = """# What conforms to what

This is **not a ranking**. It says how far the answers of some implementations agree with proven
values, on cases many of which were made to be hard. A package may be asked here for what it was
never meant to give, speed and convenience are not looked at, and the adapters, which translate the
questions, are ours: if one of them does not ask as it should, that is our mistake, and we should
like to hear of it.

The numbers are those of suite {suite}, with {cases} cases of the digest `{digest}`, as written by

```
make peers
```

which makes an environment for each package, of the versions below (`validation/peers.toml`), and
runs the whole suite on it. The adapters in `validation/adapters` say how each package is asked, and
with which optimiser: the most exact of the settings that it documents. Two whose defaults round, or
end the search early, are asked as they come, too. {platform}.

## Conformance

An implementation conforms at a level when it passes every case of that level with nothing skipped,
in part when nothing fails and something is skipped (SPEC.md, section 5). It does so at a *tier*,
the digits that are asked for: {tiers}. The table has the highest tier at which each
conforms, whole or in part. A dash: at none. Empty: the level is not answered.

{conformance}

One case on which a search ends elsewhere is enough for a dash. So here are the cases that pass at
{numbers} digits, of those in which something was answered. At levels `fit` and `inference` ten
digits need an optimiser that goes on until rounding: most packages stop long before, as their users
want them to.

{passed}

## Mistakes

Where an answer is what a known mistake gives, the suite says so (SPEC.md, section 6). These are the
names that it found by itself, the most frequent first, with the answers that each explains, of all
that failed.

{named}

{sentences}

## Digits

The median of the digits of agreement over the cases, and in brackets the least of them, which is
often that of a case with two local minima. A dash: not computed.

{digits}
## What is skipped, and why failures were expected

{skips}"""


def write() -> None:
    """Write the page of the book."""
    PAGE.write_text(page(), "utf-8")


def page() -> str:
    """The page, of all that is kept."""
    found = kept.read()
    run = [one for one in found if "left_out" not in one]
    first = next(one for one in run if one["suite"] == SUITE)
    return HEAD.format(
        suite=first["suite"],
        digest=first["cases_sha256"][:16],
        cases=sum(sum(counts.values()) for counts in first["verdicts"].values()),
        platform="All were run on " + ", ".join(sorted({one["platform"] for one in run})),
        tiers=", ".join(f"{tier} ({says})" for tier, says in TIERS.items()),
        numbers=listed([str(tier) for tier in TIERS]),
        conformance=by_level(run, tier),
        passed=by_level(run, counts),
        named=table(["", "failed", "called"], [mistakes_of(one) for one in run]),
        sentences="\n".join(sentences(run)),
        digits="\n".join(digit_table(title, run) for title in TABLES),
        skips="\n".join(map(skips, found)),
    )


def listed(words: list[str]) -> str:
    """Words with commas, and an "and" before the last."""
    return " and ".join([", ".join(words[:-1]), words[-1]])


# --- conformance ----------------------------------------------------------------------------------


def by_level(run: list[Json], cell: Callable[[Json, str], str]) -> str:
    """A table with a row an implementation and a column a level."""
    return table(
        ["", *LEVELS], [[label(one), *(cell(one, level) for level in LEVELS)] for one in run]
    )


def answered(one: Json, level: str) -> int:
    """The cases of a level in which something is answered."""
    verdicts = one["verdicts"].get(level, {})  # none of an older report's
    return int(sum(verdicts.values()) - verdicts.get("skip", 0))


def tier(one: Json, level: str) -> str:
    """The highest tier at which one conforms at a level."""
    if not answered(one, level):
        return ""
    highest = one["tiers"][level]
    part = " in part" * (one["conforms"][level] != "yes" and highest is not None)
    return f"{highest}{part}" if highest else "–"


def counts(one: Json, level: str) -> str:
    """The cases that pass at each tier; a question mark where an older report does not say."""
    total = answered(one, level)
    passed = [str(one["passed"][level].get(str(tier), "?")) for tier in TIERS] if total else []
    return f"{', '.join(passed)} of {total}" if total else ""


# --- mistakes -------------------------------------------------------------------------------------


def mistakes_of(one: Json) -> list[str]:
    """A row: how many answers failed, and what they were called."""
    called = [f"`{name}` {count}" for name, count in list(one["mistakes"].items())[:MOST]]
    more = sum(list(one["mistakes"].values())[MOST:])
    return [label(one), str(one["failed"]), ", ".join([*called, *[f"others {more}"] * bool(more)])]


def sentences(run: list[Json]) -> list[str]:
    """What the mistakes of the table are."""
    shown = {name for one in run for name in list(one["mistakes"])[:MOST]}
    return [
        f"- `{name}` ({mistakes.kind(name)}): {mistakes.sentence(name)}" for name in sorted(shown)
    ]


if __name__ == "__main__":
    write()
