"""The formula of a model that has a term less, or fewer effects in one."""

from __future__ import annotations

from ..design import Design
from .deparse import deparse
from .terms import Terms


def bar(design: Design, part: int, effects: list[str] | None = None) -> str:
    """The term of a number, from 1, as a formula has it, or with some of its effects alone."""
    term, recipe = design.terms[part - 1], design.recipe
    group = term.group if recipe is None else recipe.bars[part - 1].grouping
    if recipe is not None and effects is None:
        return f"({linear(recipe.bars[part - 1].effects)} | {group})"
    names = list(term.effects) if effects is None else effects
    first = "1" if "(Intercept)" in names else "0"
    return f"({' + '.join([first, *(n for n in names if n != '(Intercept)')])} | {group})"


def formula(design: Design, part: int, instead: str = "") -> str:
    """The formula with another term, or none, in the place of that of a number."""
    bars = [bar(design, p) for p in range(1, len(design.terms) + 1)]
    bars[part - 1 : part] = [instead] if instead else []
    if design.recipe is None:
        return " + ".join(["y ~ 0", *design.names, *bars])
    parsed = design.recipe.formula
    offsets = [f"offset({deparse(node)})" for node in parsed.offsets]
    right = " + ".join([linear(parsed.fixed), *offsets, *bars])
    return f"{deparse(parsed.response)} ~ {right}"


def linear(terms: Terms) -> str:
    """A sum of terms as text."""
    texts = [":".join(map(deparse, term)) for term in terms.terms]
    return " + ".join(texts if terms.intercept else ["0", *texts]) or "1"


def listed(names: list[str]) -> str:
    """Names in a sentence."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
