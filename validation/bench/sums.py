"""What rounds come to: medians, ratios to lmer() of the same round with quartiles, memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..adapters.messages import Json
from .live import Timed
from .programs import LME4, PARTNERS


@dataclass
class Measured:
    """The rounds of a set, as they come in."""

    name: str
    formula: str
    reml: bool
    refits: int = 0
    family: str = ""
    rows: int = 0
    rounds: dict[str, list[Timed]] = field(default_factory=dict)
    loaded: dict[str, float] = field(default_factory=dict)  # MB before any fit
    left_out: dict[str, str] = field(default_factory=dict)

    def add(self, program: str, timed: Timed) -> None:
        """The round of a program."""
        self.rounds.setdefault(program, []).append(timed)

    def leave_out(self, program: str, why: str) -> None:
        """A program that was lost; its rounds do not count."""
        self.rounds.pop(program, None)
        self.left_out[program] = why


def summed(measured: Measured) -> Json:
    """The part of the report on one set."""
    seconds = {name: [t.seconds for t in found] for name, found in measured.rounds.items()}
    least = min((found[-1].criterion for found in measured.rounds.values()), default=0.0)
    return {
        "name": measured.name,
        "formula": measured.formula,
        "reml": measured.reml,
        "rows": measured.rows,
        "refits": measured.refits,
        "family": measured.family,
        "left_out": measured.left_out,
        "programs": {
            name: {
                "seconds": quartiles(seconds[name]),
                "rounds": len(found),
                "ratio": ratio(seconds, name, LME4),
                "partner": ratio(seconds, name, PARTNERS[name]) if name in PARTNERS else None,
                "memory": max(t.memory for t in found),
                "loaded": measured.loaded.get(name, 0.0),
                "criterion": found[-1].criterion,
                "above_least": found[-1].criterion - least,
            }
            for name, found in measured.rounds.items()
        },
    }


def ratio(seconds: Mapping[str, Sequence[float]], name: str, partner: str) -> Json | None:
    """Quartiles of the ratios within rounds to a partner, with the BLAS that is the faster here."""
    tried = [other for other in seconds if other.split(" (")[0] == partner]
    if not tried:
        return None
    beside = min(tried, key=lambda other: float(np.median(seconds[other])))
    pairs = zip(seconds[name], seconds[beside], strict=True)
    found = quartiles([ours / max(theirs, 1e-9) for ours, theirs in pairs])
    return {"beside": beside, **found}


def quartiles(values: Sequence[float]) -> dict[str, float]:
    """The lower quartile, the median and the upper quartile."""
    lower, median, upper = np.percentile(np.asarray(values, dtype=np.float64), [25, 50, 75])
    return {"lower": float(lower), "median": float(median), "upper": float(upper)}


def slope(x: Sequence[float], y: Sequence[float]) -> float:
    """The slope of a line through log y over log x: the power of x that the cost grows with."""
    logs: Any = np.polyfit(np.log(x), np.log(y), 1)
    return float(logs[0])
