"""Variances and correlations of a fit, by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from .covariance import covariance, factors
from .design import Design
from .linalg import Array
from .r.summary import TermSummary, variance_table


@dataclass(frozen=True)
class TermCovariance:
    """The covariance of one random term's k effects, in the units of the response."""

    sd: pd.Series  # (k,)
    corr: pd.DataFrame  # (k, k), off the diagonal NaN where a standard deviation is zero
    cov: pd.DataFrame  # (k, k)


class VarCorr(dict[str, TermCovariance]):
    """{term: TermCovariance} and `sigma`, the residual standard deviation.

    Prints as lme4's VarCorr.  A second term of a group is "Subject.1".
    """

    sigma: float

    def __init__(self, terms: Iterable[tuple[str, TermCovariance]], sigma: float) -> None:
        super().__init__(terms)
        self.sigma = sigma

    @property
    def summaries(self) -> tuple[TermSummary, ...]:
        """The terms as the summary takes them."""
        return tuple(
            TermSummary(name, tuple(t.sd.index), t.sd.to_numpy(), t.corr.to_numpy())
            for name, t in self.items()
        )

    def __str__(self) -> str:
        return "\n".join(variance_table(self.summaries, self.sigma, digits=5, variances=False))


def varcorr(design: Design, theta: Array, sigma: float) -> VarCorr:
    """What theta (m,) and sigma say of each term.  eq:Sigma"""
    triangles = factors(design, theta)
    named = zip(design.terms, triangles, strict=True)
    return VarCorr(((term.name, labelled(term.effects, t, sigma)) for term, t in named), sigma)


def labelled(effects: tuple[str, ...], triangle: Array, sigma: float) -> TermCovariance:
    """One term's covariance with the names of its effects."""
    found, names = covariance(triangle, sigma), list(effects)
    return TermCovariance(
        sd=pd.Series(found.sd, index=names),
        corr=pd.DataFrame(found.corr, index=names, columns=names),
        cov=pd.DataFrame(found.cov, index=names, columns=names),
    )
