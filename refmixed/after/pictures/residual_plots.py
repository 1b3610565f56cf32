"""Pictures of residuals: against fitted values, their quantiles, their size, and all of these.

Residuals are conditional ones, each over its own standard deviation (`residual_table`); a row whose
residual has none is not drawn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...checks import one_of
from ...errors import OptionError
from ..influence.residuals import residual_table, standardized_effects
from .canvas import GREY, INK, ORANGE, Units, canvas, mark, named, normal_quantiles, response_name
from .whose import the_effect

EXPECTED = 0.8221789586623885  # E sqrt|N(0, 1)| = 2^(1/4) Gamma(3/4) / sqrt(pi)
STANDARDIZED = "residual over its sd"


def residuals(
    fit: Any, ax: Axes | None = None, units: Units = None, which: str = "conditional"
) -> Axes:
    """Standardized residuals against fitted values.  which: "conditional" or "marginal"."""
    one_of("which", which, ("conditional", "marginal"))
    table, ax = residual_table(fit), canvas(ax)
    x = table["fitted"] if which == "conditional" else fit.design.y - table["marginal"]
    values = table[f"{which}_standardized"].to_numpy()
    ax.axhline(0.0, color=GREY, linewidth=1)
    ax.plot(x, values, "o", color=INK, markersize=3)
    mark(ax, np.asarray(x), values, table.index, 3)
    ax.set_xlabel(f"fitted {named(response_name(fit), units)}")
    ax.set_ylabel(f"{which} {STANDARDIZED}")
    return ax


def scale_location(fit: Any, ax: Axes | None = None, units: Units = None) -> Axes:
    """The roots of their sizes against fitted values, and what is expected of a normal one."""
    table, ax = residual_table(fit), canvas(ax)
    sizes = np.sqrt(table["conditional_standardized"].abs())
    ax.axhline(EXPECTED, color=ORANGE, linewidth=1, label="expected")
    ax.plot(table["fitted"], sizes, "o", color=INK, markersize=3)
    ax.set_xlabel(f"fitted {named(response_name(fit), units)}")
    ax.set_ylabel(f"root of |{STANDARDIZED}|")
    ax.legend(frameon=False, fontsize=8)
    return ax


def residual_quantiles(fit: Any, ax: Axes | None = None, units: Units = None) -> Axes:
    """Ordered standardized residuals against normal quantiles."""
    table, ax = residual_table(fit), canvas(ax)
    normal_quantiles(ax, table["conditional_standardized"].to_numpy(), table.index)
    ax.set_ylabel(STANDARDIZED)
    return ax


def effect_quantiles(
    fit: Any,
    group: str | None = None,
    effect: str | None = None,
    ax: Axes | None = None,
    units: Units = None,
) -> Axes:
    """The same of one random effect's predictions, each over its standard deviation.

    Predictions of levels with few rows vary less, so that plain ones are no sample of one law.
    Raises OptionError.
    """
    term, j, place = the_effect(fit, group, effect)
    values = standardized_effects(fit)[term.group].to_numpy()[:, place]
    if not np.isfinite(values).any():
        raise OptionError(f"the variance of {term.effects[j]} by {term.group} is zero")
    ax = canvas(ax)
    normal_quantiles(ax, values, term.levels)
    ax.set_ylabel(f"{term.effects[j]} by {term.group}, over its sd")
    return ax


def panels(fit: Any, ax: Any = None, units: Units = None) -> Any:
    """Four panels (2, 2): residuals, their quantiles, their size, the quantiles of an effect.

    ax: four axes; returns them as an array.
    """
    axes = Figure(figsize=(9, 7), layout="constrained").subplots(2, 2) if ax is None else ax
    if np.size(axes) != 4:
        raise OptionError(f"ax must be the four axes of the panels, not {np.size(axes)}")
    one, two, three, four = np.ravel(axes)
    residuals(fit, one, units)
    residual_quantiles(fit, two)
    scale_location(fit, three, units)
    has_effects = any(np.isfinite(v.to_numpy()).any() for v in standardized_effects(fit).values())
    if has_effects:
        effect_quantiles(fit, ax=four)
    else:
        four.set_axis_off()
    return axes
