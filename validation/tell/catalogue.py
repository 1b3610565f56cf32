"""The mistakes that have names: a list for the terminal, as JSON, and the table of SPEC section 6.

`python -m validation.tell.catalogue` writes the table anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from .. import mistakes
from ..adapters.messages import Json
from ..mistakes import CLASSES, Mistake
from ..suite.telltale import TELLTALES
from ..suite.text import count
from ..suite.verdicts import names

SPEC = Path(__file__).parents[1] / "SPEC.md"
BEGIN, END = "<!-- mistakes: begin -->\n", "<!-- mistakes: end -->\n"
HEAD = "| mistake | class | levels | read | what it is |\n|---|---|---|---|---|\n"

PAGES = (
    "Pages are those of the book that `make book` builds in a clone of refmixed: "
    "{page} is derivations/{page}.py."
)


class MistakeError(ValueError):
    """No mistake has that name."""


def entries(suite: Iterable[Json], name: str | None = None) -> list[Json]:
    """All mistakes, or that of a name, with the cases that can tell.  Raises MistakeError."""
    if name is not None and name not in mistakes.REGISTRY:
        raise MistakeError(f"there is no mistake {name!r}: `mistakes` lists all")
    telling = cases_of(suite)
    return [entry(m, telling.get(m.name, [])) for m in mistakes.MISTAKES if name in (None, m.name)]


def cases_of(suite: Iterable[Json]) -> dict[str, list[str]]:
    """The ids of the cases in which each mistake differs from the truth, or tells itself."""
    found: dict[str, list[str]] = {}
    told = [m for m in mistakes.MISTAKES if m.name in TELLTALES]
    for case in suite:
        named = {name for miss in case.get("near_misses", []) for name in names(miss)}
        for name in named | {m.name for m in told if case["level"] in m.levels}:
            found.setdefault(name, []).append(case["id"])
    return found


def entry(mistake: Mistake, telling: Sequence[str]) -> Json:
    """One mistake."""
    return {
        "mistake": mistake.name,
        "class": mistake.kind,
        "says": mistake.says,
        "levels": list(mistake.levels),
        "equation": mistake.equation,
        "page": mistake.page,
        "cases": list(telling),
    }


def lines(found: Sequence[Json]) -> Iterator[str]:
    """All mistakes, class by class; of a single one the cases, too."""
    for kind, says in CLASSES.items():
        of_kind = [one for one in found if one["class"] == kind]
        yield from [f"{kind}: {says}"] if of_kind else []
        for one in of_kind:
            yield f"  {one['mistake']} ({count(len(one['cases']), 'case')} can tell)"
            yield f"    {one['says']}  Read {one['equation']}, page {one['page']}."
    if len(found) == 1:
        yield from (f"    {case}" for case in found[0]["cases"])
    yield PAGES.format(page=found[0]["page"])


def table() -> str:
    """The table of SPEC."""
    by_class = sorted(mistakes.MISTAKES, key=lambda mistake: list(CLASSES).index(mistake.kind))
    rows = [
        f"| `{m.name}` | `{m.kind}` | {', '.join(m.levels)} | {m.equation}, {m.page} | {cell(m)} |"
        for m in by_class
    ]
    return HEAD + "".join(f"{row}\n" for row in rows)


def cell(mistake: Mistake) -> str:
    """What a mistake is, without the signs that would end a cell."""
    return mistake.says.replace("|", r"\|")


def written(text: str) -> str:
    """The specification with the table that stands between its marks written anew."""
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + table() + END + rest.partition(END)[2]


if __name__ == "__main__":
    SPEC.write_text(written(SPEC.read_text("utf-8")), "utf-8")
