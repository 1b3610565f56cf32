"""Estimated marginal means: averages of a fit's predictions over a reference grid, as emmeans'."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...errors import OptionError, nearest
from ...linalg import Array
from ...r.deparse import deparse
from ...r.levels import label
from .adjust import critical, p_values
from .asked import Asked
from .averages import averages
from .comparisons import bracketed, comparisons
from .estimable import Estimable
from .grid import ReferenceGrid, recipe_of, reference_grid
from .linear import Combinations


@dataclass(frozen=True)
class MarginalMeans:
    """Means, and contrasts of them where they were asked for, in emmeans' columns.

    means: the levels, emmean, SE, df, lower.CL, upper.CL.  contrasts: contrast, the levels of `by`,
    estimate, SE, df, lower.CL, upper.CL, t.ratio, p.value; limits and p-values are adjusted for the
    contrasts at one combination of `by`.  linear (g, p): the means as combinations of beta.
    What is not estimable is NaN.  notes: what was averaged, and how.
    """

    means: pd.DataFrame
    contrasts: pd.DataFrame | None
    linear: pd.DataFrame
    notes: tuple[str, ...]

    def __str__(self) -> str:
        tables = [t.to_string(index=False) for t in (self.means, self.contrasts) if t is not None]
        return "\n\n".join([*tables, "\n".join(self.notes)])

    def _repr_html_(self) -> str:
        tables = [t.to_html(index=False) for t in (self.means, self.contrasts) if t is not None]
        return "\n".join([*tables, *(f"<p>{html.escape(note)}</p>" for note in self.notes)])


def means(fit: Any, asked: Asked, at: Any = None) -> MarginalMeans:
    """The means of a Fit.  Raises OptionError, OffsetError."""
    grid = reference_grid(fit.design, at)
    names = [*asked.specs, *asked.by]
    require(names, grid)
    found = Found(Combinations.of(fit, asked.df), grid, Estimable.of(recipe_of(fit.design)))
    A, levels = averages(grid, names, asked.weights)  # (g, c)
    table = found.table(A, "emmean")
    table = limited(table, "emmean", critical(asked.level, table["df"].to_numpy(), "none", 0))
    is_lost = table["emmean"].isna().to_numpy()
    C = np.where(is_lost[:, None], np.nan, found.rows(A))
    return MarginalMeans(
        means=pd.concat([levels, table], axis=1),
        contrasts=None if asked.contrasts is None else contrasts(found, A, levels, asked),
        linear=pd.DataFrame(C, columns=list(fit.design.names)),
        notes=tuple(notes(fit, grid, asked, table)),
    )


def require(names: list[str], grid: ReferenceGrid) -> None:
    """Raises OptionError for a name that no fixed effect has, or that comes twice."""
    for k, name in enumerate(names):
        if name not in grid.axes:
            raise OptionError(f"no fixed effect reads {name!r}{nearest(name, grid.axes)}")
        if name in names[:k]:
            raise OptionError(f"{name!r} is asked for twice, in specs or by")


@dataclass(frozen=True)
class Found:
    """What a fit says of averages of the cells of a grid."""

    combined: Combinations
    grid: ReferenceGrid
    estimable: Estimable

    def rows(self, M: Array) -> Array:
        """(r, p): averages M (r, c) of cells as combinations of beta."""
        return M @ self.grid.X[:, self.estimable.kept]

    def table(self, M: Array, name: str) -> pd.DataFrame:
        """Estimates, standard errors and degrees of freedom of M (r, c); NaN: not estimable."""
        numbers = np.full((3, len(M)), np.nan)
        holds = np.isfinite(M).all(axis=1) & self.estimable.holds(M, self.grid.X)  # (r,)
        if holds.any():
            numbers[:, holds] = self.combined(self.rows(M[holds]))
            numbers[0, holds] += M[holds] @ self.grid.offset
        return pd.DataFrame(numbers.T, columns=[name, "SE", "df"])


def limited(table: pd.DataFrame, name: str, reach: Array) -> pd.DataFrame:
    """A table with the limits of intervals that reach so many standard errors."""
    half = reach * table["SE"]
    return table.assign(**{"lower.CL": table[name] - half, "upper.CL": table[name] + half})


def contrasts(found: Found, A: Array, levels: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """The contrasts at each combination of `by`: specs vary fastest among the means."""
    size = math.prod(len(found.grid.axes[name]) for name in asked.specs)
    rows = levels[asked.specs].iloc[:size].itertuples(index=False)
    labels = [joined(row) for row in rows] or ["overall"]
    names, D = comparisons(asked.contrasts, labels)  # (r, size)
    starts = np.arange(0, len(levels), size)
    M = np.vstack([of_rows(D, A[start : start + size]) for start in starts])
    table = found.table(M, "estimate")
    families = [table.iloc[k * len(D) : (k + 1) * len(D)] for k in range(len(starts))]
    tests = pd.concat([tested(family, asked, size) for family in families])
    by = levels[asked.by].iloc[np.repeat(starts, len(D))].reset_index(drop=True)
    return pd.concat([pd.Series(names * len(starts), name="contrast"), by, tests], axis=1)


def of_rows(D: Array, A: Array) -> Array:
    """D A, NaN in a row that takes a mean without cells, and in no other."""
    is_lost = (D != 0) @ np.isnan(A).any(axis=1)
    return np.where(is_lost[:, None], np.nan, D @ np.nan_to_num(A))


def tested(table: pd.DataFrame, asked: Asked, k: int) -> pd.DataFrame:
    """A family of contrasts of k means with limits, t and p."""
    method = "none" if len(table) == 1 else asked.adjust
    df = table["df"].to_numpy()
    table = limited(table, "estimate", critical(asked.level, df, method, k))
    t = table["estimate"].to_numpy() / table["SE"].to_numpy()
    return table.assign(**{"t.ratio": t, "p.value": p_values(t, df, method, k)})


def joined(values: Any) -> str:
    """The levels of one combination in a label."""
    shown = [label(value) for value in values]
    return " ".join(shown) if len(shown) == 1 else " ".join(map(bracketed, shown))


def notes(fit: Any, grid: ReferenceGrid, asked: Asked, table: pd.DataFrame) -> Iterator[str]:
    """What was averaged, what covariates were, and what is not estimable."""
    names = {*asked.specs, *asked.by}
    over = [n for n, axis in grid.axes.items() if n not in names and len(axis) > 1]
    if over:
        yield f"Averaged over the levels of {', '.join(over)}, {asked.weights} weights."
    single = {n: axis.values.iloc[0] for n, axis in grid.axes.items() if len(axis) == 1}
    if single:
        yield f"At {', '.join(f'{n} = {value}' for n, value in single.items())}."
    if mixed := interacting(fit, names, set(over)):
        yield f"{mixed}: a mean over what it interacts with may mislead."
    response = recipe_of(fit.design).formula.response
    if response.kind != "name":
        yield f"Of {deparse(response)}, not of what it is made of."
    yield f"Degrees of freedom: {asked.df}.  Level of intervals: {asked.level}."
    if asked.contrasts is not None and asked.adjust != "none":
        yield f"Contrasts are adjusted by {asked.adjust}."
    if lost := table["emmean"].isna().sum():
        yield f"{lost} of the means are not estimable (NaN): no rows of the data determine them."
    if table["df"].isna().sum() > lost:
        yield "The data do not determine a variance: there are no degrees of freedom (NaN)."


def interacting(fit: Any, names: set[str], over: set[str]) -> str:
    """The first term with a predictor that has rows and one that is averaged over."""
    recipe = recipe_of(fit.design)
    for term in recipe.formula.fixed.terms:
        read = {name for node in term for name in recipe.variables[node].reads}
        if read & names and read & over:
            return ":".join(deparse(node) for node in term)
    return ""
