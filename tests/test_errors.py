"""Bad input is refused in one sentence that names what is wrong, and never by another library."""

import datetime
import pickle
import random
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import refmixed as rm
from refmixed import errors
from refmixed.r.csv_file import read_csv

N = 40


def build() -> pd.DataFrame:
    """Eight groups of five, each with another mean."""
    rng = np.random.default_rng(0)
    data = pd.DataFrame(
        {
            "y": rng.normal(size=N) + np.repeat(rng.normal(size=8), 5),
            "x": rng.normal(size=N),
            "z": rng.uniform(1, 2, N),
            "w": rng.uniform(0.5, 2, N),
            "f": pd.Categorical(rng.choice(list("uvw"), N)),
            "b": rng.choice([True, False], N),
            "g": np.repeat(list("abcdefgh"), 5),
            "h": np.tile(list("pqrst"), 8),
        }
    )
    return data


DATA = build()
FORMULA = "y ~ x + (1 | g)"


def put(**columns: Any) -> pd.DataFrame:
    """The data with other columns."""
    return DATA.assign(**columns)


def refused(error: type[Exception], fragment: str, call: Callable[[], Any]) -> None:
    """A call raises this very class, and says this in one sentence; a caret's lines may follow."""
    with pytest.raises(errors.RefmixedError) as caught:
        call()
    assert type(caught.value) is error
    first, *caret = str(caught.value).split("\n")
    assert fragment in first
    assert first.endswith("...") or not first.endswith(".")
    assert len(caret) in (0, 2)


# --- formulas -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "error", "fragment"),
    [
        ("y ~ xx + (1 | g)", errors.UnknownColumnError, "no column 'xx'; did you mean 'x'?"),
        ("y ~ x + (1 | gg)", errors.UnknownColumnError, "no column 'gg'; did you mean 'g'?"),
        ("resp ~ x + (1 | g)", errors.UnknownColumnError, "there are 'y', 'x', 'z', 'w', 'f'"),
        ("y ~ log(xx) + (1 | g)", errors.UnknownColumnError, "no column 'xx'"),
        ("y ~ x + (xx | g)", errors.UnknownColumnError, "no column 'xx'"),
        ("y ~ x + offset(zz) + (1 | g)", errors.UnknownColumnError, "no column 'zz'"),
        ("y ~ T + (1 | g)", errors.UnknownColumnError, "no column 'T'"),
        ("y ~ x + * (1 | g)", errors.FormulaError, "something is missing before '*'"),
        ("y ~ x + 1 | g", errors.BarError, "needs brackets: x + (1 | g)"),
        ("y ~ x", errors.NoRandomTermError, "use refmixed.lm"),
        ("y ~ foo(x) + (1 | g)", errors.FormulaError, "foo() is not a function of formulas"),
        ("y ~ np.log(x) + (1 | g)", errors.FormulaError, "np.log() is not a function"),
        ("y ~ lg(x) + (1 | g)", errors.FormulaError, "did you mean 'log'?"),
        ("y ~ __import__('os') + (1 | g)", errors.FormulaError, "__import__() is not a function"),
        ("y ~ log(f) + (1 | g)", errors.FormulaError, "a categorical variable is no number"),
        ("y ~ I(x + f) + (1 | g)", errors.FormulaError, "a categorical variable is no number"),
        ("y ~ scale(g) + (1 | g)", errors.FormulaError, "scale(g) cannot be evaluated"),
        ("y ~ ifelse(b, f, 0) + (1 | g)", errors.FormulaError, "is no number"),
        ("y ~ I(f == h) + (1 | g)", errors.FormulaError, "can be compared with one of its levels"),
        ("y ~ relevel(f, 'q') + (1 | g)", errors.FormulaError, "'q' is not a level"),
        ("y ~ C(f, 'sums') + (1 | g)", errors.FormulaError, "contr.sum, contr.helmert"),
        ("y ~ poly(x) + poly() + (1 | g)", errors.FormulaError, "poly() cannot be evaluated"),
        (
            "y ~ poly(x, 0) + (1 | g)",
            errors.FormulaError,
            "the degree is a whole number, at least 1",
        ),
        ("y ~ c(x, z) + (1 | g)", errors.FormulaError, "c(x, z) has 80 values for 40 rows"),
        ("y ~ I(NULL) + (1 | g)", errors.FormulaError, "I(NULL) is neither numeric nor"),
        ("y ~ I(x:z) + (1 | g)", errors.FormulaError, "':' has no meaning inside an expression"),
        ("y ~ x ~ z + (1 | g)", errors.FormulaError, "'~' has no meaning inside an expression"),
        ("y ~ I('a') + (1 | g)", errors.DataError, "has the single level 'a'"),
        ("y ~ I(1/0) + (1 | g)", errors.InfiniteValueError, "I(1/0) is infinite in row 0"),
        ("y ~ I(10^999) + (1 | g)", errors.InfiniteValueError, "is infinite in row 0"),
        ("y ~ exp(x*1e9) + (1 | g)", errors.InfiniteValueError, "exp(x * 1e+09) is infinite in"),
        ("y ~ offset(f) + (1 | g)", errors.OffsetError, "offset f is not one number a row"),
        ("y ~ offset(poly(x, 2)) + (1 | g)", errors.OffsetError, "not one number a row"),
        (
            "f ~ x + (1 | g)",
            errors.ResponseError,
            "the response f is not numeric; as.numeric() makes",
        ),
        ("poly(y, 2) ~ x + (1 | g)", errors.ResponseError, "has 2 columns, and must have one"),
        ("cbind(y, x) ~ z + (1 | g)", errors.ResponseError, "has 2 columns, and must have one"),
        ("I(y*0) ~ x + (1 | g)", errors.ResponseError, "I(y * 0) is constant (0 in every row)"),
        ("1 ~ x + (1 | g)", errors.ResponseError, "the response 1 is constant"),
        ("I(y*1e200) ~ x + (1 | g)", errors.ResponseError, "measure it in larger units"),
        ("log(-z) ~ x + (1 | g)", errors.EmptyDataError, "every row of the data has a missing"),
        ("y ~ y + (1 | g)", errors.PerfectFitError, "reproduces the response exactly"),
        ("I(2*x + 1) ~ x + (1 | g)", errors.PerfectFitError, "look for a copy of the response"),
        ("x ~ 1 + (0 + x | h)", errors.PerfectFitError, "reproduces the response exactly"),
        ("x ~ offset(x) + (1 | g)", errors.PerfectFitError, "reproduces the response exactly"),
        ("y ~ x + (1 | g:h)", errors.SaturatedError, "allow_saturated=True"),
        ("y ~ x + (x + z + b + f | g)", errors.SaturatedError, "the 48 random effects of g from"),
        ("y ~ factor(x) + (1 | g)", errors.RankError, "40 complete rows leave no residuals"),
    ],
)
@pytest.mark.filterwarnings("ignore:dropped:refmixed.errors.RankWarning")
def test_a_formula_that_makes_no_model(formula: str, error: type[Exception], fragment: str) -> None:
    refused(error, fragment, lambda: rm.lmer(formula, DATA))


# --- data -----------------------------------------------------------------------------------------

DATES = pd.date_range("2020-01-01", periods=N)
HALF = [1.0, np.inf] * 20


@pytest.mark.parametrize(
    ("data", "error", "fragment"),
    [
        (None, errors.DataError, "must be a data frame, of pandas or polars say, not NoneType"),
        ([1, 2], errors.DataError, "not list"),
        ("data", errors.DataError, "not str"),
        (np.zeros((3, 3)), errors.DataError, "not ndarray"),
        ({"y": [1.0]}, errors.DataError, "not dict"),
        (DATA["y"], errors.DataError, "not Series"),
        (pd.concat([DATA, DATA[["x"]]], axis=1), errors.DataError, "'x'"),
        (DATA.rename(columns={"x": 1, "z": "1"}), errors.DataError, "two columns .* called '1'"),
        (DATA[:0], errors.EmptyDataError, "the data have no rows"),
        (pd.DataFrame(), errors.EmptyDataError, "the data have no rows"),
        (put(y=np.nan), errors.EmptyDataError, "every row of the data has a missing value"),
        (put(x=np.nan), errors.EmptyDataError, "every row of the data has a missing value"),
        (put(x=None), errors.EmptyDataError, "every row of the data has a missing value"),
        (put(g=None), errors.EmptyDataError, "every row of the data has a missing value"),
        (put(x=[1.0, None] * 20, y=[None, 1.0] * 20), errors.EmptyDataError, "every row"),
        (put(y=HALF), errors.InfiniteValueError, "y is infinite in row 1 of the data"),
        (put(x=HALF), errors.InfiniteValueError, "x is infinite in row 1 of the data"),
        (put(x=-np.inf), errors.InfiniteValueError, "x is infinite in row 0 of the data"),
        (put(y=3.0), errors.ResponseError, "the response y is constant (3 in every row)"),
        (put(y="a"), errors.ResponseError, "the response y is not numeric"),
        (put(y=np.repeat(np.arange(8.0), 5)), errors.PerfectFitError, "exactly"),
        (put(y=1e9 + DATA["x"]), errors.PerfectFitError, "exactly"),
        (put(g="a"), errors.GroupError, "the grouping factor g has the single level 'a'"),
        (DATA[:5], errors.GroupError, "g has the single level 'a'"),
        (put(g=np.arange(N)), errors.SaturatedError, "the 40 random effects of g"),
        (DATA[::5][:3], errors.SaturatedError, "3 observations cannot tell the 3 random"),
        (put(x=DATES), errors.DataError, "column 'x' holds Timestamp values"),
        (put(y=DATES), errors.DataError, "column 'y' holds Timestamp values"),
        (put(g=DATES), errors.DataError, "column 'g' holds Timestamp values"),
        (put(x=DATES.tz_localize("UTC")), errors.DataError, "holds Timestamp values"),
        (put(x=DATES - DATES[0]), errors.DataError, "holds Timedelta values"),
        (put(x=DATES.to_period("D")), errors.DataError, "holds Period values"),
        (put(x=[datetime.date(2020, 1, 1)] * N), errors.DataError, "holds date values"),
        (put(x=[1, "a"] * 20), errors.DataError, "column 'x' mixes int and str values"),
        (put(g=["a", 1.5] * 20), errors.DataError, "column 'g' mixes float and str values"),
        (put(x=["a", True] * 20), errors.DataError, "column 'x' holds bool values"),
        (put(x=[1.5, True] * 20), errors.DataError, "column 'x' holds bool values"),
        (put(x=[10**400] * N), errors.DataError, "column 'x' holds a number that is too large"),
        (put(g=pd.Categorical([1, "1"] * 20)), errors.DataError, "two levels read '1'"),
        (put(x=[[1, 2]] * N), errors.DataError, "column 'x' holds list values"),
        (put(x=DATA["x"] + 1j), errors.DataError, "column 'x' holds complex values"),
        (put(x="a"), errors.DataError, "x has the single level 'a': leave it out of the formula"),
        (put(x=pd.Categorical(["a"] * N, ["a", "b"])), errors.DataError, "the single level 'a'"),
    ],
)
def test_data_that_make_no_model(data: Any, error: type[Exception], fragment: str) -> None:
    if ".*" in fragment:
        with pytest.raises(error, match=fragment):
            rm.lmer(FORMULA, data)
    else:
        refused(error, fragment, lambda: rm.lmer(FORMULA, data))


def test_two_levels_of_a_group_cannot_read_the_same() -> None:
    data = put(a=["p:q", "p"] * 20, c=["r", "q:r"] * 20)
    message = "two levels of a:c read 'p:q:r': rename one of them"
    refused(errors.DataError, message, lambda: rm.lmer("y ~ x + (1 | a:c)", data))


def test_a_date_in_an_expression_is_refused_too() -> None:
    message = "column 'x' holds Timestamp values"
    refused(errors.DataError, message, lambda: rm.lmer("y ~ I(x + 1) + (1 | g)", put(x=DATES)))


# --- arguments ------------------------------------------------------------------------------------

WEIGHTS = "weights must be"


@pytest.mark.parametrize(
    ("arguments", "error", "fragment"),
    [
        ({"weights": "ww"}, errors.UnknownColumnError, "no column 'ww'; did you mean 'w'?"),
        ({"weights": "g"}, errors.WeightsError, f"{WEIGHTS} numbers, one a row of the data"),
        ({"weights": "x"}, errors.WeightsError, f"{WEIGHTS} positive or zero, and row 3 has -"),
        ({"weights": [1.0] * 39 + [-2.0]}, errors.WeightsError, "or zero, and row 39 has -2"),
        ({"weights": [0.0] * N}, errors.WeightsError, "in some rows, and all of them are zero"),
        ({"weights": [1.0] * 39}, errors.WeightsError, "40 numbers, one a row of the data, not 39"),
        ({"weights": 2.0}, errors.WeightsError, f"{WEIGHTS} 40 numbers"),
        ({"weights": [1.0] * 39 + [np.inf]}, errors.WeightsError, "finite, and row 39 has inf"),
        ({"weights": ["1"] * N}, errors.WeightsError, f"{WEIGHTS} numbers"),
        ({"weights": [None] * N}, errors.WeightsError, f"{WEIGHTS} numbers"),
        ({"weights": DATES}, errors.WeightsError, f"{WEIGHTS} numbers"),
        ({"weights": np.ones((N, 2))}, errors.WeightsError, f"{WEIGHTS} numbers"),
        ({"weights": DATA[["w"]]}, errors.WeightsError, f"{WEIGHTS} numbers"),
        ({"weights": DATA["w"] + 1j}, errors.WeightsError, f"{WEIGHTS} numbers"),
        ({"weights": object()}, errors.WeightsError, f"{WEIGHTS} numbers"),
        ({"weights": [np.nan] * N}, errors.EmptyDataError, "every row of the data"),
        ({"offset": "zz"}, errors.UnknownColumnError, "no column 'zz'"),
        ({"offset": "g"}, errors.OffsetError, "offset must be numbers, one a row of the data"),
        ({"offset": [1.0]}, errors.OffsetError, "offset must be 40 numbers"),
        ({"offset": HALF}, errors.OffsetError, "offset must be finite, and row 1 has inf"),
        ({"route": "fast"}, errors.OptionError, "'penalized', 'blocked', 'marginal', not 'fast'"),
        ({"route": None}, errors.OptionError, "route must be one of"),
        ({"route": np.array(["a", "b"])}, errors.OptionError, "route must be one of"),
        ({"reml": "ML"}, errors.OptionError, "reml must be True or False, not 'ML'"),
        ({"reml": None}, errors.OptionError, "reml must be True or False, not None"),
        ({"theta": [1.0, 2.0]}, errors.OptionError, "theta must be 1 finite numbers"),
        ({"theta": [np.nan]}, errors.OptionError, "theta must be 1 finite numbers"),
        ({"theta": "a"}, errors.OptionError, "theta must be 1 finite numbers"),
    ],
)
def test_arguments_that_make_no_sense(
    arguments: dict[str, Any], error: type[Exception], fragment: str
) -> None:
    refused(error, fragment, lambda: rm.lmer(FORMULA, DATA, **arguments))


@pytest.mark.parametrize("formula", [None, 5, b"y ~ x", ["y ~ x"], DATA])
def test_a_formula_of_another_type(formula: Any) -> None:
    message = f"a formula is a string such as 'y ~ x + (x | g)', not {type(formula).__name__}"
    for fit in (rm.lmer, rm.lm, rm.design):
        refused(errors.FormulaError, message, partial(fit, formula, DATA))


def test_lm_takes_no_random_terms() -> None:
    refused(errors.FormulaError, "use refmixed.lmer for it", lambda: rm.lm(FORMULA, DATA))


def test_an_unknown_data_set() -> None:
    message = "no data set 'sleep'; did you mean 'sleepstudy'?"
    refused(errors.DatasetError, message, lambda: rm.load_dataset("sleep"))


# --- what is fitted all the same ------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::refmixed.errors.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore::refmixed.errors.IdentifiabilityWarning")
@pytest.mark.parametrize(
    ("formula", "data"),
    [
        (FORMULA, put(g=np.arange(N))),
        ("y ~ x + (x | g:h)", DATA),
        ("y ~ 1 + (b*x | g)", DATA[::5][:3]),  # fewer rows than effects a level
    ],
)
def test_as_many_random_effects_as_rows_may_be_allowed(formula: str, data: pd.DataFrame) -> None:
    refused(errors.SaturatedError, "allow_saturated=True", lambda: rm.lmer(formula, data))
    fit = rm.lmer(formula, data, allow_saturated=True)
    assert np.isfinite(fit.criterion)
    assert np.isfinite(fit.fitted).all()


def test_dependent_columns_are_dropped_and_named() -> None:
    with pytest.warns(errors.RankWarning, match=r"dropped I\(2 \* x\), fw: linearly dependent"):
        fit = rm.lmer("y ~ x + I(2*x) + I(f == 'w') + f + (1 | g)", DATA)
    assert list(fit.beta.index) == ["(Intercept)", "x", 'I(f == "w")TRUE', "fv"]
    message = "fixed-effect model matrix is rank deficient so dropping 2 columns / coefficients"
    assert fit.messages == (message,)
    assert str(fit.summary()).split("\n")[-2:] == ["fit warnings:", message]


def test_rows_with_missing_values_are_dropped_and_counted() -> None:
    data = put(x=DATA["x"].where(DATA.index % 10 != 0), g=DATA["g"].where(DATA.index != 7))
    data.index = [f"row {k}" for k in range(N)]
    fit = rm.lmer(FORMULA, data)
    assert str(fit.summary()).split("\n")[-1] == "(5 observations deleted due to missingness)"
    assert fit.nobs == 35
    kept = [f"row {k}" for k in range(N) if k % 10 and k != 7]
    for result in (fit.fitted, fit.residuals(), fit.predict()):
        assert list(result.index) == kept
    one = rm.lmer(FORMULA, put(x=DATA["x"].where(DATA.index > 0)))
    assert str(one.summary()).split("\n")[-1] == "(1 observation deleted due to missingness)"


def test_small_weights_are_not_a_perfect_fit() -> None:
    plain, tiny = (rm.lmer(FORMULA, DATA, weights=DATA["w"] * s) for s in (1.0, 1e-200))
    np.testing.assert_allclose(tiny.beta, plain.beta, rtol=1e-10)


# --- new rows -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fit() -> rm.Fit:
    """A model that reads a number, a factor, a logical and two groups."""
    return rm.lmer("y ~ x + f + b + (x | g) + (1 | h)", DATA)


@pytest.mark.parametrize(
    ("arguments", "error", "fragment"),
    [
        ({"newdata": DATA.drop(columns="x")}, errors.MissingColumnError, "no column 'x'"),
        ({"newdata": DATA.drop(columns="g")}, errors.MissingColumnError, "no column 'g'"),
        ({"newdata": put(f="t")}, errors.UnknownLevelError, "the level 't', which the fit has not"),
        ({"newdata": put(f=1)}, errors.UnknownLevelError, "there are 'u', 'v', 'w'"),
        ({"newdata": put(b=1)}, errors.UnknownLevelError, "there are 'FALSE', 'TRUE'"),
        ({"newdata": put(g="q")}, errors.NewLevelError, "(q); new_levels='population' predicts"),
        ({"newdata": put(g=list("klmnopqr") * 5)}, errors.NewLevelError, "(k, l, m, n, o, ...)"),
        ({"newdata": put(g=1.5)}, errors.NewLevelError, "g has levels that the fit has not seen"),
        ({"newdata": put(g=DATES)}, errors.DataError, "column 'g' holds Timestamp values"),
        ({"newdata": put(x="a")}, errors.NewDataError, "x was numeric in the fit"),
        ({"newdata": put(x=True)}, errors.NewDataError, "x was numeric in the fit"),
        ({"newdata": put(x=DATES)}, errors.DataError, "column 'x' holds Timestamp values"),
        ({"newdata": put(x=np.inf)}, errors.InfiniteValueError, "x is infinite in row 0"),
        ({"newdata": [1, 2]}, errors.DataError, "not list"),
        ({"random": ["gg"]}, errors.OptionError, "no random effects of 'gg'; did you mean 'g'?"),
        ({"random": "x"}, errors.OptionError, "no random effects of 'x'; there are"),
        ({"random": None}, errors.OptionError, "random must be True, False or a list of groups"),
        ({"random": 5}, errors.OptionError, "True, False or a list of groups, not 5"),
        ({"random": [["g"]]}, errors.OptionError, "True, False or a list of groups, not [['g']]"),
        ({"new_levels": "zero"}, errors.OptionError, "'error', 'population', not 'zero'"),
        ({"new_levels": True}, errors.OptionError, "'error', 'population', not True"),
    ],
)
def test_new_rows_that_cannot_be_predicted(
    fit: rm.Fit, arguments: dict[str, Any], error: type[Exception], fragment: str
) -> None:
    refused(error, fragment, lambda: fit.predict(**arguments))
    np.testing.assert_array_equal(fit.predict(DATA), fit.predict(DATA[::-1])[::-1])  # unharmed


def test_residuals_are_of_a_kind(fit: rm.Fit) -> None:
    message = "kind must be one of 'response', 'pearson', not 'student'"
    refused(errors.OptionError, message, lambda: fit.residuals("student"))


def test_an_offset_that_was_an_argument_has_no_new_rows() -> None:
    fit = rm.lmer(FORMULA, DATA, offset="z")
    refused(errors.OffsetError, "write it as offset(column)", lambda: fit.predict(DATA))


# --- files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "fragment"),
    [
        ("missing.csv", None, "missing.csv as CSV: No such file or directory"),
        ("folder", "directory", "folder as CSV: Is a directory"),
        ("binary.csv", b"\x89PNG\r\n\x1a\n\x00\xff\xfe", "binary.csv as CSV: 'utf-8' codec"),
        ("empty.csv", b"", "empty.csv as CSV: No columns to parse from file"),
        ("blank.csv", b"\n\n", "blank.csv as CSV: No columns to parse from file"),
        ("ragged.csv", b"y,x\n1,2\n1,2,3\n", "ragged.csv as CSV: "),
        ("quote.csv", b'y,x\n1,"2\n', "quote.csv as CSV: "),
        ("packed.zip", b"no zip at all \xff", "packed.zip as CSV: "),
    ],
)
def test_a_file_that_is_no_table(
    tmp_path: Path, name: str, content: bytes | str | None, fragment: str
) -> None:
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        path.mkdir()
    refused(errors.DataError, fragment, lambda: read_csv(str(path)))


def test_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "header.csv"
    path.write_text("y,x,g\n")
    message = "the data have no rows"
    refused(errors.EmptyDataError, message, lambda: rm.lmer(FORMULA, read_csv(str(path))))


# --- anything at all ------------------------------------------------------------------------------


def random_column(rng: random.Random, n: int) -> Any:
    """A column of any type, some of which no model takes."""
    numbers = np.random.default_rng(rng.randrange(1000))
    x = numbers.normal(size=n)
    letters = numbers.choice(list("abc"), n)
    kinds: list[Any] = [
        *[
            pd.Categorical(letters, list("cab")),
            pd.Categorical(letters, list("abcd"), ordered=True),
        ],
        *[np.round(x), np.zeros(n), x + 1e8, x * 1e-9, np.arange(n), x > 0, letters == "a"],
        *[np.where(x > 1, np.nan, x), np.where(x < 1, np.nan, x), np.full(n, np.nan), x + 1j],
        *[pd.array(x > 0, dtype="boolean"), pd.Series(letters).where(x > 0)],
        *[pd.array([None] * n, dtype="Int64"), ["a", 1] * (n // 2), [None] * n, np.full(n, np.inf)],
        *[pd.date_range("2020", periods=n), pd.interval_range(0, n), [[1]] * n, [""] * n],
    ]
    return rng.choice(kinds)


def random_terms(rng: random.Random, depth: int) -> str:
    """Fixed effects: columns, calls, operators."""
    if depth == 0:
        return rng.choice([*"xzfbxzfbgh", *"012"])
    inner = random_terms(rng, depth - 1)
    if rng.random() < 0.4:
        calls = "log({}) I({}) scale({}) poly({}, 2) factor({}) C({}, sum) relevel({}, 'b') ({})"
        calls += " as.numeric({}) ifelse({}>0,1,x) bs({},df=4) I({}^2) ({}>0) foo({}) I({}=='a')"
        return rng.choice(calls.split()).format(inner)
    return inner + rng.choice("++*:/-^") + random_terms(rng, depth - 1)


def random_formula(rng: random.Random) -> str:
    """Mostly well formed, at times with a slip of the pen."""
    bar = rng.choice(["|", "|", "||"])
    effects = rng.choice([*["1"] * 9, "x", "x + z", "0 + f", "0", random_terms(rng, 1)])
    group = rng.choice(["g", "g", "g", "h", "g/f", "g:f", "x", "b"])
    response = rng.choice([*["y"] * 9, "log(y)", "f", "x"])
    text = f"{response} ~ {random_terms(rng, rng.randrange(3))} + ({effects} {bar} {group})"
    if rng.random() < 0.1:
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice(["", "(", ")", "|", "~", "`", "'", "@"]) + text[at + 1 :]
    return text


@pytest.mark.parametrize("seed", range(5))
def test_nothing_but_refmixed_s_own_errors_and_warnings_come_out(seed: int) -> None:
    rng = random.Random(seed)
    outcomes: list[str] = []
    for _ in range(60):
        n = rng.choice([2, 6, 12, 30, 30, 30])
        data = pd.DataFrame({"y": np.random.default_rng(rng.randrange(99)).normal(size=n)})
        data = data.assign(x=np.arange(n) % 7.0, z=np.sqrt(np.arange(n)), b=data["y"] > 0)
        data = data.assign(f=list("ab") * (n // 2), g=[f"g{k % 5}" for k in range(n)], h=data["x"])
        for name in rng.sample("xzfbgh", rng.choice([0, 1, 1, 2])):
            data[name] = random_column(rng, n)
        weights = rng.choice([*[None] * 5, "z", [1.0] * n])
        outcomes.append(outcome(random_formula(rng), data, weights, rng.random() < 0.5))
    assert {text.count("\n") for text in outcomes} <= {0, 2}
    assert outcomes.count("") >= 4


def outcome(formula: str, data: pd.DataFrame, weights: Any, reml: bool) -> str:
    """Fit and ask for everything; refmixed's own error as text, '' without one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", errors.RefmixedWarning)
        try:
            fit = rm.lmer(formula, data, reml=reml, weights=weights)
            fit.predict(data)
        except errors.RefmixedError as error:
            return str(error)
        texts = str(fit.summary()), str(fit.varcorr), repr(fit)
        assert all(texts)
        assert list(fit.coef()) == list(fit.ranef(cond_var=True))
        return ""


CLASSES = [kind for kind in vars(errors).values() if isinstance(kind, type)]
MADE = {"MemoryLimitError": (9, 2, 8, 1e12, 1e9, "take less")}


@pytest.mark.parametrize("kind", [kind for kind in CLASSES if issubclass(kind, Exception)])
def test_an_error_comes_back_from_a_worker_process_as_it_was(kind: type[Exception]) -> None:
    error = kind(*MADE.get(kind.__name__, ("a sentence",)))
    error.add_note("of replicate 7")
    same = pickle.loads(pickle.dumps(error))
    assert type(same) is type(kind.__new__(kind)) is kind  # dask makes it so, and fills it
    assert (str(same), same.args, vars(same)) == (str(error), error.args, vars(error))
