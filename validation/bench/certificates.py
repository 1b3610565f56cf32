"""What the proof of a fit takes."""

from __future__ import annotations

import time

from flint import ctx

import refmixed as rm
from refmixed.glm.fit import glmer

from ..adapters.messages import Json
from ..models import MODELS
from ..proof.generalized.doubles import generalized
from ..proof.generalized.likelihoods import likelihood
from ..proof.generalized.maximum import BITS, prove
from ..suite.tables import load

CERTIFIED = ("sleepstudy-slopes-reml", "crossed-sparse-reml", "three-effects-ml", "Oxboys-reml")
CBPP = "cbind(incidence, size - incidence) ~ period + (1 | herd)"


def timed() -> list[Json]:
    """Seconds of each proof, with the size of its model."""
    found = []
    for model in (model for model in MODELS if model.id in CERTIFIED):
        fit = rm.lmer(model.formula, load(model.data).frame(), model.reml)
        sizes = {"rows": fit.nobs, "parameters": fit.design.m + 1}
        found.append({"id": model.id, "seconds": fit.certify().seconds, **sizes})
    return [*found, exact_maximum()]


def exact_maximum() -> Json:
    """Of a generalized model: the maximum of the likelihood itself, to 28 digits."""
    fit = glmer(CBPP, load("cbpp").frame(), likelihood="exact", digits=12)
    begin = time.perf_counter()
    with ctx.workprec(BITS):
        prove(generalized(fit.model), likelihood("exact"), fit.psi.tolist())
    seconds = time.perf_counter() - begin
    return {"id": "cbpp-exact", "seconds": seconds, "rows": fit.nobs, "parameters": 1}


def text(one: Json) -> str:
    """One proof in a line."""
    size = f"{one['rows']} rows, {one['parameters']} covariance parameters"
    return f"certificate of {one['id']:24} {one['seconds']:8.2f} s  ({size})"
