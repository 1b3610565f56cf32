"""The files of the made data sets, as text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from ..models import MODELS, Model
from ..suite import tables
from ..suite.tables import MADE, SHIPPED, Table
from . import boundary, frames, generalized, numerics, shapes
from .newrows import new_rows

MAKERS: tuple[Callable[[], Table], ...] = (
    boundary.tiny,
    boundary.zero_variance,
    boundary.one_of_two_zero,
    boundary.correlation_plus_one,
    boundary.correlation_minus_one,
    boundary.near_correlation_one,
    boundary.near_zero_variance,
    boundary.large_ratio,
    boundary.two_minima,
    boundary.two_minima_zero,
    boundary.two_minima_reml,
    boundary.two_minima_inside,
    shapes.slopes,
    shapes.nearly_saturated,
    shapes.singletons,
    shapes.twins,
    shapes.three_effects,
    shapes.nested_deep,
    shapes.crossed_sparse,
    shapes.incomplete_blocks,
    shapes.odd_labels,
    shapes.empty_levels,
    numerics.scales,
    numerics.far_from_zero,
    numerics.dependent_columns,
    numerics.empty_cell,
    numerics.nearly_dependent_columns,
    numerics.weighted,
    frames.declared_order,
    frames.declared_arms,
    frames.text_numbers,
    frames.labels_alike,
    frames.unused_reference,
    frames.whole_numbers,
    generalized.rare,
    generalized.separated,
    generalized.zero,
    generalized.nested,
    generalized.crossed,
    generalized.binary_slopes,
    generalized.single,
    generalized.huge,
    generalized.olre,
    generalized.exposure,
    generalized.gammas,
)


def files() -> dict[str, str]:
    """File name -> content, of every made data set and of the levels of their factors."""
    every = made_tables()
    levels = {name: {c: list(v) for c, v in t.factors.items()} for name, t in every.items()}
    return {f"{name}.csv": as_csv(table) for name, table in every.items()} | {MADE: as_json(levels)}


def made_tables() -> dict[str, Table]:
    """Every made data set, named as its generator, and the rows to predict of every model's set."""
    generated = {make.__name__.replace("_", "-"): make() for make in MAKERS}
    asked: dict[str, list[Model]] = {}
    for model in MODELS:
        if model.newdata is not None:
            asked.setdefault(model.newdata, []).append(model)
    new = {}
    for name, models in asked.items():
        data = models[0].data
        new[name] = new_rows(generated[data] if data in generated else tables.load(data), models)
    return {**generated, **new}


def as_csv(table: Table) -> str:
    """A table as CSV; no value of ours needs quotes."""
    lines = [table.columns, *zip(*table.columns.values(), strict=True)]
    return "".join(",".join(line) + "\n" for line in lines)


def as_json(levels: Mapping[str, Mapping[str, list[str]]]) -> str:
    """The levels, a line a factor."""
    sets = []
    for name, columns in levels.items():
        lines = [f"    {json.dumps(column)}: {json.dumps(v)}" for column, v in columns.items()]
        sets.append(f"  {json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n  }")
    return "{\n" + ",\n".join(sets) + "\n}\n"


def sums(folder: Path) -> str:
    """The content of SHA256SUMS: the files of a folder, and the sets that refmixed ships."""
    mine = [*folder.glob("*.csv"), *folder.glob("factors-*.json")]
    contents = {path.name: path.read_bytes() for path in mine}
    shipped = {f.name: f.read_bytes() for f in SHIPPED.iterdir() if f.name.endswith(".csv")}
    every = sorted((contents | shipped).items())
    return "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in every)
