"""Categorical variables: codes, levels and contrasts, under R's names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from formulaic.transforms.contrasts import (
    HelmertContrasts,
    PolyContrasts,
    SumContrasts,
    TreatmentContrasts,
)

from ..linalg import Array


@dataclass(frozen=True, eq=False)
class Coded:
    """A categorical variable: codes (n,), -1 where missing, of levels, and its contrasts."""

    codes: Array
    levels: tuple[str, ...]
    contrasts: Any

    @classmethod
    def of(cls, values: Any, levels: Any = None, ordered: bool = False) -> Coded:
        """Strings, numbers, booleans or a pandas categorical; levels sorted where none are given.

        Strings sort by code point (R's C locale), numbers by size; an ordered factor has R's
        polynomial contrasts, others have treatment contrasts.
        """
        if isinstance(values, Coded):
            ordered = ordered or isinstance(values.contrasts, PolyContrasts)
            values = pd.Categorical.from_codes(values.codes, pd.Index(values.levels))
        values = getattr(values, "array", values)  # of a Series
        if levels is not None:
            values = pd.Categorical(np.asarray(values), categories=np.asarray(levels))
        if not isinstance(values, pd.Categorical):
            values = pd.Categorical(values, categories=sorted_levels(values))
        contrasts = PolyContrasts() if ordered or values.ordered else TreatmentContrasts()
        labels = list(map(label, values.categories))
        levels = {name: k for k, name in enumerate(dict.fromkeys(labels))}  # R's are texts
        codes = np.append([levels[name] for name in labels], -1).astype(int)[values.codes]
        return cls(codes, tuple(levels), contrasts)

    def __len__(self) -> int:
        return len(self.codes)

    def __eq__(self, other: object) -> Array:  # type: ignore[override]
        if not np.isscalar(other):
            raise TypeError("a categorical variable can be compared with one of its levels only")
        return np.asarray(self.levels)[self.codes] == label(other)

    def __ne__(self, other: object) -> Array:  # type: ignore[override]
        return ~(self == other)

    def __array__(self, *_: Any, **__: Any) -> Array:
        raise TypeError("a categorical variable is no number")


def sorted_levels(values: Any) -> Any:
    """The levels of what is not a pandas categorical already."""
    if pd.api.types.is_bool_dtype(pd.Series(values).dtype):
        return [False, True]
    return sorted(pd.unique(pd.Series(values).dropna()))


def label(level: Any) -> str:
    """A level as R writes it: TRUE, 308, 1.5, text."""
    if isinstance(level, bool | np.bool_):
        return "TRUE" if level else "FALSE"
    if isinstance(level, float):
        return f"{level + 0.0:.15g}"  # -0.0 + 0.0 is 0.0
    return str(level)


def factor(x: Any, levels: Any = None, ordered: bool = False) -> Coded:
    """R's factor()."""
    return Coded.of(x, levels, ordered)


def ordered(x: Any, levels: Any = None) -> Coded:
    """R's ordered()."""
    return Coded.of(x, levels, ordered=True)


def relevel(x: Any, ref: Any) -> Coded:
    """R's relevel(): `ref` becomes the first level."""
    coded = Coded.of(x)
    first = label(ref)
    if first not in coded.levels:
        raise ValueError(f"{first!r} is not a level")
    rest = [level for level in coded.levels if level != first]
    return Coded.of(coded, [first, *rest])


def contrast_kind(kind: Any) -> Any:
    """formulaic's contrasts for R's contr.sum, "contr.sum" or sum."""
    if isinstance(kind, type):
        return kind()
    name = str(kind).removeprefix("contr.")
    if name not in KINDS:
        raise ValueError(f"contrasts are contr.{', contr.'.join(KINDS)}, not {kind}")
    return KINDS[name]()


def C(x: Any, contr: Any = None) -> Coded:
    """R's C(): a factor with other contrasts."""
    coded = Coded.of(x)
    return coded if contr is None else Coded(coded.codes, coded.levels, contrast_kind(contr))


class NumberedTreatment(TreatmentContrasts):
    """Treatment contrasts as C(f, contr.treatment) names them, by number; others do by level."""


KINDS = {
    "treatment": TreatmentContrasts,
    "sum": SumContrasts,
    "helmert": HelmertContrasts,
    "poly": PolyContrasts,
}


def numbered(_contrasts: Any, levels: tuple[str, ...]) -> list[str]:
    """R numbers the columns of contr.sum and contr.helmert."""
    return [str(k) for k in range(1, len(levels))]


def named(contrasts: Any, levels: tuple[str, ...]) -> list[str]:
    """R names the columns of contr.treatment by level, those of contr.poly .L, .Q, .C, ^4."""
    return list(map(str, contrasts.get_coding_column_names(levels)))


CONTRASTS = {
    TreatmentContrasts: named,
    NumberedTreatment: lambda _, levels: [str(k + 1) for k in range(1, len(levels))],
    PolyContrasts: named,
    SumContrasts: numbered,
    HelmertContrasts: numbered,
}
