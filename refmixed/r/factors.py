"""R's functions that make factors, and what takes them apart."""

from __future__ import annotations

import re
from functools import reduce
from typing import Any

import numpy as np

from .arithmetic import Columns, is_ordered, number, texts
from .data import Coded, made
from .levels import chosen

NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")
Memory = dict[str, Any]


def factor(
    memory: Memory, x: Any, levels: Any = None, labels: Any = None, *, ordered: Any = None
) -> Coded:
    """R's factor(): values that are not among the levels are missing.

    Where none are given, the levels are those of the fit; what later rows have besides comes last.
    """
    coded = Coded.of(x)
    ordered = is_ordered(coded) if ordered is None else ordered
    own = own_levels(coded, levels)
    known = memory.setdefault("levels", own)  # {identity: label}
    more = {exact: name for exact, name in own.items() if exact not in known}
    new = [exact if name in known.values() else name for exact, name in more.items()]
    place = {exact: k for k, exact in enumerate([*known, *more])}
    codes = np.array([*(place.get(exact, -1) for exact in coded.identities), -1])[coded.codes]
    names = [*relabelled([*known.values()], labels), *new]
    unique = tuple(dict.fromkeys(names))  # levels of one name become one
    merged = np.array([*map(unique.index, names), -1])
    exact = tuple(place) if labels is None else ()
    return made(merged[codes], unique, ordered, exact)


def own_levels(coded: Coded, levels: Any) -> dict[str, str]:
    """The levels of a factor that occur, or those that are given: {identity: label}."""
    if levels is not None:
        names, exact, _ = chosen(np.atleast_1d(levels), coded.levels, coded.identities)
        return dict(zip(exact, names, strict=True))
    used = np.unique(coded.codes[coded.codes >= 0])
    return {coded.identities[k]: coded.levels[k] for k in used}


def relabelled(levels: list[str], labels: Any) -> list[str]:
    """The levels under other names; one name is numbered.  Raises ValueError."""
    if labels is None:
        return levels
    given: list[str] = texts(np.atleast_1d(labels)).tolist()
    if len(given) == 1 and len(levels) > 1:
        given = [f"{given[0]}{k}" for k in range(1, len(levels) + 1)]
    if len(given) != len(levels):
        raise ValueError(f"there are {len(given)} labels for {len(levels)} levels")
    return given


def as_factor(x: Any) -> Coded:
    """R's as.factor()."""
    return Coded.of(x)


def ordered(memory: Memory, x: Any, levels: Any = None, labels: Any = None) -> Coded:
    """R's ordered()."""
    return factor(memory, x, levels, labels, ordered=True)


def relevel(memory: Memory, x: Any, ref: Any) -> Coded:
    """R's relevel(): `ref`, a level of the fit or the number of one, becomes the first."""
    coded = Coded.of(x)
    if is_ordered(coded):
        raise ValueError("relevel() is for factors that are not ordered")
    if "first" not in memory:
        memory["first"] = level_of(coded.levels, ref)
    first = memory["first"]
    return factor({}, coded, np.array([first, *(lev for lev in coded.levels if lev != first)]))


def level_of(levels: tuple[str, ...], ref: Any) -> str:
    """A level that is given by its name or its place.  Raises ValueError."""
    if np.size(ref) != 1:
        raise ValueError("ref is one level")
    if isinstance(ref, str):
        if ref not in levels:
            raise ValueError(f"{ref!r} is not a level")
        return ref
    if ref not in range(1, len(levels) + 1):
        raise ValueError(f"ref is a level, or a place from 1 to {len(levels)}")
    return levels[int(ref) - 1]


def interaction(*x: Any, drop: Any = False, sep: str = ".", lex_order: Any = False) -> Coded:
    """R's interaction(): the combinations of levels, the first factor varying fastest.

    Unused combinations go where the variable is made, as R drops them from a model.
    """
    if not x:
        raise ValueError("no factors are given")
    factors = [Coded.of(f) for f in x]
    return reduce(lambda a, b: crossed(a, b, sep, bool(lex_order)), factors)


def crossed(a: Coded, b: Coded, sep: str, lex_order: bool) -> Coded:
    """The combinations of the levels of two factors."""
    if len(a) != len(b):
        raise ValueError(f"{len(a)} values do not fit {len(b)}")
    if lex_order:
        names = [f"{i}{sep}{j}" for i in a.levels for j in b.levels]
        codes = a.codes * len(b.levels) + b.codes
    else:
        names = [f"{i}{sep}{j}" for j in b.levels for i in a.levels]
        codes = a.codes + len(a.levels) * b.codes
    if len(set(names)) < len(names):
        raise ValueError("two combinations of levels read alike: give another sep")
    return made(np.where((a.codes < 0) | (b.codes < 0), -1, codes), tuple(names))


def dummy(memory: Memory, f: Any, levelsToKeep: Any = None) -> Columns:
    """lme4's dummy(): a column a level, of all but the first, or of those that are kept."""
    known = memory.get("levels")
    coded = factor(memory, f)
    if known and (new := set(coded.identities) - set(known)):
        raise ValueError(f"{sorted(new)[0]!r} was no level in the fit")
    kept = coded.levels[1:] if levelsToKeep is None else texts(np.atleast_1d(levelsToKeep)).tolist()
    if lacking := [level for level in kept if level not in coded.levels]:
        raise ValueError(f"{lacking[0]!r} is not a level")
    values = np.eye(len(coded.levels))[coded.codes]
    return Columns(values[:, [coded.levels.index(level) for level in kept]], tuple(kept))


def as_numeric(memory: Memory, x: Any) -> Any:
    """R's as.numeric(): a factor gives the numbers 1, 2, ... of its levels, a text what it says."""
    if isinstance(x, Coded):
        levels = memory.setdefault("levels", x.levels)
        place = {level: k + 1.0 for k, level in enumerate(levels)}
        return np.array([*(place.get(level, np.nan) for level in x.levels), np.nan])[x.codes]
    values = np.asarray(x)
    if values.dtype.kind != "U":
        return np.asarray(number(x))
    if wrong := [text for text in np.unique(values).tolist() if not NUMBER.fullmatch(text)]:
        raise ValueError(f"{wrong[0]!r} is not a number")
    return values.astype(float)


def as_integer(memory: Memory, x: Any) -> Any:
    """R's as.integer(): as.numeric() towards zero."""
    return np.trunc(as_numeric(memory, x))
