"""Random data sets and models for the property tests; a seed stands for one of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from hypothesis import strategies as st

import refmixed as rm
from refmixed.design import Design

FORMULAS = (
    "y ~ x + (x | g)",
    "y ~ x + (1 | g)",
    "y ~ x + (x || g)",
    "y ~ 1 + (1 | g)",
    "y ~ x + f + (1 | g) + (1 | h)",
    "y ~ x + (1 | h/g)",
    "y ~ f + (0 + f | g)",
    "y ~ x + z + (x + z | g) + (x | h)",
    "y ~ x + (1 | g) + (0 + x | g) + (1 | h)",
)

NESTED = (  # for nested_data
    "y ~ x + (1 | a/b/c)",
    "y ~ x + (x | a/b/c)",
    "y ~ x + (1 | a/b) + (1 | h)",
    "y ~ 0 + (x || a/b) + (0 + z | b:a)",
    "y ~ x + z + (x | a) + (1 | a:b) + (x + z | a:b:c) + (x | h)",
)


@dataclass(frozen=True)
class Case:
    """A formula, data for it, and a theta to look at."""

    formula: str
    data: pd.DataFrame
    weights: np.ndarray | None
    reml: bool
    theta: np.ndarray  # (m,)

    @property
    def design(self) -> Design:
        return rm.design(self.formula, self.data, weights=self.weights)

    def fit(self, data: pd.DataFrame | None = None, formula: str | None = None) -> rm.Fit:
        """The fit of this case, or of one with other data or another formula."""
        return rm.lmer(
            formula or self.formula,
            self.data if data is None else data,
            self.reml,
            weights=self.weights,
        )


def random_data(rng: np.random.Generator) -> pd.DataFrame:
    """Unbalanced groups g, crossed with h; covariates x, z, f; effects that may be nothing."""
    n, levels = int(rng.integers(30, 90)), int(rng.integers(4, 8))
    g = np.concatenate([np.arange(levels), rng.choice(levels, n - levels)])
    h = rng.integers(0, 3, n)
    x, z = rng.normal(size=n), rng.uniform(0, 3, n)
    size = rng.choice([0.0, 0.3, 1.0, 3.0], 2)
    slopes = rng.normal(size=(levels, 2)) * size
    y = 1 + x + slopes[g, 0] + slopes[g, 1] * x + rng.normal(size=3)[h] + rng.normal(size=n)
    return pd.DataFrame(
        {
            "y": y,
            "x": x,
            "z": z,
            "f": pd.Categorical(rng.choice(["a", "b", "c"], n)),
            "g": pd.Categorical([f"g{k}" for k in g]),
            "h": pd.Categorical([f"h{k}" for k in h]),
        }
    )


def nested_data(rng: np.random.Generator) -> pd.DataFrame:
    """c in b in a, crossed with h; not all levels are there, and some have one row."""
    n = int(rng.integers(120, 200))
    a, b, c = (rng.integers(0, levels, n) for levels in (4, 3, 3))
    h, x, z = rng.integers(0, 4, n), rng.normal(size=n), rng.uniform(0, 3, n)
    y = 1 + x + rng.normal(size=n) + rng.choice([0.0, 1.0, 3.0]) * rng.normal(size=4)[a] * x
    y += rng.normal(size=(4, 3))[a, b] + rng.normal(size=(4, 3, 3))[a, b, c]
    codes = {"a": a, "b": b, "c": c, "h": h}
    groups = {name: pd.Categorical(levels.astype(str)) for name, levels in codes.items()}
    return pd.DataFrame({"y": y, "x": x, "z": z, **groups})


def make_case(seed: int, formula: str, reml: bool, weighted: bool) -> Case:
    """The case of a seed."""
    rng = np.random.default_rng(seed)
    data = nested_data(rng) if formula in NESTED else random_data(rng)
    weights = rng.uniform(0.3, 3.0, len(data)) if weighted else None
    m = rm.design(formula, data).m
    theta = rng.normal(size=m) * rng.choice([0.1, 1.0, 3.0])
    return Case(formula, data, weights, reml, theta)


def cases(formulas: tuple[str, ...] = FORMULAS) -> st.SearchStrategy[Case]:
    """Any case of some formulas."""
    seeds = st.integers(0, 2**32 - 1)
    return st.builds(make_case, seeds, st.sampled_from(formulas), st.booleans(), st.booleans())


def one_way(rng: np.random.Generator, groups: int, size: int, between: float) -> pd.DataFrame:
    """A balanced one-way layout."""
    g = np.repeat(np.arange(groups), size)
    y = 5 + between * rng.normal(size=groups)[g] + rng.normal(size=groups * size)
    return pd.DataFrame({"y": y, "g": pd.Categorical(g.astype(str))})
