"""What R 4.2.2 and lme4 1.1-31 print, recorded: numbers, tables, and whole summaries.

In the tables below "|" stands between cells, and "~" marks a line of R's that ends in a blank.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from refmixed.r.format import (
    character_matrix,
    fill,
    format_numbers,
    named_vector,
    quantile,
    round_half,
    zapsmall,
)
from refmixed.r.summary import Summary, coefficient_table
from refmixed.r.text import abbreviate, display_width, escaped
from refmixed.varcorr import TermCovariance, VarCorr, variance_table

NAN, INF = float("nan"), float("inf")
SLEEPSTUDY = {"data": "sleepstudy", "weights": None, "offset": None}


def lines(page: str) -> list[str]:
    """The lines of a recorded page, without its first and last line break."""
    return [line.removesuffix("~") for line in page[1:-1].split("\n")]


# ---- numbers as text

FORMAT = [
    # x, digits, nsmall, cells
    ([1, 2.5, 100], 7, 0, "  1.0|  2.5|100.0"),
    ([1743.62827], 7, 0, "1743.628"),
    ([1234567.8], 7, 0, "1234568"),
    ([123456789], 7, 0, "123456789"),
    ([0.1 + 0.2, 1 / 3], 7, 0, "0.3000000|0.3333333"),
    ([0.1 + 0.2], 15, 0, "0.3"),
    ([565.477, 32.682, 654.941], 4, 0, "565.48| 32.68|654.94"),
    # the sign takes a place; a minus zero has none
    ([-12.5, 3], 7, 0, "-12.5|  3.0"),
    ([0, 13.81], 4, 0, " 0.00|13.81"),
    ([-0.0], 7, 0, "0"),
    # scientific only where narrower
    ([123456], 7, 0, "123456"),
    ([100000], 7, 0, "1e+05"),
    ([100000, 123456], 7, 0, "100000|123456"),
    ([0.0001], 4, 0, "1e-04"),
    ([0.00012], 4, 0, "0.00012"),
    ([12345.678, 0.00012345], 4, 0, "1.235e+04|1.234e-04"),
    ([-0.0, -1e-9, 3], 4, 0, " 0e+00|-1e-09| 3e+00"),
    ([1e100, 1], 7, 0, "1e+100| 1e+00"),
    ([1e-300], 7, 0, "1e-300"),
    # ties go to the even digit where the double is one, to the nearer side where it is not
    ([0.125], 2, 0, "0.12"),
    ([0.375], 2, 0, "0.38"),
    ([0.15, 0.25, 0.35], 1, 0, "0.1|0.2|0.3"),
    ([1234.5], 4, 0, "1234"),
    ([1235.5], 4, 0, "1236"),
    # rounding that reaches the next power of ten
    ([9996], 3, 0, "9996"),
    ([99.96], 3, 0, "100"),
    ([9.9996, 0.1234], 4, 0, " 9.9996| 0.1234"),
    # at least nsmall decimals, but not in scientific notation
    ([123], 7, 2, "123.00"),
    ([0.5, 0.25], 7, 3, "0.500|0.250"),
    ([0.5, 1e10], 7, 2, "5e-01|1e+10"),
    # what is not finite
    ([1, NAN, INF, -INF], 7, 0, "   1| NaN| Inf|-Inf"),
    ([1, NAN], 7, 2, "1.00| NaN"),
    ([NAN], 7, 0, "NaN"),
]


@pytest.mark.parametrize(("x", "digits", "nsmall", "cells"), FORMAT)
def test_format(x: list[float], digits: int, nsmall: int, cells: str) -> None:
    assert "|".join(format_numbers(x, digits, nsmall)) == cells


def test_format_of_nothing() -> None:
    assert format_numbers([]) == []


@pytest.mark.skipif(np.finfo(np.longdouble).nmant != 63, reason="R rounds in 80-bit long doubles")
def test_format_decides_ties_in_long_double() -> None:
    assert f"{7.0555995e-17:.6e}" == "7.055600e-17"
    assert format_numbers([7.0555995e-17]) == ["7.055600e-17"]  # not 7.0556e-17


# ---- rounding

ROUND = [
    # x, digits, result
    (0.15, 1, 0.1),
    (0.25, 1, 0.2),
    (0.35, 1, 0.3),
    (55.55, 1, 55.5),
    (0.285, 2, 0.28),
    (1.005, 2, 1.0),
    (2.675, 2, 2.67),
    (5.015, 2, 5.02),
    (-0.045, 2, -0.04),
    (2.5, 0, 2.0),
    (3.5, 0, 4.0),
    (-2.5, 0, -2.0),
    (0.1234565, 6, 0.123456),
    (1234567.891, 1, 1234567.9),
    (1e300, 2, 1e300),
    (1e-25, 26, 9.999999999999999e-26),
    (-INF, 2, -INF),
    (NAN, 2, NAN),
]


@pytest.mark.parametrize(("x", "digits", "result"), ROUND)
def test_round(x: float, digits: int, result: float) -> None:
    np.testing.assert_array_equal(round_half(x, digits), result)


@pytest.mark.parametrize(
    ("x", "digits", "result"),
    [
        ([-3.94, -1e-17, 5.17], 5, [-3.94, 0, 5.17]),
        ([123456.7, 0.004], 5, [123457, 0]),
        ([1e-9, 2e-9, 1e-20], 5, [1e-9, 2e-9, 0]),
        ([0, 0], 5, [0, 0]),
    ],
)
def test_zapsmall(x: list[float], digits: int, result: list[float]) -> None:
    np.testing.assert_array_equal(zapsmall(np.array(x), digits), result)


@pytest.mark.parametrize(
    ("x", "result"),
    [
        ([3, 1, 2], [1, 1.5, 2, 2.5, 3]),
        ([4, 1, 3, 2], [1, 1.75, 2.5, 3.25, 4]),
        ([0.1, 0.1, 0.1, 0.1], [0.1] * 5),
        ([1, NAN, 2, 10, 0.5, 7], [0.5, 1, 2, 7, 10]),
        ([5], [5] * 5),
    ],
)
def test_quantile(x: list[float], result: list[float]) -> None:
    np.testing.assert_array_equal(quantile(np.array(x)), result)


# ---- tables

COUNTED = [f"name_number_{i}" for i in range(1, 10)]
NAMED = """
name_number_1 name_number_2 name_number_3 name_number_4 name_number_5 ~
            1             2             3             4             5 ~
name_number_6 name_number_7 name_number_8 name_number_9 ~
            6             7             8             9 ~
"""


def test_named_vector() -> None:
    assert named_vector(["a", "bb"], ["1", "2"]) == [" a bb ", " 1  2 "]
    assert named_vector(COUNTED, list("123456789")) == lines(NAMED)


CELLS = [["a", "", "-1"], ["bb", "0.5", "22"]]
LEFT = """
    Wide name     n ~
row a             -1
r2  bb        0.5 22
"""
RIGHT = """
    Wide name      n
row         a     -1
r2         bb 0.5 22
"""


@pytest.mark.parametrize(("right", "page"), [(False, LEFT), (True, RIGHT)])
def test_character_matrix(right: bool, page: str) -> None:
    table = character_matrix(["row", "r2"], ["Wide name", "", "n"], CELLS, right)
    assert table == lines(page)


WRAPPED = """
      a_column_of_20_chars1 a_column_of_20_chars2 a_column_of_20_chars3
one   1                     3                     5                    ~
three 2                     4                     6                    ~
      a_column_of_20_chars4
one   7                    ~
three 8                    ~
"""


def test_character_matrix_wraps() -> None:
    columns = [f"a_column_of_20_chars{i}" for i in range(1, 5)]
    assert character_matrix(["one", "three"], columns, ["1357", "2468"]) == lines(WRAPPED)


@pytest.mark.parametrize(("width", "rows"), [(79, 2), (80, 4)])
def test_character_matrix_wraps_at_80(width: int, rows: int) -> None:
    """A line of 79 characters is full."""
    table = character_matrix([""], ["x" * (width - 2), ""], [["", ""]])
    assert len(table) == rows


SHOWN = [
    # text, as printed, its width
    ("Days", "Days", 4),
    ("変数", "変数", 4),
    ("한", "한", 2),
    ("\u1112\u1161\u11ab", "\u1112\u1161\u11ab", 2),  # the same in three parts
    ("ｘ", "ｘ", 2),
    ("größe", "größe", 5),
    ("e\u0301", "e\u0301", 1),
    ("\u0e19\u0e49\u0e33", "\u0e19\u0e49\u0e33", 2),  # a tone stands on its letter
    ("\u0915\u093f", "\u0915\u093f", 2),  # a vowel sign beside its letter
    ("👍🏽", "👍🏽", 4),
    ("zero\u200bwidth", "zero\u200bwidth", 9),
    ("soft\u00adhyphen", "soft\u00adhyphen", 11),
    ("no\u00a0break", "no\u00a0break", 8),
    ("", "", 0),
    ("a\tb", r"a\tb", 4),
    ("a\nb\r", r"a\nb\r", 6),
    ("\x01\x7f", r"\001\177", 8),
    ("\x85", r"\u0085", 6),
    ("\u2028", r"\u2028", 6),
    ("\U0001ffff", r"\U{01ffff}", 10),  # no character
    ("a\\b", r"a\\b", 4),
    ("'\"`", "'\"`", 3),
]


@pytest.mark.parametrize(("text", "printed", "columns"), SHOWN)
def test_texts_are_shown_as_r_shows_them(text: str, printed: str, columns: int) -> None:
    assert (escaped(text), display_width(escaped(text))) == (printed, columns)


WIDE = """
      変数 👍🏽 a\\tb
変数  1    2    3   ~
e\u0301     4    5    6   ~
a\\tb  7    8    9   ~
größe 組   b    c   ~
"""


def test_columns_are_as_wide_as_they_are_shown() -> None:
    cells, rows = ["123", "456", "789", "組bc"], ["変数", "e\u0301", "a\tb", "größe"]
    assert character_matrix(rows, ["変数", "👍🏽", "a\tb"], cells) == lines(WIDE)


@pytest.mark.parametrize(("width", "rows"), [(79, 2), (80, 4)])
def test_wide_columns_wrap_at_80(width: int, rows: int) -> None:
    table = character_matrix([""], ["x" * (width - 4) + "変", ""], [["", ""]])
    assert len(table) == rows


COEFFICIENTS = [
    # estimates, standard errors, page
    (
        [251.405105, 10.467286],
        [6.8246, 1.5458],
        """
  Estimate Std. Error t value
a  251.405      6.825  36.838
b   10.467      1.546   6.771
""",
    ),
    (
        [2.5e8, 1.3],
        [1.2e6, 0.4],
        """
  Estimate Std. Error t value
a  2.5e+08    1.2e+06  208.33
b  1.3e+00    4.0e-01    3.25
""",
    ),
    (
        [-3e-9, 0],
        [1e-9, 1e-9],
        """
  Estimate Std. Error t value
a   -3e-09      1e-09      -3
b    0e+00      1e-09       0
""",
    ),
    (
        [12345678],
        [1e4],
        """
  Estimate Std. Error t value
a 12345678      10000    1235
""",
    ),
    (
        [0, 1],
        [0.5, NAN],
        """
  Estimate Std. Error t value
a      0.0        0.5       0
b      1.0        NaN     NaN
""",
    ),
]


@pytest.mark.parametrize(("estimates", "errors", "page"), COEFFICIENTS)
def test_coefficient_table(estimates: list[float], errors: list[float], page: str) -> None:
    columns = {"Estimate": estimates, "Std. Error": errors}
    found = pd.DataFrame(columns | {"t value": np.divide(estimates, errors)})
    assert coefficient_table(found.set_axis(list("ab")[: len(found)])) == lines(page)


def test_fill() -> None:
    assert fill(["Formula:", "y ~ x"]) == ["Formula: y ~ x"]
    assert fill(["x" * 39, "y" * 39, "z"]) == ["x" * 39 + " " + "y" * 39 + " ", "z"]
    assert fill(["x" * 39, "y" * 40]) == ["x" * 39 + " ", "y" * 40]
    assert fill(["x" * 100]) == ["x" * 100]
    assert fill(["G:", "x" * 67 + "変変変"]) == ["G: " + "x" * 67 + "変変変"]
    assert fill(["G:", "x" * 68 + "変変変"]) == ["G: ", "x" * 68 + "変変変"]  # 9 bytes, 6 columns


# ---- names

ABBREVIATED = [
    # name, to 11 characters, to 6
    ("x1", "x1", "x1"),
    ("  blank  ", "blank", "blank"),
    ("(Intercept)", "(Intercept)", "(Intr)"),
    ("temperature", "temperature", "tmprtr"),
    ("Temperature:Group", "Temprtr:Grp", "Tmpr:G"),
    ("recipeB:temperature^4", "rcpB:tmpr^4", "rcB:^4"),
    ("poly(Days, 3)2", "ply(Dys,3)2", "p(D,3)"),
    ("treatmentactive two", "trtmntctvtw", "trtmnt"),
    ("XYZABCDEFGHIJ", "XYZABCDEFGH", "XYZABC"),
    ("a b c d e f g", "abcdefg", "abcdefg"),
    ("Température trés élevée", "Tmprtrtrsél", "Tmprté"),
    ("größe.x.yz:Länge", "größxyz:Lng", "grßx:L"),
    ("grosse.x.yz:Laenge", "grss.x.yz:L", "gr..:L"),  # where all is ASCII a point is no vowel
    ("ÀÉÎÕÜÀÉÎÕÜÀÉÎÕÜ", "ÀÉÎÕÜÀÉÎÕÜÀ", "ÀÉÎÕÜÀ"),
    ("no\u00a0break\u00a0here", "no\u00a0break\u00a0hr", "n\u00a0brk\u00a0"),
    ("a\u3000b\u3000c\u3000d\u3000e\u3000f\u3000g", "abcdefg", "abcdefg"),
]


@pytest.mark.parametrize(("name", "eleven", "six"), ABBREVIATED)
def test_abbreviate(name: str, eleven: str, six: str) -> None:
    assert abbreviate([name], 11) == [eleven]
    assert abbreviate([name], 6) == [six]


def test_abbreviate_keeps_names_apart() -> None:
    names = ["DaysF1", "DaysF2", "DaysF10", "same", "same"]
    assert abbreviate(names, 3) == ["DyF1", "DF2", "DF10", "sam", "sam"]


# ---- whole summaries


def stand_in(
    *,
    formula: str = "Reaction ~ Days + (Days | Subject)",
    labels: dict[str, str | None] = SLEEPSTUDY,
    terms: VarCorr,
    residuals: list[float],
    table: pd.DataFrame,
    corr: np.ndarray,
    messages: tuple[str, ...] = (),
    **facts: object,
) -> SimpleNamespace:
    """What a summary reads of a fit."""
    said = SimpleNamespace(formula=SimpleNamespace(lines=(formula,)))
    group = SimpleNamespace(group="Subject", levels=[""] * 18)
    se = table["Std. Error"]
    return SimpleNamespace(
        design=SimpleNamespace(
            recipe=said, terms=[group], messages=messages, dropped=0, coordinates=None
        ),
        labels=labels,
        varcorr=terms,
        sigma=terms.sigma,
        nobs=180,
        residuals=lambda *_, **__: pd.Series(residuals),
        beta=table["Estimate"],
        se=se,
        vcov=pd.DataFrame(corr * np.outer(se, se)),
        **facts,
    )


def term(names: tuple[str, ...], sd: list[float], corr: np.ndarray) -> TermCovariance:
    """A record of these numbers."""
    frame = pd.DataFrame(corr, index=list(names), columns=list(names))
    return TermCovariance(pd.Series(sd, index=list(names)), frame, frame * np.outer(sd, sd))


def table(names: list[str], beta: list[float], se: list[float]) -> pd.DataFrame:
    """Estimates and their errors."""
    return pd.DataFrame({"Estimate": beta, "Std. Error": se}, index=names)


EFFECTS = ("(Intercept)", "Days")
ML = stand_in(
    reml=False,
    criterion=1751.9393444889909,
    aic=1763.9393444889909,
    bic=1783.0970855943322,
    loglik=-875.96967224449543,
    df_residual=174,
    # R's quartiles stand for the 180 residuals: they are their own quartiles
    residuals=[-3.941552, -0.46558938, 0.028944755, 0.46361447, 5.1793234],
    terms=VarCorr(
        [
            (
                "Subject",
                term(
                    EFFECTS,
                    [23.779759589, 5.716798514],
                    np.array([[1, 0.08132109343], [0.08132109343, 1]]),
                ),
            )
        ],
        25.59190704,
    ),
    table=table(
        ["(Intercept)", "Days"],
        [251.40510484848565, 10.467285959595767],
        [6.6321227421902904, 1.5022302138320407],
    ),
    corr=np.array([[1, -0.137560364], [-0.137560364, 1]]),
    is_singular=False,
)
ML_PAGE = """
Linear mixed model fit by maximum likelihood  ['lmerMod']
Formula: Reaction ~ Days + (Days | Subject)
   Data: sleepstudy

     AIC      BIC   logLik deviance df.resid ~
  1763.9   1783.1   -876.0   1751.9      174 ~

Scaled residuals: ~
    Min      1Q  Median      3Q     Max ~
-3.9416 -0.4656  0.0289  0.4636  5.1793 ~

Random effects:
 Groups   Name        Variance Std.Dev. Corr
 Subject  (Intercept) 565.48   23.780       ~
          Days         32.68    5.717   0.08
 Residual             654.95   25.592       ~
Number of obs: 180, groups:  Subject, 18

Fixed effects:
            Estimate Std. Error t value
(Intercept)  251.405      6.632  37.907
Days          10.467      1.502   6.968

Correlation of Fixed Effects:
     (Intr)
Days -0.138
"""

# z ~ Days + dup + big + (Days | Subject): z is noise, dup = 2 Days, big is of the order of 1e6
SINGULAR = stand_in(
    reml=True,
    formula="z ~ Days + dup + big + (Days | Subject)",
    labels={"data": "sleepstudy", "weights": "Days + 1", "offset": "z/2"},
    criterion=300.90084326537465,
    residuals=[-2.7716664, -0.52686437, 0.0030739439, 0.57209594, 3.0654602],
    terms=VarCorr(
        [
            (
                "Subject",
                term(EFFECTS, [0.12657243459, 0.04346748251], np.array([[1, -1], [-1, 1]])),
            )
        ],
        1.012460602,
    ),
    table=table(
        ["(Intercept)", "Days", "big"],
        [-0.067646119701520138, 0.016548804422828942, 3.2503697628658342e-09],
        [0.09025672858342787, 0.016664612635115619, 3.38830302184453e-08],
    ),
    corr=np.array(
        [
            [1, -0.89240932522, -0.03178353137],
            [-0.89240932522, 1, 0.02471451588],
            [-0.03178353137, 0.02471451588, 1],
        ]
    ),
    messages=(
        "fixed-effect model matrix is rank deficient so dropping 1 column / coefficient",
        "Some predictor variables are on very different scales: consider rescaling",
    ),
    is_singular=True,
)
SINGULAR_PAGE = """
Linear mixed model fit by REML ['lmerMod']
Formula: z ~ Days + dup + big + (Days | Subject)
   Data: sleepstudy
Weights: Days + 1
 Offset: z/2

REML criterion at convergence: 300.9

Scaled residuals: ~
     Min       1Q   Median       3Q      Max ~
-2.77167 -0.52686  0.00307  0.57210  3.06546 ~

Random effects:
 Groups   Name        Variance Std.Dev. Corr ~
 Subject  (Intercept) 0.016021 0.12657       ~
          Days        0.001889 0.04347  -1.00
 Residual             1.025076 1.01246       ~
Number of obs: 180, groups:  Subject, 18

Fixed effects:
              Estimate Std. Error t value
(Intercept) -6.765e-02  9.026e-02  -0.749
Days         1.655e-02  1.666e-02   0.993
big          3.250e-09  3.388e-08   0.096

Correlation of Fixed Effects:
     (Intr) Days  ~
Days -0.892       ~
big  -0.032  0.025
fit warnings:
fixed-effect model matrix is rank deficient so dropping 1 column / coefficient
Some predictor variables are on very different scales: consider rescaling
optimizer (nloptwrap) convergence code: 0 (OK)
boundary (singular) fit: see help('isSingular')

"""


@pytest.mark.parametrize(("fit", "page"), [(ML, ML_PAGE), (SINGULAR, SINGULAR_PAGE)])
def test_summary(fit: SimpleNamespace, page: str) -> None:
    assert str(Summary(fit)).split("\n") == lines(page)


VARIANCES = """
 Groups   Name        Std.Dev. Corr ~
 Subject  (Intercept) 23.7798       ~
          Days         5.7168  0.081
 Residual             25.5919       ~
"""


def test_standard_deviations_alone() -> None:
    assert variance_table(ML.varcorr, digits=5, variances=False) == lines(VARIANCES)


UNEQUAL_CORR = np.array([[1, NAN, 0.5], [NAN, 1, NAN], [0.5, NAN, 1]])
UNEQUAL = VarCorr(
    [
        ("g", term(("a", "b", "c"), [1.0, 0.0, 2.0], UNEQUAL_CORR)),
        ("h", term(("a",), [3.0], np.ones((1, 1)))),
    ],
    4.0,
)


def test_terms_of_unequal_size() -> None:
    """The table is as wide as the largest term's correlations; where an SD is 0 they are NaN."""
    page = """
 Groups   Name Variance Std.Dev. Corr     ~
 g        a     1       1                 ~
          b     0       0         NaN     ~
          c     4       2        0.50  NaN
 h        a     9       3                 ~
 Residual      16       4                 ~
"""
    assert variance_table(UNEQUAL, digits=4) == lines(page)


def test_lme4_2_has_a_column_more_of_correlations() -> None:
    """It is empty, and leaves a blank at the end of each line; without correlations there is none.

    As formatVC() of reformulas 0.4 makes it, which lme4 2.x prints.
    """
    now = variance_table(UNEQUAL, digits=4)
    assert variance_table(UNEQUAL, digits=4, style="2.x") == [f"{line} " for line in now]
    single = VarCorr([("h", term(("a",), [3.0], np.ones((1, 1))))], 4.0)
    assert variance_table(single, 4, style="2.x") == variance_table(single, 4)


def test_lme4_2_calls_the_deviance_what_it_is() -> None:
    page = str(Summary(ML, "2.x")).split("\n")
    assert page[4:6] == [
        "      AIC       BIC    logLik -2*log(L)  df.resid ",
        "   1763.9    1783.1    -876.0    1751.9       174 ",
    ]
    assert len(page) == len(lines(ML_PAGE))


def test_no_correlation_of_many_fixed_effects() -> None:
    """lme4 shows that of 12, not of 13."""
    for p, shown in [(1, False), (2, True), (12, True), (13, False)]:
        ones = table([f"x{i}" for i in range(p)], [1.0] * p, [1.0] * p)
        fit = SimpleNamespace(
            **vars(ML)
            | {"beta": ones["Estimate"], "se": ones["Std. Error"], "vcov": pd.DataFrame(np.eye(p))}
        )
        assert ("Correlation of Fixed Effects:" in str(Summary(fit))) == shown


def test_no_fixed_effects() -> None:
    none = SimpleNamespace(**vars(ML) | {"beta": ML.beta[:0], "se": ML.se[:0]})
    assert str(Summary(none)).endswith("groups:  Subject, 18")
