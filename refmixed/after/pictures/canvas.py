"""What pictures share: axes, colours, the names of axes, normal scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from ...errors import OptionError
from ...linalg import Array
from ...r.deparse import deparse

# dark enough on white, and distinct for the colour-blind (Okabe and Ito)
INK, GREY, BLUE, ORANGE, GREEN = "#333333", "#999999", "#0072b2", "#d55e00", "#009e73"
Units = Mapping[str, str] | None  # {variable: unit}


def canvas(ax: Axes | None, width: float = 6.4, height: float = 4.2) -> Axes:
    """The axes that are given, or those of a figure of their own, without a frame."""
    if ax is None:
        ax = Figure(figsize=(width, height), layout="constrained").subplots()
    if not isinstance(ax, Axes):
        raise OptionError(f"ax must be axes of matplotlib, not {ax!r}")
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def response_name(fit: Any) -> str:
    """What the formula calls the response; y of a fit to arrays."""
    recipe = fit.design.recipe
    return "y" if recipe is None else deparse(recipe.formula.response)


def named(name: str, units: Units) -> str:
    """A name, with its unit where that is known."""
    return f"{name} ({units[name]})" if units and name in units else name


def effect_name(fit: Any, effect: str, units: Units) -> str:
    """What an effect is called on an axis: with the response's unit per its own, where known."""
    unit = effect_unit(fit, effect, units)
    return f"{effect} on {response_name(fit)}" + (f" ({unit})" if unit else "")


def effect_unit(fit: Any, effect: str, units: Units) -> str:
    """The response's unit per that of an effect; empty where it is not known."""
    known = units or {}
    unit = known.get(response_name(fit), "")
    if unit and effect != "(Intercept)":
        unit = f"{unit}/{known[effect]}" if effect in known else ""
    return unit


def scores(n: int) -> Array:
    """(n,): normal quantiles at (i - 1/2)/n, where n ordered values are to be drawn."""
    return np.asarray(stats.norm.ppf((np.arange(n) + 0.5) / n))


def normal_quantiles(ax: Axes, values: Array, labels: Any, marked: int = 3) -> None:
    """Ordered values against normal quantiles, the line of a standard normal, its 95 % band.

    The band is of each order statistic by itself, as of independent values.
    """
    there = np.isfinite(values)
    order = np.argsort(values[there], kind="stable")
    ordered, names = values[there][order], np.asarray(labels, dtype=object)[there][order]
    n = len(ordered)
    at, rank = scores(n), np.arange(1, n + 1)
    low, high = (stats.norm.ppf(stats.beta.ppf(q, rank, n + 1 - rank)) for q in (0.025, 0.975))
    ax.fill_between(at, low, high, color=GREY, alpha=0.25, linewidth=0, label="95 %, one by one")
    ax.plot(at, at, color=GREY, linewidth=1)
    ax.plot(at, ordered, "o", color=INK, markersize=3)
    mark(ax, at, ordered, names, marked)
    ax.set_xlabel("normal quantile")


def mark(ax: Axes, x: Array, y: Array, labels: Any, marked: int) -> None:
    """The labels of the few points that are farthest from zero, on their inner side."""
    middle = np.nanmean(x)
    for i in np.argsort(-np.abs(np.nan_to_num(y)), kind="stable")[:marked]:
        side = 1 if x[i] < middle else -1
        ax.annotate(
            str(labels[i]),
            (x[i], y[i]),
            xytext=(4 * side, 0),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
            va="center",
            fontsize=8,
            color=INK,
        )
