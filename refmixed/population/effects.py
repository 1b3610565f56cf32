"""Random effects as a part of a population."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..checks import numbers
from ..errors import PopulationError
from ..linalg import Array, symmetric_root
from ..r.formula import Formula, parse_formula
from ..r.frame import model_frame, model_matrix


@dataclass(frozen=True)
class DrawnEffects:
    """A term (effects | group) of a population; its column holds Z gamma, row by row."""

    formula: Formula
    covariance: Array  # (k, k)

    def draw(self, rng: np.random.Generator, data: pd.DataFrame) -> Array:
        """(n,): x_i' gamma_g for the group g of row i, gamma_g ~ N(0, covariance)."""
        (bar,) = self.formula.bars
        made = model_frame(self.formula, data, None, None)
        if not made.complete().all():
            raise PopulationError(f"({bar.group}) or what varies by it is missing in some row")
        x, names = model_matrix(bar.effects, made.variables, made.values, len(data))  # (n, k)
        if self.covariance.shape != (len(names), len(names)):
            raise PopulationError(
                f"the covariance of the effects of {bar.group} must be {len(names)} x "
                f"{len(names)}, for {', '.join(names)}, not {len(self.covariance)} wide"
            )
        z = rng.standard_normal((len(made.levels[bar.columns]), len(names)))
        gamma = z @ symmetric_root(self.covariance)  # (levels, k)
        return np.asarray(np.einsum("ik,ik->i", x, gamma[made.groups[bar.columns]]))


def random_effects(group: str, effects: str, covariance: Any) -> DrawnEffects:
    """Random effects as a column of a population: the sum over a group's effects in each row.

    effects: what varies, as left of the bar in (1 + x | group).  covariance: (k, k), or a variance.
    Raises PopulationError unless the covariance is symmetric and positive semidefinite.
    """
    parsed = parse_formula(f"1 ~ 1 + ({effects} | {group})")
    if len(parsed.bars) != 1:
        raise PopulationError(f"({effects} | {group}) is more than one term: give each its own")
    cov = np.atleast_2d(numbers(covariance, "covariance"))
    rounding = 1e-10 * max(1e-300, np.abs(cov).max(initial=0.0))
    if cov.ndim > 2 or cov.shape != cov.T.shape or (np.abs(cov - cov.T) > rounding).any():
        raise PopulationError("a covariance must be a symmetric matrix, or one variance")
    cov = (cov + cov.T) / 2.0
    if np.linalg.eigvalsh(cov)[0] < -rounding:
        raise PopulationError("a covariance must have no negative variance in any direction")
    return DrawnEffects(parsed, cov)
