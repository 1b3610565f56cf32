"""A fit, or whatever else a function of a sample returns, as rows: one an estimate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from .errors import StudyError
from .fit import Fit


def tidy(fit: Fit) -> pd.DataFrame:
    """Columns effect, group, term, estimate, se; as broom.mixed's tidy() of an lmer.

    Fixed effects have standard errors; the standard deviations and correlations of the random
    effects (sd__Days, cor__(Intercept).Days) and of the residuals (sd__Observation) have none.
    """
    fixed = [("fixed", None, term, fit.beta[term], fit.se[term]) for term in fit.beta.index]
    random = [("ran_pars", *row, np.nan) for row in random_rows(fit)]
    frame = pd.DataFrame([*fixed, *random], columns=["effect", "group", "term", "estimate", "se"])
    return frame.astype({"group": "str"})


def random_rows(fit: Fit) -> Iterator[tuple[str, str, float]]:
    """(group, term, estimate) of each variance component."""
    for name, term in fit.varcorr.items():
        effects, corr = list(term.sd.index), term.corr.to_numpy()
        for j, effect in enumerate(effects):
            yield name, f"sd__{effect}", float(term.sd.iloc[j])
            for k in range(j + 1, len(effects)):
                yield name, f"cor__{effect}.{effects[k]}", corr[j, k]
    yield "Residual", "sd__Observation", fit.sigma


def as_rows(found: Any) -> pd.DataFrame:
    """The rows of what a fit function returned.

    A Fit gives those of `tidy`; a data frame its own; a mapping or Series {term: estimate} a row
    each; one number a row.  Raises StudyError for anything else.
    """
    if isinstance(found, Fit):
        return tidy(found)
    if isinstance(found, pd.DataFrame):
        return found.reset_index(drop=True)  # a copy: the study adds columns
    if isinstance(found, int | float | np.number):
        found = {"estimate": found}
    if isinstance(found, Mapping | pd.Series):
        pairs = [(str(term), float(value)) for term, value in found.items()]
        return pd.DataFrame(pairs, columns=["term", "estimate"])
    raise StudyError(
        "a fit function returns a Fit, a data frame, {term: estimate}, a Series or a number, "
        f"not {type(found).__name__}"
    )
