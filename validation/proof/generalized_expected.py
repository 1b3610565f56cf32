"""The quantities of a generalized model, proved: name -> balls, in the shapes of SPEC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flint import arb

from .generalized.likelihoods import Likelihood
from .generalized.maximum import Maximum
from .generalized.mode import Mode
from .generalized.model import At, Vector
from .generalized.population import means

Values = Mapping[str, Any]


def evaluate(here: Mode, of: Likelihood) -> Values:
    """The model at given parameters."""
    return {"loglik": of.value(here), "ranef": modes(here)}


def fit(found: Maximum) -> Values:
    """The maximum."""
    at = found.mode.at
    values = {"loglik": found.loglik, "beta": at.beta, "sd": sds(at)}
    spread = {"dispersion": at.lam.exp()} if at.model.family.has_dispersion else {}
    return {**values, **correlations(at), **spread}


def marginal(here: Mode) -> Values:
    """What is asked of a model with the flag `marginal`."""
    return {"marginal": means(here.at)}


def modes(here: Mode) -> list[list[Vector]]:
    """gamma = Lambda u at the mode, (J, k) a term."""
    found, terms = [], zip(here.at.model.terms, triangles(here.at), strict=True)
    for (term, F), start in zip(terms, here.at.model.starts, strict=True):
        levels = [here.u[start + j * term.k :][: term.k] for j in range(len(term.levels))]
        found.append([[dot(row, u) for row in F] for u in levels])
    return found


def triangles(at: At) -> list[list[Vector]]:
    """The factor (k, k) of each term."""
    found = [[[arb(0)] * t.k for _ in range(t.k)] for t in at.model.terms]
    first = [sum(t.k for t in at.model.terms[:s]) for s in range(len(found))]
    for (t, i, j), value in zip(at.model.entries, at.theta, strict=True):
        found[t][i - first[t]][j - first[t]] = value
    return found


def sds(at: At) -> Vector:
    """Standard deviations of the effects, term by term; of one effect they are theta."""
    return [F[0][0] if len(F) == 1 else dot(row, row).sqrt() for F in triangles(at) for row in F]


def correlations(at: At) -> Values:
    """Below the diagonal, column by column, term by term; left out where there are none."""
    found = [
        dot(F[i], F[j]) / (dot(F[i], F[i]) * dot(F[j], F[j])).sqrt()
        for F in triangles(at)
        for j in range(len(F))
        for i in range(j + 1, len(F))
    ]
    return {"corr": found} if found else {}


def dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    """The sum of the products."""
    return sum((x * y for x, y in zip(a, b, strict=True)), arb(0))
