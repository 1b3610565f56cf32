"""The picture of deletion diagnostics."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ..influence.diagnostics import influence
from .canvas import INK, ORANGE, canvas

MOST_NAMES = 40  # groups whose names are written below


def cook(
    fit: Any, group: Any = None, theta: str = "kept", marked: int = 3, ax: Axes | None = None
) -> Axes:
    """Cook's distance of each row, or of each group (a name, or labels); the largest by name."""
    found = influence(fit, group, theta)
    ax = canvas(ax)
    values = found.cook.to_numpy()
    rows = np.arange(len(values))
    ax.vlines(rows, 0.0, np.nan_to_num(values), color=ORANGE, linewidth=1)
    ax.plot(rows, values, "o", color=INK, markersize=3)
    ax.set_ylim(bottom=0.0)
    ax.set_xlabel("row" if found.groups is None else found.groups)
    ax.set_ylabel(f"Cook's distance, theta {found.kind}")
    labels = list(map(str, found.cook.index))
    if found.groups is not None and len(rows) <= MOST_NAMES:
        ax.set_xticks(rows, labels, rotation=90, fontsize=8)
        return ax
    for i in np.argsort(-np.nan_to_num(values), kind="stable")[:marked]:
        at: dict[str, Any] = {
            "xytext": (0, 3),
            "textcoords": "offset points",
            "ha": "center",
            "fontsize": 8,
        }
        ax.annotate(labels[i], (rows[i], values[i]), **at)
    return ax
