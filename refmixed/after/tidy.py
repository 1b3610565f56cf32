"""What a fit says as data frames, with the columns, order and values of broom.mixed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..checks import one_of
from ..prediction import half_width
from .switches import a_level, true_or_false

COLUMNS = (
    "effect", "group", "level", "term", "estimate", "std.error", "statistic", "p.value", "conf.low",
    "conf.high",
)  # fmt: skip
Parts = Mapping[str, Callable[[Any], pd.DataFrame]]
RESIDUAL = ("Residual", "sd__Observation")


def tidy(fit: Any, effects: Any, conf_int: bool, conf_level: float) -> pd.DataFrame:
    """A row for each fixed effect, covariance parameter and random effect.  Raises OptionError."""
    return table(fit, PARTS, effects, conf_int, conf_level)


def table(fit: Any, parts: Parts, effects: Any, conf_int: bool, conf_level: float) -> pd.DataFrame:
    """The tables of some parts, one under the other."""
    wanted = list(effects) if isinstance(effects, list | tuple | set | frozenset) else [effects]
    for effect in wanted or [None]:
        one_of("effects", effect, parts)
    reach = half_width(a_level(conf_level, "conf_level"))
    has_limits = true_or_false("conf_int", conf_int)
    tables = [part(fit).assign(effect=name) for name, part in parts.items() if name in wanted]
    found = pd.concat(tables, ignore_index=True)
    if has_limits:
        error = found.get("std.error", np.nan)
        found["conf.low"] = found["estimate"] - reach * error
        found["conf.high"] = found["estimate"] + reach * error
    return found[[name for name in COLUMNS if name in found]]


def fixed(fit: Any) -> pd.DataFrame:
    """Fixed effects, their standard errors and t (or z) values."""
    columns = {"estimate": fit.beta, "std.error": fit.se, "statistic": fit.beta / fit.se}
    return pd.DataFrame({"term": list(fit.design.names)}).assign(
        **{name: values.to_numpy() for name, values in columns.items()}
    )


def ran_pars(fit: Any) -> pd.DataFrame:
    """Standard deviations and correlations, a row of each lower triangle after the other."""
    rows = [row for name, term in fit.varcorr.items() for row in parameters(name, term)]
    rows += [] if fit.varcorr.sigma is None else [(*RESIDUAL, fit.varcorr.sigma)]
    return pd.DataFrame(rows, columns=["group", "term", "estimate"])


def parameters(group: str, term: Any) -> Iterator[tuple[str, str, float]]:
    """The standard deviations and correlations of one term, column by column."""
    names = list(term.sd.index)
    for j, name in enumerate(names):
        yield group, f"sd__{name}", term.sd.iloc[j]
        for i in range(j + 1, len(names)):
            yield group, f"cor__{name}.{names[i]}", term.corr.iloc[i, j]


def ran_vals(fit: Any) -> pd.DataFrame:
    """Random effects, and their standard deviations given y, beta and theta."""
    found = fit.ranef(cond_var=True)
    tables = [pd.DataFrame(columns=["group", "level", "term", "estimate", "std.error"])]
    for group, frame in found.items():
        spread = np.sqrt(np.einsum("kkl->lk", found.cond_var[group]))  # (levels, k)
        columns = {
            "group": group,
            "level": np.tile(frame.index.astype(str), frame.shape[1]),
            "term": np.repeat(list(frame.columns), len(frame)),
            "estimate": frame.to_numpy().ravel(order="F"),
            "std.error": spread.ravel(order="F"),
        }
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables[1:] or tables, ignore_index=True)


PARTS: Parts = {
    "fixed": fixed,
    "ran_pars": ran_pars,
    "ran_vals": ran_vals,
}


def glance(fit: Any) -> pd.DataFrame:
    """One row: how good the fit is."""
    criterion = "REMLcrit" if fit.reml else "deviance"
    return pd.DataFrame(
        {
            "nobs": [fit.nobs],
            "sigma": [fit.sigma],
            "logLik": [fit.loglik],
            "AIC": [fit.aic],
            "BIC": [fit.bic],
            criterion: [fit.criterion],
            "df.residual": [fit.df_residual],
        }
    )
