"""What several studies do alike: colours, and averages with their Monte Carlo errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..linalg import Array
from ..result import Fit

NONE, COMPLETE, PARTIAL = "no pooling", "complete pooling", "partial pooling"
Z = 1.959963984540054  # of a 95 % interval
# dark enough on white, and distinct for the colour-blind (Okabe and Ito)
COLOURS = {NONE: "#0072b2", COMPLETE: "#777777", PARTIAL: "#d55e00"}


def mcse(values: Array) -> float:
    """The Monte Carlo standard error of the mean of independent values; NaN of a single one."""
    return float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else np.nan


def accuracy(estimates: Array, truth: float) -> dict[str, float]:
    """Bias, standard deviation and root mean square error, with their Monte Carlo errors."""
    squares = (estimates - truth) ** 2
    rmse = float(np.sqrt(squares.mean()))
    return {
        "replicates": len(estimates),
        "truth": truth,
        "mean": float(estimates.mean()),
        "bias": float(estimates.mean()) - truth,
        "bias_mcse": mcse(estimates),
        "sd": float(np.std(estimates, ddof=1)) if len(estimates) > 1 else np.nan,
        "rmse": rmse,
        "rmse_mcse": mcse(squares) / (2.0 * rmse),  # the delta method
    }


@dataclass(frozen=True, eq=False)
class Found:
    """What a study found: `rows`, one by one, and `table`, what they come to."""

    rows: pd.DataFrame
    table: pd.DataFrame

    def __str__(self) -> str:
        return self.table.to_string(index=False, float_format="{:.4g}".format)


def posterior_sd(fit: Fit, group: str) -> Array:
    """(levels, k): standard deviations of a group's random effects given y and beta."""
    cond_var = fit.ranef(cond_var=True).cond_var or {}
    return np.sqrt(np.einsum("kkl->lk", cond_var[group]))


def legend_above(figure: Figure, axes: Axes, columns: int = 3) -> None:
    """The legend of one of the panels, for all of them."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=columns, frameon=False)


def plain(axes: Axes) -> Axes:
    """Axes without the frame's top and right."""
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def diagonal(axes: Axes, values: pd.Series | pd.DataFrame, label: str) -> None:
    """The line on which an estimate equals the truth."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    axes.plot([low, high], [low, high], color="#333333", linestyle="--", linewidth=1, label=label)
