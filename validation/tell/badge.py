"""A badge that says what an implementation conforms to: SVG, or JSON for an endpoint of shields."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..suite.tiers import REFERENCE
from .report import Report
from .statement import LABEL, claim

HERE = Path(__file__).parent
PAD = 7  # pixels beside a text
NARROW, WIDE = set("fijlrtI.,:;' "), set("mwMW%")  # letters of Verdana, 11 pixels high
COLORS = {  # by the lowest tier claimed: shields' name of one, and ours, dark enough for white
    4: ("yellow", "#8a6d00"),
    6: ("yellowgreen", "#5f7a00"),
    8: ("green", "#3d7d1e"),
    REFERENCE: ("brightgreen", "#1c7c3c"),
    None: ("lightgrey", "#6b7280"),
}


@dataclass(frozen=True)
class Badge:
    """Two texts side by side, and the tier that colors the second."""

    label: str
    message: str
    tier: int | None


def badge(report: Report) -> Badge:
    """The badge of a run."""
    claimed = [tier for tier in report.tiers().values() if tier is not None]
    return Badge(LABEL, claim(report), min(claimed, default=None))


def as_json(made: Badge) -> str:
    """The JSON that an endpoint badge of shields reads."""
    content = {
        "schemaVersion": 1,
        "label": made.label,
        "message": made.message,
        "color": COLORS[made.tier][0],
    }
    return json.dumps(content, indent=1) + "\n"


def as_svg(made: Badge) -> str:
    """The badge as SVG, which fetches nothing."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined
    )
    left, right = width(made.label), width(made.message)
    return environment.get_template("badge.svg").render(
        label=made.label,
        message=made.message,
        left=left,
        width=left + right,
        pad=PAD,
        fill=COLORS[made.tier][1],
    )


def width(text: str) -> int:
    """Pixels that a text takes, with room beside it; the SVG fits the letters to it."""
    letters = sum(3.8 if c in NARROW else 10 if c in WIDE else 6.7 for c in text)
    return round(letters) + 2 * PAD


WRITERS: dict[str, Callable[[Badge], str]] = {".svg": as_svg, ".json": as_json}


def write(report: Report, path: Path) -> None:
    """Write the badge in the form that the file's name ends in, one of WRITERS."""
    path.write_text(WRITERS[path.suffix.lower()](badge(report)), "utf-8")
