"""Likelihood ratio tests, models changed and models without a term: R's update, anova and drop1."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

import refmixed as rm
from refmixed.after.ratio import compare
from refmixed.errors import FormulaError, OptionError
from refmixed.r.formula import parse_formula
from refmixed.r.updated import updated
from refmixed.search import Search
from validation.adapters import r

pytestmark = pytest.mark.numerical

SLEEP, CAKE, DYES = (rm.load_dataset(name) for name in ("sleepstudy", "cake", "Dyestuff"))
TIGHT = """function(formulas, data, REML, w, refit) {
  data$w <- w
  s <- lmerControl(optCtrl = list(xtol_abs = 1e-12, xtol_rel = 0, ftol_abs = 0, ftol_rel = 0,
                                  maxeval = 1e5), calc.derivs = FALSE)
  fits <- lapply(formulas, function(f) {
    call <- if (grepl("|", f, fixed = TRUE))
      as.call(list(quote(lme4::lmer), as.formula(f), quote(data), REML, s, weights = quote(w)))
    else call("lm", as.formula(f), data = quote(data), weights = quote(w))
    eval(call) })
  if (refit) fits <- lapply(fits, function(m)
    if (is(m, "merMod")) refitML(m, control = s) else m)
  as.list(do.call(anova, c(fits, list(refit = FALSE)))) }"""
SLEEPS = [
    "Reaction ~ 1 + (1 | Subject)",
    "Reaction ~ Days + (1 | Subject)",
    "Reaction ~ Days + (Days || Subject)",
    "Reaction ~ Days + (Days | Subject)",
]


def fitted(formula: str, data: pd.DataFrame, reml: bool = True, **given: Any) -> rm.Fit:
    """By lmer, or by lm where nothing is random."""
    return (rm.lmer if "|" in formula else rm.lm)(formula, data, reml, **given)


def data_of(formulas: list[str]) -> pd.DataFrame:
    return {"R": SLEEP, "a": CAKE, "Y": DYES}[formulas[0][0]]


COMPARED = [
    SLEEPS,
    ["angle ~ recipe + temp + (1 | recipe:replicate)", "angle ~ temp + (1 | recipe:replicate)"],
    ["angle ~ recipe*temperature + (1 | replicate)", "angle ~ temperature + (1 | replicate)"],
    ["Reaction ~ Days + I(Days^2) + (Days | Subject)", "Reaction ~ Days + (Days | Subject)"],
]


# --- lme4's anova, at optima as tight as it has them ----------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("formulas", COMPARED)
def test_the_table_is_lme4s(lme4: ModuleType, formulas: list[str], weighted: bool) -> None:
    data = data_of(formulas)
    data = data.assign(w=1.0 + np.arange(len(data)) % 3 * weighted)
    fits = [fitted(f, data, weights="w") for f in formulas]
    ours = fits[0].anova(*fits[1:]).table
    theirs = r.ask(TIGHT, formulas, data, True, data["w"].to_numpy(), True)
    assert list(ours.columns) == list(theirs)
    for name in ("npar", "AIC", "BIC", "logLik", "deviance", "Df"):
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-11)
    deviance = np.abs(ours["deviance"]).max()  # what is subtracted has 14 digits
    np.testing.assert_allclose(ours["Chisq"], theirs["Chisq"], atol=1e-13 * deviance, rtol=1e-10)
    np.testing.assert_allclose(ours["Pr(>Chisq)"], theirs["Pr(>Chisq)"], rtol=1e-9)


def test_reml_criteria_are_compared_where_the_fixed_effects_are_the_same(lme4: ModuleType) -> None:
    fits = [fitted(f, SLEEP) for f in SLEEPS[1:]]
    ours = fits[2].anova(*fits[:2], refit=False)
    theirs = r.ask(TIGHT, SLEEPS[1:], SLEEP, True, np.ones(180), False)
    np.testing.assert_allclose(ours.table["Chisq"], theirs["Chisq"], rtol=1e-10)
    assert ours.notes == ()


PRINTED = """function(formulas, data) {
  f <- lapply(formulas, function(f)
    eval(as.call(list(quote(lme4::lmer), as.formula(f), quote(data)))))
  names(f) <- paste0("m", seq_along(f))
  list2env(f, environment())
  capture.output(suppressMessages(print(anova(m1, m2, m3, m4)))) }"""


def test_it_is_printed_as_r_prints_it(lme4: ModuleType) -> None:
    fits = [fitted(f, SLEEP) for f in SLEEPS]
    text = str(fits[0].anova(*fits[1:], names=["m1", "m2", "m3", "m4"])).split("\n")
    theirs = r.ask(PRINTED, SLEEPS, SLEEP)
    start = next(k for k, line in enumerate(theirs) if "npar" in line)
    assert text[0] == "Data: sleepstudy"
    assert text[text.index(theirs[start]) :][:5] == list(theirs[start : start + 5])
    assert text[-1] == f"Note: {compare.REFITTED}."


# --- what is compared -----------------------------------------------------------------------------


def test_the_order_of_models_and_of_rows_does_not_matter() -> None:
    fits = [fitted(f, SLEEP) for f in SLEEPS]
    table = fits[0].anova(*fits[1:], names=list("abcd")).table
    turned = fits[3].anova(fits[1], fits[0], fits[2], names=list("dbac")).table
    pd.testing.assert_frame_equal(table, turned)
    mixed = SLEEP.sample(frac=1, random_state=3)
    other = fits[0].anova(fitted(SLEEPS[3], mixed)).table
    chisq = table["Chisq"].iloc[1:].sum()
    assert other["Chisq"].iloc[1] == pytest.approx(chisq, rel=1e-12)


def test_an_lm_fit_has_the_same_constants() -> None:
    lm, lmer = rm.lm("Reaction ~ Days", SLEEP), rm.lmer(SLEEPS[1], SLEEP)
    zero = rm.lmer(SLEEPS[1], SLEEP, reml=False, theta=[0.0])
    found = lmer.anova(lm).table
    assert found["deviance"].iloc[0] == pytest.approx(zero.criterion, rel=1e-14)
    assert found["Df"].iloc[1] == 1


def test_fits_of_chunks_and_of_arrays_are_compared() -> None:
    rows = [fitted(f, SLEEP) for f in SLEEPS[1::2]]
    chunks = [rm.lmer(f, [SLEEP[:70], SLEEP[70:]]) for f in SLEEPS[1::2]]
    X = np.column_stack([np.ones(180), SLEEP["Days"]])
    arrays = [rm.fit(SLEEP["Reaction"], X, [(SLEEP["Subject"], x)]) for x in (None, X)]
    wanted = rows[0].anova(rows[1]).table.to_numpy()
    for small, large in (chunks, arrays, (chunks[0], rows[1])):
        np.testing.assert_allclose(small.anova(large).table, wanted, rtol=1e-9)


def test_a_negative_ratio_is_named() -> None:
    small = rm.lmer("Reaction ~ Days + (0 + Days | Subject)", SLEEP, reml=False)
    large = rm.lmer("Reaction ~ I(Days > 4) + (1 | Subject) + I(Days > 2)", SLEEP, reml=False)
    found = small.anova(large)
    assert found.table["Chisq"].iloc[1] < 0
    (note,) = found.notes
    assert "either MODEL1 is no special case of it, or its fit is not at its maximum" in note


def test_equal_models_have_a_ratio_of_zero() -> None:
    one, other = rm.lmer(SLEEPS[1], SLEEP), rm.lmer("Reaction ~ I(Days/7) + (1 | Subject)", SLEEP)
    found = one.anova(other).table.iloc[1]
    assert (found["Chisq"], found["Df"]) == (0.0, 0.0)
    assert np.isnan(found["Pr(>Chisq)"])


REFUSED = {
    "none is given": lambda f: f.anova(),
    "was given 3": lambda f: f.anova(3),
    "3 different names": lambda f: f.anova(f, f, names=["a", "a", "b"]),
    "names must be a list": lambda f: f.anova(f, names="ab"),
    "refit must be True or False": lambda f: f.anova(f, refit="no"),
    "boundary must be True or False": lambda f: f.anova(f, boundary=None),
    "the numbers of rows": lambda f: f.anova(rm.lmer(SLEEPS[0], SLEEP[:-1])),
    "the responses": lambda f: f.anova(rm.lmer("log(Reaction) ~ 1 + (1 | Subject)", SLEEP)),
    "the weights": lambda f: f.anova(rm.lmer(SLEEPS[0], SLEEP, weights=np.arange(180) + 1)),
    "by REML, and some by ML": lambda f: f.anova(
        rm.lmer(SLEEPS[1], SLEEP, reml=False), refit=False
    ),
    "their fixed effects differ": lambda f: f.anova(rm.lmer(SLEEPS[1], SLEEP), refit=False),
    "was given: a likelihood ratio needs its maximum": lambda f: f.anova(
        rm.lmer(SLEEPS[0], SLEEP, theta=[1.0])
    ),
    "the sums of responses": lambda f: f.anova(
        rm.lmer(SLEEPS[0], [SLEEP[:90], SLEEP[90:].assign(Reaction=1.0)])
    ),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_cannot_be_compared_is_refused(sentence: str) -> None:
    with pytest.raises(OptionError, match=sentence) as told:
        REFUSED[sentence](rm.lmer(SLEEPS[0], SLEEP))
    assert "\n" not in str(told.value)


def test_a_unit_of_x_is_another_fixed_effect_by_reml() -> None:
    days, weeks = (rm.lmer(f, SLEEP) for f in (SLEEPS[1], "Reaction ~ I(Days/7) + (1 | Subject)"))
    with pytest.raises(OptionError, match="fixed effects differ"):
        days.anova(weeks, refit=False)
    other = rm.lmer(SLEEPS[1], SLEEP.assign(Days=SLEEP["Days"] / 7))  # of the same name
    with pytest.raises(OptionError, match="fixed effects differ"):
        days.anova(other, refit=False)


# --- update ---------------------------------------------------------------------------------------

CHANGES = [  # as R's update.formula
    ("y ~ a*b + (1 | g)", "log(.) ~ . - a:b + offset(z)", "log(y) ~ a + b + offset(z) + (1 | g)"),
    ("y ~ a + b + offset(q) + (a | g)", ". ~ . - a - 1", "y ~ 0 + b + offset(q) + (a | g)"),
    ("y ~ a + b + (a | g)", ". ~ . - (a | g) + (1 | g)", "y ~ a + b + (1 | g)"),
    ("y ~ a + b + (a | g)", "sqrt(.) ~ 0 + .", "sqrt(y) ~ 0 + a + b + (a | g)"),
    ("y ~ 0 + a + (1 | g)", "~ . + b", "y ~ 0 + a + b + (1 | g)"),
    ("y ~ a + (a || g)", ". ~ (1 | h) + .", "y ~ a + (1 | g) + (0 + a | g) + (1 | h)"),
    ("y ~ a + (1 | g)", "z ~ b + (1 | h)", "z ~ b + (1 | h)"),
]


@pytest.mark.parametrize(("old", "change", "new"), CHANGES)
def test_a_formula_is_changed_as_by_r(lme4: ModuleType, old: str, change: str, new: str) -> None:
    assert updated(parse_formula(old), change) == new
    source = """function(old, change) {
      f <- update.formula(as.formula(old), as.formula(change)); b <- findbars(f)
      t <- terms(nobars(f)); o <- attr(t, "offset")
      list(deparse1(f[[2]]), attr(t, "intercept") == 1, sort(attr(t, "term.labels")),
           sort(sapply(b, deparse1)),
           if (is.null(o)) "" else as.character(attr(t, "variables"))[o + 1]) }"""
    theirs = r.ask(source, old, change)
    assert str(theirs) == str(r.ask(source, new, "~ ."))


def test_bars_and_offsets_are_no_factors() -> None:
    """Where R's algebra would multiply them."""
    old = parse_formula("y ~ a + b + (1 | g)")
    assert updated(old, "~ .^2") == "y ~ a + b + a:b + (1 | g)"
    assert updated(old, "~ .:d") == "y ~ a:d + b:d + (1 | g)"


def test_a_term_of_a_nested_bar_can_be_left_out() -> None:
    old = parse_formula("y ~ a + (a | g/h)")
    assert updated(old, "~ . - (a | g)") == "y ~ a + (a | h:g)"
    assert updated(old, "~ . - (a | g/h)") == "y ~ a"
    assert updated(parse_formula("y ~ a + offset(z) + (1 | g)"), "~ . - offset(z)") == (
        "y ~ a + (1 | g)"
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("~ . - c", "there is no term c to leave out of a"),
        ("~ . - (1 | h)", r"there is no \(1 \| h\) to leave out; there is \(1 \| g\)"),
        ("a + b", "reads '~ . - x'"),
        (3, "is a string"),
        ("~ . - offset(a)", r"there is no offset\(a\) to leave out; there is none"),
    ],
)
def test_what_cannot_be_changed_is_told(change: Any, sentence: str) -> None:
    with pytest.raises(FormulaError, match=sentence):
        updated(parse_formula("y ~ a + (1 | g)"), change)


LEFT_OUT = [
    (SLEEP, "Reaction ~ Days + (Days | Subject)", "~ . - Days"),
    (SLEEP, "Reaction ~ Days + (Days | Subject)", "~ . - (Days | Subject) + (1 | Subject)"),
    (SLEEP, "Reaction ~ Days + (Days | Subject)", "~ . - (Days | Subject)"),
    (SLEEP, "Reaction ~ Days + (Days || Subject)", "~ . - (0 + Days | Subject)"),
    (CAKE, "angle ~ recipe*temperature + (1 | recipe:replicate)", "~ . - recipe:temperature"),
    (CAKE, "angle ~ poly(temp, 2) + recipe + (recipe | replicate)", "~ . - poly(temp, 2)"),
    (CAKE, "angle ~ 0 + recipe + temp + (1 | recipe/replicate)", "~ . - (1 | recipe)"),
]


@pytest.mark.filterwarnings("ignore::refmixed.errors.RefmixedWarning")
@pytest.mark.parametrize(("data", "formula", "change"), LEFT_OUT)
def test_what_is_left_out_needs_no_data(data: pd.DataFrame, formula: str, change: str) -> None:
    fit = rm.lmer(formula, data)
    own, again = fit.update(change), fit.update(change, data)
    for one in (again, fitted(own.formula, data)):
        assert own.criterion == pytest.approx(one.criterion, rel=1e-13)
        assert list(own.beta.index) == list(one.beta.index)
        assert list(own.theta.index) == list(one.theta.index)
    new = data.iloc[::7]
    np.testing.assert_allclose(own.predict(new), again.predict(new), rtol=1e-9)


def test_what_hangs_on_another_term_is_made_of_the_data_of_the_fit() -> None:
    fit = rm.lmer("angle ~ 0 + recipe + temperature + (1 | recipe:replicate)", CAKE)
    for change in ("~ . - recipe", "~ . - temperature + I(temp^2)", "log(.) ~ ."):
        own, again = fit.update(change), fit.update(change, CAKE)
        assert own.formula == again.formula == updated(fit.design.recipe.formula, change)
        assert own.criterion == again.criterion


def test_names_that_are_none_of_r_s_are_changed_like_others() -> None:
    odd = SLEEP.rename(columns={"Subject": "a: group", "Days": "in days"})
    fit = rm.lmer("Reaction ~ `in days` + (`in days` | `a: group`)", odd)
    plain = rm.lmer("Reaction ~ Days + (Days | Subject)", SLEEP)
    own, other = (one.update("log(.) ~ .").criterion for one in (fit, plain))
    assert own == pytest.approx(other, rel=1e-12)
    np.testing.assert_allclose(fit.drop1().table, plain.drop1().table, rtol=1e-9)
    found = fit.test_random().table
    np.testing.assert_allclose(found, plain.test_random().table, rtol=1e-9)
    assert found.index[1] == "`in days` in (`in days` | `a: group`)"


@pytest.mark.filterwarnings("ignore::refmixed.errors.RankWarning")
def test_beside_columns_that_depend_on_one_another() -> None:
    """Random effects are left out as beside others; a term that others span tests nothing."""
    data = SLEEP.assign(Hours=24.0 * SLEEP["Days"])
    fit = rm.lmer("Reaction ~ Days + Hours + (Days | Subject)", data)
    plain = rm.lmer("Reaction ~ Days + (Days | Subject)", SLEEP)
    np.testing.assert_allclose(fit.test_random().table, plain.test_random().table, rtol=1e-9)
    smaller = fit.update("~ . - (Days | Subject) + (1 | Subject)")
    assert smaller.messages == fit.messages
    np.testing.assert_allclose(smaller.predict(data), smaller.predict(), rtol=1e-12)
    np.testing.assert_allclose(
        smaller.test_fixed(), rm.lmer(smaller.formula, data).test_fixed(), rtol=1e-6
    )
    found = fit.drop1().table
    assert found["npar"].tolist()[1:] == [0.0, 0.0]
    assert found["Pr(Chi)"].isna().all()


def test_data_that_came_in_chunks_are_needed_again() -> None:
    fit = rm.lmer("Reaction ~ Days + (1 | Subject)", [SLEEP[:90], SLEEP[90:]])
    with pytest.raises(OptionError, match="data that came in chunks are not kept"):
        fit.update("~ . + I(Days^2)")


def test_weights_and_offset_stay_with_the_data() -> None:
    data = SLEEP.assign(w=1.0 + np.arange(180) % 4, o=SLEEP["Days"] * 2.0)
    fit = rm.lmer(SLEEPS[1], data, weights="w", offset="o")
    assert fit.update("~ . - Days").criterion == pytest.approx(
        fit.update("~ . - Days", data).criterion, rel=1e-13
    )
    assert (
        fit.update(reml=False).criterion
        == rm.lmer(SLEEPS[1], data, False, weights="w", offset="o").criterion
    )
    numbers = rm.lmer(SLEEPS[1], SLEEP, weights=data["w"].to_numpy())
    with pytest.raises(OptionError, match="weights of the fit were numbers"):
        numbers.update("~ . - Days", SLEEP)
    with pytest.raises(OptionError, match="give data="):
        fit.update(weights="w")
    assert numbers.update("~ . - Days", SLEEP, weights=data["w"].to_numpy()).criterion == (
        pytest.approx(numbers.update("~ . - Days").criterion, rel=1e-13)
    )


def test_arrays_have_no_formula_to_change() -> None:
    fit = rm.fit(SLEEP["Reaction"], np.ones(180), [(SLEEP["Subject"], None)])
    with pytest.raises(OptionError, match="has no formula"):
        fit.update("~ . - x1")
    assert not fit.update(reml=False).reml


# --- drop1 ----------------------------------------------------------------------------------------

DROPPED = [
    (SLEEP, "Reaction ~ Days + I(Days^2) + (1 | Subject)"),
    (CAKE, "angle ~ recipe*temperature + (1 | recipe:replicate)"),
    (CAKE, "angle ~ recipe + temperature + (1 | recipe:replicate)"),
]
DROP1 = """function(formula, data) {
  s <- lmerControl(optCtrl = list(xtol_abs = 1e-12, xtol_rel = 0, ftol_abs = 0, ftol_rel = 0,
                                  maxeval = 1e5), calc.derivs = FALSE)
  m <- eval(as.call(list(quote(lme4::lmer), as.formula(formula), quote(data), FALSE, s)))
  t <- drop1(m, test = "Chisq"); c(list(names = row.names(t)), as.list(t)) }"""


@pytest.mark.filterwarnings("ignore::refmixed.errors.RefmixedWarning")
@pytest.mark.parametrize(("data", "formula"), DROPPED)
def test_single_terms_are_dropped_as_by_lme4(
    lme4: ModuleType, data: pd.DataFrame, formula: str
) -> None:
    found = rm.lmer(formula, data).drop1()
    names, npar, aic, lrt, p = r.ask(DROP1, formula, data).values()
    assert list(found.table.index) == list(names)
    assert list(found.table.columns) == ["npar", "AIC", "LRT", "Pr(Chi)"]
    np.testing.assert_allclose(found.table["npar"], npar)
    np.testing.assert_allclose(found.table["AIC"], aic, rtol=1e-12)
    np.testing.assert_allclose(found.table["LRT"], lrt, rtol=1e-10, atol=1e-9)
    np.testing.assert_allclose(found.table["Pr(Chi)"], p, rtol=1e-8)
    assert str(found).startswith("Single term deletions\n\nModel:\n")


def test_a_term_within_another_stays() -> None:
    fit = rm.lmer("angle ~ recipe*temp + I(temp^2) + (1 | replicate)", CAKE)
    assert list(fit.drop1().table.index) == ["<none>", "I(temp^2)", "recipe:temp"]
    assert list(fit.drop1("none").table.columns) == ["npar", "AIC"]


def test_a_term_that_others_are_coded_beside_may_be_left_out() -> None:
    data = CAKE.assign(x=np.arange(270) % 5)
    fit = rm.lmer("angle ~ 0 + recipe + x + temperature + (1 | replicate)", data)
    table = fit.drop1().table
    pd.testing.assert_frame_equal(table, fit.drop1(data=data).table)
    without = rm.lmer("angle ~ 0 + x + temperature + (1 | replicate)", data, False)
    assert table.loc["recipe", "AIC"] == pytest.approx(without.aic, rel=1e-13)
    assert table.loc["recipe", "npar"] == 2


def test_rows_stay_those_of_the_fit() -> None:
    data = SLEEP.assign(x=np.where(np.arange(180) % 9, np.arange(180.0) % 11, np.nan))
    fit = rm.lmer("Reaction ~ Days + x + (1 | Subject)", data)
    assert fit.update("~ . - x").nobs == fit.nobs == 160
    assert fit.drop1().table.loc["x", "LRT"] > 0
    with pytest.raises(OptionError, match="the numbers of rows"):
        fit.drop1(data=data)


def test_arrays_and_lm_drop_columns_and_terms() -> None:
    X = np.column_stack([np.ones(180), SLEEP["Days"], SLEEP["Days"] ** 2])
    arrays = rm.fit(SLEEP["Reaction"], X, [(SLEEP["Subject"], None)]).drop1().table
    formula = rm.lmer("Reaction ~ Days + I(Days^2) + (1 | Subject)", SLEEP).drop1().table
    np.testing.assert_allclose(arrays, formula, rtol=1e-9)
    lm = rm.lm("Reaction ~ Days + Subject", SLEEP).drop1().table
    rss = [
        ((SLEEP["Reaction"] - rm.lm(f, SLEEP).fitted) ** 2).sum()
        for f in ("Reaction ~ Days + Subject", "Reaction ~ Subject", "Reaction ~ Days")
    ]
    lrt = 180 * np.log(np.array(rss[1:]) / rss[0])
    np.testing.assert_allclose(lm["LRT"].iloc[1:], lrt, rtol=1e-11)
    np.testing.assert_allclose(lm["Pr(Chi)"].iloc[1:], chi2.sf(lrt, [1, 17]), rtol=1e-9)


def test_an_unknown_test_is_refused() -> None:
    with pytest.raises(OptionError, match="test must be one of"):
        rm.lmer(SLEEPS[1], SLEEP).drop1("F")


def test_an_update_of_many_data_sets_out_from_the_fit_and_ends_at_the_same_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source, n = np.random.default_rng(5), 3_000
    g, h = (60 * source.beta(0.5, 2.0, (2, n))).astype(int)
    data = pd.DataFrame({"x": source.normal(size=n), "z": source.normal(size=n), "g": g, "h": h})
    effects = source.normal(size=(2, 60))
    data["y"] = data.x + effects[0, g] + 0.5 * effects[1, h] + source.normal(size=n)
    fit = rm.lmer("y ~ x + z + (x | g) + (z | h)", data)
    taken: list[int] = []
    evaluate = Search.at
    monkeypatch.setattr(Search, "at", lambda *given: taken.append(1) or evaluate(*given))
    again = fit.update("~ . - z")
    warm = len(taken)
    cold = rm.lmer("y ~ x + (x | g) + (z | h)", data)
    assert warm < len(taken) - warm
    np.testing.assert_allclose(again.theta, cold.theta, rtol=1e-10)
