"""What conforms to what: reports, summed up in reports/*.json, and the page of the book on them.

`python -m validation.tell.results` writes the page anew; peers.py runs the suite first.
"""

from __future__ import annotations

import json
import platform
import statistics
from collections import Counter
from pathlib import Path
from typing import Any

from ..suite.compare import LEVELS, QUANTITIES

FOLDER = Path(__file__).parents[1] / "reports"
PAGE = Path(__file__).parents[2] / "derivations" / "conformance.md"
TABLES = {
    "evaluate": ["criterion", "beta", "sigma", "u", "gradient"],
    "fit": ["theta", "criterion", "beta", "sigma", "sd", "corr"],
    "inference": ["vcov", "ranef", "condvar", "pev", "fitted"],
    "inference: predictions": ["predicted", "population", "se_predicted", "se_population"],
    "inference: degrees of freedom": ["df_satterthwaite", "se_kr", "df_kr"],
    "inference: tests of all coefficients": ["f_satterthwaite", "f_kr"],
    "inference: profile limits": ["profile_beta", "profile_sigma", "profile_sd"],
}
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
with which optimiser: the most exact of the settings that it documents. {platform}.

## Conformance

An implementation conforms at a level when it passes every case of that level with nothing skipped,
in part when nothing fails and something is skipped (SPEC.md, section 5). The numbers are cases
passed, of those in which it was asked for something and did not skip all of it. At levels `fit` and
`inference`, ten digits of everything are asked for, which needs an optimiser that goes on until
rounding: most packages stop long before, as their users want them to.

{conformance}

## Digits

The median of the digits of agreement over the cases, and in brackets the least of them, which is
often that of a case with two local minima. A dash: not computed.

{digits}
## What is skipped, and what failures were called

{skips}"""


def keep(name: str, full: dict[str, Any]) -> None:
    """Write the sum of a report."""
    FOLDER.mkdir(exist_ok=True)
    text = json.dumps(summed(full), indent=1)
    (FOLDER / f"{name}.json").write_text(text + "\n", "utf-8")


def summed(full: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a report: counts, digits and reasons."""
    head = ("suite", "cases_sha256", "implementation", "conforms")
    found = list(full["cases"].values())
    outcomes = [o for case in found for o in case["quantities"].values()]
    return {key: full[key] for key in head} | {
        "platform": f"{platform.system()} on {platform.machine()}",
        "verdicts": {
            level: dict(Counter(c["verdict"] for c in found if c["level"] == level))
            for level in LEVELS
        },
        "digits": {level: digits(found, level) for level in LEVELS if level != "invariance"},
        "skipped": counted(o["note"] for o in outcomes if o["verdict"] == "skip"),
        "mistakes": counted(o["mistake"] for o in outcomes if "mistake" in o),
        "expected": counted(o["expected"] for o in outcomes if "expected" in o),
    }


def digits(found: list[dict[str, Any]], level: str) -> dict[str, dict[str, float]]:
    """The digits of each quantity of a level that is answered; an error there counts as zero."""
    cases = [case["quantities"] for case in found if case["level"] == level]
    table: dict[str, dict[str, float]] = {}
    for quantity in QUANTITIES:
        asked = [case[quantity] for case in cases if quantity in case]
        tried = [outcome for outcome in asked if outcome["verdict"] != "skip"]
        if any(outcome["verdict"] != "error" for outcome in tried):
            values = [max(outcome.get("digits", 0.0), 0.0) for outcome in tried]
            least, median = min(values), statistics.median(values)
            table[quantity] = {"cases": len(values), "least": least, "median": median}
    return table


def counted(texts: Any) -> dict[str, int]:
    """How often each text comes, the most frequent first."""
    return dict(Counter(texts).most_common())


# --- the page -------------------------------------------------------------------------------------


def write() -> None:
    """Write the page of the book."""
    PAGE.write_text(page(), "utf-8")


def page() -> str:
    """The page, of all that is kept."""
    found = [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))]
    kept = [one for one in found if "implementation" in one]  # bench.json is of another kind
    kept.sort(key=lambda one: one["implementation"]["name"].lower())
    first = kept[0]
    return HEAD.format(
        suite=first["suite"],
        digest=first["cases_sha256"][:16],
        cases=sum(sum(counts.values()) for counts in first["verdicts"].values()),
        platform="All were run on " + ", ".join(sorted({one["platform"] for one in kept})),
        conformance=conformance(kept),
        digits="\n".join(digit_table(title, kept) for title in TABLES),
        skips="\n".join(map(skips, kept)),
    )


def label(one: dict[str, Any]) -> str:
    """Name and version."""
    return f"{one['implementation']['name']} {one['implementation']['version']}"


def conformance(kept: list[dict[str, Any]]) -> str:
    """The table of levels."""
    rows = [[label(one), *(cell(one, level) for level in LEVELS)] for one in kept]
    return table(["", *LEVELS], rows)


def cell(one: dict[str, Any], level: str) -> str:
    """Whether one conforms at a level, and how many cases pass."""
    counts = one["verdicts"][level]
    asked = sum(counts.values()) - counts.get("skip", 0)
    if not asked:
        return "–"
    return f"{one['conforms'].get(level, '–')}: {counts.get('pass', 0)} of {asked}"


def digit_table(title: str, kept: list[dict[str, Any]]) -> str:
    """The digits of some quantities, of those that answer any of them."""
    level, quantities = title.partition(":")[0], TABLES[title]
    rows = [
        [label(one), *(median(one["digits"][level].get(q)) for q in quantities)] for one in kept
    ]
    answered = [row for row in rows if set(row[1:]) != {"–"}]
    return f"### {title}\n\n{table(['', *map(code, quantities)], answered)}\n"


def median(found: dict[str, float] | None) -> str:
    """The median, and the least in brackets."""
    if not found:
        return "–"
    median, least = (found[name] + 0.0 for name in ("median", "least"))  # -0.0 + 0.0 is 0.0
    return f"{median:.1f} ({least:.1f})"


def skips(one: dict[str, Any]) -> str:
    """The reasons of one implementation."""
    lines = [f"### {label(one)}\n"]
    for name, title in (("skipped", "skipped"), ("mistakes", "called"), ("expected", "expected")):
        reasons = list(one[name].items())
        lines += [f"- {title}, {count}: {text}" for text, count in reasons[:8]]
        more = sum(count for _, count in reasons[8:])
        lines += [f"- {title}, {more}: for other reasons"] * bool(more)
    return "\n".join(lines if len(lines) > 1 else [*lines, "Nothing."]) + "\n"


def code(text: str) -> str:
    """A name as code."""
    return f"`{text}`"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    write()
