"""What data tools do to a factor and to whole numbers on the way to a model: which design results.

The suite has the arrays that must come out, and as near misses those of the usual losses.  Here the
tools themselves carry the data of these cases.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import feather, parquet
from suite import case_of

import refmixed as rm
from refmixed import errors
from validation.models import Model, frames
from validation.suite import tables
from validation.suite.nested import array
from validation.suite.verdicts import names

MODELS = {model.id: model for model in frames.MODELS}
FACTORS = [m for m in frames.MODELS if "levels" in m.flags]
WHOLE = [m for m in frames.MODELS if "whole-numbers" in m.flags]
ORDERED = ["declared-order-reml", "declared-order-ml", "declared-arms-reml", "text-numbers-reml"]


def pandas_frame(model: Model) -> pd.DataFrame:
    return tables.load(model.data).frame()


def polars_frame(data: pd.DataFrame) -> pl.DataFrame:
    """The same in polars, where an Enum has the declared levels."""
    return pl.DataFrame(
        {
            name: pl.Series(column.tolist(), dtype=pl.Enum(column.cat.categories))
            if isinstance(column.dtype, pd.CategoricalDtype)
            else pl.Series(column.tolist())
            for name, column in data.items()
        }
    )


def arrow_table(data: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(data, preserve_index=False)


def through_parquet(table: pa.Table) -> io.BytesIO:
    file = io.BytesIO()
    parquet.write_table(table, file)
    return file


def through_feather(table: pa.Table) -> io.BytesIO:
    file = io.BytesIO()
    feather.write_feather(table, file)
    return file


def csv_file(data: pd.DataFrame) -> io.StringIO:
    return io.StringIO(data.to_csv(index=False))


# Ways on which nothing is lost, ways on which a factor becomes ordered, and ways without an order.
KEEPING: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda d: d,
    "a polars Enum": polars_frame,
    "an Arrow table": arrow_table,
    "Parquet, read by pandas": lambda d: pd.read_parquet(through_parquet(arrow_table(d))),
    "Parquet, read by Arrow": lambda d: parquet.read_table(through_parquet(arrow_table(d))),
    "Feather": lambda d: feather.read_feather(through_feather(arrow_table(d))),
}
ORDERING: dict[str, Callable[[pd.DataFrame], Any]] = {
    "a polars Enum in pandas": lambda d: polars_frame(d).to_pandas(),
    "a polars Enum in Arrow": lambda d: polars_frame(d).to_arrow(),
    "a polars Enum in Parquet": lambda d: pd.read_parquet(
        through_parquet(polars_frame(d).to_arrow())
    ),
}
LOSING: dict[str, tuple[str, Callable[[pd.DataFrame], Any]]] = {  # with the mistake that it is
    "CSV": ("levels-sorted", lambda d: pd.read_csv(csv_file(d))),
    "CSV, read by polars": ("levels-sorted", lambda d: pl.read_csv(csv_file(d))),
    "a polars Categorical": ("levels-sorted", lambda d: pl.from_pandas(d)),
    "a polars Categorical in pandas": (
        "levels-in-order-of-rows",
        lambda d: pl.from_pandas(d).to_pandas(),
    ),
}


def expected(model: Model, quantity: str) -> Any:
    return array(case_of(f"{model.id}.design")["expected"][quantity]["value"], 2)


def near_miss(model: Model, level: str, mistake: str, quantity: str, ndim: int) -> Any:
    """What a mistake gives for a quantity."""
    misses = case_of(f"{model.id}.{level}")["near_misses"]
    (values,) = [m["values"] for m in misses if mistake in names(m) and quantity in m["values"]]
    return array(values[quantity], ndim)


# --- factors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", KEEPING)
@pytest.mark.parametrize("model", FACTORS, ids=lambda model: model.id)
def test_what_keeps_the_levels_gives_the_design_of_the_suite(model: Model, way: str) -> None:
    design = rm.design(model.formula, KEEPING[way](pandas_frame(model)))
    assert np.array_equal(design.X, expected(model, "X"))
    assert np.array_equal(design.Z, expected(model, "Z"))


@pytest.mark.parametrize("way", ORDERING)
@pytest.mark.parametrize("name", ORDERED)
def test_an_order_that_was_not_asked_for_is_said_and_named(name: str, way: str) -> None:
    model = MODELS[name]
    data = ORDERING[way](pandas_frame(model))
    with pytest.warns(errors.OrderedWarning, match=r"is ordered by its type, and so gets") as said:
        design = rm.design(model.formula, data)
    assert len(said) == 1
    miss = near_miss(model, "design", "polynomial-contrasts", "X", 2)
    assert np.allclose(design.X, miss, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("name", ORDERED)
def test_each_way_out_of_the_message_does_what_it_says(name: str) -> None:
    model = MODELS[name]
    (factor,) = [f for f in tables.load(model.data).factors if f in ("grade", "arm", "dose")]
    data = ORDERING["a polars Enum in pandas"](pandas_frame(model))
    plain = data.assign(**{factor: data[factor].cat.as_unordered()})
    written = model.formula.replace(factor, f"factor({factor}, ordered = FALSE)")
    meant = model.formula.replace(factor, f"ordered({factor})")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.array_equal(rm.design(model.formula, plain).X, expected(model, "X"))
        assert np.array_equal(rm.design(written, data).X, expected(model, "X"))
        polynomial = rm.design(meant, data)
    assert f"ordered({factor}).L" in polynomial.names


def test_an_order_that_makes_no_difference_is_not_said() -> None:
    data = ORDERING["a polars Enum in pandas"](pandas_frame(MODELS["declared-order-reml"]))
    cake = rm.load_dataset("cake")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rm.design("y ~ x + (1 | grade)", data)  # a group
        rm.design("y ~ 0 + grade + (1 | g)", data)  # a column a level
        rm.design("y ~ x + I(grade == 'Low') + (1 | g)", data)
        fit = rm.lmer("angle ~ temperature + (1 | recipe:replicate)", cake)  # R's own order
    assert fit.beta.index[1] == "temperature.L"


def test_the_order_of_chunks_is_said_once() -> None:
    data = ORDERING["a polars Enum in pandas"](pandas_frame(MODELS["declared-order-reml"]))
    with pytest.warns(errors.OrderedWarning, match=r"grade is ordered by its type") as said:
        fit = rm.lmer("y ~ grade + (1 | g)", [data[:15], data[15:]])
    assert (len(said), said[0].filename) == (1, __file__)
    assert list(fit.beta.index)[1:] == ["grade.L", "grade.Q", "grade.C"]


@pytest.mark.parametrize("way", LOSING)
@pytest.mark.parametrize("name", ["declared-order-reml", "declared-arms-reml"])
def test_an_order_that_is_lost_gives_what_the_near_miss_has(name: str, way: str) -> None:
    model = MODELS[name]
    mistake, lost = LOSING[way]
    fit = rm.lmer(model.formula, lost(pandas_frame(model)))
    miss = near_miss(model, "inference", mistake, "vcov", 2)
    assert np.allclose(fit.vcov, miss, rtol=1e-5)


def test_labels_that_are_numbers_are_numbers_in_a_csv_file() -> None:
    model = MODELS["text-numbers-reml"]
    fit = rm.lmer(model.formula, pd.read_csv(csv_file(pandas_frame(model))))
    miss = near_miss(model, "fit", "numbers-for-labels", "criterion", 0)
    assert fit.criterion == pytest.approx(float(miss), rel=1e-6)
    texts = pd.read_csv(csv_file(pandas_frame(model)), dtype={"dose": str, "lot": str})
    right = case_of(f"{model.id}.fit")["expected"]["criterion"]["value"]
    dose = 'factor(dose, levels = c("10", "5", "20", "0"))'
    assert rm.lmer(f"y ~ {dose} + (1 | lot)", texts).criterion == pytest.approx(float(right))


def test_labels_that_read_as_missing_cost_rows_in_a_csv_file() -> None:
    model = MODELS["labels-alike-reml"]
    fit = rm.lmer(model.formula, pd.read_csv(csv_file(pandas_frame(model))))
    miss = near_miss(model, "fit", "labels-as-missing", "criterion", 0)
    assert fit.criterion == pytest.approx(float(miss), rel=1e-6)
    assert fit.nobs == 24
    kept = pd.read_csv(csv_file(pandas_frame(model)), keep_default_na=False)
    right = case_of(f"{model.id}.fit")["expected"]["criterion"]["value"]
    assert rm.lmer(model.formula, kept).criterion == pytest.approx(float(right), rel=1e-12)


# --- whole numbers --------------------------------------------------------------------------------


def smallest(data: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Each column of numbers in the fewest bits that hold it."""
    return data.apply(
        lambda c: pd.to_numeric(c, downcast=kind) if c.dtype == np.float64 and c.name != "y" else c
    )


SMALL: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda d: smallest(d, "integer"),
    "pandas, without a sign": lambda d: smallest(d, "unsigned"),
    "pandas, nullable": lambda d: smallest(d, "integer").convert_dtypes(),
    "polars": lambda d: pl.from_pandas(smallest(d, "integer")),
    "Arrow": lambda d: arrow_table(smallest(d, "integer")),
    "Parquet": lambda d: pd.read_parquet(through_parquet(arrow_table(smallest(d, "unsigned")))),
}


@pytest.mark.parametrize("way", SMALL)
@pytest.mark.parametrize("model", WHOLE, ids=lambda model: model.id)
def test_whole_numbers_of_few_bits_do_not_wrap(model: Model, way: str) -> None:
    data = SMALL[way](pandas_frame(model))
    design = rm.design(model.formula, data)
    assert np.array_equal(design.X, expected(model, "X"))
    fit = rm.lmer(model.formula, data, reml=model.reml)
    right = case_of(f"{model.id}.fit")["expected"]["criterion"]["value"]
    assert fit.criterion == pytest.approx(float(right), rel=1e-13)
    assert fit.predict(data).to_numpy() == pytest.approx(fit.fitted.to_numpy(), rel=1e-12)


@pytest.mark.parametrize(
    ("mistake", "kind"), [("whole-numbers-wrap", "integer"), ("unsigned-numbers-wrap", "unsigned")]
)
@pytest.mark.parametrize(
    ("name", "columns"),
    [("whole-numbers-8-bits-reml", (3, 4)), ("whole-numbers-32-bits-reml", (1,))],
)
def test_the_near_miss_is_what_numpy_makes(
    name: str, columns: tuple[int, ...], mistake: str, kind: str
) -> None:
    data = smallest(pandas_frame(MODELS[name]), kind)
    with np.errstate(over="ignore"):
        products = {
            "I(count^2)": data["count"] ** 2,
            "count:dose": data["count"] * data["dose"],
            "I(grams^2)": data["grams"] ** 2,
        }
    miss = near_miss(MODELS[name], "design", mistake, "X", 2)
    named = case_of(f"{name}.design")["model"]["coefficients"]
    for j in columns:
        assert not np.allclose(products[named[j]], expected(MODELS[name], "X")[:, j])
        assert np.allclose(products[named[j]], miss[:, j], rtol=1e-6)


@pytest.mark.parametrize("kind", ["int8", "uint8", "int16", "int32"])
@pytest.mark.parametrize(
    "term",
    """a:b | a*b | I(a*b) | I(a^2) | I(a*a*a*a) | poly(a, 2) | scale(a) | sum(a):b | mean(a):b
    I(a - sum(b)) | I(a - 150) | I(-a) | abs(a - 120) | log(a*b) | pmin(a, b):a | I(a %/% b)
    ifelse(a > 100, a*b, b) | c(a):c(b) | I(max(a)*b) | cut(a, 3) | factor(a)""".replace(
        "\n", "|"
    ).split("|"),
)
def test_no_function_of_a_formula_wraps(term: str, kind: str) -> None:
    rng = np.random.default_rng(0)
    data = pd.DataFrame(
        {
            "a": np.tile([100, 120, 90, 110], 10),
            "b": np.tile([127, 120, 99, 7, 5], 8),
            "g": np.repeat(list("abcdefgh"), 5),
            "y": rng.normal(size=40),
        }
    )
    formula = f"y ~ {term.strip()} + (1 | g)"
    few_bits = rm.design(formula, data.astype({"a": kind, "b": kind}))
    assert np.array_equal(few_bits.X, rm.design(formula, data.astype({"a": float, "b": float})).X)
