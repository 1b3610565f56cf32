"""What a transformation does to a request: pure functions, decimals stay exact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Context, Decimal

from ..adapters.messages import Json

EXACT = Context(prec=60)


# --- rows -----------------------------------------------------------------------------------------


def rows_of(data: Json, rows: Sequence[int]) -> Json:
    """Some rows, in that order."""
    columns = {name: [values[i] for i in rows] for name, values in data["columns"].items()}
    return {**data, "columns": columns}


def stride(count: int, step: int) -> list[int]:
    """A permutation: each step-th row, and around again.  step and count have no common divisor."""
    return [(i * step) % count for i in range(count)]


def count(data: Json) -> int:
    """Rows."""
    return len(next(iter(data["columns"].values())))


def permuted(request: Json, transform: Json) -> Json:
    """The rows in another order."""
    data = request["data"]
    return {**request, "data": rows_of(data, stride(count(data), transform["step"]))}


def with_index(request: Json, transform: Json) -> Json:
    """Labels of the rows, for implementations that have some: `index` of the data."""
    n = count(request["data"])
    labels = [str(i % transform["different"]) for i in stride(n, transform["step"])]
    return {**request, "data": {**request["data"], "index": labels}}


# --- numbers --------------------------------------------------------------------------------------


def plain(value: Decimal) -> str:
    """A decimal without exponent."""
    return f"{value:f}"


def times(text: str, factor: str) -> str:
    """A product of decimals, exactly."""
    return plain(EXACT.multiply(Decimal(text), Decimal(factor)))


def plus(text: str, by: str) -> str:
    """A sum of decimals, exactly."""
    return plain(EXACT.add(Decimal(text), Decimal(by)))


def with_column(data: Json, name: str, values: Sequence[str]) -> Json:
    """The data with a column, new or in the place of an old one."""
    return {**data, "columns": {**data["columns"], name: list(values)}}


def both(request: Json, change: Callable[[Json], Json]) -> Json:
    """A change of the data, and of the rows to predict."""
    changed: Json = {key: change(request[key]) for key in ("data", "newdata") if key in request}
    return {**request, **changed}


def each(request: Json, name: str, change: Callable[[str], str]) -> Json:
    """A change of each value of a column, wherever it is."""

    def one(data: Json) -> Json:
        if name not in data["columns"]:
            return data
        return with_column(data, name, [change(text) for text in data["columns"][name]])

    return both(request, one)


def scaled(request: Json, transform: Json) -> Json:
    """A column in other units."""
    return each(request, transform["column"], lambda text: times(text, transform["factor"]))


def shifted(request: Json, transform: Json) -> Json:
    """A column from another origin."""
    return each(request, transform["column"], lambda text: plus(text, transform["by"]))


def with_unit_weights(request: Json, transform: Json) -> Json:
    """Weights of one."""
    data = with_column(request["data"], "unit", ["1"] * count(request["data"]))
    return {**request, "data": data, "model": {**request["model"], "weights": "unit"}}


def with_offset(request: Json, transform: Json) -> Json:
    """A multiple of a covariate as the offset."""

    def one(data: Json) -> Json:
        values = [times(text, transform["by"]) for text in data["columns"][transform["column"]]]
        return with_column(data, "moved", values)

    return {**both(request, one), "model": {**request["model"], "offset": "moved"}}


# --- the model, and what is asked -----------------------------------------------------------------


def with_formula(request: Json, transform: Json) -> Json:
    """Another formula for the same model."""
    return {**request, "model": {**request["model"], "formula": transform["formula"]}}


def by_ml(request: Json, transform: Json) -> Json:
    """Full maximum likelihood."""
    return {**request, "model": {**request["model"], "reml": False}}


def new_rows(request: Json, transform: Json) -> Json:
    """Some of the rows to predict, the factors with those levels only that they have."""
    data = rows_of(request["newdata"], transform["rows"])
    factors = {
        name: [level for level in levels if level in data["columns"][name]]
        for name, levels in data["factors"].items()
    }
    return {**request, "newdata": {**data, "factors": factors}}


def same_rows(request: Json, transform: Json) -> Json:
    """Some of the rows to predict, the levels of their factors as they were."""
    return {**request, "newdata": rows_of(request["newdata"], transform["rows"])}


def rows_of_fit(request: Json, transform: Json) -> Json:
    """The rows of the fit as rows to predict."""
    return {**request, "newdata": request["data"], "asked": ["predicted"]}


def at_theta(request: Json, transform: Json) -> Json:
    """The criterion at a given theta."""
    return {**request, "level": "evaluate", "theta": transform["theta"], "asked": ["criterion"]}


def same(request: Json, transform: Json) -> Json:
    """Nothing."""
    return request
