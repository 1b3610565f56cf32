"""The terms of mixedlm's models, by R's names: what its adapters share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from . import frames, terms
from .messages import Json
from .terms import Term


def plain(name: str, request: Json) -> str:
    """A name of mixedlm's, f.1 or f.b for the second level of f, as R has it."""
    factors = request["data"]["factors"]

    def level(match: re.Match[str]) -> str:
        levels, text = factors[match[1]], match[2]
        return match[1] + (levels[int(text)] if text.isdigit() else text)

    known = "|".join(map(re.escape, factors)) or "-"
    return re.sub(rf"\b({known})\.([^:]+)", level, name)


def blocks(fit: Any, request: Json) -> Iterator[tuple[str, list[str], Any, Any, list[int]]]:
    """Group, effects, structure, columns of Z, places in the structure: one term after the other.

    A structure whose effects are not correlated is as many terms.
    """
    start = 0
    for s in fit.matrices.random_structures:
        columns = start + np.arange(s.n_levels * s.n_terms).reshape(s.n_levels, s.n_terms)
        start += columns.size
        effects = [plain(name, request) for name in s.term_names]
        together = [list(range(s.n_terms))] if s.correlated else [[j] for j in range(s.n_terms)]
        for places in together:
            named = [effects[j] for j in places]
            yield s.grouping_factor, named, s, columns[:, places], places


def labels(structure: Any) -> list[str]:
    """The levels in mixedlm's order, "a/b" for those of an interaction."""
    return sorted(structure.level_map, key=structure.level_map.get)


def own_terms(fit: Any, request: Json) -> list[Term]:
    """The terms of a fit in the order of the request."""
    gamma, own, random = fit.getME("b"), list(blocks(fit, request)), []
    parts = terms.split_theta(fit.theta, [len(effects) for _, effects, *_ in own])
    covariances = iter(fit.VarCorr().groups.values())
    for (group, effects, s, columns, places), theta in zip(own, parts, strict=True):
        if places[0] == 0:
            whole = next(covariances).cov
        named = (group, effects, labels(s), whole[np.ix_(places, places)])
        columnwise = terms.from_rows(len(effects), theta)
        term = Term(*named, gamma[columns], None, columns, columnwise, "/")
        random.append(term)
    return terms.in_order(random, request)


def own_theta(parsed: Any, request: Json) -> Any:
    """The given theta with its terms in mixedlm's order, and row by row, as mixedlm has it."""
    wanted = request["model"]["terms"]
    sizes = [len(term["effects"]) for term in wanted]
    parts = terms.split_theta(frames.array(request["theta"]), sizes)
    keys = [terms.term_key(term["group"], term["effects"]) for term in wanted]
    own = [terms.term_key(group, effects) for group, effects, *_ in blocks(parsed, request)]
    return np.concatenate([terms.to_rows(sizes[k], parts[k]) for k in terms.order(keys, own)])
