"""Profiles and their limits: against their definition, closed forms, proofs, and lme4 live."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats
from small_sets import SHAPES, small_set

import refmixed as rm
from refmixed.after.estimated import Estimated
from refmixed.after.limits import profile as profiles
from refmixed.after.limits.contour import contours
from refmixed.after.limits.lines import problem
from refmixed.after.limits.parameters import chosen
from refmixed.after.pictures import profile_plots
from refmixed.blocked import tree
from refmixed.errors import OptionError
from validation.adapters import r

pytestmark = pytest.mark.numerical

CASES = Path(__file__).parents[1] / "validation" / "cases"
SLOPES = "Reaction ~ Days + (Days | Subject)"
DATA = {name: rm.load_dataset(name) for name in ("sleepstudy", "Dyestuff", "Dyestuff2", "Pastes")}
SLEEP = rm.lmer(SLOPES, DATA["sleepstudy"], reml=False)
SLEEP_REML = rm.lmer(SLOPES, DATA["sleepstudy"])
DYES = rm.lmer("Yield ~ 1 + (1 | Batch)", DATA["Dyestuff"], reml=False)
NO_BATCH = rm.lmer("Yield ~ 1 + (1 | Batch)", DATA["Dyestuff2"], reml=False)
LINE = rm.lm("Reaction ~ Days", DATA["sleepstudy"], reml=False)
RISE = stats.chi2.ppf(0.95, 1)


def three_effects() -> pd.DataFrame:
    """Ten groups of eight, two slopes."""
    random = np.random.default_rng(3)
    g, x, z = np.repeat(np.arange(10), 8), np.tile(np.arange(8.0), 10), random.normal(size=80)
    b = random.normal(size=(10, 3)) @ np.array([[1.0, 0.5, 0], [0, 0.8, 0.3], [0, 0, 0.5]])
    y = 1 + 2 * x + b[g, 0] + b[g, 1] * x + b[g, 2] * z + 0.7 * random.normal(size=80)
    return pd.DataFrame({"y": y, "x": x, "z": z, "g": pd.Categorical(g)})


THREE = rm.lmer("y ~ x + (x + z | g)", three_effects())


def limits(fit: rm.Fit, name: str, **options: object) -> np.ndarray:
    return fit.confint("profile", which=name, **options).to_numpy()[0]  # type: ignore[arg-type]


# --- the definition -------------------------------------------------------------------------------


def unprofiled(fit: rm.Fit, v: np.ndarray, reml: bool) -> float:
    """-2 log-likelihood of sleepstudy's model by the n x n definition, beta at its best.

    v: two standard deviations, their correlation, sigma.
    """
    X, y, s1, s2, rho, sigma = fit.design.X, fit.design.y, *v
    S = np.array([[s1**2, rho * s1 * s2], [rho * s1 * s2, s2**2]])
    V = fit.design.Z @ np.kron(np.eye(18), S) @ fit.design.Z.T + sigma**2 * np.eye(180)
    G = X.T @ np.linalg.solve(V, X)
    e = y - X @ np.linalg.solve(G, X.T @ np.linalg.solve(V, y))
    restricted = np.linalg.slogdet(G)[1] - 2 * np.log(2 * np.pi) if reml else 0.0
    d = np.linalg.slogdet(V)[1] + e @ np.linalg.solve(V, e) + 180 * np.log(2 * np.pi)
    return float(d + restricted)


@pytest.mark.parametrize(
    ("place", "name", "reml"), [(0, ".sig01", False), (1, ".sig03", True), (2, ".sig02", False)]
)
def test_at_a_limit_the_least_criterion_is_the_minimum_plus_the_quantile(
    place: int, name: str, reml: bool
) -> None:
    """By Nelder and Mead's method on the definition, which knows nothing of ours: 6 digits."""
    fit = SLEEP_REML if reml else SLEEP
    table = fit.profile(name, reml=reml).table
    for limit in limits(fit, name, reml=reml):
        row = table.iloc[(table["value"] - limit).abs().argmin()]
        start = np.delete(row.iloc[[3, 5, 4, 6]].to_numpy(float), place)

        def height(rest: np.ndarray, limit: float = limit) -> float:
            return unprofiled(fit, np.insert(rest, place, limit), reml)

        found = optimize.minimize(height, start, method="Nelder-Mead", options={"fatol": 1e-8})
        assert found.fun - fit.criterion == pytest.approx(RISE, abs=1e-6)


@pytest.mark.parametrize(
    ("fit", "which"),
    [
        (SLEEP, ["cor_Days.(Intercept)|Subject"]),
        (SLEEP, ["sd_Days|Subject"]),
        (SLEEP, ["theta_Subject.Days.(Intercept)"]),
        (SLEEP, ["Days", "sigma"]),
        (THREE, ["cor_z.x|g"]),
        (THREE, ["sd_x|g"]),
        (THREE, ["theta_g.z.x"]),
    ],
)
def test_gradient_and_hessian_are_those_of_the_criterion(fit: rm.Fit, which: list[str]) -> None:
    """By central differences, which have 8 digits, away from the minimum."""
    of = problem(Estimated.of(fit), chosen(fit.design, which))
    held, h = of.held, of.held.h
    x = of.best.x + np.random.default_rng(2).uniform(-0.1, 0.1, len(of.best.x))
    here, steps = held.at(x), 1e-5 * np.eye(len(x))
    around = [(held.at(x + step), held.at(x - step)) for step in steps]
    slopes = np.array([(up.height - down.height) / 2e-5 for up, down in around])
    bends = np.array([(up.gradient[h:] - down.gradient[h:]) / 2e-5 for up, down in around[h:]])
    assert here.gradient == pytest.approx(slopes, rel=1e-6, abs=1e-5)
    assert here.hessian == pytest.approx(bends, rel=1e-6, abs=1e-5 * np.abs(bends).max())


def test_the_profile_of_a_coefficient_is_that_of_the_model_with_it_in_the_offset() -> None:
    for limit in limits(SLEEP, "Days"):
        data = DATA["sleepstudy"].assign(held=limit * DATA["sleepstudy"]["Days"])
        held = rm.lmer("Reaction ~ 1 + offset(held) + (Days | Subject)", data, reml=False)
        assert held.criterion - SLEEP.criterion == pytest.approx(RISE, abs=1e-9)


def test_all_parameters_along_a_profile_are_where_the_criterion_is_least() -> None:
    table = SLEEP.profile("sigma").table
    for _, row in table.iloc[::4].iterrows():
        height = unprofiled(SLEEP, row.iloc[[3, 5, 4, 6]].to_numpy(float), reml=False)
        assert height - SLEEP.criterion == pytest.approx(row["zeta"] ** 2, abs=1e-8)


# --- closed forms ---------------------------------------------------------------------------------


def test_without_random_effects_limits_are_those_of_least_squares() -> None:
    """zeta^2 = n log(1 + t^2/(n - p)) for a coefficient; n (r - 1 - log r), r = s^2/sigma^2."""
    n, p = 180, 2
    half = np.sqrt((n - p) * np.expm1(RISE / n)) * LINE.se * np.sqrt(n / (n - p))
    expected = np.column_stack([LINE.beta - half, LINE.beta + half])
    found = LINE.confint(which="beta_")
    assert found.to_numpy() == pytest.approx(expected, rel=1e-12)
    for reml, dof in ((False, n), (True, n - p)):
        s2 = LINE.sigma**2 * n / dof
        for sigma in limits(LINE, "sigma", reml=reml):
            ratio = s2 / sigma**2
            assert dof * (ratio - 1 - np.log(ratio)) == pytest.approx(RISE, rel=1e-11)


def test_of_a_single_random_intercept_theta_alone_is_the_criterion_itself() -> None:
    for reml, fit in ((False, DYES), (True, DYES.refit(DYES.design.y))):
        best = rm.lmer("Yield ~ 1 + (1 | Batch)", DATA["Dyestuff"], reml)
        for theta in limits(fit, "theta_Batch.(Intercept)", reml=reml):
            there = rm.marginal.criterion(best.design, np.array([theta]), reml)
            assert there - best.criterion == pytest.approx(RISE, abs=1e-11)


# --- proofs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["Dyestuff-ml", "sleepstudy-slopes-ml", "one-of-two-zero-reml"])
@pytest.mark.parametrize("route", ["auto", "penalized"])
def test_limits_have_twelve_of_the_proven_digits(case: str, route: str) -> None:
    from validation.adapters import refmixed as adapter
    from validation.suite.compare import digits
    from validation.suite.requests import request

    read = json.loads((CASES / f"{case}.inference.json").read_text())
    proven = {q: v for q, v in read["expected"].items() if q.startswith("profile")}
    answers = adapter.run(request(read) | {"asked": list(proven)}, route)["answers"]
    for quantity, value in proven.items():
        assert digits(quantity, answers[quantity], value["value"], value["digits"]) > 12


def test_lme4s_limits_have_fewer_digits(lme4: ModuleType) -> None:
    """Its limits are interpolated: 5 digits of sleepstudy's, 3 of Dyestuff's lower one."""
    for name, formula, rel in (
        ("sleepstudy", SLOPES, 1e-4),
        ("Dyestuff", "Yield ~ 1 + (1 | Batch)", 3e-4),
        ("Pastes", "strength ~ 1 + (1 | batch/cask)", 1e-3),
    ):
        theirs = r.ask(CONFINT, formula, DATA[name])
        ours = rm.lmer(formula, DATA[name]).confint("profile")
        assert list(theirs["names"]) == list(ours.index)
        assert ours.to_numpy().T.ravel() == pytest.approx(theirs["limits"], rel=rel, abs=1e-3)
        assert list(ours.columns) == list(theirs["heads"])
        wald = rm.lmer(formula, DATA[name]).confint("wald")
        assert wald.to_numpy().T.ravel() == pytest.approx(theirs["wald"], rel=1e-6)
    assert limits(DYES, ".sig01")[0] == pytest.approx(12.1965053, rel=3e-9)


CONFINT = """function(formula, data) {
    fit <- lme4::lmer(as.formula(formula), data)
    found <- suppressMessages(confint(fit, oldNames = FALSE, quiet = TRUE))
    wald <- confint(fit, parm = "beta_", method = "Wald")
    list(names = rownames(found), heads = colnames(found), limits = c(found), wald = c(wald))
}"""


# --- boundaries -----------------------------------------------------------------------------------


def test_a_standard_deviation_that_may_be_zero_has_zero_for_its_lower_limit() -> None:
    assert limits(NO_BATCH, ".sig01")[0] == 0.0
    assert limits(NO_BATCH, ".sig01")[1] > 1.0
    low = limits(DYES, ".sig01", level=0.95)[0]
    zero = rm.lm("Yield ~ 1", DATA["Dyestuff"], reml=False).criterion - DYES.criterion
    assert low > 0.0
    assert zero > RISE
    beyond = stats.chi2.cdf(zero, 1) + 1e-9  # the level at which zero is just within
    assert limits(DYES, ".sig01", level=beyond)[0] == 0.0
    assert limits(DYES, ".sig01", level=beyond - 1e-6)[0] > 0.0


def test_a_correlation_of_what_does_not_vary_may_be_anything() -> None:
    data = pd.DataFrame({"g": pd.Categorical(np.repeat(np.arange(6), 6))})
    data["x"] = np.tile(np.arange(-2.5, 3), 6)
    data["y"] = np.tile(np.random.default_rng(1).normal(size=6), 6)  # every group the same
    fit = rm.lmer("y ~ x + (x | g)", data, reml=False)
    name = "cor_x.(Intercept)|g"
    assert fit.varcorr["g"].sd["x"] == 0.0
    assert limits(fit, name).tolist() == [-1.0, 1.0]
    found = fit.profile(name)
    assert np.isnan(found.estimates[name])
    assert found.table["zeta"].tolist() == [0.0]
    assert limits(fit, "sd_x|g")[0] == 0.0
    assert np.isfinite(fit.confint()).all().all()


def test_a_correlation_ends_at_one_where_one_is_likely_enough() -> None:
    random = np.random.default_rng(5)
    g, x = np.repeat(np.arange(8), 6), np.tile(np.arange(6.0), 8)
    b = random.normal(size=8)
    y = b[g] * (2 + x) + 0.8 * random.normal(size=48)
    fit = rm.lmer("y ~ x + (x | g)", pd.DataFrame({"y": y, "x": x, "g": g}), reml=False)
    low, high = limits(fit, "cor_x.(Intercept)|g")
    assert high == 1.0
    assert -1.0 < low < 1.0


def test_where_another_minimum_is_lower_the_profile_is_that_ones() -> None:
    """At its limits the criterion has risen so much and no less, by a search all over."""
    data = small_set(670)
    fit = rm.lmer(SHAPES["crossed"], data, reml=False)
    for name, rest in (("x", "1"), ("(Intercept)", "0 + x")):
        for limit in limits(fit, name):
            moved = data.assign(at=limit * (data["x"] if name == "x" else 1.0))
            held = rm.lmer(f"y ~ {rest} + offset(at) + (1 | g) + (1 | h)", moved, reml=False)
            assert held.criterion - fit.criterion == pytest.approx(RISE, abs=1e-8)


def test_the_sign_of_what_is_held_is_kept() -> None:
    """theta_21 < 0 and theta_11 = 0 is theta_22 = |theta_21|, and no further goes either.

    With theta_11 < 0 the covariance would be that of a theta_21 > 0, whose limit is another one.
    """
    fit = rm.lmer(SHAPES["slopes"], small_set(721))
    low, high = limits(fit, "theta_g.x.(Intercept)", reml=True)
    assert -low == pytest.approx(limits(fit, "theta_g.x", reml=True)[1], rel=1e-9)
    assert high > 1.01 * -low


# --- what limits do not hang on -------------------------------------------------------------------


def test_units_origins_and_the_order_of_rows_change_nothing() -> None:
    data, same = three_effects(), ["cor_z.x|g", "sigma"]
    first = THREE.confint(which=[*same, "sd_x|g", "x"])
    moved = data.sample(frac=1, random_state=1).assign(x=lambda d: 1e4 * d["x"] + 3e6)
    second = rm.lmer("y ~ x + (x + z | g)", moved).confint(which=[*same, "sd_x|g", "x"])
    assert second.loc[same].to_numpy() == pytest.approx(first.loc[same].to_numpy(), rel=1e-8)
    for name in ("sd_x|g", "x"):
        assert 1e4 * second.loc[name].to_numpy() == pytest.approx(first.loc[name], rel=1e-8)


@pytest.mark.parametrize("route", ["penalized", "marginal"])
def test_every_route_has_the_same_limits(route: str) -> None:
    there = rm.lmer("Yield ~ 1 + (1 | Batch)", DATA["Dyestuff"], route=route).confint()
    assert there.to_numpy() == pytest.approx(DYES.confint().to_numpy(), rel=1e-11)


def test_limits_do_not_hang_on_how_far_the_profile_was_followed() -> None:
    near, far = DYES.profile(".sig01", level=0.5), DYES.profile(".sig01", level=0.99)
    assert near.confint().to_numpy() == pytest.approx(far.confint().to_numpy(), rel=1e-11)
    wide, narrow = far.confint(0.999), far.confint(0.5)
    assert (wide.iloc[:, 0] < narrow.iloc[:, 0]).all()
    assert (wide.iloc[:, 1] > narrow.iloc[:, 1]).all()


def test_a_reml_fit_has_ml_profiles_as_in_lme4_and_others_by_name() -> None:
    dyes = rm.lmer("Yield ~ 1 + (1 | Batch)", DATA["Dyestuff"])
    ml = DYES.confint()
    assert dyes.confint().to_numpy() == pytest.approx(ml.to_numpy(), rel=1e-11)
    reml = dyes.confint(reml=True)
    assert list(reml.index) == list(ml.index[:2])  # and no coefficient
    assert reml.iloc[0, 1] - ml.iloc[0, 1] > 10.0


def test_factors_that_are_eliminated_together_have_the_same_limits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """70 classes are more than a few: then one theta is taken at a time, not many."""
    random = np.random.default_rng(0)
    pupil = np.arange(360) % 140
    room = pupil % 70
    y = random.normal(size=360) + random.normal(size=140)[pupil] + random.normal(size=70)[room]
    data = pd.DataFrame({"y": y, "pupil": pupil, "room": room})
    found = []
    for few in (60, 100):
        monkeypatch.setattr(tree, "FEW", few)
        fit = rm.lmer("y ~ 1 + (1 | pupil) + (1 | room)", data)
        found.append(limits(fit, "sigma"))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-10)


# --- names and messages ---------------------------------------------------------------------------


def test_names_are_lme4s() -> None:
    found = SLEEP.profile(level=0.1)
    assert found.short.tolist() == [".sig01", ".sig02", ".sig03", ".sigma", "(Intercept)", "Days"]
    assert list(found.short.index) == [
        "sd_(Intercept)|Subject",
        "cor_Days.(Intercept)|Subject",
        "sd_Days|Subject",
        "sigma",
        "(Intercept)",
        "Days",
    ]
    assert list(SLEEP.confint(level=0.999, which="sigma").columns) == ["0.05 %", "99.95 %"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"level": 1.0}, "level must be a number between 0 and 1, not 1.0"),
        ({"level": "high"}, "level must be a number"),
        ({"method": "exact"}, "method must be one of 'profile', 'wald'"),
        ({"which": "Dys"}, "there is no parameter 'Dys'; did you mean 'Days'?"),
        ({"which": 3}, "which must be names of parameters, not 3"),
        ({"which": []}, "which names no parameter"),
        ({"nsim": 9}, "confint() by 'profile' has no option 'nsim'; it has reml"),
        ({"method": "wald", "reml": True}, "confint() by 'wald' has no option 'reml'; it has none"),
        ({"method": "wald", "which": "sigma"}, "Wald limits are those of fixed effects"),
        ({"reml": True, "which": "Days"}, "beta has no profile by REML"),
        ({"reml": "no"}, "reml must be True or False, not 'no'"),
    ],
)
def test_what_is_not_there_is_refused_in_a_sentence(options: dict[str, object], words: str) -> None:
    with pytest.raises(OptionError, match=re.escape(words)):
        SLEEP_REML.confint(**options)  # type: ignore[arg-type]


def test_a_theta_that_was_given_has_no_profile() -> None:
    given = rm.lmer("Yield ~ 1 + (1 | Batch)", DATA["Dyestuff"], theta=[1.0])
    with pytest.raises(OptionError, match="theta was given, not estimated"):
        given.profile()


def test_a_profile_below_the_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a fit that ended beside the minimum: planted."""
    at = Estimated.of(DYES)
    beside = problem(at, chosen(DYES.design, "sigma"))
    line = beside.line(np.array([1.0]), 1.0)
    with pytest.raises(OptionError, match="below the criterion of the fit"):
        line.point(0.0, profiles.replace(beside.best, height=beside.best.height - 1.0))


# --- two parameters, and pictures -----------------------------------------------------------------


def test_the_contour_of_two_coefficients_of_least_squares_is_an_ellipse() -> None:
    table = contours(LINE, ["(Intercept)", "Days"], [0.9]).table
    away = table[["(Intercept)", "Days"]].to_numpy() - LINE.beta.to_numpy()
    XtX = LINE.design.X.T @ LINE.design.X
    rises = 180 * np.log1p(np.einsum("ri,ij,rj->r", away, XtX, away) / (180 * LINE.sigma**2))
    assert rises == pytest.approx(np.full(len(rises), stats.chi2.ppf(0.9, 2)), rel=1e-10)


def test_a_contour_is_where_the_criterion_with_both_held_has_risen() -> None:
    """One random intercept: with its variance and sigma held only beta is left."""
    pair = ["sd_(Intercept)|Batch", "sigma"]
    table = contours(DYES, pair, [0.5, 0.99]).table
    X, y, Z = DYES.design.X[:, 0], DYES.design.y, DYES.design.Z
    for _, (level, sd, sigma, at_end) in table.iloc[::7].iterrows():
        V = sd**2 * Z @ Z.T + sigma**2 * np.eye(30)
        mean = X @ np.linalg.solve(V, y) / (X @ np.linalg.solve(V, X))
        rise = -2 * stats.multivariate_normal.logpdf(y, mean * X, V) - DYES.criterion
        if at_end:
            assert sd == 0.0
            assert rise < stats.chi2.ppf(level, 2)
        else:
            assert rise == pytest.approx(stats.chi2.ppf(level, 2), rel=1e-9)
    assert set(table[table["at_end"]]["level"]) == {0.99}


@pytest.mark.parametrize(
    ("which", "words"),
    [
        (["sigma"], "a contour is of two parameters, not of 1"),
        (["sd_(Intercept)|g", "cor_z.x|g"], "cannot be held together"),
        (["sd_x|g", "theta_g.x"], "cannot be held together"),
    ],
)
def test_contours_that_there_are_not(which: list[str], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        contours(THREE, which)


def test_pictures_show_what_was_computed() -> None:
    found = NO_BATCH.profile(["sd_", "sigma"])
    first, second = NO_BATCH.plot("zeta", which=["sd_", "sigma"])
    assert first.get_xlabel() == "sd_(Intercept)|Batch"
    dots = first.lines[2].get_xydata()
    assert dots == pytest.approx(found.table.iloc[: len(dots)][["value", "zeta"]].to_numpy())
    drawn = sorted(line.get_xdata()[0] for line in second.lines if len(set(line.get_xdata())) == 1)
    for end in found.confint().loc["sigma"]:
        assert min(abs(x - end) for x in drawn) < 1e-9
    grams = {"Yield": "g"}
    ax = NO_BATCH.plot("contour", second, which=["sigma", "sd_"], levels=[0.5], units=grams)
    assert ax is second
    assert ax.get_ylabel() == "sd_(Intercept)|Batch (g)"
    assert any(line.get_linestyle() == "--" and line.get_ydata()[0] == 0.0 for line in ax.lines)
    assert NO_BATCH.plot("contour", levels=[0.5]).get_ylabel() == "sigma"
    with pytest.raises(OptionError, match="ax must be an axes each of sd_"):
        NO_BATCH.plot("zeta", ax=second)


def test_between_points_a_curve_is_as_the_profile() -> None:
    """Cubics with zeta's own slopes: 4 digits between points 0.3 of zeta apart."""
    curve = DYES.profile(".sig01").curves[0]
    values, zetas = profile_plots.smooth(curve)
    for i in range(20, len(values), 70):
        down = zetas[i] < 0
        level = stats.chi2.cdf(zetas[i] ** 2, 1)
        assert limits(DYES, ".sig01", level=level)[0 if down else 1] == pytest.approx(
            values[i], rel=1e-3
        )
