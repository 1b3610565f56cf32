"""Random generalized models for the property tests; a seed stands for one of each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

import refmixed as rm
from refmixed.glm.likelihoods import Kind
from refmixed.glm.model import Model

FAMILIES = {
    "binomial": "cbind(yes, no)",
    "binomial(probit)": "cbind(yes, no)",
    "binomial(cloglog)": "cbind(yes, no)",
    "poisson": "count",
    "Gamma": "positive",
}
DESIGNS = ("(1 | g)", "(x | g)", "(1 | h/k)", "(1 | g) + (1 | h)", "(x || g) + (1 | h)")


@dataclass(frozen=True)
class Case:
    """A model, and parameters to look at."""

    formula: str
    family: str
    data: pd.DataFrame
    psi: np.ndarray
    dialect: str = "observed"
    route: str = "blocked"

    @cached_property
    def model(self) -> Model:
        return model_of(
            self.formula, self.data, self.family, dialect=self.dialect, route=self.route
        )


def model_of(formula: str, data: pd.DataFrame, family: str, **options: Any) -> Model:
    """The model of a formula, without a search: all its parameters are given."""
    _, design = formula.split("~")
    made = rm.design(f"x ~ {design}", data)
    given = {"beta": np.zeros(made.p), "theta": np.ones(made.m)}
    if family == "Gamma":
        given["dispersion"] = 1.0
    return rm.glmer(formula, data, family, **given, **options).model


def random_data(rng: np.random.Generator, n: int = 40) -> pd.DataFrame:
    """Groups g of unequal sizes, crossed with h; k within h; responses of all families."""
    levels = int(rng.integers(4, 8))
    g = np.concatenate([np.arange(levels), rng.integers(0, levels, n - levels)])
    h, k = rng.integers(0, 3, n), rng.integers(0, 3, n)
    x = rng.normal(size=n)
    eta = 0.3 + 0.4 * x + 0.7 * rng.normal(size=levels)[g] + 0.5 * rng.normal(size=3)[h]
    size = rng.integers(1, 6, n)
    yes = rng.binomial(size, 1 / (1 + np.exp(-eta)))
    responses = {
        "yes": yes,
        "no": size - yes,
        "size": size,
        "count": rng.poisson(np.exp(eta)),
        "positive": rng.gamma(2.0, np.exp(eta) / 2.0),
    }
    codes = {"g": g, "h": h, "k": k}
    groups = {name: pd.Categorical(levels.astype(str)) for name, levels in codes.items()}
    return pd.DataFrame({"x": x, **responses, **groups})


def make_case(seed: int, family: str, design: str, dialect: str = "observed") -> Case:
    """The case of a seed."""
    rng = np.random.default_rng(seed)
    data, formula = random_data(rng), f"{FAMILIES[family]} ~ x + {design}"
    m = rm.design(f"x ~ x + {design}", data).m
    beta, theta = rng.normal(size=2) * 0.5, rng.normal(size=m) * rng.choice([0.1, 0.7, 1.5])
    rest = rng.normal(size=1) * 0.5 if family == "Gamma" else np.zeros(0)
    return Case(formula, family, data, np.concatenate([beta, theta, rest]), dialect)


def cases(
    families: Any = tuple(FAMILIES), designs: tuple[str, ...] = DESIGNS
) -> st.SearchStrategy[Case]:
    """Any case of some families and designs."""
    return st.builds(
        make_case,
        st.integers(0, 2**32 - 1),
        st.sampled_from(families),
        st.sampled_from(designs),
        st.sampled_from(["observed", "expected"]),
    )


def loglik(model: Model, psi: np.ndarray, kind: Kind) -> float:
    """The log-likelihood at psi."""
    return -kind.at(model, psi).value


def slopes(model: Model, psi: np.ndarray, kind: Kind) -> tuple[float, float]:
    """Of minus the log-likelihood along a random direction: by the gradient, and by differences.

    Their error is of the order h^4.  A wrong entry of a gradient shows in any direction but those
    of a null set.
    """
    direction = np.random.default_rng(0).normal(size=len(psi))
    h, by = 2e-4, kind.near(model, psi)
    values = [by(model, psi + s * h * direction, None).value for s in (-2, -1, 1, 2)]
    found = by(model, psi, None).gradient @ direction
    return float(found), float(np.array(values) @ np.array([1, -8, 8, -1]) / (12 * h))
