"""Which term, effect or level a picture is asked for, by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...design import RandomTerm
from ...errors import OptionError, nearest
from ...linalg import Array
from ...ranef import placed


def the_effect(fit: Any, group: str | None, effect: str | None) -> tuple[RandomTerm, int, int]:
    """The term of an effect, its place among the term's, and among the group's."""
    terms = terms_of(fit, group)
    names = [(term, j) for term in terms for j in range(term.k)]
    labels = [term.effects[j] for term, j in names]
    if effect is not None and effect not in labels:
        raise OptionError(f"{terms[0].group} has no effect {effect!r}{nearest(effect, labels)}")
    place = 0 if effect is None else labels.index(effect)
    return *names[place], place


def terms_of(fit: Any, group: str | None) -> list[RandomTerm]:
    """The terms of a group, of the first one where none is named.  Raises OptionError."""
    terms = fit.design.terms
    if not terms:
        raise OptionError("the model has no random effects to draw")
    groups = list(dict.fromkeys(term.group for term in terms))
    if group is not None and group not in groups:
        raise OptionError(f"the model has no random effects of {group!r}{nearest(group, groups)}")
    return [term for term in terms if term.group == (groups[0] if group is None else group)]


def two_effects(fit: Any, group: str | None) -> tuple[RandomTerm, Array]:
    """The first term with two effects, and its places in gamma.  Raises OptionError."""
    own = [term.name for term in fit.design.terms if group in (None, term.group)]
    for term, here in placed(fit.design):
        if term.name in own and term.k >= 2:
            return term, here
    terms_of(fit, group)
    raise OptionError("shrinkage is drawn of a term with two effects, such as (x | g), or more")


def two_places(term: RandomTerm, effects: Any) -> tuple[int, int]:
    """The places of two effects in their term.  Raises OptionError."""
    if not isinstance(effects, tuple | list) or len(effects) != 2:
        raise OptionError(f"effects must be two names, not {effects!r}")
    for name in effects:
        if name not in term.effects:
            raise OptionError(f"{term.name} has no effect {name!r}{nearest(name, term.effects)}")
    one, other = effects
    return term.effects.index(one), term.effects.index(other)


def known_levels(term: RandomTerm, levels: Iterable[str]) -> list[str]:
    """Levels by name.  Raises OptionError."""
    given = (
        list(levels) if isinstance(levels, Iterable) and not isinstance(levels, str) else [levels]
    )
    for level in given:
        if level not in term.levels:
            raise OptionError(f"{term.group} has no level {level!r}{nearest(level, term.levels)}")
    return given
