"""The estimates of a model by a likelihood, some of its parameters given."""

from __future__ import annotations

import numpy as np

from ..linalg import Array
from .given import Given
from .likelihoods import Kind, refuse_nodes
from .model import Model
from .objective import Objective
from .scaled import scaled
from .search import minimize
from .start import start


def maximum(model: Model, kind: Kind, given: Given, begin: Array | None) -> tuple[Array, Array]:
    """psi, and which of it was estimated and is not at a boundary.  begin: psi to set out from.

    Raises OptionError, SeparationError.
    """
    refuse_nodes(model, kind)
    inner = scaled(model)
    psi, free = given.of(model)
    if free.any():
        first = inner.out(start(inner, free))  # refuses data without a maximum, too
        begin = first if begin is None else begin
    at = inner.inward(psi if begin is None else np.where(free, begin, psi))
    searched = free if kind.nagq else beta_aside(model, free)
    for stage in (Kind(), kind) if kind.digits is not None else (kind,):
        found = minimize(Objective(inner.model, stage.near(inner.model, at)), at, searched)
        at = found.psi
    psi = np.where(free, inner.out(at), psi)
    if kind.nagq == 0:
        psi[: model.design.p] = kind.at(model, psi).mode.at.beta
    return psi, found.moving


def beta_aside(model: Model, free: Array) -> Array:
    """Which parameters are searched for where beta comes from the joint mode."""
    return free & (np.arange(len(free)) >= model.design.p)
