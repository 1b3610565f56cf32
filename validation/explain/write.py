"""The explanation as text, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Any

from . import proof
from .account import label
from .candidates import Pair
from .causes import REGISTRY
from .chance import CHANCE
from .compare import Difference
from .explanation import Explanation, Found

ROWS = 24  # differences that are listed
TOLD = 1e-4  # coincidences to be expected, where they are told


def text(e: Explanation) -> str:
    """What is printed."""
    return "\n".join(lines(e))


def lines(e: Explanation) -> Iterator[str]:
    """Differing quantities, causes, numbers again, and what is left."""
    for account in (e.a, e.b):
        yield from (
            f"{account.name} contradicts itself: it has {both}." for both in account.contradictions
        )
    if e.status == "equal":
        yield f"{e.a.name} and {e.b.name} agree in all {compared(e)} quantities that both give."
        if e.rounded:
            count = f"{len(e.rounded)} of them are written with other digits"
            yield f"{count}: rounding, or where a search stopped."
        yield from renamed(e)
        return
    if not e.differences and not e.alone:
        yield f"In all {compared(e)} quantities that both give they agree otherwise."
        return
    yield from table(e)
    yield from renamed(e)
    yield ""
    if e.causes:
        for found in e.causes:
            yield from said(e, found)
        yield from again(e)
        if e.chance > TOLD:
            yield by_chance(e)
    else:
        yield verdict(e)
        for k, way in enumerate(e.either, 1):
            yield f"  {k}. " + " ".join(sentence(e, found) for found in way)
        yield from (f"  {hint}" for hint in e.hints)
    if e.causes and e.open:
        yield f"Not explained: {', '.join(map(label, e.open))}."


def verdict(e: Explanation) -> str:
    """That it cannot be told, and what may be."""
    if not e.either:
        return "Cannot tell why."
    if e.chance > CHANCE:
        return f"Cannot tell why: the numbers have too few digits.  {by_chance(e)}  It could be:"
    return "Cannot tell which it is; each of these gives back all digits:"


def by_chance(e: Explanation) -> str:
    """How many ways would give back the numbers if no cause were true."""
    return f"Of all ways that were tried {e.chance:.2g} are expected to do as well by chance."


def renamed(e: Explanation) -> Iterator[str]:
    """Fixed effects that the two call otherwise."""
    for b, a in e.renamed.items():
        yield f"{b} of {e.b.name} is taken for {a} of {e.a.name}: its numbers agree."


def compared(e: Explanation) -> int:
    """How many quantities both give."""
    return len(e.shared)


def table(e: Explanation) -> Iterator[str]:
    """The quantities that differ."""
    total = len(e.differences)
    yield f"{total} of {compared(e)} quantities that both give differ by more than rounding:"
    rows = [(label(d.key), str(d.a), str(d.b), f"{d.digits:.1f}") for d in e.differences[:ROWS]]
    yield from columns([("", e.a.name, e.b.name, "digits"), *rows])
    if total > ROWS:
        yield f"  and {total - ROWS} more"
    if e.alone:
        yield f"Only one of them has: {', '.join(map(label, e.alone[:ROWS]))}."


def columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows with aligned columns, the first to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *rest in rows:
        cells = (cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))
        yield f"  {first.ljust(widths[0])}  {'  '.join(cells)}".rstrip()


def sentence(e: Explanation, found: Found) -> str:
    """What is true of each account: all of one way together, or of another."""
    ways = dict.fromkeys((together(way, 0), together(way, 1)) for way in found.ways)
    a, b = (dict.fromkeys(way[side] for way in ways) for side in (0, 1))
    if len(ways) == len(a) * len(b) and all("" not in side or len(side) == 1 for side in (a, b)):
        return f"{of_both(e, joined(a, ' or '), joined(b, ' or '))}."
    return f"{', or '.join(of_both(e, *way) for way in ways)}."


def together(way: Sequence[Pair], side: int) -> str:
    """All that is true of one account in one way."""
    traits = (pair[side] for pair in way)
    return joined((trait.says for trait in traits if trait), " and ")


def joined(says: Iterable[str], by: str) -> str:
    """Each once; what all begin with is said once, too."""
    some = [words.split() for words in dict.fromkeys(says)]
    same = takewhile(lambda column: len(set(column)) == 1, zip(*some, strict=False))
    begin = [column[0] for column in same] if len(some) > 1 else []
    return " ".join([*begin, by.join(" ".join(words[len(begin) :]) for words in some)])


def of_both(e: Explanation, a: str, b: str) -> str:
    """What is true of each account that has something."""
    return "; ".join(f"{who.name} {says}" for who, says in ((e.a, a), (e.b, b)) if says)


def said(e: Explanation, found: Found) -> Iterator[str]:
    """A cause: its name, what it is, what each account has, and the equation."""
    cause = REGISTRY[found.cause]
    yield f"{cause.name}: {sentence(e, found)}"
    yield f"  {cause.says}"
    yield from (f"  {line}" for line in (cause.equation, cause.where) if line)
    yield from (f"  {line}" for line in proof.missed(e) if found.cause == proof.CAUSE)


def again(e: Explanation) -> Iterator[str]:
    """The numbers that were computed again beside those that are written."""
    rows = list(recomputed(e))
    if rows:
        yield ""
        yield "Computed again under these:"
        yield from columns([("", "of", "computed", "written"), *rows[:ROWS]])


def recomputed(e: Explanation) -> Iterator[tuple[str, str, str, str]]:
    """Of both accounts, the differing quantities."""
    if e.matches is None:
        return
    wanted = [d.key for d in e.differences if d.key not in e.open]
    for account, match in zip((e.a, e.b), e.matches, strict=True):
        own = match.base.account.numbers
        if not match.base.is_fitted and account.numbers.items() <= own.items():
            continue
        for key, number in account.numbers.items():
            value = e.value(match, key)
            if value is not None and key in wanted:
                yield label(key), account.name, f"{value.value:.8g}", str(number)


def as_json(e: Explanation) -> dict[str, Any]:
    """Everything, for programs."""
    return {
        "status": e.status,
        "a": e.a.name,
        "b": e.b.name,
        "contradictions": [*e.a.contradictions, *e.b.contradictions],
        "differences": [difference(d) for d in e.differences],
        "only_one": [label(key) for key in e.alone],
        "causes": [one(e, found) for found in e.causes],
        "either": [[one(e, found) for found in way] for way in e.either],
        "chance": e.chance,
        "unexplained": [label(key) for key in e.open],
        "hints": list(e.hints),
    }


def difference(d: Difference) -> dict[str, Any]:
    """One quantity that differs."""
    return {"quantity": label(d.key), "a": str(d.a), "b": str(d.b), "digits": round(d.digits, 2)}


def one(e: Explanation, found: Found) -> dict[str, str]:
    """One cause."""
    cause = REGISTRY[found.cause]
    return {
        "cause": cause.name, "says": cause.says, "here": sentence(e, found),
        "equation": cause.equation, "tag": cause.tag, "page": cause.page,
    }  # fmt: skip


def causes(names: Iterable[str] = ()) -> str:
    """The list of causes."""
    chosen = [cause for name, cause in REGISTRY.items() if not names or name in names]
    return "\n".join(f"{cause.name:28} {cause.says}" for cause in chosen)
