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

from ..adapters.refmixed_generalized import LABELS, marginal, modes
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
        found = self.found(own, kind, theta)
        return told(self.level, found) if found else {}

    def found(self, own: Model, kind: Kind, theta: Array | None = None) -> GlmerFit | None:
        """The fit of another model or likelihood, or the model at the same parameters."""
        p, m, spread = self.own.sizes
        if self.level == "glmm-evaluate":
            rest = float(np.exp(self.psi[p + m])) if spread else None
            given = Given(self.psi[:p], self.psi[p : p + m] if theta is None else theta, rest)
        else:
            given = Given(theta=theta)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rm.RefmixedWarning)
            try:
                return GlmerFit.of(own, kind, LABELS, given)
            except (SeparationError, OptionError):
                return None


def told(level: str, found: GlmerFit) -> Values:
    """The quantities of a level."""
    values = {"loglik": found.loglik, "marginal": marginal(found)}
    if level == "glmm-evaluate":
        return {**values, "ranef": list(modes(found))}
    cov = [F @ F.T for F in factors(found.design, found.theta.to_numpy())]
    sd = np.concatenate([np.sqrt(np.diag(c)) for c in cov])
    beta, spread = found.beta.to_numpy(), found.dispersion
    return {**values, "beta": beta, "sd": sd, "corr": corr(cov), "dispersion": spread}


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
    psi = parameters(own, model, given, truth)
    theta = own.split(psi)[1]
    return GeneralizedCase(model, level, own.design, theta, truth, own=own, psi=psi)


def parameters(own: Model, model: GeneralizedModel, given: Any, truth: Values) -> Array:
    """psi: as it is given, or that of the maximum, which refmixed finds where it is not told."""
    if "marginal" in truth and not given:
        return GlmerFit.of(own, kind(model), LABELS).psi
    here = given or {**truth, "theta": theta_of(own.design, truth)}
    p, m, _ = own.sizes
    log = [np.log(float(here["dispersion"]))] if "dispersion" in here else []
    return np.concatenate([numbers(here, "beta", p), numbers(here, "theta", m), log])


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
