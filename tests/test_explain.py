"""`refmixed explain`: readers, causes that were planted, and what must not be explained."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import refmixed as rm
from refmixed.after.printed import all_of
from validation.explain import causes, command, near_misses
from validation.explain.account import Account, AccountError
from validation.explain.base import account_of
from validation.explain.chance import CHANCE, bits
from validation.explain.compare import Difference
from validation.explain.explanation import Explanation
from validation.explain.numbers import written
from validation.explain.read import read
from validation.explain.search import explain
from validation.explain.setup import Setup
from validation.explain.worlds import Worlds
from validation.explain.write import as_json, text

SLEEP = rm.load_dataset("sleepstudy")
FORMULA = "Reaction ~ Days + (Days | Subject)"
DATA = Path(rm.__file__).parent / "data"
# Unbalanced, so that methods differ; a factor with three levels, a covariate, weights.
SOME = SLEEP.drop(index=[2, 3, 17, 31, 44, 58, 59, 60, 99, 120, 121, 150]).assign(
    arm=lambda d: pd.Categorical(np.array(["a", "b", "c"])[(d["Subject"].astype(int) * 7) % 3]),
    w=lambda d: 1.0 + d.index % 3,
)
MODEL = "Reaction ~ Days + arm + (Days | Subject)"


def fitted(reml: bool = True, formula: str = MODEL, data: pd.DataFrame = SOME) -> rm.Fit:
    return rm.lmer(formula, data, reml=reml)


@pytest.fixture(scope="module")
def worlds() -> Worlds:
    return Worlds(Setup(MODEL, SOME))


def account(fit: rm.Fit, name: str, **other: Any) -> Account:
    """What `refmixed fit --json` says, with other quantities."""
    return read(json.dumps(all_of(fit) | other), name)


def named(e: Explanation) -> list[str]:
    return sorted({found.cause for found in e.causes})


# --- numbers and readers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("3.14", 3.135, 3.145), ("-0.5", -0.55, -0.45), ("1e-3", 5e-4, 1.5e-3), ("<.0001", 0, 1e-4),
     ("250", 249.5, 250.5), ("3.1415926535897931", math.pi, math.pi)],
)  # fmt: skip
def test_a_printed_number_is_an_interval(text: str, low: float, high: float) -> None:
    number = written(text)
    assert number is not None
    assert (number.low, number.high) == pytest.approx((low, high), rel=1e-12)


def test_what_is_no_number_is_none() -> None:
    assert [written(text) for text in ("", ".", "Days", "1.2.3", "--1")] == [None] * 5


def nlme(fit: rm.Fit) -> str:
    """The layout of nlme's print(summary())."""
    sd, r = fit.varcorr["Subject"].sd, fit.varcorr["Subject"].corr.iloc[1, 0]
    rows = [
        f"{name} {fit.beta[name]:.5f} {fit.se[name]:.6f} 161 {fit.beta[name] / fit.se[name]:.5f} 0"
        for name in fit.beta.index
    ]
    return "\n".join([
        "Linear mixed-effects model fit by REML", "  Data: d ", "       AIC      BIC    logLik",
        f"  {fit.aic:.3f} {fit.criterion + math.log(178) * 6:.3f} {fit.loglik:.4f}", "",
        "Random effects:", " Formula: ~Days | Subject",
        " Structure: General positive-definite, Log-Cholesky parametrization",
        "            StdDev    Corr  ", f"(Intercept) {sd.iloc[0]:.6f} (Intr)",
        f"Days         {sd.iloc[1]:.6f} {r:.3f} ", f"Residual    {fit.sigma:.6f}       ", "",
        "Fixed effects:  Reaction ~ Days ", "                Value Std.Error  DF  t-value p-value",
        *rows, " Correlation: ", "     (Intr)", "Days -0.138", "",
        "Number of Observations: 180", "Number of Groups: 18 ",
    ])  # fmt: skip


def statsmodels(fit: rm.Fit) -> str:
    """The layout of statsmodels' summary()."""
    cov = fit.varcorr["Subject"].cov.to_numpy()
    rows = [
        f"{name} {fit.beta[k]:.3f} {fit.se[k]:.3f} {fit.beta[k] / fit.se[k]:.3f} 0.000 1.000 2.000"
        for name, k in (("Intercept", "(Intercept)"), ("Days", "Days"))
    ]
    return "\n".join([
        "            Mixed Linear Model Regression Results", "=" * 62,
        "Model:               MixedLM   Dependent Variable:   Reaction ",
        "No. Observations:    180       Method:               REML     ",
        f"No. Groups:          18        Scale:                {fit.sigma**2:.4f} ",
        f"Min. group size:     10        Log-Likelihood:       {fit.loglik:.4f}", "-" * 62,
        "                  Coef.  Std.Err.   z    P>|z|  [0.025  0.975]", "-" * 62, *rows,
        f"Group Var        {cov[0, 0]:.3f}   11.881",
        f"Group x Days Cov   {cov[1, 0]:.3f}    1.821",
        f"Days Var          {cov[1, 1]:.3f}    0.610", "=" * 62,
    ])  # fmt: skip


def sas(fit: rm.Fit) -> str:
    """Tables as PROC MIXED lays them out."""
    cov = fit.varcorr["Subject"].cov.to_numpy()
    rows = [
        f"  {name}  {fit.beta[k]:.4f}  {fit.se[k]:.4f}  17  {fit.beta[k] / fit.se[k]:.2f}  <.0001"
        for name, k in (("Intercept", "(Intercept)"), ("Days", "Days"))
    ]
    return "\n".join([
        "   Estimation Method           REML", "Number of Observations Used    180", "",
        "   Covariance Parameter Estimates", "", "  Cov Parm    Subject    Estimate",
        f"  UN(1,1)     Subject    {cov[0, 0]:.2f}", f"  UN(2,1)     Subject    {cov[1, 0]:.4f}",
        f"  UN(2,2)     Subject    {cov[1, 1]:.4f}",
        f"  Residual               {fit.sigma**2:.2f}", "",
        "   Fit Statistics", "", f"  -2 Res Log Likelihood    {fit.criterion:.1f}",
        f"  AIC (Smaller is Better)  {fit.criterion + 8:.1f}",
        f"  BIC (Smaller is Better)  {fit.criterion + 4 * math.log(18):.1f}", "",
        "   Solution for Fixed Effects", "",
        "  Effect  Estimate  Error  DF  t Value  Pr > |t|", *rows,
    ])  # fmt: skip


def stata(fit: rm.Fit) -> str:
    """Tables as Stata's `mixed` lays them out."""
    sd, r = fit.varcorr["Subject"].sd, fit.varcorr["Subject"].corr.iloc[1, 0]
    rows = [
        f"{name} | {fit.beta[k]:.5f} {fit.se[k]:.6f} {fit.beta[k] / fit.se[k]:.2f} 0.000 1.0 2.0"
        for name, k in (("Days", "Days"), ("_cons", "(Intercept)"))
    ]
    return "\n".join([
        "Mixed-effects REML regression   Number of obs = 180",
        "Group variable: Subject         Number of groups = 18",
        f"Log restricted-likelihood = {fit.loglik:.4f}",
        "    Reaction |  Coef. Std. Err.  z  P>|z|  [95% Conf. Interval]", *rows,
        "  Random-effects Parameters  |   Estimate   Std. Err.", "Subject: Unstructured |",
        f"   sd(Days) | {sd.iloc[1]:.6f} 1.2", f"   sd(_cons) | {sd.iloc[0]:.5f} 5.8",
        f"   corr(Days,_cons) | {r:.6f} .3", f"   sd(Residual) | {fit.sigma:.5f} 1.5",
    ])  # fmt: skip


def spss(fit: rm.Fit) -> str:
    """Tables as SPSS's MIXED lays them out."""
    cov = fit.varcorr["Subject"].cov.to_numpy()
    rows = [
        f"{name} {fit.beta[k]:.6f} {fit.se[k]:.6f} 17.000 {fit.beta[k] / fit.se[k]:.3f} .000 1 2"
        for name, k in (("Intercept", "(Intercept)"), ("Days", "Days"))
    ]
    return "\n".join([
        "  Information Criteria(a)", f"-2 Restricted Log Likelihood  {fit.criterion:.3f}",
        f"Akaike's Information Criterion (AIC)  {fit.criterion + 8:.3f}",
        "  Estimates of Fixed Effects(a)", "Parameter  Estimate  Std. Error  df  t  Sig.", *rows,
        "  Estimates of Covariance Parameters(a)", "Parameter  Estimate  Std. Error",
        f"Residual  {fit.sigma**2:.6f}  77.182",
        f"Intercept + Days [subject = Subject]  UN (1,1)  {cov[0, 0]:.6f}  288.8",
        f"  UN (2,1)  {cov[1, 0]:.6f}  46.68", f"  UN (2,2)  {cov[1, 1]:.6f}  14.75",
    ])  # fmt: skip


LAYOUTS: Mapping[str, Callable[[rm.Fit], str]] = {
    "lme4 1.1": lambda fit: str(fit.summary()),
    "lme4 2.x": lambda fit: str(fit.summary(style="2.x")),
    "lmerTest": lambda fit: str(fit.summary(df="satterthwaite")),
    "nlme": nlme, "statsmodels": statsmodels, "SAS": sas, "Stata": stata,
    "SPSS": spss,
    "JSON": lambda fit: json.dumps(all_of(fit)),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_printed_fit_is_the_fit(layout: str) -> None:
    """Every number that is read agrees with the fit; the core is read in every layout."""
    fit = fitted(formula=FORMULA, data=SLEEP)
    told = read(LAYOUTS[layout](fit), layout)
    e = explain(account_of(fit), told)
    kinds = {key[0] for key in told.numbers}
    assert {"beta", "se", "sd", "corr", "sigma"} <= kinds
    assert "n" in kinds or layout == "SPSS"
    wanted = {"SAS": {"aic", "bic"}, "nlme": {"bic"}, "SPSS": {"aic"}}.get(layout, set())
    assert {d.key[0] for d in e.differences} == wanted
    assert told.reml is True
    assert len(told.of("beta")) == len(told.of("sd")) == 2


@pytest.mark.parametrize("style", ["1.1", "2.x"])
def test_the_table_of_a_fit_by_ml_is_read(style: str) -> None:
    fit = fitted(False, FORMULA, SLEEP)
    told = read(str(fit.summary(style=style)), "ml")
    assert told.reml is False
    assert {"aic", "bic", "loglik", "criterion"} <= {key[0] for key in told.numbers}
    assert explain(account_of(fit), told).status == "equal"


def test_two_terms_of_a_group_are_one_group() -> None:
    fit = fitted(formula="Reaction ~ Days + (Days || Subject)", data=SLEEP)
    told = read(str(fit.summary()), "bar")
    assert list(told.of("sd")) == [("sd", "Subject", "(Intercept)"), ("sd", "Subject", "Days")]


def test_other_names_of_the_same_numbers_are_told() -> None:
    fit = fitted()
    text = json.dumps(all_of(fit)).replace('"armb"', '"arm_B"')
    e = explain(account_of(fit), read(text, "b"))
    assert (e.status, e.renamed) == ("equal", {"arm_B": "armb"})


def test_a_table_that_contradicts_itself_is_told() -> None:
    text = str(fitted().summary())
    sd = f"{fitted().varcorr['Subject'].sd.iloc[0]:.3f}"
    told = read(text.replace(sd, "30.000", 1), "b")
    assert len(told.contradictions) == 1
    assert "30.000 for the standard deviation of Subject (Intercept)" in told.contradictions[0]
    assert read(text, "b").contradictions == ()


@pytest.mark.parametrize(
    "text",
    ['{"varcorr": {"g": 3}, "sigma": 2}', '{"varcorr": 3, "sigma": 2, "formula": 7}',
     '{"beta": 3, "sigma": 2}', '{"varcorr": {"g": {"sd": {"a": 1}, "corr": 5}}, "sigma": 2}',
     '{"sigma": 2, "beta": {"a": [1], "b": null, "c": "NaN"}}', '{"sigma": 2, "aic": NaN}'],
)  # fmt: skip
def test_json_of_other_shapes_is_read_as_far_as_it_goes(text: str) -> None:
    sigma = read(text, "b").one("sigma")
    assert sigma is not None
    assert sigma.value == 2.0


# --- causes ---------------------------------------------------------------------------------------


def several(fit: rm.Fit, df: str, se: str | None = None) -> dict[str, Any]:
    """Standard errors and degrees of freedom by a method."""
    table = fit.test_fixed(df, type=None, se=se)
    return {"se": table["Std. Error"].to_dict(), "df": table["df"].to_dict()}


def likelihood(constant: float) -> Callable[[rm.Fit], dict[str, Any]]:
    """A log-likelihood with something added, and what is made of it left out."""
    return lambda f: {"loglik": f.loglik + constant, "criterion": None, "aic": None, "bic": None}


def half_log_xx(fit: rm.Fit) -> float:
    return float(np.linalg.slogdet(fit.design.X.T @ fit.design.X)[1] / 2)


def of(df: str, se: str | None = None) -> Callable[[rm.Fit], dict[str, Any]]:
    """Standard errors and degrees of freedom by a method, as quantities of a fit."""
    return lambda fit: several(fit, df, se)


def errors(df: str, se: str | None = None) -> Callable[[rm.Fit], dict[str, Any]]:
    """Standard errors alone."""
    return lambda fit: {"se": several(fit, df, se)["se"]}


def usual(_: rm.Fit) -> dict[str, Any]:
    return {}


Told = Callable[[rm.Fit], dict[str, Any]]
N, P = len(SOME), 4
HALF = (N - P) / 2 * math.log(2 * math.pi)
PLANTED: Mapping[str, tuple[list[str], Told, Told]] = {
    "half log|X'X|": (["reml-constant"], usual, lambda f: likelihood(half_log_xx(f))(f)),
    "2 pi": (["likelihood-constants"], usual, likelihood(HALF)),
    "-2 log L": (["likelihood-scale"], usual, lambda f: likelihood(-3 * f.loglik)(f)),
    "n of BIC": (["bic-n"], usual, lambda f: {"bic": f.criterion + math.log(N - P) * 8}),
    "k of AIC": (["aic-parameters"], usual, lambda f: {"aic": f.criterion + 8, "bic": None}),
    "divisor": (["divisor"], usual, lambda f: {"sigma": f.sigma * math.sqrt((N - P) / N)}),
    "variance": (["variance-for-sd"], usual, lambda f: {"sigma": f.sigma**2}),
    "joint": (["joint-information-se"], usual, errors("infinite", "joint")),
    "KR's errors": (["kenward-roger-se"], usual, errors("kenward-roger")),
    "KR": (["df-method", "kenward-roger-se"], of("satterthwaite"), of("kenward-roger")),
    "SAS's KR": (
        ["kenward-roger-information"], of("kenward-roger"), of("kenward-roger-observed")
    ),
    "n - p": (["df-method"], of("satterthwaite"), of("residual")),
    "sign": (["sign-of-correlation"], usual, lambda f: {"varcorr": turned(f)}),
}  # fmt: skip


def planted(name: str) -> tuple[list[str], Account, Account]:
    """The causes, and both accounts."""
    names, a, b = PLANTED[name]
    fit = fitted()
    return names, account(fit, "a", **a(fit)), account(fit, "b", **b(fit))


def turned(fit: rm.Fit) -> Any:
    """Correlations of the opposite sign."""
    told = all_of(fit)["varcorr"]
    told["Subject"]["corr"] = [[1.0, 0.0], [-fit.varcorr["Subject"].corr.iloc[1, 0], 1.0]]
    return told


@pytest.mark.parametrize("name", [name for name in PLANTED if name != "sign"])
def test_what_was_planted_is_named(name: str, worlds: Worlds) -> None:
    names, a, b = planted(name)
    e = explain(a, b, worlds)
    assert (named(e), e.status) == (names, "explained")


def test_one_number_beside_many_ways_that_were_tried_could_be(worlds: Worlds) -> None:
    """A correlation near zero that has the other sign: of hundreds of fits one may give that."""
    names, a, b = planted("sign")
    e = explain(a, b, worlds)
    assert (e.status, [[found.cause for found in way] for way in e.either]) == (
        "cannot tell",
        [names],
    )


NEAR = 2.5  # digits
RESPONSE, DAYS = SOME["Reaction"], SOME["Days"]
OTHERWISE: Mapping[str, tuple[str, Callable[[], rm.Fit]]] = {
    "ml": ("ml-reml", lambda: fitted(False)),
    "||": ("correlated-effects", lambda: fitted(formula=MODEL.replace("|", "||"))),
    "no slope": ("random-effect-omitted", lambda: fitted(formula=MODEL.replace("Days |", "1 |"))),
    "no arm": ("fixed-effect-omitted", lambda: fitted(formula=FORMULA)),
    "reference": ("reference-level", lambda: fitted(data=with_arm(["c", "a", "b"]))),
    "sum": ("contrasts", lambda: fitted(formula=MODEL.replace("arm", "C(arm, contr.sum)"))),
    "ordered": ("contrasts", lambda: fitted(formula=MODEL.replace("arm", "C(arm, contr.poly)"))),
    "weeks": ("unit-of-covariate", lambda: fitted(data=SOME.assign(Days=DAYS / 7))),
    "seconds": ("unit-of-response", lambda: fitted(data=SOME.assign(Reaction=RESPONSE / 1000))),
    "centred": ("centred-covariate", lambda: fitted(data=SOME.assign(Days=DAYS - DAYS.mean()))),
    "factor": ("factor-as-number", lambda: fitted(formula=MODEL.replace("arm", "as.numeric(arm)"))),
    "rows": ("other-data", lambda: fitted(data=SOME.iloc[10:])),
    "theta": ("not-optimum", lambda: rm.lmer(MODEL, SOME, theta=[0.7, 0.1, 0.3])),
    "log": ("formula", lambda: fitted(formula=MODEL.replace("Reaction", "log(Reaction)"))),
}  # fmt: skip


def with_arm(levels: list[str]) -> pd.DataFrame:
    return SOME.assign(arm=pd.Categorical(SOME["arm"], levels))


@pytest.mark.parametrize("name", OTHERWISE)
def test_a_model_fitted_otherwise_is_named(name: str, worlds: Worlds) -> None:
    cause, fit = OTHERWISE[name]
    e = explain(account(fitted(), "a"), account(fit(), "b"), worlds)
    assert named(e) == [cause]
    assert e.status == ("partly" if cause == "other-data" else "explained")


def test_a_comma_is_a_decimal_point_and_colours_are_no_text() -> None:
    printed = str(fitted().summary())
    comma = re.sub(r"(?<=\d)\.(?=\d)", ",", printed)
    coloured = re.sub(r"^(\S+)", "\x1b[1m\\1\x1b[0m", printed, flags=re.MULTILINE)
    for other in (comma, coloured):
        assert str(read(other, "").numbers) == str(read(printed, "").numbers)
        assert other != printed


def test_counts_alone_are_nothing_to_compare() -> None:
    with pytest.raises(AccountError, match="no quantity in common but counts"):
        explain(read('{"n": 60}', "a"), read('{"n": 60}', "b"))


def test_a_cause_that_equal_numbers_contradict_is_none(worlds: Worlds) -> None:
    """Days in tenths would have another standard error, too: a slip of the point is no unit."""
    numbers = account(fitted(), "a").numbers
    slip = numbers | {("beta", "Days"): numbers["beta", "Days"] * 10}
    for some in (worlds, None):
        b = account(fitted(), "b").with_numbers(slip)
        e = explain(account(fitted(), "a"), b, some)
        assert (e.status, named(e)) == ("cannot tell", [])


def test_of_causes_that_do_alike_the_fewest_are_named() -> None:
    """In balanced data other standard errors are the same: what changes nothing is not said."""
    a, ml = account(fitted(True, FORMULA, SLEEP), "a"), account(fitted(False, FORMULA, SLEEP), "b")
    by = math.sqrt(180 / 178)
    b = ml.with_numbers({k: v * by if k[0] == "se" else v for k, v in ml.numbers.items()})
    e = explain(a, b, Worlds(Setup(FORMULA, SLEEP)))
    assert (e.status, named(e)) == ("explained", ["adjusted-se", "ml-reml"])


def test_an_account_that_contradicts_itself_is_not_equal() -> None:
    printed = str(fitted().summary())
    (variance, sd) = re.search(r"Subject\s+\(Intercept\)\s+(\S+)\s+(\S+)", printed).groups()  # type: ignore[union-attr]
    e = explain(read(printed, "a"), read(printed.replace(sd, variance), "b"))
    assert e.status == "cannot tell"
    assert "b contradicts itself" in text(e)
    assert as_json(e)["contradictions"] != []


def test_of_a_search_that_stopped_the_minimum_that_it_missed_is_certified(worlds: Worlds) -> None:
    _, stopped = OTHERWISE["theta"]
    e = explain(account(fitted(), "a"), account(stopped(), "b"), worlds)
    said = f"the least criterion of b's model, {fitted().criterion:.10g}, is proved to be"
    assert said in text(e)
    other = explain(account(fitted(), "a"), account(fitted(False), "b"), worlds)
    assert "proved" not in text(other)


FACTORS = "Reaction ~ Days + arm + half + (Days | Subject)"
HALVES = SOME.assign(half=np.where(SOME["Days"] % 2 == 0, "even", "odd"))


@pytest.fixture(scope="module")
def of_factors() -> Worlds:
    return Worlds(Setup(FACTORS, HALVES))


def test_of_one_cause_all_that_holds_together_is_said_with_and(of_factors: Worlds) -> None:
    coded = FACTORS.replace("arm", "C(arm, contr.sum)").replace("half", "C(half, contr.sum)")
    a, b = (account(fitted(True, formula, HALVES), "") for formula in (FACTORS, coded))
    e = explain(replace(a, name="a"), replace(b, name="b"), of_factors)
    assert "contrasts: b has sum contrasts of arm and half." in text(e)


def table_of_tests(type: int, df: str, head: str) -> Account:
    """A table of F tests, as lmerTest prints it."""
    found = fitted(True, FACTORS, HALVES).test_fixed(df, type=type)
    columns = ("NumDF", "DenDF", "F value", "Pr(>F)")
    rows = [
        " ".join([str(term), "1.0 1.0", *(f"{row[column]:.6g}" for column in columns)])
        for term, row in found.iterrows()
    ]
    return read("\n".join([head, "  Sum Sq Mean Sq NumDF DenDF F value Pr(>F)", *rows]), "")


def test_the_type_of_tests_is_that_of_the_head_or_one_of_those_that_are_alike(
    of_factors: Worlds,
) -> None:
    head = "Analysis of Variance Table with Satterthwaite's method"
    one = replace(table_of_tests(1, "satterthwaite", f"Type I {head}"), name="a")
    for words, says in (("Type III ", "III"), ("Type II ", "II"), ("", "II or III or marginal")):
        other = replace(table_of_tests(3, "satterthwaite", words + head), name="b")
        said = f"test-type: a tests hypotheses of type I; b tests hypotheses of type {says}."
        assert said in text(explain(one, other, of_factors))


def test_types_that_are_alike_are_no_cause(of_factors: Worlds) -> None:
    head = "Analysis of Variance Table with"
    a = table_of_tests(2, "satterthwaite", f"Type II {head} Satterthwaite's method")
    b = table_of_tests(3, "kenward-roger", f"Type III {head} Kenward-Roger's method")
    assert named(explain(a, b, of_factors)) == ["df-method", "kenward-roger-se"]


def test_weights_that_are_ignored_are_named() -> None:
    a, b = rm.lmer(MODEL, SOME, weights="w"), fitted()
    e = explain(account(a, "a"), account(b, "b"), Worlds(Setup(MODEL, SOME, "w")))
    assert named(e) == ["weights"]


def test_near_misses_of_the_suite_are_causes(worlds: Worlds) -> None:
    """Each mistake is named, or is a cause that has a name of its own."""
    base = next(worlds.plain())
    for wrong in near_misses.bases(base, worlds.setup):
        (mistake,) = [trait.cause for trait in wrong.traits if trait.dimension == "mistake"]
        kept = {k: v for k, v in wrong.account.numbers.items() if k[0] not in ("aic", "bic")}
        e = explain(account_of(base.fit, "a"), wrong.account.with_numbers(kept), worlds)
        if min((d.digits for d in e.differences), default=16.0) > NEAR:
            assert e.status in ("equal", "cannot tell")  # a search may leave nearly as much
            continue
        if e.chance > CHANCE:  # one number of the other sign
            assert [mistake] in [[found.cause for found in way] for way in e.either]
            continue
        assert e.status == "explained", mistake
        assert mistake in named(e) or set(named(e)) <= set(causes.OWN), mistake


# --- without data ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["2 pi", "-2 log L", "n of BIC", "k of AIC", "divisor", "variance", "n - p"]
)
def test_what_the_tables_alone_tell(name: str) -> None:
    names, a, b = planted(name)
    assert named(explain(a, b)) == names


def test_reml_and_ml_are_suspected_without_data() -> None:
    e = explain(account(fitted(), "a"), account(fitted(False), "b"))
    assert (e.status, named(e)) == ("cannot tell", [])
    assert any("suspected: ml-reml.  a says that it is by REML" in hint for hint in e.hints)


def test_profiles_of_lme4_2_are_named() -> None:
    rows = {
        ".sig01": (14.4, 37.7),
        ".sig02": (-0.48, 0.69),
        ".sig03": (3.8, 8.8),
        ".sigma": (23, 29),
    }
    order = {".sig01": ".sig01", ".sig02": ".sig03", ".sig03": ".sig02"}
    order[".sigma"] = ".sigma"

    def told(new: Mapping[str, str]) -> str:
        lines = [f"{name} {rows[new[name]][0]:.5f} {rows[new[name]][1]:.5f}" for name in rows]
        return "\n".join(["           2.5 %     97.5 %", *lines])

    a, b = read(told({k: k for k in rows}), "a"), read(told(order), "b")
    assert named(explain(a, b)) == named(explain(b, a)) == ["profile-names"]


# --- what must not be explained -------------------------------------------------------------------


@pytest.mark.parametrize("key", ["sigma", "loglik", "bic", "beta", "se", "varcorr"])
def test_a_number_that_is_off_is_not_explained(key: str, worlds: Worlds) -> None:
    """One number of a fit by ML, a hundredth larger: no cause gives it back."""
    told = json.loads(json.dumps(all_of(fitted(False))))
    holder = {"beta": told["beta"], "se": told["se"], "varcorr": told["varcorr"]["Subject"]["sd"]}
    one = holder.get(key, told)
    one[key if one is told else "Days"] *= 1.01
    e = explain(account(fitted(), "a"), read(json.dumps(told), "b"), worlds)
    assert e.status != "explained"
    assert not named(e) or e.open


def test_a_coincidence_is_no_cause() -> None:
    """One digit of sigma is also what n for n - p would give: too little to say so."""
    a = read('{"n": 20, "sigma": 3.1, "beta": {"a": 1.0, "b": 2.0}}', "a")
    b = read('{"n": 20, "sigma": 2.9, "beta": {"a": 1.0, "b": 2.0}}', "b")
    assert explain(a, b).status == "cannot tell"


@pytest.mark.parametrize(
    ("a", "b", "sure"),
    [(1.0123, 1.0248, False), (2.1, 4.4, False), (5.1234, 26.249, True), (5, 25, False)],
)
def test_a_square_of_few_digits_is_no_variance(a: float, b: float, sure: bool) -> None:
    """Of two numbers the one is the square of the other: how many digits must they have?"""
    e = explain(read(f'{{"sigma": {a}}}', "a"), read(f'{{"sigma": {b}}}', "b"))
    assert named(e) == ["variance-for-sd"] * sure
    assert (e.chance > CHANCE) is not sure or e.status == "cannot tell"


def test_what_may_be_a_coincidence_could_be(capsys: pytest.CaptureFixture[str]) -> None:
    a, b = read('{"sigma": 1.01234}', "a"), read('{"sigma": 1.02483}', "b")
    e = explain(a, b)
    assert (e.status, named(e)) == ("cannot tell", [])
    assert re.search(r"tried 0\.\d+ are expected .*It could be:\n  1\. b gives the", text(e))
    assert CHANCE < as_json(e)["chance"] < 1
    assert as_json(e)["either"][0][0]["cause"] == "variance-for-sd"


def test_numbers_that_one_factor_moves_tell_no_more_than_one() -> None:
    """Twenty standard errors, each 1 % larger, say no more of why than the first does."""

    def moved(count: int, by: float) -> list[Difference]:
        pairs = ((k, written(f"{0.5 + k / 10:.3f}"), written(f"{by * (0.5 + k / 10):.3f}"))
                 for k in range(count))  # fmt: skip
        return [Difference(("se", str(k)), a, b) for k, a, b in pairs if a and b]

    empty = read('{"sigma": 1.5}', "")
    one, many = (bits(moved(count, 1.1), empty) for count in (1, 20))
    assert one < many < 2 * one
    other = [replace(d, b=d.b + 0.01 * k * k) for k, d in enumerate(moved(20, 1.1))]
    assert bits(other, empty) > 5 * many


def test_two_causes_that_would_both_do_are_both_told() -> None:
    """BIC by n - p = 18, and a group has 18 levels."""
    a = {
        "n": 20,
        "loglik": -50.25,
        "beta": {"a": 1.5, "b": 2.5},
        "varcorr": {"g": {"sd": {"x": 1.25}}},
    }
    e = explain(
        read(json.dumps(a | {"bic": 100.5 + 4 * math.log(20), "groups": {"g": 18}}), "a"),
        read(json.dumps(a | {"bic": 100.5 + 4 * math.log(18), "groups": {"g": 18}}), "b"),
    )
    (found,) = e.causes
    assert found.cause == "bic-n"
    assert len(found.pairs) == 2


# --- the command ----------------------------------------------------------------------------------


def run(*arguments: str) -> int:
    return command.main(arguments, "refmixed explain")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "reml.txt").write_text(str(fitted(True, FORMULA, SLEEP).summary()))
    (tmp_path / "ml.json").write_text(json.dumps(all_of(fitted(False, FORMULA, SLEEP))))
    (tmp_path / "empty.txt").write_text("\n")
    (tmp_path / "prose.txt").write_text("These are no numbers.\n")
    (tmp_path / "broken.json").write_text('{"beta": ')
    (tmp_path / "many.json").write_text('{"answers": {"x": {"id": "x", "answers": {"sigma": 1}}}}')
    (tmp_path / "none.json").write_text('{"colour": 3}')
    return tmp_path


def test_the_command_names_the_cause(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = str(DATA / "sleepstudy.csv")
    pair = [str(files / "reml.txt"), str(files / "ml.json")]
    assert run(*pair) == 1
    assert "Cannot tell why." in capsys.readouterr().out
    assert run(*pair, "--data", data) == 0
    out = capsys.readouterr().out
    assert "ml-reml: reml.txt is fitted by REML; ml.json is fitted by maximum likelihood." in out
    assert "eq:reml-criterion" in out
    assert re.search(r"-2 log-likelihood +reml.txt +1743\.6283 +1743\.6", out)
    assert run(*pair, "--data", data, "--json") == 0
    assert json.loads(capsys.readouterr().out)["causes"][0]["cause"] == "ml-reml"


def test_live_is_a_fit_of_the_data(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = ["--data", str(DATA / "sleepstudy.csv"), "--formula", FORMULA]
    assert run("live", str(files / "reml.txt"), *model) == 0
    assert run("live", str(files / "ml.json"), *model, "--ml") == 0
    assert capsys.readouterr().out.count(" agree in all ") == 2


@pytest.mark.parametrize(
    ("first", "says"),
    [
        ("absent.txt", "cannot read .*absent.txt: No such file"),
        ("empty.txt", "empty.txt is empty: give JSON, or what lme4"),
        ("prose.txt", "prose.txt is no summary that is known here: give JSON"),
        ("broken.json", "broken.json begins like JSON and is none"),
        ("many.json", "many.json has answers to several cases: give the object of one"),
        ("none.json", "none.json has none of the quantities that are compared: .*, aic"),
        ("live", "`live` is a fit of data: give --data and --formula"),
    ],
)
def test_bad_input_is_said_in_one_line(
    first: str, says: str, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = first if first == "live" else str(files / first)
    assert run(where, str(files / "reml.txt")) == 2
    err = capsys.readouterr().err
    assert re.match(f"refmixed explain: {says}", err)
    assert err.count("\n") == 1


def test_accounts_that_share_nothing_are_refused(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (files / "sigma.json").write_text('{"sigma": 25.592}')
    (files / "aic.json").write_text('{"aic": 1755.6}')
    assert run(str(files / "sigma.json"), str(files / "aic.json")) == 2
    assert "have no quantity in common: compare like with like" in capsys.readouterr().err


def test_weights_are_read_and_a_variable_is_no_formula(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    SOME.to_csv(files / "some.csv")
    for name, weights in (("a", "w"), ("b", None)):
        printed = str(rm.lmer(MODEL, SOME, weights=weights).summary())
        (files / name).write_text(printed)
        (files / f"{name}{name}").write_text(
            re.sub("^Formula: .*", "Formula: f", printed, flags=re.M)
        )
    data = ["--data", str(files / "some.csv")]
    assert run(str(files / "a"), str(files / "b"), *data) == 0
    assert "weights: b ignores the weights." in capsys.readouterr().out
    assert run(str(files / "aa"), str(files / "bb"), *data) == 2
    assert "neither A nor B tells its formula: give --formula" in capsys.readouterr().err


def test_other_bad_arguments(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--data", str(DATA / "sleepstudy.csv")]
    assert run(str(files / "reml.txt")) == 2
    assert "two accounts are compared" in capsys.readouterr().err
    assert run(str(files / "reml.txt"), "live", *data, "--formula", "Reaction ~ (Days") == 2
    assert run("live", "live", *data) == 2
    assert "neither A nor B tells its formula" in capsys.readouterr().err


def test_each_cause_has_a_sentence_and_an_equation_of_the_book(
    capsys: pytest.CaptureFixture[str],
) -> None:
    book = DATA.parents[1] / "derivations"
    for cause in causes.OWN.values():
        assert cause.says.endswith(".")
        page = (book / f"{cause.page}.py").read_text("utf-8") if cause.tag else ""
        assert not cause.tag or f"({cause.tag})" in page, cause.tag
    assert run("--causes") == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in causes.REGISTRY)
