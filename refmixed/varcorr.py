"""Standard deviations, correlations and covariances of the random effects, by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .covariance import factors
from .design import Design
from .linalg import Array
from .r.format import character_matrix, format_numbers, lower_triangle

STYLES = ("1.1", "2.x")  # of lme4, whose layout tables have


@dataclass(frozen=True)
class TermCovariance:
    """The covariance of one random term's k effects, in the units of the response."""

    sd: pd.Series  # (k,)
    corr: pd.DataFrame  # (k, k), off the diagonal NaN where a standard deviation is zero
    cov: pd.DataFrame  # (k, k)


class VarCorr(dict[str, TermCovariance]):
    """{term: TermCovariance} and `sigma`, the residual standard deviation, None if there is none.

    Prints as lme4's VarCorr.  A second term of a group is "Subject.1".
    """

    sigma: float | None

    def __init__(self, terms: Iterable[tuple[str, TermCovariance]], sigma: float | None) -> None:
        super().__init__(terms)
        self.sigma = sigma

    def __str__(self) -> str:
        return "\n".join(variance_table(self, digits=5, variances=False))

    __repr__ = __str__


def varcorr(design: Design, theta: Array, sigma: float) -> VarCorr:
    """What theta (m,) and sigma say of each term."""
    return VarCorr(covariances(design, theta, sigma), sigma)


def covariances(design: Design, theta: Array, sigma: float) -> Iterator[tuple[str, TermCovariance]]:
    """The name of each term, and its covariance."""
    for term, triangle in zip(design.terms, factors(design, theta), strict=True):
        yield term.name, covariance(term.effects, triangle, sigma)


def covariance(effects: Iterable[str], triangle: Array, sigma: float) -> TermCovariance:
    """What a term's factor (k, k) says of its effects.  eq:Sigma"""
    with np.errstate(all="ignore"):  # a variance may be zero, or beyond doubles
        cov = sigma**2 * triangle @ triangle.T  # (k, k)  eq:Sigma
        sd = np.sqrt(np.diag(cov))  # (k,)
        corr = cov / np.outer(sd, sd)
    np.fill_diagonal(corr, 1.0)
    names = list(effects)
    return TermCovariance(
        sd=pd.Series(sd, index=names),
        corr=pd.DataFrame(corr, index=names, columns=names),
        cov=pd.DataFrame(cov, index=names, columns=names),
    )


def variance_table(
    terms: VarCorr, digits: int, variances: bool = True, style: str = "1.1"
) -> list[str]:
    """A row for each effect and one for residuals (formatVC), if any, with or without variances.

    lme4 2.x has a column more for correlations, which is empty: a blank at the ends of lines.
    """
    residual = [] if terms.sigma is None else [terms.sigma]
    sd = np.concatenate([*(term.sd for term in terms.values()), residual])
    columns = [format_numbers(sd**2, digits)] * variances + [format_numbers(sd, digits)]
    widest = max((len(term.sd) for term in terms.values()), default=1)
    room = 0 if widest == 1 else {"1.1": widest - 1, "2.x": widest}[style]  # of correlations
    triangles = (t.corr.to_numpy() for t in terms.values())
    corr = [row for t in triangles for row in lower_triangle(t, max(2, digits - 2), room)]
    labels = [label for name, term in terms.items() for label in labelled(name, term)]
    labels += [("Residual", "")] * len(residual)
    corr += [[""] * room] * len(residual)
    rows = zip(labels, zip(*columns, strict=True), corr, strict=True)
    cells = [[*label, *numbers, *correlations] for label, numbers, correlations in rows]
    header = ["Groups", "Name", *["Variance"] * variances, "Std.Dev."]
    header += ["Corr", *[""] * (room - 1)][:room]
    return character_matrix([""] * len(cells), header, cells)


def labelled(group: str, term: TermCovariance) -> list[tuple[str, str]]:
    """(group, effect) for each effect; the group is named once."""
    groups = [group, *[""] * (len(term.sd) - 1)]
    return list(zip(groups, term.sd.index, strict=True))
