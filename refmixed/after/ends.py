"""Estimates from many responses of one design, a row each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..covariance import theta_names
from ..design import Design
from ..linalg import Array


@dataclass(frozen=True)
class Refits:
    """Estimates from many responses, a row each, named as the columns of the responses are."""

    theta: pd.DataFrame  # (b, m)
    beta: pd.DataFrame  # (b, p)
    sigma: pd.Series[Any]  # (b,)
    criterion: pd.Series[Any]  # (b,)
    is_singular: pd.Series[Any]  # (b,)
    messages: pd.Series[Any]  # (b,) what a fit by itself warned of, or why there is none
    vcov: Array  # (b, p, p)  eq:vcov


# theta (b, m), beta (b, p), sigma (b,), criterion (b,), vcov (b, p, p)
Ends = tuple[Array, Array, Array, Array, Array]


def no_ends(design: Design, b: int) -> Ends:
    """Estimates that are not there yet."""
    m, p = design.m, design.p
    theta, beta, sigma, criterion, vcov = (
        np.full((b, *shape), np.nan) for shape in ((m,), (p,), (), (), (p, p))
    )
    return theta, beta, sigma, criterion, vcov


def keep(found: Any, ends: Ends, singular: Array, j: int) -> None:
    """Put the estimates of a fit into row j."""
    numbers = found.theta, found.beta, found.sigma, found.criterion, found.vcov
    for kept, new in zip(ends, numbers, strict=True):
        kept[j] = new
    singular[j] = found.is_singular


def by_name(
    design: Design, names: pd.Index, ends: Ends, singular: Array, words: list[str]
) -> Refits:
    """Estimates, a row each, under their names."""
    theta, beta, sigma, criterion, vcov = ends
    sigmas, criteria = pd.Series(sigma, index=names), pd.Series(criterion, index=names)
    return Refits(
        theta=pd.DataFrame(theta, index=names, columns=theta_names(design)),
        beta=pd.DataFrame(beta, index=names, columns=list(design.names)),
        sigma=sigmas,
        criterion=criteria,
        is_singular=pd.Series(singular, index=names),
        messages=pd.Series(words, index=names),
        vcov=vcov,
    )
