"""The explanation as text, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from . import proof
from .account import label
from .causes import REGISTRY
from .compare import Difference
from .explanation import Explanation, Found

ROWS = 24  # differences that are listed


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
    else:
        yield (
            "Cannot tell why."
            if not e.either
            else "Cannot tell which it is; each of these gives back all digits:"
        )
        for k, way in enumerate(e.either, 1):
            yield f"  {k}. " + " ".join(sentence(e, found) for found in way)
        yield from (f"  {hint}" for hint in e.hints)
    if e.causes and e.open:
        yield f"Not explained: {', '.join(map(label, e.open))}."


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
    """What is true of each account."""
    a = dict.fromkeys(pair[0].says for pair in found.pairs if pair[0])
    b = dict.fromkeys(pair[1].says for pair in found.pairs if pair[1])
    parts = [f"{who.name} {' or '.join(says)}" for who, says in ((e.a, a), (e.b, b)) if says]
    return f"{'; '.join(parts)}."


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
        if match.base.fit is None and account.numbers.items() <= match.base.account.numbers.items():
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
