"""What lme4 says, live: one function a question, each answer plain numbers.

The R side is lme4.R, beside this file.  Names of columns, levels and terms are lme4's own; arrays
are float64.  Every function raises `r.RError` with R's message when R stops, and
TypeError for data frames that hold strings (see `r.frame`).

    m = fit("Reaction ~ Days + (Days | Subject)", load_dataset("sleepstudy"))
    m.facts["sigma"], m.messages, summary_lines(m)

How exact `tight` is: on lme4's examples the criterion is within 5e-13 of its minimum, and theta
within 2e-7, which is all that can be told from a criterion computed in doubles.  To compare further
digits take lme4's answers `at` a given theta: nothing but arithmetic is in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from refmixed.linalg import Array

from . import r

R_SIDE = Path(__file__).with_suffix(".R")
COUNTS = ("nobs", "df")
SCALARS = ("formula", "reml", "criterion", "loglik", "aic", "bic", "sigma", "singular", "optimizer")


@dataclass(frozen=True)
class Fit:
    """A model that R holds, and the warnings and messages that lme4 gave while fitting it."""

    model: Any
    messages: tuple[str, ...]

    @cached_property
    def facts(self) -> dict[str, Any]:
        """`facts` of this fit, asked once."""
        return facts(self)


def fit(
    formula: str,
    data: pd.DataFrame,
    reml: bool = True,
    weights: str | None = None,
    offset: str | None = None,
    optimizer: str = "nloptwrap",
    tight: bool = True,
) -> Fit:
    """lme4's fit; weights and offset are names of columns of data.

    optimizer is "nloptwrap" (lme4's default), "bobyqa" or "Nelder_Mead"; tight=False takes lme4's
    own stopping rules.
    """
    options = {"optimizer": optimizer, "tight": tight}
    return _model("fit", formula, data, REML=reml, weights=weights, offset=offset, **options)


def at(
    formula: str,
    data: pd.DataFrame,
    theta: npt.ArrayLike,
    reml: bool = True,
    weights: str | None = None,
    offset: str | None = None,
) -> Fit:
    """lme4's model at theta (m,) instead of at its optimum: all but the optimiser is lme4's."""
    point = np.asarray(theta, dtype=np.float64)
    return _model("at", formula, data, theta=point, REML=reml, weights=weights, offset=offset)


def devfun(
    formula: str,
    data: pd.DataFrame,
    thetas: npt.ArrayLike,
    reml: bool = True,
    weights: str | None = None,
    offset: str | None = None,
) -> Array:
    """The profiled criterion (k,) at each row of thetas (k, m), or at one theta (m,)."""
    points = np.atleast_2d(np.asarray(thetas, dtype=np.float64))
    answer = _ask("devfun", formula, data, thetas=points, REML=reml, weights=weights, offset=offset)
    return np.asarray(answer)


def design(
    formula: str,
    data: pd.DataFrame,
    reml: bool = True,
    weights: str | None = None,
    offset: str | None = None,
) -> dict[str, Any]:
    """The matrices that lme4 makes of a formula, in lme4's order of terms.

    X (n, p), x_names, Z (n, q), y (n,), weights and offset (n,) or empty; groups and effects, the
    grouping factor and the names of the effects of each term; levels and codes (n,), counted from
    1, of each grouping factor; theta, where lme4 starts, and lower (m,); Lind, the entry of theta
    at each nonzero of Lambdat, counted from 1, and Lambdat (q, q) at that start.
    """
    options = {"REML": reml, "weights": weights, "offset": offset}
    answer: dict[str, Any] = _ask("design", formula, data, **options)
    return answer


def facts(fit: Fit) -> dict[str, Any]:
    """Everything that lme4 says about a fit.

    formula, reml, nobs, criterion (-2 log-likelihood; REML's when reml), loglik, df, aic, bic,
    sigma; theta, lower (m,), theta_names; beta, se {effect: value}, vcov (p, p);
    varcorr {term: {"effects", "sd" {effect: value}, "corr", "cov" (k, k)}}, where a second term of
    a group is "Subject.1"; ranef and coef {group: {"levels", "effects", "values" (levels,
    effects)}}, in ranef with "condvar" (k, k, levels), or a list of such, one a term, for a group
    with several; fitted (n,); residuals {"response", "pearson", "scaled" (n,)}; singular;
    messages; optimizer, None where there was none.
    """
    facts: dict[str, Any] = r.to_python(_call("facts", fit.model).value)
    facts |= {key: _scalar(facts[key]) for key in SCALARS}
    facts |= {key: int(_scalar(facts[key])) for key in COUNTS}
    effects = facts.pop("effects")
    facts["beta"] = _named(effects, facts["beta"])
    facts["se"] = _named(effects, np.sqrt(np.diag(facts["vcov"])))
    for term in facts["varcorr"].values():
        term["sd"] = _named(term["effects"], term["sd"])
    for group in facts["coef"].values():
        del group["condvar"]  # which lme4 has for ranef alone
    return facts | {"messages": list(fit.messages)}


def predict(
    fit: Fit,
    newdata: pd.DataFrame | None = None,
    population: bool = False,
    allow_new_levels: bool = False,
    re_form: str | None = None,
) -> Array:
    """Predictions for the rows of newdata, or of the data; nan where a variable is missing.

    population leaves all random effects out; re_form, such as "~ (1 | Subject)", keeps some.
    """
    options = {"re_form": re_form, "population": population, "new_levels": allow_new_levels}
    return np.asarray(r.to_python(_call("predicted", fit.model, newdata=newdata, **options).value))


def summary_lines(fit: Fit) -> list[str]:
    """What print(summary(m)) writes, 80 columns wide."""
    return list(r.to_python(_call("summary_lines", fit.model).value))


def _call(function: str, *args: Any, **kwargs: Any) -> r.Answer:
    """Call a function of lme4.R."""
    return r.call(r.load(str(R_SIDE))[function], *args, **kwargs)


def _ask(function: str, formula: str, data: pd.DataFrame, **kwargs: Any) -> Any:
    """The answer of a function of lme4.R about a formula and data."""
    return r.to_python(_call(function, formula, data, _name(data), **kwargs).value)


def _model(function: str, formula: str, data: pd.DataFrame, **kwargs: Any) -> Fit:
    """A model that a function of lme4.R makes, with what lme4 said meanwhile."""
    answer = _call(function, formula, data, _name(data), **kwargs)
    return Fit(answer.value, answer.warnings + answer.messages)


def _name(data: pd.DataFrame) -> str:
    """What the data are called in lme4's printed call."""
    return str(data.attrs.get("name", "data"))


def _named(names: list[str], values: Array) -> dict[str, float]:
    """Values by name."""
    return dict(zip(names, values.tolist(), strict=True))


def _scalar(value: Any) -> Any:
    """The one element of a vector, which R has for a scalar; None stays."""
    return value if value is None else np.asarray(value).item()
