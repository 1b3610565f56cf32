"""The studies of the chapter say what they are there to say, and say it again byte for byte."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import refmixed as rm
from refmixed.errors import PerfectFitError, StudyError
from refmixed.population import Sample, sample_x, sample_y
from refmixed.studies import (
    STUDIES,
    coverage,
    independent,
    laplace,
    neyman_scott,
    raters,
    shrinkage,
    small_areas,
)
from refmixed.studies.command import add_parser
from refmixed.studies.shared import COMPLETE, NONE, PARTIAL, Z
from refmixed.study.files import read_study
from refmixed.study.refit import refitter
from refmixed.study.replicates import CHUNK, Chunks, Source
from refmixed.study.storage import Parts
from refmixed.study.together import OfMany

RESULTS = Path(__file__).parents[1] / "derivations" / "results"
SIX = 6.5  # standard errors of a mean; beyond them by chance: with probability below 1e-10
assert 2 * norm.sf(SIX) < 1e-10


def command(*arguments: str) -> None:
    """refmixed study ..."""
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    args = parser.parse_args(["study", *arguments])
    args.run(args)


SMALL = {
    "counties": [],
    "sleep": [],
    "shrinkage": ["--nsim", "3"],
    "raters": ["--nsim", "1"],
    "coverage": ["--nsim", "2"],
    "small-areas": [],
    "neyman-scott": ["--nsim", "2"],
    "laplace": ["--nsim", "1"],
}


@pytest.mark.parametrize("name", SMALL)
def test_a_study_is_reproduced_byte_for_byte(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("first", "second"):
        command(name, *SMALL[name], "--out", str(tmp_path / folder))
    assert len(capsys.readouterr().out.splitlines()) > 8  # two tables
    for file in (f"{name}.parquet", f"{name}.csv", f"{name}.png"):
        first, second = (tmp_path / folder / file for folder in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()
    said = read_study(tmp_path / "first" / f"{name}.parquet").attrs["study"]
    assert said["seed"] == STUDIES[name].seed
    assert said["versions"]["refmixed"] == rm.__version__


def test_independent_parts_are_fitted_as_one_model() -> None:
    """100 counties in one fit, and the same in two parts."""
    rng = np.random.default_rng(4)
    county = rng.integers(0, 100, 700)
    income = rng.normal(size=100)[county] + rng.normal(size=700)
    data = pd.DataFrame({"county": [f"c{k:02d}" for k in county], "income": income})
    parts = small_areas.split(data)
    assert len(parts) == 2
    fit = rm.lmer("income ~ (1 | county)", data)
    found = independent.minimize(parts)
    assert found.criterion == pytest.approx(fit.criterion, rel=1e-12)
    assert found.theta == pytest.approx(fit.theta.iloc[0], rel=1e-6)
    assert found.beta[0] == pytest.approx(fit.beta.iloc[0], rel=1e-7)
    assert found.beta_cov[0, 0] == pytest.approx(fit.vcov.iloc[0, 0], rel=1e-6)
    ml = independent.minimize(parts, reml=False)
    assert ml.criterion == pytest.approx(rm.lmer("income ~ (1 | county)", data, False).criterion)
    random = fit.ranef(cond_var=True)
    gamma, sd = (np.concatenate(x) for x in zip(*(independent.posterior(p, found) for p in parts),
                                                strict=True))  # fmt: skip
    assert gamma == pytest.approx(random["county"]["(Intercept)"].to_numpy(), rel=1e-6)
    assert random.cond_var is not None
    given_beta = np.sqrt(random.cond_var["county"][0, 0])
    assert sd == pytest.approx(given_beta, rel=1e-6)


def test_a_county_without_respondents_is_predicted_by_the_mean_of_all() -> None:
    found = small_areas.run(seed=3, counties=90, respondents=200)
    empty = found.rows[found.rows["respondents"] == 0]
    assert len(empty)
    assert (empty[PARTIAL] == found.fit.beta[0]).all()
    assert empty[NONE].isna().all()


def test_counties_are_estimated_better_together_than_alone() -> None:
    found = STUDIES["counties"].run()
    assert found.rmse[PARTIAL] < found.rmse[NONE]
    reached = found.table.dropna()
    assert (reached["posterior sd"] < reached[f"{NONE} se"]).all()


def test_all_52_counties_have_an_estimate() -> None:
    """One from which nobody answered has the mean of all, and the spread between counties."""
    found = STUDIES["counties"].run(seed=236)
    assert len(found.table) == 52
    empty = found.table[found.table["n"] == 0]
    assert len(empty) == 1
    assert (empty[PARTIAL] == found.fit.beta.iloc[0]).all()
    assert (empty["posterior sd"] == found.fit.varcorr["county"].sd.iloc[0]).all()
    assert (empty["ranef"] == 0).all()
    assert empty[NONE].isna().all()


def test_the_chapters_random_effects_of_sleepstudy() -> None:
    """As printed, which is right to four digits."""
    table = STUDIES["sleep"].run().table.set_index(["subject", "effect"])
    assert table.loc[("308", "Days"), "ranef"] == pytest.approx(9.1989758, rel=1e-4)
    assert table.loc[("309", "(Intercept)"), "ranef"] == pytest.approx(-40.3987381, rel=1e-4)
    assert table.loc[("308", "Days"), NONE] == pytest.approx(21.764702, rel=1e-6)


def test_the_estimators_of_the_shrinkage_study_are_of_one_estimand() -> None:
    """Partial pooling is coef() of lmer; a group's own mean is on the far side of it."""
    rng = np.random.default_rng(1)
    sample = sample_y(sample_x(shrinkage.groups(), 100, rng), rng)
    found = shrinkage.estimators(sample)(sample.frame).pivot(
        index="term", columns="estimator", values="estimate"
    )
    fit = rm.lmer("y ~ (1 | group)", sample.frame)
    assert found[PARTIAL].to_numpy() == pytest.approx(fit.coef()["group"]["(Intercept)"].to_numpy())
    assert found[NONE].to_numpy() == pytest.approx(sample.frame.groupby("group")["y"].mean())
    toward = (found[NONE] - found[PARTIAL]) / (found[NONE] - fit.beta.iloc[0])
    assert toward.between(0, 1).all()


def test_no_pooling_is_unbiased_and_complete_pooling_is_not() -> None:
    """Bias over its error is Student's t with 59 degrees of freedom: above 6.5 by chance, 2e-7."""
    table = shrinkage.run(nsim=60, seed=234).table
    off = (table["bias"].abs() / table["bias_mcse"]).groupby(table["estimator"]).max()
    assert off[NONE] < SIX < off[COMPLETE]


@pytest.fixture(scope="module")
def rated() -> pd.DataFrame:
    """Three replicates of the study of raters."""
    return raters.run(nsim=3, seed=235).rows


def test_random_intercepts_alone_report_standard_errors_that_are_far_too_small(
    rated: pd.DataFrame,
) -> None:
    """In every sample, and for both contrasts, less than half of what the slopes make them."""
    se = rated.groupby("model")["se"]
    assert se.max()["random intercepts"] < 0.5 * se.min()["random slopes"]
    assert rated["error"].isna().all()


def test_random_slopes_report_the_true_variance_of_a_contrast(rated: pd.DataFrame) -> None:
    """2 (1 - 0.7) / 33 between subjects, 2 * 0.25 (1 - 0.5) / 25 between raters, and the errors'.

    A reported variance has some 30 degrees of freedom: the mean of three is within a factor of 2.
    """
    variance = (rated.loc[rated["model"] == "random slopes", "se"] ** 2).mean()
    assert 0.5 < variance / (2 * 0.3 / 33 + 2 * 0.25 * 0.5 / 25 + 2 / (33 * 25)) < 2


@pytest.fixture(scope="module")
def layout() -> pd.DataFrame:
    """Sixty replicates of 10 groups of 10."""
    return coverage.run(60, seed=1, layouts=((10, 10),)).rows


def test_the_methods_variances_between_groups_are_those_of_the_balanced_layout(
    layout: pd.DataFrame,
) -> None:
    """Var(means) without pooling; less s^2 / k by REML; and by ML, of 9/10 of it, less s^2 / k."""
    wide = layout.pivot(index="replicate", columns=["method", "term"], values="estimate")
    means, within = wide[(NONE, "sigma_gamma^2")], wide[(NONE, "sigma^2")] / 10
    inside = means * 0.9 > within + 1e-3
    assert inside.mean() > 0.9
    reml, ml = wide[("REML", "sigma_gamma^2")], wide[("ML", "sigma_gamma^2")]
    assert reml[inside].to_numpy() == pytest.approx((means - within)[inside].to_numpy())
    assert ml[inside].to_numpy() == pytest.approx((0.9 * means - within)[inside].to_numpy())


def test_the_interval_without_pooling_leaves_out_the_variance_between_groups(
    layout: pd.DataFrame,
) -> None:
    """Its half-width is z s / sqrt(n); the error's variance is s^2 / n + sigma_gamma^2 / m."""
    found = coverage.summarized(layout).set_index(["method", "term"])
    variance = coverage.SIGMA2 / 100 + coverage.SIGMA_GAMMA2 / 10
    expected = 2 * norm.cdf(Z * np.sqrt(coverage.SIGMA2 / 100 / variance)) - 1
    margin = SIX * np.sqrt(expected * (1 - expected) / 60)
    assert abs(found.loc[(NONE, "covers mu, normal"), "mean"] - expected) < margin
    assert abs(found.loc[(NONE, "covers group mean"), "bias"]) < SIX * np.sqrt(0.05 / 60)


def test_a_study_refuses_numbers_that_it_does_not_have() -> None:
    for number in ("nsim", "seed", "jobs"):
        with pytest.raises(StudyError, match=f"the study sleep has no {number}"):
            STUDIES["sleep"].run(**{number: 3})
    for name in ("shrinkage", "raters", "coverage", "neyman-scott", "laplace"):
        with pytest.raises(StudyError, match="nsim must be a whole number, 1 or more, not 0"):
            STUDIES[name].run(nsim=0)
    with pytest.raises(StudyError, match="seed must be a whole number, 0 or more, not -1"):
        STUDIES["counties"].run(seed=-1)


@pytest.mark.numerical
@pytest.mark.parametrize("name", ["shrinkage", "raters", "coverage", "laplace"])
def test_the_books_results_are_those_of_the_command(name: str) -> None:
    """Its first replicates, again; another machine may sum in another order."""
    study, kept = STUDIES[name], RESULTS / f"{name}.parquet"
    whole, again = study.read(kept).rows, study.run(nsim=2).rows
    said = whole.attrs["study"]
    assert (said["seed"], said["nsim"]) == (study.seed, study.nsim)
    assert said["versions"]["refmixed"] == rm.__version__
    assert whole["replicate"].nunique() == study.nsim
    close = 1e-5 if name == "laplace" else 1e-10  # its search ends where the value is flat
    pd.testing.assert_frame_equal(whole[whole["replicate"] < 2], again, rtol=close, atol=close)


def test_an_interrupted_command_goes_on_from_what_it_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["shrinkage", "--nsim", str(2 * CHUNK), "--out"]
    command(*arguments, str(tmp_path / "whole"))
    add = Parts.add

    def stop(parts: Parts, k: int, rows: pd.DataFrame) -> None:
        if parts.done:
            raise KeyboardInterrupt
        add(parts, k, rows)

    with monkeypatch.context() as patch:
        patch.setattr(Parts, "add", stop)
        with pytest.raises(KeyboardInterrupt):
            command(*arguments, str(tmp_path / "broken"))
    assert not (tmp_path / "broken" / "shrinkage.parquet").exists()
    command(*arguments, str(tmp_path / "broken"))
    for file in ("shrinkage.parquet", "shrinkage.csv", "shrinkage.png"):
        assert (tmp_path / "broken" / file).read_bytes() == (tmp_path / "whole" / file).read_bytes()


def fit_functions() -> list[tuple[OfMany, Sample]]:
    """Those of the four simulations, smaller ones, with a sample each."""
    rng = np.random.default_rng(7)
    four = sample_y(sample_x(shrinkage.groups(), 30, rng), rng)
    layouts = ((5, 3), (10, 3))
    layout = sample_y(Sample(coverage.observations(layouts), coverage.one_way()), rng)
    methods = {k: coverage.refits(d) for k, d in coverage.by_layout(layout.frame).items()}
    rated = raters.crossed(rng)
    rated = rated[rated["rater"].isin(["r00", "r01", "r02", "r03"])].reset_index(drop=True)
    ratings = sample_y(Sample(rated, raters.ratings()), rng)
    models = {name: refitter(f, ratings.frame) for name, f in raters.MODELS.items()}
    return [
        (shrinkage.estimators(four), four),
        (coverage.Methods(methods), layout),
        (raters.Contrasts(models), ratings),
        (neyman_scott.Variances(dict(neyman_scott.refits(layout.frame))), layout),
    ]


@pytest.mark.numerical
@pytest.mark.parametrize(("function", "sample"), fit_functions())
def test_samples_at_once_have_the_rows_of_each(function: OfMany, sample: Sample) -> None:
    """Zeros among the estimates; and where a fit warns, it is asked by itself."""
    rng = np.random.default_rng(3)
    frames = [sample_y(sample, rng).frame for _ in range(6)]
    found = function.many(frames)
    assert sum(rows is not None for rows in found) >= 5
    for rows, frame in zip(found, frames, strict=True):
        if rows is not None:
            pd.testing.assert_frame_equal(rows, function(frame), rtol=1e-7, atol=1e-7)


def test_a_sample_that_cannot_be_fitted_is_asked_by_itself() -> None:
    """Its groups reproduce the response: the replicate fails, the others of its chunk do not."""
    ((function, sample), *_) = fit_functions()
    frames = [sample_y(sample, np.random.default_rng(k)).frame for k in range(3)]
    exact = frames[1].assign(
        y=frames[1]["group"].map({"A": 1.0, "B": 2, "C": 5, "D": 3}).astype(float)
    )
    assert [rows is None for rows in function.many([frames[0], exact, frames[2]])] == [0, 1, 0]
    with pytest.raises(PerfectFitError):
        function.many([exact, frames[0]])
    draws = iter([exact, frames[0], frames[2], exact, frames[0], frames[2]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Source, "sample", lambda self, rng: Sample(next(draws), sample.population))
        _, rows = Chunks(function, Source(sample, 0), 3, 1).run(0)
    assert list(rows["error"].notna().groupby(rows["replicate"]).any()) == [True, False, False]
    assert rows["error"].dropna().str.startswith("PerfectFitError").all()


def test_the_study_of_laplace_finds_what_glmer_finds() -> None:
    """Sixty clusters by their numbers of ones, and one by one."""
    rng = np.random.default_rng(5)
    ones = rng.binomial(4, 1 / (1 + np.exp(rng.normal(size=60))))
    data = pd.DataFrame({"y": ones / 4, "m": 4, "g": [f"{k:02d}" for k in range(60)]})
    shares = np.bincount(ones, minlength=5) / 60
    for method, nodes in laplace.NODES.items():
        fit = rm.glmer("y ~ 1 + (1 | g)", data, weights="m", nagq=nodes)
        found = laplace.estimate(4, 0.5, shares, nodes)
        assert found == pytest.approx(fit.theta.iloc[0], rel=1e-5), method


def test_laplaces_estimate_has_another_limit_than_the_truth() -> None:
    """By 25 nodes it is the truth; Laplace's is too low in pairs, or far off if ones are rare."""
    assert laplace.limit(2, 0.5, "25 nodes") == pytest.approx(laplace.SD, rel=1e-5)
    assert laplace.limit(2, 0.5, "Laplace") == pytest.approx(0.7025, abs=1e-4)
    assert laplace.limit(2, 0.05, "Laplace") > 5 * laplace.SD
    assert laplace.probabilities(8, 0.2).sum() == pytest.approx(1.0, rel=1e-10)
