"""The same data written otherwise are the same generalized model; and its limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from random_glms import FAMILIES, loglik, make_case, model_of, random_data
from scipy.special import gammaln

import refmixed as rm
from refmixed.glm.likelihoods import Kind

pytestmark = pytest.mark.numerical

DATA = random_data(np.random.default_rng(7), 60)
KINDS = [
    pytest.param(Kind(), id="Laplace"),
    pytest.param(Kind(5), id="5 nodes"),
    pytest.param(Kind(1, 12.0), id="exact"),
]


def same(left: rm.GlmerFit, right: rm.GlmerFit, tolerance: float = 1e-7) -> bool:
    """Whether two fits have one log-likelihood, and estimates up to a part of a standard error."""
    close = np.abs(left.psi - right.psi).max() <= tolerance * (1 + np.abs(left.psi).max())
    return bool(close and left.loglik == pytest.approx(right.loglik, rel=1e-12))


# --- rows, names, units ---------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["binomial(cloglog)", "poisson", "Gamma"])
def test_the_order_of_rows_and_names_of_levels_change_nothing(family: str) -> None:
    rng = np.random.default_rng(1)
    names = dict(zip("0123456", rng.permutation(list("zyxwvut")), strict=True))
    renamed = DATA["g"].astype(str).map(names)
    other = DATA.assign(g=pd.Categorical(renamed)).sample(frac=1.0, random_state=2)
    formula = f"{FAMILIES[family]} ~ x + (1 | g) + (1 | h)"
    assert same(*(rm.glmer(formula, data, family) for data in (DATA, other)))


@pytest.mark.parametrize("family", ["binomial", "poisson", "Gamma"])
def test_units_of_columns_are_units_of_estimates(family: str) -> None:
    formula = f"{FAMILIES[family]} ~ x + (x | g)"
    here, there = (
        rm.glmer(formula, DATA.assign(x=unit * DATA["x"]), family) for unit in (1.0, 1e6)
    )
    assert here.loglik == pytest.approx(there.loglik, rel=1e-12)
    assert here.beta["x"] == pytest.approx(1e6 * there.beta["x"], rel=1e-6)
    assert here.se["x"] == pytest.approx(1e6 * there.se["x"], rel=1e-5)
    assert here.theta.iloc[1:].to_numpy() == pytest.approx(
        1e6 * there.theta.iloc[1:].to_numpy(), rel=1e-5, abs=1e-6
    )


def test_the_origin_of_a_column_moves_the_intercept_alone() -> None:
    here, there = (
        rm.glmer("count ~ x + (x | g)", DATA.assign(x=DATA["x"] + far), "poisson")
        for far in (0.0, 100.0)
    )
    assert here.loglik == pytest.approx(there.loglik, rel=1e-11)
    assert here.beta["x"] == pytest.approx(there.beta["x"], abs=1e-6)


def test_gammas_unit_moves_the_intercept_and_the_density() -> None:
    """y in another unit: eta + log(unit), and a density over it."""
    here, there = (
        rm.glmer("positive ~ x + (1 | g)", DATA.assign(positive=unit * DATA["positive"]), "Gamma")
        for unit in (1.0, 1000.0)
    )
    assert there.beta.iloc[0] - here.beta.iloc[0] == pytest.approx(np.log(1000.0), abs=1e-7)
    assert there.dispersion == pytest.approx(here.dispersion, rel=1e-6)
    assert there.loglik == pytest.approx(here.loglik - 60 * np.log(1000.0), rel=1e-12)


@pytest.mark.parametrize(("family", "shift"), [("poisson", 0.7), ("binomial", -0.4)])
def test_an_offset_that_is_constant_is_part_of_the_intercept(family: str, shift: float) -> None:
    formula = f"{FAMILIES[family]} ~ x + (1 | g)"
    here = rm.glmer(formula, DATA, family)
    there = rm.glmer(formula, DATA, family, offset=np.full(60, shift))
    assert here.loglik == pytest.approx(there.loglik, rel=1e-12)
    assert here.beta.iloc[0] - there.beta.iloc[0] == pytest.approx(shift, abs=1e-7)


def test_successes_and_failures_change_places_with_the_sign_of_eta() -> None:
    """Of links that are symmetric."""
    for family in ("binomial", "binomial(probit)"):
        left, right = (
            rm.glmer(f"cbind({response}) ~ x + (1 | g)", DATA, family)
            for response in ("yes, no", "no, yes")
        )
        assert left.loglik == pytest.approx(right.loglik, rel=1e-12)
        assert (left.beta + right.beta).abs().max() < 1e-7


# --- weights, and ways to write a response --------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_weights_of_counts_are_so_many_rows(kind: Kind) -> None:
    times = np.random.default_rng(3).integers(1, 4, 60)
    psi = np.array([0.3, 0.2, 0.6])
    weighted = model_of("count ~ x + (1 | g)", DATA, "poisson", weights=times)
    repeated = DATA.loc[DATA.index.repeat(times)].reset_index(drop=True)
    rows = model_of("count ~ x + (1 | g)", repeated, "poisson")
    assert loglik(weighted, psi, kind) == pytest.approx(loglik(rows, psi, kind), rel=1e-13)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("family", ["binomial", "binomial(probit)", "binomial(cloglog)"])
def test_trials_are_pairs_or_proportions_with_weights_or_rows(kind: Kind, family: str) -> None:
    """Of rows 0 and 1 the log-likelihood lacks the logarithms of the binomial coefficients."""
    psi = np.array([0.3, 0.2, 0.6])
    pairs = model_of("cbind(yes, no) ~ x + (1 | g)", DATA, family)
    share = DATA.assign(p=DATA["yes"] / DATA["size"])
    proportions = model_of("p ~ x + (1 | g)", share, family, weights="size")
    each = DATA.loc[DATA.index.repeat(DATA["size"])]
    rank = each.groupby(level=0).cumcount()
    each = each.assign(one=(rank < each["yes"]).astype(int)).reset_index(drop=True)
    rows = model_of("one ~ x + (1 | g)", each, family)
    size, yes = DATA["size"], DATA["yes"]
    ways = (gammaln(size + 1) - gammaln(yes + 1) - gammaln(size - yes + 1)).sum()
    right = loglik(pairs, psi, kind)
    assert loglik(proportions, psi, kind) == pytest.approx(right, rel=1e-14)
    assert loglik(rows, psi, kind) + ways == pytest.approx(right, rel=1e-13)


def test_weights_of_gammas_divide_the_dispersion() -> None:
    case = make_case(1, "Gamma", "(1 | g)")
    at = np.array([0.3, 0.2, 0.6, 0.0])
    heavy = model_of(case.formula, case.data, "Gamma", weights=np.full(40, 2.5))
    less = at - [0, 0, 0, np.log(2.5)]
    assert loglik(heavy, at, Kind()) == pytest.approx(loglik(case.model, less, Kind()), rel=1e-14)


# --- limits ---------------------------------------------------------------------------------------


def test_effects_without_variance_are_an_ordinary_answer() -> None:
    """Responses as alike between groups as within: theta is 0, and the fit that of glm()."""
    g = np.repeat(np.arange(8), 10)
    data = pd.DataFrame({"y": np.tile([0, 1, 1, 0, 1, 0, 0, 1, 0, 0], 8), "g": g.astype(str)})
    data.loc[[3, 14], "y"] = 1
    fit = rm.glmer("y ~ 1 + (1 | g)", data)
    p = data["y"].mean()
    assert fit.theta.to_list() == [0.0]
    assert fit.is_singular
    assert fit.beta.iloc[0] == pytest.approx(np.log(p / (1 - p)), abs=1e-9)
    assert fit.loglik == pytest.approx(80 * (p * np.log(p) + (1 - p) * np.log(1 - p)), rel=1e-13)
    assert fit.se.iloc[0] == pytest.approx(1 / np.sqrt(80 * p * (1 - p)), rel=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_of_little_dispersion_gammas_are_normal_in_their_logarithms(kind: Kind) -> None:
    """log y ~ N(eta, dispersion) to the order of the dispersion, and l as lmer's there."""
    rng = np.random.default_rng(5)
    g, x, small = np.repeat(np.arange(6), 8), rng.normal(size=48), 1e-6
    eta = 1.0 + 0.5 * x + 0.001 * rng.normal(size=6)[g]
    data = pd.DataFrame({"x": x, "g": g.astype(str)})
    data["y"] = np.exp(eta + np.sqrt(small) * rng.normal(size=48))
    psi = np.array([1.0, 0.5, 0.0012, np.log(small)])
    here = loglik(model_of("y ~ x + (1 | g)", data, "Gamma"), psi, kind)
    design = rm.design("log(y) ~ x + (1 | g)", data)
    there = rm.marginal.log_density(design, np.array([1.2]), np.sqrt(small), psi[:2])
    assert here == pytest.approx(there - np.log(data["y"]).sum(), abs=0.02)


def test_huge_counts_keep_their_digits() -> None:
    """Of means near a million Laplace's error is below 1e-6 a group, and the mode is found."""
    rng = np.random.default_rng(6)
    g = np.repeat(np.arange(5), 4)
    data = pd.DataFrame({"g": g.astype(str), "x": rng.normal(size=20)})
    data["y"] = rng.poisson(np.exp(14.0 + 0.3 * data["x"] + 0.5 * rng.normal(size=5)[g]))
    laplace, exact = (
        rm.glmer("y ~ x + (1 | g)", data, "poisson", likelihood=kind)
        for kind in ("laplace", "exact")
    )
    assert abs(laplace.loglik - exact.loglik) < 5e-6
    assert laplace.psi == pytest.approx(exact.psi, abs=1e-6)
    assert np.abs(laplace.likelihood.gradient).max() < 1e-5  # of second derivatives of 1e7


@pytest.mark.parametrize("family", ["poisson", "binomial"])
def test_one_observation_a_level_is_an_effect_of_each_row(family: str) -> None:
    """Which Laplace approximates badly, and nodes do not."""
    rng = np.random.default_rng(8)
    size = 20
    eta = 0.5 + rng.normal(size=40)
    data: Any = {"row": np.arange(40).astype(str), "y": rng.poisson(np.exp(eta))}
    if family == "binomial":
        yes = rng.binomial(size, 1 / (1 + np.exp(-eta)))
        data |= {"yes": yes, "no": size - yes}
    formula = "y ~ 1 + (1 | row)" if family == "poisson" else "cbind(yes, no) ~ 1 + (1 | row)"
    laplace, nodes, exact = (
        rm.glmer(formula, pd.DataFrame(data), family, **how)
        for how in ({}, {"nagq": 30}, {"likelihood": "exact"})
    )
    assert exact.loglik == pytest.approx(nodes.loglik, abs=1e-7)
    assert abs(laplace.loglik - exact.loglik) > 1e-3
    assert exact.theta.iloc[0] > 0.5
