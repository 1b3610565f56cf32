"""What is proved of a user's own fit: the cases' digits, and nothing that does not hold."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from counts import LONG
from flint import arb, ctx, fmpq, fmpq_mat, fmpq_poly
from open_models import KINDS, fitted, groups

import refmixed as rm
from refmixed import cli
from refmixed.after.certificate import Certificate
from refmixed.after.suites import suite
from refmixed.errors import ExtraError
from validation.certificate import reach
from validation.certificate.corner import curvature, null_space
from validation.certificate.decimals import decimals
from validation.certificate.elsewhere import counted
from validation.certificate.flat import Flat, at_zero, is_semidefinite
from validation.certificate.minimum import strict_minimum
from validation.models import MODELS
from validation.proof.digits import element
from validation.proof.everywhere import Everywhere
from validation.proof.matrices import ProofError
from validation.proof.optimum import BITS
from validation.proof.problem import problem
from validation.proof.roots import positive_zeros
from validation.proof.slopes import residual_products, units
from validation.suite.cases import FOLDER
from validation.suite.tables import load

pytestmark = pytest.mark.filterwarnings("ignore::refmixed.errors.RefmixedWarning")


def fit_of(name: str) -> rm.Fit:
    """The fit of a model of the suite."""
    (model,) = (m for m in MODELS if m.id == name)
    frame = load(model.data).frame()
    return rm.lmer(model.formula, frame, model.reml, weights=model.weights, offset=model.offset)


def of(certificate: Certificate, quantity: str) -> list[str]:
    """The values of a quantity."""
    rows = certificate.estimates
    return list(rows["value"][rows["quantity"] == quantity])


def said(certificate: Certificate) -> str:
    """All sentences."""
    return "\n".join([*certificate.proved, *certificate.not_proved])


# --- the suite's models ---------------------------------------------------------------------------

COMPUTED = {"Oxboys-reml": 15, "three-effects-mixed-reml": 15}  # columns that doubles round
SHARE = (
    "sleepstudy-slopes-ml", "Dyestuff2-reml", "one-of-two-zero-reml", "correlation-plus-one-reml",
    "Machines-blocks-reml", "crossed-sparse-reml", "two-minima-zero-ml", "weighted-offset-reml",
    "large-ratio-reml", "nearly-dependent-columns-reml", "nearly-saturated-reml",
    "three-effects-mixed-reml",
)  # fmt: skip


def flat(nested: Any) -> list[str]:
    """Texts of numbers in nested lists."""
    return [x for part in nested for x in flat(part)] if isinstance(nested, list) else [nested]


@pytest.mark.long
@pytest.mark.parametrize("name", [model.id for model in MODELS] if LONG else SHARE)
def test_a_certificate_has_the_digits_of_the_case(name: str) -> None:
    """To the last one that is printed; where a column is a double's square, to those of doubles."""
    case = json.loads((FOLDER / f"{name}.fit.json").read_text("utf-8"))
    certificate = fit_of(name).certify()
    for quantity, entry in case["expected"].items():
        mine, known = of(certificate, quantity), flat(entry["value"])
        assert len(mine) == len(known)
        for a, b in zip(map(Decimal, mine), map(Decimal, known), strict=True):
            assert abs(a - b) <= abs(b) * Decimal(10) ** -COMPUTED.get(name, 31)
    assert certificate.estimates["digits"].min() >= 28
    assert certificate.minimum == case["optimum"]["unique"]


def test_the_digits_of_the_fit_are_counted() -> None:
    fit = fit_of("sleepstudy-slopes-reml")
    rows = fit.certify().estimates.set_index(["quantity", "name"])
    assert rows["agree"].between(10, 16).all()
    assert rows["fit"]["sigma", ""] == fit.sigma
    off = replace(fit.optimum, theta=fit.optimum.theta * (1 + 1e-5))
    worse = replace(fit, optimum=off).certify().estimates.set_index(["quantity", "name"])
    assert 4.5 < worse["agree"]["theta", "Subject.Days"] < 5.5


# --- what is not a minimum ------------------------------------------------------------------------


SLEEP = rm.load_dataset("sleepstudy")
INSIDE = load("two-minima-inside").frame()


def moved(fit: rm.Fit, data: pd.DataFrame, theta: list[float]) -> rm.Fit:
    """A fit that says that its optimum is elsewhere."""
    at = rm.lmer(fit.formula, data, theta=theta).optimum
    return replace(fit, optimum=replace(at, kernel=fit.optimum.kernel))


def test_a_fit_beside_its_minimum_is_told() -> None:
    fit = rm.lmer("Reaction ~ Days + (Days | Subject)", SLEEP)
    beside = moved(fit, SLEEP, [0.97, 0.015, 0.22]).certify()
    assert beside.minimum == "local"
    assert any(
        "That the fit is at this minimum: its criterion is +0." in s for s in beside.not_proved
    )
    assert of(beside, "theta") == of(fit.certify(), "theta")


def test_a_saddle_is_not_certified() -> None:
    """A variance of zero that should be positive, and a maximum between two minima."""
    fit = rm.lmer("Reaction ~ Days + (1 | Subject)", SLEEP)
    saddle = moved(fit, SLEEP, [0.0]).certify()
    assert saddle.minimum is None
    assert "at zero the criterion falls into the cone" in saddle.not_proved[0]
    assert saddle.estimates.empty


HIGHER = 1.2062546  # theta of the higher minimum of two-minima-inside


def test_the_higher_of_two_minima_is_local_and_the_lower_one_is_named() -> None:
    fit = fit_of("two-minima-inside-reml")
    assert "theta = 1.2062546, is higher by 0.1052" in said(fit.certify())
    higher = moved(fit, INSIDE, [HIGHER]).certify()
    assert higher.minimum == "local"
    assert "theta = 0.13908908, is lower by 0.1052" in said(higher)
    assert "That no other minimum is lower." in higher.not_proved


def test_of_two_minima_that_are_equal_neither_is_called_the_lowest() -> None:
    """The criterion at 1 / t is that at t: each weight has its inverse, with the scale reversed."""
    data = pd.DataFrame({"w": np.repeat([1e-4, 1, 1e4], 4), "y": np.repeat([50, 8, 0.5], 4)})
    data["g"] = [f"g{i}" for i in range(12)]
    fit = rm.lmer("y ~ 0 + (1 | g)", data, reml=False, weights="w", allow_saturated=True)
    certificate = fit.certify()
    assert certificate.minimum == "local"
    assert "another minimum, at theta = 11.296581, is as low, to within" in said(certificate)
    assert certificate.not_proved == ("That no other minimum is lower.",)


def test_a_criterion_that_falls_without_end_has_no_minimum() -> None:
    """Residuals of one size whatever the weight: a variance that all share explains them best."""
    data = pd.DataFrame({"w": [0.01, 0.01, 100, 100], "y": [1.0, -1, 1, -1], "g": list("abcd")})
    fit = rm.lmer("y ~ 0 + (1 | g)", data, weights="w", allow_saturated=True)
    certificate = fit.certify()
    assert certificate.minimum is None
    assert certificate.proved[1].startswith("The criterion falls all the way as theta grows")
    assert certificate.not_proved == ("A minimum: there is none.",)


def test_a_zero_at_which_the_derivative_keeps_its_sign_is_counted() -> None:
    points = ((arb(0), arb(1)), (arb(1), arb(2)), (arb(2), arb(0)))
    found = Everywhere(points, mine=2, touched=1, beyond=True)
    assert found.lowest
    assert counted(found) == (
        "The derivative has 3 zeros where theta > 0; compared there, at 0 and at infinity, the "
        "criterion is lowest here; another minimum, at theta = 0, is higher by 1.000."
    )


def test_other_searches_tell_of_a_lower_minimum() -> None:
    """With two parameters roots are not counted: searches find the way down."""
    data = INSIDE.assign(k=[f"k{i % 5}" for i in range(len(INSIDE))])
    fit = rm.lmer("y ~ x + (1 | g) + (1 | k)", data)
    assert [term.group for term in fit.design.terms] == ["k", "g"]
    assert "to others that are higher, by 0.1052 or less." in said(fit.certify())
    higher = moved(fit, data, [0.0, HIGHER]).certify()
    assert higher.minimum == "local"
    assert "led lower, by 0.1052 or less." in said(higher)


# --- the boundary ---------------------------------------------------------------------------------


def test_a_score_that_is_exactly_zero_at_zero_is_decided_in_rationals() -> None:
    """The mean square between is that within: the criterion is flat to the first order."""
    data = pd.DataFrame({"y": [1.0, 1, 1, -1], "g": list("aabb")})
    fit = rm.lmer("y ~ 1 + (1 | g)", data)
    certificate = fit.certify()
    assert certificate.minimum == "global"
    assert of(certificate, "theta") == ["0"]
    with ctx.workprec(BITS):
        here = at_zero(problem(decimals(fit.design), True))
        assert residual_products(here)[0][0, 0] != 0


def test_the_curvature_at_zero_is_that_of_the_criterion() -> None:
    """Against differences of the definition, in T; relative errors of 1e-5 are theirs."""
    data = groups(1)
    design = rm.design("y ~ x + (x | g)", data.assign(y=data["y"].round(3), x=data["x"].round(2)))
    for reml in (True, False):
        here = at_zero(problem(decimals(design), reml))
        H = curvature(here, residual_products(here), units(here.problem))
        mine = np.array([[float(Fraction(int(h.p), int(h.q))) for h in r] for r in H.tolist()])

        def d(t: np.ndarray, reml: bool = reml) -> float:
            return along(design, t, reml)

        assert mine == pytest.approx(second_differences(d, 3, 1e-3), rel=1e-3, abs=1e-2)


def along(design: rm.design.Design, t: np.ndarray, reml: bool) -> float:
    """The profiled criterion where T, which need be no covariance, has the entries t."""
    T = np.kron(np.eye(len(design.terms[0].levels)), [[t[0], t[1]], [t[1], t[2]]])
    V = np.diag(1 / design.weights) + design.Z @ T @ design.Z.T
    XV = np.linalg.solve(V, design.X)
    G = design.X.T @ XV
    beta = np.linalg.solve(G, XV.T @ design.y_less_offset)
    r = design.y_less_offset - design.X @ beta
    dof = design.dof(reml)
    logs = np.linalg.slogdet(V)[1] + reml * np.linalg.slogdet(G)[1]
    return float(logs + dof * np.log(r @ np.linalg.solve(V, r)))


def second_differences(d: Any, m: int, h: float) -> np.ndarray:
    """(m, m) central second differences at zero."""
    E = h * np.eye(m)
    return np.array(
        [[(d(a + b) - d(a - b) - d(b - a) + d(-a - b)) / (4 * h * h) for a in E] for b in E]
    )


def test_a_variance_of_zero_may_come_before_one_that_is_not() -> None:
    """Numbers about 1e-17, since the products of the data are rounded: proved as what they are."""
    rng = np.random.default_rng(0)
    x, g = np.tile([-1.0, 0, 1], 8), np.repeat(np.arange(8), 3)
    slopes, sign = rng.normal(size=8).round(2), rng.choice([-1, 1], 8)
    y = 2 + slopes[g] * x + np.tile([0.3, -0.6, 0.3], 8) * sign[g]
    fit = rm.lmer("y ~ x + (x | g)", pd.DataFrame({"y": y, "x": x, "g": g}))
    assert fit.theta.iloc[0] == 0.0 < fit.theta.iloc[2]
    certificate = fit.certify()
    first, second = map(float, of(certificate, "sd"))
    assert 0 < first < 1e-15
    assert second == pytest.approx(fit.varcorr["g"].sd.iloc[1], rel=1e-12)
    apart = rm.lmer("y ~ x + (x || g)", pd.DataFrame({"y": y, "x": x, "g": g})).certify()
    assert of(apart, "sd")[0] == "0"


def test_a_standard_deviation_that_is_zero_by_symmetry_is_zero() -> None:
    """An entry of theta is free, and zero: its square is a ball about zero, which has no root."""
    data = pd.DataFrame({"y": [-1.0, 1, -1, 1, -1, 0, 1, 1, 0, 1, 1, 1], "x": [-2.0, 0, 2] * 4})
    data["g"] = list("aaabbbcccddd")
    certificate = rm.lmer("y ~ 1 + (x | g)", data).certify()
    assert of(certificate, "theta")[1:] == ["0", "0"]
    assert of(certificate, "sd")[1] == "0"
    assert element(arb("nan"), 1.0) == 0


# --- what is not identified -----------------------------------------------------------------------

REDUCED = {
    "within X": "With the fixed effects alone",
    "a part within X": "With (0 + x | g) alone",
    "like terms": "With (1 | ",
    "nested without nesting": "With (1 | ",
    "a factor and its intercept": "With (0 + fa + fb + fc | g) alone",
    "a constant effect": "With (1 | g) alone",
    "a copy in another unit": "With (0 + x | g) alone",
    "one row a level": "With the fixed effects alone",
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_flat_is_named_and_the_rest_is_proved(kind: str) -> None:
    formula, when, sentence = KINDS[kind]
    fit = fitted(formula, groups(1).round(3), when[0])
    certificate = fit.certify()
    assert certificate.proved[0].startswith("Not identified: of the ")
    assert sentence.lower() in certificate.proved[1].lower() or sentence in said(certificate)
    if kind in REDUCED:
        assert any(s.startswith(REDUCED[kind]) for s in certificate.proved), certificate.proved
        assert certificate.minimum is not None
        assert certificate.estimates["agree"].min() > 10
        assert (of(certificate, "sigma") == []) == (kind == "one row a level")
        assert of(certificate, "theta") == []
    if kind == "constant in its group":
        assert certificate.not_proved == (
            "A strict minimum: along what is flat the criterion is the same.",
        )


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_the_rank_in_rationals_is_that_of_doubles(kind: str, reml: bool) -> None:
    fit = fitted(KINDS[kind][0], groups(2).round(3), reml)
    flat = Flat(decimals(fit.design), reml)
    assert flat.lost == fit.optimum.parameters.kernel.shape[1]


def test_effects_that_are_one_with_x_projected_out_are_found() -> None:
    """In g, which X has, v is constant and z only shifted by it."""
    data = groups(1).assign(v=lambda d: d["two"] + 1.0, z=lambda d: np.arange(len(d)) % 5)
    certificate = rm.lmer("y ~ 0 + g + (0 + v + z + I(z - v) | g)", data).certify()
    assert "With (0 + z | g) alone the model is the same" in said(certificate)
    assert certificate.minimum == "global"


def test_digits_that_doubles_do_not_hold_are_said_to_decide() -> None:
    """2 x is no double's decimal times two where x has all its digits."""
    fit = fitted(KINDS["a copy in another unit"][0], groups(1), True)
    certificate = fit.certify()
    assert fit.optimum.is_open
    assert "by digits that are lost to rounding" in certificate.not_proved[0]


def test_semidefinite_means_exactly() -> None:
    assert is_semidefinite(fmpq_mat([[1, 2], [2, 4]]))
    assert not is_semidefinite(fmpq_mat([[1, 2], [2, fmpq(39, 10)]]))
    assert not is_semidefinite(fmpq_mat([[0, 1], [1, 0]]))
    A = fmpq_mat([[1, 2, 3], [2, 4, 6], [3, 6, 9]])
    assert (A * null_space(A)).entries() == [0] * 6


def test_a_minimum_at_zero_may_be_strict_where_the_model_is_not_identified() -> None:
    """All moves along what is flat leave the cone of covariances there."""
    data = pd.DataFrame({"y": [1.0, 2, 4, 4, 1, 2, 2, 4, 1, 1, 2, 4], "g": list("aaabbbcccddd")})
    data["two"] = data["g"].map({"a": 0.0, "b": 1.0, "c": 0.0, "d": 1.0})
    certificate = rm.lmer("y ~ 1 + (two | g)", data).certify()
    assert certificate.proved[0].startswith("Not identified: of the 4 matrices")
    assert certificate.minimum == "local"
    assert of(certificate, "theta") == ["0", "0", "0"]


# --- others ---------------------------------------------------------------------------------------


def test_least_squares_has_one_solution() -> None:
    certificate = rm.lm("Reaction ~ Days", SLEEP).certify()
    assert (certificate.minimum, certificate.not_proved) == ("global", ())
    assert certificate.estimates["agree"].min() > 14


def test_a_theta_that_is_given_is_no_minimum() -> None:
    fit = rm.lmer("Reaction ~ Days + (Days | Subject)", SLEEP, theta=[1.0, 0.1, 0.2])
    certificate = fit.certify()
    assert certificate.minimum is None
    assert certificate.not_proved == ("A minimum: theta was given.",)
    assert certificate.estimates["agree"].min() > 12


def test_arrays_have_certificates_and_models_without_fixed_effects() -> None:
    X = np.column_stack([np.ones(180), SLEEP["Days"]])
    by_formula = rm.lmer("Reaction ~ Days + (Days | Subject)", SLEEP).certify()
    arrays = rm.fit(SLEEP["Reaction"], X, [(SLEEP["Subject"], X)]).certify()
    assert list(arrays.estimates["value"]) == list(by_formula.estimates["value"])
    none = rm.lmer("Reaction ~ 0 + (1 | Subject)", SLEEP).certify()
    assert none.minimum == "global"
    assert of(none, "beta") == []


def test_what_is_out_of_reach_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "PRODUCTS", 100)
    certificate = fit_of("Pastes-reml").certify()
    assert (certificate.minimum, certificate.proved) == (None, ())
    assert "40 random effects, of which levels in common rows join 4" in certificate.not_proved[0]


def test_what_is_out_of_reach_is_said_before_anything_is_multiplied() -> None:
    """With dense products of 5000 rows and 3000 random effects there would be no end to it."""
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 1500, 5000), rng.integers(0, 1500, 5000)
    data = pd.DataFrame({"a": a, "b": b, "y": rng.normal(size=5000)})
    data[["a", "b"]] = data[["a", "b"]].astype(str)
    design = rm.design("y ~ 1 + (1 | a) + (1 | b)", data)
    made = decimals(design)
    found = [reach.out_of_reach(made, hessian) for hessian in (True, False)]
    assert [text.split(":")[0] for text in found if text] == ["A minimum", "Any digits"]
    many = reach.out_of_reach(decimals(rm.design("y ~ 1 + (1 | a)", data)), True)
    assert many is None


def test_a_theta_that_is_given_may_be_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = rm.lmer("Reaction ~ Days + (Days | Subject)", SLEEP, theta=[1.0, 0.1, 0.2])
    monkeypatch.setattr(reach, "NUMBERS", 100)
    assert fit.certify().not_proved == (
        "Any digits: 180 rows hold 7e+02 numbers, and 1e+02 are within reach; a part of the rows "
        "may be.",
    )


def test_a_proof_that_fails_says_why() -> None:
    """No minimum: the search was stopped far away."""
    fit = rm.lmer("Reaction ~ Days + (Days | Subject)", SLEEP)
    made = decimals(fit.design)
    with ctx.workprec(BITS), pytest.raises(ProofError):
        strict_minimum(made, True, np.array([50.0, 80.0, 90.0]))


def test_positive_zeros_are_those_where_the_sign_changes() -> None:
    t = fmpq_poly([0, 1])
    f = t * (t - 2) * (t - fmpq(1, 3)) ** 3 * (t - 5) ** 2 * (t * t + 1) * (t * t - 3) * (t + 4)
    with ctx.workprec(BITS):
        zeros = positive_zeros(f)
    assert [float(z) for z in zeros] == pytest.approx([1 / 3, 3**0.5, 2])
    assert all(z.rad() < 1e-100 for z in zeros)
    assert [float(z) for z in positive_zeros(f, odd=False)] == pytest.approx([5.0])
    assert positive_zeros(fmpq_poly([3])) == positive_zeros(fmpq_poly([0])) == []


@pytest.mark.parametrize("seed", range(40))
def test_positive_zeros_of_random_products_are_found(seed: int) -> None:
    """Zeros of all multiplicities, some at the halves where an interval is cut."""
    rng = np.random.default_rng(seed)
    f, odd = fmpq_poly([1]), {}
    for _ in range(rng.integers(1, 6)):
        zero, times = Fraction(int(rng.integers(-6, 12)), int(rng.choice([1, 2, 3]))), 1
        times = int(rng.integers(1, 4))
        f *= fmpq_poly([-fmpq(zero.numerator, zero.denominator), 1]) ** times
        odd[zero] = odd.get(zero, 0) + times
    right = sorted(float(zero) for zero, times in odd.items() if zero > 0 and times % 2)
    assert [float(z) for z in positive_zeros(f)] == pytest.approx(right)


def test_without_the_extra_a_sentence_says_what_to_install(monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "flint", None)
    for name in [name for name in sys.modules if name.startswith("validation.certificate")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ExtraError, match=r"needs flint: .* pip install '\.\[validation\]'"):
        suite("certificate.certify")


def test_the_command_line_prints_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(tmp_path / "dyestuff.csv")
    load("Dyestuff").frame().to_csv(file, index=False)
    assert cli.main(["fit", "Yield ~ 1 + (1 | Batch)", file, "--certify"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Linear mixed model fit by REML")
    assert "\nCertificate of Yield ~ 1 + (1 | Batch), REML, 30 observations\n" in printed
    assert max(map(len, printed.splitlines())) <= 100
    assert cli.main(["fit", "Yield ~ 1 + (1 | Batch)", file, "--certify", "--json"]) == 0
    certificate = json.loads(capsys.readouterr().out)["certificate"]
    assert certificate["minimum"] == "global"
    assert certificate["not_proved"] == []
    assert {"quantity", "name", "value", "digits"} == set(certificate["estimates"][0])
