"""A report as one static HTML page: a heat map of digits by case and quantity.

Each cell opens on the answer, the truth, the digits, the named mistake and the case.  The page
fetches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .. import mistakes
from ..adapters.messages import Json
from ..ask.run import Result
from ..suite.compare import LEVELS, MOST, QUANTITIES
from ..suite.text import down, plain
from ..suite.verdicts import ERROR, FAIL, NEAR_MISS, PASS, SKIP, Outcome
from . import headline, statement
from .report import Report, lost, outcome_json

HERE = Path(__file__).parent
SIGNS = {PASS: "", FAIL: "✗", NEAR_MISS: "≈", SKIP: "–", ERROR: "!"}
MANY = 240  # characters of an array that a cell shows


def write(report: Report, path: Path) -> None:
    """Write the page."""
    path.write_text(html(report), "utf-8")


def html(report: Report) -> str:
    """The page."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    details: list[Json] = []
    maps = [heat_map(level, report, details) for level in LEVELS]
    return environment.get_template("page.html").render(
        report=report,
        head=headline,
        wrong=list(headline.wrong(report)),
        statement=statement.statement(report),
        conforms=statement.lines(report),
        unsaid=f"Conforms: {statement.unsaid(report)}",
        maps=[found for found in maps if found["rows"]],
        signs=SIGNS,
        details=details,
    )


def heat_map(level: str, report: Report, details: list[Json]) -> Json:
    """The rows and columns of a level; what its cells open on is added to the details."""
    results = [r for r in report.results if r.case["level"] == level]
    found = {o.quantity for r in results for o in r.outcomes}
    columns = [quantity for quantity in QUANTITIES if quantity in found]
    return {
        "level": level,
        "columns": columns,
        "rows": [{"result": r, "cells": list(row(r, columns, details))} for r in results],
    }


def row(result: Result, columns: list[str], details: list[Json]) -> Iterator[Json | None]:
    """The cells of a case, None where it does not ask for a quantity."""
    outcomes = {o.quantity: o for o in result.outcomes}
    for quantity in columns:
        outcome = outcomes.get(quantity)
        if outcome is None:
            yield None
            continue
        yield cell(outcome, len(details))
        details.append(detail(result, outcome))


def cell(outcome: Outcome, key: int) -> Json:
    """One cell of the heat map."""
    digits = "" if outcome.digits is None or outcome.note else down(outcome.digits)
    return {
        "key": key,
        "kind": outcome.verdict.replace(" ", "-"),
        "text": f"{SIGNS[outcome.verdict]}{digits}" or "✓",
        "share": round(100 * (outcome.digits or 0) / MOST),
        "expected": bool(outcome.expected),
        "quantity": outcome.quantity,
        "verdict": outcome.verdict,
    }


def detail(result: Result, outcome: Outcome) -> Json:
    """What a cell opens on: a title, and lines of (name, text)."""
    case, found = result.case, outcome_json(outcome)
    want = case.get("expected", {}).get(outcome.quantity, {})
    lines = [
        ("verdict", outcome.verdict),
        ("digits", digits(outcome)),
        ("before", lost(outcome)),
        ("mistake", outcome.mistake and mistakes.called(outcome.mistake)),
        ("that is", outcome.mistake and mistakes.sentence(outcome.mistake)),
        ("read", outcome.mistake and mistakes.read(outcome.mistake)),
        ("the same would give", ", ".join(outcome.also)),
        ("note", outcome.note),
        ("expected to fail", outcome.expected),
        ("worst element", ", ".join(str(k) for k in outcome.place)),
        ("answer there", found.get("answer", "")),
        ("truth there", found.get("value", "")),
        ("answer", shown(outcome.answer)),
        ("truth", shown(want.get("value", outcome.value))),
        ("proof", want and f"{want['proof']}, {want['digits']:g} digits"),
        ("less required", want.get("because", "")),
        *about(case),
        *witnesses(case, outcome.quantity),
    ]
    told = [(name, text) for name, text in lines if text]
    return {"title": f"{result.id}: {outcome.quantity}", "lines": told}


def digits(outcome: Outcome) -> str:
    """Digits found and required."""
    if outcome.digits is None:
        return ""
    return f"{outcome.digits:.2f}, {outcome.required:g} required"


def about(case: Json) -> Iterator[tuple[str, str]]:
    """The case: why it is there, its model, what is given."""
    model, given = case["model"], case.get("given", {})
    yield "why", case["why"]
    yield "flags", ", ".join(case["flags"])
    yield "model", f"{model['formula']}, {kind(model)}, data {model['data']}"
    for key in ("weights", "offset"):
        yield key, model.get(key) or ""
    for key in ("beta", "theta"):
        yield key, ", ".join(given.get(key, []))
    yield "dispersion", given.get("dispersion", "")
    yield "transformation", case.get("transform", {}).get("name", "")
    optimum = case.get("optimum", {})
    yield "optimum", optimum and f"{optimum['kind']}, {optimum['unique']}: {optimum['evidence']}"


def kind(model: Json) -> str:
    """REML or ML; of a generalized model its family, and which likelihood is meant."""
    if "family" not in model:
        return "REML" if model["reml"] else "ML"
    nodes = f" by {model['nodes']} nodes" if model["likelihood"] == "agq" else ""
    dialect = f", {model['dialect']} weights" if model["dialect"] else ""
    return f"{model['family']}({model['link']}), {model['likelihood']}{nodes}{dialect}"


def witnesses(case: Json, quantity: str) -> Iterator[tuple[str, str]]:
    """The digits of other implementations."""
    for witness in case.get("witnesses", []):
        if quantity in witness.get("digits", {}):
            yield witness["implementation"], f"{witness['digits'][quantity]:.1f} digits"


def shown(nested: Any) -> str:
    """An array in brackets, cut where it is long."""
    return "" if nested is None else plain(flat(nested, MANY), MANY)


def flat(nested: Any, room: int) -> str:
    """Nested lists as text, no longer than needed."""
    if not isinstance(nested, list | tuple):
        return str(nested)
    parts: list[str] = []
    for part in nested:
        parts.append(flat(part, room))
        if (room := room - len(parts[-1])) < 0:
            break
    return f"[{', '.join(parts)}]"
