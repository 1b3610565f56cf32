"""The report: JSON, held against its schema."""

from __future__ import annotations

import json
from pathlib import Path

from ..adapters.messages import Json
from ..suite import schemas

FILE = Path(__file__).parents[1] / "reports" / "bench.json"


def write(report: Json, path: Path = FILE) -> None:
    """Write it.  Raises SchemaError where it is none."""
    schemas.check("bench.json", report)
    path.write_text(json.dumps(rounded(report), indent=1) + "\n", "utf-8")


def read(path: Path = FILE) -> Json:
    """Read it.  Raises SchemaError where it is none."""
    report: Json = json.loads(path.read_text("utf-8"))
    schemas.check("bench.json", report)
    return report


def rounded(value: object) -> object:
    """The same with eight digits, which is more than times have."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    return float(f"{value:.8g}") if isinstance(value, float) else value
