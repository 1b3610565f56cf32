"""refmixed's designs of requests, in the order of the request."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

import refmixed as rm
from refmixed.design import Design, RandomTerm

from . import frames, terms
from .frames import Block
from .messages import Json


def formula(model: Json) -> str:
    """The formula; an offset stands in it, so that new rows have one, too."""
    offset = model["offset"]
    return f"{model['formula']} + offset({offset})" if offset else str(model["formula"])


def from_formula(model: Json, data: pd.DataFrame) -> Design:
    """The design of a request of form `formula`."""
    own = rm.design(formula(model), data, weights=model["weights"], allow_saturated=True)
    return reordered(own, model)


def reordered(own: Design, model: Json) -> Design:
    """A design with the coefficients, terms, effects and levels in the order of the model."""
    columns = terms.order(own.names, model["coefficients"])
    keys = [terms.term_key(term.group, term.effects) for term in own.terms]
    wanted = [terms.term_key(term["group"], term["effects"]) for term in model["terms"]]
    places = terms.order(keys, wanted)
    chosen = [
        checked_term(own.terms[k], term) for k, term in zip(places, model["terms"], strict=True)
    ]
    kept = tuple(own.recipe.kept[k] for k in columns)
    bars = tuple(own.recipe.bars[k] for k in places)
    names = tuple(model["coefficients"])
    recipe = replace(own.recipe, kept=kept, bars=bars)
    return replace(own, X=own.X[:, columns], names=names, terms=tuple(chosen), recipe=recipe)


def checked_term(term: RandomTerm, wanted: Json) -> RandomTerm:
    """A term that has its effects and levels in the order of the request, or LookupError."""
    levels = terms.level_order(term.group, term.levels, wanted)
    if list(term.effects) != wanted["effects"] or levels != sorted(levels):
        raise LookupError(f"the order of {term.name} is {term.effects} and {term.levels}")
    return term


def from_arrays(request: Json) -> Design:
    """The design of a request of form `matrices`."""
    arrays, n = frames.in_arrays(request), len(request["arrays"]["y"])
    return Design(
        y=arrays.y,
        X=arrays.X,
        names=tuple(f"x{j}" for j in range(arrays.X.shape[1])),
        terms=tuple(term_of(f"g{t}", block) for t, block in enumerate(arrays.blocks)),
        weights=np.ones(n) if arrays.weights is None else arrays.weights,
        offset=arrays.offset,
        index=pd.RangeIndex(n),
    )


def term_of(name: str, block: Block) -> RandomTerm:
    """A term of a group and of effects that have no names of their own."""
    effects = tuple(f"e{j}" for j in range(block.x.shape[1]))
    levels = tuple(str(j) for j in range(block.levels))
    return RandomTerm(name, name, effects, levels, block.x, block.codes)
