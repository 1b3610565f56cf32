"""Every number that follows from a proved theta, with its digits and those of the fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any, TypedDict

import pandas as pd
from flint import arb

from refmixed.result import Fit

from ..proof.digits import proved, text
from ..proof.engine import criterion
from ..proof.optimum import Optimum
from ..suite.compare import digits

Named = tuple[str, str, arb, float]  # quantity, name, what is proved, the fit's own


class Estimate(TypedDict):
    """A row of the table."""

    quantity: str
    name: str
    value: str
    digits: int
    fit: float
    agree: float


def table(rows: Iterable[Named]) -> pd.DataFrame:
    """A row for each number."""
    return pd.DataFrame([one(*row) for row in rows], columns=list(Estimate.__annotations__))


def one(quantity: str, name: str, value: arb, fit: float) -> Estimate:
    """A number; errors are relative, but those of a correlation and of zero (SPEC, section 5)."""
    kind, printed = "corr" if quantity == "corr" else "sd", text(value)
    return Estimate(
        quantity=quantity,
        name=name,
        value=printed,
        digits=proved(kind, [value]),
        fit=fit,
        agree=digits(kind, [fit], [printed]),
    )


def every(fit: Fit, found: Optimum) -> Iterator[Named]:
    """All numbers of a fit."""
    yield from whole(fit, found)
    yield from fixed(fit, found)
    for name, value, own in zip(fit.theta.index, found.theta, fit.theta, strict=True):
        yield "theta", name, value, own
    yield from covariances(fit, found)


def of_v(fit: Fit, found: Optimum, sigma: bool) -> Iterator[Named]:
    """What rests on V, or by REML on K'VK, alone: of several models that are one it is the same."""
    yield from list(whole(fit, found))[: 1 + sigma]
    if not fit.reml:
        yield from fixed(fit, found)


def whole(fit: Fit, found: Optimum) -> Iterator[Named]:
    """The criterion and sigma."""
    yield "criterion", "", criterion(found.here, found.problem.weights), fit.criterion
    yield "sigma", "", found.sigma2.sqrt(), fit.sigma


def fixed(fit: Fit, found: Optimum) -> Iterator[Named]:
    """Fixed effects and their standard errors."""
    for j, name in enumerate(fit.beta.index):
        yield "beta", name, found.here.beta[j, 0], fit.beta.iloc[j]
    for j, name in enumerate(fit.beta.index):
        yield "se", name, (found.here.N[j, j] * found.sigma2).sqrt(), fit.se.iloc[j]


def covariances(fit: Fit, found: Optimum) -> Iterator[Named]:
    """Standard deviations, and correlations where there are any."""
    sigma = found.sigma2.sqrt()
    for term, T in zip(fit.design.terms, found.T, strict=True):
        own: Any = fit.varcorr[term.name]
        for i, effect in enumerate(term.effects):
            sd = sigma * T[i, i].nonnegative_part().sqrt()  # of a ball about zero, one about zero
            yield "sd", f"{term.name} {effect}", sd, own.sd.iloc[i]
        for j, i in combinations(range(term.k), 2):
            if T[i, i] > 0 and T[j, j] > 0:
                names = f"{term.name} {term.effects[j]}, {term.effects[i]}"
                value = T[i, j] / (T[i, i] * T[j, j]).sqrt()
                yield "corr", names, value, own.corr.iloc[i, j]
