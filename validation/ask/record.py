"""Write down what lme4 answers, for machines without R."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from ..adapters.messages import Json
from ..invariance.requests import requests
from .implementations import Implementation

FILE = Path(__file__).parents[1] / "recorded" / "lme4.json"


def record(implementation: Implementation, chosen: Sequence[Json], path: Path = FILE) -> None:
    """Write a file of answers to cases."""
    asked = [request for case in chosen for request in requests(case)]
    answers = {request["id"]: answer(implementation, request) for request in tqdm(asked)}
    lines = ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in answers.items())
    head = f'{{"version": 1,\n"implementation": {json.dumps(implementation.about)},\n'
    path.write_text(f'{head}"answers": {{\n{lines}\n}}}}\n', "ascii")


def answer(implementation: Implementation, request: Json) -> Json:
    """One answer, as a file of answers has it."""
    return {k: v for k, v in implementation.answer(request).items() if k not in ("id", "lost")}
