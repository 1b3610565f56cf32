"""The picture of a fit: observations, and the line of each group.

It is drawn on `ax`, or on a figure of its own.  units: {variable: unit}, for the labels.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ...coordinates import require_rows
from ...design import RandomTerm
from ...errors import OptionError, nearest
from .canvas import BLUE, GREY, ORANGE, Units, canvas, named, response_name
from .whose import known_levels, the_effect


def lines(
    fit: Any,
    x: str | None = None,
    group: str | None = None,
    levels: Iterable[str] | None = None,
    ax: Axes | None = None,
    units: Units = None,
) -> Axes:
    """Observations, the fitted line of each level of a group, and that of the population.

    x: a column of X, the first random slope's or else the first that varies where none is named;
    levels: some of them.  The population's line is drawn where x alone decides it.
    Raises OptionError.
    """
    require_rows(fit.design)
    term, _, _ = the_effect(fit, group, None)
    column = the_column(fit, term, x)
    table = pd.DataFrame(
        {
            "x": fit.design.X[:, list(fit.design.names).index(column)],
            "y": fit.design.y,
            "fitted": fit.fitted.to_numpy(),
            "mean": fit.predict(random=False).to_numpy(),
            "level": np.asarray(term.levels)[term.codes],
        }
    )
    if levels is not None:
        table = table[table["level"].isin(known_levels(term, levels))]
    ax = canvas(ax)
    ax.plot(table["x"], table["y"], "o", color=GREY, markersize=2.5, alpha=0.7)
    for number, (_, rows) in enumerate(table.sort_values("x", kind="stable").groupby("level")):
        label = f"each {term.group}" if number == 0 else None
        ax.plot(rows["x"], rows["fitted"], color=BLUE, linewidth=0.9, alpha=0.7, label=label)
    means = table.groupby("x")["mean"]
    if (means.max() - means.min()).max() <= 1e-9 * table["y"].abs().max():
        ax.plot(means.first(), color=ORANGE, linewidth=2.5, label="population")
    ax.set_xlabel(named(column, units))
    ax.set_ylabel(named(response_name(fit), units))
    ax.legend(frameon=False, fontsize=8)
    return ax


def the_column(fit: Any, term: RandomTerm, x: str | None) -> str:
    """The column of X to draw along.  Raises OptionError."""
    names = list(fit.design.names)
    if x is not None and x not in names:
        raise OptionError(f"X has no column {x!r}{nearest(x, names)}")
    varying = [name for name, column in zip(names, fit.design.X.T, strict=True) if np.ptp(column)]
    choices = [name for name in term.effects if name in varying] + varying
    if not (choices or x):
        raise OptionError("lines are drawn along a column of X that varies, and none does")
    return x or choices[0]
