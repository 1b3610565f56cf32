"""The random effects given y, by group: E[gamma | y], and Cov(gamma | y, beta, theta, sigma).

The routes compute them, the whole covariance or the blocks of levels; here they get names and
shapes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from scipy.linalg import block_diag

from .design import Design, RandomTerm
from .evaluation import diagonal, places
from .linalg import Array


class Posterior(Protocol):
    """Mean and covariance of the random effects given y, the latter over sigma^2."""

    @property
    def gamma(self) -> Array:
        """(q,)."""
        ...

    def at_levels(self, group: str, places: Array) -> Array:
        """(levels, k, k): the covariance of the effects of each level, at places (levels, k)."""
        ...

    def moved(self, design: Design, matrices: list[Array], size: float) -> Posterior:
        """The same of size times B gamma, B with a (k, k) matrix at each level of a term."""
        ...


@dataclass(frozen=True)
class DensePosterior:
    """The whole covariance."""

    gamma: Array  # (q,)
    gamma_cov: Array  # (q, q)

    def at_levels(self, group: str, places: Array) -> Array:
        """(levels, k, k)."""
        return self.gamma_cov[places[:, :, None], places[:, None, :]]

    def moved(self, design: Design, matrices: list[Array], size: float) -> DensePosterior:
        """The same in other coordinates."""
        pairs = zip(design.terms, matrices, strict=True)
        blocks = (np.kron(np.eye(len(term.levels)), matrix) for term, matrix in pairs)
        B = block_diag(np.zeros((0, 0)), *blocks)  # (q, q)
        return DensePosterior(size * (B @ self.gamma), B @ self.gamma_cov @ B.T)


@dataclass(frozen=True)
class LevelPosterior:
    """The random effects given y, their covariances level by level."""

    gamma: Array  # (q,)
    covariances: dict[str, Array]  # (levels, k, k) of each group

    def at_levels(self, group: str, places: Array) -> Array:
        """(levels, k, k)."""
        return self.covariances[group]

    def moved(self, design: Design, matrices: list[Array], size: float) -> LevelPosterior:
        """The same in other coordinates."""
        gamma = self.gamma.copy()
        for here, B in zip(places(design), matrices, strict=True):
            gamma[here] = size * gamma[here] @ B.T
        of_group = {
            group: diagonal(
                B for t, B in zip(design.terms, matrices, strict=True) if t.group == group
            )
            for group in self.covariances
        }
        moved = {g: B @ self.covariances[g] @ B.T for g, B in of_group.items()}
        return LevelPosterior(gamma, moved)


class RandomEffects(dict[str, pd.DataFrame]):
    """{group: data frame (levels, effects)}.

    `cond_var`, where asked for, is {group: array (k, k, levels)}: the covariance of the k effects
    of each level, beta, theta and sigma known, lme4's `postVar`, or estimated (`Fit.ranef`).  A
    group with several terms has the effects of all of them, and their covariances across terms too.
    """

    cond_var: dict[str, Array] | None = None


def placed(design: Design) -> Iterator[tuple[RandomTerm, Array]]:
    """Each term with the places (levels, k) of its effects in gamma."""
    return zip(design.terms, places(design), strict=True)


def by_group(design: Design) -> dict[str, tuple[RandomTerm, list[str], Array]]:
    """For each group a term of it, the names (k,) of all its effects, and their places in gamma."""
    found: dict[str, tuple[RandomTerm, list[str], Array]] = {}
    for term, here in placed(design):
        if term.group in found:
            first, names, before = found[term.group]
            found[term.group] = (first, [*names, *term.effects], np.hstack([before, here]))
        else:
            found[term.group] = (term, list(term.effects), here)
    return found


def effects(design: Design, posterior: Posterior) -> RandomEffects:
    """gamma (q,) as a data frame a group."""
    return RandomEffects(
        (group, pd.DataFrame(posterior.gamma[here], index=list(term.levels), columns=names))
        for group, (term, names, here) in by_group(design).items()
    )


def coefficients(beta: pd.Series, random: RandomEffects) -> dict[str, pd.DataFrame]:
    """{group: data frame (levels, effects)}: fixed plus random effects of each level."""
    names = dict.fromkeys(name for frame in random.values() for name in frame)
    zeros = pd.Series(0.0, index=[name for name in names if name not in beta])
    fixed = pd.concat([zeros, beta])
    return {
        group: summed(frame).reindex(columns=fixed.index, fill_value=0.0) + fixed
        for group, frame in random.items()
    }


def summed(frame: pd.DataFrame) -> pd.DataFrame:
    """The effects of a group, those of one name that come from several terms added up."""
    return frame if frame.columns.is_unique else frame.T.groupby(level=0, sort=False).sum().T


def conditional_variances(design: Design, posterior: Posterior, sigma: float) -> dict[str, Array]:
    """Cov(gamma | y) as {group: (k, k, levels)}."""
    return {
        group: sigma**2 * np.moveaxis(posterior.at_levels(group, here), 0, 2)
        for group, (_, _, here) in by_group(design).items()
    }
