"""The joint covariance of the errors of beta-hat and gamma-hat, of which predictions are made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ..design import Design
from ..evaluation import places
from ..linalg import afford
from .estimated import Estimated
from .predict import tell_of_open

ADVICE = "predict(se=True) has the errors of rows, ranef(cond_var='beta estimated') those of levels"


def joint_cov(fit: Any) -> pd.DataFrame:
    """Cov(beta-hat - beta, gamma-hat - gamma) (p + q, p + q), theta taken as known.

    Raises MemoryLimitError.  eq:joint-covariance
    """
    tell_of_open(fit)
    here, design = Estimated.of(fit), fit.design
    size = design.p + design.q
    with afford(len(design.y), design.p, design.q, 8.0 * size**2, ADVICE):
        rows = unit_rows(here)
        found = here.route.error_covariance(here.design, here.theta, rows)  # (p + q, p + q)
    names = [("", "", name) for name in design.names]
    for term in design.terms:
        names += [(term.name, level, effect) for level in term.levels for effect in term.effects]
    index = pd.MultiIndex.from_tuples(names, names=["term", "level", "effect"])
    return pd.DataFrame(fit.sigma**2 * (found + found.T) / 2, index=index, columns=index)


def unit_rows(here: Estimated) -> Design:
    """Rows that ask for each fixed and then each random effect of the user's alone."""
    design, p = here.design, here.design.p
    n, terms = p + design.q, []
    for t, (term, here_) in enumerate(zip(design.terms, places(design), strict=True)):
        codes, x = np.zeros(n, dtype=int), np.zeros((n, term.k))
        for a, rows in enumerate((p + here_).T):
            codes[rows], x[rows, a] = np.arange(len(rows)), 1.0
        terms.append(replace(term, codes=codes, x=here.effects_in(t, x)))
    X = here.fixed_in(np.eye(n, p))
    return replace(design, y=np.zeros(n), X=X, terms=tuple(terms))
