"""A formula and data become the arrays that lme4's lFormula makes of them, name for name."""

import random
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import refmixed as rm
from refmixed.design import Design
from refmixed.linalg import independent_columns
from refmixed.r.formula import parse_formula
from refmixed.r.frame import model_frame
from refmixed.r.groups import group_codes
from refmixed.r.levels import renumbered
from validation.adapters import r

N = 120


def build() -> pd.DataFrame:
    """One column of every kind that R's data frames have too."""
    rng = np.random.default_rng(0)
    pick = rng.choice
    data = pd.DataFrame(
        {
            "y": rng.normal(size=N),
            "x": rng.normal(size=N),
            "z": rng.uniform(1, 2, N),
            "w": rng.uniform(0.5, 2, N),
            "f": pd.Categorical(pick(list("abc"), N)),
            "g": pd.Categorical(pick(list("uvwx"), N)),
            "h": pd.Categorical(pick(["lo", "hi"], N)),
            "o": pd.Categorical(pick(list("uvwx"), N), list("xuvw"), ordered=True),
            "long": pd.Categorical(pick(list("abcde"), N), list("edcba"), ordered=True),
            "k": pd.Categorical(pick([1, 2, 10], N)),  # levels that are numbers, sorted as such
            "unused": pd.Categorical(pick(["p", "r"], N), list("tsrqp")),
            "b": pick([True, False], N),
            "always": np.full(N, True),
            "count": rng.integers(1, 5, N),
            "s": rng.integers(1, 13, N).astype(float),
            "t": pd.Categorical([f"t{k}" for k in rng.integers(0, 9, N)]),
            "half": rng.integers(-3, 4, N) / 2,
            "Sepal.Length": rng.normal(size=N),
            "odd name": rng.normal(size=N),
            "odd factor": pd.Categorical(pick(["a b", "c-d", "(e)"], N)),
            "größe": rng.normal(size=N),
            "lambda": rng.normal(size=N),
            "x_": rng.normal(size=N),
            "repeat": pd.Categorical(pick(list("12"), N)),
            ".hidden": rng.normal(size=N),
        }
    )
    data.attrs |= {"name": "d", "ordered": ["o", "long"]}
    return data


def with_holes(data: pd.DataFrame) -> pd.DataFrame:
    """The same data with missing values, among them all those of a group and of a level."""
    rng = np.random.default_rng(1)
    data = data.copy()
    for name in ("y", "x", "z", "w", "f", "s", "b", "o"):
        if name == "b":
            data[name] = data[name].astype("boolean")
        data.loc[rng.choice(N, 4, replace=False), name] = None
    data.loc[data["t"] == "t3", "y"] = np.nan
    data.loc[data["g"] == "v", "x"] = np.nan
    return data


DATA = build()
HOLES = with_holes(DATA)

# Right-hand sides, to which (1 | s) is added.
FIXED = """
1 | x | x + f | f | f*x | f:x | x + f:x | f*g | f:g | f + f:g | g + f:g | f*g*h | f/x | f/g | x/f
0 + f | f - 1 | 0 + f + g | 0 + f:g | 0 + f*g | 0 + x:f | 0 + x + f | (f + g + h)^2 | x + 0
-1 + f | (f + g + x)^2 - f:g | f*g - f | f*g - g | x*z | x:z | I(x^2) | x + I(x^2) | log(z)
exp(x) | sqrt(z) | scale(x) | scale(x, scale = FALSE) | scale(x, center = FALSE) | scale(x)*f | b
b*x | x:b | f:b | 0 + b | 0 + b + f | log(z):f | f:x:g | x:z:f | x + f + x:f + g + g:x | f %in% g
h + f %in% h | x + 1 | factor(count) | as.factor(count)*x | ordered(count) | ordered(count)*x
factor(half) | factor(s) | C(f, contr.sum) | C(f, "contr.sum") | C(f, sum) | C(f, contr.treatment)
C(f, contr.helmert) | C(f) | C(g, contr.poly) | C(o) | factor(o) | as.factor(o)*x | ordered(f)
C(f, sum)*x | C(f, sum):g | g:C(f, helmert) | 0 + C(f, sum) | C(f, sum)*C(g, helmert)
0 + C(f, sum):C(g, sum) | C(o, contr.treatment) | C(long, contr.sum)*h | o | o*x | o:x | o:f | f:o
0 + o | long | long*h | 0 + long | 0 + f:long | k | k*x | 0 + k | unused | unused*f | 0 + unused:f
1 + x - 1 | f + x + f:x + g:f | g:f:h + f | log1p(z) | log2(z) | log10(z) | abs(x) | log(z, 2) | -x
x - x | I(x > 0) | (x > 0) | (f == "a") | I(f == "a") | I(f != "a") | (x > 0):f | I(!b) | I(b*x)
I((x > 0) + (z > 1.5)) | I(-(x > 0)) | as.numeric(b) | as.numeric(f) | as.numeric(count)
ifelse(x > 0, 1, 0) | ifelse(x > 0, "up", "down")*z | I(2*b) | cos(2*pi*x/3) | sin(x) | tan(x/9)
I(x/z) | I(x*z) | I(x + z) | exp(-z) | expm1(x) | round(x) | floor(z) | ceiling(z) | sign(x)
I(x %% 2) | x %% 2 | I(x %/% 0.3) | I(-x^2) | I(2*x + z^2/3) | I((x > 0) - z) | I(x) | x^2
(x + z)^2 | (x + z + f)^2 | (x + f + z)^3 | (x + f + z)^3 - x:f:z | (f + g)^2*x | (x + z)^9
relevel(f, ref = "b") | relevel(f, "b")*x | factor(f, levels = c("c", "a", "b"))
0 + relevel(g, "w") | count*f | pmin(x, 0) | pmax(x, 0) | x*f - x | x*f - 1 | 0 + f:x | 0 + f + f:x
f + g + 0 | b:o | h:b | x/f/h | f/g/h | f/(g + h) | (f + g)/h | x:f + z:f | f:g:h | f*g*h*x
x + f %in% g | x + +z | 0 + f:g:h | 0 + f*g*h | 0 + x*f*g | f:g + f:h | f:g + g:h + f:h
0 + f:g + f:h | x:f:g + f | x:f + x:g | 0 + x:f + x:g | f:g:x + f:g | f:g - f | f*g*h - f:g
f*g*h - f - g:h | 1 + f:x:g | (0 + x) | (x - 1) + f | (f - 1)*x | x + (0 + f) | 0 + x + (1 + f)
x - (z - 1) | f*b*x | b*h | 0 + b*h | 0 + b:f | b:x + h:x | Sepal.Length | `Sepal.Length`:f
`odd name` | `odd name`*f | I(`odd name`^2) | `odd factor` | x:`odd factor` | größe | größe:f
log(abs(größe)) | lambda*f | x_ | x_:f | `x_` + x | `repeat` | `repeat`:x | .hidden*f | offset(z)
x + offset(z) | offset(log(z)) + offset(x) + f | f + offset(2*z) | offset(z) + 0 + f
offset(z) - 1 + x | (x + offset(z)) | I(x^1e5 * 0 + 1):z | I(x*100000) | I(x*1e-5) | I(2L*x)
I(x*0.1234567890123456789) | I(x*1e15) | I((x)) | x + I(2*x) + f | x + z + I(x + z) + h
count + factor(count) | f + x + I(x) | I(0*x) + z | 0 + f + h + I(f == "a")
"""
# Whole formulas: random terms of every kind.
RANDOM = """
y ~ x + (x | s) // y ~ x + (x || s) // y ~ x + (0 + x | s) // y ~ x + (x - 1 | s)
y ~ x + (-1 + x | s) // y ~ f + (f | t) // y ~ f + (0 + f | t) // y ~ f + (f || t)
y ~ f*x + (f*x | t) // y ~ x + (x + h || t) // y ~ h*x + (h*x || t) // y ~ h + x + (h:x | t)
y ~ h + x + (0 + h:x | t) // y ~ x + (x:h || t) // y ~ x + (1 | f/g) // y ~ x + (1 | f/g/h)
y ~ x + (x | f/h) // y ~ x + (x || f/h) // y ~ x + (0 + h | f/g) // y ~ x + (1 | f:g) + (1 | f)
y ~ x + (1 | s) + (1 | t) // y ~ x + (1 | t) + (1 | s) // y ~ x + (1 | f:g:h)
y ~ x + (x | t) + (1 | s) + (1 | f) // y ~ x + (1 | f) + (1 | t) + (0 + x | t)
y ~ x + (1 | g) + (1 | o) // y ~ x + (1 | f) + (1 | g) + (1 | s) + (1 | t) + (0 + x | t)
y ~ x + (1 | o) + (1 | g) + (1 | s) // y ~ x + (1 | s) + (0 + x | s) + (0 + z | s)
y ~ x + (x + z | s) // y ~ x + (z + x | s) // y ~ x + (I(x^2) | s) // y ~ log(z) + (log(z) | s)
y ~ scale(x) + (scale(x) | s) // y ~ x + (o | t) // y ~ o + (0 + o | t) // y ~ x + (b | t)
y ~ x + (0 + b | t) // y ~ x + (1 | b) // y ~ x + (1 | o) // y ~ x + (1 | count)
y ~ x + (1 | half) // y ~ x + (1 | k) // y ~ x + (1 | unused) // y ~ x + (x | unused:f)
y ~ x + (b*x | s) // y ~ (x + (1 | s)) // y ~ ((1 | s) + (0 + x | s)) + x // y ~ (1 | s)
y ~ (x | s) // y ~ 1 + (1 | s) // y ~ 0 + (1 | s) // y ~ 0 + f + (0 + f | t)
y ~ -1 + x + (x | t) // y ~ x + z - 1 + (1 | s) // y ~ x + (1 | s:t) // y ~ x + (1 | t:s)
y ~ x + (1 | f/(g:h)) // y ~ C(f, sum)*x + (C(f, sum) | t)
y ~ factor(count) + (factor(count) | t) // y ~ x + (relevel(f, "b") | t) // log(z) ~ x + (1 | s)
I(y^2) ~ x + (1 | s) // y - x ~ f + (1 | s) // scale(y) ~ x + (1 | s) // z^2 ~ x + (1 | s)
y/z ~ x + (1 | s) // -y ~ x + (1 | s) // count ~ x + (1 | s) // abs(y) + 1 ~ x + (1 | s)
Sepal.Length ~ x + (1 | s) // `odd name` ~ x + (x | s) // y ~ größe + (größe | s)
y ~ x + (`odd name` | s) // y ~ Sepal.Length + (Sepal.Length | s) // y ~ x + (1 | `odd factor`)
y ~ x + (1 | `odd factor`:f) // y ~ x + (`odd factor` | t) // y ~ x + (0 + `odd factor` | t)
y ~ x + (1 | `repeat`) // y ~ x_ + (x_ | s) // y ~ x + (1 | `repeat`/f)
y ~ x + (1 | s) + (1 | s) // y ~ x + (x | s) + (0 + x | s) // y ~ x*f + (1 | f)
y ~ x + ((0 + x) | s) // y ~ x + (x + 0 | s) // y ~ x + (1 + (x + 0) | s)
y ~ x + ((1 | s)) + ((0 + z | s)) // y ~ x + count + (1 | factor(count))
y ~ x + count + (x | as.factor(count)) // y ~ count + f + (1 | f:factor(count))
y ~ count + f + (1 | f/factor(count)) // y ~ f + g + (1 | interaction(f, g))
y ~ f + g + (1 | interaction(f, g, sep = "_")) + (1 | t) // y ~ f + g + (x | interaction(g, f))
y ~ k + h + (1 | interaction(k, h, lex.order = TRUE)) // y ~ half + (1 | factor(half))
y ~ x + (1 + I(f == "a") | t) // y ~ b + (1 | factor(b))
"""
# What R cannot do with missing values.
COMPLETE = """
poly(x, 2) | poly(x, 3)*f | poly(x, 2, raw = TRUE) | poly(x, degree = 2):f | poly(count, 3)
poly(x, 1) | I(x - mean(x)) | I((x - mean(x))/sd(x)) | I(x > median(x))
I((x - min(x))/(max(x) - min(x))) | I(x/sd(x)) | bs(x, df = 4) | bs(x, df = 5)*h
bs(x, knots = c(-1, 0.5)) | bs(x, degree = 2, df = 3) | 0 + bs(x, df = 4) | poly(2*x + z, 2)
scale(poly(x, 2)) | poly(scale(x), 2) | poly(x, 2):poly(z, 2) | always | always:x
I(x > 0 & z > 1.5) | I(x > 0 & b) | ifelse(b, x, z) | ifelse(f == "a", x, 0)
ns(x, df = 3) | ns(x, df = 2)*h | bs(x, df = 5, intercept = TRUE) | cut(x, 3) | cut(x, 3):h
bs(x, Boundary.knots = c(-5, 5)) | cut(z, c(1, 1.5, 2)) | I(x/sum(x)) | splines::ns(x, 2)
"""


def rows(table: str) -> list[str]:
    """The right-hand sides of a table."""
    return [cell.strip() for line in table.strip().splitlines() for cell in line.split(" | ")]


COMMON = [f"y ~ {right} + (1 | s)" for right in rows(FIXED)]
COMMON += [f.strip() for line in RANDOM.strip().splitlines() for f in line.split("//")]
CASES = [("complete", formula) for formula in COMMON]
CASES += [("holes", formula) for formula in COMMON[::2]]
CASES += [("complete", f"y ~ {right} + (1 | t)") for right in rows(COMPLETE)]
CASES += [
    ("complete", "y ~ poly(x, 2) + (poly(x, 2) | t)"),
    ("complete", "poly(y, 1) ~ x + (1 | s)"),
    ("complete", 'y ~ x + (0 + dummy(f, "b") | t)'),
    ("complete", "y ~ dummy(h) + (dummy(h) | t)"),
    ("complete", "y ~ x + (dummy(f) | t)"),
]


@pytest.fixture(scope="module")
def R(lme4: ModuleType) -> ModuleType:
    """lme4 in a session with `bs`, where names need not be ASCII."""
    r.interface().evalr(
        "suppressWarnings({Sys.setlocale('LC_CTYPE', 'C.UTF-8'); library(splines)})"
    )
    return lme4


def differences(ours: Design, theirs: dict[str, Any]) -> list[str]:
    """What is not the same in both."""
    blank = np.zeros(ours.n)
    pairs = {
        "names of X": (list(ours.names), theirs["x_names"] or []),
        "groups": ([term.group for term in ours.terms], theirs["groups"]),
        "effects": ([list(term.effects) for term in ours.terms], theirs["effects"]),
        "levels": ({t.group: list(t.levels) for t in ours.terms}, theirs["levels"]),
        "X": (ours.X, theirs["X"].reshape(ours.n, -1)),
        "Z": (ours.Z, theirs["Z"]),
        "y": (ours.y, theirs["y"]),
        "offset": (ours.offset, theirs["offset"] if len(theirs["offset"]) else blank),
        "weights": (ours.weights, theirs["weights"] if len(theirs["weights"]) else blank + 1),
        "codes": (
            np.array([t.codes + 1 for t in ours.terms]),
            np.array([theirs["codes"][t.group] for t in ours.terms]),
        ),
    }
    return [what for what, (a, b) in pairs.items() if not same(a, b)]


def same(a: Any, b: Any) -> bool:
    """Equal texts; numbers up to rounding."""
    if not isinstance(a, np.ndarray):
        return bool(a == b)
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=1e-12, atol=1e-11))


@pytest.mark.filterwarnings("ignore:dropped:refmixed.errors.RankWarning")
@pytest.mark.filterwarnings("ignore::refmixed.errors.MissingValueWarning")
@pytest.mark.parametrize(("which", "formula"), CASES)
def test_the_arrays_are_lme4_s(R: ModuleType, which: str, formula: str) -> None:
    data = DATA if which == "complete" else HOLES
    data = data[
        [name for name in data if re.search(rf"(?<![\w.]){re.escape(str(name))}(?!\w)", formula)]
    ]
    assert differences(rm.design(formula, data), R.design(formula, data)) == []


@pytest.mark.parametrize(
    "right", ["+ (1 | t)", "- t + (1 | t)", "- t + (x | t)", "+ x:f + (1 | t) - t", "- 1 + (1 | s)"]
)
def test_a_dot_makes_the_arrays_of_lme4(R: ModuleType, right: str) -> None:
    data = DATA[["y", "x", "f", "b", "odd name", "t", "s"]]
    formula = f"y ~ . {right}"
    assert differences(rm.design(formula, data), R.design(formula, data)) == []


MODEL_MATRIX = """function(texts, data) lapply(texts, function(text) {
  X <- model.matrix(as.formula(text), model.frame(text, data, drop.unused.levels = TRUE))
  list(colnames(X), unname(X[, , drop = FALSE])) })"""


def test_factors_in_any_sum_of_products_are_coded_as_r_does(R: ModuleType) -> None:
    rng = random.Random(1)
    factors = ["f", "g", "h", "b", "o", "x", "z", "k", "unused", "C(f, sum)", "(x > 0)"]
    texts = []
    for _ in range(200):
        few = rng.sample(factors, 4)
        products = (rng.sample(few, rng.randint(1, 3)) for _ in range(rng.randint(1, 4)))
        texts.append(f"y ~ {rng.choice('01')} + " + " + ".join(map(":".join, products)))
    data = DATA[:40]
    for text, (names, X) in zip(texts, r.ask(MODEL_MATRIX, texts, data), strict=True):
        parsed = parse_formula(text)
        ours, labels = (
            model_frame(parsed, data, None, None).without_unused_levels().matrix(parsed.fixed)
        )
        assert (text, labels) == (text, names)
        np.testing.assert_allclose(ours, X, atol=1e-14, err_msg=text)


@pytest.mark.parametrize("data", [DATA, HOLES], ids=["complete", "holes"])
@pytest.mark.parametrize(("weights", "offset"), [("w", None), (None, "z"), ("w", "half")])
def test_weights_and_offset_are_columns_or_numbers(
    R: ModuleType, data: pd.DataFrame, weights: str | None, offset: str | None
) -> None:
    formula = "y ~ x + f + offset(log(z)) + (x | t)"
    by_name = rm.design(formula, data, weights=weights, offset=offset)
    assert differences(by_name, R.design(formula, data, weights=weights, offset=offset)) == []
    for container in (list, np.array, tuple, lambda v: v, lambda v: v[::-1]):
        given: dict[str, Any] = {
            what: name and container(data[name])
            for what, name in (("weights", weights), ("offset", offset))
        }
        by_value = rm.design(formula, data, **given)
        assert np.array_equal(by_value.weights, by_name.weights)
        assert np.array_equal(by_value.offset, by_name.offset)


def polars_frame(data: pd.DataFrame) -> Any:
    """The data in a polars frame, categories with their order."""
    enums = {c: pl.Enum(map(str, data[c].cat.categories)) for c in data.select_dtypes("category")}
    return pl.DataFrame(
        {c: data[c].astype(str if c in enums else data[c].dtype).tolist() for c in data},
        schema_overrides=enums,
    )


# The same values in another type make the same design.
TYPES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "objects that are strings": lambda d: d.assign(
        f=d["f"].astype(object), t=d["t"].astype(object)
    ),
    "strings": lambda d: d.assign(f=d["f"].astype("string"), t=d["t"].astype(str)),
    "a level that no row has": lambda d: d.assign(f=d["f"].cat.add_categories(["zz", "aa"])),
    "nullable booleans": lambda d: d.assign(b=d["b"].astype("boolean")),
    "objects that are booleans": lambda d: d.assign(b=d["b"].astype(object)),
    "small integers": lambda d: d.assign(count=d["count"].astype("int8"), s=d["s"].astype("uint8")),
    "nullable integers": lambda d: d.assign(
        count=d["count"].astype("Int64"), s=d["s"].astype("Int16")
    ),
    "nullable numbers": lambda d: d.assign(
        x=d["x"].astype("Float64"), count=d["count"].astype("Float64")
    ),
    "a sparse column": lambda d: d.assign(x=pd.arrays.SparseArray(d["x"])),
    "numbers as categories": lambda d: d.assign(s=pd.Categorical(d["s"].astype(int))),
    "categories as numbers": lambda d: d.assign(k=d["k"].astype(int)),
    "another order of columns": lambda d: d.iloc[:, ::-1],
    "columns in a table of arrows": lambda d: pa.Table.from_pandas(d),
    "a polars frame": lambda d: polars_frame(d),
    "strings in a polars frame": lambda d: polars_frame(d.astype({"f": str, "t": str})),
}


@pytest.mark.parametrize("change", TYPES.values(), ids=TYPES)
def test_the_type_of_a_column_does_not_matter(change: Callable[[pd.DataFrame], Any]) -> None:
    columns = ["y", "x", "f", "t", "b", "count", "s", "k"]
    formula = "y ~ x*f + b + count + factor(k) + (x + b | t) + (1 | s)"
    assert as_lists(rm.design(formula, change(DATA[columns]))) == as_lists(
        rm.design(formula, DATA[columns])
    )


def as_lists(made: Design) -> list[Any]:
    """The arrays and the names of a design, to compare them."""
    terms = [(t.name, t.effects, t.levels, t.x.tolist(), t.codes.tolist()) for t in made.terms]
    return [made.y.tolist(), made.X.tolist(), made.names, terms]


@pytest.mark.parametrize(
    ("values", "levels"),
    [
        (["b", "B", "a", "é", "Z"], ["B", "Z", "a", "b", "é"]),  # by code point
        (["10", "9", "1"], ["1", "10", "9"]),
        ([10, 9, 1], ["1", "9", "10"]),  # numbers by size
        ([1.5, -2.0, 1e3], ["-2", "1.5", "1000"]),
        ([1e5, 1.5e5, 2e-4], ["2e-04", "1e+05", "150000"]),  # doubles, the shorter way
        ([100000, 200000, 1], ["1", "100000", "200000"]),  # whole numbers in full
        ([1 / 3, 2 / 3, 0.1 + 0.2], ["0.3", "0.333333333333333", "0.666666666666667"]),
        ([0.1 + 0.2, 0.3, 1.0], ["0.3", "0.30000000000000004", "1"]),  # with 15 digits alike
        ([-0.0, 0.0, 1.0], ["0", "1"]),
        ([2**53 + 1, 2**53, 7], ["7", "9007199254740992", "9007199254740993"]),
        ([True, False, True], ["FALSE", "TRUE"]),
        (pd.Categorical(["lo", "hi", "lo"], ["lo", "mid", "hi"]), ["lo", "hi"]),
        (pd.Categorical([3, 1, 2], [3, 2, 1]), ["3", "2", "1"]),
    ],
)
def test_levels_are_sorted_as_in_r(values: Any, levels: list[str]) -> None:
    data = DATA[:60].assign(g=pd.Series(values).take(np.arange(60) % len(values)).array)
    (term,) = rm.design("y ~ x + (1 | g)", data).terms
    assert list(term.levels) == levels
    values = list(data["g"])
    assert all((values[i] == values[0]) == (k == term.codes[0]) for i, k in enumerate(term.codes))


@pytest.mark.parametrize("index", [np.arange(N)[::-1], np.arange(N) // 2, list("ab") * (N // 2)])
def test_rows_stay_in_order_whatever_their_labels(index: Any) -> None:
    formula = "y ~ x*f + poly(z, 2) + (x | t) + (1 | f:g)"
    shuffled = DATA.sample(frac=1, random_state=3)
    made = rm.design(formula, shuffled.set_axis(index, axis=0))
    plain = rm.design(formula, DATA)
    assert list(made.index) == list(index)
    np.testing.assert_allclose(made.X, plain.X[shuffled.index], rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(made.Z, plain.Z[shuffled.index])
    np.testing.assert_array_equal(made.y, plain.y[shuffled.index])


def test_rows_with_a_missing_value_are_dropped_and_counted() -> None:
    used = ["y", "x", "f", "s"]
    made = rm.design("y ~ x*f + (1 | s)", HOLES)
    complete = HOLES[used].notna().all(axis=1)
    assert made.dropped == N - complete.sum() > 0
    assert list(made.index) == list(HOLES.index[complete])


def test_a_row_is_dropped_for_the_columns_of_the_formula_alone() -> None:
    assert rm.design("w ~ t + (1 | k)", HOLES.assign(w=DATA["w"])).dropped == 0


def test_the_data_stay_as_they_are() -> None:
    data = HOLES.copy()
    rm.design("log(z) ~ poly(x, 2)*f + b + (o | t) + (1 | s)", data, weights="w", offset="half")
    pd.testing.assert_frame_equal(data, HOLES)


@pytest.mark.parametrize("kind", [float, int])
def test_what_becomes_of_the_data_later_leaves_a_design_as_it_is(kind: type) -> None:
    """Columns without a missing value are not copied on the way, but their arrays are."""
    names = ["y", "x", "z", "w", "half"]
    data = DATA.assign(**{name: (9 * DATA[name]).astype(kind) for name in names})
    data["w"] = data["w"].abs() + 1
    made = rm.design("y ~ x + I(z) + (x | t)", data, weights="w", offset="half")
    arrays = [made.y, made.X, made.weights, made.offset, made.terms[0].x, made.terms[0].codes]
    assert not any(np.shares_memory(a, data[name].to_numpy()) for a in arrays for name in names)


@pytest.mark.parametrize("size", [7, 50_000])
def test_codes_that_occur_are_numbered_in_order(size: int) -> None:
    given = np.array([6, 2, 2, 5, 6])
    codes, used = renumbered(given, size)
    assert (codes.tolist(), list(used)) == ([2, 0, 0, 1, 2], [2, 5, 6])
    assert renumbered(codes, 3)[0] is codes


def test_combinations_of_more_levels_than_whole_numbers_have_room_for() -> None:
    rng = np.random.default_rng(2)
    data = pd.DataFrame({name: rng.permutation(4000) for name in "abcdef"})  # 4000^6 > 2^63
    columns = list("abcdef")
    codes, levels, exact = group_codes(tuple(columns), data)
    rows = [tuple(map(str, row)) for row in data.to_numpy()]
    assert [levels[code] for code in codes] == rows
    assert [tuple(map(int, level)) for level in levels] == sorted(map(tuple, data.to_numpy()))
    assert exact is levels


@pytest.mark.parametrize("as_array", [np.ascontiguousarray, np.asfortranarray])
def test_independent_columns_are_those_that_rs_tolerance_tells_apart(as_array: Any) -> None:
    x, noise = np.random.default_rng(3).normal(size=(2, N))
    far, near = (np.column_stack([x, x + e * noise, 1e5 * noise]) for e in (1e-6, 1e-9))
    assert independent_columns(as_array(far)) == [0, 1]
    assert independent_columns(as_array(near)) == [0, 2]
    assert independent_columns(as_array(far[:2])) == [0, 1]
    assert independent_columns(np.zeros((N, 2))) == []


def test_a_formula_is_taken_apart_once() -> None:
    assert parse_formula("y ~ x + (1 | s)") is parse_formula("y ~ x + (1 | s)")
