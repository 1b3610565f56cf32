"""Values of a column of any kind: which are different, how they sort, how they are written.

A level has a label, which people read, and an identity, by which new rows are matched with those of
the fit; of a text both are the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from ..errors import DataError
from ..linalg import Array
from .format import format_numbers


def labels(values: Iterable[Any]) -> list[str]:
    """Levels as R's as.character() writes them, numbers with 15 significant digits.

    Where two would read alike (R makes one level of 0.3 and 0.1 + 0.2), these get all the digits
    that tell them apart.
    """
    values = list(values)
    names = list(map(label, values))
    if repeated(names) is None:
        return names
    alike = {name for name, k in Counter(names).items() if k > 1}
    pairs = zip(values, names, strict=True)
    return [identity(value) if name in alike else name for value, name in pairs]


def repeated(names: Sequence[str]) -> str | None:
    """The first name that comes twice."""
    if len(set(names)) == len(names):  # faster than to count
        return None
    return next(name for name, k in Counter(names).items() if k > 1)


def label(level: Any) -> str:
    """A level as R writes it: TRUE, 308, 1.5, text; doubles as 1e+05 where that is shorter."""
    if isinstance(level, bool | np.bool_):
        return "TRUE" if level else "FALSE"
    if isinstance(level, float | np.floating):
        return format_numbers(level, 15)[0]
    return identity(level) if isinstance(level, Decimal) else str(level)


def identity(level: Any) -> str:
    """A text that two values share only where they are equal: 100000 for 1e5, all digits."""
    if isinstance(level, bool | np.bool_):
        return label(level)
    if isinstance(level, Decimal):
        whole = level.is_finite() and level == level.to_integral_value()
        return str(int(level)) if whole else short(level)
    if isinstance(level, float | np.floating):
        return str(int(level)) if float(level).is_integer() else repr(float(level))
    return str(level)


def short(number: Decimal) -> str:
    """A decimal as the double is written that it is, or is nearest to; or with its own digits."""
    text = repr(float(number))
    is_double = number.is_finite() and number in (Decimal(text), Decimal(float(number)))
    return text if is_double else str(number.normalize())


def sorted_values(values: Any) -> tuple[Array, list[Any]]:
    """Codes (n,), -1 where missing, and the different values in order: R's unique() and sort()."""
    if pd.api.types.is_bool_dtype(values.dtype):
        return np.asarray(values, dtype=int), [False, True]
    plain = isinstance(values, pd.arrays.NumpyExtensionArray)  # at which pandas 2.2 would warn
    codes, found = pd.factorize(np.asarray(values) if plain else values)
    if found.dtype.kind in "iuf":
        levels, order = found.tolist(), np.argsort(np.asarray(found), kind="stable").tolist()
    else:
        levels = list(found)
        order = sorted(range(len(levels)), key=levels.__getitem__)
    rank = np.full(len(levels) + 1, -1)
    rank[order] = range(len(levels))
    return rank[codes], [levels[k] for k in order]


def renumbered(codes: Array, size: int) -> tuple[Array, Array]:
    """Codes (n,) below `size` numbered anew, without those that no row has; and which are left."""
    if size > 4 * len(codes) + 10_000:  # too many to look at each
        new, used = pd.factorize(codes, sort=True)
        return np.asarray(new, dtype=int), used
    used = np.flatnonzero(np.bincount(codes, minlength=size))
    return codes if len(used) == size else without_gaps(codes, size), used


def without_gaps(codes: Array, size: int) -> Array:
    """Codes (n,) below `size`, numbered anew in their order: each number is that of some row."""
    occurs = np.zeros(size, dtype=bool)
    occurs[codes] = True
    return np.asarray((np.cumsum(occurs) - 1)[codes])


def chosen(
    given: Any, names: tuple[str, ...], identities: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...], Array]:
    """The levels given for a factor of others, and where each of those stands among them, or -1.

    Labels, identities, and places (levels + 1,), -1 for what is missing.  Raises ValueError.
    """
    given = [given] if np.isscalar(given) else list(given)
    known = positions(names, identities)
    found = [known.get(identity(level), -1) for level in given]
    place = np.full(len(names) + 1, -1)
    place[found] = range(len(given))
    place[-1] = -1  # where those that the factor does not have were put
    pairs = list(zip(map(identity, given), found, strict=True))
    exact = tuple(own if k < 0 else identities[k] for own, k in pairs)
    if len(set(exact)) < len(given):
        raise ValueError("a level is given twice")
    return tuple(own if k < 0 else names[k] for own, k in pairs), exact, place


def positions(names: Iterable[str], identities: Iterable[str]) -> dict[str, int]:
    """Where a level stands, by its label or its identity; the identity goes first."""
    by_name = {name: k for k, name in enumerate(names)}
    return by_name | {exact: k for k, exact in enumerate(identities)}


def is_number(value: Any) -> bool:
    """Whether a value of a column of objects is a number, and not complex or a truth."""
    return isinstance(value, Real | Decimal) and not isinstance(value, bool)


def neither(column: Iterable[Any], name: str) -> DataError:
    """What to say of a column of objects that are not all numbers, or all strings."""
    kinds = {type(v).__name__: is_number(v) or isinstance(v, str) for v in column}
    if all(kinds.values()):
        mixed = " and ".join(sorted(kinds))
        return DataError(f"column {name!r} mixes {mixed} values; make all numbers or all strings")
    kind = next(kind for kind, usual in kinds.items() if not usual)
    return DataError(f"column {name!r} holds {kind} values; make it numbers or strings")


class Exact(np.ndarray):
    """Doubles (n,) of whole numbers or decimals, whose digits `exact` keeps for factor()."""

    exact: Any
