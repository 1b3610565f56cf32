"""Mistakes about what goes in: weights, offset, X and Z."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from refmixed.design import Design, RandomTerm
from refmixed.linalg import Array

from ..suite import tables
from .problem import Case, Values
from .registry import ANYWHERE, GENERALIZED, mistake
from .textbook import textbook

# --- weights and offset ---------------------------------------------------------------------------


def other_weights(p: Case, weights: Array) -> Values | None:
    """What other weights give."""
    return p.answers(replace(p.design, weights=weights)) if p.model.weights else None


@mistake("inputs", "eq:V", *ANYWHERE)
def weights_ignored(p: Case) -> Values | None:
    """The weights are ignored."""
    return other_weights(p, np.ones(p.design.n))


@mistake("inputs", "eq:V", *ANYWHERE)
def weights_as_variances(p: Case) -> Values | None:
    """The weights are taken for variances: their inverses are used."""
    return other_weights(p, 1 / p.design.weights)


@mistake("inputs", "eq:V", *ANYWHERE)
def weights_squared(p: Case) -> Values | None:
    """The squares of the weights are used."""
    return other_weights(p, p.design.weights**2)


@mistake("inputs", "eq:V", *ANYWHERE)
def weights_as_their_roots(p: Case) -> Values | None:
    """The square roots of the weights are used."""
    return other_weights(p, np.sqrt(p.design.weights))


@mistake("inputs", "eq:V", *ANYWHERE)
def weights_of_mean_one(p: Case) -> Values | None:
    """The weights are divided by their mean."""
    return other_weights(p, p.design.weights / p.design.weights.mean())


@mistake("inputs", "eq:marginal-mean", *ANYWHERE, *GENERALIZED)
def offset_ignored(p: Case) -> Values | None:
    """The offset is ignored."""
    if not p.model.offset:
        return None
    new = p.new and replace(p.new, offset=np.zeros_like(p.new.offset))
    return replace(p, new=new).answers(replace(p.design, offset=np.zeros(p.design.n)))


@mistake("inputs", "eq:marginal-mean", *ANYWHERE, *GENERALIZED)
def offset_added(p: Case) -> Values | None:
    """The offset is added to the response instead of taken from it."""
    if not p.model.offset:
        return None
    return p.answers(replace(p.design, offset=-p.design.offset))


@mistake("inputs", "eq:model-rows", "design")
def response_less_offset(p: Case) -> Values | None:
    """y has the offset taken off already."""
    return {"y": p.design.y_less_offset} if p.model.offset else None


@mistake("inputs", "eq:model-rows", "design")
def rows_times_root_weights(p: Case) -> Values | None:
    """y, X and Z are multiplied by the roots of the weights."""
    if not p.model.weights:
        return None
    root, d = np.sqrt(p.design.weights), p.design
    return {"y": root * d.y, "X": root[:, None] * d.X, "Z": root[:, None] * d.Z}


# --- X and Z --------------------------------------------------------------------------------------


@mistake("coding", "eq:model-rows", "evaluate", "fit")
def intercept_added(p: Case) -> Values | None:
    """An intercept is added to a model that has none."""
    if p.design.p == 0 or (np.ptp(p.design.X, axis=0) == 0).any():
        return None
    wrong = p.answers(replace(p.design, X=np.column_stack([np.ones(p.design.n), p.design.X])))
    return {key: wrong[key] for key in ("criterion", "sigma")}


@mistake("order", "eq:column-order", "design", "evaluate")
def effects_first(p: Case) -> Values | None:
    """Columns of Z go effect by effect, all levels of one effect together."""
    if all(term.k == 1 for term in p.design.terms):
        return None
    places = textbook(p.design, p.theta, p.reml).places()
    order = np.concatenate([at.T.ravel() for at in places])
    if p.level == "design":
        return {"Z": p.design.Z[:, order]}
    return {"u": p.true("u")[order]}


@mistake("order", "eq:Lambda", "design")
def terms_in_order_of_formula(p: Case) -> Values | None:
    """The random terms are in the opposite order."""
    if len(p.design.terms) < 2:
        return None
    return {"Z": np.hstack([term.Z for term in reversed(p.design.terms)])}


@mistake(
    "coding", "eq:Z", "evaluate", "glmm-evaluate", of_formula=True
)  # the optimum of such a model need not be unique
def nested_labels_alone(p: Case) -> Values | None:
    """Levels of a nested factor that share a label are taken as one."""
    terms = tuple(without_outer(p, term) for term in p.design.terms)
    if all(new is old for new, old in zip(terms, p.design.terms, strict=True)):
        return None
    return structure(p, replace(p.design, terms=terms))


def without_outer(p: Case, term: RandomTerm) -> RandomTerm:
    """A nested term by the labels of its innermost factor alone."""
    inner, *outer = term.group.split(":")
    if not outer:
        return term
    column = tables.load(p.model.data).columns[inner]
    levels = tuple(dict.fromkeys(column))
    if len(levels) == len(term.levels):
        return term
    return replace(term, levels=levels, codes=np.array([levels.index(v) for v in column]))


def structure(p: Case, design: Design) -> Values:
    """What other groups give."""
    wrong = p.answers(design)
    kept = ("criterion", "loglik", "beta", "sigma", "sd")
    return {key: wrong[key] for key in kept if key in wrong}
