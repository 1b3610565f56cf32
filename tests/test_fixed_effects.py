"""Tests of fixed effects: degrees of freedom against proofs and R, tables of terms, contrasts.

At R's own theta lmerTest has the digits of its numerical derivatives, and pbkrtest those of its
sparse algebra; lmerTest rounds the contrasts of type 3 to seven digits.
"""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import refmixed as rm
from validation.adapters import r
from validation.ask import finding
from validation.invariance.requests import requests
from validation.suite import cases, verdicts

pytestmark = pytest.mark.numerical

SLEEP, CAKE = rm.load_dataset("sleepstudy"), rm.load_dataset("cake")
SLOPES = "Reaction ~ Days + (Days | Subject)"
OURS = ("df_satterthwaite", "se_kr", "df_kr")
PROVEN = [
    case["id"]
    for case in cases.everything()
    if case["level"] == "inference" and "df_satterthwaite" in case["expected"]
]


def some(data: pd.DataFrame, seed: int, n: int) -> pd.DataFrame:
    """n of the rows."""
    rows = np.sort(np.random.default_rng(seed).choice(len(data), n, replace=False))
    return data.iloc[rows].reset_index(drop=True)


# --- proofs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", ["refmixed", "refmixed_penalized", "refmixed_marginal"])
def test_every_proven_value_is_met_by_each_route(route: str) -> None:
    adapter, passed = finding.find(route), 0
    for name in PROVEN:
        case = cases.one(name)
        case["expected"] = {q: v for q, v in case["expected"].items() if q in OURS}
        (request,) = requests(case)
        outcomes = verdicts.judge(case, adapter.run(request))
        assert [(name, o) for o in outcomes if o.verdict != verdicts.PASS] == []
        passed += len(outcomes)
    assert passed > 150


# --- R --------------------------------------------------------------------------------------------

ASK = """function(formula, data, REML, weights) {
  call <- list(as.name("lmer"), str2lang(formula), data = as.name("data"), REML = REML)
  if (!is.null(weights)) call$weights <- as.name(weights)
  steps <- list(xtol_abs = 1e-12, xtol_rel = 0, ftol_abs = 0, ftol_rel = 0, maxeval = 1e5)
  call$control <- lme4::lmerControl(optCtrl = steps)
  suppressPackageStartupMessages(library(lmerTest))
  m <- eval(as.call(call), list2env(list(data = data), parent = globalenv()))
  table <- function(a) list(names = rownames(a), values = unname(as.matrix(as.data.frame(a))))
  kinds <- c("Satterthwaite", if (REML) "Kenward-Roger")
  tables <- lapply(setNames(kinds, tolower(kinds)), function(ddf)
    list(t = table(coef(summary(m, ddf = ddf))), three = table(anova(m, ddf = ddf)),
         one = table(anova(m, type = 1, ddf = ddf))))
  list(theta = unname(lme4::getME(m, "theta")), tables = tables)
}"""


def asked(formula: str, data: pd.DataFrame, reml: bool = True, weights: str | None = None) -> Any:
    """What lmerTest and pbkrtest say, and our fit at lme4's theta."""
    found = r.ask(ASK, formula, data, reml, weights)
    return found["tables"], rm.lmer(formula, data, reml, weights=weights, theta=found["theta"])


@cache
def lmertest() -> None:
    """A skip where R has no lmerTest."""
    for package in ("lmerTest", "pbkrtest"):
        if not r.ask(f"function() requireNamespace('{package}', quietly = TRUE)")[0]:
            pytest.skip(f"R has no package {package}")


def agree(ours: pd.DataFrame, theirs: Any, digits: dict[str, float]) -> None:
    """Each column has so many digits; the rows are told by their names."""
    names = list(theirs["names"] or [])
    assert sorted(names) == sorted(ours.index)
    values = np.reshape(theirs["values"], (len(names), len(ours.columns)))
    for j, column in enumerate(ours.columns):
        a, b = ours.loc[names, column].to_numpy(dtype=float), values[:, j]
        off = np.where(np.isnan(a) & np.isnan(b), 0.0, np.abs(a - b))
        assert (off <= 10.0 ** -digits.get(column, 6.0) * np.abs(np.nan_to_num(b))).all(), column


def unbalanced() -> pd.DataFrame:
    """The sleep study without some rows."""
    return SLEEP.drop(index=[3, 7, 8, 25, 26, 27, 60, 100, 101, 150, 171, 172, 173, 174])


def with_empty_cells() -> pd.DataFrame:
    """The cakes without two combinations, one of them the last of its row."""
    data = some(CAKE, 3, 200)
    data["oven"] = pd.Categorical(
        np.array(["a", "b", "c"])[data["temp"].to_numpy().astype(int) // 20 % 3]
    )
    gone = (data["recipe"] == "B") & (data["oven"] == "b")
    return data[~gone].reset_index(drop=True)


MODELS: list[tuple[str, Any]] = [
    (SLOPES, lambda: SLEEP),
    (SLOPES, unbalanced),
    ("Reaction ~ poly(Days, 2) + (1 | Subject)", unbalanced),
    ("angle ~ recipe * temperature + (1 | recipe:replicate)", lambda: CAKE),
    ("angle ~ recipe * temperature + (1 | recipe:replicate)", lambda: some(CAKE, 3, 200)),
    (
        "angle ~ recipe * temp + (1 | replicate) + (1 | recipe:replicate)",
        lambda: some(CAKE, 4, 150),
    ),
    ("angle ~ temp * recipe + (temp | replicate)", lambda: some(CAKE, 3, 200)),
    ("angle ~ 0 + recipe + temp + (1 | replicate)", lambda: some(CAKE, 5, 150)),
    ("angle ~ recipe + (1 | replicate)", lambda: some(CAKE, 6, 150)),
    ("angle ~ recipe:temp + (1 | replicate)", lambda: some(CAKE, 7, 150)),
    ("angle ~ C(recipe, contr.sum) * temperature + (1 | replicate)", lambda: some(CAKE, 8, 200)),
    ("angle ~ recipe * oven + (1 | replicate)", with_empty_cells),
    ("angle ~ recipe * oven * temp + (1 | replicate)", with_empty_cells),
    ("Yield ~ 1 + (1 | Batch)", lambda: rm.load_dataset("Dyestuff2")),
]


@pytest.mark.filterwarnings("ignore::refmixed.errors.RankWarning")
@pytest.mark.parametrize(("formula", "make"), MODELS, ids=range(len(MODELS)))
def test_tables_are_those_of_lmertest(lme4: ModuleType, formula: str, make: Any) -> None:
    lmertest()
    tables, fit = asked(formula, make().reset_index(drop=True))
    for df, theirs in tables.items():
        exact = df == "kenward-roger"
        digits = {"df": 9.0 if exact else 4.0, "DenDF": 6.0 if exact else 4.0, "Std. Error": 10.0}
        digits |= {"Pr(>|t|)": 4.0, "Pr(>F)": 4.0, "Estimate": 9.0, "t value": 9.0}
        agree(fit.test_fixed(df, type=None), theirs["t"], digits)
        agree(fit.test_fixed(df, type=1), theirs["one"], digits | {"F value": 8.0})
        agree(
            fit.test_fixed(df),
            theirs["three"],
            digits | {"F value": 5.0, "Sum Sq": 5.0, "Mean Sq": 5.0},
        )


@pytest.mark.parametrize("weights", [None, "w"])
def test_fits_by_maximum_likelihood_and_weighted_ones_too(
    lme4: ModuleType, weights: str | None
) -> None:
    lmertest()
    data = unbalanced().reset_index(drop=True)
    data["w"] = 1.0 + data["Days"] % 3
    reml = weights is not None  # pbkrtest does not know of weights
    tables, fit = asked(SLOPES, data, reml, weights)
    digits = {"df": 4.0, "DenDF": 4.0, "Pr(>|t|)": 4.0, "Pr(>F)": 4.0, "Std. Error": 10.0}
    agree(fit.test_fixed(type=None), tables["satterthwaite"]["t"], digits)
    agree(fit.test_fixed(), tables["satterthwaite"]["three"], digits)
