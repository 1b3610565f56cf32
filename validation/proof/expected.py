"""The quantities of each level, proved: name -> exact numbers or balls, in the shapes of SPEC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from ..models import Model
from ..suite.tables import Table
from . import inference, joint
from .engine import at, covariances, criterion, factors, gathered, spread_out
from .exact import Exact
from .freedom import kenward_roger, satterthwaite
from .matrices import ball, rational
from .optimum import Optimum
from .problem import Blocks
from .slopes import gradient, residual_products, slopes

Values = Mapping[str, Any]


def design(made: Exact) -> Values:
    """y, X and Z."""
    return {"y": list(made.y), "X": list(made.X), "Z": list(made.Z)}


def evaluate(problem: Blocks, theta: Sequence[str]) -> Values:
    """The model at a theta of decimals; `problem` in rationals: only logs and roots are rounded."""
    triangles = factors(problem, [rational(Fraction(x)) for x in theta])
    here = at(problem, covariances(triangles))
    r2, a = here.r2[0, 0], residual_products(here)
    F = slopes(here, problem.dof / r2, a)
    Lambdas = [spread_out(problem, block, triangles) for block in problem.blocks]
    return {
        "criterion": criterion(here, problem.weights),
        "beta": [here.beta[j, 0] for j in range(problem.p)],
        "sigma": ball(r2 / problem.dof).sqrt(),
        "u": gathered(problem, [L.transpose() * x for L, x in zip(Lambdas, a, strict=True)]),
        "gradient": gradient(triangles, F, problem.entries),
    }


def fit(found: Optimum) -> Values:
    """The minimum."""
    values = {
        "theta": found.theta,
        "criterion": criterion(found.here, found.problem.weights),
        "beta": [found.here.beta[j, 0] for j in range(found.problem.p)],
        "sigma": found.sigma2.sqrt(),
        "sd": inference.sds(found),
    }
    corr = inference.correlations(found)
    return values | ({} if corr is None else {"corr": corr})


def inferred(model: Model, made: Exact, found: Optimum, new: Table | None) -> Values:
    """What follows from the minimum."""
    values: dict[str, Any] = {
        "vcov": inference.vcov(found),
        "ranef": inference.ranef(found),
        "condvar": inference.condvar(found),
        "pev": inference.pev(found),
        "fitted": inference.means(found, inference.old_rows(made), random=True),
    }
    if new is not None:
        rows = inference.new_rows(model, made, new)
        for name, random in (("predicted", True), ("population", False)):
            values[name] = inference.means(found, rows, random)
            values[f"se_{name}"] = inference.standard_errors(found, rows, random)
    return {**values, **freedom(found)}


def freedom(found: Optimum) -> Values:
    """Degrees of freedom, where the optimum is in the interior; of all coefficients at once F."""
    p = found.problem.p
    if not found.interior or not p:
        return {}
    slopes = satterthwaite(found)
    values = {"df_satterthwaite": slopes.of_each()}
    if p > 1 and (test := joint.satterthwaite(found, slopes)):
        values["f_satterthwaite"] = test
    if found.problem.reml:
        by_moments = kenward_roger(found)
        values["se_kr"] = [by_moments.adjusted[j, j].sqrt() for j in range(p)]
        values["df_kr"] = by_moments.slopes.of_each()
        if p > 1 and (test := joint.kenward_roger(by_moments)):
            values["f_kr"] = test
    return values
