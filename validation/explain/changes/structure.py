"""Other random effects, and other fixed effects: more, fewer, correlated or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from refmixed.design import Design, RandomTerm

from ...mistakes.structures import one_by_one
from ..base import Trait
from ..setup import Change, Changes, Setup

Terms = tuple[RandomTerm, ...]


def changes(setup: Setup) -> Changes:
    """All of them."""
    design = setup.design
    for trait, terms in (*correlations(design), *fewer(design), *more(design), *by_label(design)):
        yield Change(frozenset({trait}), partial(replace, design, terms=named(terms)))
    yield from fixed(setup)


def named(terms: Terms) -> Terms:
    """Terms under names of their own: a second one of Subject is Subject.1."""
    seen: dict[str, int] = {}
    new = []
    for term in terms:
        count = seen[term.group] = seen.get(term.group, -1) + 1
        new.append(replace(term, name=f"{term.group}.{count}" if count else term.group))
    return tuple(new)


def correlations(design: Design) -> Iterator[tuple[Trait, Terms]]:
    """Effects of a term as independent; terms of a group as correlated."""
    if any(term.k > 1 for term in design.terms):
        trait = Trait(
            "correlations", "none", "correlated-effects", "takes the random effects as independent"
        )
        yield trait, tuple(part for term in design.terms for part in one_by_one(term))
    groups = {term.group for term in design.terms}
    if len(groups) < len(design.terms):
        trait = Trait(
            "correlations",
            "all",
            "correlated-effects",
            "takes the random effects of a group as correlated",
        )
        yield (
            trait,
            tuple(joined([t for t in design.terms if t.group == g]) for g in sorted(groups)),
        )


def joined(terms: list[RandomTerm]) -> RandomTerm:
    """One term of all effects of some."""
    effects = tuple(effect for term in terms for effect in term.effects)
    return replace(terms[0], effects=effects, x=np.hstack([term.x for term in terms]))


def fewer(design: Design) -> Iterator[tuple[Trait, Terms]]:
    """Without one random effect, or one term, or all of them."""
    says = "has no random effects"
    yield Trait("random effects", "none", "random-effect-omitted", says), ()
    for t, term in enumerate(design.terms):
        rest = design.terms[:t] + design.terms[t + 1 :]
        if rest:
            yield omitted(f"({', '.join(term.effects)} | {term.group})"), rest
        for j, effect in enumerate(term.effects if term.k > 1 else ()):
            kept = tuple(e for e in term.effects if e != effect)
            smaller = replace(term, effects=kept, x=np.delete(term.x, j, axis=1))
            yield (
                omitted(f"{effect} by {term.group}"),
                (*design.terms[:t], smaller, *design.terms[t + 1 :]),
            )


def omitted(what: str) -> Trait:
    """A random effect that is not there."""
    return Trait(f"random {what}", "left out", "random-effect-omitted", f"has no random {what}")


def more(design: Design) -> Iterator[tuple[Trait, Terms]]:
    """A slope more: a column of X that varies by a group, correlated with its effects or not."""
    for t, term in enumerate(design.terms):
        for j, name in enumerate(design.names):
            if name in {e for one in design.terms if one.group == term.group for e in one.effects}:
                continue
            column = design.X[:, [j]]
            larger = replace(term, effects=(*term.effects, name), x=np.hstack([term.x, column]))
            alone = replace(term, name=f"{term.group}.1", effects=(name,), x=column)
            terms = design.terms
            yield added(name, term.group, ""), (*terms[:t], larger, *terms[t + 1 :])
            yield added(name, term.group, ", independent"), (*terms, alone)


def added(name: str, group: str, how: str) -> Trait:
    """A random effect more."""
    says = f"has a random {name} by {group} more{how}"
    return Trait(f"random {name} by {group}", f"more{how}", "random-effect-omitted", says)


def by_label(design: Design) -> Iterator[tuple[Trait, Terms]]:
    """Levels of a nested factor by the label of the innermost alone; the other way round."""
    for t, term in enumerate(design.terms):
        inner, *outer = term.group.split(":")
        labels = [level.split(":")[0] for level in term.levels]
        if outer and len(set(labels)) < len(labels):
            levels = tuple(dict.fromkeys(labels))
            codes = np.array([levels.index(labels[k]) for k in term.codes])
            alone = replace(term, name=inner, group=inner, levels=levels, codes=codes)
            yield (
                nesting(inner, "labels", f"takes levels of {inner} that share a label as one"),
                (*design.terms[:t], alone, *design.terms[t + 1 :]),
            )
        for other in design.terms:
            if ":" not in term.group + other.group and len(other.levels) < len(term.levels):
                split = within(term, other)
                if len(split.levels) > len(term.levels):
                    says = f"tells levels of {term.group} in one {other.group} from those in others"
                    yield (
                        nesting(term.group, f"in {other.group}", says),
                        (*design.terms[:t], split, *design.terms[t + 1 :]),
                    )


def nesting(factor: str, value: str, says: str) -> Trait:
    """How levels of a factor are told apart."""
    return Trait(f"levels of {factor}", value, "nesting", says)


def within(term: RandomTerm, outer: RandomTerm) -> RandomTerm:
    """A term whose levels are told apart by those of another."""
    pairs = list(zip(term.codes.tolist(), outer.codes.tolist(), strict=True))
    known = {pair: k for k, pair in enumerate(sorted(set(pairs)))}
    levels = tuple(f"{term.levels[i]}:{outer.levels[j]}" for i, j in known)
    group = f"{term.group}:{outer.group}"
    codes = np.array([known[pair] for pair in pairs])
    return replace(term, name=group, group=group, levels=levels, codes=codes)


def fixed(setup: Setup) -> Changes:
    """Without the columns of one term of X: those that are made of the same variables."""
    design = setup.design
    terms: dict[tuple[str, ...], list[int]] = {}
    for j, name in enumerate(design.names):
        terms.setdefault(tuple(variable(part, setup) for part in name.split(":")), []).append(j)
    for of, columns in terms.items() if len(terms) > 1 else ():
        words = ":".join(of)
        trait = Trait(
            f"fixed {words}", "left out", "fixed-effect-omitted", f"has no fixed effect {words}"
        )
        names = tuple(name for j, name in enumerate(design.names) if j not in columns)
        X = np.delete(design.X, columns, axis=1)
        yield Change(frozenset({trait}), partial(replace, design, X=X, names=names))


def variable(part: str, setup: Setup) -> str:
    """The factor of a column that is named by it and a level; else the name itself."""
    of = [
        factor for factor, every in setup.factors.items() if part in {f"{factor}{v}" for v in every}
    ]
    return of[0] if of else part
