"""Predictions are lme4's, row by row, whatever the other rows are and however they are given."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import refmixed as rm
from refmixed.errors import ExtrapolationWarning, OptionError
from validation.adapters import r

N, M = 120, 40


def build() -> pd.DataFrame:
    """Two crossed groups with slopes, and predictors of every kind."""
    rng = np.random.default_rng(3)
    data = pd.DataFrame(
        {
            "x": rng.normal(size=N),
            "z": rng.uniform(1, 2, N),
            "f": pd.Categorical(rng.choice(list("abc"), N)),
            "o": pd.Categorical(
                rng.choice(["lo", "mid", "hi"], N), ["lo", "mid", "hi"], ordered=True
            ),
            "b": rng.choice([True, False], N),
            "count": rng.integers(1, 4, N),
            "g": pd.Categorical([f"g{k % 10}" for k in range(N)]),
            "h": pd.Categorical([f"h{k % 4}" for k in rng.permutation(N)]),
            "w": rng.uniform(0.5, 2, N),
        }
    )
    of_g, of_h = rng.normal(size=(10, 2)), rng.normal(size=4)
    codes = data["g"].cat.codes
    data["y"] = 2 + of_g[codes, 0] + (1 + of_g[codes, 1]) * data["x"] + of_h[data["h"].cat.codes]
    data["y"] += data["f"].cat.codes + rng.normal(size=N)
    data.attrs |= {"name": "d", "ordered": ["o"]}
    return data


DATA = build()
NEW = DATA.sample(M, random_state=1, ignore_index=True).assign(  # levels known, numbers new
    x=lambda d: d["x"] * 0.9, z=lambda d: d["z"] + 0.1
)
STRANGERS = NEW.assign(g=NEW["g"].astype(str).where(NEW.index % 3 > 0, "g99").astype("category"))

# A formula, and what lme4 calls some of its random terms.
MODELS = {
    "y ~ x + (1 | g)": {"g": "~ (1 | g)"},
    "y ~ x + (x | g)": {"g": "~ (x | g)"},
    "y ~ x + (x || g)": {"g": "~ (1 | g) + (0 + x | g)"},
    "y ~ f*x + (x | g) + (1 | h)": {"g": "~ (x | g)", "h": "~ (1 | h)"},
    "y ~ x + (1 | g) + (0 + x | g) + (1 | h)": {"g": "~ (1 | g) + (0 + x | g)", "h": "~ (1 | h)"},
    "y ~ x + (1 | h/b)": {"h": "~ (1 | h)", "b:h": "~ (1 | b:h)"},
    "y ~ scale(x)*f + (scale(x) | g)": {"g": "~ (scale(x) | g)"},
    "y ~ I(x^2) + exp(z) + log(z, 2) + (I(x^2) | g)": {"g": "~ (I(x^2) | g)"},
    "y ~ x + offset(z) + offset(log(w)) + (1 | g)": {"g": "~ (1 | g)"},
    "y ~ o + C(f, sum) + b + (b | g)": {"g": "~ (b | g)"},
    "y ~ factor(count)*b + relevel(f, 'c') + (0 + f | h)": {"h": "~ (0 + f | h)"},
    "y ~ 0 + f:x + (0 + x | g)": {"g": "~ (0 + x | g)"},
    "y ~ factor(x > 0) + scale(2*x) + (1 | g)": {"g": "~ (1 | g)"},
    "y ~ ifelse(x > 0, x, z) + (x > 1)*b + (1 | g)": {"g": "~ (1 | g)"},
    "log(z) ~ x + (1 | g:f)": {"g:f": "~ (1 | g:f)"},
    "y ~ 1 + (1 | g)": {"g": "~ (1 | g)"},
    "y ~ poly(x, 2) + (poly(x, 2) | g)": {"g": "~ (poly(x, 2) | g)"},
    "y ~ poly(x, 2)*f + poly(z, 2, raw = TRUE) + (x | g)": {"g": "~ (x | g)"},
    "y ~ bs(x, df = 4) + (1 | g)": {"g": "~ (1 | g)"},
    "y ~ bs(x, knots = c(-0.5, 0.5), degree = 2)*b + (x | g)": {"g": "~ (x | g)"},
}


@pytest.fixture(scope="module")
def R(lme4: ModuleType) -> ModuleType:
    """lme4 in a session with `bs`."""
    r.interface().evalr("library(splines)")
    return lme4


def fitted(formula: str) -> rm.Fit:
    """A fit to the data."""
    return rm.lmer(formula, DATA)


# --- beside lme4, at the same theta ---------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::refmixed.errors.ConvergenceWarning")
@pytest.mark.parametrize("formula", MODELS)
def test_new_rows_are_predicted_as_by_lme4(R: ModuleType, formula: str) -> None:
    fit = fitted(formula)
    theirs = R.at(formula, DATA, fit.theta)
    assert_same(fit.predict(NEW), R.predict(theirs, NEW))
    assert_same(fit.predict(NEW, random=False), R.predict(theirs, NEW, population=True))
    for group, re_form in MODELS[formula].items():
        assert_same(fit.predict(NEW, random=[group]), R.predict(theirs, NEW, re_form=re_form))


@pytest.mark.parametrize(
    "formula", ["y ~ x + z + (x | g)", "y ~ scale(z)*x + (1 | g)", "y ~ f*z + (x | g) + (1 | h)"]
)
def test_missing_values_are_predicted_as_missing_as_by_lme4(R: ModuleType, formula: str) -> None:
    fit = fitted(formula)
    gaps = NEW.assign(z=NEW["z"].where(NEW.index % 7 > 0))
    theirs = R.predict(R.at(formula, DATA, fit.theta), gaps)
    assert np.isnan(theirs).sum() == 6
    assert_same(fit.predict(gaps), theirs)


@pytest.mark.parametrize("formula", [m for m, groups in MODELS.items() if "g" in groups])
def test_a_new_group_is_predicted_by_the_population(R: ModuleType, formula: str) -> None:
    fit = fitted(formula)
    ours = fit.predict(STRANGERS, new_levels="population")
    theirs = R.predict(R.at(formula, DATA, fit.theta), STRANGERS, allow_new_levels=True)
    assert_same(ours, theirs)
    new = (STRANGERS["g"] == "g99").to_numpy()
    others = set(MODELS[formula]) - {"g"}
    assert_close(ours[new], fit.predict(STRANGERS[new], random=others))


NAMELESS = STRANGERS.assign(
    g=STRANGERS["g"].where(NEW.index % 4 > 0), h=NEW["h"].where(NEW.index % 5 > 1)
)


@pytest.mark.parametrize("formula", [m for m in MODELS if ":f" not in m and "h/b" not in m])
def test_a_row_that_names_no_group_is_predicted_by_the_population(
    R: ModuleType, formula: str
) -> None:
    fit = fitted(formula)
    ours = fit.predict(NAMELESS, new_levels="population")
    assert ours.notna().all()
    theirs = R.predict(R.at(formula, DATA, fit.theta), NAMELESS, allow_new_levels=True)
    assert_same(ours, theirs)


@pytest.mark.parametrize(
    "formula", ["y ~ x + (1 | h/b)", "log(z) ~ x + (1 | g:f)", "y ~ 1 + (1 | g:h)"]
)
def test_a_group_of_which_a_part_is_missing_is_no_group(formula: str) -> None:
    fit = fitted(formula)
    ours = fit.predict(NAMELESS, new_levels="population")
    for (columns,) in {(bar.columns,) for bar in fit.design.recipe.bars}:
        missing = NAMELESS[list(columns)].isna().any(axis=1)
        others = {bar.group for bar in fit.design.recipe.bars if bar.columns != columns}
        rest = fit.predict(NAMELESS, new_levels="population", random=others)
        assert missing.any()
        assert_close(ours[missing], rest[missing])
    assert fit.predict(NAMELESS.assign(g="g1", f="a")).isna().any() == ("h" in formula)


BEYOND = [
    "y ~ bs(x, df = 4) + (1 | g)",
    "y ~ bs(x) + (bs(x) | h)",
    "y ~ bs(x, degree = 1, df = 3)*b + (1 | g)",
    "y ~ bs(x, knots = c(-0.5, 0.5), degree = 2) + (x | g)",
]


@pytest.mark.filterwarnings("ignore::refmixed.errors.ConvergenceWarning")
@pytest.mark.parametrize("formula", BEYOND)
def test_a_spline_goes_on_beyond_the_data_of_the_fit_as_in_r(R: ModuleType, formula: str) -> None:
    fit = fitted(formula)
    low, high = DATA["x"].min(), DATA["x"].max()
    far = NEW.assign(x=np.resize([low - 2, low - 1e-3, low, 0.0, high, high + 1e-3, high + 3], M))
    with pytest.warns(ExtrapolationWarning, match="goes on beyond the data of the fit"):
        ours = fit.predict(far)
    theirs = R.predict(R.at(formula, DATA, fit.theta), far)
    np.testing.assert_allclose(ours, theirs, rtol=1e-8)
    inside = far["x"].between(low, high)
    assert_close(fit.predict(far[inside]), ours[inside])  # without a warning


def assert_same(ours: pd.Series, theirs: Any) -> None:
    """Equal up to rounding, and missing in the same rows."""
    assert np.isfinite(ours).sum() > M / 2
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-10)


def assert_close(ours: pd.Series, theirs: pd.Series) -> None:
    """Equal but for the order in which a matrix product adds."""
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13)


# --- beside itself --------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::refmixed.errors.ConvergenceWarning")
@pytest.mark.parametrize("formula", MODELS)
def test_rows_of_the_fit_are_predicted_as_they_were_fitted(formula: str) -> None:
    fit = fitted(formula)
    np.testing.assert_allclose(fit.predict(DATA), fit.fitted, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(fit.predict(), fit.fitted)
    np.testing.assert_allclose(fit.fitted + fit.residuals(), fit.design.y, rtol=1e-14, atol=1e-14)
    sums = fit.predict(random=False) - fit.predict()
    for group in {term.group for term in fit.design.terms}:
        sums += fit.predict(random=[group]) - fit.predict(random=False)
    np.testing.assert_allclose(sums, 0, atol=1e-12)


@pytest.mark.filterwarnings("ignore::refmixed.errors.ConvergenceWarning")
@pytest.mark.parametrize("formula", MODELS)
def test_a_prediction_does_not_depend_on_the_other_rows(formula: str) -> None:
    fit = fitted(formula)
    whole = fit.predict(NEW)
    for rows in (NEW[::-1], NEW.sample(15, random_state=2), NEW[7:8], NEW[NEW["f"] == "c"]):
        ours = fit.predict(rows)
        assert list(ours.index) == list(rows.index)
        assert_close(ours, whole[rows.index])


RECODED: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "strings": lambda d: d.astype({"f": str, "g": str, "h": str, "o": str}),
    "objects": lambda d: d.astype({"f": object, "g": object, "h": object, "o": object}),
    "more levels": lambda d: d.assign(
        f=d["f"].cat.add_categories("zz"), g=d["g"].cat.add_categories("a")
    ),
    "another order": lambda d: d.assign(
        f=d["f"].cat.reorder_categories(list("cab")),
        g=d["g"].cat.reorder_categories(list(d["g"].cat.categories)[::-1]),
    ),
    "fewer levels": lambda d: d.assign(f=d["f"].cat.remove_unused_categories()),
    "nullable": lambda d: d.astype({"b": "boolean", "count": "Int64", "x": "Float64"}),
    "other columns": lambda d: d.drop(columns=["y", "w"]).assign(pi=1.0, sum=2.0, T=3.0),
    "another index": lambda d: d.set_axis(["row"] * len(d), axis=0),
}


@pytest.mark.parametrize("recode", RECODED.values(), ids=RECODED)
def test_a_prediction_does_not_depend_on_how_rows_are_coded(
    recode: Callable[[pd.DataFrame], pd.DataFrame],
) -> None:
    fit = fitted("y ~ o + C(f, sum)*x + b + factor(count) + cos(2*pi*x) + (x | g) + (b | h)")
    rows = NEW[NEW["f"] != "b"]
    ours = fit.predict(recode(rows))
    assert list(ours.index) == list(recode(rows).index)
    assert_close(ours, fit.predict(rows))


def test_integers_that_are_levels_may_come_as_numbers_or_texts() -> None:
    data = DATA.assign(g=DATA["g"].cat.codes.astype(int), k=pd.Categorical(DATA["count"]))
    fit = rm.lmer("y ~ x + k + (1 | g)", data)
    for kind in (float, str, object, "int8"):
        same = data.assign(g=data["g"].astype(kind), k=data["count"].astype(kind))
        if kind is object:
            same = data.assign(g=data["g"].astype(str).astype(object))
        assert_close(fit.predict(same), fit.predict(data))


READ = ["x", "z", "f", "b", "count", "g"]


@pytest.mark.parametrize("column", [*READ, "w"])
def test_a_row_that_lacks_a_value_is_predicted_as_missing(column: str) -> None:
    fit = fitted("y ~ poly(x, 2) + f + b + factor(count) + (scale(z) | g)")
    some = NEW.assign(**{column: NEW[column].astype(object).where(NEW.index % 3 > 0)})
    if column in ("x", "z", "w", "count"):
        some[column] = some[column].astype(float)
    ours = fit.predict(some)
    assert list(ours.isna()) == [column in READ and k % 3 == 0 for k in range(M)]
    assert_close(ours.dropna(), fit.predict(NEW)[ours.notna()])
    assert fit.predict(NEW.assign(**{column: None})).isna().all() == (column in READ)


@pytest.mark.parametrize("column", ["x", "z", "count"])
@pytest.mark.parametrize("dtype", [float, object, "Float64", "string"])
def test_where_no_row_has_a_value_a_number_stays_a_number(column: str, dtype: str | type) -> None:
    """Of a column without a value it cannot be told that it has numbers; the fit knows."""
    fit = fitted("y ~ poly(x, 2) + z:f + count + (z | g)")
    before = fit.predict(NEW)
    assert fit.predict(NEW.assign(**{column: pd.Series([None] * M, dtype=dtype)})).isna().all()
    assert_close(fit.predict(NEW), before)


NO_ROWS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "a filter": lambda d: d[d["x"] > 99],
    "of texts": lambda d: d[:0].astype(str),
    "of objects": lambda d: d[:0].astype(object),
    "polars": lambda d: pl.from_pandas(d[:0]),
    "pyarrow": lambda d: pa.Table.from_pandas(d[:0]),
    "no columns": lambda d: pd.DataFrame(),
}


@pytest.mark.parametrize("none", NO_ROWS.values(), ids=NO_ROWS)
@pytest.mark.parametrize("random", [True, False, ["g"]])
def test_no_rows_have_no_predictions(none: Callable[[pd.DataFrame], Any], random: Any) -> None:
    for formula in ("y ~ bs(x) + f*b + offset(z) + (x | g) + (1 | h/b)", "log(z) ~ 1 + (1 | g)"):
        for new_levels in ("error", "population"):
            found = fitted(formula).predict(none(NEW), random=random, new_levels=new_levels)
            assert (len(found), found.dtype) == (0, np.float64)


def test_no_rows_of_arrays_have_no_predictions() -> None:
    X = np.column_stack([np.ones(N), DATA["x"]])
    fit = rm.fit(DATA["y"], X, [(DATA["g"].astype(str), X)])
    for labels in ([], np.array([]), DATA["g"].astype(str)[:0]):
        assert fit.predict((X[:0], [(labels, X[:0])])).tolist() == []
    one = rm.fit(DATA["y"], np.ones(N), [(DATA["g"].astype(str), None)])
    assert one.predict(([], [([], None)])).tolist() == []


def test_rows_of_arrays_may_name_no_group() -> None:
    X, ids = np.column_stack([np.ones(N), DATA["x"]]), DATA["g"].cat.codes.astype(int)
    fit = rm.fit(DATA["y"].to_numpy(), X, [(ids.to_numpy(), X)])
    known, no, new = fit.predict((X, [(ids.to_numpy(), X)]))[:3], X[1] @ fit.beta, X[2] @ fit.beta
    for labels in ([0, None, 99], [0.0, np.nan, 99.0], pd.array([0, None, 99], "Int64")):
        found = fit.predict((X[:3], [(labels, X[:3])]), new_levels="population")
        np.testing.assert_allclose(found, [known[0], no, new], rtol=1e-12)
        with pytest.raises(OptionError, match="none of them missing"):
            fit.predict((X[:3], [(labels, X[:3])]))


def test_a_group_that_is_not_asked_for_may_be_missing() -> None:
    fit = fitted("y ~ x + (x | g) + (1 | h)")
    assert_close(fit.predict(NEW.drop(columns="g"), random="h"), fit.predict(NEW, random=["h"]))
    without = NEW.drop(columns=["g", "h", "y"])
    assert_close(fit.predict(without, random=False), fit.predict(NEW, random=[]))


def test_columns_that_were_dropped_stay_dropped() -> None:
    with pytest.warns(rm.errors.RankWarning):
        fit = rm.lmer("y ~ x + I(3*x) + f + (1 | g)", DATA)
    plain = fitted("y ~ x + f + (1 | g)")
    np.testing.assert_allclose(fit.predict(NEW), plain.predict(NEW), rtol=1e-9)


def test_rows_that_were_dropped_can_be_predicted() -> None:
    data = DATA.assign(y=DATA["y"].where(DATA.index % 4 > 0))
    fit = rm.lmer("y ~ x + (1 | g)", data)
    assert len(fit.predict()) == 90
    ours = fit.predict(data)
    assert len(ours) == 120
    np.testing.assert_allclose(ours[fit.fitted.index], fit.fitted, rtol=1e-13)


@pytest.mark.filterwarnings("ignore::refmixed.errors.IdentifiabilityWarning")
@pytest.mark.parametrize("random", ["(x | g)", "(x || g)", "(1 | g) + (x | g)", "(1 | g)"])
def test_the_coefficients_of_a_group_predict_it(random: str) -> None:
    fit = fitted(f"y ~ x + {random}")
    coef = fit.coef()["g"].loc[NEW["g"]]
    line = coef["(Intercept)"].to_numpy() + coef["x"].to_numpy() * NEW["x"]
    assert_close(fit.predict(NEW), line)


def test_lm_predicts_too() -> None:
    fit = rm.lm("y ~ x + g", DATA)
    X = np.column_stack([np.ones(N), DATA["x"], np.eye(10)[DATA["g"].cat.codes][:, 1:]])
    beta = np.linalg.lstsq(X, DATA["y"], rcond=None)[0]
    np.testing.assert_allclose(fit.predict(DATA), X @ beta, rtol=1e-10)
