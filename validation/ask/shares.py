"""The suite in shares: the cases of a model, asked of an implementation in a process of its own.

A share has all cases of its model, so that adapters which remember a model fit it once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from ..adapters.messages import Json
from ..suite import cases
from ..suite.compare import LEVELS
from ..suite.verdicts import ERROR, Outcome
from . import finding, run
from .implementations import Implementation
from .processes import Lost, share
from .progress import Progress
from .record import FILE, Entry, Recorded, Remembered, matching, write

LME4 = "lme4"
SLOW = ("inference", "glmm-fit")  # levels at which lme4's answers take longest: the others are live
KEPT = Path("build", "validate", "answers")  # of earlier runs


@dataclass(frozen=True)
class Share:
    """Cases that one process asks one implementation about; records that may answer."""

    name: str
    records: tuple[Path, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Answered:
    """What came of a share, or of all of an implementation, in the order of the cases."""

    about: Json
    results: list[run.Result]
    reason: str = ""  # why it was not asked live, if it was not
    kept: tuple[str, ...] = ()  # requests that records answered
    software: Json = field(default_factory=dict)
    fresh: Mapping[str, Entry] = field(default_factory=dict)  # live answers that may be kept


def whole(
    names: Sequence[str], suite: Sequence[Json], processes: int, again: Collection[str] = ()
) -> dict[str, Answered]:
    """Every implementation's answers to every case, by as many processes.

    again: those to be asked what records hold, too.
    """
    by_id = {case["id"]: case for case in suite}
    done: dict[str, list[Answered]] = {name: [] for name in names}
    with Progress(len(names) * len(suite), "validate") as progress:
        for part, result in share(parts(names, suite, again), ask, processes):
            is_lost = isinstance(result, Lost)
            done[part.name].append(lost(part, result.why, by_id) if is_lost else result)
            progress.more(len(part.ids))
    answered = {name: joined(of, by_id) for name, of in done.items()}
    for name, found in answered.items():
        keep(found, kept(name))
    return answered


def parts(names: Sequence[str], suite: Sequence[Json], again: Collection[str]) -> list[Share]:
    """All that is asked of all, in shares."""
    return [
        Share(name, () if name in again else records(name), ids)
        for name in names
        for ids in by_model(suite)
    ]


def records(name: str) -> tuple[Path, ...]:
    """The records that may answer for an implementation: the suite's own, and those of a run."""
    return (FILE, kept(name)) if name == LME4 else (kept(name),)


def kept(name: str) -> Path:
    """Where the answers of earlier runs are."""
    return KEPT / f"{name}.json"


def keep(answered: Answered, path: Path) -> None:
    """Write fresh answers beside those that are there of the same software."""
    if answered.fresh and answered.software:
        before = [found.entries for found in matching([path], answered.software)]
        entries = {**(before[0] if before else {}), **answered.fresh}
        write(answered.about, answered.software, entries, path)


def joined(done: Sequence[Answered], by_id: Mapping[str, Json]) -> Answered:
    """What came of all shares of an implementation, the results with their cases."""
    results = {result.id: result for part in done for result in part.results}
    first = max(done, key=lambda part: bool(part.about["version"]))  # one that was not lost
    return replace(
        first,
        results=run.renamed([replace(results[name], case=case) for name, case in by_id.items()]),
        kept=tuple(name for part in done for name in part.kept),
        fresh={name: entry for part in done for name, entry in part.fresh.items()},
    )


def lost(part: Share, why: str, by_id: Mapping[str, Json]) -> Answered:
    """A share whose process ended: an error for all that was asked."""
    chosen = [by_id[name] for name in part.ids]
    errors = [tuple(Outcome(q, ERROR, note=why) for q in cases.asked(case)) for case in chosen]
    results = [run.Result(case, error, 0.0) for case, error in zip(chosen, errors, strict=True)]
    return Answered({"name": part.name, "version": "", "language": ""}, results)


def by_model(suite: Sequence[Json]) -> list[tuple[str, ...]]:
    """The ids of the cases of each model."""
    models: dict[str, list[str]] = {}
    for case in suite:
        models.setdefault(case["model"]["id"], []).append(case["id"])
    return [tuple(ids) for ids in models.values()]


# --- in a process ---------------------------------------------------------------------------------


def ask(part: Share) -> Answered:
    """Ask about the cases of a share."""
    asked, reason, software = implementation(part.name, part.records)
    if isinstance(asked, Remembered):
        asked.kept, asked.fresh = [], {}
    results = [
        replace(result, case={"id": result.id})  # cases need not travel
        for result in run.results([suite()[name] for name in part.ids], asked)
    ]
    if not isinstance(asked, Remembered):
        return Answered(asked.about, results, reason)
    return Answered(asked.about, results, reason, tuple(asked.kept), software, asked.fresh)


@cache
def suite() -> dict[str, Json]:
    """All cases by their ids, read once."""
    return {case["id"]: case for case in cases.everything()}


@cache
def implementation(name: str, records: tuple[Path, ...]) -> tuple[Implementation, str, Json]:
    """Who is asked, started once; why not live, if not; and all that answers hang on."""
    if name == LME4:
        from ..adapters import r  # which loads pandas

        available, reason = r.available()
        if not available:
            return Recorded(), reason, {}
    live = finding.adapter(name)
    software = live.software()
    levels = SLOW if name == LME4 else LEVELS
    return Remembered(live, matching(records, software), levels), "", software
