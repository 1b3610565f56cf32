"""Responses drawn from a fit have its law; a bootstrap is what its replicates are, one by one."""

from __future__ import annotations

import warnings
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import refmixed as rm
from refmixed.after.confint import METHODS
from refmixed.after.draws import bootstrap as module
from refmixed.after.draws import law, resample
from refmixed.errors import (
    ExtraError,
    GroupError,
    NewLevelError,
    OptionError,
    RefmixedWarning,
    ReplicateWarning,
    WeightsError,
)

pytestmark = pytest.mark.numerical

SLEEP = rm.load_dataset("sleepstudy")
FIT = rm.lmer("Reaction ~ Days + (Days | Subject)", SLEEP)
DYES = rm.lmer("Yield ~ 1 + (1 | Batch)", rm.load_dataset("Dyestuff"))
SINGULAR = rm.lmer("Yield ~ 1 + (1 | Batch)", rm.load_dataset("Dyestuff2"))
SIX = 6.5  # standard errors
CHANCE = 2 * norm.sf(SIX) * 3000  # of a sound law failing a test of moments: that many comparisons
assert CHANCE < 1e-6


def build() -> pd.DataFrame:
    """Two crossed factors, one nested in the first, weights and an offset."""
    random, n = np.random.default_rng(8), 48
    g, h = np.arange(n) % 8, random.integers(0, 5, n)
    data = pd.DataFrame(random.normal(size=(n, 3)), columns=["y", "x", "o"])
    data["g"], data["h"] = [f"g{k}" for k in g], [f"h{k}" for k in h]
    data["s"] = [f"s{k}" for k in 2 * g + random.integers(0, 2, n)]
    data["w"] = random.uniform(0.3, 3, n)
    data["y"] += 2 * random.normal(size=8)[g] + random.normal(size=5)[h] + 3 * data["o"]
    data["y"] += random.normal(size=8)[g] * data["x"]
    return data


DATA = build()
WEIGHTED = rm.lmer("y ~ x + (x | g) + (1 | h)", DATA, weights="w", offset="o")


def assert_law(Y: np.ndarray, mean: np.ndarray, V: np.ndarray) -> None:
    """Columns of Y (n, b) have a mean and a covariance; a sound law fails with chance CHANCE."""
    n, b = Y.shape
    z = np.linalg.solve(np.linalg.cholesky(V), Y - mean[:, None])  # standard normal, independent
    assert np.abs(z.mean(axis=1)).max() < SIX / np.sqrt(b)
    off = np.abs(z @ z.T / b - np.eye(n)) / np.sqrt((1 + np.eye(n)) / b)
    assert off.max() < SIX


def V_of(fit: rm.Fit) -> np.ndarray:
    """(n, n): the covariance by definition."""
    return fit.sigma**2 * rm.marginal.at(fit.design, fit.theta.to_numpy(), fit.reml).V0


# --- responses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("fit", [WEIGHTED, DYES, SINGULAR])
def test_responses_have_the_model_s_mean_and_covariance(fit: rm.Fit) -> None:
    """With weights, an offset and crossed factors, too; and with a variance of zero."""
    mean = fit.design.offset + fit.design.X @ fit.beta.to_numpy()
    assert_law(fit.simulate(20_000, seed=1).to_numpy(), mean, V_of(fit))


def test_the_test_of_moments_sees_weights_and_effects_that_are_left_out() -> None:
    Y = WEIGHTED.simulate(20_000, seed=1).to_numpy()
    mean = WEIGHTED.design.offset + WEIGHTED.design.X @ WEIGHTED.beta.to_numpy()
    other = rm.lmer("y ~ x + (x | g) + (1 | h)", DATA, offset="o", theta=WEIGHTED.theta)
    for wrong in (mean - WEIGHTED.design.offset, WEIGHTED.fitted.to_numpy()):
        with pytest.raises(AssertionError):
            assert_law(Y, wrong, V_of(WEIGHTED))
    with pytest.raises(AssertionError):
        assert_law(Y, mean, V_of(other) * (WEIGHTED.sigma / other.sigma) ** 2)


def test_kept_effects_leave_the_errors_alone() -> None:
    V = np.diag(WEIGHTED.sigma**2 / WEIGHTED.design.weights)
    Y = WEIGHTED.simulate(20_000, seed=1, random="kept")
    assert_law(Y.to_numpy(), WEIGHTED.fitted.to_numpy(), V)


def test_a_model_without_random_terms_has_errors_alone() -> None:
    fit = rm.lm("y ~ x", DATA, weights="w")
    V = np.diag(fit.sigma**2 / fit.design.weights)
    assert_law(fit.simulate(20_000, seed=1).to_numpy(), fit.fitted.to_numpy(), V)


@pytest.mark.parametrize("random", ["new", "kept"])
@pytest.mark.parametrize("fit", [FIT, WEIGHTED, rm.lm("y ~ x", DATA)])
def test_a_replicate_depends_on_the_seed_and_its_number_alone(fit: rm.Fit, random: str) -> None:
    whole = fit.simulate(53, seed=7, random=random)
    for nsim in (1, 2, law.BLOCK, law.BLOCK + 1, 50):
        part = fit.simulate(nsim, seed=7, random=random)
        assert part.to_numpy().tobytes() == whole.iloc[:, :nsim].to_numpy().tobytes()
    source = law.Normal(law.fitted_law(fit, random))
    later = law.draws(source, 7, range(45, 53))
    assert later.tobytes() == whole.to_numpy().T[45:].tobytes()
    assert not (fit.simulate(1, seed=8, random=random)[0] == whole[0]).any()


def test_units_and_origins_of_a_slope_s_column_change_no_response() -> None:
    other = SLEEP.assign(Days=1e6 + 24 * SLEEP["Days"])
    far = rm.lmer(FIT.formula, other)
    np.testing.assert_allclose(far.simulate(3, seed=5), FIT.simulate(3, seed=5), rtol=1e-7)


def test_new_rows_have_new_groups_with_the_model_s_covariance() -> None:
    """In rows of two groups, none of them in the data, and of one that is."""
    new = DATA.iloc[:12].assign(g=["a", "b", "g1"] * 4, h="z", o=0.5)
    fit = rm.lmer("y ~ x + offset(o) + (x | g) + (1 | h)", DATA, weights="w")
    w = np.linspace(0.5, 2, 12)
    given = rm.design("y ~ x + offset(o) + (x | g) + (1 | h)", new, allow_saturated=True, weights=w)
    V = fit.sigma**2 * rm.marginal.at(given, fit.theta.to_numpy(), True).V0
    Y = fit.simulate(20_000, seed=2, newdata=new, weights=w)
    assert_law(Y.to_numpy(), fit.predict(new, random=False).to_numpy(), V)
    with pytest.raises(WeightsError, match="give those of the rows of newdata"):
        fit.simulate(newdata=new)
    named = fit.simulate(3, seed=2, newdata=new.assign(v=w), weights="v")
    np.testing.assert_array_equal(named, Y.iloc[:, :3])
    with pytest.raises(NewLevelError, match="no effects to keep: take random='new'"):
        fit.simulate(newdata=new, weights=w, random="kept")


def test_new_rows_of_a_fit_to_arrays_and_rows_that_lack_a_value() -> None:
    X = np.column_stack([np.ones(180), SLEEP["Days"]])
    arrays = rm.fit(SLEEP["Reaction"], X, [(SLEEP["Subject"], X)])
    new = SLEEP.iloc[:20].assign(Subject=["a"] * 10 + ["b"] * 10)
    theirs = FIT.simulate(3, seed=5, newdata=new)
    ours = arrays.simulate(3, seed=5, newdata=(X[:20], [(new["Subject"], X[:20])]))
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)
    gaps = new.assign(
        Subject=new["Subject"].where(new.index > 2), Days=new["Days"].where(new.index != 5)
    )
    lacking = FIT.simulate(2, seed=5, newdata=gaps).isna()
    assert list(lacking.index[lacking.all(axis=1)]) == [0, 1, 2, 5]
    assert lacking.to_numpy().sum() == 8


def test_chunks_are_simulated_in_new_rows_alone() -> None:
    fit = rm.lmer(FIT.formula, [SLEEP[:90], SLEEP[90:]])
    for call in (fit.simulate, fit.bootstrap):
        with pytest.raises(OptionError, match="come in chunks are not kept"):
            call(2)
    np.testing.assert_allclose(
        fit.simulate(2, seed=1, newdata=SLEEP[:10]),
        FIT.simulate(2, seed=1, newdata=SLEEP[:10]),
        rtol=1e-8,
    )


# --- the bootstrap --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["parametric", "residual"])
@pytest.mark.parametrize("fit", [FIT, WEIGHTED])
def test_replicates_are_the_fits_to_the_responses(fit: rm.Fit, kind: str) -> None:
    found = fit.bootstrap(3, seed=3, kind=kind)
    source = (
        law.Normal(law.fitted_law(fit, "new"))
        if kind == "parametric"
        else resample.Resampled.of(fit, "new")
    )
    Y = law.draws(source, 3, range(3))
    for j in range(3):
        one = fit.refit(Y[j])
        assert isinstance(one, rm.Fit)
        sds = [sd for term in one.varcorr.values() for sd in term.sd]
        ours = found.replicates.iloc[j]
        assert ours.filter(like="sd_").to_numpy() == pytest.approx(sds, rel=1e-5, abs=1e-6)
        corr = next(iter(one.varcorr.values())).corr.iloc[1, 0]
        assert ours.filter(like="cor_").iloc[0] == pytest.approx(corr, rel=1e-5, nan_ok=True)
        assert ours[list(one.beta.index)].to_numpy() == pytest.approx(one.beta, rel=1e-6)
        assert ours["sigma"] == pytest.approx(one.sigma, rel=1e-8)
        assert found.table["criterion"][j] == pytest.approx(one.criterion, rel=1e-12)


def test_names_are_those_of_lme4() -> None:
    names = ["sd_(Intercept)|Subject", "cor_Days.(Intercept)|Subject", "sd_Days|Subject", "sigma"]
    found = FIT.bootstrap(2, seed=1)
    assert list(found.estimates.index) == [*names, "(Intercept)", "Days"]
    proven = [24.7404514644039, 0.0655513196549739, 5.92213310373191, 25.5918156267252]
    assert found.estimates.iloc[:4].to_numpy() == pytest.approx(proven, rel=1e-8)
    assert list(found.table.columns)[6:] == [
        *(f"theta_{name}" for name in FIT.theta.index),
        "criterion",
        "is_singular",
        "messages",
    ]


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("parametric", {}),
        ("residual", {"random": "kept"}),
        ("case", {}),
        ("parametric", {"statistic": lambda fit: {"beta": fit.beta["Days"]}}),
    ],
)
def test_processes_change_nothing(kind: str, options: dict[str, Any]) -> None:
    size = 2 * law.BLOCK + 3
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST", law.BLOCK)  # three chunks
        serial = FIT.bootstrap(size, seed=2, kind=kind, **options)
        parallel = FIT.bootstrap(size, seed=2, kind=kind, jobs=2, **options)
    pd.testing.assert_frame_equal(serial.table, parallel.table, check_exact=True)
    fewer = FIT.bootstrap(5, seed=2, kind=kind, **options)
    np.testing.assert_allclose(fewer.replicates, serial.replicates[:5], rtol=1e-7)


def test_pools_have_the_model_s_variances() -> None:
    """Of effects, the weighted residuals, and the effects of the responses that are drawn."""
    for fit in (FIT, WEIGHTED):
        pools = resample.Resampled.of(fit, "new")
        for pool in (*pools.effects, pools.errors[:, None]):
            assert pool.mean(axis=0) == pytest.approx(0, abs=1e-12)
            assert pool.T @ pool / len(pool) == pytest.approx(np.eye(pool.shape[1]), abs=1e-12)
    random = np.random.default_rng(1)
    drawn = resample.Resampled.of(FIT, "new").draw(random, 4000).T
    mean = FIT.predict(random=False).to_numpy()
    variances = ((drawn - mean[:, None]) ** 2).mean(axis=1)
    # of squares of what has a kurtosis below 9: the error of a mean of 4000 is below a 22nd
    assert variances == pytest.approx(np.diag(V_of(FIT)), rel=SIX / 22)


def test_reflated_effects_are_those_of_the_paper() -> None:
    """Centred, times the triangles of the model's covariance and of the empirical one."""
    raw = FIT.ranef()["Subject"].to_numpy()
    raw = raw - raw.mean(axis=0)
    model = np.linalg.cholesky(FIT.varcorr["Subject"].cov)
    theirs = raw @ np.linalg.inv(np.linalg.cholesky(raw.T @ raw / 18)).T @ model.T
    pools = resample.Resampled.of(FIT, "new")
    loads = pools.law.loads[0][:10]  # of one subject's days
    ours = pools.effects[0] @ loads.T
    both = theirs @ FIT.design.X[:10].T
    # the two roots of a covariance differ by a rotation: the products of rows are the same
    assert ours.T @ ours == pytest.approx(both.T @ both, rel=1e-8)
    gram = [
        block @ np.linalg.solve(block.T @ block, block.T) for block in (ours[:, :2], both[:, :2])
    ]
    assert gram[0] == pytest.approx(gram[1], abs=1e-8)


def test_an_effect_without_variance_stays_without() -> None:
    found = SINGULAR.bootstrap(30, seed=1, kind="residual")
    assert not resample.Resampled.of(SINGULAR, "new").effects[0].any()
    assert found.refits.is_singular.sum() > 5
    assert "singular, 0 failed" in str(found)


def test_a_group_that_is_drawn_twice_is_two_groups() -> None:
    design = rm.lmer("y ~ x + (x | g) + (1 | g:s) + (1 | h)", DATA, theta=[1, 0, 1, 1, 1]).design
    outer = next(term for term in design.terms if term.group == "g")
    drawn = resample.of_levels(design, outer, np.array([3, 3, 0, 1, 1, 1, 7, 2]))
    inside, ours, crossed = (
        next(t for t in drawn.terms if t.group == name) for name in ("g:s", "g", "h")
    )
    assert len(ours.levels) == 8
    rows = np.flatnonzero(outer.codes == 3)
    assert (drawn.y[:12] == np.tile(design.y[rows], 2)).all()
    assert (drawn.weights[:6] == design.weights[rows]).all()
    assert set(inside.codes[:6]).isdisjoint(inside.codes[6:12])
    assert (crossed.codes[:6] == crossed.codes[6:12]).all()
    assert len(crossed.levels) <= 5


def test_case_replicates_are_lmer_s_of_data_that_repeat_groups() -> None:
    found = FIT.bootstrap(2, seed=4, kind="case")
    chosen = law.draws(resample.Levels(18), 4, range(2))
    subjects = SLEEP["Subject"].cat.categories
    for j in range(2):
        parts = [SLEEP[SLEEP["Subject"] == subjects[k]] for k in chosen[j]]
        data = pd.concat(part.assign(Subject=f"s{k:02d}") for k, part in enumerate(parts))
        again = rm.lmer(FIT.formula, data.reset_index(drop=True))
        assert found.table["criterion"][j] == pytest.approx(again.criterion, rel=1e-12)
        assert found.replicates["Days"][j] == pytest.approx(again.beta["Days"], rel=1e-8)


def test_replicates_that_fail_are_counted_and_named() -> None:
    """Three groups, one of them with the only rows where x is not zero."""
    data = pd.DataFrame({"g": [*"aaaabbbbcccc"], "x": [0.0] * 8 + [1, 2, 3, 5]})
    data["y"] = [1.0, 2, 4, 3, 7, 8, 6, 9, 3, 1, 4, 2]
    fit = rm.lmer("y ~ x + (1 | g)", data)
    without = ~(law.draws(resample.Levels(3), 1, range(40)) == 2).any(axis=1)
    assert without.sum() == 5
    with pytest.warns(
        ReplicateWarning, match="5 of 40 replicates could not be fitted.*columns of X"
    ):
        found = fit.bootstrap(40, seed=1, kind="case")
    assert (found.failed == without).all()
    assert (found.replicates["x"].isna() == without).all()
    assert found.messages.sum() >= 5
    assert "5 failed" in str(found)
    assert found.summary()["mean"].notna().all()


def test_intervals_are_order_statistics() -> None:
    found = DYES.bootstrap(39, seed=1)
    ordered = np.sort(found.replicates.to_numpy(), axis=0)
    assert (found.confint(0.9).to_numpy() == ordered[[1, 37]].T).all()
    twice = 2 * found.estimates.to_numpy()[:, None]
    assert found.confint(0.9, "basic").to_numpy() == pytest.approx(twice - ordered[[37, 1]].T)
    with pytest.warns(ReplicateWarning, match=r"too few for an interval of 0.99, which needs 199"):
        outer = found.confint(0.99)
    assert (outer.to_numpy() == ordered[[0, 38]].T).all()
    direct = module.intervals(DYES, 0.9, nsim=39, seed=1, interval="basic")
    pd.testing.assert_frame_equal(direct, found.confint(0.9, "basic"))
    sd = DYES.confint("bootstrap", 0.9, ".sig01", nsim=39, seed=1, interval="basic")
    pd.testing.assert_frame_equal(sd, direct.iloc[:1])
    assert all(f'"{name}"' in str(rm.Fit.confint.__doc__) for name in METHODS)


def test_a_correlation_with_a_zero_has_no_value_and_its_quantiles_are_of_the_others() -> None:
    small = rm.lmer(FIT.formula, SLEEP, theta=[0.02, 0, 0.02])
    found = small.bootstrap(60, seed=1)
    corr = found.replicates.filter(like="cor_").iloc[:, 0]
    assert 0 < corr.isna().sum() < 60
    assert found.refits.is_singular[corr.isna()].all()
    assert found.failed.sum() == 0
    low, high = found.confint(0.5).filter(like="cor_", axis=0).iloc[0]
    assert corr.min() <= low < high <= corr.max()


def test_the_spread_of_beta_is_its_standard_error() -> None:
    """Balanced data: beta-hat is a mean, its variance vcov.  A variance of 999 draws is within
    SIX / sqrt(500) of it but with a chance below 1e-9."""
    found = FIT.bootstrap(999, seed=6).summary()
    ratio = (found["se"][["(Intercept)", "Days"]] / FIT.se) ** 2
    assert ratio.to_numpy() == pytest.approx([1, 1], abs=SIX / np.sqrt(500))
    off = found["bias"][["(Intercept)", "Days"]] / FIT.se * np.sqrt(999)
    assert np.abs(off).max() < SIX


def test_a_statistic_is_asked_of_each_fit() -> None:
    found = DYES.bootstrap(4, seed=2, statistic=lambda fit: fit.ranef()["Batch"]["(Intercept)"])
    Y = DYES.simulate(4, seed=2)
    one = DYES.refit(Y[3].to_numpy())
    assert isinstance(one, rm.Fit)
    assert found.replicates.loc[3].to_numpy() == pytest.approx(one.ranef()["Batch"]["(Intercept)"])
    assert list(found.estimates.index) == list("ABCDEF")
    assert list(DYES.bootstrap(2, seed=2, statistic=lambda fit: fit.sigma).estimates.index) == [
        "t1"
    ]
    two = DYES.bootstrap(2, seed=2, statistic=lambda fit: [fit.sigma, fit.criterion]).replicates
    assert two["t1"].to_numpy() == pytest.approx(
        [DYES.refit(Y[k].to_numpy()).sigma for k in range(2)]
    )
    with pytest.raises(OptionError, match="not an empty dict"):
        DYES.bootstrap(2, seed=2, statistic=lambda fit: {})
    with pytest.raises(OptionError, match="statistic must return a number"):
        DYES.bootstrap(2, statistic=lambda fit: fit.varcorr)

    def fails(fit: rm.Fit) -> float:
        return 1.0 if fit is DYES else 1 / 0

    with pytest.raises(ZeroDivisionError) as caught:
        DYES.bootstrap(2, statistic=fails)
    assert caught.value.__notes__ == ["in the statistic of replicate 0"]


def test_every_kind_of_fit_has_a_bootstrap() -> None:
    X = np.column_stack([np.ones(180), SLEEP["Days"]])
    fits = [
        rm.lm("Reaction ~ Days", SLEEP),
        rm.fit(SLEEP["Reaction"], X, [(SLEEP["Subject"], X)], reml=False),
        rm.lmer(FIT.formula, SLEEP, route="penalized"),
        rm.lmer("y ~ 1 + (1 | g/s)", DATA),
        rm.lmer("y ~ x + (1 | g) + (0 + x | g)", DATA),
    ]
    for fit in fits:
        for kind in ("parametric", "residual", "case")[: 2 + bool(fit.design.terms)]:
            found = fit.bootstrap(3, seed=1, kind=kind)
            assert (
                found.replicates.drop(columns=found.replicates.filter(like="cor_"))
                .notna()
                .all(axis=None)
            )


def test_what_cannot_be_is_refused_in_a_sentence() -> None:
    cases = [
        (lambda: FIT.simulate(0), "nsim must be a whole number, 1 or more, not 0"),
        (lambda: FIT.bootstrap(0), "nsim must be a whole number, 1 or more, not 0"),
        (lambda: FIT.simulate(1, seed=-1), "seed must be a whole number, 0 or more"),
        (lambda: FIT.simulate(1, random="old"), "random must be one of 'new', 'kept'"),
        (lambda: FIT.bootstrap(2, kind="wild"), "kind must be one of"),
        (lambda: FIT.bootstrap(2, kind="case", random="kept"), "draws whole groups"),
        (lambda: FIT.bootstrap(2, group="Subject"), "it goes with no other kind"),
        (lambda: FIT.bootstrap(2, kind="case", group="Subjekt"), "did you mean 'Subject'"),
        (lambda: WEIGHTED.bootstrap(2, kind="case"), "none of the factors g, h holds all others"),
        (lambda: rm.lm("y ~ x", DATA).bootstrap(2, kind="case"), "this model has no groups"),
        (lambda: FIT.bootstrap(2, jobs=0), "jobs must be a whole number, 1 or more"),
        (lambda: FIT.bootstrap(2, statistic=3), "statistic must be a function of a fit, not 3"),
        (lambda: FIT.simulate(2, weights=[1.0]), "weights= are those of newdata"),
        (lambda: DYES.confint("bootstrap", statistic=len), "has no option 'statistic'; it has int"),
        (lambda: DYES.confint("bootstrap", which="theta_"), "not of theta"),
        (lambda: DYES.bootstrap(2, seed=1).confint(95), "level must be a number between 0 and 1"),
        (lambda: DYES.bootstrap(2, seed=1).confint(0.9, "bca"), "kind must be one of"),
    ]
    for call, words in cases:
        with pytest.raises(OptionError, match=words):
            call()
    few = SLEEP[SLEEP["Subject"].isin(["308", "309"])].reset_index(drop=True)
    two = rm.lmer(FIT.formula, few, theta=[1, 0, 1])
    with pytest.raises(OptionError, match="take kind='parametric'"):
        two.bootstrap(2, kind="residual")
    one = rm.lmer("Reaction ~ Days + (1 | Subject)", few[:10], theta=[1])
    with pytest.raises(GroupError, match="has the single level"):
        one.bootstrap(2)


def test_progress_and_processes_need_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    DYES.bootstrap(2, seed=1, progress=True)
    monkeypatch.setitem(__import__("sys").modules, "tqdm", None)
    with pytest.raises(ExtraError, match=r"this needs tqdm: .* pip install '\.\[studies\]'"):
        DYES.bootstrap(2, seed=1, progress=True)


def test_without_a_seed_there_is_one_to_repeat_it_by() -> None:
    first = DYES.bootstrap(3)
    pd.testing.assert_frame_equal(first.table, DYES.bootstrap(3, seed=first.seed).table)
    assert not DYES.simulate().equals(DYES.simulate())


def test_unidentified_variances_are_drawn_from_all_the_same() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RefmixedWarning)
        fit = rm.lmer("y ~ 1 + (1 | g) + (1 | k)", DATA.assign(k=DATA["g"] + "k"))
        assert fit.optimum.is_open
        found = fit.bootstrap(2, seed=1)
    assert found.refits.criterion.notna().all()
    assert found.refits.messages.str.contains("not told apart").all()


def test_a_column_may_be_called_as_a_parameter_is() -> None:
    fit = rm.lmer("Reaction ~ sigma + (1 | Subject)", SLEEP.rename(columns={"Days": "sigma"}))
    plain = rm.lmer("Reaction ~ Days + (1 | Subject)", SLEEP)
    ours, theirs = (one.bootstrap(39, seed=1) for one in (fit, plain))
    np.testing.assert_array_equal(ours.confint(0.9), theirs.confint(0.9))
    with pytest.raises(OptionError, match="must have names that differ"):
        fit.bootstrap(2, statistic=lambda fit: pd.Series([1.0, 2.0], index=["a", "a"]))


def test_no_new_rows_have_no_responses() -> None:
    assert FIT.simulate(2, seed=1, newdata=SLEEP[:0]).shape == (0, 2)


@pytest.mark.parametrize("reml", [True, False])
def test_replicates_are_lme4_s_fits_of_the_responses(lme4: ModuleType, reml: bool) -> None:
    """To lme4's digits where its optimiser is told to be tight."""
    fit = rm.lmer(FIT.formula, SLEEP, reml)
    found, Y = fit.bootstrap(3, seed=9), fit.simulate(3, seed=9)
    for j in range(3):
        theirs = lme4.facts(lme4.fit(fit.formula, SLEEP.assign(Reaction=Y[j]), reml))
        assert found.table["criterion"][j] == pytest.approx(theirs["criterion"], rel=1e-12)
        one, two = theirs["varcorr"]["Subject"]["sd"].values()
        numbers = [one, two, theirs["sigma"], *(theirs["beta"].values())]
        assert found.replicates.iloc[j, [0, 2, 3, 4, 5]].to_numpy() == pytest.approx(
            numbers, rel=1e-6, abs=1e-3 * theirs["sigma"] * found.refits.is_singular[j]
        )
