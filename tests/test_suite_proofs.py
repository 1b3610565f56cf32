"""The proofs of the conformance suite: they hold, are the same again, and cannot be fooled."""

import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, arb_mat, ctx, fmpq, fmpq_mat

import refmixed as rm
from refmixed import penalized
from validation.proof import expected, inference
from validation.proof.casefile import cases
from validation.proof.certified import Certified
from validation.proof.certify import CASES, chosen
from validation.proof.digits import proved, text, texts
from validation.proof.engine import at, covariances, criterion, factors
from validation.proof.everywhere import everywhere
from validation.proof.exact import compare
from validation.proof.freedom import kenward_roger, satterthwaite
from validation.proof.intervals import intervals
from validation.proof.krawczyk import newton
from validation.proof.matrices import ProofError, is_positive_definite
from validation.proof.optimum import BITS, profiled, prove_at
from validation.proof.problem import problem
from validation.proof.writing import dumped
from validation.suite.columns import decimal, values
from validation.suite.tables import TableError, load

FAST = ["Dyestuff-reml", "Dyestuff2-reml", "two-minima-ml"]
SAMPLE = [
    *(pytest.param(name, marks=pytest.mark.numerical) for name in FAST),
    "sleepstudy-slopes-reml",
    "Pastes-ml",
]


@pytest.fixture(autouse=True)
def _precision():
    with ctx.workprec(BITS):
        yield


@pytest.fixture(scope="module")
def certified():
    known = {}

    def of(name):
        if name not in known:
            known[name] = Certified(*chosen([name]))
        return known[name]

    return of


def doubles(nested):
    return np.array(texts(nested), dtype=float)


# --- the files ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLE)
def test_a_proof_done_again_gives_the_same_bytes(name):
    for case in cases(*chosen([name])):
        assert dumped(case) == (CASES / f"{case['id']}.json").read_text("utf-8"), case["id"]


def test_a_case_is_written_as_it_was_read():
    for path in sorted(CASES.glob("*.fit.json")):
        text = path.read_text("utf-8")
        assert dumped(json.loads(text)) == text


def test_every_fitted_quantity_has_25_digits_proved():
    for path in [*CASES.glob("*.fit.json"), *CASES.glob("*.inference.json")]:
        for name, entry in json.loads(path.read_text("utf-8"))["expected"].items():
            assert entry["digits"] >= 25, (path.name, name)


def test_a_start_in_other_digits_gives_the_same_numbers(certified):
    found = certified("sleepstudy-slopes-reml")
    system = profiled(found.fit.problem, (2,))
    one, two = (newton(system, start) for start in ([0.9, 0.0, 0.3], [1.1, 0.05, 0.2]))
    assert [x.str(60) for x in one] == [x.str(60) for x in two]


# --- known digits ---------------------------------------------------------------------------------


def test_sleepstudy_has_the_digits_known_from_other_proofs(certified):
    values = expected.fit(certified("sleepstudy-slopes-reml").fit)
    known = {
        "theta": ["0.966732951864803427", "0.0151690542704846886", "0.230909594760483349"],
        "criterion": ["1743.6282719584907607"],
        "sigma": ["25.5918156267252523661"],
        "sd": ["24.7404514644039075", "5.92213310373191422"],
        "corr": ["0.0655513196549739103"],
    }
    for name, digits in known.items():
        mine = values[name] if isinstance(values[name], list) else [values[name]]
        for value, other in zip(mine, digits, strict=True):
            assert abs(value / arb(other) - 1) < 1e-17, name


def test_degrees_of_freedom_of_penicillin_are_the_exact_ones(certified):
    fit = certified("Penicillin-reml").fit
    for slopes in (satterthwaite(fit), kenward_roger(fit).slopes):
        assert text(slopes.of_each()[0]).startswith("5.4870922")


def test_degrees_of_freedom_of_a_balanced_design_are_integers(certified):
    fit = certified("sleepstudy-slopes-reml").fit
    for df in [*satterthwaite(fit).of_each(), *kenward_roger(fit).slopes.of_each()]:
        assert df.overlaps(arb(17))


def test_the_profile_limit_of_dyestuff_is_the_exact_one(certified):
    found = certified("Dyestuff-reml")
    lower, _ = intervals(found.made, found.ml_fit)["profile_sd"][0]
    assert text(lower).startswith("12.1965052")


def test_the_tiny_design_has_its_answers_by_hand(certified):
    fit = certified("tiny-reml").fit
    theta, sigma2 = fit.theta[0], fit.sigma2
    assert (theta * theta).overlaps(arb(fmpq(17, 2)))
    assert sigma2.overlaps(arb(2))
    assert fit.here.beta[0, 0].overlaps(arb(5))


# --- wrong claims are not proved ------------------------------------------------------------------


def test_a_box_off_the_optimum_is_not_proved(certified):
    fit = certified("sleepstudy-slopes-reml").fit
    middle = [x.mid() for x in fit.theta]
    prove_at(fit.problem, (2,), middle)
    with pytest.raises(ProofError, match="no zero is proved"):
        prove_at(fit.problem, (2,), [middle[0] + arb("1e-50"), *middle[1:]])


def test_a_saddle_at_zero_is_not_proved(certified):
    fit = certified("Dyestuff-reml").fit
    with pytest.raises(ProofError, match="not a minimum"):
        prove_at(fit.problem, (0,), [])


def test_a_maximum_is_not_proved(certified):
    fit = certified("two-minima-ml").fit
    top = newton(profiled(fit.problem, (1,)), [0.329])
    with pytest.raises(ProofError, match="not positive definite"):
        prove_at(fit.problem, (1,), top)


def test_a_zero_that_is_claimed_as_interior_is_not_proved(certified):
    fit = certified("Dyestuff2-reml").fit
    with pytest.raises(ProofError, match="pivot"):
        prove_at(fit.problem, (1,), [arb(0)])


def test_a_correlation_below_one_is_not_proved_to_be_one(certified):
    fit = certified("near-correlation-one-reml").fit
    start = [x.mid() for x in fit.theta[:2]]
    with pytest.raises(ProofError, match="not a minimum"):
        prove_at(fit.problem, (1,), newton(profiled(fit.problem, (1,)), start))


def test_a_higher_minimum_is_not_called_global(certified):
    found = certified("two-minima-ml")
    at_zero = prove_at(found.fit.problem, (0,), [])
    right, wrong = (everywhere(found.problem, fit) for fit in (found.fit, at_zero))
    assert (right.claim, wrong.claim) == ("global", "local")
    assert "another minimum, at theta = 0, is higher by 1.986" in right.sentence
    assert "another minimum, at theta = 1.5909804, is lower by 1.986" in wrong.sentence


def test_an_array_with_an_error_is_not_taken_for_that_of_the_model(certified):
    made = certified("Dyestuff-reml").made
    y = [made.y[0] + Fraction(1, 10**6), *made.y[1:]]
    with pytest.raises(ProofError, match="not those of refmixed"):
        compare(replace(made, y=y))


def test_an_error_in_a_cross_product_shows_in_the_criterion(certified):
    found = certified("sleepstudy-slopes-reml")
    theta = ["1", "0.1", "0.25"]
    design = found.made.design
    truth = penalized.criterion(design, np.array(theta, dtype=float))
    assert float(expected.evaluate(found.problem, theta)["criterion"]) == pytest.approx(
        truth, rel=1e-14
    )
    block = found.problem.blocks[3]
    G = fmpq_mat(block.G)
    G[0, 1] += fmpq(1, 100)
    wrong = replace(found.problem, blocks=(replace(block, G=G), *found.problem.blocks[1:]))
    assert float(expected.evaluate(wrong, theta)["criterion"]) != pytest.approx(truth, rel=1e-9)


# --- one engine, two kinds of numbers -------------------------------------------------------------


@pytest.mark.parametrize("name", ["sleepstudy-slopes-reml", "Penicillin-reml", "weighted-reml"])
def test_rationals_and_balls_agree(certified, name):
    found = certified(name)
    theta = found.model.thetas[0]
    exactly = expected.evaluate(found.problem, theta)
    balls = expected.evaluate(found.problem.balls(), theta)
    for quantity in ("beta", "u", "gradient"):
        pairs = zip(exactly[quantity], balls[quantity], strict=True)
        assert all(ball.contains(arb(number)) for number, ball in pairs), quantity


def test_the_hessian_is_the_derivative_of_the_gradient(certified):
    fit = certified("three-effects-mixed-reml").fit
    system = profiled(fit.problem, fit.ranks)
    theta = [x.mid() for x in fit.theta]
    _, H = system(theta)
    step = arb(10) ** -60
    for k in range(len(theta)):
        (up, _), (down, _) = (
            system([x + sign * step * (i == k) for i, x in enumerate(theta)]) for sign in (1, -1)
        )
        for i in range(len(theta)):
            slope = (up[i] - down[i]) / (2 * step)
            assert float(slope) == pytest.approx(float(H[i, k]), rel=1e-12, abs=1e-12)


def test_balls_of_a_box_enclose_its_points(certified):
    fit = certified("sleepstudy-slopes-reml").fit
    wide = [x.mid() + arb(0, 1e-20) for x in fit.theta]
    corner = [x.mid() + arb(1e-20) for x in fit.theta]
    gradients = [profiled(fit.problem, (2,))(point)[0] for point in (wide, corner)]
    assert all(box.contains(point) for box, point in zip(*gradients, strict=True))


def test_the_criterion_of_the_engine_is_that_of_the_definition(certified):
    found = certified("weighted-offset-reml")
    triangles = factors(found.problem, [fmpq(3, 2)])
    here = at(found.problem, covariances(triangles))
    truth = rm.marginal.criterion(found.made.design, np.array([1.5]))
    assert float(criterion(here, found.problem.weights)) == pytest.approx(truth, rel=1e-13)


# --- what follows from the fit --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sleepstudy-slopes-reml", "Penicillin-reml", "weighted-reml"])
def test_errors_of_prediction_are_those_of_hendersons_equations(certified, name):
    found = certified(name)
    d, fit = found.made.design, found.fit
    T = np.zeros((d.q, d.q))
    start = 0
    for t, term in enumerate(d.terms):
        here = slice(start, start + term.q)
        T[here, here] = np.kron(np.eye(len(term.levels)), doubles(fit.T[t].tolist()))
        start += term.q
    M = np.block([[d.XtX, d.ZtX.T], [d.ZtX, d.ZtZ + np.linalg.inv(T)]])
    C = float(fit.sigma2) * np.linalg.inv(M)
    levels = np.concatenate([doubles(part).ravel() for part in inference.pev(fit)])
    whole, start, blocks = C[d.p :, d.p :], 0, []
    for term in d.terms:
        for _ in term.levels:
            blocks.append(whole[start : start + term.k, start : start + term.k].ravel())
            start += term.k
    np.testing.assert_allclose(levels, np.concatenate(blocks), rtol=1e-8)
    x = np.hstack([d.X, d.Z])
    se = inference.standard_errors(fit, inference.old_rows(found.made)[:9], random=True)
    np.testing.assert_allclose(doubles(se), np.sqrt(np.diag(x @ C @ x.T))[:9], rtol=1e-8)


def test_a_limit_is_where_the_criterion_is_higher_by_the_quantile(certified):
    found = certified("sleepstudy-slopes-reml")
    d = found.made.design
    lowest = rm.lmer(found.model.formula, load("sleepstudy").frame(), reml=False).criterion
    for b in intervals(found.made, found.ml_fit)["profile_beta"][1]:
        held = replace(d, y=d.y - float(b) * d.X[:, 1], X=d.X[:, :1], names=d.names[:1])
        theta = rm.optimize.minimize(held, False, penalized).theta
        there = penalized.criterion(held, theta, reml=False)
        assert there - lowest == pytest.approx(3.841458820694124, abs=1e-9)


def test_at_a_variance_of_zero_degrees_of_freedom_are_refused(certified):
    with pytest.raises(ProofError, match="interior"):
        satterthwaite(certified("Dyestuff2-reml").fit)


# --- names, numbers, digits -----------------------------------------------------------------------


def test_names_of_columns_are_read():
    table = load("cake")
    product = values(table, "recipeB:temp")
    for value, recipe, temp in zip(
        product, table.columns["recipe"], table.fractions("temp"), strict=True
    ):
        assert value == (temp if recipe == "B" else 0)
    assert values(table, "I(temp^2)")[0] == Fraction(175) ** 2
    with pytest.raises(TableError, match="not understood"):
        values(table, "log(temp)")


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [
        (Fraction(5, 2), "2.5"),
        (Fraction(-1, 8), "-0.125"),
        (Fraction(12), "12"),
        (Fraction(1, 1000), "0.001"),
    ],
)
def test_decimals_are_written_exactly(fraction, shown):
    assert decimal(fraction) == shown
    assert Fraction(decimal(fraction)) == fraction


def test_a_fraction_that_is_no_decimal_is_refused():
    with pytest.raises(TableError, match="no decimal"):
        decimal(Fraction(1, 3))


def test_digits_are_those_of_the_worst_element():
    sharp, wide = arb(1) / 3, arb(1) / 3 + arb(0, 1e-12)
    assert proved("sigma", sharp) == 30
    assert proved("sigma", wide) == 11
    assert proved("beta", [sharp, wide]) == 11
    assert proved("u", [sharp, wide * arb("1e-8")]) == 19  # of the largest
    assert proved("corr", [arb(0) + arb(0, 9e-13)]) == 12  # of one


def test_a_printed_value_has_the_digits_that_it_claims():
    value = (arb(2)).sqrt() + arb(0, 1e-20)
    printed = arb(text(value))
    assert abs(printed - arb(2).sqrt()) / arb(2).sqrt() < arb(10) ** -proved("sigma", value)


def test_positive_definite_means_for_certain():
    sure = arb_mat([[2, 1], [1, 2]])
    doubtful = arb_mat([[1, arb(1, 1e-30)], [arb(1, 1e-30), 1]])
    assert is_positive_definite(sure)
    assert not is_positive_definite(doubtful)


def test_holding_a_coefficient_leaves_the_model_as_it_is(certified):
    found = certified("Dyestuff-reml")
    held = problem(found.made, reml=False, held=0).balls()
    here = at(held, covariances(factors(held, [arb(1)])))
    assert (here.problem.p, here.r2.nrows()) == (0, 2)
