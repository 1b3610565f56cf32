"""The pictures of the page, drawn from the report: ratios to lmer(), and cost against size."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..adapters.messages import Json
from .programs import LME4

FOLDER = Path(__file__).parents[2] / "derivations" / "figures"
COLORS = ("#d55e00", "#e69f00", "#0072b2", "#56b4e9", "#009e73", "#cc79a7", "#999999", "#000000")
MARKS = "osD^vPX*"
FEW = 8  # programs in a picture


def write(report: Json, folder: Path = FOLDER) -> None:
    """Draw what there is."""
    drawn = {"bench-ratios.png": ratios(report)}
    if report["curves"]:
        drawn["bench-curves.png"] = curves(report)
    for name, figure in drawn.items():
        figure.savefig(folder / name, dpi=110, metadata={"Software": None})


def shown(report: Json) -> list[str]:
    """The programs in a picture: those with lme4's other BLAS, and parts of a fit, are not."""
    names = [name for name in report["versions"] if "(" not in name and "," not in name]
    return [name for name in names if name != LME4][:FEW]


def ratios(report: Json) -> Figure:
    """A row a set, a dot a program: the median ratio, on a line from quartile to quartile."""
    found = report["sets"]
    figure = Figure(figsize=(9, 1.4 + 0.45 * len(found)), layout="constrained")
    axes = figure.subplots()
    for k, name in enumerate(shown(report)):
        at = [(row, one["programs"].get(name, {}).get("ratio")) for row, one in enumerate(found)]
        dots(axes, name, k, [(row, ratio) for row, ratio in at if ratio])
    axes.axvline(1.0, color="#333333", linewidth=1)
    axes.set(xscale="log", xlabel="CPU time, lmer() = 1", ylim=(len(found) - 0.5, -0.5))
    axes.set_yticks(range(len(found)), [one["name"] for one in found])
    axes.grid(axis="x", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside right upper", frameon=False)
    return figure


def dots(axes: Axes, name: str, k: int, at: list[tuple[int, Json]]) -> None:
    """The dots of a program."""
    rows, medians = [row for row, _ in at], [ratio["median"] for _, ratio in at]
    color, mark = COLORS[k % len(COLORS)], MARKS[k % len(MARKS)]
    axes.plot(medians, rows, mark, color=color, markersize=6, label=name)
    for row, ratio in at:
        axes.hlines(row, ratio["lower"], ratio["upper"], color=color, linewidth=1.5)


def curves(report: Json) -> Figure:
    """A panel for rows, levels and effects each, both axes logarithmic."""
    found = report["curves"]
    figure = Figure(figsize=(3.4 * len(found), 3.4), layout="constrained")
    panels = figure.subplots(1, len(found), squeeze=False)[0]
    for axes, one in zip(panels, found.values(), strict=True):
        for k, (name, line) in enumerate(one["programs"].items()):
            label = f"{name}: power {line['slope']:.2f}"
            style = {"color": COLORS[2 * k % len(COLORS)], "marker": MARKS[k]}
            axes.loglog(line["x"], line["seconds"], label=label, **style)
        axes.set(xlabel=one["against"], ylabel="CPU seconds")
        sizes = sorted({x for line in one["programs"].values() for x in line["x"]})
        axes.set_xticks(sizes, [f"{x:,}" for x in sizes], fontsize=7)
        axes.set_xticks([], minor=True)
        axes.legend(frameon=False, fontsize=8)
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    return figure
