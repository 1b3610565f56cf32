"""The pictures.  Needs matplotlib: the extra `plots`.

Those of a fit are methods too, `fit.plot(kind)`.  Each draws on axes that are given, `ax=`, or on a
figure of its own, and returns the axes: `caterpillar(fit).figure.savefig("effects.png")`.
`python -m refmixed.plots FILE` draws the picture of the README.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .after.pictures.effect_plots import caterpillar, shrinkage
from .after.pictures.frame_plots import intervals, power_curve
from .after.pictures.influence_plots import cook
from .after.pictures.line_plots import lines
from .after.pictures.profile_plots import contour, zeta
from .after.pictures.residual_plots import (
    effect_quantiles,
    panels,
    residual_quantiles,
    residuals,
    scale_location,
)
from .datasets import load_dataset
from .fit import lm, lmer

__all__ = [
    "caterpillar",
    "contour",
    "cook",
    "effect_quantiles",
    "intervals",
    "lines",
    "panels",
    "pooling",
    "power_curve",
    "residual_quantiles",
    "residuals",
    "scale_location",
    "shrinkage",
    "zeta",
]

# dark enough on white, and distinct for the colour-blind (Okabe and Ito)
STYLES: dict[str, dict[str, Any]] = {
    "no pooling: a line for each subject alone": {"color": "#0072b2", "linestyle": ":"},
    "complete pooling: one line for all": {"color": "#999999", "linestyle": "--"},
    "partial pooling: the mixed model": {"color": "#d55e00", "linestyle": "-"},
}


def pooling() -> Figure:
    """Eighteen subjects of sleepstudy, each with its three lines, by slope: the README's."""
    data = load_dataset("sleepstudy")
    alone = lm("Reaction ~ Subject * Days", data)
    for_all = lm("Reaction ~ Days", data)
    mixed = lmer("Reaction ~ Days + (Days | Subject)", data)
    drawn = dict(zip(STYLES, [alone.fitted, for_all.fitted, mixed.fitted], strict=True))
    slopes = mixed.ranef()["Subject"]["Days"]
    figure = Figure(figsize=(10, 5.6), layout="constrained")
    grid = figure.subplots(3, 6, sharex=True, sharey=True)
    for axes, subject in zip(grid.flat, slopes.sort_values().index, strict=True):
        draw_subject(axes, data[data["Subject"] == subject], drawn, subject)
    figure.supxlabel("day of the study")
    figure.supylabel("reaction time (ms)")
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, frameon=False)
    return figure


def draw_subject(axes: Axes, rows: pd.DataFrame, drawn: dict[str, pd.Series], subject: str) -> None:
    """One panel."""
    axes.plot(rows["Days"], rows["Reaction"], "o", color="#333333", markersize=2.5)
    for label, fitted in drawn.items():
        axes.plot(rows["Days"], fitted[rows.index], label=label, linewidth=1.6, **STYLES[label])
    axes.set_title(subject, fontsize=9, pad=3)
    axes.set_xticks(np.arange(0, 10, 3))
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    pooling().savefig(sys.argv[1], dpi=110)
