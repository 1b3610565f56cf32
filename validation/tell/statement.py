"""What may be said of an implementation after a run: "refmixed-suite 1.3, fit at 8 digits"."""

from __future__ import annotations

from itertools import groupby

from ..suite import cases
from ..suite.text import count
from ..suite.tiers import TIERS, meets
from .report import IN_PART, NOTHING, Report

LABEL = f"refmixed-suite {cases.SUITE}"
NONE = "no level conforms"
NOT_ASKED = "no level asked whole"
NOT_SAID = "not said, as no level was asked whole"


def statement(report: Report) -> str:
    """The suite and its version, and what the implementation conforms to."""
    return f"{LABEL}, {claim(report)}"


def claim(report: Report) -> str:
    """Each level that conforms, at the highest tier at which it does; nothing of the others."""
    met = [
        (level, (tier, report.conforms(tier)[level]))
        for level, tier in report.tiers().items()
        if tier is not None
    ]
    groups = groupby(met, key=lambda pair: pair[1])
    parts = [together([level for level, _ in group], *at) for at, group in groups]
    return "; ".join(parts) or (NONE if report.conforms_whole() else NOT_ASKED)


def together(levels: list[str], tier: int, conforms: str) -> str:
    """Levels that conform at one tier."""
    names = ", ".join(levels[:-1]) + " and " * (len(levels) > 1) + levels[-1]
    return f"{names} at {tier} digits" + ", in part" * (conforms == IN_PART)


def lines(report: Report) -> list[str]:
    """A line a level that was asked whole: at the run's tier, and the highest that it meets."""
    whole = report.conforms_whole()
    return [f"{level}: {standing(report, level)}" for level in whole]


def unsaid(report: Report) -> str:
    """Why nothing is said of any level: which options keep levels from being asked whole."""
    form, patterns = report.settings.get("form"), report.settings.get("cases")
    asked = [f"form {form}"] * bool(form) + [f"cases {', '.join(patterns or ())}"] * bool(patterns)
    options = ["--form"] * bool(form) + ["--case"] * bool(patterns)
    if not options:
        return NOT_SAID
    return f"{NOT_SAID} (only {' and '.join(asked)}): leave out {' and '.join(options)}"


def standing(report: Report, level: str) -> str:
    """How an implementation stands at a level: "no at 10 digits, in part at 8 (converged)"."""
    at_run, tier = report.conforms()[level], report.tiers()[level]
    if at_run == NOTHING or tier == report.tier:
        return f"{at_run} at {report.tier} digits"
    if tier is None:
        least = min(TIERS)
        lower = f", nor at {least}" * (report.tier > least)
        return f"no at {report.tier} digits{lower}, where {short(report, level, least)}"
    best = report.conforms(tier)[level]
    return f"{at_run} at {report.tier} digits, {best} at {tier} ({TIERS[tier]})"


def short(report: Report, level: str, tier: int) -> str:
    """How many cases of a level fail at a tier."""
    asked = [r for r in report.results if r.case["level"] == level]
    failing = sum(not all(meets(r.case, o, tier) for o in r.outcomes) for r in asked)
    return f"{failing} of {count(len(asked), 'case')} fail{'s' * (failing == 1)}"
