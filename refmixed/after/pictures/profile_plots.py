"""Pictures of profiles: zeta by parameter, and contours of two.  Needs matplotlib.

zeta is a straight line where the profile is a parabola, so that intervals are symmetric; a curve
says how far that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.interpolate import CubicHermiteSpline

from ...errors import OptionError
from ...linalg import Array
from ..limits.contour import LEVELS, Contours, closed, contours
from ..limits.parameters import Parameter, chosen
from ..limits.path import Line, Point
from ..limits.profile import Curve, height
from .canvas import BLUE, GREY, ORANGE, Units, canvas, effect_unit

SHOWN = (0.5, 0.8, 0.95, 0.99)  # levels of the lines across
FINE = 200  # points of a curve
ACROSS = 3  # panels in a row


def zeta(
    fit: Any, which: Any = None, reml: bool = False, ax: Any = None, units: Units = None
) -> Any:
    """zeta of each parameter, and its limits of 50, 80, 95 and 99% as far as it was followed.

    which: as of `Fit.profile`.  ax: so many axes, or of one parameter one; returns them.
    Raises OptionError.
    """
    found = fit.profile(which, reml=reml)
    axes = grid(len(found.curves)) if ax is None else ax
    if np.size(axes) != len(found.curves):
        names = ", ".join(found.estimates.index)
        raise OptionError(f"ax must be an axes each of {names}: there are {np.size(axes)}")
    for one, curve in zip(np.ravel(axes), found.curves, strict=True):
        of_curve(one, curve)
        one.set_xlabel(label(fit, curve.parameter, units))
        one.set_ylabel(r"$\zeta$, " + ("REML" if found.reml else "ML"))
    return axes


def grid(count: int) -> Any:
    """So many axes of a figure, three in a row; one by itself."""
    if count == 1:
        return canvas(None, 5, 3.6)
    rows, columns = -(-count // ACROSS), min(count, ACROSS)
    figure = Figure(figsize=(3.4 * columns, 2.8 * rows), layout="constrained")
    every = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax in every[count:]:
        ax.set_axis_off()
    return every[:count]


def of_curve(ax: Axes, curve: Curve) -> None:
    """zeta of one parameter."""
    canvas(ax)
    values, zetas = smooth(curve)
    ax.axhline(0.0, color=GREY, linewidth=0.8)
    ax.plot(values, zetas, color=BLUE, linewidth=1.8)
    ax.plot(*dots(curve), "o", color=BLUE, markersize=3)
    ax.plot(curve.estimate, 0.0, "o", color=ORANGE, markersize=5)
    for level in SHOWN:
        across(ax, curve, level, zetas)


def contour(
    fit: Any,
    which: Any = None,
    levels: Iterable[float] = LEVELS,
    reml: bool = False,
    ax: Axes | None = None,
    units: Units = None,
) -> Axes:
    """Joint regions of two parameters; dashed where the range of a parameter ends.

    which: as of `Fit.profile`, two; without it the first two of standard deviations, sigma and
    beta.  Raises OptionError.
    """
    asked = chosen(fit.design, first_two(fit, reml) if which is None else which, reml)
    found = contours(fit, [p.name for p in asked], levels, reml)
    ax = canvas(ax, 4.6, 4.2)
    for level in sorted(found.table["level"].unique()):
        outline = closed(found.table, level)
        ax.plot(*outline.T, color=BLUE, linewidth=1.6)
        top = outline[outline[:, 1].argmax()]
        ax.annotate(f"{100 * level:g}%", top, (0, 3), textcoords="offset points", ha="center")
    ax.plot(*found.estimates, "o", color=ORANGE, markersize=5)
    bounds(ax, found)
    ax.set_xlabel(label(fit, asked[0], units))
    ax.set_ylabel(label(fit, asked[1], units))
    return ax


def first_two(fit: Any, reml: bool) -> list[str]:
    """The names of two parameters: standard deviations before sigma before beta."""
    every = [p.name for p in chosen(fit.design, None, reml) if p.kind != "cor"]
    return every[:2]


def bounds(ax: Axes, found: Contours) -> None:
    """The ends of a standard deviation or a correlation, where a region meets them."""
    ends = found.table[found.table["at_end"]]
    for name, draw in zip(found.names, (ax.axvline, ax.axhline), strict=True):
        for end in (-1.0, 1.0) if name.startswith("cor_") else (0.0,):
            if (np.abs(ends[name] - end) < 1e-9).any():
                draw(end, color=ORANGE, linestyle="--", linewidth=1.2)


def across(ax: Axes, curve: Curve, level: float, zetas: Array) -> None:
    """The limits of one level, and lines to them, where the profile was followed so far."""
    target = height(level)
    for end, sign in zip(curve.limits(target), (-1.0, 1.0), strict=True):
        if np.max(sign * zetas) >= target:
            ax.plot([end, end], [0.0, sign * target], color=GREY, linewidth=0.8)
    ax.axhline(target, color=GREY, linewidth=0.5, linestyle=":")
    ax.axhline(-target, color=GREY, linewidth=0.5, linestyle=":")
    ax.annotate(f"{100 * level:g}%", (1.0, target), xycoords=("axes fraction", "data"), fontsize=7)


def dots(curve: Curve) -> tuple[list[float], list[float]]:
    """Values and zetas that were computed."""
    rows = curve.rows()
    return [value for value, _, _ in rows], [zeta for _, zeta, _ in rows]


def smooth(curve: Curve) -> tuple[Array, Array]:
    """Values and zetas (any,) between the points, zeta's own slopes at each (eq:zeta-slope)."""
    parts = [side(curve, line, points) for line, points in curve.sides]
    (below, low), (above, high) = parts
    return np.concatenate([below[::-1], above]), np.concatenate([-low[::-1], high])


def side(curve: Curve, line: Line, points: list[Point]) -> tuple[Array, Array]:
    """Values and zetas from the estimate outwards."""
    if len(points) < 2:
        return np.array([curve.estimate]), np.zeros(1)
    s, heights = np.array([p.s for p in points]), np.array([p.zeta for p in points])
    slopes = [1.0 / line.unit, *(p.slope / (2.0 * p.zeta) for p in points[1:])]
    fine = np.linspace(0.0, s[-1], FINE)
    values = np.array([curve.value(line, one) for one in fine])
    return values, CubicHermiteSpline(s, heights, slopes)(fine)


def label(fit: Any, parameter: Parameter, units: Units) -> str:
    """The name of a parameter, with its unit where that is known."""
    unit = ""
    if parameter.kind == "sigma":
        unit = effect_unit(fit, "(Intercept)", units)
    elif parameter.kind in ("sd", "beta"):
        of = fit.design.terms[parameter.t].effects if parameter.kind == "sd" else fit.design.names
        unit = effect_unit(fit, of[parameter.i], units)
    return f"{parameter.name} ({unit})" if unit else parameter.name
