"""The exact likelihood of generalized models, beside integrals by other means."""

from __future__ import annotations

from dataclasses import replace

import flint
import numpy as np
import pandas as pd
import pytest
from counts import examples
from hypothesis import given
from hypothesis import strategies as st
from random_glms import FAMILIES, Case, cases, loglik, make_case, model_of, random_data, slopes
from scipy.special import gammaln, logsumexp

import refmixed as rm
from refmixed.errors import OptionError
from refmixed.glm import strip
from refmixed.glm.likelihoods import Kind
from refmixed.glm.model import At
from refmixed.glm.nested import Nested
from refmixed.glm.pair import Pair
from refmixed.glm.pirls import mode
from refmixed.glm.quadrature import Quadrature, gauss_hermite, trapezoid

pytestmark = pytest.mark.numerical

EXACT = Kind(1, 12.0)
ONE, TWO = ("(1 | g)", "(0 + x | g)"), ("(1 | h/k)", "(x | g)", "(0 + x | h) + (1 | h:k)")
GRID = np.linspace(-9.5, 9.5, 191)  # of a step that leaves no error to integrands of size one
CBPP = "cbind(incidence, size - incidence) ~ period + (1 | herd)"


def on_a_grid(at: At) -> float:
    """The log-likelihood of two effects a row, by its definition: sums over a grid, by levels."""
    rows, a = at.model.rows, at.loaded.a
    inner, outer = (np.unique(column, return_inverse=True)[1] for column in rows.places.T)
    weight = np.log(GRID[1] - GRID[0]) - np.log(2 * np.pi) / 2 - GRID**2 / 2
    total = 0.0
    for b in np.unique(outer):
        logs = weight.copy()  # of v
        for j in np.unique(inner[outer == b]):
            here = inner == j
            eta = at.fixed[here] + GRID[:, None, None] * a[here, 1] + GRID[:, None] * a[here, 0]
            fields = ("successes", "trials", "counts", "weights", "y")
            own = {n: getattr(at.family, n)[here] for n in fields if hasattr(at.family, n)}
            f = replace(at.family, **own).log_density(eta).sum(axis=-1)  # (v, u)
            logs += logsumexp(weight + f, axis=1)
        total += logsumexp(logs)
    return total


def integral_by_balls(successes: list[int], trials: list[int], eta: list[float], a: float) -> float:
    """log int phi(u) prod Binomial(logit, eta + a u) du of one level, proven to 30 digits."""
    flint.ctx.prec = 140

    def density(u: flint.acb, _: bool) -> flint.acb:
        value = (-u * u / 2).exp() / (2 * flint.acb.pi()).sqrt()
        for s, m, e in zip(successes, trials, eta, strict=True):
            p = 1 / (1 + (-(flint.acb(e) + flint.acb(a) * u)).exp())
            value = value * flint.acb(int(flint.fmpz.bin_uiui(m, s))) * p**s * (1 - p) ** (m - s)
        return value

    return float(flint.acb.integral(density, -14, 14).real.log())


def test_of_one_factor_it_is_the_integral_in_thirty_digits() -> None:
    beta = [-1.3985321, -0.99233371, -1.12868809, -1.58031479]
    fit = rm.glmer(CBPP, rm.load_dataset("cbpp"), beta=beta, theta=[0.6422614])
    at, codes = fit.model.at(fit.psi), fit.model.rows.places[:, 0]
    family = fit.model.family
    total = sum(
        integral_by_balls(
            *[[int(k) for k in part[codes == j]] for part in (family.successes, family.trials)],
            at.fixed[codes == j].tolist(),
            at.theta[0],
        )
        for j in range(15)
    )
    assert loglik(fit.model, fit.psi, EXACT) == pytest.approx(total, abs=2e-13)
    assert total == pytest.approx(-91.983798487, abs=1e-9)


@given(cases(designs=ONE))
@examples(8)
def test_of_one_factor_it_is_that_by_a_hundred_nodes(case: Case) -> None:
    at = mode(case.model.at(case.psi))
    nodes = Quadrature(at, gauss_hermite(100))
    found = EXACT.at(case.model, case.psi)
    assert found.value == pytest.approx(nodes.value, abs=3e-12 * (1 + abs(nodes.value)))
    assert found.gradient == pytest.approx(nodes.gradient, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize(
    ("family", "design"),
    [*((family, TWO[0]) for family in FAMILIES), *(("poisson", design) for design in TWO[1:])],
)
def test_of_two_effects_it_is_the_sum_over_a_grid(family: str, design: str) -> None:
    case = make_case(3, family, design)
    case.psi[2 : 2 + case.model.design.m] = np.array([0.6, 0.4, 0.5])[: case.model.design.m]
    right = on_a_grid(case.model.at(case.psi))
    assert loglik(case.model, case.psi, EXACT) == pytest.approx(right, rel=1e-13)


@pytest.mark.parametrize(
    ("family", "design"), [("binomial", TWO[0]), ("poisson", TWO[1]), ("Gamma", TWO[1])]
)
def test_of_two_effects_its_gradient_is_the_slope(family: str, design: str) -> None:
    case = make_case(4, family, design)
    case.psi[2:] = np.clip(case.psi[2:], -0.8, 0.8)
    found, right = slopes(case.model, case.psi, Kind(1, 8.0))
    assert found == pytest.approx(right, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize(
    ("family", "design"),
    [
        ("binomial", "(1 | h/k)"),
        ("binomial(cloglog)", "(0 + x | g)"),
        ("binomial(cloglog)", "(x | g)"),
        ("Gamma", "(1 | h/k)"),
    ],
)
def test_so_many_digits_as_are_asked_for_are_right(family: str, design: str) -> None:
    case = make_case(5, family, design)
    case.psi[2:] = np.clip(case.psi[2:], -0.8, 0.8)
    right = loglik(case.model, case.psi, Kind(1, 13.0))
    for digits in (2.0, 7.0):
        assert abs(loglik(case.model, case.psi, Kind(1, digits)) - right) <= 10.0**-digits


def test_the_bound_of_a_steps_error_is_not_idle() -> None:
    """Of three times the step the error is larger than what was asked for."""
    fit = rm.glmer(CBPP, rm.load_dataset("cbpp"), theta=[2.0])
    at = mode(fit.model.at(fit.psi))
    rule = strip.rule(at, 6.0)
    right = loglik(fit.model, fit.psi, EXACT)
    step = rule.z[1] - rule.z[0]
    wide = trapezoid(3 * step, len(rule.z), len(rule.z))
    assert abs(-Quadrature(at, rule).value - right) < 1e-6
    assert abs(-Quadrature(at, wide).value - right) > 1e-6


@pytest.mark.parametrize(("family", "size"), [("poisson", 1), ("poisson", 30), ("binomial", 1)])
@pytest.mark.parametrize("Y", [0.8, 2.5])
def test_off_the_line_the_outer_integral_is_below_its_bound(
    family: str, size: int, Y: float
) -> None:
    """Where counts are large the integrand is normal, and that is exp(Y^2 / 2) of the integral."""
    data = random_data(np.random.default_rng(2))
    data["count"] *= size
    model = model_of(f"{FAMILIES[family]} ~ x + (1 | h/k)", data, family)
    at = model.at(np.array([np.log(size), 0.4, 0.5, 0.6]))
    two = Pair.of(model.rows)
    assert two is not None
    rough = Nested(mode(at), two, strip.FEWER, strip.FEWER)
    bound = strip.log_modulus(rough, np.full(two.levels, Y))
    y, step = rough.c * Y, GRID[1] - GRID[0]
    prior = np.log(step / np.sqrt(2 * np.pi)) - GRID**2 / 2
    for b in range(two.levels):
        logs = prior + y[b] ** 2 / 2  # of the moduli
        for j in np.flatnonzero(two.within == b):
            here = two.inner == j
            a, u, v = at.loaded.a[here], GRID[:, None], GRID[:, None, None] + 1j * y[b]
            path = u + 1j * y[b] * rough.r[j]  # the same integral of u, and of less cancellation
            eta = at.fixed[here] + a[:, 1] * v + a[:, 0] * path
            if family == "poisson":
                counts = data["count"].to_numpy()[here]
                log = (counts * eta - np.exp(eta) - gammaln(counts + 1)).sum(axis=-1)
            else:
                yes, no = (data[name].to_numpy()[here] for name in ("yes", "no"))
                log = (yes * eta - (yes + no) * np.log1p(np.exp(eta))).sum(axis=-1)
                log += at.family.constant[here].sum()
            log += np.log(step / np.sqrt(2 * np.pi)) - path[:, 0] ** 2 / 2
            logs = logs + logsumexp(log, axis=1).real
        found = logsumexp(logs)
        assert found <= bound[b] + 1e-9
        if size == 30:
            assert bound[b] - rough.by_levels[b] < Y**2 / 2 + 2.5


# --- one effect is a case of two ------------------------------------------------------------------


@pytest.mark.parametrize("family", ["binomial(probit)", "Gamma"])
@pytest.mark.parametrize(
    ("design", "theta", "alone"),
    [
        ("(1 | h/k)", [0.7, 0.0], "(1 | h:k)"),
        ("(1 | h/k)", [0.0, 0.7], "(1 | h)"),
        ("(x | g)", [0.7, 0.0, 0.0], "(1 | g)"),
        ("(x | g)", [0.0, 0.0, 0.7], "(0 + x | g)"),
    ],
)
def test_an_effect_without_variance_is_none(
    family: str, design: str, theta: list[float], alone: str
) -> None:
    case, other = make_case(1, family, design), make_case(1, family, alone)
    rest = [0.2] if family == "Gamma" else []
    both = loglik(case.model, np.array([0.3, 0.4, *theta, *rest]), EXACT)
    one = loglik(other.model, np.array([0.3, 0.4, 0.7, *rest]), EXACT)
    assert both == pytest.approx(one, rel=1e-13)


def test_perfectly_correlated_effects_are_one_effect() -> None:
    """(x | g) with the factor (s, t; 0, 0) is (1 | g) with the column s + t x."""
    case = make_case(1, "poisson", "(x | g)")
    both = loglik(case.model, np.array([0.3, 0.4, 0.5, 0.3, 0.0]), EXACT)
    data = case.data.assign(z=0.5 + 0.3 * case.data["x"])
    other = model_of("count ~ x + (0 + z | g)", data, "poisson")
    assert both == pytest.approx(loglik(other, np.array([0.3, 0.4, 1.0]), EXACT), rel=1e-13)


# --- which models --------------------------------------------------------------------------------


def pair(formula: str, data: pd.DataFrame) -> Pair | None:
    return Pair.of(model_of(formula, data, "poisson").rows)


@given(st.integers(0, 2**32 - 1))
@examples(2)
def test_nested_factors_are_told_by_the_pairs_of_levels_that_occur(seed: int) -> None:
    """Whatever levels are called, and whichever term is written first."""
    rng = np.random.default_rng(seed)
    data = random_data(rng)
    both = data["h"].astype(str) + data["k"].astype(str)
    names = dict(zip(sorted(set(both)), rng.permutation(len(set(both))).astype(str), strict=True))
    data["c"] = pd.Categorical(both.map(names))
    for formula in ("count ~ x + (1 | h/k)", "count ~ x + (1 | c) + (1 | h)"):
        found = pair(formula, data)
        assert found is not None
        assert found.levels == data["h"].nunique()
        assert len(found.within) == len(set(both))
    values = [
        loglik(model_of(formula, data, "poisson"), np.array([0.1, 0.2, 0.5, 0.6]), Kind(1, 9.0))
        for formula in ("count ~ x + (1 | h/k)", "count ~ x + (1 | h) + (1 | c)")
    ]
    assert values[0] == pytest.approx(values[1], rel=1e-13)


@pytest.mark.parametrize(
    ("design", "words"),
    [
        ("(1 | g) + (1 | h)", "there are 2 of g, h"),
        ("(x | g) + (1 | h)", "there are 3 of g, h"),
        ("(x | h/k)", "there are 4 of k:h, h"),
    ],
)
def test_other_models_are_refused(design: str, words: str) -> None:
    data = random_data(np.random.default_rng(0))
    with pytest.raises(OptionError, match=words):
        rm.glmer(f"count ~ x + {design}", data, "poisson", likelihood="exact")


def test_a_fit_of_nested_factors_is_at_its_maximum() -> None:
    data = random_data(np.random.default_rng(2))
    fit = rm.glmer("cbind(yes, no) ~ x + (1 | h/k)", data, likelihood="exact")
    laplace = rm.glmer("cbind(yes, no) ~ x + (1 | h/k)", data)
    assert np.abs(fit.likelihood.gradient[fit.moving]).max() < 1e-7
    assert fit.loglik > loglik(fit.model, laplace.psi, EXACT)
