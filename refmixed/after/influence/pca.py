"""Principal components of the random effects of each group: lme4's rePCA.

They are those of the relative covariance T of one level, and of its effects in the user's units:
another unit of a covariate turns them.  A standard deviation of zero is a direction in which the
effects do not vary, as in a singular fit.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.linalg import block_diag

from ...covariance import factors
from ...linalg import Array

TIE = 1e-8  # of the largest; of two standard deviations as near as this no direction is known


@dataclass(frozen=True)
class Components:
    """Of the K effects of a level, those of all terms of the group; a column a component.

    `axes` are unit vectors, their first entry positive; nan where two components have the same
    standard deviation, so that any two directions between theirs would do.
    """

    sd: pd.Series  # (K,)  relative to sigma, the largest first
    proportion: pd.Series  # (K,)  of the sum of variances; nan where all are zero
    cumulative: pd.Series  # (K,)
    axes: pd.DataFrame  # (K, K)


def pca(fit: Any) -> dict[str, Components]:
    """{group: Components} of a Fit.  eq:principal-components"""
    blocks: dict[str, list[Array]] = defaultdict(list)
    names: dict[str, list[str]] = defaultdict(list)
    for term, factor in zip(
        fit.design.terms, factors(fit.design, fit.theta.to_numpy()), strict=True
    ):
        blocks[term.group].append(factor)
        names[term.group] += term.effects
    return {group: components(block_diag(*blocks[group]), names[group]) for group in blocks}


def components(factor: Array, names: list[str]) -> Components:
    """The principal components of factor factor', (K, K).  eq:principal-components"""
    axes, sd, _ = np.linalg.svd(factor)
    first = (np.abs(axes) > TIE).argmax(axis=0)
    axes = axes * np.where(axes[first, np.arange(len(sd))] < 0, -1.0, 1.0)
    gaps = np.diff(sd, prepend=np.inf, append=-np.inf)
    axes[:, np.minimum(-gaps[:-1], -gaps[1:]) <= TIE * sd[0]] = np.nan
    labels = [f"PC{j}" for j in range(1, len(sd) + 1)]
    whole = float(sd @ sd) or np.nan
    return Components(
        sd=pd.Series(sd, index=labels),
        proportion=pd.Series(sd**2 / whole, index=labels),
        cumulative=pd.Series(np.cumsum(sd**2) / whole, index=labels),
        axes=pd.DataFrame(axes, index=names, columns=labels),
    )
