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
from .contour import LEVELS, Contours, closed, contours
from .parameters import is_called
from .path import Line, Point
from .profile import Curve, Profile, height

SHOWN = (0.5, 0.8, 0.95, 0.99)  # levels of the lines across
FINE = 200  # points of a curve
CURVE, LIMIT, POINT = "#0072b2", "#999999", "#d55e00"  # Okabe and Ito


def zeta(profile: Profile, name: str | None = None, ax: Axes | None = None, unit: str = "") -> Axes:
    """zeta of one parameter, and its limits of 50, 80, 95 and 99% as far as it was followed.

    name: as of `Fit.profile`, none where there is but one.  unit: of the parameter, for the label.
    Raises OptionError.
    """
    curve = the_curve(profile, name)
    ax = Figure(figsize=(5, 3.6), layout="constrained").subplots() if ax is None else ax
    values, zetas = smooth(curve)
    ax.axhline(0.0, color=LIMIT, linewidth=0.8)
    ax.plot(values, zetas, color=CURVE, linewidth=1.8)
    ax.plot(*dots(curve), "o", color=CURVE, markersize=3)
    ax.plot(curve.estimate, 0.0, "o", color=POINT, markersize=5)
    for level in SHOWN:
        across(ax, curve, level, zetas)
    ax.set_xlabel(labelled(curve.parameter.name, unit))
    ax.set_ylabel(r"$\zeta$, " + ("REML" if profile.reml else "ML"))
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def zetas(profile: Profile, columns: int = 3) -> Figure:
    """A panel for each parameter."""
    rows = -(-len(profile.curves) // columns)
    figure = Figure(figsize=(3.4 * columns, 2.8 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax, curve in zip(panels, profile.curves, strict=False):
        zeta(profile, curve.parameter.name, ax)
    for ax in panels[len(profile.curves) :]:
        ax.set_visible(False)
    return figure


def contour(
    fit: Any,
    which: Iterable[str],
    levels: Iterable[float] = LEVELS,
    reml: bool = False,
    ax: Axes | None = None,
    units: tuple[str, str] = ("", ""),
) -> Axes:
    """Joint regions of two parameters; dashed where the range of a parameter ends."""
    found = contours(fit, which, levels, reml)
    ax = Figure(figsize=(4.6, 4.2), layout="constrained").subplots() if ax is None else ax
    for level in sorted(found.table["level"].unique()):
        outline = closed(found.table, level)
        ax.plot(*outline.T, color=CURVE, linewidth=1.6)
        top = outline[outline[:, 1].argmax()]
        ax.annotate(f"{100 * level:g}%", top, (0, 3), textcoords="offset points", ha="center")
    ax.plot(*found.estimates, "o", color=POINT, markersize=5)
    bounds(ax, found)
    ax.set_xlabel(labelled(found.names[0], units[0]))
    ax.set_ylabel(labelled(found.names[1], units[1]))
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def bounds(ax: Axes, found: Contours) -> None:
    """The ends of a standard deviation or a correlation, where a region meets them."""
    ends = found.table[found.table["at_end"]]
    for name, draw in zip(found.names, (ax.axvline, ax.axhline), strict=True):
        for end in (-1.0, 1.0) if name.startswith("cor_") else (0.0,):
            if (np.abs(ends[name] - end) < 1e-9).any():
                draw(end, color=POINT, linestyle="--", linewidth=1.2)


def the_curve(profile: Profile, name: str | None) -> Curve:
    """The profile of a name.  Raises OptionError unless there is one."""
    found = [c for c in profile.curves if name is None or is_called(c.parameter, name)]
    if len(found) != 1:
        names = ", ".join(repr(c.parameter.name) for c in profile.curves)
        raise OptionError(f"choose one of the parameters that were profiled: {names}")
    return found[0]


def across(ax: Axes, curve: Curve, level: float, zetas: Array) -> None:
    """The limits of one level, and lines to them, where the profile was followed so far."""
    target = height(level)
    for end, sign in zip(curve.limits(target), (-1.0, 1.0), strict=True):
        if np.max(sign * zetas) >= target:
            ax.plot([end, end], [0.0, sign * target], color=LIMIT, linewidth=0.8)
    ax.axhline(target, color=LIMIT, linewidth=0.5, linestyle=":")
    ax.axhline(-target, color=LIMIT, linewidth=0.5, linestyle=":")
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


def labelled(name: str, unit: str) -> str:
    """The label of an axis."""
    return f"{name} ({unit})" if unit else name
