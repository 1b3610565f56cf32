"""The explanation of two accounts: by a model of data, or by what the accounts say alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from .account import Account, AccountError
from .align import aligned, by_value, under
from .base import Base, Trait, completed
from .candidates import Candidate, Pair, Question, candidates, causes_of
from .compare import differences, rounded, shared
from .explanation import Explanation, Found
from .match import Match, match
from .told import bases, hints
from .worlds import Worlds

COUNTS = {"n", "groups"}  # kinds that two models of the same rows share, whatever they are
MORE = ("sd", "corr", "beta")  # kinds whose lack in one account is a difference


def explain(a: Account, b: Account, worlds: Worlds | None = None) -> Explanation:
    """Why b differs from a.  worlds: the fits of the data, None where there are none.

    Raises AccountError where they have nothing to compare.
    """
    plain = compared(a, b)
    if not plain.differences and {key[0] for key in plain.shared} <= COUNTS:
        but = " but counts" if plain.shared else ""
        raise AccountError(
            f"{a.name} and {b.name} have no quantity in common{but}: compare like with like"
        )
    if plain.status == "equal":
        return plain
    by_data = None if worlds is None else judged(plain, *by_worlds(plain, worlds))
    if by_data is not None and (by_data.causes or by_data.either):
        return by_data
    alone = judged(plain, *by_tables(plain))
    return other_data(alone if by_data is None or alone.status == "explained" else by_data)


def compared(a: Account, b: Account) -> Explanation:
    """What differs, not yet why."""
    whole, other = completed(a), completed(b)
    renamed = by_value(aligned(other, whole), whole)
    other = under(aligned(other, whole), renamed)
    return Explanation(
        a,
        b,
        differences(whole, other),
        rounded(whole, other),
        alone=one_sided(whole, other),
        renamed=renamed,
        shared=shared(whole, other),
    )


def one_sided(a: Account, b: Account) -> list[tuple[str, ...]]:
    """Effects and variances that one account has and the other, which has others, lacks."""
    lacking = []
    for kind in MORE:
        mine, theirs = set(a.of(kind)), set(b.of(kind))
        if (mine and theirs) or (kind == "corr" and a.of("sd") and b.of("sd")):
            lacking += sorted(mine ^ theirs)
    return lacking


# --- by tables alone ------------------------------------------------------------------------------


def by_tables(plain: Explanation) -> tuple[list[Candidate], list[str]]:
    """One account as the base of the other, and the other way round."""
    a, b = plain.a, plain.b
    question = Question(plain.differences, b, len(list(bases(completed(a), b))), bool(plain.alone))
    found: list[Candidate] = []
    for first, second in ((a, b), (b, a)):
        own = match(Base(completed(first)), first)
        others = [one for base in bases(completed(first), second) if (one := match(base, second))]
        if own is not None:
            pair = ([own], others) if first is a else (others, [own])
            found += candidates(*pair, question)
    return found, hints(a, b)


# --- by the model and the data --------------------------------------------------------------------


def by_worlds(plain: Explanation, worlds: Worlds) -> tuple[list[Candidate], list[str]]:
    """Every pair of worlds that the accounts may be of."""
    a, b = plain.a, plain.b
    mine, theirs = list(matches(a, worlds)), list(matches(b, worlds))
    question = Question(plain.differences, b, worlds.tried, bool(plain.alone))
    notes = [
        f"none of the {worlds.tried} fits that were tried gives back {account.name}"
        for account, some in ((a, mine), (b, theirs))
        if not some
    ]
    return list(candidates(mine, theirs, question)), notes


def matches(told: Account, worlds: Worlds) -> Iterator[Match]:
    """The worlds of an account: the model as given; changed; at another theta; its own formula."""
    plain = [one for base in worlds.plain() if (one := match(base, told))]
    yield from plain
    if any(not one.failed for one in plain):
        return
    changed = [one for base in worlds.changed(told) if (one := match(base, told))]
    yield from (one for one in changed if "likelihood" not in one.failed)
    if any(not one.failed for one in changed):
        return
    for last in (worlds.mistaken, worlds.elsewhere(told), worlds.own_formula(told)):
        some = (one for base in last if (one := match(base, told)))
        yield from (one for one in some if "likelihood" not in one.failed)


# --- the judgement --------------------------------------------------------------------------------


def judged(plain: Explanation, found: Sequence[Candidate], notes: Sequence[str]) -> Explanation:
    """The explanation by the cheapest candidates: one, several, or none that is sure."""
    every = tuple(d.key for d in plain.differences)
    verified = [c for c in found if c.pairs and set(c.open) != set(every)]
    if not verified:
        return replace(plain, open=every, hints=notes)
    least = min(c.cost for c in verified)
    best = [c for c in verified if c.cost == least]
    every_name = {c.causes for c in best}
    best = [c for c in best if not any(fewer < c.causes for fewer in every_name)]
    names = {c.causes: c for c in best}
    if not all(c.is_sure for c in best):
        notes = [*notes, "what was found may be a coincidence: the numbers have too few digits"]
        return replace(plain, hints=notes, open=every)
    if len(names) > 1:
        either = [
            causes([c for c in best if c.causes == name]) for name in sorted(names, key=sorted)
        ]
        return replace(plain, hints=notes, either=either, open=every)
    first = best[0]
    return replace(plain, causes=causes(best), open=first.open, hints=notes, matches=first.matches)


def causes(alike: Sequence[Candidate]) -> list[Found]:
    """The causes of candidates of the same ones, each with what is true of both accounts."""
    pairs: dict[str, list[Pair]] = {}
    for candidate in alike:
        for pair in candidate.pairs:
            for name in causes_of(pair):
                pairs.setdefault(name, []).append(pair)
    return [Found(name, tuple(dict.fromkeys(pairs[name]))) for name in sorted(pairs)]


def other_data(e: Explanation) -> Explanation:
    """That the data are not the same, where nothing else is known and the counts differ."""
    a, b = e.a.n, e.b.n
    if e.causes or e.either or a is None or b is None or a == b:
        return e
    pair = tuple(Trait("n", str(n), "other-data", f"has {n} observations") for n in (a, b))
    left = [key for key in e.open if key[0] not in ("n", "groups")]
    note = "give both programs the same rows, and compare again"
    return replace(e, causes=[Found("other-data", ((pair[0], pair[1]),))], open=left, hints=[note])
