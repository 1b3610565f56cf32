"""Tests of fixed effects: degrees of freedom against proofs and R, tables of terms, contrasts.

At R's own theta lmerTest has the digits of its numerical derivatives, and pbkrtest those of its
sparse algebra; lmerTest rounds the contrasts of type 3 to seven digits.
"""

from __future__ import annotations

import tracemalloc
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import refmixed as rm
from refmixed.after.fixed.tables import f_tail, t_tail
from refmixed.errors import FreedomWarning, OptionError
from refmixed.linalg import Array
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


@pytest.mark.parametrize(
    ("route", "names"),
    [
        ("refmixed", PROVEN),
        ("refmixed_penalized", PROVEN[::4]),  # make validate asks all of all routes
        ("refmixed_marginal", PROVEN[2::4]),
    ],
)
def test_proven_values_are_met_by_each_route(route: str, names: list[str]) -> None:
    adapter, passed = finding.find(route), 0
    for name in names:
        case = cases.one(name)
        case["expected"] = {q: v for q, v in case["expected"].items() if q in OURS}
        (request,) = requests(case)
        outcomes = verdicts.judge(case, adapter.run(request))
        assert [(name, o) for o in outcomes if o.verdict != verdicts.PASS] == []
        passed += len(outcomes)
    assert passed >= 2 * len(names)


# --- R --------------------------------------------------------------------------------------------

ASK = """function(formula, data, REML, weights) {
  call <- list(as.name("lmer"), str2lang(formula), data = as.name("data"), REML = REML)
  if (!is.null(weights)) call$weights <- as.name(weights)
  steps <- list(xtol_abs = 1e-12, xtol_rel = 0, ftol_abs = 0, ftol_rel = 0, maxeval = 1e5)
  call$control <- lme4::lmerControl(optCtrl = steps)
  suppressPackageStartupMessages(library(lmerTest))
  on.exit(detach("package:lmerTest"))  # its lmer is not lme4's
  m <- eval(as.call(call), list2env(list(data = data), parent = globalenv()))
  table <- function(a) list(names = rownames(a), values = unname(as.matrix(as.data.frame(a))))
  kinds <- c("Satterthwaite", if (REML) "Kenward-Roger")
  tables <- lapply(setNames(kinds, tolower(kinds)), function(ddf)
    list(t = table(coef(summary(m, ddf = ddf))), three = table(anova(m, ddf = ddf)),
         two = table(anova(m, type = 2, ddf = ddf)),
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


def cakes(seed: int, n: int) -> pd.DataFrame:
    """n of the cakes, three ovens in place of six temperatures, and as an ordered factor."""
    data = some(CAKE, seed, n)
    which = data["temp"].to_numpy().astype(int) // 20 % 3
    data["oven"] = pd.Categorical.from_codes(which, ["a", "b", "c"])
    data["heat"] = pd.Categorical.from_codes(which, ["low", "mid", "high"], ordered=True)
    data.attrs["ordered"] = ["temperature", "heat"]
    return data


def with_empty_cell() -> pd.DataFrame:
    """The cakes without one combination."""
    data = cakes(3, 150)
    return data[(data["recipe"] != "B") | (data["oven"] != "b")].reset_index(drop=True)


MODELS: list[tuple[str, Any]] = [
    (SLOPES, lambda: SLEEP),
    (SLOPES, unbalanced),
    ("Reaction ~ poly(Days, 2) + (1 | Subject)", unbalanced),
    ("angle ~ recipe * heat + (1 | recipe:replicate)", lambda: cakes(3, 120)),
    ("angle ~ recipe * temp + (1 | replicate) + (1 | recipe:replicate)", lambda: cakes(4, 120)),
    ("angle ~ temp * recipe + (temp | replicate)", lambda: cakes(3, 120)),
    ("angle ~ 0 + recipe + temp + (1 | replicate)", lambda: cakes(5, 100)),
    ("angle ~ recipe + (1 | replicate)", lambda: cakes(6, 100)),
    ("angle ~ recipe:temp + (1 | replicate)", lambda: cakes(7, 100)),
    ("angle ~ C(recipe, contr.sum) * heat + (1 | replicate)", lambda: cakes(8, 120)),
    ("angle ~ recipe * oven + (1 | replicate)", with_empty_cell),
    ("angle ~ recipe * oven * temp + (1 | replicate)", with_empty_cell),
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
        agree(fit.test_fixed(df, type=2), theirs["two"], digits | {"F value": 8.0})
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


LME4 = """function(formula, data, weights) {
  call <- list(as.name("lmer"), str2lang(formula), data = as.name("data"))
  if (!is.null(weights)) call$weights <- as.name(weights)
  m <- eval(as.call(call), list2env(list(data = data), parent = as.environment("package:lme4")))
  table <- lme4:::anova.merMod(m)
  list(theta = unname(lme4::getME(m, "theta")), names = rownames(table),
       values = unname(as.matrix(as.data.frame(table))))
}"""


@pytest.mark.parametrize("weights", [None, "w"])
def test_the_sequential_table_is_that_of_lme4s_anova(lme4: ModuleType, weights: str | None) -> None:
    data, formula = cakes(3, 120), "angle ~ recipe * temp + (temp | replicate)"
    data["w"] = 1.0 + data["temp"] % 20 / 10
    theirs = r.ask(LME4, formula, data, weights)
    fit = rm.lmer(formula, data, theta=theirs["theta"], weights=weights)
    table = fit.test_fixed("infinite", type="sequential")
    assert list(table.index) == list(theirs["names"])
    ours = table[["NumDF", "Sum Sq", "Mean Sq", "F value"]]
    np.testing.assert_allclose(ours, theirs["values"], rtol=1e-9)


SUMMARY = """function(formula, data, name, REML, ddf) {
  suppressPackageStartupMessages(library(lmerTest))
  on.exit(detach("package:lmerTest"))  # its lmer is not lme4's
  call <- list(as.name("lmer"), str2lang(formula), data = as.name(name), REML = REML)
  steps <- list(xtol_abs = 1e-12, xtol_rel = 0, ftol_abs = 0, ftol_rel = 0, maxeval = 1e5)
  call$control <- lme4::lmerControl(optCtrl = steps)
  m <- eval(as.call(call), list2env(setNames(list(data), name), parent = globalenv()))
  m@call$control <- NULL
  capture.output(print(summary(m, ddf = ddf)))
}"""
SATTERTHWAITE, KENWARD_ROGER = "Satterthwaite", "Kenward-Roger"
PRINTED = [
    ("sleepstudy", SLOPES, SATTERTHWAITE, True),
    ("sleepstudy", SLOPES, SATTERTHWAITE, False),
    ("sleepstudy", SLOPES, KENWARD_ROGER, True),
    ("cake", "angle ~ recipe * temperature + (1 | recipe:replicate)", SATTERTHWAITE, False),
    ("Dyestuff2", "Yield ~ 1 + (1 | Batch)", SATTERTHWAITE, True),
    ("Dyestuff2", "Yield ~ 1 + (1 | Batch)", KENWARD_ROGER, True),
    ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)", SATTERTHWAITE, True),
    ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)", KENWARD_ROGER, True),
]


@pytest.mark.parametrize(("name", "formula", "ddf", "reml"), PRINTED)
def test_a_summary_with_tests_prints_as_lmertests(
    lme4: ModuleType, name: str, formula: str, ddf: str, reml: bool
) -> None:
    lmertest()
    data = rm.load_dataset(name)
    theirs = [
        line.replace("\u2018", "'").replace("\u2019", "'")
        for line in r.ask(SUMMARY, formula, data, name, reml, ddf)
    ]
    assert str(rm.lmer(formula, data, reml).summary(df=ddf.lower())).split("\n") == theirs


def test_tails_are_those_of_r(lme4: ModuleType) -> None:
    t = np.array([0.3, 2.0, 36.838, 8.35, 1.7, 1.7])
    df = np.array([0.036, 5.0, 17.0, 1e6, np.inf, 2.5])
    theirs = r.ask("function(t, df) 2 * pt(t, df, lower.tail = FALSE)", t, df)
    np.testing.assert_allclose(t_tail(t, df), theirs, rtol=1e-10)
    F, df2 = np.array([0.3, 5.6, 704.0, 3.2]), np.array([4.27, 0.9, 16.0, np.inf])
    theirs = r.ask("function(F, d) pf(F, 3, d, lower.tail = FALSE)", F, df2)
    np.testing.assert_allclose(
        [f_tail(a, 3, b) for a, b in zip(F, df2, strict=True)], theirs, rtol=1e-10
    )


KR_TEST = """function(formula, data, L) {
  suppressPackageStartupMessages({library(lme4); library(pbkrtest)})
  steps <- list(xtol_abs = 1e-12, xtol_rel = 0, ftol_abs = 0, ftol_rel = 0, maxeval = 1e5)
  m <- eval(as.call(list(as.name("lmer"), str2lang(formula), data = as.name("data"),
                         control = lmerControl(optCtrl = steps))),
            list2env(list(data = data), parent = globalenv()))
  x <- KRmodcomp(m, L)$test
  list(theta = unname(getME(m, "theta")),
       found = unlist(x["Ftest", c("stat", "ddf", "F.scaling", "p.value")]))
}"""


@pytest.mark.parametrize("L", [[[0.0, 1.0], [1.0, 0.0]], [[1.0, 4.5], [2.0, -1.0]], [[0.0, 1.0]]])
def test_kenward_rogers_f_of_any_contrasts_is_pbkrtests(lme4: ModuleType, L: Any) -> None:
    lmertest()
    data = unbalanced().reset_index(drop=True)
    theirs = r.ask(KR_TEST, SLOPES, data, np.array(L))
    row = (
        rm.lmer(SLOPES, data, theta=theirs["theta"])
        .test_fixed("kenward-roger", contrasts=np.array(L))
        .iloc[0]
    )
    ours = [
        row["F value"],
        row["DenDF"],
        row["F value"] * row["NumDF"] / row["Sum Sq"],
        row["Pr(>F)"],
    ]
    scale = rm.lmer(SLOPES, data, theta=theirs["theta"]).sigma ** 2
    ours[2] *= scale
    np.testing.assert_allclose(ours, theirs["found"], rtol=1e-9)


# --- what must hold of the numbers ----------------------------------------------------------------


def test_for_one_contrast_kenward_rogers_df_are_satterthwaites_with_the_same_information() -> None:
    fit = rm.lmer(SLOPES, unbalanced())
    for kr, satterthwaite in (
        ("kenward-roger", {"df": "satterthwaite-expected"}),
        ("kenward-roger-observed", {"df": "satterthwaite"}),
    ):
        ours = fit.test_fixed(kr, type=None)["df"]
        np.testing.assert_allclose(
            ours, fit.test_fixed(**satterthwaite, type=None)["df"], rtol=1e-8
        )
        alone = [fit.test_fixed(kr, contrasts=row[None])["DenDF"].iloc[0] for row in np.eye(2)]
        np.testing.assert_allclose(ours, alone, rtol=1e-12)


def test_observed_and_expected_information_part_in_unbalanced_data_only() -> None:
    ways = ("satterthwaite", "satterthwaite-expected")
    whole, part = rm.lmer(SLOPES, SLEEP), rm.lmer(SLOPES, unbalanced())
    balanced = [whole.test_fixed(df, type=None)["df"] for df in ways]
    np.testing.assert_allclose(balanced, 17.0, rtol=1e-9)
    one, two = (part.test_fixed(df, type=None)["df"] for df in ways)
    assert (np.abs(one - two) > 0.01).all()


def test_at_a_minimum_inside_parameters_do_not_matter_and_at_a_zero_they_do() -> None:
    inside = rm.lmer(SLOPES, unbalanced())
    for df in ("satterthwaite", "satterthwaite-expected"):
        both = [inside.test_fixed(df, type=None, parameters=p)["df"] for p in ("theta", "T")]
        np.testing.assert_allclose(*both, rtol=1e-7)
    zero = rm.lmer("Yield ~ 1 + (1 | Batch)", rm.load_dataset("Dyestuff2"))
    found = {
        p: zero.test_fixed("satterthwaite-expected", type=None, parameters=p)["df"].iloc[0]
        for p in ("theta", "T")
    }
    assert found == pytest.approx({"theta": 29.0, "T": 5.0}, rel=1e-12)
    assert zero.test_fixed(type=None)["df"].iloc[0] == pytest.approx(29.0, rel=1e-12)
    assert zero.test_fixed("kenward-roger", type=None)["df"].iloc[0] == pytest.approx(
        5.0, rel=1e-12
    )


@pytest.mark.parametrize("unit", [10.0, 1000.0, 1e-6])
def test_nothing_depends_on_the_unit_of_weights(unit: float) -> None:
    data = unbalanced().copy()
    data["w"] = 1.0 + data["Days"] % 3
    data["more"] = unit * data["w"]
    for df in ("satterthwaite", "kenward-roger", "kenward-roger-observed"):
        one, other = (
            rm.lmer(SLOPES, data, weights=w).test_fixed(df, type=None) for w in ("w", "more")
        )
        np.testing.assert_allclose(one, other, rtol=1e-9)


def test_nothing_depends_on_units_origins_or_the_order_of_rows() -> None:
    data = unbalanced()
    moved = data.assign(Days=1e3 * data["Days"] + 1e6, Reaction=data["Reaction"] / 7).sample(
        frac=1, random_state=1
    )
    one, other = rm.lmer(SLOPES, data), rm.lmer(SLOPES, moved)
    for df in ("satterthwaite", "kenward-roger"):
        a, b = one.test_fixed(df), other.test_fixed(df)
        np.testing.assert_allclose(a["DenDF"], b["DenDF"], rtol=1e-7)
        np.testing.assert_allclose(a["F value"], b["F value"], rtol=1e-7)


def test_without_random_effects_the_tests_are_the_classical_ones() -> None:
    fit = rm.lm("angle ~ recipe * temp", some(CAKE, 2, 100))
    X, y, n, p = fit.design.X, fit.design.y, 100, 6
    rest = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    cov = rest @ rest / (n - p) * np.linalg.inv(X.T @ X)
    for df in ("satterthwaite", "satterthwaite-expected", "kenward-roger", "residual"):
        table = fit.test_fixed(df, type=None)
        np.testing.assert_allclose(table["Std. Error"], np.sqrt(np.diag(cov)), rtol=1e-9)
        np.testing.assert_allclose(table["df"], n - p, rtol=1e-9)
        L = np.eye(p)[[1, 2]]
        row = fit.test_fixed(df, contrasts=L).iloc[0]
        b = L @ fit.beta
        assert row["F value"] == pytest.approx(b @ np.linalg.solve(L @ cov @ L.T, b) / 2, rel=1e-9)
        assert row["DenDF"] == pytest.approx(n - p, rel=1e-9)


def test_balanced_exact_laws_are_met_by_kenward_roger() -> None:
    """Of 18 lines that are a sample, an F of both coefficients is Hotelling's T^2."""
    row = rm.lmer(SLOPES, SLEEP).test_fixed("kenward-roger", contrasts=np.eye(2)).iloc[0]
    lines = np.linalg.lstsq(
        np.column_stack([np.ones(10), np.arange(10.0)]),
        SLEEP["Reaction"].to_numpy().reshape(18, 10).T,
        rcond=None,
    )[0].T
    T2 = 18 * lines.mean(axis=0) @ np.linalg.solve(np.cov(lines.T), lines.mean(axis=0))
    assert row["DenDF"] == pytest.approx(16.0, rel=1e-9)
    assert row["F value"] == pytest.approx(T2 * 16 / (17 * 2), rel=1e-9)


def test_the_joint_informations_errors_are_those_of_the_whole_hessian() -> None:
    """By differences of the log-density in beta, theta and log sigma; ML, where it has no P."""
    fit = rm.lmer(SLOPES, unbalanced(), reml=False)
    at = np.concatenate([fit.beta, fit.theta, [np.log(fit.sigma)]])
    steps = 1e-4 * np.array([50.0, 10.0, 1.0, 1.0, 1.0, 1.0])

    def height(z: Array) -> float:
        return -2.0 * rm.marginal.log_density(fit.design, z[2:5], np.exp(z[5]), z[:2])

    H = np.zeros((6, 6))
    for i in range(6):
        for j in range(6):
            signs = [(a, b) for a in (1, -1) for b in (1, -1)]
            moved = [
                a * b * height(at + a * steps * np.eye(6)[i] + b * steps * np.eye(6)[j])
                for a, b in signs
            ]
            H[i, j] = sum(moved) / (4 * steps[i] * steps[j])
    by_differences = np.sqrt(np.diag(2 * np.linalg.inv(H)))[:2]
    ours = fit.test_fixed("infinite", type=None, se="joint")["Std. Error"]
    np.testing.assert_allclose(ours, by_differences, rtol=1e-5)  # that of differences
    assert (ours > fit.se * 1.0001).all()


@pytest.mark.parametrize("route", ["blocked", "penalized", "marginal"])
def test_routes_agree_where_terms_are_crossed_nested_and_weighted(route: str) -> None:
    data = some(CAKE, 9, 160)
    data["w"] = 1.0 + data["temp"] % 20 / 10
    formula = "angle ~ recipe * temp + (temp | replicate) + (1 | recipe:replicate)"
    one = rm.lmer(formula, data, weights="w")
    other = rm.lmer(formula, data, weights="w", route=route)
    for df in ("satterthwaite", "kenward-roger", "satterthwaite-expected"):
        np.testing.assert_allclose(
            one.test_fixed(df, type=None), other.test_fixed(df, type=None), rtol=1e-6
        )


def test_chunks_and_arrays_have_the_same_tests() -> None:
    data = unbalanced()
    whole = rm.lmer(SLOPES, data)
    chunks = rm.lmer(SLOPES, [data.iloc[:70], data.iloc[70:]])
    X = np.column_stack([np.ones(len(data)), data["Days"]])
    arrays = rm.fit(data["Reaction"], X, [(data["Subject"], X)])
    for df in ("satterthwaite", "kenward-roger"):
        for other in (chunks, arrays):
            np.testing.assert_allclose(
                whole.test_fixed(df, type=None), other.test_fixed(df, type=None), rtol=1e-8
            )
        np.testing.assert_allclose(whole.test_fixed(df), chunks.test_fixed(df), rtol=1e-8)


def test_no_matrix_of_all_rows_or_effects_is_made() -> None:
    rng = np.random.default_rng(5)
    n, groups = 20_000, 1_000
    g, x = rng.integers(0, groups, n), rng.normal(size=n)
    X = np.column_stack([np.ones(n), x])
    y = (
        X @ [1.0, 2.0]
        + rng.normal(size=groups)[g]
        + rng.normal(size=groups)[g] * x
        + rng.normal(size=n)
    )
    fit = rm.fit(y, X, [(g, X)])
    tracemalloc.start()
    fit.test_fixed("kenward-roger", type=None)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 8 * 2_000**2  # bytes of one q x q matrix; n x n is a hundred times that


# --- hypotheses -----------------------------------------------------------------------------------


def test_contrasts_come_as_arrays_series_frames_and_dicts() -> None:
    fit = rm.lmer(SLOPES, unbalanced())
    table = fit.test_fixed(type=None)
    day = fit.test_fixed(contrasts=[0, 1])
    assert day.iloc[0].tolist() == pytest.approx(table.loc["Days"].tolist(), rel=1e-10)
    named = fit.test_fixed(
        contrasts={"slope": {"Days": 1}, "day 5": pd.Series({"(Intercept)": 1, "Days": 5})}
    )
    assert list(named.index) == ["slope", "day 5"]
    assert named.loc["day 5", "Estimate"] == pytest.approx(fit.beta @ [1, 5], rel=1e-12)
    frame = pd.DataFrame({"Days": [1, 0], "(Intercept)": [0, 1]}, index=["a", "b"])
    assert fit.test_fixed(contrasts=frame)["NumDF"].tolist() == [2]
    rows = fit.test_fixed(contrasts=frame, joint=False)
    assert list(rows.index) == ["a", "b"]
    np.testing.assert_allclose(rows, table.iloc[::-1], rtol=1e-10)
    F = fit.test_fixed(contrasts=[[0, 1]])
    assert F["F value"].iloc[0] == pytest.approx(day["t value"].iloc[0] ** 2, rel=1e-12)
    shifted = fit.test_fixed(contrasts=[0, 1], rhs=10.0)["t value"].iloc[0]
    assert shifted == pytest.approx((fit.beta["Days"] - 10.0) / fit.se["Days"], rel=1e-10)


def test_an_f_depends_on_the_span_of_its_contrasts_and_not_on_repeated_ones() -> None:
    fit = rm.lmer("angle ~ recipe + temp + (1 | replicate)", some(CAKE, 3, 120))
    L = np.array([[0.0, 1, 0, 0], [0, 0, 1, 0]])
    for df in ("kenward-roger", "satterthwaite"):
        one, more = (
            fit.test_fixed(df, contrasts=L),
            fit.test_fixed(df, contrasts=[*L, L[0] - 2 * L[1]]),
        )
        assert more["NumDF"].tolist() == [2]
        np.testing.assert_allclose(one["F value"], more["F value"], rtol=1e-8)
    turned = fit.test_fixed("kenward-roger", contrasts=[[0, 3, 1, 0], [0, 1, -1e3, 0]])
    np.testing.assert_allclose(turned, fit.test_fixed("kenward-roger", contrasts=L), rtol=1e-8)


def test_type_3_of_a_factor_does_not_depend_on_its_coding() -> None:
    data = some(CAKE, 3, 150)
    fits = [
        rm.lmer(f"angle ~ {f} * temp + (1 | replicate)", data)
        for f in ("recipe", "C(recipe, contr.sum)", "C(recipe, contr.helmert)")
    ]
    for df in ("satterthwaite", "kenward-roger"):
        first, *others = (fit.test_fixed(df).to_numpy() for fit in fits)
        for other in others:
            np.testing.assert_allclose(first, other, rtol=1e-7)


def test_tables_of_several_tests_are_chi_squares_where_asked() -> None:
    fit = rm.lmer("angle ~ recipe * temp + (1 | replicate)", CAKE)
    chi, F = fit.test_fixed("chi-square"), fit.test_fixed("infinite")
    np.testing.assert_allclose(chi["Chisq"], F["F value"] * F["NumDF"], rtol=1e-12)
    np.testing.assert_allclose(chi["Pr(>Chisq)"], F["Pr(>F)"], rtol=1e-10)


# --- what has no answer ---------------------------------------------------------------------------

FIT = rm.lmer(SLOPES, SLEEP)
REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("df must be one of", {"df": "between-within"}),
    ("type must be 1, 2, 3, 'sequential', 'marginal' or None", {"type": 4}),
    ("has 3 weights, and there are 2 coefficients", {"contrasts": [1, 2, 3]}),
    ("must be finite numbers", {"contrasts": [1, np.nan]}),
    ("must be finite numbers", {"contrasts": ["a", "b"]}),
    ("no weight that is not zero", {"contrasts": [[0, 1], [0, 0]]}),
    ("'days', which is no coefficient; did you mean 'Days'", {"contrasts": {"x": {"days": 1}}}),
    ("empty dict", {"contrasts": {}}),
    ("type must be 1, 2, 3, 'sequential', 'marginal' or None", {"type": [1]}),
    ("joint must be True or False, not 'yes'", {"joint": "yes"}),
    ("rhs must be a number, or 1", {"contrasts": [0, 1], "rhs": [1, 2]}),
    ("a term is a hypothesis of several", {"rhs": 1}),
    ("a term is a hypothesis of several", {"joint": False}),
    ("V is linear", {"df": "kenward-roger", "parameters": "theta"}),
    ("se must be one of", {"se": "robust"}),
    ("parameters must be one of", {"parameters": "log"}),
]


@pytest.mark.parametrize(("says", "options"), REFUSED)
def test_what_cannot_be_tested_is_refused_in_a_sentence(says: str, options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=says):
        FIT.test_fixed(**options)


def test_a_contrast_that_needs_a_dropped_column_is_not_estimable() -> None:
    data = with_empty_cell()
    with pytest.warns(rm.errors.RankWarning):
        fit = rm.lmer("angle ~ recipe * oven + (1 | replicate)", data)
    with pytest.raises(OptionError, match="not estimable: recipeB:ovenb depends on the columns"):
        fit.test_fixed(contrasts={"cell": {"recipeB": 1, "recipeB:ovenb": 1}})
    assert len(fit.test_fixed(contrasts={"there": {"recipeB": 1, "recipeB:ovenc": 1}})) == 1


def test_kenward_roger_is_one_of_reml_and_terms_are_those_of_a_formula() -> None:
    with pytest.raises(OptionError, match="reml=True"):
        rm.lmer(SLOPES, SLEEP, reml=False).test_fixed("kenward-roger")
    X = np.column_stack([np.ones(180), SLEEP["Days"]])
    with pytest.raises(OptionError, match="type=None"):
        rm.fit(SLEEP["Reaction"], X, [(SLEEP["Subject"], X)]).test_fixed()
    with pytest.raises(OptionError, match="away from a minimum"):
        rm.lmer(SLOPES, SLEEP, theta=[20.0, 0.0, 30.0]).test_fixed()


def test_an_f_with_two_degrees_of_freedom_or_less_has_no_answer_and_a_t_has() -> None:
    two = SLEEP[SLEEP["Subject"].isin(["308", "309"])]
    fit = rm.lmer("Reaction ~ poly(Days, 3) + (1 | Subject)", two)
    with pytest.warns(FreedomWarning, match="two degrees of freedom or less"):
        row = fit.test_fixed(contrasts=np.eye(4)).iloc[0]
    assert np.isnan(row["DenDF"])
    assert row["F value"] > 0
    least = fit.test_fixed(type=None)
    assert least["df"].min() < 2
    assert least["Pr(>|t|)"].notna().all()


def test_what_reml_does_not_determine_has_no_degrees_of_freedom() -> None:
    data = SLEEP.assign(S=SLEEP["Subject"].astype(str))
    with pytest.warns(rm.errors.IdentifiabilityWarning):
        fit = rm.lmer("Reaction ~ Subject + Days + (1 | S)", data)
    with pytest.warns(FreedomWarning, match="do not determine the variance of Subject"):
        table = fit.test_fixed()
    assert np.isnan(table.loc["Subject", "DenDF"])
    assert table.loc["Days", "DenDF"] == pytest.approx(161.0, rel=1e-9)
    with pytest.warns(rm.errors.IdentifiabilityWarning):
        twice = rm.lmer("Reaction ~ Days + (1 | Subject) + (1 | S)", data)
    once = rm.lmer("Reaction ~ Days + (1 | Subject)", data)
    for df in ("satterthwaite", "kenward-roger"):
        np.testing.assert_allclose(
            twice.test_fixed(df, type=None), once.test_fixed(df, type=None), rtol=1e-7
        )


def test_a_model_without_fixed_effects_has_an_empty_table() -> None:
    fit = rm.lmer("Reaction ~ 0 + (1 | Subject)", SLEEP)
    for se in ("model", "joint"):
        assert not len(fit.test_fixed(type=None, se=se))
