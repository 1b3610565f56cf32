"""Which rows a fit has: matched by label, of no weight, lost on the way, too many for a machine."""

import resource
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from row_labels import EACH_ITS_OWN

import refmixed as rm
from refmixed import linalg
from refmixed.design import from_arrays
from refmixed.errors import (
    GroupError,
    MemoryLimitError,
    MissingValueWarning,
    OffsetError,
    OptionError,
    ResponseError,
    SaturatedError,
    WeightsError,
)

N = 60
FORMULA = "y ~ x + f + (x | g)"


def build() -> pd.DataFrame:
    """Ten groups of six; rows have labels of their own."""
    rng = np.random.default_rng(8)
    data = pd.DataFrame({"x": rng.normal(size=N), "f": rng.choice(list("uvw"), N)})
    data["g"] = [f"g{k % 10}" for k in range(N)]
    data["y"] = data["x"] + rng.normal(size=(10, 2))[np.arange(N) % 10, 0] + rng.normal(size=N)
    data = data.assign(w=rng.uniform(0.5, 2, N), o=rng.normal(size=N))
    return data.set_axis([f"row {k}" for k in range(N)])


DATA = build()
SHUFFLED = DATA.sample(frac=1, random_state=4)
BY_NAME = rm.lmer(FORMULA, DATA, weights="w", offset="o")


def labelled(kind: str) -> pd.DataFrame:
    """The data, rows called by a kind of label."""
    return DATA.set_axis(EACH_ITS_OWN[kind](N))


# --- weights and offsets beside a data frame ------------------------------------------------------


@pytest.mark.parametrize("kind", EACH_ITS_OWN)
@pytest.mark.parametrize("order", [slice(None, None, -1), np.random.default_rng(0).permutation(N)])
def test_weights_and_an_offset_belong_to_rows_by_label(kind: str, order: Any) -> None:
    data = labelled(kind)
    made = rm.design(FORMULA, data, weights=data["w"].iloc[order], offset=data["o"].iloc[order])
    assert made.weights.tolist() == data["w"].tolist()
    assert made.offset.tolist() == data["o"].tolist()
    other = rm.design(FORMULA, data.iloc[order], weights=data["w"], offset=dict(data["o"]))
    assert other.weights.tolist() == data["w"].iloc[order].tolist()
    assert other.offset.tolist() == data["o"].iloc[order].tolist()


def test_a_fit_is_the_one_with_the_columns() -> None:
    fit = rm.lmer(FORMULA, SHUFFLED, weights=DATA["w"], offset=DATA["o"])
    assert fit.criterion == pytest.approx(BY_NAME.criterion, abs=1e-9)
    pd.testing.assert_series_equal(fit.fitted[DATA.index], BY_NAME.fitted, rtol=1e-6)
    line = rm.lm("y ~ x", SHUFFLED, weights=DATA["w"], offset=DATA["o"])
    assert line.criterion == pytest.approx(
        rm.lm("y ~ x", DATA, weights="w", offset="o").criterion, abs=1e-9
    )


@pytest.mark.parametrize(
    "change", [list, tuple, np.asarray, pd.array, lambda v: pl.Series(list(v))]
)
def test_what_has_no_labels_goes_by_position(change: Callable[[Any], Any]) -> None:
    made = rm.design(FORMULA, SHUFFLED, weights=change(DATA["w"]))
    assert made.weights.tolist() == DATA["w"].tolist()


@pytest.mark.parametrize("frame", [pl.from_pandas, pa.Table.from_pandas])
def test_data_without_labels_go_by_position(frame: Callable[[Any], Any]) -> None:
    made = rm.design(FORMULA, frame(DATA.reset_index(drop=True)), weights=DATA["w"][::-1])
    assert made.weights.tolist() == DATA["w"].tolist()[::-1]


def test_the_same_labels_in_the_same_order_may_repeat() -> None:
    data = DATA.set_axis(["a", "b"] * 30)
    assert rm.design(FORMULA, data, weights=data["w"]).weights.tolist() == DATA["w"].tolist()


@pytest.mark.parametrize(
    ("index", "words"),
    [
        (range(N), "the data have other row labels ('row 0' is one): an array, which has none, is"),
        ([f"row {k + 1}" for k in range(N)], "other row labels ('row 0' is one)"),
        ([f"row {k % 30}" for k in range(N)], "row labels of {} or the data repeat"),
        (pd.MultiIndex.from_product([range(6), range(10)]), "other row labels ('row 0' is one)"),
        (pd.date_range("2020", periods=N), "other row labels ('row 0' is one)"),
    ],
)
def test_labels_that_do_not_say_which_row_are_refused(index: Any, words: str) -> None:
    for name, error in (("weights", WeightsError), ("offset", OffsetError)):
        with pytest.raises(error) as caught:
            rm.lmer(FORMULA, DATA, **{name: DATA["w"].set_axis(index, axis=0)})
        assert words.format(name) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_labels_of_the_data_that_repeat_say_nothing_of_another_order() -> None:
    data = DATA.set_axis(["a", "b"] * 30)
    with pytest.raises(WeightsError, match="repeat, in another order"):
        rm.lmer(FORMULA, data, weights=data["w"].iloc[::-1])


# --- arrays ---------------------------------------------------------------------------------------

FRAME = pd.DataFrame({"one": 1.0, "x": DATA["x"]})
ARRAYS = {"y": DATA["y"], "X": FRAME, "g": DATA["g"], "z": FRAME, "w": DATA["w"], "o": DATA["o"]}


def of_arrays(**arrays: Any) -> Any:
    """The design of ARRAYS, some of them in another form."""
    a = ARRAYS | arrays
    return from_arrays(a["y"], a["X"], [(a["g"], a["z"])], weights=a["w"], offset=a["o"])


def as_lists(made: Any) -> dict[Any, list[Any]]:
    """What each row of a design holds, by label."""
    (term,) = made.terms
    group = np.array(term.levels)[term.codes]
    rows = zip(
        made.y, made.X.tolist(), group, term.x.tolist(), made.weights, made.offset, strict=True
    )
    return dict(zip(made.index, map(list, rows), strict=True))


@pytest.mark.parametrize("name", ARRAYS)
def test_each_of_the_arrays_may_have_another_order(name: str) -> None:
    usual = of_arrays()
    other = of_arrays(**{name: ARRAYS[name].iloc[::-1]})
    assert as_lists(other) == as_lists(usual)
    first = ARRAYS["y"].index if name != "y" else ARRAYS["y"].index[::-1]
    assert list(other.index) == list(first)


def test_where_y_has_no_labels_the_first_that_has_them_sets_the_order() -> None:
    bare = of_arrays(y=DATA["y"].to_numpy(), X=FRAME.to_numpy(), w=DATA["w"].iloc[::-1])
    assert list(bare.index) == list(DATA.index[::-1])
    assert bare.offset.tolist() == DATA["o"].tolist()[::-1]
    assert bare.y.tolist() == DATA["y"].tolist()


@pytest.mark.parametrize("name", [name for name in ARRAYS if name != "y"])
def test_arrays_with_other_labels_are_refused(name: str) -> None:
    error = {"w": WeightsError, "o": OffsetError}.get(name, OptionError)
    with pytest.raises(error, match=r"and y have other row labels \('row 0' is one\)"):
        of_arrays(**{name: ARRAYS[name].set_axis(range(N))})
    assert as_lists(of_arrays(**{name: ARRAYS[name].to_numpy()}))["row 3"][0] == DATA["y"].iloc[3]


def test_a_list_has_no_labels_and_rows_are_numbered() -> None:
    made = of_arrays(
        **{name: array.to_numpy() for name, array in ARRAYS.items()} | {"y": [*DATA["y"]]}
    )
    assert list(made.index) == list(range(N))
    assert len(rm.fit([*DATA["y"]], FRAME.to_numpy(), [(DATA["g"].to_numpy(), None)]).fitted) == N


def test_new_rows_of_arrays_are_matched_too() -> None:
    fit = rm.fit(DATA["y"], FRAME, [(DATA["g"], FRAME)])
    found = fit.predict((FRAME, [(DATA["g"].iloc[::-1], FRAME.iloc[::-1])]))
    pd.testing.assert_series_equal(found, fit.fitted, rtol=1e-10)
    with pytest.raises(OptionError, match="the labels of term 1 and X have other row labels"):
        fit.predict((FRAME, [(DATA["g"].set_axis(range(N)), FRAME)]))


# --- weights of zero ------------------------------------------------------------------------------

ZEROS = DATA["w"].where((np.arange(N) % 7 > 0) & (DATA["g"] != "g3").to_numpy(), 0.0)


@pytest.mark.parametrize(
    "formula",
    [FORMULA, "y ~ scale(x) + (1 | g)", "y ~ poly(x, 2)*f + (1 | g)", "y ~ bs(x) + (1 | g)"],
)
@pytest.mark.parametrize("reml", [True, False])
def test_a_row_of_weight_zero_is_as_no_row(formula: str, reml: bool) -> None:
    some = DATA[ZEROS > 0]
    right = rm.lmer(formula, some, reml, weights=ZEROS[ZEROS > 0], offset=some["o"])
    fit = rm.lmer(formula, DATA, reml, weights=ZEROS, offset="o")
    assert (fit.criterion, fit.nobs, fit.aic) == (right.criterion, right.nobs, right.aic)
    assert fit.theta.tolist() == right.theta.tolist()
    pd.testing.assert_series_equal(fit.fitted, right.fitted)
    pd.testing.assert_series_equal(fit.residuals("pearson"), right.residuals("pearson"))
    assert "g3" not in fit.ranef()["g"].index
    assert fit.design.dropped == 0


def test_what_a_row_of_weight_zero_holds_is_of_no_matter() -> None:
    right = rm.lmer(FORMULA, DATA, weights=ZEROS)
    odd = DATA.assign(x=DATA["x"].where(ZEROS > 0, np.inf), f=DATA["f"].where(ZEROS > 0, "odd"))
    assert rm.lmer(FORMULA, odd, weights=ZEROS).criterion == right.criterion
    odd["y"] = odd["y"].where(ZEROS > 0)
    assert rm.lmer(FORMULA, odd, weights=ZEROS).criterion == right.criterion


def test_arrays_have_rows_of_weight_zero_too() -> None:
    some = ZEROS > 0
    fit = rm.fit(DATA["y"], FRAME, [(DATA["g"], FRAME)], weights=ZEROS)
    right = rm.fit(
        DATA["y"][some], FRAME[some], [(DATA["g"][some], FRAME[some])], weights=ZEROS[some]
    )
    assert fit.criterion == right.criterion
    pd.testing.assert_series_equal(fit.fitted, right.fitted)
    assert fit.design.terms[0].levels == right.design.terms[0].levels


def test_least_squares_has_rows_of_weight_zero_too() -> None:
    fit = rm.lm("y ~ x", DATA, weights=ZEROS)
    assert fit.sigma == rm.lm("y ~ x", DATA[ZEROS > 0], weights=ZEROS[ZEROS > 0]).sigma


def test_weights_are_negative_in_no_row_that_is_complete() -> None:
    data = DATA.assign(w=DATA["w"].where(DATA.index != "row 5", -1.0))
    with pytest.raises(WeightsError, match="positive or zero, and row 'row 5' has -1"):
        rm.lmer(FORMULA, data, weights="w")
    incomplete = data.assign(y=data["y"].where(data["w"] > 0))
    assert rm.lmer(FORMULA, incomplete, weights="w").nobs == N - 1


# --- logical responses ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [bool, "boolean", object, str])
def test_a_logical_response_is_zero_and_one(kind: Any) -> None:
    high = DATA["y"] > 0.5
    right = rm.lmer("y ~ x + (1 | g)", DATA.assign(y=high.astype(float)))
    data = DATA.assign(y=high.astype(kind) if kind is not str else np.where(high, "TRUE", "FALSE"))
    assert rm.lmer("y ~ x + (1 | g)", data).criterion == right.criterion
    assert rm.lmer("y > 0.5 ~ x + (1 | g)", DATA).beta.tolist() == right.beta.tolist()
    assert rm.lmer("!(y <= 0.5) ~ x + (1 | g)", DATA).beta.tolist() == right.beta.tolist()
    assert rm.fit(high, FRAME, [(DATA["g"], None)]).criterion == right.criterion


def test_a_logical_response_may_lack_values_and_has_to_vary() -> None:
    holed = DATA.assign(y=(DATA["y"] > 0.5).astype("boolean").where(np.arange(N) % 5 > 0))
    fit = rm.lmer("y ~ x + (1 | g)", holed)
    assert (fit.nobs, set(fit.design.y)) == (48, {0.0, 1.0})
    with pytest.raises(ResponseError, match="y > 99 is constant"):
        rm.lmer("y > 99 ~ x + (1 | g)", DATA)
    with pytest.raises(ResponseError, match=r"the response f is not numeric; as.numeric\(\)"):
        rm.lmer("f ~ x + (1 | g)", DATA)


# --- values that an expression loses --------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "name", "lost"),
    [
        ("y ~ log(x) + (1 | g)", "log(x)", "x < 0"),
        ("log(y) ~ x + (1 | g)", "log(y)", "y < 0"),
        ("y ~ x + (sqrt(x) | g)", "sqrt(x)", "x < 0"),
        ("y ~ offset(log2(x)) + (1 | g)", "log2(x)", "x < 0"),
        ("y ~ I(x^0.5) + (1 | g)", "I(x^0.5)", "x < 0"),
        ("y ~ I(x*(x > 0)/(x > 0)) + (1 | g)", "I(x * (x > 0)/(x > 0))", "x < 0"),
    ],
)
def test_rows_that_an_expression_loses_are_told(formula: str, name: str, lost: str) -> None:
    gone = DATA.query(lost)
    with pytest.warns(MissingValueWarning) as said:
        fit = rm.lmer(formula, DATA)
    (text,) = {str(warning.message) for warning in said}
    assert text.startswith(f"{name} has no value in {len(gone)} of 60 rows")
    assert f"in row {gone.index[0]!r}, say, where " in text
    assert fit.design.dropped == len(gone)
    assert fit.nobs == N - len(gone)


def test_rows_that_lacked_a_value_before_are_no_news() -> None:
    fit = rm.lmer("y ~ log(x) + (1 | g)", DATA.assign(x=DATA["x"].where(DATA["x"] > 0)))
    assert fit.design.dropped == (DATA["x"] < 0).sum()


def test_new_rows_that_an_expression_loses_are_told() -> None:
    fit = rm.lmer("y ~ log(x) + (1 | g)", DATA[DATA["x"] > 0])
    with pytest.warns(MissingValueWarning, match=r"log\(x\) has no value in 1 of 2 rows"):
        found = fit.predict(DATA[:2].assign(x=[1.0, -1.0]))
    assert list(found.isna()) == [False, True]


# --- theta that is given --------------------------------------------------------------------------


def by_hand(data: pd.DataFrame, theta: list[float]) -> tuple[Any, Any]:
    """beta and gamma of one group's rows, T = Lambda Lambda' given, as the textbook has them."""
    X = np.column_stack([np.ones(len(data)), data["x"]])
    Lambda = np.array([[theta[0], 0.0], [theta[1], theta[2]]])
    T = Lambda @ Lambda.T
    W = np.linalg.inv(np.eye(len(data)) + X @ T @ X.T)
    beta = np.linalg.solve(X.T @ W @ X, X.T @ W @ data["y"])
    return beta, T @ X.T @ W @ (data["y"] - X @ beta)


THETA = [0.8, 0.1, 0.5]


@pytest.mark.parametrize("route", ["penalized", "blocked", "marginal"])
@pytest.mark.parametrize("reml", [True, False])
def test_one_group_has_effects_where_theta_is_given(route: str, reml: bool) -> None:
    one = DATA[DATA["g"] == "g4"]
    beta, gamma = by_hand(one, THETA)
    fit = rm.lmer("y ~ x + (x | g)", one, reml, theta=THETA, route=route)
    np.testing.assert_allclose(fit.beta, beta, rtol=1e-9)
    np.testing.assert_allclose(fit.ranef()["g"].loc["g4"], gamma, atol=1e-9)
    X = np.column_stack([np.ones(6), one["x"]])
    assert rm.fit(one["y"], X, [(one["g"], X)], theta=THETA).criterion == pytest.approx(
        rm.lmer("y ~ x + (x | g)", one, theta=THETA).criterion
    )
    assert str(fit.summary())
    with pytest.raises(GroupError, match="single level 'g4'"):
        rm.lmer("y ~ x + (x | g)", one)


def test_a_saturated_term_has_effects_where_theta_is_given() -> None:
    data = DATA.assign(each=range(N))
    fit = rm.lmer("y ~ x + (1 | each)", data, theta=[0.5])
    line = rm.lm("y ~ x", data)  # V is a multiple of I
    np.testing.assert_allclose(fit.beta, line.beta, rtol=1e-10)
    np.testing.assert_allclose(fit.ranef()["each"].squeeze(), line.residuals() * 0.2, atol=1e-10)
    with pytest.raises(SaturatedError):
        rm.lmer("y ~ x + (1 | each)", data)
    arrays = (DATA["y"], FRAME, [(np.arange(N), None)])
    assert rm.fit(*arrays, theta=[0.5]).criterion == pytest.approx(fit.criterion)
    with pytest.raises(SaturatedError):
        rm.fit(*arrays)


def test_a_response_that_is_constant_is_no_matter_where_theta_is_given() -> None:
    fit = rm.lmer("y ~ 0 + x + (1 | g)", DATA.assign(y=3.0), theta=[1.0])
    assert np.isfinite(fit.criterion)
    with pytest.raises(ResponseError, match="y is constant"):
        rm.lmer("y ~ 0 + x + (1 | g)", DATA.assign(y=3.0))


def test_arrays_of_one_group_serve_the_routes() -> None:
    one = DATA[DATA["g"] == "g4"]
    made = rm.design("y ~ x + (x | g)", one, allow_saturated=True)
    theta = np.array(THETA)
    assert rm.marginal.criterion(made, theta) == pytest.approx(rm.penalized.criterion(made, theta))


# --- memory ---------------------------------------------------------------------------------------

BIG = pd.DataFrame(
    {"y": np.random.default_rng(0).normal(size=3000), "g": np.arange(3000) // 3, "x": 1.0}
)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has 90 MB left."""
    monkeypatch.setattr(linalg, "memory_limits", lambda: iter([9e7]))
    monkeypatch.setattr(np, "hstack", None)  # Z is not to be made


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "by a formula": (
        lambda: rm.lmer("y ~ 1 + (1 | g)", BIG, route="penalized"),
        "3000 rows, 1 fixed and 1000 random",
    ),
    "by its definition": (
        lambda: rm.fit(BIG["y"], np.ones(3000), [(BIG["g"] % 9, None)], route="marginal"),
        "3000 rows, 1 fixed and 9 random",
    ),
    "with theta": (
        lambda: rm.fit(BIG["y"], np.ones(3000), [(BIG["g"], None)], theta=[1.0], route="penalized"),
        "1000 random",
    ),
    "Z": (lambda: from_arrays(BIG["y"], np.ones(3000), [(BIG["g"], None)]).Z, "1000 random"),
    "a criterion": (
        lambda: rm.marginal.criterion(
            from_arrays(BIG["y"], np.ones(3000), [(BIG["g"] % 9, None)]), np.ones(1)
        ),
        "9 random",
    ),
}


@pytest.mark.parametrize("kind", [k for k in REFUSED if k != "by a formula"])
@pytest.mark.usefixtures("small")
def test_a_model_too_large_is_refused_before_memory_is_asked_for(kind: str) -> None:
    call, words = REFUSED[kind]
    with pytest.raises(MemoryLimitError) as caught:
        call()
    assert words in str(caught.value)
    assert "GB or more, and 0.1 GB of memory are there: a fit by route='auto'" in str(caught.value)
    assert isinstance(caught.value, MemoryError)


def test_a_formula_is_refused_for_its_factors_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linalg, "memory_limits", lambda: iter([1e7 * 8]))
    with pytest.raises(MemoryLimitError, match="3000 rows, 2001 fixed and 0 random"):
        rm.lm("y ~ factor(g) + factor(g):x", BIG)
    call, words = REFUSED["by a formula"]
    with pytest.raises(MemoryLimitError, match=words):
        call()
    assert rm.lmer("y ~ 1 + (1 | g)", BIG).nobs == 3000


@pytest.mark.parametrize(
    ("route", "n", "levels"),
    [("penalized", 3000, 600), ("marginal", 600, 6), ("blocked", 200_000, 30_000)],
)
def test_the_bytes_that_a_route_is_said_to_need_are_needed(
    monkeypatch: pytest.MonkeyPatch, route: str, n: int, levels: int
) -> None:
    """A refusal must not hit what would have been fitted: the estimate is below the peak."""
    y, g = np.random.default_rng(0).normal(size=n), np.arange(n) % levels
    tracemalloc.start()
    rm.fit(y, np.ones(n), [(g, None)], route=route)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    monkeypatch.setattr(linalg, "memory_limits", lambda: iter([1.0]))
    monkeypatch.setattr(linalg, "SMALL", 0.0)
    with pytest.raises(MemoryLimitError) as caught:
        rm.fit(y, np.ones(n), [(g, None)], route=route)
    assert 0.5 * peak < caught.value.args[3] < peak


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of addresses is Linux's")
def test_the_command_line_says_so_in_one_line(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    n, path = 30_000, tmp_path / "big.csv"
    groups = [f"g{k}" for k in rng.integers(0, 5_000, n)]
    pd.DataFrame({"y": rng.normal(size=n).round(2), "g": groups}).to_csv(path, index=False)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (3_000_000_000, 3_000_000_000))

    command = [sys.executable, "-m", "refmixed", "fit", "y ~ 1 + (1 | g)", str(path)]
    command += ["--route", "penalized"]
    run = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit, check=False)
    assert run.returncode == 2
    (line,) = run.stderr.strip().split("\n")
    assert line.startswith("refmixed: error: the matrices of 30000 rows, 1 fixed and 49")


def test_what_fits_is_not_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    made = from_arrays(BIG["y"], np.ones(3000), [(BIG["g"], None)])
    monkeypatch.setattr(linalg, "memory_limits", lambda: iter([8.0 * (2 * 3000 * 1001 + 10e6)]))
    assert made.Z.shape == (3000, 1000)
    monkeypatch.setattr(linalg, "memory_limits", lambda: iter([]))  # nothing is known
    assert replace(made).Z.shape == (3000, 1000)


def test_memory_that_is_refused_all_the_same_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(rm.blocked, "evaluate", exhausted)
    with pytest.raises(MemoryLimitError, match=r"60 rows, 4 fixed and 20 random.*fit a part"):
        rm.lmer(FORMULA, DATA)


def test_what_the_machine_has_is_known() -> None:
    limits = list(linalg.memory_limits())
    assert all(1e7 < limit < 1e15 for limit in limits)
    assert sys.platform != "linux" or limits
