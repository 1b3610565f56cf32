"""lme4's answers as they were written down, for machines without R.

`python -m validation record` writes the file; nobody edits it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ..answers import Answers

FILE = Path(__file__).parents[1] / "recorded" / "lme4.json"


@cache
def _record() -> dict[str, Any]:
    """The file: versions, and the answers of each case and method."""
    record: dict[str, Any] = json.loads(FILE.read_text("ascii"))
    return record


def versions() -> dict[str, str]:
    """The R and the lme4 that answered."""
    found: dict[str, str] = _record()["versions"]
    return found


def answers(case_id: str, reml: bool) -> Answers:
    """What lme4 answered about a case."""
    flat = _record()["answers"][case_id]["REML" if reml else "ML"]
    return {quantity: np.array(values) for quantity, values in flat.items()}


def write(versions: dict[str, str], found: dict[tuple[str, bool], Answers]) -> None:
    """Write the file."""
    answers: dict[str, dict[str, dict[str, list[float]]]] = {}
    for (case_id, reml), flat in found.items():
        lists = {quantity: values.tolist() for quantity, values in flat.items()}
        answers.setdefault(case_id, {})["REML" if reml else "ML"] = lists
    text = json.dumps({"versions": versions, "answers": answers}, indent=1)
    FILE.write_text(text + "\n", encoding="ascii")
