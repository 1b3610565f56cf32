"""Pictures of random effects: caterpillar, and shrinkage arrows.

Each draws on `ax`, or on a figure of its own, and returns the axes.  units: {variable: unit}, for
their labels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ...coordinates import require_rows
from ...design import RandomTerm
from ...linalg import Array, independent_columns
from ...prediction import half_width
from ..switches import a_level
from .canvas import BLUE, GREY, INK, ORANGE, Units, canvas, effect_name
from .whose import the_effect, two_effects, two_places

MOST_NAMES = 60  # levels whose names are written at a caterpillar


def caterpillar(
    fit: Any,
    group: str | None = None,
    effect: str | None = None,
    level: float = 0.95,
    ax: Axes | None = None,
    units: Units = None,
) -> Axes:
    """The random effects of a group, sorted, each with an interval of its conditional sd.

    The sd is that given y, beta and theta (lme4's condVar).  The first effect of the first group
    where none is named.  Raises OptionError.
    """
    level = a_level(level)
    term, j, place = the_effect(fit, group, effect)
    found = fit.ranef(cond_var=True)
    values = found[term.group].to_numpy()[:, place]
    sd = np.sqrt(found.cond_var[term.group][place, place])
    order, rows = np.argsort(values, kind="stable"), np.arange(len(values))
    reach = half_width(level) * sd[order]
    ax = canvas(ax, height=max(3.0, min(0.22 * len(rows) + 1.0, 9.0)))
    ax.axvline(0.0, color=GREY, linewidth=1)
    ax.errorbar(values[order], rows, xerr=reach, fmt="o", color=INK, ecolor=BLUE, markersize=3.5)
    if len(rows) <= MOST_NAMES:
        ax.set_yticks(rows, [term.levels[i] for i in order], fontsize=8)
    else:
        ax.set_yticks([])
    ax.set_ylabel(term.group)
    ax.set_xlabel(f"random effect {effect_name(fit, term.effects[j], units)}")
    ax.set_title(f"{100 * level:g} % intervals, beta and theta known", fontsize=9)
    return ax


def shrinkage(
    fit: Any,
    group: str | None = None,
    effects: tuple[str, str] | None = None,
    ax: Axes | None = None,
    units: Units = None,
) -> Axes:
    """Arrows from each level's own least-squares estimate (no pooling) to the mixed model's.

    Both are of two effects of one term, fixed part and random part together, all else in the model
    held at its estimate.  A level whose rows cannot tell the effects has no arrow.
    Raises OptionError unless the group has a term with two effects.
    """
    require_rows(fit.design)
    term, here = two_effects(fit, group)
    i, j = (0, 1) if effects is None else two_places(term, effects)
    shared = fit.beta.reindex(list(term.effects)).fillna(0.0).to_numpy()  # (k,)
    partial = shared + fit.optimum.posterior.gamma[here]  # (levels, k)
    alone = no_pooling(fit, term, partial)
    ax = canvas(ax, 6.4, 5.0)
    ax.plot(alone[:, i], alone[:, j], "o", color=BLUE, markersize=3.5, label="no pooling")
    move = partial - alone
    arrows: dict[str, Any] = {
        "angles": "xy",
        "scale_units": "xy",
        "scale": 1,
        "width": 0.003,
        "color": GREY,
    }
    ax.quiver(alone[:, i], alone[:, j], move[:, i], move[:, j], **arrows)
    label = "partial pooling"
    ax.plot(partial[:, i], partial[:, j], "o", color=ORANGE, markersize=3.5, label=label)
    ax.plot(shared[i], shared[j], "+", color=INK, markersize=13, mew=2, label="population")
    ax.set_xlabel(effect_name(fit, term.effects[i], units))
    ax.set_ylabel(effect_name(fit, term.effects[j], units))
    ax.set_title(f"by {term.group}", fontsize=9)
    ax.legend(frameon=False, fontsize=8)
    return ax


def no_pooling(fit: Any, term: RandomTerm, partial: Array) -> Array:
    """(levels, k): least squares of each level alone, on what is left beside all other effects."""
    root = np.sqrt(fit.design.weights)[:, None]
    target = fit.residuals().to_numpy() + (term.x * partial[term.codes]).sum(axis=1)  # (n,)
    found = np.full(partial.shape, np.nan)
    for level in range(len(term.levels)):
        rows = term.codes == level
        x = root[rows] * term.x[rows]
        if len(independent_columns(x)) == term.k:
            found[level] = np.linalg.lstsq(x, root[rows, 0] * target[rows], rcond=None)[0]
    return found
