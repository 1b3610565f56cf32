"""The class MixedLM of statsmodels, and its likeness in mixedlm-rs, given arrays.

One term is a group with its effects.  Further terms are variance components: within the groups of
a term that has all others within it, or, where terms of one effect are crossed, within one group of
all rows.  An offset is subtracted from the response here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import answers, frames, terms
from .answers import UnsupportedError, Ways
from .frames import Array, Arrays, Block
from .messages import Json


@dataclass(frozen=True)
class Plan:
    """Which term is the group, and which are variance components."""

    blocks: list[Block]
    main: int | None  # None: one group of all rows

    @property
    def groups(self) -> Any:
        """The group (n,) of each row."""
        return (
            np.zeros(len(self.blocks[0].codes), dtype=int)
            if self.main is None
            else self.blocks[self.main].codes
        )

    @property
    def components(self) -> list[int]:
        """The terms that are variance components."""
        return [t for t in range(len(self.blocks)) if t != self.main]

    def members(self, t: int, group: int) -> list[int]:
        """The levels of a component that are in a group."""
        here = np.unique(self.blocks[t].codes[self.groups == group])
        return [int(level) for level in here]

    def matrix(self, t: int, group: int) -> Array:
        """The columns of a component's levels, in the rows of a group."""
        rows = self.groups == group
        block, levels = self.blocks[t], self.members(t, group)
        return (block.codes[rows, None] == levels) * block.x[rows]


def plan(blocks: list[Block]) -> Plan:
    """How to put the terms.  Raises UnsupportedError where there is no way."""
    for main, block in enumerate(blocks):
        others = [other for other in blocks if other is not block]
        if all(within(other, block) and other.x.shape[1] == 1 for other in others):
            return Plan(blocks, main)
    if all(block.x.shape[1] == 1 for block in blocks):
        return Plan(blocks, None)
    raise UnsupportedError("has no correlated effects beside other terms that are not within them")


def within(inner: Block, outer: Block) -> bool:
    """Whether each level of one term is in one level of the other."""
    pairs = {(int(a), int(b)) for a, b in zip(inner.codes, outer.codes, strict=True)}
    return len(pairs) == len(np.unique(inner.codes))


def run(request: Json, fitted: Callable[[Arrays, Plan, bool], Any], missing: Json) -> Json:
    """The answer to one request, given a fit of arrays and a plan, by REML or not."""
    if request["level"] in ("design", "evaluate"):
        reason = "only fits are asked for: nothing else is documented in the units of lme4"
        return {"id": request["id"], "skip": reason}
    arrays = frames.in_arrays(request)
    if arrays.weights is not None:
        return {"id": request["id"], "skip": "there are no prior weights"}
    try:
        layout = plan(arrays.blocks)
        fit = fitted(arrays, layout, request["model"]["reml"])
    except (UnsupportedError, NotImplementedError) as reason:
        return {"id": request["id"], "skip": f"the class MixedLM {reason}"}
    ways = fit_ways(fit, arrays, layout, request)
    return answers.answer(request, answers.forgiving(ways), missing)


def better(mixed: Any, reml: bool, options: Json) -> Any:
    """The better of two fits: one started where it starts by itself, one where Powell's ends."""
    fits = []
    for powell in (False, True):
        try:
            start = from_powell(mixed, reml) if powell else {}
            fits.append(mixed.fit(reml=reml, **start, **options))
        except np.linalg.LinAlgError as error:
            failure = error
    if not fits:
        raise failure
    return max(fits, key=lambda fit: fit.llf)


def from_powell(mixed: Any, reml: bool) -> Json:
    """Where Powell's method ends, as a start."""
    return {"start_params": mixed.fit(reml=reml, method="powell", maxiter=1000).params_object}


def fit_ways(fit: Any, arrays: Arrays, layout: Plan, request: Json) -> Ways:
    """Levels `fit` and `inference`."""
    p, sigma = arrays.X.shape[1], float(np.sqrt(fit.scale))
    wanted = covariances(fit, layout)

    def population() -> Any:
        new = frames.rows(request, frames.frame(request["newdata"]))
        return new.X @ np.asarray(fit.fe_params) + new.offset

    return {
        "criterion": lambda: -2 * fit.llf,
        "beta": lambda: np.asarray(fit.fe_params),
        "sigma": lambda: sigma,
        "theta": lambda: np.concatenate([relative(c, sigma) for c in wanted]),
        "sd": lambda: terms.sd(wanted),
        "corr": lambda: terms.corr(wanted),
        "vcov": lambda: np.asarray(fit.cov_params())[:p, :p],
        "ranef": lambda: effects(fit, layout, mean),
        "condvar": lambda: effects(fit, layout, variance),
        "fitted": lambda: np.asarray(fit.fittedvalues) + arrays.offset,
        "population": population,
    }


def relative(covariance: Array, sigma: float) -> Array:
    """A term's part of theta."""
    L = terms.factor(covariance) / sigma
    return L.T[np.triu_indices(len(L))]


def covariances(fit: Any, layout: Plan) -> list[Array]:
    """The covariance (k, k) of each term."""
    matrices: list[Array] = [np.zeros((0, 0))] * len(layout.blocks)
    if layout.main is not None:
        matrices[layout.main] = np.asarray(fit.cov_re)
    for t, variance in zip(layout.components, np.asarray(fit.vcomp), strict=True):
        matrices[t] = np.array([[variance]])
    return matrices


def mean(fit: Any, group: int, places: list[int]) -> Array:
    """Random effects of a group."""
    return np.asarray(fit.random_effects[group])[places]


def variance(fit: Any, group: int, places: list[int]) -> Array:
    """Their conditional covariance."""
    return np.asarray(fit.random_effects_cov[group])[np.ix_(places, places)]


def effects(fit: Any, layout: Plan, what: Callable[[Any, int, list[int]], Array]) -> list[Array]:
    """Something of each level of each term: first those of a group's own term, then the others."""
    parts: list[dict[int, Array]] = [{} for _ in layout.blocks]
    for group in np.unique(layout.groups):
        place = 0
        if layout.main is not None:
            place = layout.blocks[layout.main].x.shape[1]
            parts[layout.main][group] = what(fit, group, list(range(place)))
        for t in layout.components:
            for level in layout.members(t, group):
                parts[t][level] = what(fit, group, [place])
                place += 1
    return [np.array([by_level[j] for j in range(len(by_level))]) for by_level in parts]
