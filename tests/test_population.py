"""What is drawn from a population has the law that its description says.

A random test compares a statistic whose law is known exactly with its quantiles: a right program
fails it with probability ALPHA, and the seeds are fixed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from refmixed.errors import LevelError, RefmixedError
from refmixed.expressions import by_level
from refmixed.families import ar1, binomial, errors, student_t
from refmixed.population import (
    Sample,
    population,
    random_effects,
    response,
    sample_x,
    sample_y,
)
from refmixed.predictors import dirichlet, factor, predictor

ALPHA = 1e-9
EFFECTS = {"A": 2.0, "B": 3.0, "C": -1.0}


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def drawn(n: int = 50, seed: int = 1, **parts: object) -> pd.DataFrame:
    """Rows of a population."""
    generator = rng(seed)
    return sample_y(sample_x(population(**parts), n, generator), generator).frame  # type: ignore[arg-type]


def given(data: dict[str, object], seed: int = 1, **parts: object) -> pd.DataFrame:
    """The responses of a population to predictors that were chosen."""
    return sample_y(Sample(pd.DataFrame(data), population(**parts)), rng(seed)).frame  # type: ignore[arg-type]


def assert_unit_variance(z: np.ndarray) -> None:
    """Independent standard normal values: their sum of squares is chi-square."""
    low, high = stats.chi2.ppf([ALPHA / 2, 1 - ALPHA / 2], len(z))
    assert low < z @ z < high


def assert_law(z: np.ndarray, dist: object) -> None:
    """Kolmogorov and Smirnov's test."""
    assert stats.kstest(z, dist.cdf).pvalue > ALPHA  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "part",
    [
        predictor("normal", loc=2, scale=3),
        predictor(stats.norm(2, 3)),
        predictor(stats.norm, loc=2, scale=3),
        predictor(lambda rng, n, scale: 2 + scale * rng.standard_normal(n), scale=3),
    ],
)
def test_a_predictor_is_a_distribution_of_scipy_or_numpy_or_a_function(part: object) -> None:
    x = drawn(2000, x=part)["x"].to_numpy()
    assert_law(x, stats.norm(2, 3))


def test_a_predictor_of_two_dimensions_fills_two_columns() -> None:
    cov = [[1.0, 0.5], [0.5, 2.0]]
    data = drawn(500, x=predictor("multivariate_normal", mean=[0, 9], cov=cov))
    assert list(data) == ["x1", "x2"]
    z = np.linalg.solve(np.linalg.cholesky(cov), (data.to_numpy() - [0, 9]).T)
    assert_unit_variance(z.reshape(-1))


def test_levels_come_with_their_probabilities() -> None:
    p = [0.5, 0.3, 0.2]
    counts = drawn(5000, g=factor("ABC", p))["g"].value_counts()[["A", "B", "C"]]
    assert stats.chisquare(counts, 5000 * np.array(p)).pvalue > ALPHA


def test_levels_that_did_not_come_are_still_levels() -> None:
    assert list(drawn(1, g=factor("ABC"))["g"].cat.categories) == ["A", "B", "C"]


def test_dirichlet_probabilities_are_beta_distributed_each() -> None:
    shares = np.array([dirichlet(2.0).draw(rng(k), 5) for k in range(1000)])
    assert shares.sum(axis=1) == pytest.approx(1.0)
    assert_law(shares[:, 0], stats.beta(2, 8))


def test_dirichlet_probabilities_in_a_factor_are_drawn_anew_for_each_sample() -> None:
    """A share is Beta(0.1, 0.1): in most samples one level has nearly all rows, the other few."""
    school = population(g=factor("AB", dirichlet(0.1)))
    shares = [(sample_x(school, 50, rng(k)).frame["g"] == "A").mean() for k in range(40)]
    assert min(shares) < 0.1
    assert max(shares) > 0.9


MEANS = [
    "4 + by_level(g, A = 2, B = 3, C = -1) + 2 * x",
    "4 + by_level(g, table) + k * x",
    "4 + by_level(g, vector) + k * x",
    lambda data: 4 + by_level(data["g"], EFFECTS) + 2 * data["x"],
    lambda data: 4 + by_level(data["g"], A=2, B=3, C=-1) + 2 * data["x"],
]


@pytest.mark.parametrize("mean", MEANS)
def test_without_error_the_response_is_its_expression(mean: object) -> None:
    names = {"table": pd.Series(EFFECTS), "vector": list(EFFECTS.values()), "k": 2}
    data = given({"g": list("ABCA"), "x": [0.0, 1.0, 2.0, 3.0]},
                 y=response(mean, error_scale=0, **names))  # fmt: skip
    assert data["y"].to_list() == [6.0, 9.0, 7.0, 12.0]


def test_levels_that_are_numbers_stand_in_backticks() -> None:
    data = given({"g": [308, 309]}, y=response("by_level(g, `308` = 1, `309` = 2)", error_scale=0))
    assert data["y"].to_list() == [1.0, 2.0]


def test_formulas_functions_are_those_of_lmer() -> None:
    data = given({"x": [1.0, 4.0]}, y=response("sqrt(x) + I(x^2) * (x > 2)", error_scale=0))
    assert data["y"].to_list() == [1.0, 18.0]


def test_a_response_may_read_what_was_drawn_before_it() -> None:
    data = drawn(9, x=predictor("normal"), a=response("x", error_scale=1),
                 b=response("2 * a", error_scale=0))  # fmt: skip
    assert (data["b"] == 2 * data["a"]).all()


def test_the_same_generator_gives_the_same_sample() -> None:
    parts = {"x": predictor("normal"), "y": response("x", error_scale=1)}
    pd.testing.assert_frame_equal(drawn(seed=3, **parts), drawn(seed=3, **parts), check_exact=True)


def test_with_fixed_x_only_effects_and_responses_are_drawn_anew() -> None:
    school = population(
        g=factor("ABC"),
        b=random_effects("g", "1", 1.0),
        y=response("b", error_scale=1),
        z=response("b + y", error_scale=0),
    )
    first = sample_y(sample_x(school, 30, rng()), rng())
    again = sample_y(first, rng(2))
    assert again.population is school
    assert (again.frame["g"] == first.frame["g"]).all()
    assert (again.frame[["b", "y"]] != first.frame[["b", "y"]]).all(axis=None)
    assert (again.frame["z"] == again.frame["b"] + again.frame["y"]).all()


def test_random_effects_have_their_covariance() -> None:
    """Two rows a group, x = 0 and x = 1, show the intercept, and intercept plus slope."""
    cov = np.array([[4.0, -1.0], [-1.0, 0.5]])
    groups = np.repeat(np.arange(500), 2)
    data = given({"g": groups, "x": np.tile([0.0, 1.0], 500)}, b=random_effects("g", "1 + x", cov))
    pairs = data["b"].to_numpy().reshape(500, 2)
    gamma = np.column_stack([pairs[:, 0], pairs[:, 1] - pairs[:, 0]])
    z = np.linalg.solve(np.linalg.cholesky(cov), gamma.T)  # (2, 500)
    assert_unit_variance(z.reshape(-1))
    assert_unit_variance((z[0] + z[1]) / np.sqrt(2))


def test_effects_of_correlation_one_are_one_effect() -> None:
    data = given({"g": [1, 1, 2, 2], "x": [0.0, 1.0, 0.0, 1.0]},
                 b=random_effects("g", "1 + x", [[1, 2], [2, 4]]))  # fmt: skip
    b = data["b"].to_numpy()
    assert b[[1, 3]] == pytest.approx(3 * b[[0, 2]])


def test_rows_of_one_group_share_its_effect() -> None:
    data = given({"a": list("xxyy"), "b": list("ppqp")}, e=random_effects("a:b", "1", 1.0))
    assert data["e"].nunique() == 3
    assert data["e"][0] == data["e"][1]


def test_the_error_scale_may_vary_from_row_to_row() -> None:
    data = drawn(1000, x=predictor("uniform"), y=response("x", error_scale="exp(3 * x)"))
    assert_unit_variance(((data["y"] - data["x"]) / np.exp(3 * data["x"])).to_numpy())


@pytest.mark.parametrize(
    ("family", "law"), [(student_t(3), stats.t(3)), (errors(stats.laplace()), stats.laplace)]
)
def test_errors_of_another_family(family: object, law: object) -> None:
    data = drawn(2000, y=response(5, error_scale=2, family=family))
    assert_law((data["y"].to_numpy() - 5) / 2, law)


def test_autoregressive_errors_run_within_a_group_and_start_afresh_in_the_next() -> None:
    rho, groups = 0.8, np.tile(np.arange(100), 20)
    y = given({"g": groups}, y=response(0, error_scale=1, family=ar1(rho, "g")))["y"].to_numpy()
    e = y.reshape(20, 100)  # (time, groups)
    fresh = (e[1:] - rho * e[:-1]) / np.sqrt(1 - rho**2)
    assert_unit_variance(np.concatenate([e[0], fresh.reshape(-1)]))
    assert_unit_variance((fresh[0] + e[0]) / np.sqrt(2))


def test_autoregressive_errors_without_correlation_are_independent_ones() -> None:
    plain, ar = ({"y": response("x", error_scale=2, family=f)} for f in ("gaussian", ar1(0.0)))
    x = {"x": np.arange(9.0)}
    assert given(x, **ar)["y"].to_list() == given(x, **plain)["y"].to_list()


def test_binomial_and_poisson_responses() -> None:
    data = drawn(2000, y=response("log(3)", family="poisson"), s=response(0, family=binomial(4)))
    low, high = stats.poisson.ppf([ALPHA / 2, 1 - ALPHA / 2], 6000)
    assert low <= data["y"].sum() <= high
    low, high = stats.binom.ppf([ALPHA / 2, 1 - ALPHA / 2], 8000, 0.5)
    assert low <= data["s"].sum() <= high


X = {"x": [1.0, -2.0], "g": ["A", "B"]}
WRONG: list[tuple[str, Callable[[], object]]] = [
    ("did you mean 'normal'", lambda: predictor("norml")),
    ("not 3", lambda: predictor(3)),
    ("scale < 0", lambda: drawn(x=predictor("normal", scale=-1))),
    ("cannot be drawn from", lambda: drawn(x=predictor("normal", sd=1))),
    ("where 50 rows", lambda: drawn(x=predictor(lambda rng, n: [1.0]))),
    ("not finite", lambda: drawn(x=predictor(lambda rng, n: np.full(n, np.nan)))),
    ("add to 1.1", lambda: factor("AB", [0.5, 0.6])),
    ("not be negative", lambda: factor("AB", [1.5, -0.5])),
    ("one a level", lambda: factor("AB", [1.0])),
    ("must be numbers", lambda: factor("AB", ["p", "q"])),
    ("each of them once", lambda: factor("AA")),
    ("list of names", lambda: factor(3)),  # type: ignore[arg-type]
    ("must be positive", lambda: dirichlet(0)),
    ("one number or 2", lambda: drawn(g=factor("AB", dirichlet([1, 2, 3])))),
    ("must be a predictor", lambda: population(x=3)),  # type: ignore[arg-type]
    ("1 or more, not 0", lambda: sample_x(population(), 0, rng())),
    ("numpy Generator", lambda: sample_x(population(), 3, 1)),  # type: ignore[arg-type]
    ("must be a population", lambda: sample_x(3, 3, rng())),  # type: ignore[arg-type]
    ("takes a Sample", lambda: sample_y(3, rng())),  # type: ignore[arg-type]
    ("must be a data frame, of pandas or polars", lambda: Sample([1], population())),  # type: ignore[arg-type]
    ("needs an error_scale", lambda: response("x")),
    ("not be negative", lambda: response("x", error_scale=-1)),
    ("first in row 1", lambda: given(X, y=response("1", error_scale="x"))),
    ("has no error_scale", lambda: response("x", error_scale=1, family="poisson")),
    ("family must be one of", lambda: response("x", error_scale=1, family="norm")),
    ("family must be", lambda: response("x", error_scale=1, family=3)),
    ("df must be", lambda: student_t(0)),
    ("rho must be", lambda: ar1(1.0)),
    ("size must be", lambda: binomial(0)),
    ("no column 'z'", lambda: given(X, y=response("z", error_scale=1))),
    ("no column 'h'", lambda: given(X, y=response("by_level(h, A = 1)", error_scale=1))),
    ("level 'Z'", lambda: given(X, y=response("by_level(g, A = 1, Z = 2)", error_scale=1))),
    ("value for the level 'B'", lambda: given(X, y=response("by_level(g, A=1)", error_scale=1))),
    ("needs 2 values", lambda: given(X, y=response("by_level(g, v)", v=[1, 2, 3], error_scale=1))),
    ("no values are called", lambda: given(X, y=response("by_level(g, w)", error_scale=1))),
    ("use it as by_level", lambda: given(X, y=response("x + v", v=[1, 2], error_scale=1))),
    ("not one number a row", lambda: given(X, y=response("g", error_scale=1))),
    ("not a finite number in row 1", lambda: given(X, y=response("log(x)", error_scale=1))),
    ("an array of shape (1,)", lambda: given(X, y=response(lambda d: [1.0], error_scale=1))),
    ("no negative variance", lambda: random_effects("g", "1", -1)),
    ("symmetric", lambda: random_effects("g", "x", [[1, 2], [3, 4]])),
    ("must be 2 x 2", lambda: given(X, b=random_effects("g", "x", 1))),
    ("more than one term", lambda: random_effects("a/b", "1", 1)),
    ("too large", lambda: given(X, y=response(99, family="poisson"))),
]  # fmt: skip


@pytest.mark.parametrize(("words", "mistake"), WRONG, ids=[words for words, _ in WRONG])
def test_a_mistake_gets_one_clear_sentence(words: str, mistake: Callable[[], object]) -> None:
    with pytest.raises(RefmixedError) as caught:
        mistake()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_level_that_is_not_there_is_a_lookup_error() -> None:
    with pytest.raises(LevelError):
        by_level(pd.Series(["A"], name="g"), B=1)
