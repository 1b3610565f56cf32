"""The suite in shares: the cases of a model, asked of an implementation in a process of its own.

A share has all cases of its model, so that adapters which remember a model fit it once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from ..adapters import lme4_live, r
from ..adapters.messages import Json
from ..suite import cases
from ..suite.verdicts import ERROR, Outcome
from . import finding, run
from .implementations import Implementation
from .processes import Lost, share
from .progress import Progress
from .record import Recorded, Remembered

LME4 = "lme4"
KEPT = "inference"  # the level at which lme4 takes longest


@dataclass(frozen=True)
class Share:
    """Cases that one process asks one implementation about, live or by its record."""

    name: str
    live: bool
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Answered:
    """What came of a share, or of all of an implementation, in the order of the cases."""

    about: Json
    reason: str  # why it was not asked live, if it was not
    kept: int  # answers that came from a record, beside live ones
    results: list[run.Result]


def whole(
    names: Sequence[str], suite: Sequence[Json], live: bool, processes: int
) -> dict[str, Answered]:
    """Every implementation's answers to every case, by as many processes."""
    by_id = {case["id"]: case for case in suite}
    done: dict[str, list[Answered]] = {name: [] for name in names}
    with Progress(len(names) * len(suite), "validate") as progress:
        for part, result in share(parts(names, suite, live), ask, processes):
            is_lost = isinstance(result, Lost)
            done[part.name].append(lost(part, result.why, by_id) if is_lost else result)
            progress.more(len(part.ids))
    return {name: joined(of, by_id) for name, of in done.items()}


def parts(names: Sequence[str], suite: Sequence[Json], live: bool) -> list[Share]:
    """All that is asked of all, in shares."""
    return [Share(name, live, ids) for name in names for ids in by_model(suite)]


def joined(done: Sequence[Answered], by_id: Mapping[str, Json]) -> Answered:
    """What came of all shares of an implementation, the results with their cases."""
    results = {result.id: result for part in done for result in part.results}
    ordered = [replace(results[name], case=case) for name, case in by_id.items()]
    first = max(done, key=lambda part: bool(part.about["version"]))
    return Answered(first.about, first.reason, sum(part.kept for part in done), ordered)


def lost(part: Share, why: str, by_id: Mapping[str, Json]) -> Answered:
    """A share whose process ended: an error for all that was asked."""
    results = [
        run.Result(
            by_id[name], tuple(Outcome(q, ERROR, note=why) for q in cases.asked(by_id[name])), 0.0
        )
        for name in part.ids
    ]
    return Answered({"name": part.name, "version": "", "language": ""}, "", 0, results)


def by_model(suite: Sequence[Json]) -> list[tuple[str, ...]]:
    """The ids of the cases of each model."""
    models: dict[str, list[str]] = {}
    for case in suite:
        models.setdefault(case["model"]["id"], []).append(case["id"])
    return [tuple(ids) for ids in models.values()]


# --- in a process ---------------------------------------------------------------------------------


def ask(part: Share) -> Answered:
    """Ask about the cases of a share."""
    asked, reason = implementation(part.name, part.live)
    before = getattr(asked, "kept", 0)
    results = list(run.results([suite()[name] for name in part.ids], asked))
    kept = getattr(asked, "kept", 0) - before
    light = [replace(result, case={"id": result.id}) for result in results]  # cases need not travel
    return Answered(asked.about, reason, kept, light)


@cache
def suite() -> dict[str, Json]:
    """All cases by their ids, read once."""
    return {case["id"]: case for case in cases.everything()}


@cache
def implementation(name: str, live: bool) -> tuple[Implementation, str]:
    """Who is asked, started once; and why it is not asked live, if it is not."""
    if name != LME4:
        return finding.adapter(name), ""
    available, reason = r.available()
    if not available:
        return Recorded(), reason
    theirs, record = finding.adapter(LME4), Recorded()
    if live or record.software != lme4_live.software():
        return theirs, ""
    return Remembered(theirs, record, lambda request: request["level"] == KEPT), ""
