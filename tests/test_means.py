"""Marginal means are averages over a grid of predictions: emmeans', and arithmetic's."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import refmixed as rm
from refmixed.after.means import adjust, studentized
from refmixed.errors import OffsetError, OptionError
from validation.adapters import r
from validation.suite import tables

pytestmark = pytest.mark.numerical


def build() -> pd.DataFrame:
    """Unbalanced factors, a truth, a number of two values, covariates, weights."""
    rng = np.random.default_rng(17)
    n = 90
    data = pd.DataFrame(
        {
            "f": pd.Categorical(rng.choice(list("abc"), n, p=[0.5, 0.3, 0.2])),
            "h": pd.Categorical(rng.choice(["u-v", "w"], n)),
            "x": rng.uniform(1, 4, n),
            "z": rng.normal(size=n),
            "two": rng.choice([1.0, 5.0], n),
            "k": rng.integers(1, 4, n).astype(float),
            "truth": rng.choice([True, False], n),
            "w": rng.integers(1, 5, n).astype(float),
            "g": pd.Categorical([f"g{k % 9}" for k in range(n)]),
        }
    )
    data["y"] = data["f"].cat.codes * 1.5 + data["x"] + rng.normal(size=9)[np.arange(n) % 9]
    data["y"] += rng.normal(size=n)
    data.attrs["name"] = "d"
    return data


DATA = build()
HOLES = DATA[~((DATA["f"] == "c") & (DATA["h"] == "w"))].reset_index(drop=True)
CAKE, OATS = rm.load_dataset("cake"), tables.load("Oats").frame()
MACHINES, PENICILLIN = tables.load("Machines").frame(), rm.load_dataset("Penicillin")
for name, frame in {"cake": CAKE, "Oats": OATS, "Machines": MACHINES}.items():
    frame.attrs["name"] = name
HOLES.attrs["name"], PENICILLIN.attrs["name"] = "holes", "Penicillin"


CELLS = rm.lmer("y ~ f*h + x + (1|g)", DATA)


@pytest.fixture(scope="module")
def R(lme4: ModuleType, emmeans: None) -> ModuleType:
    """lme4, in a session with emmeans."""
    r.interface().evalr("suppressPackageStartupMessages(library(emmeans))")
    return lme4


ASK = """function(m, call, d) {
  found <- eval(str2lang(call), list(m = m, d = d))
  parts <- if (inherits(found, "emm_list")) unclass(found) else list(found)
  lapply(unname(parts), function(part) {
    table <- as.data.frame(summary(part, infer = c(TRUE, TRUE)))
    names(table) <- sub("asymp.LCL", "lower.CL", sub("asymp.UCL", "upper.CL", names(table)))
    names(table) <- sub("z.ratio", "t.ratio", names(table))
    own <- c("emmean", "estimate", "SE", "df", "lower.CL", "upper.CL", "t.ratio", "p.value")
    as.list(table[intersect(own, names(table))]) }) }"""


def emmeans_tables(R: ModuleType, fit: rm.Fit, data: pd.DataFrame, call: str, **more: Any) -> list:
    """What emmeans gives at the theta of a fit, as data frames."""
    there = R.at(fit.formula, data, fit.theta.to_numpy(), fit.reml, **more)
    answer = r.ask(ASK, there.model, call, data)
    return [pd.DataFrame(part) for part in answer]


def assert_same(ours: pd.DataFrame, theirs: pd.DataFrame, digits: float = 9.0) -> None:
    """The numbers of two tables, a column at a time; R's law of the range has fewer digits."""
    for column in set(theirs) & set(ours.select_dtypes("number")):
        few = column in ("p.value", "lower.CL", "upper.CL") and digits < 9
        rtol = 10.0**-digits if few else 1e-9
        atol = rtol * np.abs(np.nan_to_num(theirs[column])).max()
        atol = rtol if column == "p.value" else atol
        np.testing.assert_allclose(ours[column], theirs[column], rtol=rtol, atol=atol)


# --- beside emmeans, at the same theta ------------------------------------------------------------

CASES: list[tuple[str, pd.DataFrame, dict[str, Any], str]] = [
    ("angle ~ recipe*temperature + (1|recipe:replicate)", CAKE, {"specs": "recipe"}, "~ recipe"),
    (
        "angle ~ recipe*temperature + (1|recipe:replicate)",
        CAKE,
        {"specs": "recipe", "by": "temperature"},
        "~ recipe | temperature",
    ),
    ("angle ~ recipe + temp + (1|recipe:replicate)", CAKE, {"specs": "recipe"}, "~ recipe"),
    (
        "angle ~ recipe + temp + (1|recipe:replicate)",
        CAKE,
        {"specs": ["recipe", "temp"], "at": {"temp": [180, 200]}},
        "~ recipe * temp, at = list(temp = c(180, 200))",
    ),
    ("yield ~ nitro + Variety + (1|Block/Variety)", OATS, {"specs": "Variety"}, "~ Variety"),
    ("score ~ Machine + (1|Worker/Machine)", MACHINES, {"specs": "Machine"}, "~ Machine"),
    ("diameter ~ 1 + (1|plate) + (1|sample)", PENICILLIN, {"specs": "1"}, "~ 1"),
    ("y ~ f*h + x + (1|g)", DATA, {"specs": ["f"]}, "~ f"),
    ("y ~ f*h + x + (1|g)", DATA, {"specs": ["h", "f"]}, "~ h * f"),
    ("y ~ f*h + x + (1|g)", DATA, {"specs": "f", "weights": "proportional"}, "~ f, weights='prop'"),
    ("y ~ f*h + x + (1|g)", DATA, {"specs": "f", "weights": "cells"}, "~ f, weights = 'cells'"),
    ("y ~ f*h*truth + (1|g)", DATA, {"specs": "f", "weights": "cells"}, "~ f, weights = 'cells'"),
    (
        "y ~ f*h*truth + (1|g)",
        DATA,
        {"specs": "f", "weights": "proportional"},
        "~ f, weights = 'prop'",
    ),
    ("y ~ f + two + (1|g)", DATA, {"specs": ["two"]}, "~ two"),
    ("y ~ f + factor(k) + log(x) + (x|g)", DATA, {"specs": "k"}, "~ k"),
    ("y ~ f * poly(x, 2) + (1|g)", DATA, {"specs": "f"}, "~ f"),
    ("y ~ f * z + I(x^2) + (1|g)", DATA, {"specs": "f", "at": {"z": 1.0}}, "~ f, at=list(z = 1)"),
    (
        "y ~ f * h + (1|g)",
        DATA,
        {"specs": "h", "at": {"f": ["a", "c"]}},
        "~ h, at = list(f = c('a', 'c'))",
    ),
    (
        "y ~ f * h + (1|g)",
        DATA,
        {"specs": "h", "at": {"f": ["a", "c"]}, "weights": "cells"},
        "~ h, at = list(f = c('a', 'c')), weights = 'cells'",
    ),
    ("y ~ f + truth + offset(2*x) + (1|g)", DATA, {"specs": ["truth", "f"]}, "~ truth * f"),
    ("y ~ 0 + f + h + (1|g)", DATA, {"specs": "h"}, "~ h"),
]


@pytest.mark.filterwarnings("ignore::refmixed.errors.ConvergenceWarning")
@pytest.mark.parametrize(("formula", "data", "asked", "there"), CASES, ids=[c[3] for c in CASES])
def test_means_and_differences_are_those_of_emmeans(
    R: ModuleType, formula: str, data: pd.DataFrame, asked: dict[str, Any], there: str
) -> None:
    fit = rm.lmer(formula, data)
    call = f"emmeans(m, pairwise {there}, data = d, lmer.df = 'asymptotic')"
    means, pairs = emmeans_tables(R, fit, data, call)
    ours = fit.means(**asked, contrasts="pairwise", df=np.inf)
    assert_same(ours.means, means)
    assert ours.contrasts is not None
    if len(ours.means) > 1:
        assert_same(ours.contrasts, pairs, digits=6.0)


@pytest.mark.parametrize("adjustment", adjust.ADJUSTMENTS)
@pytest.mark.parametrize(("df", "size"), [(np.inf, ""), (7.5, ", df = 7.5")])
def test_adjustments_are_those_of_emmeans(
    R: ModuleType, adjustment: str, df: float, size: str
) -> None:
    for contrasts in ("revpairwise", "trt.vs.ctrl"):
        if adjustment == "tukey" and contrasts == "trt.vs.ctrl":
            continue
        call = f"emmeans(m, {contrasts} ~ f | h, data = d, lmer.df = 'asymptotic'{size}"
        _, theirs = emmeans_tables(R, CELLS, DATA, f"{call}, adjust = '{adjustment}')")
        ours = CELLS.means("f", "h", contrasts, df=df, adjust=adjustment).contrasts
        assert ours is not None
        # R's ptukey and qtukey stop at four to eight digits
        assert_same(ours, theirs, digits=4.0 if adjustment == "tukey" else 9.0)


SPLIT = [
    ("yield ~ nitro + Variety + (1|Block/Variety)", OATS, "Variety"),
    ("angle ~ recipe*temperature + (1|replicate/recipe)", CAKE, "recipe"),
    ("score ~ Machine + (Machine|Worker)", MACHINES, "Machine"),
    ("y ~ f*h + x + (1|g)", DATA, "f"),
]


@pytest.mark.parametrize(("df", "digits"), [("satterthwaite", 4.0), ("kenward-roger", 6.0)])
@pytest.mark.parametrize(("formula", "data", "factor"), SPLIT, ids=[f for f, _, _ in SPLIT])
def test_degrees_of_freedom_are_those_of_emmeans(
    R: ModuleType, formula: str, data: pd.DataFrame, factor: str, df: str, digits: float
) -> None:
    fit = rm.lmer(formula, data)
    call = f"emmeans(m, pairwise ~ {factor}, data = d, lmer.df = '{df}', adjust = 'holm')"
    ours = fit.means(factor, contrasts="pairwise", df=df, adjust="holm")
    for table, theirs in zip(
        (ours.means, ours.contrasts), emmeans_tables(R, fit, data, call), strict=True
    ):
        assert table is not None
        np.testing.assert_allclose(table["SE"], theirs["SE"], rtol=1e-8)
        np.testing.assert_allclose(table["df"], theirs["df"], rtol=10**-digits)
        for column in ("lower.CL", "upper.CL"):
            np.testing.assert_allclose(table[column], theirs[column], rtol=10**-digits)


def test_own_contrasts_are_those_of_emmeans(R: ModuleType) -> None:
    fit = CELLS
    own = "list('a to rest' = c(1, -.5, -.5), sum = c(1, 1, 1))"
    call = f"contrast(emmeans(m, ~ f | h, data = d, lmer.df = 'asymptotic'), {own})"
    (theirs,) = emmeans_tables(R, fit, DATA, call)
    ours = fit.means("f", "h", {"a to rest": [1, -0.5, -0.5], "sum": [1, 1, 1]}, df=np.inf)
    assert ours.contrasts is not None
    assert_same(ours.contrasts, theirs)
    assert list(ours.contrasts["contrast"]) == ["a to rest", "sum"] * 2
    assert list(ours.contrasts["h"]) == ["u-v"] * 2 + ["w"] * 2


@pytest.mark.filterwarnings("ignore::refmixed.errors.RankWarning")
def test_what_an_empty_cell_leaves_open_is_missing(R: ModuleType) -> None:
    fit = rm.lmer("y ~ f*h + x + (1|g)", HOLES)
    for asked, specs in (
        ({"specs": ["f", "h"]}, "~ f * h"),
        ({"specs": "f"}, "~ f"),
        ({"specs": "h"}, "~ h"),
        ({"specs": "f", "by": "h"}, "~ f | h"),
    ):
        call = f"emmeans(m, pairwise {specs}, data = d, lmer.df = 'asymptotic', adjust = 'none')"
        means, pairs = emmeans_tables(R, fit, HOLES, call)
        ours = fit.means(**asked, contrasts="pairwise", adjust="none", df=np.inf)
        assert_same(ours.means, means)
        assert ours.contrasts is not None
        assert_same(ours.contrasts, pairs)
        assert ours.means["emmean"].isna().any()
        assert any("not estimable" in note for note in ours.notes)


def test_weights_of_the_fit_are_none_of_the_cells(R: ModuleType) -> None:
    fit = rm.lmer("y ~ f*h + x + (1|g)", DATA, weights="w")
    heavy = rm.lmer("y ~ f*h + x + (1|g)", DATA.assign(w=1000 * DATA["w"]), weights="w")
    for weights in ("equal", "proportional", "cells"):
        call = f"emmeans(m, ~ f, data = d, weights = '{weights}', lmer.df = 'asymptotic')"
        (theirs,) = emmeans_tables(R, fit, DATA, call, weights="w")
        ours = fit.means("f", weights=weights, df=np.inf).means
        assert_same(ours, theirs)
        same = heavy.means("f", weights=weights, df=np.inf).means
        pd.testing.assert_frame_equal(ours, same, rtol=1e-7)


# --- beside arithmetic ----------------------------------------------------------------------------


def test_balanced_means_are_the_means_of_the_data() -> None:
    fit = rm.lmer("score ~ Machine + (1 | Worker/Machine)", MACHINES)
    ours = fit.means("Machine").means
    plain = MACHINES.groupby("Machine", observed=True)["score"].mean()
    np.testing.assert_allclose(ours["emmean"], plain[ours["Machine"]], rtol=1e-12)


def test_rows_of_beta_give_means_and_standard_errors() -> None:
    fit = CELLS
    ours = fit.means(["f", "h"])
    C = ours.linear.to_numpy()
    np.testing.assert_allclose(C @ fit.beta, ours.means["emmean"], rtol=1e-12)
    np.testing.assert_allclose(np.sqrt(np.diag(C @ fit.vcov @ C.T)), ours.means["SE"], rtol=1e-12)
    new = ours.means[["f", "h"]].assign(x=DATA["x"].mean())
    np.testing.assert_allclose(fit.predict(new, random=False), ours.means["emmean"], rtol=1e-12)


def test_an_origin_far_off_costs_no_digits() -> None:
    near = rm.lmer("y ~ f + x + (1|g)", DATA).means("f", contrasts="pairwise")
    far = rm.lmer("y ~ f + x + (1|g)", DATA.assign(x=DATA["x"] + 2.0**20)).means(
        "f", contrasts="pairwise"
    )
    pd.testing.assert_frame_equal(near.means, far.means, rtol=1e-6)
    assert near.contrasts is not None
    pd.testing.assert_frame_equal(near.contrasts, far.contrasts, rtol=1e-6)


def test_neither_the_order_of_rows_nor_of_levels_nor_names_matter() -> None:
    first = rm.lmer("y ~ f*h + x + (1|g)", DATA).means("f", contrasts="pairwise")
    mixed = DATA.sample(frac=1.0, random_state=3).rename(columns={"f": "recipe of", "x": "(x)"})
    mixed["h"] = mixed["h"].cat.reorder_categories(["w", "u-v"])
    again = rm.lmer("y ~ `recipe of`*h + `(x)` + (1|g)", mixed)
    second = again.means("recipe of", contrasts="pairwise")
    pd.testing.assert_frame_equal(
        first.means, second.means.rename(columns={"recipe of": "f"}), rtol=1e-8
    )
    assert first.contrasts is not None
    assert second.contrasts is not None
    pd.testing.assert_frame_equal(first.contrasts, second.contrasts, rtol=1e-7)


def test_the_data_of_a_fit_are_those_it_was_fitted_to() -> None:
    data = DATA.copy()
    fit = rm.lmer("y ~ f + log(x) + (1|g)", data)
    before = fit.means("f").means
    data["x"] *= 7.0
    data.loc[:, "f"] = "a"
    pd.testing.assert_frame_equal(fit.means("f").means, before)


def test_rows_that_were_left_out_do_not_count() -> None:
    gaps = DATA.assign(
        y=DATA["y"].where(DATA.index % 4 > 0), w=np.where(DATA.index % 5 == 1, 0.0, 1.0)
    )
    whole = rm.lmer("y ~ f*h + x + (1|g)", gaps, weights="w")
    some = gaps[gaps["y"].notna() & (gaps["w"] > 0)]
    for weights in ("equal", "proportional", "cells"):
        ours = whole.means("f", weights=weights).means
        theirs = rm.lmer("y ~ f*h + x + (1|g)", some).means("f", weights=weights).means
        pd.testing.assert_frame_equal(ours, theirs, rtol=1e-12)


def test_lm_and_singular_fits_and_a_given_theta_have_means() -> None:
    flat = rm.lm("y ~ f + x", DATA)
    zero = rm.lmer("y ~ f + x + (1|g)", DATA, theta=[0.0])
    pd.testing.assert_frame_equal(flat.means("f").means, zero.means("f").means, rtol=1e-10)


def test_of_a_regression_the_degrees_of_freedom_are_those_left() -> None:
    flat = rm.lm("y ~ f + x", DATA)
    for df in ("satterthwaite", "kenward-roger", "residual"):
        np.testing.assert_allclose(flat.means("f", df=df).means["df"], len(DATA) - 4, rtol=1e-9)


def test_balanced_split_plots_have_the_degrees_of_freedom_of_the_anova() -> None:
    """Yates' oats: 6 blocks of 3 varieties, whole plots, and 4 amounts of nitrogen within."""
    data = OATS.assign(nitro=pd.Categorical(OATS["nitro"]))
    fit = rm.lmer("yield ~ nitro*Variety + (1|Block/Variety)", data)
    for df in ("satterthwaite", "kenward-roger"):
        for factor, left in (("Variety", 5 * 2), ("nitro", 3 * 15)):
            pairs = fit.means(factor, contrasts="pairwise", df=df).contrasts
            assert pairs is not None
            np.testing.assert_allclose(pairs["df"], left, rtol=1e-7)
    variance = fit.sigma**2 * 2 / 18  # of a difference of two amounts: 18 plots each
    pairs = fit.means("nitro", contrasts="pairwise").contrasts
    assert pairs is not None
    np.testing.assert_allclose(pairs["SE"] ** 2, variance, rtol=1e-9)


def test_holm_steps_down_and_bonferroni_multiplies() -> None:
    t, df = np.array([3.0, 2.0, np.nan, 2.5]), np.array([np.inf, np.inf, np.nan, np.inf])
    p = adjust.p_values(t, df, "none", 3)
    np.testing.assert_allclose(adjust.p_values(t, df, "bonferroni", 3), 3 * p)
    found = adjust.p_values(t, df, "holm", 3)
    np.testing.assert_allclose(found, [3 * p[0], p[1], np.nan, 2 * p[3]])
    ties = adjust.p_values(np.array([2.0, 2.0, 0.1]), np.full(3, np.inf), "holm", 3)
    assert ties[0] == ties[1] == pytest.approx(3 * p[1])
    assert ties[2] == pytest.approx(0.9203443)


@pytest.mark.parametrize("df", [0.036, 1.0, 2.5, 17.0, 3000.0, np.inf])
def test_the_range_of_two_means_is_students_t(df: float) -> None:
    for q in (0.0, 1e-3, 0.7, 3.0, 12.0, 40.0):
        assert studentized.beyond(q, 2, df) == pytest.approx(
            2 * stats.t.sf(q / np.sqrt(2), df), rel=1e-10
        )
    found = studentized.point(0.95, 2, df) / np.sqrt(2)
    assert found == pytest.approx(stats.t.ppf(0.975, df), rel=1e-9)


def test_the_range_of_several_means_is_scipys() -> None:
    for q, k, df in ((3.5, 3, 17.0), (3.5, 6, np.inf), (5.0, 12, 2.3), (3.1, 40, 8.5)):
        theirs = stats.studentized_range.sf(q, k, df)
        assert studentized.beyond(q, k, df) == pytest.approx(theirs, rel=1e-9)
        high = studentized.point(0.99, k, df)
        assert studentized.beyond(high, k, df) == pytest.approx(0.01, rel=1e-9)
    assert studentized.beyond(12.0, 4, 30.0) == pytest.approx(1.064546e-8, rel=1e-6)


# --- bad input ------------------------------------------------------------------------------------

FIT = rm.lmer("y ~ f*h + x + offset(z) + (1|g)", DATA)
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"specs": "ff"}, "no fixed effect reads 'ff'; did you mean 'f'"),
    ({"specs": "g"}, "no fixed effect reads 'g'; there are 'f', 'h', 'x', 'z'"),
    ({"specs": 3}, "specs must be a name or a list of names, not 3"),
    ({"specs": "f", "by": "f"}, "'f' is asked for twice"),
    ({"specs": "f", "weights": "some"}, "weights must be one of"),
    ({"specs": "f", "level": 95.0}, "level must be a number between 0 and 1, not 95"),
    ({"specs": "f", "level": "0.9"}, "level must be a number between 0 and 1"),
    ({"specs": "f", "contrasts": "all"}, "contrasts must be one of"),
    ({"specs": "f", "contrasts": {"c": [1, -1]}}, "must be 3 finite numbers"),
    ({"specs": "f", "contrasts": "trt.vs.ctrl", "adjust": "tukey"}, "adjust='tukey' is for all"),
    ({"specs": "f", "contrasts": "pairwise", "adjust": "sidak"}, "adjust must be one of"),
    ({"specs": "f", "at": {"f": ["a", "q"]}}, "f has no level 'q'"),
    ({"specs": "f", "at": {"x": ["one"]}}, r"at\['x'\] must be 1 finite numbers"),
    ({"specs": "f", "at": {"f": []}}, r"at\['f'\] has no values"),
    ({"specs": "f", "df": "kr"}, "df must be one of 'satterthwaite'"),
    ({"specs": "f", "at": {"q": 1}}, "no fixed effect reads 'q' of at"),
    ({"specs": "f", "at": 3}, "at must be a dict of values by column, not int"),
    ({"specs": "f", "df": -1.0}, "df must be"),
    ({"specs": "f", "adjust": "holm"}, "adjust= is for contrasts, and none are asked for"),
    ({"specs": "f", "contrasts": {}}, "contrasts is an empty dict"),
]


@pytest.mark.parametrize(("asked", "message"), WRONG, ids=[m for _, m in WRONG])
def test_what_cannot_be_answered_is_said(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        FIT.means(**asked)


def test_fits_without_a_grid_say_so() -> None:
    X = np.column_stack([np.ones(len(DATA)), DATA["x"]])
    with pytest.raises(OptionError, match="a fit to arrays has no formula"):
        rm.fit(DATA["y"], X, [(DATA["g"], None)]).means("x")
    shifted = rm.lmer("y ~ f + (1|g)", DATA, offset="z")
    with pytest.raises(OffsetError, match=r"write it as offset\(column\)"):
        shifted.means("f")
    with pytest.raises(OptionError, match="several values of x are one level of cut"):
        rm.lmer("y ~ cut(x, 3) + (1|g)", DATA).means("1")
    with pytest.raises(OptionError, match="has no value in the reference grid"):
        rm.lmer("y ~ log(x) + (1|g)", DATA).means("x", at={"x": [-1.0]})
    with pytest.raises(OptionError, match="the model has no fixed effects"):
        rm.lmer("y ~ 0 + (x|g)", DATA).means("1")
    with pytest.raises(OptionError, match="Kenward and Roger's method is one of REML"):
        rm.lmer("y ~ f + (1|g)", DATA, reml=False).means("f", df="kenward-roger")
    parts = [DATA[:50], DATA[50:]]
    with pytest.raises(OptionError, match="chunks are not kept"):
        rm.lmer("y ~ f + x + (1|g)", parts).means("f")


def test_means_print_and_show_their_notes() -> None:
    found = rm.lmer("log(y + 9) ~ f*h + x + (1|g)", DATA).means("f", contrasts="pairwise")
    for text in (str(found), found._repr_html_()):
        assert "Averaged over the levels of h, equal weights." in text
        assert "log(y + 9)" in text
        assert "lower.CL" in text
