"""The explanation of two accounts: by a model of data, or by what the accounts say alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from .account import Account, AccountError
from .align import aligned, by_value, under
from .base import Base, Trait, completed
from .candidates import Candidate, Pair, Question, candidates
from .chance import CHANCE, LIKELY, rivals
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
    plain = compared(*alike(a, b, worlds))
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


def alike(a: Account, b: Account, worlds: Worlds | None) -> tuple[Account, Account]:
    """Both as of generalized models, where one of them is, or the data's are."""
    if a.is_generalized or b.is_generalized or (worlds is not None and worlds.is_generalized):
        return replace(a, is_generalized=True), replace(b, is_generalized=True)
    return a, b


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
    ways = [
        (first, second, list(bases(completed(first), second))) for first, second in ((a, b), (b, a))
    ]
    counts = Counter[str]()
    for _, second, some in ways:
        told = under(aligned(second, a), plain.renamed)
        counts.update(rivals(some, told, plain.differences))
    question = Question(plain.differences, b, counts[""], bool(plain.alone), counts)
    found: list[Candidate] = []
    for first, second, some in ways:
        own = match(Base(completed(first)), first)
        others = [one for base in some if (one := match(base, second))]
        if own is not None:
            pair = ([own], others) if first is a else (others, [own])
            found += candidates(*pair, question)
    return found, hints(a, b)


# --- by the model and the data --------------------------------------------------------------------


def by_worlds(plain: Explanation, worlds: Worlds) -> tuple[list[Candidate], list[str]]:
    """Every pair of worlds that the accounts may be of."""
    a, b = plain.a, plain.b
    (mine, first), (theirs, second) = matches(a, worlds), matches(b, worlds)
    question = Question(plain.differences, b, max(first, second), bool(plain.alone))
    notes = [
        f"none of the {tried} fits that were tried gives back {account.name}"
        for account, some, tried in ((a, mine, first), (b, theirs, second))
        if not some
    ]
    return list(candidates(mine, theirs, question)), notes


def matches(told: Account, worlds: Worlds) -> tuple[list[Match], int]:
    """The worlds of an account, up to the stage that has one of all its numbers; how many."""
    found: list[Match] = []
    tried = 0
    for k, stage in enumerate(worlds.stages(told)):
        every = list(stage)
        tried += len(every)
        some = [one for base in every if (one := match(base, told))]
        found += [one for one in some if k == 0 or "likelihood" not in one.failed]
        if any(not one.failed for one in some):
            break
    return found, tried


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
    chance = max(c.chance for c in best)
    if chance > LIKELY:
        notes = [*notes, "what was found may be a coincidence: the numbers have too few digits"]
        return replace(plain, hints=notes, open=every)
    if len(names) > 1 or chance > CHANCE:
        either = [
            causes([c for c in best if c.causes == name]) for name in sorted(names, key=sorted)
        ]
        return replace(plain, hints=notes, either=either, open=every, chance=chance)
    first = best[0]
    return replace(
        plain,
        causes=causes(best),
        open=first.open,
        hints=notes,
        matches=first.matches,
        chance=chance,
    )


def causes(alike: Sequence[Candidate]) -> list[Found]:
    """The causes of candidates of the same ones, each with what is true of both accounts."""
    ways: dict[str, dict[tuple[Pair, ...], None]] = {}
    for candidate in alike:
        for name in candidate.causes:
            ways.setdefault(name, {})[candidate.of(name)] = None
    return [Found(name, tuple(ways[name])) for name in sorted(ways)]


def other_data(e: Explanation) -> Explanation:
    """That the data are not the same, where nothing else is known and the counts differ."""
    a, b = e.a.n, e.b.n
    if e.causes or e.either or a is None or b is None or a == b:
        return e
    pair = (had(a), had(b))
    left = [key for key in e.open if key[0] not in ("n", "groups")]
    note = "give both programs the same rows, and compare again"
    return replace(e, causes=[Found("other-data", ((pair,),))], open=left, hints=[note])


def had(n: int) -> Trait:
    """How many observations there were."""
    return Trait("n", str(n), "other-data", f"has {n} observations")
