"""The cases: reading and choosing them; SPEC.md, section 3."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from ..adapters.messages import Json
from . import schemas
from .compare import LEVELS

FOLDER = Path(__file__).parents[1] / "cases"
SUITE = "1.3"  # the version of SPEC.md
FORMS = ("formula", "matrices")
SIGNS = set("*?[")  # of patterns
ENOUGH = 12  # hexadecimal digits of a digest that name it
QUOTES = ("'", '"')  # a shell takes them away, a variable keeps them


class CaseError(ValueError):
    """A case that cannot be read, or a choice of cases that leaves none."""


@cache
def everything(folder: Path = FOLDER) -> list[Json]:
    """All cases that are not withdrawn, level by level, by id; `choose` checks what it chooses.

    They are read once, and not to be changed.
    """
    cases = [parsed(path) for path in sorted(folder.glob("*.json"))]
    asked = [case for case in cases if "withdrawn" not in case]
    return sorted(asked, key=lambda case: (list(LEVELS).index(case["level"]), case["id"]))


def parsed(path: Path) -> Json:
    """The content of a case's file.  Raises CaseError where it cannot be that of a case."""
    try:
        case: Json = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise CaseError(f"{path.name} is not JSON: {error}") from error
    if case.get("id") != path.stem:
        raise CaseError(f"{path.name} has the id {case.get('id')}, which must be its name")
    if case.get("level") not in LEVELS:
        raise CaseError(f"{path.name} has the level {case.get('level')}, which is none")
    return case


def read(path: Path) -> Json:
    """One case.  Raises CaseError where it is not what the schema says."""
    return checked(parsed(path))


def checked(case: Json) -> Json:
    """The same case.  Raises CaseError where it is not what the schema says."""
    try:
        schemas.check("case.json", thinned(case))
    except schemas.SchemaError as error:
        raise CaseError(f"{case['id']} is not a case: {error}") from error
    return case


def thinned(nested: Any) -> Any:
    """The same with the first few of long lists: a million numbers take the schema minutes."""
    if isinstance(nested, dict):
        return {key: thinned(value) for key, value in nested.items()}
    return [thinned(x) for x in nested[:3]] if isinstance(nested, list) else nested


def choose(
    cases: Iterable[Json],
    levels: Sequence[str] = (),
    patterns: Sequence[str] = (),
    form: str | None = None,
) -> list[Json]:
    """The cases of some levels, of ids that fit any of some patterns, and of one form."""
    chosen = [
        case
        for case in cases
        if (not levels or case["level"] in levels)
        and (not patterns or fits_any(case["id"], tuple(patterns)))
        and form in (None, case["form"])
    ]
    if not chosen:
        wished = " and ".join(wishes(levels, patterns, form)) or "is there"
        raise CaseError(f"no case {wished}: `list` shows all")
    return [checked(case) for case in chosen]


def wishes(levels: Sequence[str], patterns: Sequence[str], form: str | None) -> Iterator[str]:
    """What was wanted of cases, as it was given; quotes in a pattern are seen, and said."""
    if levels:
        yield f"is of level {' or '.join(levels)}"
    if patterns:
        quoted = any(pattern[:1] in QUOTES for pattern in patterns)
        hint = " (leave out the quotes within)" if quoted else ""
        yield f"has an id that fits {' or '.join(map(repr, patterns))}{hint}"
    if form:
        yield f"is of form {form}"


def fits(text: str, pattern: str) -> bool:
    """Whether a text fits a pattern of *, ? and [...], whatever the case of its letters."""
    return fnmatchcase(text.lower(), pattern.lower())


def fits_any(text: str, patterns: tuple[str, ...]) -> bool:
    """Whether a text fits any of some patterns; names without a pattern's signs are looked up."""
    names, globs = split(patterns)
    return text.lower() in names or any(fits(text, pattern) for pattern in globs)


@cache
def split(patterns: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """The names among some patterns, in lower case, and those that are patterns indeed."""
    globs = tuple(pattern for pattern in patterns if SIGNS & set(pattern))
    return frozenset(p.lower() for p in patterns if p not in globs), globs


def one(name: str, folder: Path = FOLDER) -> Json:
    """The case of an id.  Raises CaseError."""
    if not (folder / f"{name}.json").is_file():
        raise CaseError(f"there is no case {name!r}: `list` shows all")
    return read(folder / f"{name}.json")


def asked(case: Json) -> list[str]:
    """The quantities that a case asks for."""
    return list(case.get("asked") or case["expected"])


def digest(folder: Path = FOLDER) -> str:
    """The SHA-256 of all cases: of the lines "digest  name" in order, as sha256sum prints them."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.glob("*.json"))
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def expect(wanted: str, folder: Path = FOLDER) -> None:
    """Raise CaseError where the digest of the cases does not begin with the one that is wanted."""
    if not re.fullmatch(f"[0-9a-fA-F]{{{ENOUGH},64}}", wanted):
        raise CaseError(
            f"{wanted!r} is no digest: give the {ENOUGH} to 64 hexadecimal digits "
            "with which that of the cases begins; --version prints it"
        )
    if not (found := digest(folder)).startswith(wanted.lower()):
        raise CaseError(
            f"the cases of suite {SUITE} have the digest {found}, not {wanted}: "
            "install the suite that you mean, or expect this one"
        )
