"""Distinct values are distinct groups, whatever they are called and by whichever door they come."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from counts import share
from hard_names import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st

import refmixed as rm
from refmixed import errors
from refmixed.cli import main
from refmixed.r.convert import as_number, convert
from refmixed.r.csv_file import read_csv
from refmixed.r.levels import labels
from validation.adapters import r

K, EACH = 7, 6  # groups, and rows of each; one more row has no group
FORMULA = "y ~ x + (x | g)"


def build() -> pd.DataFrame:
    """y, x and the number of a row's group, -1 where it has none."""
    rng = np.random.default_rng(4)
    code = np.append(rng.permutation(np.repeat(np.arange(K), EACH)), -1)
    x = rng.normal(size=len(code))
    effects = rng.normal(size=(K + 1, 2)) * [2, 1]
    y = 5 + x + (effects[code] * np.column_stack([np.ones_like(x), x])).sum(axis=1)
    return pd.DataFrame({"y": y + rng.normal(size=len(code)), "x": x, "code": code})


DATA = build()
PLAIN = rm.lmer(FORMULA, DATA.assign(g=[None if k < 0 else "abcdefg"[k] for k in DATA["code"]]))

Labels = list[Any]
Door = Callable[[Labels, Path], Any]


def csv(column: Labels, folder: Path) -> pd.DataFrame:
    """Through a file; Python writes each number with all its digits."""
    texts = [None if v is None else str(v) for v in column]
    DATA[["y", "x"]].assign(g=texts).to_csv(folder / "d.csv", index=False)
    return read_csv(str(folder / "d.csv"))


def pandas(column: Any) -> pd.DataFrame:
    """A pandas frame."""
    return DATA[["y", "x"]].assign(g=column)


def arrow(column: Any) -> pa.Table:
    """An Arrow table."""
    return pa.table({"y": DATA["y"], "x": DATA["x"], "g": column})


def decimals(column: Labels) -> Labels:
    """The same numbers as decimals."""
    return [None if v is None else Decimal(v) for v in column]


ANY: dict[str, Door] = {
    "objects": lambda g, _: pandas(pd.Series(g, dtype=object)),
    "a categorical": lambda g, _: pandas(pd.Categorical(g, list(dict.fromkeys(g[:-1])))),
    "polars": lambda g, _: pl.DataFrame({"y": DATA["y"], "x": DATA["x"], "g": g}, strict=False),
    "an Arrow table": lambda g, _: arrow(pa.array(g)),
    "an Arrow dictionary": lambda g, _: arrow(pa.array(g).dictionary_encode()),
    "an Arrow dictionary with a null": lambda g, _: arrow(dictionary(g)),
    "pandas with Arrow's types": lambda g, _: pandas(pd.array(g, pd.ArrowDtype(pa.array(g).type))),
    "a CSV file": csv,
}
TEXTS: dict[str, Door] = ANY | {
    "strings": lambda g, _: pandas(pd.Series(g, dtype="string")),
    "polars' categories": lambda g, _: pl.DataFrame(
        {"y": DATA["y"], "x": DATA["x"], "g": pl.Series(g, dtype=pl.Categorical)}
    ),
}
WHOLE: dict[str, Door] = ANY | {
    "nullable integers": lambda g, _: pandas(pd.array(g, dtype="Int64")),
    "decimals": lambda g, _: pandas(pd.Series(decimals(g), dtype=object)),
    "Arrow's decimals": lambda g, _: arrow(pa.array(decimals(g), pa.decimal128(38, 0))),
    "polars' decimals": lambda g, _: pl.DataFrame(
        {"y": DATA["y"], "x": DATA["x"], "g": pl.Series(decimals(g), dtype=pl.Decimal(38, 0))}
    ),
    "pandas with Arrow's decimals": lambda g, _: pandas(
        pd.array(decimals(g), pd.ArrowDtype(pa.decimal128(38, 0)))
    ),
}
BEYOND: dict[str, Door] = {
    name: WHOLE[name] for name in ("objects", "decimals", "a CSV file", "Arrow's decimals")
}
DOUBLES: dict[str, Door] = ANY | {
    "doubles": lambda g, _: pandas(np.array([math.nan if v is None else v for v in g])),
    "nullable doubles": lambda g, _: pandas(pd.array(g, dtype="Float64")),
}


def dictionary(column: Labels) -> Any:
    """An Arrow dictionary with a null among its values, and with indices that are null."""
    values = [None, *dict.fromkeys(column[:-1])]
    index = [0 if v is None else values.index(v) for v in column]
    return pa.DictionaryArray.from_arrays(pa.array(index), pa.array(values))


def neighbours(start: float) -> list[float]:
    """Doubles in a row, with nothing between them."""
    return [start + k * math.ulp(start) for k in range(K)]


def names(start: int) -> list[int]:
    """Whole numbers in a row."""
    return list(range(start, start + K))


LONG = st.integers(10**15, 2**63 - K - 1).map(names)
WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=8)
UNIQUE = {"min_size": K, "max_size": K, "unique": True}


def one_is_text(words: list[str]) -> list[str]:
    """Texts that no reader of files takes for numbers, because of one of them, or for missing."""
    return ["a text", *words[1:]]


KINDS: dict[str, tuple[st.SearchStrategy[Labels], dict[str, Door]]] = {
    "small whole numbers": (st.lists(st.integers(-9, 10**6), **UNIQUE), WHOLE),
    "long whole numbers": (LONG, WHOLE),
    "whole numbers beyond 64 bits": (st.integers(2**63, 10**37).map(names), BEYOND),
    "doubles": (st.lists(st.floats(-1e9, 1e9, width=32), **UNIQUE), DOUBLES),
    "neighbouring doubles": (st.floats(1e-9, 1e20).map(neighbours), DOUBLES),
    "hostile texts": (st.permutations(HOSTILE).map(lambda p: one_is_text(p[:K])), TEXTS),
    "any texts": (
        st.lists(WORDS.filter(lambda w: w not in ("NA", "a text")), **UNIQUE).map(one_is_text),
        TEXTS,
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_what_groups_are_called_and_how_they_come_changes_nothing(
    kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    strategy, doors = KINDS[kind]
    folder = tmp_path_factory.mktemp("csv")

    @settings(max_examples=len(share(12, of=120)))
    @given(strategy, st.randoms(use_true_random=False))
    def check(called: Labels, random: Any) -> None:
        random.shuffle(called)
        column = [None if k < 0 else called[k] for k in DATA["code"]]
        for name, door in doors.items():
            fit = rm.lmer(FORMULA, door(column, folder))
            assert (name, fit.nobs) == (name, K * EACH)
            levels = fit.ranef()["g"].index
            assert (name, len(levels), len(set(levels))) == (name, K, K)
            assert fit.criterion == pytest.approx(PLAIN.criterion, rel=1e-12), name
            np.testing.assert_allclose(fit.theta, PLAIN.theta, rtol=1e-8, err_msg=name)

    check()


# --- labels ---------------------------------------------------------------------------------------


def test_labels_are_r_s_and_longer_only_where_two_read_alike() -> None:
    assert labels([1e5, 1.5e5, 2e5]) == ["1e+05", "150000", "2e+05"]
    assert labels([1e-4, 2e-4, 0.00012, 1e15, 1e-15]) == [
        "1e-04", "2e-04", "0.00012", "1e+15", "1e-15"
    ]  # fmt: skip
    assert labels([100000, 2**70, np.int64(200000)]) == ["100000", str(2**70), "200000"]
    assert labels([0.3, 0.1 + 0.2, 1 / 3]) == ["0.3", "0.30000000000000004", "0.333333333333333"]
    assert labels([1234567890123456.0, 1e22, -0.0]) == ["1234567890123456", "1e+22", "0"]
    assert labels([Decimal("1.50"), Decimal(2**70), Decimal("0.1")]) == ["1.5", str(2**70), "0.1"]
    assert labels([True, False, np.float32(0.1)]) == ["TRUE", "FALSE", "0.100000001490116"]


def test_labels_of_doubles_are_those_of_a_factor_in_r(lme4: ModuleType) -> None:
    rng = np.random.default_rng(3)
    rounded = [float(f"{x:.{k}g}") for k in range(1, 18) for x in rng.lognormal(0, 20, 30)]
    powers = [s * d * 10.0**k for k in range(-30, 31) for d in (1, 1.5, 2) for s in (1, -1)]
    values = sorted(set(rounded + powers))
    theirs = r.ask("function(x) as.character(x)", np.array(values))
    assert labels(values) == list(theirs)


def test_a_level_is_met_again_by_its_value() -> None:
    ids = neighbours(1004000123412341.5)[: K - 1]  # read alike with 15 digits
    column = np.array([ids[k % (K - 1)] for k in DATA["code"]])
    fit = rm.lmer("y ~ x + (1 | g)", pandas(column))
    for values in (column, pd.Series(column, dtype=object), list(map(Decimal, column))):
        np.testing.assert_allclose(fit.predict(pandas(values)), fit.fitted, rtol=1e-12)
    with pytest.raises(errors.NewLevelError):
        fit.predict(pandas(np.nextafter(ids[-1], 2e15)))


def test_a_value_that_reads_like_a_level_is_another() -> None:
    data = DATA[["y", "x"]].assign(third=[(1 + k % K) / 3 for k in range(len(DATA))])
    near = data[:1].assign(third=math.nextafter(1 / 3, 1))
    group = rm.lmer("y ~ x + (1 | third)", data)
    assert group.ranef()["third"].index[0] == "0.333333333333333"
    with pytest.raises(errors.NewLevelError, match=r"0\.33333333333333337"):
        group.predict(near)
    fixed = rm.lmer("y ~ factor(third) + (1 | g)", data.assign(g=DATA["code"] % 4))
    with pytest.raises(errors.UnknownLevelError, match=r"0\.33333333333333337"):
        fixed.predict(near.assign(g=1))


@pytest.mark.parametrize("start", [1e5, 5e15, 2.0**60, 0.3])
def test_a_level_may_be_given_by_its_label_or_by_its_digits(start: float) -> None:
    ids = [start * (1 + k) for k in range(K)]
    fit = rm.lmer("y ~ x + (1 | g)", pandas(np.array(ids)[DATA["code"]]))
    written = dict(zip(ids, fit.ranef()["g"].index, strict=True))
    for texts in (written, {v: str(int(v)) if v.is_integer() else repr(v) for v in ids}):
        again = pandas([texts[ids[k]] for k in DATA["code"]])
        np.testing.assert_allclose(fit.predict(again), fit.fitted, rtol=1e-12)


@pytest.mark.parametrize("base", [10**5, 2**53, 2**60, 2**70])
def test_long_numbers_stay_distinct_as_a_factor_among_the_fixed_effects(base: int) -> None:
    ids = pd.Series([base + k % 3 for k in range(len(DATA))], dtype=object)
    data = DATA[["y", "x"]].assign(id=ids, g=[f"g{k % 5}" for k in range(len(DATA))])
    fit = rm.lmer("y ~ factor(id) + (1 | g)", data)
    right = rm.lmer("y ~ id + (1 | g)", data.assign(id=ids.astype(str)))
    assert fit.criterion == right.criterion
    assert list(fit.beta.index)[1:] == [f"factor(id){base + k}" for k in (1, 2)]
    np.testing.assert_array_equal(
        fit.predict(data[:9]), right.predict(data[:9].astype({"id": str}))
    )
    with pytest.raises(errors.UnknownLevelError, match=str(base + 3)):
        fit.predict(data[:1].assign(id=base + 3))


def test_levels_of_a_factor_are_chosen_by_value_and_the_others_are_missing() -> None:
    data = DATA[["y", "x"]].assign(
        dose=[1e5, 2e5, 3e5] * 14 + [1e5], g=list("abcd") * 10 + ["a"] * 3
    )
    with pytest.warns(errors.MissingValueWarning, match="has no value in 14 of 43 rows"):
        some = rm.lmer("y ~ factor(dose, levels = c(300000, 100000)) + (1 | g)", data)
    assert some.nobs == 29
    assert list(some.beta.index)[1:] == ["factor(dose, levels = c(3e+05, 1e+05))1e+05"]
    with pytest.warns(errors.MissingValueWarning):
        texts = rm.lmer('y ~ factor(dose, levels = c("3e+05", "1e+05")) + (1 | g)', data)
    assert texts.criterion == some.criterion
    for ref in ("2", '"2e+05"'):  # a place, or a label
        other = rm.lmer(f"y ~ relevel(factor(dose), ref = {ref}) + (1 | g)", data)
        name = f"relevel(factor(dose), ref = {ref})"
        assert list(other.beta.index)[1:] == [f"{name}1e+05", f"{name}3e+05"]
    with pytest.raises(errors.FormulaError, match="a level is given twice"):
        rm.lmer("y ~ factor(dose, levels = c(1, 1)) + (1 | g)", data)


def test_a_column_of_pandas_cut_is_said_to_be_ordered_once() -> None:
    data = DATA[["y"]].assign(x=pd.cut(DATA["x"], 3), g=[f"g{k % 5}" for k in range(len(DATA))])
    with pytest.warns(errors.OrderedWarning, match=r"x is ordered.*x\.cat\.as_unordered") as said:
        fit = rm.lmer("y ~ x + (1 | g)", data)
    assert (len(said), said[0].filename) == (1, __file__)
    assert list(fit.beta.index)[1:] == ["x.L", "x.Q"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit.predict(data[:3])
        other = rm.lmer("y ~ x + (1 | g)", data.assign(x=data["x"].cat.as_unordered()))
        rm.lmer("y ~ 1 + (1 | x)", data)
    assert list(other.beta.index)[1:] == [f"x{level}" for level in data["x"].cat.categories[1:]]


# --- columns of objects, and of other libraries ---------------------------------------------------


@pytest.mark.parametrize("made", [float, Decimal, np.float32, lambda v: v])
def test_objects_that_hold_only_numbers_are_numbers(made: Callable[[float], Any]) -> None:
    data = DATA[["y"]].assign(x=[k % 5 for k in range(len(DATA))], g=DATA["code"])
    given = data.assign(x=pd.Series([made(v) for v in data["x"]], dtype=object))
    formula = "y ~ x + I(x^2) + log(x + 1) + (x | g)"
    right, found = (
        rm.lmer(formula, data, weights=1.0 + data["x"]),
        rm.lmer(
            formula, given, weights=pd.Series([made(1.0 + v) for v in data["x"]], dtype=object)
        ),
    )
    assert found.criterion == right.criterion


def test_an_arrow_dictionary_may_repeat_a_value_and_keeps_its_order() -> None:
    words = pa.array(["c", None, "a", "c", "b"])
    index = pa.array([(0, 2, 3, 4, 1)[k % 5] for k in range(len(DATA))])
    for is_ordered in (False, True):
        column = pa.DictionaryArray.from_arrays(index, words, ordered=is_ordered)
        table = pa.table(
            {"y": DATA["y"], "f": column, "g": [f"g{k % 4}" for k in range(len(DATA))]}
        )
        formula = "y ~ ordered(f) + (1 | g)" if is_ordered else "y ~ f + (1 | g)"
        fit = rm.lmer(formula, table)
        names = ["ordered(f).L", "ordered(f).Q"] if is_ordered else ["fa", "fb"]
        assert list(fit.beta.index)[1:] == names
        assert fit.nobs == sum(k % 5 != 4 for k in range(len(DATA)))


# --- files ----------------------------------------------------------------------------------------

# What R 4.2.2's read.csv() makes of a text alone in a column.
NUMBERS = {
    "infinity": math.inf, "Inf": math.inf, "-inf": -math.inf, "iNf": math.inf, " 1 ": 1, "1e5": 1e5,
    "1E5": 1e5, "0x1F": 31, "-0X1f": -31, "1.": 1, "  .5": 0.5, "+1": 1, "00012": 12, "\t1": 1,
    "1.e5": 1e5, "1E+05": 1e5, "1e-3": 1e-3, "nan": math.nan, "NaN": math.nan, "Nan": math.nan,
    "-NAN": math.nan, "9007199254740993": 2**53 + 1,
}  # fmt: skip
NOT_NUMBERS = [
    "1_1", "1_11", "１２", "١", "−1", "NAN", "NAn", "- 1", "1d5", "1L", "TRUE", "true", "0x", "0xg",
    ".", "-", "+", "1 2", "1\u00a0", "1e5L", "#1", "infini", "in", "na", "N/A", "1f", "1..2", "0b1",
    "1.2.3", "1e5.5", "e5", ".e5", "1 e5", "++1", "1ee", "INFx", "Infinity1", "NaN1", "1,5", "00x1",
    "None", "1e 5", "²", "½",
]  # fmt: skip
R_ALONE = ["1e", "1E-", "1i", "1e400", "-1e400", "1e-400", "0x.8p1", "0x1p3", "T", "FALSE"]


@pytest.mark.parametrize(("text", "number"), NUMBERS.items())
def test_a_text_is_a_number_where_r_reads_one(text: str, number: float) -> None:
    found = as_number(text)
    assert found is not None
    np.testing.assert_equal(float(found), float(number))


@pytest.mark.parametrize("text", [*NOT_NUMBERS, *R_ALONE])
def test_other_texts_are_texts(text: str) -> None:
    assert as_number(text) is None


READ = "function(x) vapply(x, function(t) { v <- utils::type.convert(t, as.is = TRUE)\n"
READ += "  if (is.numeric(v)) v else NA_real_ }, 0)"


def test_r_reads_the_same_numbers(lme4: ModuleType) -> None:
    @settings(max_examples=60)
    @given(st.lists(st.text("0123456789+-.eExXpaAnNiIfFtTyY_L ", max_size=6), min_size=50))
    def check(texts: list[str]) -> None:
        texts = [*texts, *NUMBERS, *NOT_NUMBERS]
        theirs = r.ask(READ, [text or "-" for text in texts])
        for text, number in zip(texts, theirs, strict=True):
            found = as_number(text)
            if found is not None:
                assert float(found) == number or (math.isnan(found) and math.isnan(number)), text
            else:
                assert math.isnan(number) or is_r_alone(text), (text, number)

    check()


def is_r_alone(text: str) -> bool:
    """What R reads and refmixed leaves as text: 1e, hexadecimal fractions, what doubles lose."""
    text = text.strip().lower()
    return (
        text.endswith(("e", "e+", "e-")) or "x" in text or float(text) in (0, math.inf, -math.inf)
    )


NEAR_TENTH = Decimal("0.10000000000000000001")


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (["1", "", "9007199254740993"], "Int64", [1, pd.NA, 2**53 + 1]),
        (["1", "0x10"], "Int64", [1, 16]),
        (["9223372036854775808", "1", "NA"], "object", [2**63, 1, None]),
        (["1.5", "2", ""], "float64", [1.5, 2.0, math.nan]),
        (["1.5", "9007199254740993"], "object", [Decimal("1.5"), 2**53 + 1]),
        (
            ["0.1", "0.10000000000000000001"],
            "object",
            [Decimal("0.1"), Decimal("0.1" + "0" * 18 + "1")],
        ),
        (["1", "1_1"], "str", ["1", "1_1"]),
        (["", "NA"], "float64", [math.nan, math.nan]),
    ],
)
def test_columns_of_files_keep_what_doubles_lose(
    cells: list[str], kind: str, values: list[Any], tmp_path: Path
) -> None:
    path = tmp_path / "d.csv"
    path.write_text("a,b\n" + "".join(f"{cell},z\n" for cell in cells))
    column = read_csv(str(path))["a"]
    assert pd.api.types.is_string_dtype(column) if kind == "str" else column.dtype == kind
    for found, right in zip(column, values, strict=True):
        assert (pd.isna(found) and pd.isna(right)) or found == right


def test_a_column_keeps_its_index() -> None:
    column = pd.Series(["2", "1", "2"], index=[5, 3, 1])
    assert convert(column).to_dict() == {5: 2, 3: 1, 1: 2}


@pytest.mark.parametrize("digits", [16, 17, 18, 19, 20, 30])
def test_ids_of_many_digits_are_groups_on_the_command_line(
    digits: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = [10 ** (digits - 1) + 4 + k for k in range(K)]
    csv([None if k < 0 else ids[k] for k in DATA["code"]], tmp_path)
    assert main(["fit", FORMULA, str(tmp_path / "d.csv"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found["ranef"]["g"]) == list(map(str, ids))
    assert found["criterion"] == pytest.approx(PLAIN.criterion, rel=1e-12)
