"""Laws of likelihood ratios of variances: exact, in the limit, and what tests make of them."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import refmixed as rm
from refmixed.after.ratio import cones, one_variance
from refmixed.after.ratio.nested import information_on, nested
from refmixed.after.ratio.one_variance import OneVariance
from refmixed.errors import OptionError
from validation.adapters import r

pytestmark = pytest.mark.numerical

SLEEP, DYES, CAKE = (rm.load_dataset(name) for name in ("sleepstudy", "Dyestuff", "cake"))
RNG = np.random.default_rng(7)
SIZES = np.array([2, 3, 5, 8, 12])


def unbalanced() -> pd.DataFrame:
    """Five groups of different sizes, a predictor, weights, and a response without groups."""
    rng, n = np.random.default_rng(5), SIZES.sum()
    columns = {"y": rng.normal(size=n), "x": rng.normal(size=n), "w": rng.uniform(0.5, 2, n)}
    return pd.DataFrame(columns).assign(g=np.repeat(list("abcde"), SIZES))


DATA = unbalanced()
FORMULA = "y ~ x + (1 | g)"


# --- one variance: balanced groups, in closed form ------------------------------------------------


@pytest.mark.parametrize("m", [2, 3, 6, 20])
@pytest.mark.parametrize("reml", [True, False])
def test_in_balanced_groups_it_is_the_f_test(m: int, reml: bool) -> None:
    k = 5
    nu, N, c = m * (k - 1), (m * k - 1 if reml else m * k), (m - 1 if reml else m)
    data = pd.DataFrame({"y": RNG.normal(size=m * k), "g": np.repeat(np.arange(m), k)})
    law = OneVariance.of(rm.design("y ~ 1 + (1 | g)", data.astype({"g": str})), reml)
    for F in (1.21 * c / (m - 1), 2.0 * c / (m - 1), 9.0):
        rho = F * (m - 1) / c  # where the criterion is least
        total, left = (m - 1) * F + nu, (m - 1) * F / rho + nu
        found, error = law.sf(N * np.log(total / left) - c * np.log(rho))
        assert error == 0.0
        assert found == pytest.approx(stats.f.sf(F, m - 1, nu), rel=1e-10)
    assert law.zero[0] == pytest.approx(stats.f.cdf(c / (m - 1), m - 1, nu), rel=1e-12)


def test_six_groups_of_five_have_these_masses_at_zero() -> None:
    design = rm.design("Yield ~ 1 + (1 | Batch)", DYES)
    assert [round(OneVariance.of(design, reml).zero[0], 3) for reml in (True, False)] == [
        0.561,
        0.661,
    ]


# --- one variance: any groups ---------------------------------------------------------------------

EXACT = """function(y, x, g, w, nsim, what, seed) {
  library(RLRsim); set.seed(seed); s <- sqrt(w)
  X <- s * cbind(1, x); Z <- s * model.matrix(~ 0 + factor(g)); R <- diag(ncol(Z))
  as.numeric(switch(what, RLRT = RLRTSim(X, Z, qrX = qr(X), sqrt.Sigma = R, nsim = nsim),
         LRT = LRTSim(X, Z, q = 0, sqrt.Sigma = R, nsim = nsim),
         both = LRTSim(X, Z, q = 1, sqrt.Sigma = R, nsim = nsim))) }"""


@pytest.mark.parametrize("what", ["RLRT", "LRT", "both"])
def test_the_law_is_rlrsims(lme4: ModuleType, what: str) -> None:
    """20,000 of its draws, at five points: beyond five standard errors with probability 1e-5.

    Its millions, by hand (nsim 2e6, unweighted): .40072 (35) and .25557 (31) above zero beside
    .40024 (5) and .25604 (5) here, by REML and by ML.
    """
    if not r.ask("function() requireNamespace('RLRsim', quietly = TRUE)")[0]:
        pytest.skip("R has no package RLRsim")
    design = rm.design(FORMULA, DATA, weights="w")
    law = OneVariance.of(design, what == "RLRT", extra=int(what == "both"))
    codes = np.repeat(np.arange(5.0), SIZES)
    columns = DATA["y"].to_numpy(), DATA["x"].to_numpy(), codes, DATA["w"].to_numpy()
    draws = r.ask(EXACT, *columns, 2e4, what, 11.0)
    for t in (0.01, 0.5, 1.5, 3.0, 6.0):
        p, error = law.sf(t)
        assert error < 1e-3
        assert abs((draws > t).mean() - p) < 5 * np.sqrt(p * (1 - p) / 20_000 + error**2)


@pytest.mark.parametrize("reml", [True, False])
def test_fits_of_random_responses_have_it(reml: bool) -> None:
    """100 responses: off by four standard errors at one of three points with probability 2e-4."""
    none = rm.lm("y ~ x", DATA, reml, weights="w")
    some = rm.lmer(FORMULA, DATA, reml, weights="w")
    Y = none.simulate(100, seed=2)
    ratios = (none.refit(Y).criterion - some.refit(Y).criterion).to_numpy()
    law = OneVariance.of(some.design, reml)
    for t in (0.0, 0.4, 2.0):
        p, _ = law.sf(t)
        assert abs((ratios > t + 1e-9).mean() - p) < 4 * np.sqrt(p * (1 - p) / 100)


def test_the_law_is_of_the_design_alone() -> None:
    """Not of units, origins, the unit of weights, the order of rows, or a route."""
    law = OneVariance.of(rm.design(FORMULA, DATA, weights="w"), True)
    others = [
        DATA.assign(x=1e3 + DATA["x"], y=-4 * DATA["y"]),
        DATA.assign(w=1e3 * DATA["w"]),
        DATA.sample(frac=1, random_state=1),
        DATA.assign(g=DATA["g"].map(dict(zip("abcde", "dbeca", strict=True)))),
    ]
    for data in others:
        same = OneVariance.of(rm.design(FORMULA, data, weights="w"), True)
        assert (same.rest, same.N) == (law.rest, law.N)
        for name in ("mu", "xi"):  # they come in times one another alone: the unit is tau's
            own, theirs = getattr(same, name) / same.mu[0], getattr(law, name) / law.mu[0]
            np.testing.assert_allclose(own, theirs, rtol=1e-9)
        for name in ("sizes", "counts"):
            np.testing.assert_array_equal(getattr(same, name), getattr(law, name))
    np.testing.assert_allclose(same.sf(0.8), law.sf(0.8), rtol=1e-6)


def test_monte_carlo_errors_are_those_of_other_seeds() -> None:
    """Four seeds: their spread is within a factor of four of what each one tells."""
    law = OneVariance.of(rm.design(FORMULA, DATA), False)
    found = [
        OneVariance(law.mu, law.sizes, law.xi, law.counts, law.rest, law.N, s).sf(1.0)
        for s in range(4)
    ]
    spread = np.std([p for p, _ in found])
    told = np.sqrt(np.mean([error**2 for _, error in found]))
    assert spread / 4 < told < 4 * spread
    assert told < 1e-4


def test_equal_eigenvalues_are_one() -> None:
    values = np.array([2.0, 1.0 + 1e-12, 1.0, 1.0 - 1e-12, 1e-14, -1e-15])
    mu, sizes = one_variance.distinct(values)
    np.testing.assert_allclose(mu, [2.0, 1.0], rtol=1e-11)
    assert list(sizes) == [1, 3]


# --- cones ----------------------------------------------------------------------------------------


def test_weights_of_corners_are_binomial_where_variances_are_apart() -> None:
    np.testing.assert_allclose(cones.corner(np.diag([2.0, 3.0])), [0.25, 0.5, 0.25])
    np.testing.assert_allclose(cones.corner(np.diag([2.0, 3.0, 9.0])), np.array([1, 3, 3, 1]) / 8)


def correlated(s: int, seed: int = 3) -> np.ndarray:
    root = np.random.default_rng(seed).normal(size=(s, s + 2))
    return root @ root.T


@pytest.mark.parametrize("s", [1, 2, 3])
@pytest.mark.parametrize("free", [0, 2])
def test_projections_have_the_weights_of_corners(s: int, free: int) -> None:
    """4,000 directions: beyond five standard errors with probability 1e-6."""
    J = correlated(s)
    exact, n = cones.chi_bar(J, (1,) * s, free), cones.DRAWS
    share = cones.shares(J, (1,) * s, free)
    drawn = cones.ChiBar(np.full(n, 1 / n), share, np.full(n, free + s), drawn=True)
    for t in (0.5, 2.0, 6.0):
        p, error = drawn.sf(t)
        assert exact.sf(t)[1] == 0.0
        assert abs(p - exact.sf(t)[0]) < 5 * error


def test_a_round_cone_has_the_weights_of_its_angle() -> None:
    """Covariances of two effects whose entries count alike: 45 degrees about the identity."""
    inside = (1 - np.sqrt(0.5)) / 2
    weights = [inside, 0.5 - inside, 0.5 - inside, inside]
    np.testing.assert_allclose(cones.rounded(np.eye(3)), weights, rtol=1e-13)
    for t in (1.0, 4.0):
        wanted = weights[1:] @ stats.chi2.sf(t, [1, 2, 3])
        assert cones.chi_bar(np.diag([3.0, 6.0, 3.0]), (2,), 0).sf(t) == (
            pytest.approx(wanted, rel=1e-12),
            0.0,
        )


@pytest.mark.parametrize("free", [0, 2])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_projections_have_the_weights_of_a_round_cone(seed: int, free: int) -> None:
    """4,000 directions: beyond five standard errors with probability 2e-6."""
    J, n = correlated(3, seed), cones.DRAWS
    share = cones.shares(J, (2,), free)
    drawn = cones.ChiBar(np.full(n, 1 / n), share, np.full(n, free + 3), drawn=True)
    for t in (1.0, 5.0):
        p, error = drawn.sf(t)
        assert abs(p - cones.chi_bar(J, (2,), free).sf(t)[0]) < 5 * error


@pytest.mark.parametrize("sizes", [(2,), (1, 2), (3,), (1, 1, 1, 1)])
def test_a_projection_leaves_what_is_orthogonal_to_it(sizes: tuple[int, ...]) -> None:
    """d in the cone, J (z - d) in the polar cone, and the two orthogonal."""
    s = sum(k * (k + 1) // 2 for k in sizes)
    J = cones.in_units(correlated(s), sizes)
    z = np.random.default_rng(4).normal(size=(50, s))
    d = cones.projected(z, J, sizes)
    rest = (z - d) @ J
    np.testing.assert_allclose(cones.positive(d, sizes), d, atol=1e-10)
    assert np.abs(cones.positive(rest, sizes)).max() < 1e-3
    assert np.abs((rest * d).sum(axis=1)).max() < 1e-3


# --- what lies in what ----------------------------------------------------------------------------

LIES = [  # the smaller, the larger, effects that are new a term, parameters of any sign more
    ("Reaction ~ Days", "Reaction ~ Days + (1 | Subject)", (1,), 0),
    ("Reaction ~ Days", "Reaction ~ Days + (Days | Subject)", (2,), 0),
    ("Reaction ~ Days", "Reaction ~ Days + (Days || Subject)", (1, 1), 0),
    ("Reaction ~ 1", "Reaction ~ Days + (1 | Subject)", (1,), 1),
    ("Reaction ~ Days + (1 | Subject)", "Reaction ~ Days + (Days | Subject)", (1,), 1),
    ("Reaction ~ Days + (0 + Days | Subject)", "Reaction ~ Days + (Days | Subject)", (1,), 1),
    ("Reaction ~ Days + (1 | Subject)", "Reaction ~ Days + (Days || Subject)", (1,), 0),
    ("Reaction ~ Days + (Days || Subject)", "Reaction ~ Days + (Days | Subject)", (), 1),
    ("Reaction ~ Days + (1 | Subject)", "Reaction ~ Days + (1 | Subject)", (), 0),
    ("Reaction ~ Days + (1 | Days)", "Reaction ~ Days + (1 | Subject)", None, None),
]


@pytest.mark.parametrize(("small", "large", "new", "free"), LIES)
def test_what_is_tested_is_seen(small: str, large: str, new: Any, free: Any) -> None:
    found = nested(*(rm.design(formula, SLEEP) for formula in (small, large)))
    assert (None if found is None else (found.new, found.free)) == (
        None if new is None else (new, free)
    )


def test_the_information_is_that_of_traces() -> None:
    """Half the trace of P V_a P V_b, all but the cone's estimated; the slope is the old effect."""
    data = SLEEP.sample(110, random_state=2)  # in balanced data nothing hangs on the slope
    data = data.assign(
        Days=data["Days"] - 3.0, Reaction=data["Reaction"] + 30 * np.sin(data["Days"])
    )
    small = rm.lmer("Reaction ~ Days + (0 + Days | Subject) + (1 | Days)", data)
    large = rm.lmer("Reaction ~ Days + (Days | Subject) + (1 | Days)", data)
    lies = nested(small.design, large.design)
    assert lies is not None
    assert (small.theta > 0.1).all()
    days, sigma2 = data["Days"].to_numpy(), 1.0
    subject = (data["Subject"].to_numpy()[:, None] == data["Subject"].to_numpy()).astype(float)
    day = (days[:, None] == days).astype(float)
    one, line = np.ones(110), days
    parts = [np.outer(line, line), np.outer(line, one) + np.outer(one, line), np.outer(one, one)]
    V = [subject * part for part in parts] + [day, np.eye(110)]
    own = small.theta**2
    V0 = own["Subject.Days"] * V[0] + own["Days.(Intercept)"] * day + sigma2 * V[4]
    V_inv, X = np.linalg.inv(V0), large.design.X
    P = V_inv - V_inv @ X @ np.linalg.solve(X.T @ V_inv @ X, X.T @ V_inv)
    PV = [P @ part for part in V]
    J = np.array([[np.trace(a @ b) / 2 for b in PV] for a in PV])
    others = [0, 1, 3, 4]
    left = J[2, 2] - J[2, others] @ np.linalg.solve(J[np.ix_(others, others)], J[others, 2])
    found = information_on(small, large, lies)
    scaled = np.mean((1 - days * days.sum() / (days @ days)) ** 2)  # of what is left of ones
    assert found is not None
    assert found.item() == pytest.approx(left / scaled**2, rel=1e-8)


# --- tests of a fit -------------------------------------------------------------------------------

RANOVA = """function(formula, data) {
  s <- lmerControl(optCtrl = list(xtol_abs = 1e-12, xtol_rel = 0, ftol_abs = 0, ftol_rel = 0,
                                  maxeval = 1e5))
  m <- eval(as.call(list(quote(lme4::lmer), as.formula(formula), quote(data), control = s)))
  t <- lmerTest::ranova(m); c(list(names = row.names(t)), as.list(t)) }"""
RANOVAS = [
    (SLEEP, "Reaction ~ Days + (Days | Subject)"),
    (SLEEP, "Reaction ~ Days + (1 | Subject)"),
    (rm.load_dataset("Penicillin"), "diameter ~ 1 + (1 | plate) + (1 | sample)"),
    (CAKE, "angle ~ recipe + temp + (temp | recipe:replicate)"),
]


@pytest.mark.filterwarnings("ignore::refmixed.errors.RefmixedWarning")
@pytest.mark.parametrize(("data", "formula"), RANOVAS)
def test_random_effects_are_left_out_as_by_lmertest(
    lme4: ModuleType, data: pd.DataFrame, formula: str
) -> None:
    if not r.ask("function() requireNamespace('lmerTest', quietly = TRUE)")[0]:
        pytest.skip("R has no package lmerTest")
    table = rm.lmer(formula, data).test_random().table
    names, npar, loglik, aic, lrt, df, p = r.ask(RANOVA, formula, data).values()
    assert list(table.index) == list(names)
    np.testing.assert_allclose(table["logLik"], loglik, rtol=1e-9)  # its smaller fits stop early
    np.testing.assert_allclose(table["LRT"], lrt, rtol=1e-6)
    for ours, theirs in (("npar", npar), ("AIC", aic), ("Df", df), ("Pr(>Chisq)", p)):
        np.testing.assert_allclose(table[ours], theirs, rtol=1e-4)


def test_each_law_has_its_column() -> None:
    table = rm.lmer("Yield ~ 1 + (1 | Batch)", DYES).test_random().table.iloc[1]
    groups = [rows for _, rows in DYES.groupby("Batch", observed=True)["Yield"]]
    assert table["Pr(exact)"] == pytest.approx(stats.f_oneway(*groups).pvalue, rel=1e-10)
    assert table["Pr(>Chisq)"] == pytest.approx(2 * table["Pr(mixture)"], rel=1e-14)
    slope = rm.lmer("Reaction ~ Days + (Days | Subject)", SLEEP).test_random().table.iloc[1]
    half = stats.chi2.sf(slope["LRT"], [1, 2]).mean()
    assert slope["Pr(mixture)"] == pytest.approx(half, rel=1e-14)
    assert np.isnan(slope["Pr(exact)"])


def test_a_comparison_has_the_same_p_values() -> None:
    small, large = rm.lm("Yield ~ 1", DYES), rm.lmer("Yield ~ 1 + (1 | Batch)", DYES)
    compared = large.anova(small, refit=False, boundary=True).table.iloc[1]
    alone = large.test_random().table.iloc[1]
    for name in ("Pr(>Chisq)", "Pr(mixture)", "Pr(exact)"):
        assert compared[name] == alone[name]
    mean = rm.lm("Reaction ~ 1", SLEEP).anova(
        rm.lmer("Reaction ~ Days + (1 | Subject)", SLEEP), boundary=True
    )
    assert 0 < mean.table["Pr(exact)"].iloc[1] < mean.table["Pr(>Chisq)"].iloc[1]


def test_a_ratio_of_zero_has_no_p_value_below_one() -> None:
    table = rm.lmer("Yield ~ 1 + (1 | Batch)", rm.load_dataset("Dyestuff2")).test_random().table
    assert table.iloc[1][["Pr(>Chisq)", "Pr(mixture)", "Pr(exact)"]].tolist() == [1.0, 1.0, 1.0]


def test_where_a_law_is_not_known_a_note_says_why() -> None:
    data = rm.load_dataset("Dyestuff2").assign(x=np.arange(30) % 5)
    small, large = (rm.lmer(f"Yield ~ 1 + ({x} | Batch)", data) for x in ("1", "x"))
    found = small.anova(large, boundary=True)
    assert np.isnan(found.table["Pr(mixture)"].iloc[1])
    assert "is singular, and the mixture is not known" in found.notes[1]
    other = rm.lmer("angle ~ recipe + (0 + recipe | replicate)", CAKE)
    found = other.anova(rm.lmer("angle ~ recipe + (1 | replicate)", CAKE), boundary=True)
    assert "not seen how" in found.notes[1]


@pytest.mark.filterwarnings("ignore::refmixed.errors.RefmixedWarning")
def test_simulated_p_values_are_the_exact_ones() -> None:
    """99 draws: off by four standard errors with probability 6e-5."""
    data = DATA.assign(y=DATA["y"] + 0.4 * DATA["g"].map(dict(zip("abcde", range(5), strict=True))))
    fit = rm.lmer(FORMULA, data)
    row = fit.test_random(nsim=99, seed=5).table.iloc[1]
    p = row["Pr(exact)"]
    assert 0.001 < p < 0.2
    assert abs(row["Pr(simulated)"] - p) < 4 * np.sqrt(p * (1 - p) / 99) + 1 / 100
    few = [fit.test_random(nsim=9, seed=5).table["Pr(simulated)"].iloc[1] for _ in range(2)]
    assert few[0] == few[1]


def test_nothing_depends_on_an_origin_or_on_the_order_of_effects() -> None:
    lm = rm.lm("Reaction ~ Days", SLEEP)
    near = rm.lmer("Reaction ~ Days + (Days | Subject)", SLEEP).anova(lm, boundary=True).table
    far = SLEEP.assign(Days=SLEEP["Days"] + 1e5)
    moved = rm.lmer("Reaction ~ Days + (Days | Subject)", far).anova(
        rm.lm("Reaction ~ Days", far), boundary=True
    )
    p = near["Pr(mixture)"].iloc[1]
    assert moved.table["Pr(mixture)"].iloc[1] == pytest.approx(p, rel=1e-4)
    assert p < near["Pr(>Chisq)"].iloc[1] / 2


def test_arrays_and_chunks() -> None:
    X = np.column_stack([np.ones(180), SLEEP["Days"]])
    arrays = rm.fit(SLEEP["Reaction"], X, [(SLEEP["Subject"], X)]).test_random().table
    formula = rm.lmer("Reaction ~ Days + (Days | Subject)", SLEEP).test_random().table
    np.testing.assert_allclose(arrays, formula, rtol=1e-9)
    parts = [SLEEP[:60], SLEEP[60:]]
    chunks = rm.lmer("Reaction ~ Days + (1 | Subject)", parts)
    found = chunks.anova(rm.lm("Reaction ~ Days", parts), boundary=True).table.iloc[1]
    rows = rm.lmer("Reaction ~ Days + (1 | Subject)", SLEEP)
    wanted = rows.anova(rm.lm("Reaction ~ Days", SLEEP), boundary=True).table.iloc[1]
    np.testing.assert_allclose(found, wanted, rtol=1e-8)
    with pytest.raises(OptionError, match="compare the two by anova"):
        chunks.test_random()


REFUSED = {
    "with random terms": lambda: rm.lm("Reaction ~ Days", SLEEP).test_random(),
    "without theta=": lambda: rm.lmer("Yield ~ 1 + (1 | Batch)", DYES, theta=[1.0]).test_random(),
    "nsim must be": lambda: rm.lmer("Yield ~ 1 + (1 | Batch)", DYES).test_random(nsim=-1),
    "seed must be": lambda: rm.lmer("Yield ~ 1 + (1 | Batch)", DYES).test_random(9, "x"),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_cannot_be_tested_is_refused(sentence: str) -> None:
    with pytest.raises(OptionError, match=sentence):
        REFUSED[sentence]()
