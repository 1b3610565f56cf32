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


def permuted(request: Json, how: Json) -> Json:
    """The rows in another order."""
    data = request["data"]
    return {**request, "data": rows_of(data, stride(count(data), how["step"]))}


def with_index(request: Json, how: Json) -> Json:
    """Labels of the rows, for implementations that have some: `index` of the data."""
    n = count(request["data"])
    labels = [str(i % how["different"]) for i in stride(n, how["step"])]
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


def scaled(request: Json, how: Json) -> Json:
    """A column in other units."""
    return each(request, how["column"], lambda text: times(text, how["factor"]))


def shifted(request: Json, how: Json) -> Json:
    """A column from another origin."""
    return each(request, how["column"], lambda text: plus(text, how["by"]))


def with_unit_weights(request: Json, how: Json) -> Json:
    """Weights of one."""
    data = with_column(request["data"], "unit", ["1"] * count(request["data"]))
    return {**request, "data": data, "model": {**request["model"], "weights": "unit"}}


def with_offset(request: Json, how: Json) -> Json:
    """A multiple of a covariate as the offset."""

    def one(data: Json) -> Json:
        values = [times(text, how["by"]) for text in data["columns"][how["column"]]]
        return with_column(data, "moved", values)

    return {**both(request, one), "model": {**request["model"], "offset": "moved"}}


# --- factors --------------------------------------------------------------------------------------


def with_levels(request: Json, name: str, levels: Callable[[list[str]], list[str]]) -> Json:
    """Other levels of a factor, or in another order."""

    def one(data: Json) -> Json:
        if name not in data["factors"]:
            return data
        return {**data, "factors": {**data["factors"], name: levels(data["factors"][name])}}

    return both(request, one)


def with_terms(request: Json, change: Callable[[Json], Json]) -> Json:
    """A change of each random term of the model."""
    terms = [change(term) for term in request["model"]["terms"]]
    return {**request, "model": {**request["model"], "terms": terms}}


def relabelled(request: Json, how: Json) -> Json:
    """The levels of a grouping factor named by numbers, from `first` down; their order stays."""
    name, first = how["column"], how["first"]
    known = request["data"]["factors"][name]
    label = {level: str(first - i) for i, level in enumerate(known)}

    def rename(text: str) -> str:
        return label.get(text, text)

    def term(term: Json) -> Json:
        groups = term["group"].split(":")
        if name not in groups:
            return term
        at = groups.index(name)
        split = [level.split(":") for level in term["levels"]]
        levels = [":".join([*v[:at], rename(v[at]), *v[at + 1 :]]) for v in split]
        return {**term, "levels": levels}

    renamed = with_levels(request, name, lambda levels: [rename(level) for level in levels])
    return with_terms(each(renamed, name, rename), term)


def reversed_levels(request: Json, how: Json) -> Json:
    """The levels of a grouping factor the other way round."""
    name = how["column"]

    def term(term: Json) -> Json:
        return {**term, "levels": term["levels"][::-1]} if term["group"] == name else term

    return with_terms(with_levels(request, name, lambda levels: levels[::-1]), term)


def rotated_levels(request: Json, how: Json) -> Json:
    """The last level of a fixed factor first, as the reference."""
    name = how["column"]
    levels = request["data"]["factors"][name]
    rotated = [levels[-1], *levels[:-1]]
    new = {name + old: name + now for old, now in zip(levels, rotated, strict=True)}

    def rename(coefficient: str) -> str:
        return ":".join(new.get(part, part) for part in coefficient.split(":"))

    names = [rename(coefficient) for coefficient in request["model"]["coefficients"]]
    changed = with_levels(request, name, lambda old: [old[-1], *old[:-1]])
    return {**changed, "model": {**request["model"], "coefficients": names}}


def with_unused_level(request: Json, how: Json) -> Json:
    """One more level, which no row has, in the midst of a factor's."""
    return with_levels(request, how["column"], lambda levels: [*levels[:1], "unused", *levels[1:]])


# --- the model, and what is asked -----------------------------------------------------------------


def with_formula(request: Json, how: Json) -> Json:
    """Another formula for the same model."""
    return {**request, "model": {**request["model"], "formula": how["formula"]}}


def by_ml(request: Json, how: Json) -> Json:
    """Full maximum likelihood."""
    return {**request, "model": {**request["model"], "reml": False}}


def new_rows(request: Json, how: Json) -> Json:
    """Some of the rows to predict, the factors with those levels only that they have."""
    data = rows_of(request["newdata"], how["rows"])
    factors = {
        name: [level for level in levels if level in data["columns"][name]]
        for name, levels in data["factors"].items()
    }
    return {**request, "newdata": {**data, "factors": factors}}


def same_rows(request: Json, how: Json) -> Json:
    """Some of the rows to predict, the levels of their factors as they were."""
    return {**request, "newdata": rows_of(request["newdata"], how["rows"])}


def rows_of_fit(request: Json, how: Json) -> Json:
    """The rows of the fit as rows to predict."""
    return {**request, "newdata": request["data"], "asked": ["predicted"]}


def at_theta(request: Json, how: Json) -> Json:
    """The criterion at a given theta."""
    return {**request, "level": "evaluate", "theta": how["theta"], "asked": ["criterion"]}


def same(request: Json, how: Json) -> Json:
    """Nothing."""
    return request
