"""A case of a generalized model and its truth in floats: what the mistakes about it start from."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import refmixed as rm
from refmixed.covariance import factors, flatten
from refmixed.design import Design
from refmixed.errors import OptionError, SeparationError
from refmixed.glm.given import Given
from refmixed.glm.likelihoods import Kind
from refmixed.glm.model import Model
from refmixed.glm.named import named
from refmixed.glm.pirls import Mode, mode
from refmixed.glm.response import family_of, reader
from refmixed.glm.result import GlmerFit
from refmixed.linalg import Array
from refmixed.r.design import design

from ..adapters.refmixed_generalized import LABELS, modes
from ..adapters.terms import corr, factor
from ..models import GeneralizedModel
from ..suite import tables
from .problem import Case, Values

DIGITS = 12  # of an exact log-likelihood


@dataclass(frozen=True, kw_only=True)
class GeneralizedCase(Case):
    """One case; psi is where the truth was computed: given, or the maximum."""

    own: Model
    psi: Array

    @property
    def kind(self) -> Kind:
        """Which likelihood is asked for."""
        return kind(self.asked)

    @property
    def asked(self) -> GeneralizedModel:
        """The model of the suite."""
        assert isinstance(self.model, GeneralizedModel)
        return self.model

    @property
    def at_truth(self) -> Mode:
        """The mode where the truth was computed."""
        return mode(self.own.at(self.psi))

    def answers(
        self, design: Design | None = None, reml: bool | None = None, theta: Array | None = None
    ) -> Values:
        """What would be answered to another design; of some theta, where it is given."""
        own = self.own if design is None else replace(self.own, design=design)
        return self.fitted(own, self.kind, theta)

    def fitted(self, own: Model, kind: Kind, theta: Array | None = None) -> Values:
        """What another model or likelihood gives: at the same parameters, or at its maximum.

        Nothing where there is no maximum, or none is found.
        """
        p, m, spread = self.own.sizes
        if self.level == "glmm-evaluate":
            rest = float(np.exp(self.psi[p + m])) if spread else None
            given = Given(self.psi[:p], self.psi[p : p + m] if theta is None else theta, rest)
        else:
            given = Given(theta=theta)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rm.RefmixedWarning)
            try:
                return told(self.level, GlmerFit.of(own, kind, LABELS, given))
            except (SeparationError, OptionError):
                return {}


def told(level: str, found: GlmerFit) -> Values:
    """The quantities of a level."""
    if level == "glmm-evaluate":
        return {"loglik": found.loglik, "ranef": list(modes(found))}
    cov = [F @ F.T for F in factors(found.design, found.theta.to_numpy())]
    values = {"loglik": found.loglik, "beta": found.beta.to_numpy()}
    sd = np.concatenate([np.sqrt(np.diag(c)) for c in cov])
    return {**values, "sd": sd, "corr": corr(cov), "dispersion": found.dispersion}


def kind(model: GeneralizedModel) -> Kind:
    """refmixed's likelihood of a model."""
    return Kind(model.nodes, DIGITS if model.likelihood == "exact" else None)


def own_of(model: GeneralizedModel) -> Model:
    """refmixed's model of it."""
    chosen = named(f"{model.family}({model.link})")
    formula = f"{model.formula} + offset({model.offset})" if model.offset else model.formula
    frame, read = tables.load(model.data).frame(), reader(chosen, False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rm.RefmixedWarning)
        arrays = design(formula, frame, allow_saturated=True, read=read)
    return Model(arrays, family_of(chosen, arrays), model.dialect or "observed")


def generalized_problem(
    model: GeneralizedModel, level: str, given: Any, truth: Values
) -> GeneralizedCase:
    """The problem of a case.  given: its parameters, at level `glmm-evaluate`."""
    own = own_of(model)
    if given:
        theta = np.array(given["theta"], dtype=float)
        parts = [np.array(given["beta"], dtype=float), theta]
        spread = given.get("dispersion")
    else:
        theta = theta_of(own.design, truth)
        parts, spread = [numbers(truth, "beta", own.design.p), theta], truth.get("dispersion")
    log = [] if spread is None else [np.log(float(spread))]
    psi = np.concatenate([*parts, log])
    return GeneralizedCase(model, level, own.design, theta, truth, own=own, psi=psi)


def numbers(truth: Values, quantity: str, size: int) -> Array:
    """A true vector; NaN where there is none, as of a model without a maximum."""
    return np.array(truth.get(quantity, [np.nan] * size), dtype=float)


def theta_of(design: Design, truth: Values) -> Array:
    """theta (m,) of standard deviations and correlations."""
    return flatten([factor(c) for c in covariances(design, truth)])


def covariances(design: Design, truth: Values) -> Iterator[Array]:
    """Cov of a level's effects (k, k), a term each."""
    sd = numbers(truth, "sd", sum(term.k for term in design.terms))
    below = numbers(truth, "corr", 0)
    for term in design.terms:
        R, m = np.eye(term.k), term.m - term.k
        R.T[np.triu_indices(term.k, 1)] = below[:m]
        R = np.tril(R) + np.tril(R, -1).T
        yield R * np.outer(sd[: term.k], sd[: term.k])
        sd, below = sd[term.k :], below[m:]
