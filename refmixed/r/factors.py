"""R's functions that make factors, and what takes them apart."""

from __future__ import annotations

import re
from functools import reduce
from typing import Any

import numpy as np
from formulaic.transforms.contrasts import PolyContrasts, TreatmentContrasts

from ..linalg import Array
from .arithmetic import Columns, is_ordered, number, texts
from .data import Coded, label

NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")
Memory = dict[str, Any]


def made(codes: Array, levels: tuple[str, ...], ordered: Any = False) -> Coded:
    """A factor with R's contrasts."""
    return Coded(codes, levels, PolyContrasts() if ordered else TreatmentContrasts())


def factor(x: Any, levels: Any = None, labels: Any = None, *, ordered: Any = None) -> Coded:
    """R's factor(): values that are not among the levels are missing."""
    coded = Coded.of(x)
    ordered = is_ordered(coded) if ordered is None else ordered
    if levels is None:
        kept = [coded.levels[k] for k in np.unique(coded.codes[coded.codes >= 0])]
    else:
        kept = list(dict.fromkeys(texts(np.atleast_1d(levels)).tolist()))
    place = {level: k for k, level in enumerate(kept)}
    codes = np.array([*(place.get(level, -1) for level in coded.levels), -1])[coded.codes]
    return made(*relabelled(codes, tuple(kept), labels), ordered)


def relabelled(codes: Array, levels: tuple[str, ...], labels: Any) -> tuple[Array, tuple[str, ...]]:
    """Codes and levels under other names; levels of one name become one."""
    if labels is None:
        return codes, levels
    given = texts(np.atleast_1d(labels)).tolist()
    if len(given) == 1:
        given = [f"{given[0]}{k}" for k in range(1, len(levels) + 1)] if len(levels) > 1 else given
    if len(given) != len(levels):
        raise ValueError(f"there are {len(given)} labels for {len(levels)} levels")
    names = tuple(dict.fromkeys(given))
    return np.array([*map(names.index, given), -1])[codes], names


def as_factor(x: Any) -> Coded:
    """R's as.factor()."""
    return Coded.of(x)


def ordered(x: Any, levels: Any = None, labels: Any = None) -> Coded:
    """R's ordered()."""
    return factor(x, levels, labels, ordered=True)


def relevel(x: Any, ref: Any) -> Coded:
    """R's relevel(): `ref`, a level or the number of one, becomes the first."""
    coded = Coded.of(x)
    if is_ordered(coded):
        raise ValueError("relevel() is for factors that are not ordered")
    if np.size(ref) != 1:
        raise ValueError("ref is one level")
    if not isinstance(ref, str):
        if ref not in range(1, len(coded.levels) + 1):
            raise ValueError(f"ref is a level, or a place from 1 to {len(coded.levels)}")
        ref = coded.levels[int(ref) - 1]
    if ref not in coded.levels:
        raise ValueError(f"{label(ref)!r} is not a level")
    return factor(coded, np.array([ref, *(level for level in coded.levels if level != ref)]))


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
    coded = factor(f, memory.get("levels"))
    memory["levels"] = np.array(coded.levels)
    if (coded.codes < 0).any():
        raise ValueError("a level was not there in the fit")
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
