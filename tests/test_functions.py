"""The functions of formulas have R's signatures, values, names of columns and refusals."""

from contextlib import nullcontext
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from refmixed.errors import FormulaError, RefmixedError, RefmixedWarning
from refmixed.r.formula import parse_formula
from refmixed.r.frame import model_frame
from validation.adapters import r

# many of these calls make values missing, which is said and not the matter here
pytestmark = pytest.mark.filterwarnings("ignore::refmixed.errors.MissingValueWarning")

N = 40


def build() -> pd.DataFrame:
    """Columns of every kind that functions are called with."""
    rng = np.random.default_rng(0)
    data = pd.DataFrame(
        {
            "y": rng.normal(size=N),
            "x": rng.normal(size=N),
            "z": rng.uniform(1, 2, N),
            "n": rng.integers(-3, 4, N) / 2,
            "b": rng.random(N) > 0.5,
            "f": pd.Categorical(rng.choice(list("abc"), N)),
            "o": pd.Categorical(rng.choice(list("uvw"), N), list("wuv"), ordered=True),
            "k": pd.Categorical(rng.choice([1, 2, 10], N)),
            "count": rng.integers(1, 5, N),
            "g": pd.Categorical(rng.choice(list("pq"), N)),
        }
    )
    data.attrs |= {"name": "D", "ordered": ["o"]}
    return data


DATA = build()
# What R computes: the same columns, under the same names.
SAME = """
I((x - mean(x))*(z - mean(z))) // I(poly(x, 2)*poly(z, 2)) // I(scale(x)*scale(z))
pmin(x, z, n) // pmax(x, z, n, 0) // pmin(x, z, na.rm = TRUE) // pmin(x, c(0, 1)) // pmin(0, x)
pmax(b, x) // pmin(poly(x, 2), 0) // log(x = z, base = 2) // log(z, ba = 2) // log(b = 2, z)
log(z, x + 9) // round(x, 1) // round(x, digits = 2) // round(x, dig = 2) // round(n)
round(x*100, -1) // I(bs(x, df = 4) * z) // I(z * bs(x, df = 4)) // I(poly(x, 2) * c(1, 2))
I(poly(x, 2) - poly(z, 2)) // I(x * c(1, 2)) // I(-poly(x, 2)) // log(poly(x, 2) + 2)
ifelse(x > 0, z, c(1, 2)) // ifelse(x > 0, "a", 1) // ifelse(test = x > 0, no = z, yes = 1)
ifelse(poly(x, 2) > 0, z, 1) // scale(x, center = 1) // scale(x, center = 1, scale = 2)
scale(poly(x, 2), center = c(1, 2)) // scale(x, FALSE) // scale(x, FALSE, FALSE)
scale(x, sc = F) // ns(x, df = 3) // ns(x, 3) // ns(x) // ns(x, knots = c(-0.5, 0.5))
ns(x, df = 4, intercept = TRUE) // 0 + ns(x, df = 4, intercept = TRUE)
ns(x, df = 3, Boundary.knots = c(-1, 1)) // ns(count, df = 2)
ns(x, knots = 0, Boundary.knots = c(5, -5)) // splines::ns(x, df = 3) // splines::bs(x, df = 5)
ns(x, df = 3)*f // ns(x, knots = quantile(x, c(0.2, 0.5, 0.9))) // stats::poly(x, 2)
base::log(z) // bs(x) // bs(x, 5) // bs(x, df = 6, intercept = TRUE) // bs(x, degree = 1)
bs(n, df = 5) // bs(x, degree = 2, df = 4, Boundary.knots = c(-4, 4))
bs(x, Boundary.knots = c(-1, 1), knots = 0) // bs(x, df = 5, Boundary.knots = c(-1, 1))
bs(x, knots = c(0.5, -1)) // bs(x, Bound = c(-4, 4)) // poly(x, 2, raw = T)
poly(x, raw = TRUE, 2) // poly(b, 1) // poly(x, degree = 3) // poly(n, 5) // cut(x, 3)
cut(x, c(-1, 0, 1)) // cut(x, c(-Inf, 0, Inf)) // cut(x, 4, dig.lab = 2) // cut(count, 2)
cut(x, breaks = c(-Inf, 0, Inf), labels = c("neg", "pos")) // cut(n, c(-2, 0, 2), right = FALSE)
cut(n, c(-1.5, 0, 1.5), include.lowest = TRUE) // cut(x, 4, ordered_result = TRUE)
cut(x*1e6, 3) // cut(n, c(-1.5, 0, 1.5), include.lowest = TRUE, right = FALSE)
cut(x, 3, labels = FALSE) // cut(x, quantile(x), include.lowest = TRUE)
cut(z, c(1, 1.5, 1.50001, 2)) // 0 + cut(x, 3)*f // dummy(f, "a") // dummy(f)
dummy(f, c("c", "a")) // dummy(g) // x*dummy(f) // I(dummy(g)*x) // dummy(count, 3)
interaction(f, g) // interaction(f, g, sep = "_") // interaction(count, b)
interaction(f, g, lex.order = TRUE) // interaction(f, g, drop = TRUE) // interaction(f, g, o)
interaction(f) // C(f, contr.sum(3)) // C(f, contr.treatment(3, base = 2))
C(f, contr.treatment(3)) // C(f, contr.treatment(base = 2, n = 3))
C(f, contr.treatment, base = 2) // C(f, treatment, base = 3) // C(f, contr.helmert(3))
C(f, contr.poly(3)) // C(o, contr.treatment(3, base = 3)) // C(f, contr = contr.sum)
C(f, contr = sum) // C(f, contr.treatment(3, 2))*x // 0 + C(f, contr.sum(3)) // as.integer(x)
as.integer(f) // as.integer(b) // as.integer(x * 2.7) // as.character(f) // as.character(count)
as.character(n) // as.character(b) // as.numeric(as.character(k)) // as.numeric(o) // I(x/sum(x))
I(x - sum(x, z)) // I(x - min(x, z, 0)) // I(x/max(z, 3)) // I(x > quantile(x, 0.3))
I(x - mean(x, na.rm = TRUE)) // I(x - sd(x, TRUE)) // I(x - median(x, na.rm = T))
I(x - max(x, na.rm = TRUE)) // atan(x) // tanh(x) // sinh(x) // cosh(x) // trunc(x*3) // asin(x/9)
acos(x/9) // I(f %in% c("a", "b")) // I(count %in% c(1, 2)) // I(count %in% 2)
I(k %in% c(1, 10)) // I(f %in% "a") // I(o > "u") // I("u" < o) // I(count == "2") // I(k == 10)
I(!(x > 0) | b) // factor(count, levels = c(3, 1, 2, 4))
factor(count, c(4, 3, 2, 1), c("d", "c", "b", "a"))
factor(count, labels = c("a", "b", "c", "d")) // factor(count, labels = c("a", "b", "a", "c"))
factor(count, labels = "L") // factor(count, levels = c(1, 2)) // factor(count, ordered = TRUE)
factor(o, ordered = FALSE) // ordered(f, levels = c("c", "a", "b"))
factor(b, labels = c("n", "y")) // as.numeric(factor(count, levels = c(3, 1, 2, 4)))
relevel(f, 2) // relevel(k, ref = 2) // relevel(k, ref = "10") // relevel(factor(count), "3")
I(x*TRUE) // I(b + b) // I(-b)
"""
# What neither computes, and the words that say why.
REFUSED = [
    ("log(z, 2, 3)", "log() takes at most 2 arguments without a name here: x, base"),
    ("log(z, foo = 2)", "log() takes no argument 'foo' here, but x, base"),
    ("log()", "log() needs the argument x"),
    ("log(z, base = 2, base = 3)", "log() is given base twice"),
    ("exp(x, 2)", "exp() takes at most 1 argument without a name here: x"),
    ("sqrt(z, 1)", "sqrt() takes at most 1 argument"),
    ("abs(x, z)", "abs() takes at most 1 argument"),
    ("I(poly(x, 2) + poly(z, 3))", "two matrices differ in shape"),
    ("ifelse(TRUE, x, z)", "ifelse() has fewer tests than values"),
    ("ifelse(x > 0, z)", "ifelse() needs the argument no"),
    ("scale(x, 1, 2, 3)", "scale() takes at most 3 arguments"),
    ("scale(x, scale = c(1, 2))", "scale() needs 1 numbers, one a column, not 2"),
    ("stats::log(z)", "stats::log() is not a function of formulas"),
    ("poly(n, 8)", "the degree must be less than the number of different values"),
    ("poly(x, 0)", "the degree is a whole number, at least 1"),
    ("bs(x, degree = 0)", "the degree is a whole number, at least 1"),
    ("cut(x, 1)", "cut() makes two intervals at least"),
    ("cut(x, c(0, 0, 1))", "two breaks are equal"),
    ("cut(x, 3, labels = c('a', 'b'))", "cut() needs 3 different labels"),
    ("bs(x, df = 'a')", "a text is no number"),
    ("bs(x, Boundary.knots = 1)", "boundary knots are two different numbers"),
    ("cut(f, 3)", "a categorical variable is no number"),
    ("dummy(f, 'q')", "'q' is not a level"),
    ("C(f, contr.sum(4))", "contr.sum(4) has 4 rows for 3 levels"),
    ("C(f, contr.treatment(3, base = 4))", "the base is one of 1 to 3, not 4"),
    ("contr.sum(1)", "contrasts are of a whole number of levels, at least two"),
    ("I(x > 0 && z > 1)", "'&&' and '||' take single values"),
    ("I(f == g)", "can be compared with one of its levels only"),
    ("factor(count, labels = c('a', 'b'))", "there are 2 labels for 4 levels"),
    ("relevel(k, ref = 10)", "ref is a level, or a place from 1 to 3"),
    ("relevel(o, 'u')", "relevel() is for factors that are not ordered"),
    ("relevel(f, 'zz')", "'zz' is not a level"),
    ("pmin()", "there are no arguments"),
    ("log(f)", "a categorical variable is no number"),
    ("I('a' + x)", "a text is no number"),
    ("I(x + mean)", "no column 'mean'"),
]
# What R answers with a warning or a missing value, or by luck; it is refused here.
STRICTER = [
    ("pmin(x, c(0, 1, 2))", "3 values do not fit 40"),
    ("I(x * c(1, 2, 3))", "3 values do not fit 40"),
    ("I(poly(x, 2) * c(1, 2, 3))", "3 values do not fit 80"),
    ("bs(x, degree = 1e9)", "the degree is a whole number, at least 1 and at most 1000"),
    ("ns(x, df = 1e9)", "df is a whole number, at least 1 and at most 1000"),
    ("cut(x, 1e7)", "two intervals at least, and 10000 at most"),
    ("cut(x, c(1, NA))", "two breaks are equal, or one is missing"),
    ("C(f, contr.treatment(NA))", "contrasts are of a whole number of levels"),
    ("bs(x, df = 2)", "df is too small by 1"),
    ("bs(x, knots = 9)", "knots lie between the boundary knots"),
    ("poly(x, 1.5)", "the degree is a whole number"),
    ("poly(x, deg = 2)", "poly() takes no argument 'deg' here, but x, ..., degree, raw"),
    ("pmin(x, z, foo = 1)", "pmin() takes no argument 'foo' here, but ..., na.rm"),
    ("mean(x, 0.1)", "mean() takes at most 1 argument without a name here: x, na.rm"),
    ("I(f > 'a')", "levels that have no order can be compared by == and != only"),
    ("I(o >= 'zz')", "'zz' is not a level"),
    ("as.numeric(as.character(f))", "'a' is not a number"),
    ("I(log(x) > 0)", "a value that is compared is not a number (NaN)"),
    ("factor(count, exclude = 1)", "factor() takes no argument 'exclude' here"),
    ("I(1:40)", "':' has no meaning inside an expression"),
]
MODEL_MATRIX = """function(texts, data) lapply(texts, function(text) tryCatch({
  frame <- model.frame(as.formula(text), data, drop.unused.levels = TRUE)
  X <- suppressWarnings(model.matrix(as.formula(text), frame))
  list(colnames(X), unname(X[, , drop = FALSE])) }, error = function(e) conditionMessage(e)))"""
SESSION = "suppressWarnings({Sys.setlocale('LC_CTYPE', 'C.UTF-8'); library(splines)})"


def ours(text: str, data: pd.DataFrame = DATA) -> tuple[list[str], Any]:
    """The names and the columns of a model matrix."""
    parsed = parse_formula(text)
    frame = model_frame(parsed, data, None, None)
    X, names = frame.rows(frame.complete()).without_unused_levels().matrix(parsed.fixed)
    return names, X


@pytest.fixture(scope="module")
def R(lme4: ModuleType) -> ModuleType:
    """R with the functions of its packages splines and lme4."""
    r.interface().evalr(SESSION)
    return lme4


@pytest.mark.filterwarnings("ignore:bs.. goes on:refmixed.errors.ExtrapolationWarning")
def test_calls_mean_what_they_mean_in_r(R: ModuleType) -> None:
    texts = [f"y ~ {t.strip()}" for line in SAME.strip().splitlines() for t in line.split("//")]
    for text, answer in zip(texts, r.ask(MODEL_MATRIX, texts, DATA), strict=True):
        assert len(answer) == 2, (text, answer)
        names, X = ours(text)
        assert (text, names) == (text, list(answer[0]))
        np.testing.assert_allclose(X, answer[1], rtol=1e-12, atol=1e-12, err_msg=text)


@pytest.mark.parametrize(("call", "words"), REFUSED)
def test_calls_are_refused_in_a_sentence(call: str, words: str) -> None:
    with pytest.raises(RefmixedError) as caught:
        ours(f"y ~ {call}")
    assert words in str(caught.value).split("\n")[0]


def test_r_refuses_them_too(R: ModuleType) -> None:
    texts = [f"y ~ {call}" for call, _ in REFUSED]
    answers = r.ask(MODEL_MATRIX, texts, DATA)
    assert [t for t, answer in zip(texts, answers, strict=True) if len(answer) == 2] == []


@pytest.mark.parametrize(("call", "words"), STRICTER)
def test_what_r_lets_pass_with_a_warning_is_refused(call: str, words: str) -> None:
    with pytest.raises(FormulaError) as caught:
        ours(f"y ~ {call}")
    assert words in str(caught.value)


# --- missing values -------------------------------------------------------------------------------

HOLES = DATA.assign(
    x=DATA["x"].where(np.arange(N) % 7 != 3),
    z=DATA["z"].where(np.arange(N) % 5 != 3),
)
HOLES.attrs["name"] = "D"
LEFT_OUT = """
pmin(x, z, na.rm = TRUE) // pmax(x, n, z, na.rm = TRUE) // pmin(x, z)
I(pmin(x, z, na.rm = TRUE)*n) // I(n - mean(x, na.rm = TRUE)) // I(x - mean(z, na.rm = TRUE))
I(n/sd(z, na.rm = TRUE)) // I(scale(x)*z) // I(n - sum(x, na.rm = TRUE)) // I(x*as.numeric(f))
pmin(log(z), x, 0, na.rm = TRUE) // ifelse(n > 0, x, z) // cut(x, c(-1, 0, 1))
I(n - max(x, na.rm = TRUE)) // I(n > median(x, TRUE))
"""


def test_na_rm_leaves_out_what_r_leaves_out(R: ModuleType) -> None:
    texts = [f"y ~ {t.strip()}" for line in LEFT_OUT.strip().splitlines() for t in line.split("//")]
    for text, answer in zip(texts, r.ask(MODEL_MATRIX, texts, HOLES), strict=True):
        names, X = ours(text, HOLES)
        assert (text, names) == (text, list(answer[0]))
        np.testing.assert_allclose(X, answer[1], rtol=1e-12, atol=1e-12, err_msg=text)


# --- new rows -------------------------------------------------------------------------------------

PREDICTED = """function(texts, data, more) lapply(texts, function(text)
  unname(suppressWarnings(predict(lm(as.formula(text), data), more))))"""
LEARNED = [
    "ns(x, df = 3)", "bs(x, df = 5)", "ns(x, df = 4, intercept = TRUE)", "poly(x, 3)", "scale(x)",
    "bs(x, degree = 2, df = 4, Boundary.knots = c(-4, 4))", "ns(x, df = 2)*z", "scale(x, FALSE)",
    "cut(x, c(-9, -1, 0, 9))", "interaction(g, b)", "relevel(f, 2)", "C(f, contr.sum(3))",
]  # fmt: skip


@pytest.mark.parametrize("beyond", [False, True])
def test_new_rows_have_the_columns_that_r_gives_them(R: ModuleType, beyond: bool) -> None:
    rng = np.random.default_rng(2)
    more = DATA.sample(20, random_state=1).assign(x=rng.uniform(-4, 4, 20) if beyond else 0.5)
    more.attrs["name"] = "more"
    texts = [f"y ~ {call}" for call in LEARNED]
    for text, theirs in zip(texts, r.ask(PREDICTED, texts, DATA, more), strict=True):
        parsed = parse_formula(text)
        frame = model_frame(parsed, DATA, None, None).without_unused_levels()
        X, _ = frame.matrix(parsed.fixed)
        beta = np.linalg.lstsq(X, DATA["y"].to_numpy(), rcond=1e-9)[0]  # one X lacks a rank
        with (
            pytest.warns(RefmixedWarning)
            if beyond and "bs(" in text and "Bound" not in text
            else nullcontext()
        ):
            values = {node: v.evaluate(more) for node, v in frame.variables.items()}
        new = replace(
            frame, index=more.index, values=values, weights=np.ones(20), offset=np.zeros(20)
        ).matrix(parsed.fixed)[0]
        np.testing.assert_allclose(new @ beta, theirs, rtol=1e-8, atol=1e-9, err_msg=text)


KEPT = """
cut(x, 3) // as.numeric(factor(count)) // dummy(f) // dummy(f, 'c') // relevel(f, 2)
relevel(f, "b") // C(f, contr.sum(3)) // C(f, contr.treatment, base = 2)
factor(f, labels = c("k", "l", "m")) // factor(count, labels = "L") // ordered(count)
I(as.numeric(f)*x) // I(as.numeric(relevel(f, 2))*z) // I(f == "a")
ifelse(f %in% c("a", "b"), x, z) // interaction(f, b) // interaction(f, o) // factor(o)
I(as.numeric(relevel(f, 2)) - as.numeric(relevel(f, 2))*x) // as.integer(o) // C(f, sum)
as.character(f)
"""


@pytest.mark.parametrize("text", [False, True], ids=["categories", "texts"])
def test_a_few_rows_are_what_they_are_among_all(text: bool) -> None:
    data = DATA.assign(f=DATA["f"].astype(str)) if text else DATA
    for call in (cell.strip() for line in KEPT.strip().splitlines() for cell in line.split("//")):
        if text and "as.numeric(f)" in call:  # R, too, makes no numbers of texts
            continue
        parsed = parse_formula(f"y ~ {call}")
        (_, variable) = model_frame(parsed, data, None, None).variables.values()
        whole = variable.evaluate(data)
        few = [data[:3], data[5:6], data[7:8], data[::-1]]
        for rows in (*few, *(part.assign(f=part["f"].astype(str)) for part in few)):
            found = variable.evaluate(rows)
            np.testing.assert_array_equal(found, whole[rows.index.to_numpy()], err_msg=call)


def test_a_level_that_the_fit_has_not_seen_is_told() -> None:
    for call in (
        "factor(count)",
        "factor(count, labels = 'L')",
        "interaction(count, b)",
        "dummy(count)",
    ):
        parsed = parse_formula(f"y ~ {call}")
        (_, variable) = model_frame(parsed, DATA, None, None).variables.values()
        with pytest.raises(RefmixedError, match="9"):
            variable.evaluate(DATA[:3].assign(count=9))


def test_what_a_transformation_makes_missing_counts_for_nothing(R: ModuleType) -> None:
    calls = ["scale(log(x))", "bs(log(x), df = 4)", "ns(log(x), 2)", "cut(log(x), 3)"]
    calls += ["I(n - mean(log(x), na.rm = TRUE))", "pmin(log(x), n, na.rm = TRUE)"]
    for call, answer in zip(
        calls, r.ask(MODEL_MATRIX, [f"y ~ {c}" for c in calls], DATA), strict=True
    ):
        names, X = ours(f"y ~ {call}")
        assert names == list(answer[0])
        np.testing.assert_allclose(X, answer[1], rtol=1e-12, atol=1e-12, err_msg=call)
