"""SPEC.md says what the code does: tiers, versions, exit statuses, requests and answers in full."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from suite import case_of, right

from validation.invariance.requests import requests
from validation.suite import cases
from validation.suite import requests as untransformed
from validation.suite.nested import number
from validation.suite.tiers import TIERS

SUITE = Path(cases.__file__).parents[1]
SPEC = (SUITE / "SPEC.md").read_text("utf-8")
CHANGES = (SUITE / "CHANGELOG.md").read_text("utf-8")
KINDS = (
    *(f"tiny-reml.{kind}" for kind in ("design", "evaluate-1", "evaluate-1.matrices")),
    *(f"tiny-reml.{kind}" for kind in ("fit", "fit.matrices", "inference")),
    *(f"tiny-poisson.{kind}" for kind in ("glmm-evaluate-1", "glmm-evaluate-1.matrices")),
    *(f"tiny-poisson.{kind}" for kind in ("glmm-fit", "glmm-fit.matrices")),
)


def section(number_: int) -> str:
    """The text of a section."""
    (text,) = re.findall(rf"^## {number_}\. (.*?)(?=^## |\Z)", SPEC, re.MULTILINE | re.DOTALL)
    return str(text)


def in_doubles(nested: Any) -> Any:
    """Nested lists of decimals as the doubles nearest to them."""
    return [in_doubles(x) for x in nested] if isinstance(nested, list) else number(nested)


def conversation() -> list[Any]:
    """What section 11 shows."""
    about = {"name": "mine", "version": "0.1", "language": "C++"}
    lines: list[Any] = [
        {"cmd": "start", "version": 1},
        {"version": 1, "implementation": about},
    ]
    for kind in KINDS:
        case = case_of(kind)
        answers = {q: in_doubles(value) for q, value in right(case)["answers"].items()}
        lines += [untransformed.request(case), {"id": case["id"], "answers": answers}]
    return [*lines, {"cmd": "stop"}]


def test_the_conversation_is_of_the_cases() -> None:
    (block,) = re.findall(r"```\n(.*?)\n```", section(11), re.DOTALL)
    expected = "\n".join(json.dumps(line, ensure_ascii=False) for line in conversation())
    assert block == expected


def test_each_kind_of_request_is_in_the_conversation() -> None:
    kinds = {(c["level"], c["form"]) for c in cases.everything() if c["level"] != "invariance"}
    assert {(r["level"], r["form"]) for r in conversation() if r.get("cmd") == "run"} == kinds


def keys(nested: Any, before: str = "") -> set[str]:
    """The keys of a request down to those that name data, as section 8 writes them."""
    if before in ("data.columns", "data.factors", "newdata") or not isinstance(nested, dict | list):
        return {before}
    if isinstance(nested, list):
        inner = [x for x in nested if isinstance(x, dict)]
        return set().union(*(keys(x, f"{before}[]") for x in inner)) if inner else {before}
    return set().union(*(keys(v, f"{before}.{k}".lstrip(".")) for k, v in nested.items()))


def test_section_8_names_every_key_of_a_request() -> None:
    found: set[str] = set()
    for case in cases.everything():
        transformed = case["level"] == "invariance"
        for request in requests(case) if transformed else [untransformed.request(case)]:
            found |= keys(request)
    text = section(8)
    unnamed = {key for key in found if f"`{key}`" not in text}
    assert unnamed == {"cmd", "id", "level", "form", "model.terms[].group"}  # said in words
    assert {"arrays.y", "arrays.X", "arrays.Z", "arrays.weights", "arrays.offset"} <= found
    assert {"model.terms[].effects", "data.index", "newdata", "theta"} <= found
    assert {"arrays.trials", "arrays.z", "arrays.places", "model.dialect", "dispersion"} <= found


def test_section_5_has_the_tiers() -> None:
    rows = re.findall(r"^\| (\d+) \| ([a-z ]+) \|", section(5), re.MULTILINE)
    assert {int(digits): name for digits, name in rows} == TIERS


def test_the_version_is_one() -> None:
    assert SPEC.startswith(
        f"# Conformance suite for mixed models: specification, version {cases.SUITE}\n"
    )
    assert f"`refmixed-suite {cases.SUITE}, fit at 8 digits`" in section(5)
    versions = re.findall(r"^## (\d+\.\d+)$", CHANGES, re.MULTILINE)
    assert versions == sorted(versions, key=lambda v: [int(x) for x in v.split(".")], reverse=True)
    assert versions[0] == cases.SUITE


@pytest.mark.parametrize("status", [0, 1, 2])
def test_section_9_has_the_exit_statuses(status: int) -> None:
    assert re.search(rf"^\| {status} \| \w+", section(9), re.MULTILINE)
