"""Power by simulation is what the noncentral t says where that is exact."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import refmixed as rm
from refmixed.after import ends, refit
from refmixed.after.draws import power, question
from refmixed.errors import GroupError, OptionError, ReplicateWarning

pytestmark = pytest.mark.numerical

FIVE = 5.0  # Monte Carlo errors; a share is beyond them with a chance below 1e-6 each
SLEEP = rm.load_dataset("sleepstudy")
FIT = rm.lmer("Reaction ~ Days + (Days | Subject)", SLEEP)


def paired(m: int = 12) -> rm.Fit:
    """Two measurements of each of m units, the variance between them far from zero."""
    data = pd.DataFrame({"unit": np.repeat(np.arange(m), 2).astype(str), "x": [0.0, 1.0] * m})
    data["y"] = np.random.default_rng(2).normal(size=2 * m) + np.repeat(np.arange(m), 2)
    return rm.lmer("y ~ x + (1 | unit)", data, theta=[4.0])


def near(found: power.Power, exact: list[float]) -> None:
    """Shares within FIVE errors of exact values, the errors of these."""
    p, b = np.array(exact), found.nsim
    assert np.abs(found.table["power"] - p).max() < FIVE * np.sqrt(p * (1 - p) / b).max()


def test_the_paired_t_test_has_the_power_of_the_noncentral_t() -> None:
    """Variance of a difference: 2 sigma^2 / m, of m - 1 degrees of freedom, theta not zero."""
    fit = paired()
    effects = np.array([0.0, 0.5, 1.0, 1.5]) * fit.sigma
    found = fit.power("x", effects, df=11, nsim=2000, seed=1)
    se = fit.sigma * np.sqrt(2 / 12)
    near(found, [power.exact_power(e, se, 11) for e in effects])
    assert found.table["singular"].max() < 5
    few = fit.power("x", effects, groups=6, df=5, nsim=2000, seed=1)
    near(few, [power.exact_power(e, fit.sigma * np.sqrt(2 / 6), 5) for e in effects])
    with pytest.raises(AssertionError):
        near(
            fit.power("x", effects, nsim=2000, seed=1),
            [power.exact_power(e, se, 11) for e in effects],
        )


def test_larger_groups_of_a_one_way_layout() -> None:
    """The mean of 10 groups of k: its variance is (tau^2 + sigma^2 / k) / 10."""
    y = np.random.default_rng(1).normal(size=40)
    data = pd.DataFrame({"g": np.repeat(list("abcdefghij"), 4), "y": y})
    fit = rm.lmer("y ~ 1 + (1 | g)", data, theta=[2.0])
    found = fit.power([1.0], 2 * fit.sigma, size=[4, 8], df=9, nsim=2000, seed=3)
    assert list(found.table["size"]) == [4, 8]
    se = fit.sigma * np.sqrt((4 + 1 / found.table["size"]) / 10)
    near(found, [power.exact_power(2 * fit.sigma, one, 9) for one in se])


def test_the_exact_power_of_no_effect_is_the_level() -> None:
    assert power.exact_power(0.0, 1.0, 7, 0.1) == pytest.approx(0.1, rel=1e-12)
    assert power.exact_power(2.0, 1.0, np.inf) == pytest.approx(
        stats.norm.sf(1.959963984540054 - 2) + stats.norm.sf(1.959963984540054 + 2), rel=1e-9
    )


@pytest.mark.parametrize("test", ["wald", "lrt"])
def test_a_power_is_counted_from_fits_by_themselves(test: str) -> None:
    """Of the responses that are drawn, each fitted with the effect in it."""
    found = FIT.power("Days", 2.0, nsim=8, seed=5, test=test, level=0.3).table.iloc[0]
    beta = FIT.beta.to_numpy() * [1, 0] + [0, 2.0]
    law = power.law_of(FIT.design, beta, rm.covariance.factors(FIT.design, FIT.theta), FIT.sigma)
    Y = power.draws(power.Normal(law), 5, range(8))
    rejected = 0
    for y in Y:
        data = SLEEP.assign(Reaction=y)
        if test == "wald":
            fit = rm.lmer(FIT.formula, data)
            rejected += abs(fit.beta["Days"] / fit.se["Days"]) > stats.norm.isf(0.15)
        else:
            full, null = (
                rm.lmer(f"Reaction ~ {fixed} + (Days | Subject)", data, reml=False)
                for fixed in ("Days", "1")
            )
            rejected += null.criterion - full.criterion > stats.chi2.isf(0.3, 1)
    assert found["power"] == rejected / 8
    assert 0 < rejected < 8


def test_a_contrast_is_the_same_whichever_way_it_is_written() -> None:
    data = SLEEP.assign(half=np.where(SLEEP["Days"] > 4, 1.0, 0.0))
    one = rm.lmer("Reaction ~ Days + half + (1 | Subject)", data)
    other = rm.lmer("Reaction ~ I(Days + 2 * half) + half + (1 | Subject)", data)
    for test in ("wald", "lrt"):
        ours = one.power("half", 20.0, nsim=200, seed=2, test=test)
        theirs = other.power([0, 2, 1], 20.0, nsim=200, seed=2, test=test)
        assert abs(ours.table["power"][0] - theirs.table["power"][0]) < 0.2  # another alternative
        null = one.power("half", 0.0, nsim=200, seed=2, test=test)
        again = other.power([0, 2, 1], 0.0, nsim=200, seed=2, test=test)
        assert abs(null.table["power"][0] - again.table["power"][0]) <= 0.01


def test_groups_and_rows_are_copied_as_asked() -> None:
    (many,) = question.designs(FIT.design, 20, 4, None)
    m, k, design = many
    assert (m, k, design.n, len(design.terms[0].levels)) == (20, 4, 80, 20)
    assert list(design.X[:4, 1]) == [0, 1, 2, 3]
    assert design.terms[0].codes.tolist() == np.repeat(np.arange(20), 4).tolist()
    assert len(list(question.designs(FIT.design, [2, 3, 4], [5, 6], None))) == 6
    over = question.of_size(FIT.design, FIT.design.terms[0], 12)
    assert list(over.X[:12, 1]) == [*range(10), 0, 1]


def test_weights_and_offsets_count() -> None:
    """The same model written with weights of a hundred, and with an offset that is taken off."""
    data = SLEEP.assign(w=100.0, o=5.0 * SLEEP["Days"])
    fit = rm.lmer("Reaction ~ Days + offset(o) + (1 | Subject)", data, weights="w", theta=[0.01])
    heavy = fit.power("Days", 1.0, nsim=100, seed=1).table["power"][0]
    assert heavy == rm.lmer(
        "Reaction ~ Days + (1 | Subject)", data.assign(Reaction=data["Reaction"] - data["o"]),
        weights="w", theta=[0.01],
    ).power("Days", 1.0, nsim=100, seed=1).table["power"][0]  # fmt: skip
    light, formula = data.assign(w=1.0), "Reaction ~ Days + offset(o) + (1 | Subject)"
    lighter = rm.lmer(formula, light, weights="w", theta=[0.1])
    assert fit.sigma == pytest.approx(10 * lighter.sigma)
    assert lighter.power("Days", 1.0, nsim=100, seed=1).table["power"][0] == heavy


def test_a_model_without_random_terms_and_crossed_factors_have_power() -> None:
    plain = rm.lm("Reaction ~ Days", SLEEP)
    se = plain.se["Days"]
    near(plain.power("Days", [0.0, 2 * se], nsim=2000, seed=1, df=178),
         [0.05, power.exact_power(2 * se, se, 178)])  # fmt: skip
    diameters = rm.lmer("diameter ~ 1 + (1 | plate) + (1 | sample)", rm.load_dataset("Penicillin"))
    assert diameters.power([1.0], 0.0, nsim=20, seed=1).table["failed"][0] == 0
    with pytest.raises(OptionError, match="none of the factors plate, sample holds all others"):
        diameters.power([1.0], groups=30)


def test_samples_that_fail_are_said_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    real = refit.refits

    def lame(fit: rm.Fit, Y: np.ndarray, names: pd.Index) -> ends.Refits:
        found = real(fit, Y, names)
        found.vcov[3] = np.nan
        return found

    monkeypatch.setattr(power, "refits", lame)
    with pytest.warns(ReplicateWarning, match="1 of 20 samples could not be fitted"):
        found = paired().power("x", 1.0, nsim=20, seed=1)
    assert found.table["failed"][0] == 1


def test_the_same_seed_gives_the_same_table() -> None:
    first = paired().power("x", [0, 1], nsim=30)
    again = paired().power("x", [0, 1], nsim=30, seed=first.seed)
    pd.testing.assert_frame_equal(first.table, again.table)
    assert "30 samples each" in str(first)
    assert first.table["lower"].le(first.table["power"]).all()


def test_what_cannot_be_asked_is_refused_in_a_sentence() -> None:
    fit, flat = paired(), rm.lm("y ~ x", pd.DataFrame({"y": [1.0, 2, 4], "x": [1.0, 2, 4.5]}))
    cases = [
        (lambda: fit.power("z"), "the model has no coefficient 'z'"),
        (lambda: fit.power([1, 2, 3]), "where it is no name, must be 2 finite numbers"),
        (lambda: fit.power([0, 0]), "must not be zero everywhere"),
        (lambda: fit.power("x", "large"), "effect must be a number or several"),
        (lambda: fit.power("x", groups=1), "groups must be a whole number, 2 or more"),
        (lambda: fit.power("x", groups=[]), "groups is empty: give a number or several"),
        (lambda: fit.power("x", size=0), "size must be a whole number, 1 or more"),
        (lambda: fit.power("x", df=0), "df must be a positive number"),
        (lambda: fit.power("x", level=5), "level must be a number between 0 and 1"),
        (lambda: fit.power("x", test="F"), "test must be one of 'wald', 'lrt'"),
        (lambda: fit.power("x", nsim=0), "nsim must be a whole number, 1 or more"),
        (lambda: fit.power("x", group="units"), "the model has no group 'units'"),
        (lambda: flat.power("x", groups=3), "this model has no groups"),
    ]
    for call, words in cases:
        with pytest.raises(OptionError, match=words):
            call()
    one = rm.lmer("Reaction ~ Days + (1 | Subject)", SLEEP[:10], theta=[1])
    with pytest.raises(GroupError):
        one.power("Days")
