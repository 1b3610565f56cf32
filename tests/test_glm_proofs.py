"""Proofs of generalized mixed models: what they prove, and that refmixed.glm computes it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pandas as pd
import pytest
from flint import acb, arb, ctx
from scipy.stats import poisson

import refmixed as rm
from refmixed.design import RandomTerm
from refmixed.glm.fit import glmer
from refmixed.glm.likelihoods import Kind
from refmixed.glm.model import Model
from validation.proof.digits import text
from validation.proof.generalized import integral, modulus
from validation.proof.generalized.doubles import generalized
from validation.proof.generalized.families import family
from validation.proof.generalized.integral import Integrals
from validation.proof.generalized.likelihoods import Exact, likelihood, radii
from validation.proof.generalized.maximum import BITS, System, prove
from validation.proof.generalized.mode import Mode, gradient, mode
from validation.proof.generalized.model import At, Generalized
from validation.proof.generalized.nodes import gauss_hermite
from validation.proof.krawczyk import prove_zero
from validation.proof.matrices import ProofError
from validation.suite.tables import load

CBPP = "cbind(incidence, size - incidence) ~ period + (1 | herd)"
ROUNDED = ("-1.3985321", "-.99233371", "-1.12868809", "-1.58031479", ".6422614")
TICKS = "TICKS ~ YEAR + scale(HEIGHT) + (1 | BROOD) + (1 | INDEX) + (1 | LOCATION)"


@pytest.fixture(autouse=True)
def _precision():
    with ctx.workprec(BITS):
        yield


def herds(link: str = "logit", dialect: str = "observed") -> Model:
    return glmer(
        CBPP, rm.load_dataset("cbpp"), f"binomial({link})", dialect=dialect, theta=[0.6]
    ).model


def balls(numbers) -> list[arb]:
    return [arb(x) for x in numbers]


# --- cbpp -----------------------------------------------------------------------------------------


def test_the_maximum_of_laplaces_log_likelihood() -> None:
    found = prove(generalized(herds()), likelihood("laplace"), [-1.4, -1.0, -1.1, -1.6, 0.64])
    assert text(found.loglik).startswith("-92.02628186475708378019")
    assert text(found.psi[4]).startswith("0.642261448442895562956")
    assert [round(float(b), 8) for b in found.psi[:4]] == [
        -1.39853214, -0.99233273, -1.12867208, -1.58031389,
    ]  # fmt: skip
    assert found.interior
    assert all(x.rad() < 1e-28 for x in [*found.psi, found.loglik * 1e-3])


def test_the_maximum_of_the_exact_log_likelihood() -> None:
    fit = glmer(CBPP, rm.load_dataset("cbpp"), likelihood="exact", digits=12)
    found = prove(generalized(fit.model), likelihood("exact"), fit.psi)
    assert text(found.loglik).startswith("-91.983369037310523999")
    assert found.loglik.rad() < 1e-26
    np.testing.assert_allclose(fit.psi, [float(x) for x in found.psi], rtol=1e-9)
    assert fit.loglik == pytest.approx(float(found.loglik), abs=1e-11)


@pytest.mark.parametrize(
    ("dialect", "loglik"), [("observed", "-92.583337703176"), ("expected", "-92.621223315421")]
)
def test_two_dialects_of_a_link_that_is_not_canonical(dialect: str, loglik: str) -> None:
    fit = glmer(CBPP, rm.load_dataset("cbpp"), "binomial(probit)", dialect=dialect)
    here = mode(generalized(fit.model).at(balls(fit.psi)))
    assert text(likelihood("laplace").value(here)).startswith(loglik)


def test_the_exact_log_likelihood_at_a_point() -> None:
    here = mode(generalized(herds()).at(balls(ROUNDED)))
    value = likelihood("exact").value(here)
    assert text(value).startswith("-91.98379848678670563455220595")
    assert value.rad() < 1e-40


def test_the_same_from_the_decimals_of_the_data() -> None:
    table = load("cbpp")
    size, incidence = table.fractions("size"), table.fractions("incidence")
    shares = [a / m for a, m in zip(incidence, size, strict=True)]
    periods = table.columns["period"]
    X = [[Fraction(1), *(Fraction(p == k) for k in "234")] for p in periods]
    term = generalized(herds()).terms[0]
    model = Generalized(
        family("binomial", "logit", shares, size), X, [Fraction(0)] * len(X), [term]
    )
    value, same = (
        likelihood("laplace").value(mode(m.at(balls(ROUNDED))))
        for m in (model, generalized(herds()))
    )
    assert abs(value - same) < 1e-60


def test_three_factors() -> None:
    fit = glmer(TICKS, load("grouseticks").frame(), "poisson")
    here = mode(generalized(fit.model).at(balls(fit.psi)))
    value = likelihood("laplace").value(here)
    assert text(value).startswith("-890.27133008739")
    assert value.rad() < 1e-40
    assert fit.loglik == pytest.approx(float(value), abs=1e-11)


# --- refmixed beside the proof --------------------------------------------------------------------

RANDOM = np.random.default_rng(20_261_129)
GROUPS, ROWS = 4, 20
FRAME = pd.DataFrame(
    {
        "x": RANDOM.normal(size=ROWS).round(2),
        "g": [f"g{k % GROUPS}" for k in range(ROWS)],
        "h": [f"h{k // 7}" for k in range(ROWS)],
        "m": RANDOM.integers(2, 9, ROWS).astype(float),
        "count": RANDOM.poisson(2.0, ROWS).astype(float),
        "positive": RANDOM.gamma(2.0, 1.0, ROWS).round(3) + 0.01,
    }
)
FRAME["share"] = RANDOM.binomial(FRAME["m"].astype(int), 0.4) / FRAME["m"]
LAWS = {
    "binomial": "share",
    "binomial(probit)": "share",
    "binomial(cloglog)": "share",
    "poisson": "count",
    "Gamma(log)": "positive",
}
BETA, THETA = [0.3, -0.4], 0.8


def made(law: str, random: str, dialect: str = "observed", **more) -> tuple[Model, np.ndarray]:
    """A model of the frame, and psi there."""
    dispersion = {"dispersion": 0.5} if "Gamma" in law else {}
    weights = {"weights": "m"} if "binomial" not in law or "share" in LAWS[law] else {}
    fit = glmer(
        f"{LAWS[law]} ~ x + {random}", FRAME, law, dialect=dialect, beta=BETA,
        **more, **dispersion, **weights,
    )  # fmt: skip
    return fit.model, fit.psi


@pytest.mark.parametrize("dialect", ["observed", "expected"])
@pytest.mark.parametrize("law", LAWS)
def test_refmixed_has_12_digits_of_each_log_likelihood(law: str, dialect: str) -> None:
    model, psi = made(law, "(1 | g)", dialect, theta=[THETA])
    here = mode(generalized(model).at(balls(psi)))
    for nodes in (1, 5, 9):
        proved = likelihood("agq", nodes).value(here)
        assert proved.rad() < 1e-50
        assert -Kind(nodes).at(model, psi).value == pytest.approx(float(proved), rel=1e-13)
    proved = Exact(30).value(here)
    assert proved.rad() < 1e-28
    assert -Kind(digits=13).at(model, psi).value == pytest.approx(float(proved), rel=1e-12)


@pytest.mark.parametrize("law", LAWS)
def test_refmixed_has_11_digits_of_each_gradient(law: str) -> None:
    model, psi = made(law, "(1 | g)", "expected", theta=[THETA])
    here = mode(generalized(model).at(balls(psi)))
    every = range(len(psi))
    for kind, proof in (
        (Kind(1), likelihood("laplace")),
        (Kind(5), likelihood("agq", 5)),
        (Kind(digits=13), Exact(25)),
    ):
        proved = [float(x) for x in proof.second(here, every).gradient]
        np.testing.assert_allclose(-kind.at(model, psi).gradient, proved, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("law", ["binomial", "Gamma(log)"])
@pytest.mark.parametrize("random", ["(x | g)", "(1 | g) + (1 | h)"])
def test_refmixed_has_12_digits_of_laplaces_with_more_effects(law: str, random: str) -> None:
    theta = [0.8, -0.2, 0.4] if "x" in random else [0.8, 0.3]
    model, psi = made(law, random, "expected", theta=theta)
    proof, here = likelihood("laplace"), mode(generalized(model).at(balls(psi)))
    found = Kind(1).at(model, psi)
    assert -found.value == pytest.approx(float(proof.value(here)), rel=1e-13)
    proved = [float(x) for x in proof.second(here, range(len(psi))).gradient]
    np.testing.assert_allclose(-found.gradient, proved, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("proof", [likelihood("laplace"), likelihood("agq", 3), Exact()])
def test_a_hessian_is_the_slope_of_the_gradient(proof) -> None:
    model, psi = made("Gamma(log)", "(1 | g)", theta=[THETA])
    exactly, d = generalized(model), len(psi)
    step = arb(2) ** -60
    found = proof.second(mode(exactly.at(balls(psi))), range(d))
    for k in range(1, d):  # a slope, the standard deviation, the dispersion
        further = [x + step * (j == k) for j, x in enumerate(balls(psi))]
        there = proof.second(mode(exactly.at(further)), range(d))
        for j in range(d):
            slope = (there.gradient[j] - found.gradient[j]) / step
            assert abs(slope - found.hessian[j, k]) < 1e-14 * max(1, abs(float(slope)))


# --- the integral ---------------------------------------------------------------------------------


@pytest.mark.parametrize("law", LAWS)
def test_an_integral_is_that_of_another_method(law: str) -> None:
    """acb.integral is adaptive, and bounds its own error."""
    model, psi = made(law, "(1 | g)", theta=[THETA])
    exactly = generalized(model)
    here = Integrals(mode(exactly.at(balls(psi))), balls([0] * len(psi)), 20)
    rows = exactly.by_level[0]

    def integrand(gamma: acb, _: bool) -> acb:
        logs = sum(modulus_free(here.at, i, gamma) for i in rows)
        return (logs + integral.prior(gamma, acb(here.at.theta[0]))).exp()

    with ctx.workprec(100):
        tolerances = {"rel_tol": arb("1e-20"), "abs_tol": arb("1e-60")}
        other = acb.integral(integrand, acb(-10), acb(10), **tolerances).real
    assert abs(other / here.integral(rows) - 1) < 1e-17


def modulus_free(at: At, i: int, gamma: acb) -> acb:
    """log f, in complex numbers."""
    eta = acb(at.fixed[i]) + acb(at.model.z[i][0]) * gamma
    return at.family.log(i, eta)


def test_a_level_may_tell_much() -> None:
    """30,000 trials: the integrand is narrow, its mode may be zero, and few nodes do."""
    levels = RandomTerm("g", "g", ("1",), ("a", "b"), np.ones((2, 1)), np.array([0, 1]))
    known = family("binomial", "logit", [Fraction(1, 3), Fraction(1, 2)], [30_000, 20_000])
    here = mode(Generalized(known, [[1], [1]], [0, 0], [levels]).at(balls([0, 1])))
    exact = Exact().second(here, range(2))
    assert exact.value.rad() < 1e-30
    assert abs(exact.value - likelihood("agq", 25).value(here)) < 1e-20


@pytest.mark.parametrize("law", LAWS)
def test_the_rule_leaves_out_no_more_than_its_bound(law: str) -> None:
    model, psi = made(law, "(1 | g)", theta=[THETA])
    here = mode(generalized(model).at(balls(psi)))
    few, many = (Integrals(here, radii(here), digits) for digits in (3, 40))
    for rows in here.at.model.by_level:
        crude = few.integral(rows)
        assert crude.overlaps(many.integral(rows))
        assert 1e-9 < crude.rad() / crude.mid() < 1e-2


@pytest.mark.parametrize("law", LAWS)
def test_off_the_line_a_density_is_below_its_bound(law: str) -> None:
    known = generalized(made(law, "(1 | g)", theta=[THETA])[0]).family
    rho, lam = arb("0.05"), acb(arb(-0.7, 0.01), arb(0, 0.2))
    widest = min(float(modulus.half_width(known)), 3.0)
    for i, x, share, sign in product(range(5), (-2.5, -1.0, 0.0, 2.5), (0.3, 0.6), (-1, 1)):
        y = share * widest
        bound = modulus.soft(known, i, arb(y) + rho, rho, lam)
        there = known.given(acb(-0.7, 0.2 * sign))
        value = there.log(i, acb(x + 0.05 * sign, y)).real
        assert value <= bound.kappa + bound.log(arb(x))


def test_without_its_bound_the_rule_would_be_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    model, psi = made("poisson", "(1 | g)", theta=[THETA])
    here = mode(generalized(model).at(balls(psi)))
    rows, bounded = here.at.model.by_level[0], integral.grid
    monkeypatch.setattr(integral, "grid", lambda *a: bounded(*a)._replace(error=arb(0)))
    few, many = (Integrals(here, radii(here), digits).integral(rows) for digits in (3, 40))
    assert not few.overlaps(many)


def test_gauss_and_hermites_rule_is_exact_for_polynomials() -> None:
    for N in (1, 2, 5, 9, 25):
        rule = [(z, w * (-z * z / 2).exp()) for z, w in gauss_hermite(N, BITS)]
        moment = arb(1)  # of the normal law: 1, 1, 3, 15, ...
        for k in range(0, 2 * N, 2):
            assert abs(sum(w * z**k for z, w in rule) / moment - 1) < 1e-50
            moment *= k + 1


# --- nested terms ---------------------------------------------------------------------------------


def nested(law: str, inner: list[int], outer: list[int], theta: list[arb]) -> Mode:
    """The mode of counts or positive numbers, with an effect of each inner and each outer level."""
    n, terms = len(inner), []
    for codes in (inner, outer):
        levels = tuple(str(k) for k in range(max(codes) + 1))
        terms.append(RandomTerm("g", "g", ("1",), levels, np.ones((n, 1)), np.array(codes)))
    y = FRAME[LAWS[law]].tolist()[:n]
    known = family(law.split("(")[0], "log", y, [1] * n)
    model = Generalized(known, [[1, x] for x in FRAME["x"][:n]], [0] * n, terms)
    return mode(model.at([*balls(BETA), *theta, *balls([-0.5] * known.has_dispersion)]))


@pytest.mark.parametrize("law", ["poisson", "Gamma(log)"])
def test_two_effects_of_the_same_levels_are_one_of_the_summed_variances(law: str) -> None:
    codes, theta = [0, 0, 0, 1, 1, 1], balls(["0.6", "0.8"])
    both = nested(law, codes, codes, theta)
    model = both.at.model
    one = replace(model, terms=model.terms[:1])
    psi = [*both.at.beta, arb(1), *both.at.psi[4:]]  # 1 = .6^2 + .8^2
    proved = Exact(12).value(both)
    assert proved.overlaps(Exact(30).value(mode(one.at(psi))))
    assert proved.rad() < 1e-11


def test_nested_integrals_are_those_of_plain_sums() -> None:
    inner, outer = [0, 0, 1, 1, 2, 2], [0, 0, 0, 0, 1, 1]
    found = nested("poisson", inner, outer, balls(["0.6", "0.8"]))
    grid = np.linspace(-8, 8, 401)
    law = np.exp(-(grid**2) / 2) * (grid[1] - grid[0]) / np.sqrt(2 * np.pi)
    eta = BETA[0] + BETA[1] * FRAME["x"].to_numpy()[:6]
    sums = 0.8 * grid[:, None] + 0.6 * grid  # (outer, inner)
    logs = np.array(
        [poisson.logpmf(y, np.exp(e + sums)) for y, e in zip(FRAME["count"], eta, strict=False)]
    )
    by_inner = [np.exp(logs[2 * j : 2 * j + 2].sum(axis=0)) @ law for j in range(3)]
    plain = np.log(law @ (by_inner[0] * by_inner[1])) + np.log(law @ by_inner[2])
    assert float(Exact(12).value(found)) == pytest.approx(plain, abs=1e-11)


# --- what cannot be proved ------------------------------------------------------------------------


def test_a_box_beside_the_mode_has_none() -> None:
    model, psi = made("poisson", "(1 | g)", theta=[THETA])
    found = mode(generalized(model).at(balls(psi)))
    assert all(x.contains(0) for x in gradient(found.at, found.u))
    beside = [x + arb("1e-40") for x in found.u]
    assert not all(x.contains(0) for x in gradient(found.at, beside))


def test_a_box_beside_the_maximum_has_none() -> None:
    model, psi = made("poisson", "(1 | g)", theta=[THETA])
    system = System(generalized(model), likelihood("laplace"), range(3))
    with pytest.raises(ProofError, match="no zero is proved"):
        prove_zero(system, balls(psi), balls(["1e-26"] * 3))


@pytest.mark.parametrize("proof", [likelihood("laplace"), likelihood("agq", 3), Exact()])
def test_a_variance_of_zero_is_proved(proof) -> None:
    """Groups that are more alike than chance makes them."""
    frame = FRAME.assign(m=4.0, share=[(k // GROUPS % 3) / 4 for k in range(ROWS)])
    fit = glmer("share ~ x + (1 | g)", frame, weights="m")
    assert fit.psi[2] == 0.0
    found = prove(generalized(fit.model), proof, fit.psi)
    assert (found.held, found.interior, found.psi[2]) == ((2,), False, 0)
    assert fit.loglik == pytest.approx(float(found.loglik), abs=1e-12)


def test_at_a_variance_of_zero_the_exact_likelihood_has_no_dialect() -> None:
    """It bends in theta by the sum over levels of g'' + g'^2, g = log f summed."""
    bends = []
    for dialect in ("observed", "expected"):
        model, psi = made("binomial(cloglog)", "(1 | g)", dialect, theta=[0.0])
        here = mode(generalized(model).at(balls(psi)))
        bends.append(Exact().second(here, [2]).hessian[0, 0])
    at = here.at
    family, etas = at.family, list(enumerate(at.etas(here.u)))
    score, weight = (
        [sum(values[i] for i in rows) for rows in at.model.by_level]
        for values in (
            [family.score(i, eta) for i, eta in etas],
            [family.weight(i, eta, "observed") for i, eta in etas],
        )
    )
    direct = sum(s * s - w for s, w in zip(score, weight, strict=True))
    assert all(abs(bend - direct) < 1e-60 for bend in bends)


def test_a_variance_that_is_not_zero_is_not_proved_to_be() -> None:
    frame = FRAME.assign(count=[float(k % GROUPS * 3) for k in range(ROWS)])
    fit = glmer("count ~ x + (1 | g)", frame, "poisson", theta=[0.0])
    with pytest.raises(ProofError, match="off a variance of zero"):
        prove(generalized(fit.model), likelihood("laplace"), fit.psi)


def test_what_is_no_model_of_a_proof_is_said() -> None:
    model, psi = made("binomial", "(1 | g) + (1 | h)", theta=[0.8, 0.3])
    here = mode(generalized(model).at(balls(psi)))
    with pytest.raises(ProofError, match="do not lie within"):
        Exact().value(here)
    with pytest.raises(ProofError, match="one term of one effect alone"):
        Exact().second(here, [0])
    with pytest.raises(ProofError, match="one random term of one effect"):
        likelihood("agq", 5).value(here)
    with pytest.raises(ProofError, match="whole numbers"):
        family("poisson", "log", [Fraction(1, 2)], [1])
    with pytest.raises(ProofError, match="the family 'beta'"):
        family("beta", "logit", [0], [1])
    with pytest.raises(ProofError, match="the likelihood 'quasi'"):
        likelihood("quasi")
    slopes, psi = made("poisson", "(x | g)", theta=[0.5, 0.1, 0.2])
    for theta, why in (([0.0, 0.1, 0.2], "below a pivot"), ([0.0, 0.0, 0.2], "another order")):
        with pytest.raises(ProofError, match=why):
            prove(generalized(slopes), likelihood("laplace"), [*psi[:2], *theta])
