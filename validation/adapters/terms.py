"""Order and terms: an implementation has its own order of coefficients, terms, effects and levels.

The request has the one that counts.  `order` finds the places of the wanted names among one's own;
a Term is what an implementation knows of a random term, and `in_order` puts all of them in order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .formulas import group_columns, level_key
from .frames import Array
from .messages import Json

# --- order ----------------------------------------------------------------------------------------


def order(own: Iterable[Any], wanted: Iterable[Any]) -> list[int]:
    """The place of each wanted name among one's own.  Raises LookupError for another set."""
    places = {name: place for place, name in enumerate(own)}
    names = list(wanted)
    if set(names) != set(places):
        raise LookupError(f"the names are {list(places)}, and the request has {names}")
    return [places[name] for name in names]


def r_name(name: str) -> str:
    """A name of patsy's or formulaic's, such as C(f)[T.a], as R has it: fa."""
    name = re.sub(r"(?:C\()?(\w+)\)?\[(?:T\.)?([^\]]*)\]", r"\1\2", name)
    return "(Intercept)" if name in ("Intercept", "1") else name.replace("**", "^").replace(" ", "")


def name_key(name: str) -> frozenset[str]:
    """What tells a coefficient or an effect: the parts of its product, in any order."""
    return frozenset(r_name(name).split(":"))


def coefficients(own: Iterable[str], request: Json) -> list[int]:
    """The places of the request's coefficients among one's own."""
    return order(map(name_key, own), map(name_key, request["model"]["coefficients"]))


def term_key(group: str, effects: Iterable[str]) -> tuple[frozenset[str], frozenset[Any]]:
    """What tells a term: its grouping columns and its effects, in any order."""
    return frozenset(group_columns(group)), frozenset(map(name_key, effects))


def level_order(group: str, levels: Iterable[str], wanted: Json, separator: str = ":") -> list[int]:
    """The place of each level of a wanted term among one's own levels of that group."""
    own = [level_key(group, level, separator) for level in levels]
    return order(own, [level_key(wanted["group"], level) for level in wanted["levels"]])


@dataclass(frozen=True)
class Term:
    """What an implementation knows of one random term, in its own order of levels and effects."""

    group: str
    effects: Sequence[str]
    levels: Sequence[str]
    covariance: Array  # (k, k)
    ranef: Array | None = None  # (J, k)
    condvar: Array | None = None  # (J, k, k)
    columns: Array | None = None  # (J, k)  where in Z and u its levels and effects are
    theta: Array | None = None  # its own part of theta, column by column
    separator: str = ":"  # of the labels of a level

    def asked(self, wanted: Json) -> Term:
        """The same in the order of the request."""
        levels = level_order(self.group, self.levels, wanted, self.separator)
        effects = order(map(name_key, self.effects), map(name_key, wanted["effects"]))
        places = np.ix_(levels, effects)
        return Term(
            group=wanted["group"],
            effects=wanted["effects"],
            levels=wanted["levels"],
            covariance=np.asarray(self.covariance)[np.ix_(effects, effects)],
            ranef=None if self.ranef is None else self.ranef[places],
            condvar=None
            if self.condvar is None
            else self.condvar[np.ix_(levels, effects, effects)],
            columns=None if self.columns is None else self.columns[places],
            theta=self.theta if effects == sorted(effects) else None,
        )


def in_order(own: Sequence[Term], request: Json) -> list[Term]:
    """One's own terms in the order of the request.  Raises LookupError for other terms."""
    wanted = request["model"]["terms"]
    keys = [term_key(term.group, term.effects) for term in own]
    places = order(keys, [term_key(term["group"], term["effects"]) for term in wanted])
    return [own[k].asked(term) for k, term in zip(places, wanted, strict=True)]


def columns(terms: Sequence[Term]) -> Any:
    """(q,): the places of one's own columns of Z in the order of the request."""
    return np.concatenate([np.ravel(term.columns) for term in terms if term.columns is not None])


def same_columns(own: Array, wanted: Array) -> list[int]:
    """The place of each wanted column among the columns of one's own matrix."""
    places: list[int] = []
    for column in wanted.T:
        errors = np.abs(own - column[:, None]).max(axis=0)
        errors[places] = np.inf
        places.append(int(errors.argmin()))
        if not np.allclose(own[:, places[-1]], column, rtol=1e-9):
            raise LookupError("the fixed effects are others than those of the request")
    return places


# --- covariances ----------------------------------------------------------------------------------


def lower(matrix: Array) -> Array:
    """The entries below the diagonal, column by column."""
    return matrix.T[np.triu_indices(len(matrix), 1)]


def factor(covariance: Array) -> Array:
    """The lower triangle that has this covariance: a zero pivot has zeros below it."""
    rest = np.array(covariance, dtype=np.float64)
    triangle = np.zeros_like(rest)
    for j in range(len(rest)):
        if rest[j, j] > 0:
            triangle[j:, j] = rest[j:, j] / np.sqrt(rest[j, j])
            rest -= np.outer(triangle[:, j], triangle[:, j])
    return triangle


def triangle(k: int, theta: Array) -> Array:
    """The lower triangle (k, k) that a term's part of theta fills, column by column."""
    filled = np.zeros((k, k))
    filled.T[np.triu_indices(k)] = theta
    return filled


def from_rows(k: int, theta: Array) -> Array:
    """A term's part of theta, column by column, of one that goes row by row."""
    filled = np.zeros((k, k))
    filled[np.tril_indices(k)] = theta
    return filled.T[np.triu_indices(k)]


def to_rows(k: int, theta: Array) -> Array:
    """The other way round."""
    return triangle(k, theta)[np.tril_indices(k)]


def split_theta(theta: Array, effects: Iterable[int]) -> list[Array]:
    """The part of theta of each term, of given numbers of effects."""
    return np.split(theta, np.cumsum([k * (k + 1) // 2 for k in effects])[:-1])


def theta(terms: Iterable[Term], sigma: float) -> Array:
    """The relative covariance parameters of all terms: their own, or those of their covariances."""
    parts = [np.zeros(0)]
    for term in terms:
        L = factor(term.covariance) / sigma
        parts.append(L.T[np.triu_indices(len(L))] if term.theta is None else term.theta)
    return np.concatenate(parts)


def sd(covariances: Iterable[Array]) -> Array:
    """The standard deviations of all terms."""
    return np.concatenate([np.zeros(0), *(np.sqrt(np.diag(c)) for c in covariances)])


def corr(covariances: Iterable[Array]) -> Array:
    """The correlations of all terms, without those of a standard deviation of zero."""
    parts = [np.zeros(0)]
    for covariance in covariances:
        sds = np.sqrt(np.diag(covariance))
        scale = np.outer(sds, sds)
        parts.append(lower(covariance)[lower(scale) > 0] / lower(scale)[lower(scale) > 0])
    return np.concatenate(parts)


def term_ways(terms: Sequence[Term], sigma: float) -> dict[str, Callable[[], Any]]:
    """Ways to what the covariances of the terms say, and to the random effects where known."""
    covariances = [term.covariance for term in terms]
    ways: dict[str, Callable[[], Any]] = {
        "theta": lambda: theta(terms, sigma),
        "sd": lambda: sd(covariances),
        "corr": lambda: corr(covariances),
    }
    if all(term.ranef is not None for term in terms):
        ways["ranef"] = lambda: [term.ranef for term in terms]
    if all(term.condvar is not None for term in terms):
        ways["condvar"] = lambda: [term.condvar for term in terms]
    return ways
