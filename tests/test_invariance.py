"""What must not change, and what must change in step, when the same data are written otherwise.

Fits are compared, so the tolerance is that of an optimum: 1e-7 for what moves with theta.
"""

from __future__ import annotations

import numpy as np
import pytest
from counts import examples, share
from hypothesis import given
from hypothesis import strategies as st
from random_designs import Case, cases
from random_models import Model, identified
from row_labels import EACH_ITS_OWN, SHARED

import refmixed as rm

pytestmark = pytest.mark.numerical

OPTIMUM = 1e-7
few = examples(25)


def same_fit(a: rm.Fit, b: rm.Fit) -> None:
    """The same model in the same coordinates."""
    assert a.criterion == pytest.approx(b.criterion, abs=1e-8)
    assert a.sigma == pytest.approx(b.sigma, rel=OPTIMUM)
    for name in a.varcorr:
        sd, other = a.varcorr[name].sd, b.varcorr[name].sd
        assert sd.to_numpy() == pytest.approx(other.to_numpy(), rel=OPTIMUM, abs=OPTIMUM * a.sigma)


def in_other_order(model: Model, kind: str, rng: np.random.Generator) -> tuple[rm.Fit, np.ndarray]:
    """The fit to the rows in another order, with labels of a kind, and where the rows were.

    Weights and an offset are in an order of their own where the labels say which is which.
    """
    order = rng.permutation(len(model.data))
    data = model.data.set_axis((EACH_ITS_OWN | SHARED)[kind](len(order))).iloc[order]
    again = rng.permutation(len(order)) if kind in EACH_ITS_OWN else np.arange(len(order))
    names = {"weights": model.weights, "offset": model.offset}
    given = {what: data[name].iloc[again] for what, name in names.items() if name}
    return model.fit(data, **given), order


@pytest.mark.long
@pytest.mark.parametrize("seed", share(16, of=2000))
def test_the_order_and_the_labels_of_the_rows_do_not_matter(seed: int) -> None:
    """Twelve digits of the criterion, relative to it or to n; eight of theta~, to 1 + its largest.

    Where X nearly explains a variance and theta~ is large, it has fewer, as its square grows.
    """
    model, kinds = identified(seed), [*EACH_ITS_OWN, *SHARED]
    fit = model.fit()
    turned, order = in_other_order(model, kinds[seed % len(kinds)], np.random.default_rng(seed))
    size = max(abs(fit.criterion), fit.nobs)
    theta, other = fit.optimum.work_theta, turned.optimum.work_theta
    largest = float(np.abs(theta).max())
    rounding = 1e-8 * (1 + largest**2 / 1e4)
    assert turned.criterion == pytest.approx(fit.criterion, abs=1e-12 * size)
    assert other == pytest.approx(theta, abs=rounding * (1 + largest))
    assert turned.fitted.to_numpy() == pytest.approx(
        fit.fitted.to_numpy()[order], abs=rounding * np.ptp(fit.design.y)
    )


@few
@given(cases())
def test_the_names_and_the_order_of_the_levels_do_not_matter(case: Case) -> None:
    fit = case.fit()
    data = case.data.copy()
    names = {level: f"level {9 - k}" for k, level in enumerate(data["g"].cat.categories)}
    data["g"] = data["g"].cat.rename_categories(names).astype(str).astype("category")
    renamed = case.fit(data)
    same_fit(fit, renamed)
    for group, frame in fit.ranef().items():
        other = renamed.ranef()[group]
        rows = [
            ":".join(names.get(part, part) for part in level.split(":")) for level in frame.index
        ]
        assert other.loc[rows].to_numpy() == pytest.approx(frame.to_numpy(), abs=OPTIMUM)


@few
@given(cases(), st.floats(-1e3, 1e3))
def test_shifting_the_response_moves_the_intercept_and_nothing_else(case: Case, by: float) -> None:
    fit, shifted = case.fit(), case.fit(case.data.assign(y=case.data["y"] + by))
    same_fit(fit, shifted)
    expected = fit.beta.copy()
    expected["(Intercept)"] += by
    assert shifted.beta.to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-6)


@few
@given(cases(), st.sampled_from([1e-6, 0.01, 7.0, 1e6]))
def test_scaling_the_response_scales_all_but_theta(case: Case, by: float) -> None:
    fit, scaled = case.fit(), case.fit(case.data.assign(y=case.data["y"] * by))
    dof = fit.nobs - len(fit.beta) if case.reml else fit.nobs
    assert scaled.criterion == pytest.approx(fit.criterion + 2 * dof * np.log(by), abs=1e-7)
    assert scaled.theta.to_numpy() == pytest.approx(fit.theta.to_numpy(), abs=OPTIMUM)
    assert scaled.sigma == pytest.approx(by * fit.sigma, rel=OPTIMUM)
    assert scaled.beta.to_numpy() == pytest.approx(
        by * fit.beta.to_numpy(), rel=1e-6, abs=1e-7 * by
    )
    assert scaled.vcov.to_numpy() == pytest.approx(by**2 * fit.vcov.to_numpy(), rel=1e-6)


@few
@given(cases(("y ~ x + (x | g)", "y ~ x + z + (x + z | g)", "y ~ x + (x | g) + (1 | h)")))
def test_origin_and_unit_of_a_covariate_do_not_matter_to_what_is_fitted(case: Case) -> None:
    fit = case.fit()
    moved = case.fit(case.data.assign(x=1e4 + 1e3 * case.data["x"]))
    assert moved.fitted.to_numpy() == pytest.approx(fit.fitted.to_numpy(), abs=1e-6)
    assert moved.sigma == pytest.approx(fit.sigma, rel=1e-6)
    assert moved.varcorr["g"].sd["x"] == pytest.approx(fit.varcorr["g"].sd["x"] / 1e3, abs=1e-7)
    units = 2 * np.log(1e3) * case.reml  # REML's log det X'V^-1X counts in units of X
    assert moved.criterion == pytest.approx(fit.criterion + units, abs=1e-6)


@few
@given(cases(("y ~ x + f + (1 | g)", "y ~ x * f + (x | g)")))
def test_another_basis_of_the_same_fixed_effects_fits_the_same(case: Case) -> None:
    """X A in place of X: the same fitted values, REML less by 2 log |det A|."""
    other = case.formula.replace("f", "C(f, contr.sum)")
    fit, recoded = case.fit(), case.fit(formula=other)
    A = np.linalg.lstsq(fit.design.X, recoded.design.X, rcond=None)[0]
    change = 2 * np.linalg.slogdet(A)[1] * case.reml
    assert recoded.criterion == pytest.approx(fit.criterion + change, abs=1e-8)
    assert recoded.fitted.to_numpy() == pytest.approx(fit.fitted.to_numpy(), abs=OPTIMUM)


@few
@given(cases(), st.sampled_from([0.25, 9.0]))
def test_weights_count_relative_to_sigma(case: Case, by: float) -> None:
    """sigma^2 / w: all weights times c is sigma^2 times c, and nothing else."""
    weights = np.ones(len(case.data)) if case.weights is None else case.weights
    plain = rm.lmer(case.formula, case.data, case.reml, weights=weights)
    heavy = rm.lmer(case.formula, case.data, case.reml, weights=by * weights)
    assert heavy.criterion == pytest.approx(plain.criterion, abs=1e-8)
    assert heavy.sigma == pytest.approx(np.sqrt(by) * plain.sigma, rel=OPTIMUM)
    assert heavy.beta.to_numpy() == pytest.approx(plain.beta.to_numpy(), abs=OPTIMUM)


@few
@given(cases())
def test_an_offset_is_subtracted_from_the_response(case: Case) -> None:
    data = case.data.assign(o=np.linspace(-5, 5, len(case.data)))
    by_formula = case.fit(data, case.formula + " + offset(o)")
    by_hand = case.fit(data.assign(y=data["y"] - data["o"]))
    same_fit(by_formula, by_hand)
    assert by_formula.beta.to_numpy() == pytest.approx(by_hand.beta.to_numpy(), abs=1e-9)
    assert by_formula.fitted.to_numpy() == pytest.approx((by_hand.fitted + data["o"]).to_numpy())


@few
@given(cases())
def test_none_of_twenty_random_thetas_does_better(case: Case) -> None:
    fit = case.fit()
    rng = np.random.default_rng(1)
    for _ in range(20):
        other = fit.theta.to_numpy() + rng.normal(size=fit.design.m) * rng.choice([1e-3, 0.1, 1.0])
        there = rm.penalized.criterion(fit.design, other, case.reml)
        assert there >= fit.criterion - 1e-9


@few
@given(cases())
def test_the_marginal_route_finds_the_same_optimum(case: Case) -> None:
    fit = case.fit()
    other = rm.lmer(case.formula, case.data, case.reml, weights=case.weights, route="marginal")
    same_fit(fit, other)
    assert other.vcov.to_numpy() == pytest.approx(fit.vcov.to_numpy(), rel=1e-6, abs=1e-9)
    ours, theirs = fit.ranef(cond_var=True), other.ranef(cond_var=True)
    assert ours.cond_var is not None
    assert theirs.cond_var is not None
    for group, frame in ours.items():
        assert theirs[group].to_numpy() == pytest.approx(frame.to_numpy(), abs=1e-6)
        assert theirs.cond_var[group] == pytest.approx(ours.cond_var[group], rel=1e-6, abs=1e-9)
