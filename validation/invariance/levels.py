"""What a transformation does to the levels of factors."""

from __future__ import annotations

from collections.abc import Callable

from ..adapters.messages import Json
from .changes import both, each


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


def relabelled(request: Json, transform: Json) -> Json:
    """The levels of a grouping factor named by numbers, from `first` down; their order stays."""
    name, first = transform["column"], transform["first"]
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


def reversed_levels(request: Json, transform: Json) -> Json:
    """The levels of a grouping factor the other way round."""
    name = transform["column"]

    def term(term: Json) -> Json:
        return {**term, "levels": term["levels"][::-1]} if term["group"] == name else term

    return with_terms(with_levels(request, name, lambda levels: levels[::-1]), term)


def rotated_levels(request: Json, transform: Json) -> Json:
    """The last level of a fixed factor first, as the reference."""
    name = transform["column"]
    levels = request["data"]["factors"][name]
    rotated = [levels[-1], *levels[:-1]]
    new = {name + old: name + now for old, now in zip(levels, rotated, strict=True)}

    def rename(coefficient: str) -> str:
        return ":".join(new.get(part, part) for part in coefficient.split(":"))

    names = [rename(coefficient) for coefficient in request["model"]["coefficients"]]
    changed = with_levels(request, name, lambda old: [old[-1], *old[:-1]])
    return {**changed, "model": {**request["model"], "coefficients": names}}


def with_unused_level(request: Json, transform: Json) -> Json:
    """One more level, which no row has, in the midst of a factor's."""
    return with_levels(
        request, transform["column"], lambda levels: [*levels[:1], "unused", *levels[1:]]
    )
