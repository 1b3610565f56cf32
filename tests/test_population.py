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
from scipy.stats import multivariate_normal, norm

from refmixed.errors import LevelError, RefmixedError
from refmixed.population import (
    Sample,
    ar1,
    binomial,
    by_level,
    dirichlet,
    errors,
    factor,
    population,
    predictor,
    random_effects,
    response,
    sample_x,
    sample_y,
    student_t,
)
from refmixed.population.families import Gaussian

ALPHA = 1e-9
PAIR = predictor("multivariate_normal", mean=[0, 9], cov=np.eye(2))
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


@pytest.mark.parametrize(
    "part",
    [
        predictor("multivariate_normal", mean=[0, 9, 1], cov=2 * np.eye(3)),
        predictor(multivariate_normal, mean=[0, 9, 1], cov=2 * np.eye(3)),
        predictor(multivariate_normal([0, 9, 1], 2 * np.eye(3))),
    ],
)
def test_equal_variances_draw_one_number_each_whatever_basis_they_might_be_drawn_in(
    part: object,
) -> None:
    z = rng(4).standard_normal((20, 3))
    x = drawn(20, seed=4, x=part).to_numpy()
    assert x == pytest.approx(np.array([0, 9, 1]) + np.sqrt(2) * z)


def test_random_effects_of_equal_variance_are_drawn_one_number_each() -> None:
    groups = np.repeat(np.arange(30), 2)
    data = pd.DataFrame({"g": groups, "x": np.tile([0.0, 1.0], 30)})
    b = random_effects("g", "1 + x", 4 * np.eye(2)).draw(rng(4), data).reshape(30, 2)
    z = rng(4).standard_normal((30, 2))
    assert b == pytest.approx(2 * np.column_stack([z[:, 0], z[:, 0] + z[:, 1]]))


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


MEANS: list[tuple[object, dict[str, object]]] = [
    ("4 + by_level(g, A = 2, B = 3, C = -1) + 2 * x", {}),
    ("4 + by_level(g, A = 2, B = k + 1, C = -1) + k * x", {"k": 2}),
    ("4 + by_level(g, table) + k * x", {"table": pd.Series(EFFECTS), "k": 2}),
    ("4 + by_level(g, vector) + 2 * x", {"vector": list(EFFECTS.values())}),
    (lambda data: 4 + by_level(data["g"], EFFECTS) + 2 * data["x"], {}),
    (lambda data: 4 + by_level(data["g"], A=2, B=3, C=-1) + 2 * data["x"], {}),
]


@pytest.mark.parametrize(("mean", "names"), MEANS)
def test_without_error_the_response_is_its_expression(
    mean: object, names: dict[str, object]
) -> None:
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


class Custom:
    """A family that draws what it is told."""

    scaled = True

    def __init__(self, values: list[object]) -> None:
        self.values = values

    def draw(self, *_: object) -> object:
        return self.values


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
    ("symmetric", lambda: random_effects("g", "x", np.ones((2, 2, 2)))),
    ("fill the column x1", lambda: drawn(x=PAIR, x1=predictor("normal"))),
    ("of shape (50, 0)", lambda: drawn(x=predictor(lambda rng, n: np.ones((n, 0))))),
    ("did you mean 'family'", lambda: response("x", error_scale=1, famly="poisson")),
    ("no text uses it", lambda: response("x", error_scale=1, effects={"A": 1})),
    ("is a column", lambda: given(X, y=response("x + 1", x=100, error_scale=1))),
    ("another index", lambda: given(X, y=response(lambda d: d["x"][::-1], error_scale=1))),
    ("a level twice", lambda: by_level(["A"], pd.Series([1, 2], index=["A", "A"]))),
    ("a level twice", lambda: given(X, y=response("by_level(g, A=1, A=2)", error_scale=1))),
    ("cannot depend on x", lambda: given(X, y=response("by_level(g, A=x, B=1)", error_scale=1))),
    ("level = value pairs", lambda: given(X, y=response("by_level(g, c(1, 2))", error_scale=1))),
    ("has no level", lambda: by_level(pd.Series(["A", None]), A=1)),
    ("takes one column", lambda: by_level(pd.DataFrame({"g": ["A"]}), A=1)),
    ("in their order", lambda: factor({"a", "b"})),
    ("text or a number", lambda: factor(["A", None])),
    ("each of them once", lambda: factor([1, "1"])),
    ("names of the levels", lambda: factor("AB", {"A": 0.5, "C": 0.5})),
    ("one number or 2", lambda: factor("AB", dirichlet([1, 2, 3]))),
    ("must be numbers, not '3'", lambda: student_t("3")),  # type: ignore[arg-type]
    ("name of a column", lambda: ar1(0.5, 3)),  # type: ignore[arg-type]
    ("at most", lambda: binomial(10**20)),
    ("family must be", lambda: response("x", error_scale=1, family=Gaussian)),
    ("family of y drew", lambda: given(X, y=response("x", error_scale=1, family=Custom([1.0])))),
    ("draws of the response y", lambda: given(X, y=response("x", error_scale=1,
                                                            family=Custom(["a", "b"])))),
    ("finite", lambda: given(X, y=response("x", error_scale=1, family=Custom([1.0, np.nan])))),
    ("random_effects", lambda: given(X, y=response("x + (1 | g)", error_scale=1))),
    ("too long", lambda: response("+".join(["x"] * 5000), error_scale=1)),
    ("a number, a text or a function", lambda: response(None, error_scale=1)),
    ("must be numbers", lambda: given({"g": ["1", "2"]}, y=response(lambda d: d["g"],
                                                                    error_scale=1))),
    ("too large", lambda: given(X, y=response(99, family="poisson"))),
]  # fmt: skip


@pytest.mark.parametrize(("words", "mistake"), WRONG, ids=[words for words, _ in WRONG])
def test_a_mistake_gets_one_clear_sentence(words: str, mistake: Callable[[], object]) -> None:
    with pytest.raises(RefmixedError) as caught:
        mistake()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_probabilities_may_be_named() -> None:
    assert (drawn(g=factor("AB", {"B": 1.0, "A": 0.0}))["g"] == "B").all()


@pytest.mark.parametrize(
    ("part", "columns"),
    [
        (predictor(multivariate_normal([0, 1], np.eye(2))), 2),
        (predictor(norm(0, 1)), 1),
        (PAIR, 2),
        (predictor(lambda rng, n: rng.normal(size=(n, 3))), 3),
        (predictor(lambda rng, n: rng.normal(size=n)), 1),
    ],
)
def test_a_sample_may_have_one_row(part: object, columns: int) -> None:
    assert drawn(n=1, x=part).shape == (1, columns)


def test_scipys_new_distributions_are_distributions() -> None:
    z = drawn(n=2000, x=predictor(stats.Normal(mu=2.0, sigma=3.0)))["x"]
    assert_law((z.to_numpy() - 2.0) / 3.0, norm)


def test_truth_is_one_in_an_expression() -> None:
    data = given({"x": [0.5, 2.0]}, y=response("3 + (x > 1)", error_scale=0))
    assert data["y"].to_list() == [3.0, 4.0]


def test_a_covariance_that_was_computed_is_symmetric_up_to_rounding() -> None:
    values, vectors = np.linalg.eigh([[1, 0.5, 0], [0.5, 1, 0.25], [0, 0.25, 1]])
    made = random_effects("g", "0 + a + b + c", vectors @ np.diag(values) @ vectors.T)
    assert (made.covariance == made.covariance.T).all()


def test_a_family_and_a_function_may_work_in_place() -> None:
    """Neither changes what the next sample is drawn from."""

    class InPlace:
        scaled = True

        def draw(self, generator: np.random.Generator, eta: np.ndarray, *_: object) -> np.ndarray:
            eta += 1.0
            return eta

    def clears(data: pd.DataFrame) -> pd.Series:
        data["x"] = 0.0
        return data["x"]

    both = population(
        y=response("x", error_scale=1, family=InPlace()), z=response(clears, error_scale=0)
    )
    sample = Sample(pd.DataFrame({"x": [1.0, 2.0]}), both)
    for _ in range(3):
        frame = sample_y(sample, rng()).frame
        assert frame.to_dict("list") == {"x": [1.0, 2.0], "y": [2.0, 3.0], "z": [0.0, 0.0]}


def test_what_a_users_function_raises_says_in_which_part() -> None:
    with pytest.raises(KeyError) as caught:
        given(X, y=response(lambda data: data["zz"], error_scale=1))
    assert caught.value.__notes__ == ["while drawing y of the population"]


def test_a_level_that_is_not_there_is_a_lookup_error() -> None:
    with pytest.raises(LevelError):
        by_level(pd.Series(["A"], name="g"), B=1)
