"""What the adapter of kamino uses of that package, computed by definition and by refmixed.

Coefficients come in an order of their own.  What refmixed does not compute is what it is told.
"""

from __future__ import annotations

from enum import Enum
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from suite import Json

import refmixed as rm


class ObjectiveKind(Enum):
    ML = "ml"
    REML = "reml"


class ModelSpec(SimpleNamespace):
    @classmethod
    def from_arrays(cls, **arrays: Any) -> ModelSpec:
        return cls(**arrays)


def evaluate_fixed_theta(spec: ModelSpec, Lambda: Any, kind: ObjectiveKind) -> Any:
    root = np.sqrt(spec.weights)
    A, X, y = root[:, None] * spec.z @ Lambda, root[:, None] * spec.x, root * (spec.y - spec.offset)
    n, p, q = *X.shape, A.shape[1]
    both = np.hstack([A, X])
    penalty = np.diag([1.0] * q + [0.0] * p)
    system = both.T @ both + penalty
    found = np.linalg.solve(system, both.T @ y)
    pwrss = np.sum((y - both @ found) ** 2) + np.sum(found[:q] ** 2)
    reml = kind is ObjectiveKind.REML
    dof = n - p if reml else n
    logdet = np.linalg.slogdet(system if reml else system[:q, :q])[1] - np.log(spec.weights).sum()
    objective = logdet + dof * (1 + np.log(2 * np.pi * pwrss / dof))
    return SimpleNamespace(objective=objective, beta=found[q:], sigma2=pwrss / dof, u=found[:q])


class Fit:
    """A fit, with its coefficients the other way round; `known` has the rest by quantity."""

    def __init__(self, fit: rm.Fit, known: Json) -> None:
        self._fit, self._known = fit, known
        self.fixed_names = self.full_fixed_names = list(fit.beta.index)[::-1]
        self.beta, self.sigma, self.theta = fit.beta.to_numpy()[::-1], fit.sigma, fit.theta
        self.beta_covariance = fit.vcov.to_numpy()[::-1, ::-1]
        self.objective, self.fitted_values = fit.criterion, fit.fitted.to_numpy()
        groups = fit.ranef()
        terms = [
            SimpleNamespace(
                group_name=name, group_levels=list(frame.index),
                random_coefficient_names=list(frame.columns),
            )
            for name, frame in groups.items()
        ]  # fmt: skip
        self.random_effects = np.concatenate([f.to_numpy().ravel() for f in groups.values()])
        self.random_terms = terms if len(terms) > 1 else []
        self.covariance_term_sizes = [term.k for term in fit.design.terms]
        vars(self).update(vars(terms[0]))

    def predict(self, new: pd.DataFrame, mode: str, allow_new_groups: bool) -> Any:
        assert allow_new_groups
        told = {"conditional": {"new_levels": "population"}, "population": {"random": False}}
        return SimpleNamespace(values=self._fit.predict(new, **told[mode]).to_numpy())

    def satterthwaite(self) -> Any:
        return self._analysis("df_satterthwaite")

    def kenward_roger(self) -> Any:
        se = np.array(self._known["se_kr"], dtype=float)[::-1]
        analysis = self._analysis("df_kr")
        analysis.available, analysis.adjusted_covariance = True, np.diag(se**2)
        return analysis

    def _analysis(self, quantity: str) -> Any:
        values = np.array(self._known[quantity], dtype=float)[::-1]
        return SimpleNamespace(
            test=lambda row: SimpleNamespace(available=True, denominator_df=row @ values)
        )

    def profile(self, targets: list[str]) -> Any:
        known = dict(zip(self.fixed_names[::-1], self._known["profile_beta"], strict=True))
        known[".sigma"] = self._known["profile_sigma"]
        known |= {f".sig{j + 1:02d}": v for j, v in enumerate(self._known.get("profile_sd", []))}

        def interval(name: str, level: float) -> Any:
            assert name in targets
            assert level == 0.95
            return SimpleNamespace(lower=known[name][0], upper=known[name][1])

        return SimpleNamespace(interval=interval)


def modules(known: Json) -> dict[str, ModuleType]:
    """The package and its module of errors; `known` has what refmixed does not compute."""
    package, errors = ModuleType("kamino"), ModuleType("kamino.errors")

    def lmer(formula: str, data: pd.DataFrame, reml: bool) -> Fit:
        return Fit(rm.lmer(formula, data, reml=reml), known)

    vars(errors).update(ModelSpecificationError=type("ModelSpecificationError", (Exception,), {}))
    vars(package).update(
        ObjectiveKind=ObjectiveKind, ModelSpec=ModelSpec, lmer=lmer, errors=errors,
        evaluate_fixed_theta=evaluate_fixed_theta,
    )  # fmt: skip
    return {"kamino": package, "kamino.errors": errors}
