"""Contrasts of factors, as R makes and names them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import numpy as np
from formulaic.transforms.contrasts import (
    HelmertContrasts,
    PolyContrasts,
    SumContrasts,
    TreatmentContrasts,
)

from ..design import Design
from ..errors import OrderedWarning
from ..linalg import Array
from .data import Coded


class NumberedTreatment(TreatmentContrasts):
    """Treatment contrasts as C(f, contr.treatment) names them, by number; others do by level."""


@dataclass(frozen=True)
class Matrix:
    """Contrasts written out, as contr.sum(3) and contr.treatment(4, base = 2) give them."""

    name: str
    coding: Array  # (levels, levels - 1)
    labels: tuple[str, ...]

    def get_coding_matrix(self, levels: tuple[str, ...]) -> Array:
        """The matrix (levels, levels - 1).  Raises ValueError for another number of levels."""
        if len(levels) != len(self.coding):
            rows = len(self.coding)
            raise ValueError(f"{self.name} has {rows} rows for {len(levels)} levels")
        return self.coding


KINDS: dict[str, Any] = {
    "treatment": TreatmentContrasts,
    "sum": SumContrasts,
    "helmert": HelmertContrasts,
    "poly": PolyContrasts,
}
FUNCTIONAL = KINDS | {"treatment": NumberedTreatment}
FEW = 50  # levels, of which a matrix is small enough to be kept
WORDS = tuple(KINDS)  # what may stand for contr.sum in C(f, sum)


def numbered(_contrasts: Any, levels: tuple[str, ...]) -> list[str]:
    """R numbers the columns of contr.sum and contr.helmert."""
    return [str(k) for k in range(1, len(levels))]


def named(contrasts: Any, levels: tuple[str, ...]) -> list[str]:
    """R names the columns of contr.treatment by level, those of contr.poly .L, .Q, .C, ^4."""
    return list(map(str, contrasts.get_coding_column_names(levels)))


LABELS: dict[type, Callable[[Any, tuple[str, ...]], list[str]]] = {
    TreatmentContrasts: named,
    NumberedTreatment: lambda _, levels: [str(k + 1) for k in range(1, len(levels))],
    PolyContrasts: named,
    SumContrasts: numbered,
    HelmertContrasts: numbered,
    Matrix: lambda contrasts, _: list(contrasts.labels),
}


def coding(contrasts: Any, levels: tuple[str, ...]) -> tuple[Array, list[str]]:
    """The matrix (levels, levels - 1) of contrasts and the names of its columns."""
    if isinstance(contrasts, Matrix) or len(levels) > FEW:
        return written_out(contrasts, levels)
    return remembered(contrasts.__class__, levels)


@lru_cache(maxsize=200)
def remembered(kind: Any, levels: tuple[str, ...]) -> tuple[Array, list[str]]:
    """The same of a kind of contrasts, which formulaic takes longest of all to make."""
    return written_out(kind(), levels)


def written_out(contrasts: Any, levels: tuple[str, ...]) -> tuple[Array, list[str]]:
    """The same, made now."""
    matrix = np.asarray(contrasts.get_coding_matrix(levels), dtype=float)
    return matrix, LABELS[type(contrasts)](contrasts, levels)


def treatment(n: Any = None, base: Any = 1) -> Any:
    """R's contr.treatment(): a matrix for n levels; without n, as C() and R's options take it."""
    if n is None:
        return FUNCTIONAL["treatment"]()
    levels = [str(k + 1) for k in range(levels_of(n))]
    if base not in range(1, len(levels) + 1):
        raise ValueError(f"the base is one of 1 to {len(levels)}, not {base:g}")
    keep = [k for k in range(len(levels)) if k != int(base) - 1]
    name = f"contr.treatment({len(levels)}, base = {base:g})"
    return Matrix(name, np.eye(len(levels))[:, keep], tuple(levels[k] for k in keep))


def of_kind(kind: str, n: Any = None) -> Any:
    """R's contr.sum(), contr.helmert() and contr.poly()."""
    contrasts = FUNCTIONAL[kind]()
    if n is None:
        return contrasts
    matrix, labels = coding(contrasts, tuple(str(k + 1) for k in range(levels_of(n))))
    return Matrix(f"contr.{kind}({n:g})", matrix, tuple(labels))


def levels_of(n: Any) -> int:
    """The number of levels, at least two.  Raises ValueError."""
    if np.size(n) != 1 or n not in range(2, 10_001):
        raise ValueError("contrasts are of a whole number of levels, at least two")
    return int(n)


def C(memory: dict[str, Any], object: Any, contr: Any = None, *, base: Any = None) -> Coded:
    """R's C(): a factor with other contrasts, which the fit made of all its levels."""
    coded = Coded.of(object)
    if "contrasts" not in memory:
        memory["contrasts"] = chosen(coded, contr, base)
    return replace(coded, contrasts=memory["contrasts"])


def chosen(coded: Coded, contr: Any, base: Any) -> Any:
    """The contrasts that C() is asked for: a name, contr.sum, or a matrix.  Raises ValueError."""
    kind = by_name(contr) if isinstance(contr, str) else contr
    if base is not None:
        if not isinstance(kind, TreatmentContrasts):
            raise ValueError("base is an argument of contr.treatment")
        kind = treatment(len(coded.levels), base)
    if isinstance(kind, Matrix):
        kind.get_coding_matrix(coded.levels)
    if kind is not None and type(kind) not in LABELS:
        raise ValueError("contrasts are contr.treatment, contr.sum and their like")
    return coded.contrasts if kind is None else kind


def by_name(name: str) -> Any:
    """The contrasts of "contr.sum" or "sum".  Raises ValueError."""
    kind = name.removeprefix("contr.")
    if kind not in KINDS:
        raise ValueError(f"contrasts are contr.{', contr.'.join(KINDS)}, not {name}")
    return KINDS[kind]()


CONTRASTS: dict[str, Callable[..., Any]] = {
    "contr.treatment": treatment,
    **{f"contr.{kind}": partial(of_kind, kind) for kind in KINDS if kind != "treatment"},
}


def warn_of_orders(made: Design, meant: Collection[str] = ()) -> None:
    """Warn (OrderedWarning) of each column that is ordered by its type alone.

    meant: columns of the data that are ordered on purpose; a formula says so by ordered(column).
    """
    for name in ordered_by_type(made):
        if name not in meant:
            warnings.warn(
                f"{name} is ordered by its type, and so gets polynomial contrasts; write "
                f"ordered({name}) in the formula if that is meant, for a coefficient a level "
                f"write factor({name}, ordered = FALSE) or take {name}.cat.as_unordered()",
                OrderedWarning,
                stacklevel=5,
            )


def ordered_by_type(made: Design) -> Iterator[str]:
    """The columns of the data that the formula names as they are, and that have such contrasts."""
    columns = [*made.names, *(effect for term in made.terms for effect in term.effects)]
    parts = {part for column in columns for part in column.split(":")}
    for node, variable in made.recipe.variables.items():
        by_type = node.kind == "name" and isinstance(variable.contrasts, PolyContrasts)
        if by_type and f"{variable.name}.L" in parts:
            yield node.text
