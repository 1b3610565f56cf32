"""Mistakes about the order of the levels of factors.

The first level of a factor is the reference of its contrasts, so that X and what belongs to beta
hang on the order; the columns of Z, and what belongs to the random effects, are in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np

from refmixed.design import Design, RandomTerm

from ..suite.tables import Table
from . import textbook
from .contrasts import data, treatment_columns
from .inferences import limits
from .problem import Case, Values, arrays
from .registry import EVERYWHERE, mistake
from .rounding import RoundingError

Levels = Sequence[str]
Order = Callable[[Levels, Levels], Iterable[str]]  # the levels, and the column of a factor
SIDES = ("X", "beta", "vcov", "Z", "u", "ranef")  # of beta, and of the random effects


@mistake("coding", "eq:errata-contrasts", *EVERYWHERE, keeps=SIDES, of_formula=True)
def last_level_reference(p: Case) -> Iterator[Values]:
    """The last level of a factor is the reference instead of the first."""
    coded = {factor for factor, _, _ in treatment_columns(data(p), p.design.names).values()}
    table = data(p)
    yield from with_levels(
        p, {f: (v[-1], *v[:-1]) if f in coded else v for f, v in table.factors.items()}
    )


@mistake("order", "eq:Z", *EVERYWHERE, keeps=SIDES, of_formula=True)
def levels_sorted(p: Case) -> Iterator[Values]:
    """The levels of factors are sorted as texts instead of in the order given."""
    return in_order(p, lambda levels, _: sorted(levels))


@mistake("order", "eq:Z", *EVERYWHERE, keeps=SIDES, of_formula=True)
def levels_in_order_of_rows(p: Case) -> Iterator[Values]:
    """The levels of factors are in the order in which the rows have them."""
    return in_order(p, lambda _, column: dict.fromkeys(column))


@mistake("order", "eq:Z", *EVERYWHERE, keeps=SIDES, of_formula=True)
def levels_reversed(p: Case) -> Iterator[Values]:
    """The levels of factors are in the opposite of the order given."""
    return in_order(p, lambda levels, _: reversed(levels))


@mistake("order", "eq:Z", *EVERYWHERE, keeps=SIDES, of_formula=True)
def levels_in_order_of_locale(p: Case) -> Iterator[Values]:
    """The levels of factors are sorted by a locale's rules: small letters beside the large ones."""
    return in_order(p, lambda levels, _: sorted(levels, key=beside))


def beside(label: str) -> tuple[str, str]:
    """A key that sorts a, A, b, B."""
    return label.casefold(), label.swapcase()


@mistake("order", "eq:Z", *EVERYWHERE, keeps=SIDES, of_formula=True)
def levels_as_numbers(p: Case) -> Iterator[Values]:
    """Levels that look like numbers are sorted as numbers."""
    yield from in_order(p, lambda levels, _: numbers_sorted(levels, levels))
    yield from in_order(p, lambda levels, _: numbers_sorted(levels, sorted(levels)))


def numbers_sorted(levels: Levels, others: Levels) -> Levels:
    """Levels sorted as numbers where all look like some, else the other order."""
    return sorted(levels, key=float) if all(map(is_number, levels)) else others


def is_number(text: str) -> bool:
    """Whether a label looks like a whole number."""
    return text.lstrip("-").isdigit()


# --- what another order gives ---------------------------------------------------------------------


def in_order(p: Case, order: Order) -> Iterator[Values]:
    """What another order of the levels gives.

    Of a nested group the labels may be put in order, or the levels of each factor before that.
    """
    table = data(p)
    levels = {f: tuple(order(v, table.columns[f])) for f, v in table.factors.items()}
    yield from with_levels(p, levels)
    terms = tuple(by_label(term, order) for term in p.design.terms)
    yield from with_levels(p, levels, terms)


def by_label(term: RandomTerm, order: Order) -> RandomTerm:
    """A term with its own levels, those of a nested group joined, in another order."""
    old = term.levels
    new = tuple(order(old, [old[code] for code in term.codes]))
    places = np.array([new.index(level) for level in old])
    return replace(term, levels=new, codes=places[term.codes])


def with_levels(
    p: Case, levels: dict[str, tuple[str, ...]], terms: tuple[RandomTerm, ...] | None = None
) -> Iterator[Values]:
    """What other levels of the factors, and other terms, give; nothing where columns are lost."""
    table = data(p)
    design = arrays(p.model, Table(table.name, table.columns, levels))
    if terms is not None:
        pairs = zip(terms, design.terms, strict=True)
        design = replace(design, terms=tuple(replace(t, x=own.x) for t, own in pairs))
    if design.X.shape == p.design.X.shape and design.Z.shape == p.design.Z.shape:
        yield answered(p, design)


def answered(p: Case, design: Design) -> Values:
    """The answers to a design of other levels, whose new rows are not those of the case."""
    if p.level == "design":
        return {"X": design.X, "Z": design.Z}
    alone = replace(p, new=None)
    if any(not np.array_equal(new.x, old.x) for new, old in by_term(p, design)):
        return alone.answers(design, theta=p.theta if p.level == "evaluate" else None)
    if np.array_equal(design.X, p.design.X):
        return moved(p, design)
    return {**coded(alone, design), **moved(p, design)}


def by_term(p: Case, design: Design) -> Iterator[tuple[RandomTerm, RandomTerm]]:
    """The terms of another design beside the right ones."""
    return zip(design.terms, p.design.terms, strict=True)


def coded(p: Case, design: Design) -> Values:
    """What other columns of X of the same space give."""
    with suppress(RoundingError):
        limited = {"profile_beta": limits(design)} if "profile_beta" in p.truth else {}
        return {**p.answers(design, theta=p.theta), **limited}
    return {}


def moved(p: Case, design: Design) -> Values:
    """The random effects, and their variances, in another order: the right numbers all the same."""
    places = [[old.levels.index(level) for level in new.levels] for new, old in by_term(p, design)]
    if p.level == "evaluate":
        at = zip(textbook.places(p.design), places, strict=True)
        return {"u": p.true("u")[np.concatenate([own[there].ravel() for own, there in at])]}
    return {
        q: [part[there] for part, there in zip(p.by_term(q), places, strict=True)]
        for q in ("ranef", "condvar", "pev")
        if q in p.truth
    }
