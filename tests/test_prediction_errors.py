"""How far off predictions are, at a given theta: three routes, new groups, and data that are drawn.

Nothing is optimised here but where a fit is asked for, so that tolerances are tight.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from counts import examples
from hypothesis import given
from random_designs import FORMULAS, NESTED, Case, cases, make_case, nested_data, random_data
from scipy import stats

import refmixed as rm
from refmixed import blocked, linalg, marginal, penalized
from refmixed.after.hat import hat as hat_values
from refmixed.blocked import tree
from refmixed.coordinates import behaved
from refmixed.design import Design
from refmixed.errors import MemoryLimitError

pytestmark = pytest.mark.numerical

TIGHT = 1e-10  # relative
ROUTES = (blocked, penalized, marginal)
KINDS = ("beta known", "beta estimated", "theta estimated")
SLEEP = rm.load_dataset("sleepstudy")
EVERY = cases((*FORMULAS, *NESTED))


def asked(design: Design, n: int = 12) -> Design:
    """Rows of any columns and levels, whether or not one level lies in another."""
    rng = np.random.default_rng(5)
    terms = [
        replace(t, x=rng.normal(size=(n, t.k)), codes=rng.integers(0, len(t.levels), n))
        for t in design.terms
    ]
    return replace(design, y=np.zeros(n), X=rng.normal(size=(n, design.p)), terms=tuple(terms))


# --- three routes ---------------------------------------------------------------------------------


@examples(25)
@given(EVERY)
def test_three_routes_have_the_same_error_variances(case: Case) -> None:
    design = behaved(case.design).design
    rows = asked(design)
    v, *others = (route.error_variances(design, case.theta, rows) for route in ROUTES)
    whole, *wholes = (route.error_covariance(design, case.theta, rows) for route in ROUTES)
    for other in (*others, np.diag(whole)):
        np.testing.assert_allclose(v, other, rtol=TIGHT)
    for other in wholes:
        np.testing.assert_allclose(whole, other, atol=TIGHT * v.max())


@pytest.mark.parametrize(("few", "dense"), [(60, 1), (1, 100), (1, 1)])
@examples(12)
@given(case=EVERY)
def test_so_have_factors_eliminated_in_turn_and_sparse_products(
    few: int, dense: int, case: Case
) -> None:
    design, rows = case.design, asked(case.design)
    sparse = mock.patch.multiple("refmixed.blocked.crossproducts", DENSE=dense, SPARSE=9.0)
    with mock.patch.object(tree, "FEW", few), sparse:
        products = blocked.prepare(design)
        assert products.is_sparse == (dense == 1 and products.r > 1)
        v = blocked.error_variances(design, case.theta, rows)
        with mock.patch("refmixed.blocked.errors.AT_ONCE", 40.0):  # a few rows at once
            again = blocked.error_variances(design, case.theta, rows)
        of_levels = blocked.posterior(design, case.theta, False)
    np.testing.assert_allclose(v, penalized.error_variances(design, case.theta, rows), rtol=TIGHT)
    np.testing.assert_allclose(v, again, rtol=1e-12)
    right = penalized.posterior(design, case.theta, False)
    for group, (_, _, here) in rm.ranef.by_group(design).items():
        mine, whole = (found.at_levels(group, here) for found in (of_levels, right))
        np.testing.assert_allclose(mine, whole, atol=1e-9 * np.abs(whole).max())


@examples(15)
@given(EVERY)
def test_hat_values_are_what_a_fitted_value_takes_from_its_response(case: Case) -> None:
    fit = rm.result.Fit.of(case.design, case.reml, theta=case.theta)
    by_definition = 1.0 - np.diag(marginal.at(case.design, case.theta).P) / case.design.weights
    np.testing.assert_allclose(fit.hat, by_definition, rtol=1e-8, atol=1e-9)  # 1 - h: digits lost
    assert fit.design.p - 1e-9 <= fit.hat.sum() <= min(fit.nobs, fit.design.p + fit.design.q)


def test_a_changed_response_moves_its_fitted_value_by_its_hat_value() -> None:
    data = random_data(np.random.default_rng(4)).assign(w=lambda d: np.exp(d["z"] / 3))
    fit = rm.lmer("y ~ x + f + (x | g) + (1 | h)", data, weights="w", theta=[1, 0.3, 0.5, 0.8])
    for i in (0, 7, 20):
        y = fit.design.y.copy()
        y[i] += 1.0
        moved = rm.result.Fit.of(replace(fit.design, y=y), theta=fit.theta.to_numpy())
        assert moved.fitted[i] - fit.fitted[i] == pytest.approx(fit.hat[i], rel=1e-10)


# --- the joint covariance, and what is made of it -------------------------------------------------


def mixed() -> tuple[rm.Fit, pd.DataFrame]:
    """A fit of crossed groups, one with slopes; rows with levels that are new or missing."""
    data = random_data(np.random.default_rng(11))
    fit = rm.lmer("y ~ x + (x | g) + (0 + z | g) + (1 | h)", data, theta=[1, 0.5, 0.7, 0.4, 0.9])
    new = pd.DataFrame({"x": [1.0, -2, 0.5, 3], "z": [1.0, 2, 0, 1], "h": ["h0", "h1", None, "no"]})
    return fit, new.assign(g=["g1", "nobody", "g2", None])


@pytest.mark.parametrize("route", ["blocked", "penalized", "marginal"])
def test_errors_of_known_new_and_missing_groups_are_of_the_joint_covariance(route: str) -> None:
    fit, new = mixed()
    fit = rm.result.Fit.of(fit.design, route=route, theta=fit.theta.to_numpy())
    joint, T = fit.joint_cov, {name: term.cov.to_numpy() for name, term in fit.varcorr.items()}
    found = fit.predict(new, new_levels="population", se=True)
    for i, row in new.iterrows():
        x = pd.Series(0.0, index=joint.index)
        x["", "", "(Intercept)"], x["", "", "x"] = 1.0, row["x"]
        effects = {"g": [1.0, row["x"]], "g.1": [row["z"]], "h": [1.0]}
        variance = 0.0
        for term, z in effects.items():
            level = row[term[0]]
            if level in fit.ranef()[term[0]].index:
                x.loc[[(term, level, name) for name in fit.varcorr[term].sd.index]] = z
            else:
                variance += np.array(z) @ T[term] @ z
        variance += x @ joint @ x
        assert found["se"][i] == pytest.approx(np.sqrt(variance), rel=1e-10)


def test_effects_that_are_left_out_are_no_part_of_the_target() -> None:
    fit, new = mixed()
    known = new.assign(g="g1", h="h2")
    joint = fit.joint_cov
    for random, terms in (
        (["g"], ["g", "g.1"]),
        (["g.1"], ["g.1"]),
        ("~ (1 | h)", ["h"]),
        ("~ (0 + x | g)", ["x of g"]),
        ("~ (x | g) + (0 + z | g)", ["g", "g.1"]),
        (False, []),
    ):
        found = fit.predict(known, random=random, se=True)
        for i, row in known.iterrows():
            x = pd.Series(0.0, index=joint.index)
            x["", "", "(Intercept)"], x["", "", "x"] = 1.0, row["x"]
            if "g" in terms:
                x["g", "g1", "(Intercept)"] = 1.0
            if "g" in terms or "x of g" in terms:
                x["g", "g1", "x"] = row["x"]
            if "g.1" in terms:
                x["g.1", "g1", "z"] = row["z"]
            if "h" in terms:
                x["h", "h2", "(Intercept)"] = 1.0
            assert found["se"][i] == pytest.approx(np.sqrt(x @ joint @ x), rel=1e-10)
    own = fit.predict(random=["g.1"], se=True)
    again = fit.predict(random_data(np.random.default_rng(11)), random=["g.1"], se=True)
    pd.testing.assert_frame_equal(own, again, rtol=1e-10)


def test_the_joint_covariance_has_the_errors_of_beta_and_of_each_level() -> None:
    fit, _ = mixed()
    joint, levels = fit.joint_cov, fit.ranef("beta estimated")
    np.testing.assert_allclose(joint.loc[("", ""), ("", "")], fit.vcov, rtol=1e-12)
    assert levels.cond_var is not None
    for j, level in enumerate(levels["g"].index):
        own = [(t, level) for t in ("g", "g.1")]
        block = np.block([[joint.loc[a, b].to_numpy() for b in own] for a in own])
        np.testing.assert_allclose(block, levels.cond_var["g"][:, :, j], rtol=1e-9, atol=1e-12)
    assert np.linalg.eigvalsh(joint).min() > 0


def test_a_joint_covariance_that_does_not_fit_is_refused() -> None:
    fit, _ = mixed()
    with (
        mock.patch.object(linalg, "memory_limits", return_value=iter([1e3])),
        mock.patch.object(linalg, "SMALL", 1),
        pytest.raises(MemoryLimitError, match=r"predict\(se=True\)"),
    ):
        fit.joint_cov  # noqa: B018


# --- three variances of an effect -----------------------------------------------------------------


def test_the_three_variances_of_an_effect_have_three_names() -> None:
    fit = rm.lmer("Reaction ~ Days + (Days | Subject)", SLEEP)
    found = [(fit.ranef(kind).cond_var or {})["Subject"] for kind in KINDS]
    assert [round(float(v[0, 0, 0]), 1) for v in found] == [145.7, 171.6, 192.2]
    np.testing.assert_array_equal(found[0], (fit.ranef(cond_var=True).cond_var or {})["Subject"])
    for less, more in pairwise(found):
        assert np.linalg.eigvalsh(np.moveaxis(more - less, 2, 0)).min() > -1e-9


@pytest.mark.filterwarnings("ignore::refmixed.errors.RefmixedWarning")
@pytest.mark.parametrize("formula", ["y ~ x + (x | g) + (1 | h)", "y ~ x + (1 | a/b) + (1 | h)"])
@pytest.mark.parametrize("reml", [True, False])
def test_what_theta_adds_is_its_slope_times_its_error(formula: str, reml: bool) -> None:
    rng = np.random.default_rng(3)
    data = (nested_data if "/" in formula else random_data)(rng)
    fits = [rm.lmer(formula, data, reml, route=way) for way in ("auto", "penalized", "marginal")]
    theta, design = fits[0].theta.to_numpy(), fits[0].design
    free = theta > 1e-6 if "/" in formula else np.ones(len(theta), dtype=bool)
    h = 1e-5 * np.eye(len(theta))
    ends = [[marginal.posterior(design, theta + s * d).gamma for s in (1, -1)] for d in h[free]]
    D = np.array([(a - b) / 2e-5 for a, b in ends]).T  # (q, m)  by differences: 8 digits
    H = rm.derivatives.hessian(marginal.evaluate(design, theta, reml))[np.ix_(free, free)]
    added = 2 * D @ np.linalg.solve(H, D.T)
    for group, (_, _, here) in rm.ranef.by_group(design).items():
        expected = np.moveaxis(added[here[:, :, None], here[:, None, :]], 0, 2)
        for fit in fits:
            two, three = ((fit.ranef(kind).cond_var or {})[group] for kind in KINDS[1:])
            np.testing.assert_allclose(
                three - two, expected, rtol=1e-4, atol=1e-6 * np.abs(two).max()
            )


# --- drawn data -----------------------------------------------------------------------------------


def test_intervals_hold_their_targets_as_often_as_they_say() -> None:
    """With theta known the pivot has Student's t with n - p degrees of freedom, exactly.

    A centre is linear in the response, and a width is sigma times what hangs on theta alone: fits
    of unit responses tell both for 40,000 samples.  Counts are binomial, and that one of the nine
    is off its bounds has a probability below 1e-5.
    """
    rng, draws, level, n = np.random.default_rng(6), 40_000, 0.8, 24
    g, h, w = np.repeat(np.arange(6), 4), np.tile(np.arange(4), 6), rng.uniform(0.5, 2, n)
    data = pd.DataFrame({"x": rng.normal(size=n), "g": g.astype(str), "h": h.astype(str)})
    new = pd.DataFrame({"x": [0.5, -1, 2], "g": ["1", "new", "3"], "h": ["2", "1", "other"]})
    L = np.array([[0.8, 0], [-0.4, 0.6]])
    u, of_h = rng.normal(size=(draws, 7, 2)) @ L.T, 0.9 * rng.normal(size=(draws, 5))
    population = np.tile(2 + new["x"], (draws, 1))
    conditional = population + u[:, [1, 6, 3], 0] + u[:, [1, 6, 3], 1] * new["x"].to_numpy()
    conditional = conditional + of_h[:, [2, 1, 4]]
    observed = conditional + rng.normal(size=(draws, 3)) / np.sqrt(2.0)
    Y = 2 + (1 + u[:, g, 1]) * data["x"].to_numpy() + u[:, g, 0] + of_h[:, h]
    Y = Y + rng.normal(size=(draws, n)) / np.sqrt(w)  # (draws, n)

    first = rm.design("y ~ x + (x | g) + (1 | h)", data.assign(y=Y[0]), weights=w)
    theta = np.array([0.8, -0.4, 0.6, 0.9])
    fits = [rm.result.Fit.of(replace(first, y=y), theta=theta) for y in np.eye(n)]
    sigma = np.sqrt(np.einsum("dn,nm,dm->d", Y, marginal.at(first, theta).P, Y) / (n - 2))
    targets = (
        ({"random": False, "interval": "confidence"}, population),
        ({"interval": "confidence"}, conditional),
        ({"interval": "prediction", "weights": 2.0}, observed),
    )
    exact = 1 - 2 * stats.t.sf(stats.norm.ppf((1 + level) / 2), n - 2)
    low, high = stats.binom.ppf([0.5e-6, 1 - 0.5e-6], draws, exact)
    for options, target in targets:
        frames = [f.predict(new, new_levels="population", level=level, **options) for f in fits]
        centre = Y @ np.array([frame["fit"] for frame in frames])  # (draws, 3)
        width = ((frames[0]["upper"] - frames[0]["fit"]) / fits[0].sigma).to_numpy()
        held = (np.abs(centre - target) <= sigma[:, None] * width).sum(axis=0)
        assert ((low <= held) & (held <= high)).all()


# --- scale ----------------------------------------------------------------------------------------


def test_errors_of_20_000_rows_of_1_000_groups_take_less_than_three_fits() -> None:
    rng, n, groups = np.random.default_rng(1), 20_000, 1_000
    g, x, b = rng.integers(0, groups, n), rng.normal(size=n), rng.normal(size=(groups, 2))
    y = 1 + x + b[g, 0] + 0.5 * b[g, 1] * x + rng.normal(size=n)
    data = pd.DataFrame({"y": y, "x": x, "g": pd.Categorical(g.astype(str))})
    fit = rm.lmer("y ~ x + (x | g)", data)
    tracemalloc.start()
    hat, frame = fit.hat, fit.predict(se=True)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * fit.design.q**2  # bytes: no q x q matrix, let alone n x n
    np.testing.assert_allclose(frame["se"] ** 2, fit.sigma**2 * hat, rtol=1e-9)
    fitted = seconds(lambda: rm.lmer("y ~ x + (x | g)", data))
    assert seconds(lambda: (hat_values(fit), fit.predict(data, se=True))) < 3 * fitted


def seconds(ask: Callable[[], Any]) -> float:
    """The least of five."""
    found = []
    for _ in range(5):
        start = time.process_time()
        ask()
        found.append(time.process_time() - start)
    return min(found)


def test_an_origin_far_off_costs_no_digits() -> None:
    case = make_case(5, "y ~ x + (x | g)", True, False)
    data = case.data.assign(x=np.round(case.data["x"], 3))
    near, far = (rm.lmer("y ~ x + (x | g)", data.assign(x=data["x"] + a)) for a in (0.0, 1e5))
    for random in (True, False):
        se = [fit.predict(random=random, se=True)["se"] for fit in (near, far)]
        np.testing.assert_allclose(*se, rtol=1e-8)
