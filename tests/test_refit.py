"""One design and many responses: what is fitted together is what each fit gives by itself."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from random_designs import FORMULAS, random_data

import refmixed as rm
from refmixed.after import ends, refit
from refmixed.errors import OptionError, RefmixedWarning

pytestmark = pytest.mark.numerical

SLEEP = rm.lmer("Reaction ~ Days + (Days | Subject)", rm.load_dataset("sleepstudy"))
DYES = rm.lmer("Yield ~ 1 + (1 | Batch)", rm.load_dataset("Dyestuff"), reml=False)


def responses(fit: rm.Fit, b: int, seed: int = 1) -> np.ndarray:
    """(n, b): drawn from a fitted model, theta halved so that zeros are among the estimates."""
    design, theta = fit.design, fit.theta.to_numpy() / 2
    root = np.linalg.cholesky(rm.marginal.at(design, theta, fit.reml).V0)
    noise = np.random.default_rng(seed).normal(size=(fit.nobs, b))
    mean = design.offset + design.X @ fit.beta.to_numpy()
    return mean[:, None] + fit.sigma * root @ noise


def alone(fit: rm.Fit, y: np.ndarray) -> rm.Fit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RefmixedWarning)
        found = fit.refit(y)
    assert isinstance(found, rm.Fit)
    return found


def agree(fit: rm.Fit, Y: np.ndarray) -> ends.Refits:
    """Fits of Y together; 12 digits of what each fit by itself gives, theta's where it has them."""
    together = fit.refit(Y)
    assert isinstance(together, ends.Refits)
    for j in range(Y.shape[1]):
        one = alone(fit, Y[:, j])
        assert together.criterion[j] == pytest.approx(one.criterion, rel=1e-12)
        assert together.sigma[j] == pytest.approx(one.sigma, rel=1e-9)
        assert together.beta.loc[j].to_numpy() == pytest.approx(one.beta.to_numpy(), rel=1e-8)
        assert together.vcov[j] == pytest.approx(one.vcov.to_numpy(), rel=1e-6, abs=1e-12)
        assert together.theta.loc[j].to_numpy() == pytest.approx(one.theta.to_numpy(), abs=1e-6)
        assert together.is_singular[j] == one.is_singular
    return together


@pytest.mark.parametrize("fit", [SLEEP, DYES])
def test_many_responses_have_the_estimates_of_each(fit: rm.Fit) -> None:
    found = agree(fit, responses(fit, 60))
    assert 3 < found.is_singular.sum() < 50
    assert (found.messages == "").all()


@pytest.mark.parametrize("formula", FORMULAS)
def test_so_they_have_in_designs_of_every_structure(formula: str) -> None:
    data = random_data(np.random.default_rng(3)).assign(w=lambda d: d["x"] ** 2 + 0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RefmixedWarning)
        fit = rm.lmer(formula, data, weights="w", offset="z")
    agree(fit, responses(fit, 8))


@pytest.mark.parametrize("formula", ["y ~ x + (1 | a/b/c)", "y ~ x + (1 | s) + (1 | i)"])
def test_so_they_have_where_responses_cannot_be_stacked(formula: str) -> None:
    """Nested factors that are eliminated in turn, and sparse products."""
    random, n = np.random.default_rng(5), 1500
    a = random.integers(0, 70, n)
    b = random.integers(0, 3, n) + 3 * a
    columns = {"a": a, "b": b, "c": 2 * b + random.integers(0, 2, n)}
    columns |= {"s": random.integers(0, 800, n), "i": random.integers(0, 300, n)}
    data = pd.DataFrame({name: codes.astype(str) for name, codes in columns.items()})
    data["x"], data["y"] = random.normal(size=(2, n))
    data["y"] += random.normal(size=70)[a] + random.normal(size=800)[columns["s"]]
    fit = rm.lmer(formula, data)
    assert not refit.is_stacked(fit)
    agree(fit, data["y"].to_numpy()[:, None] + random.normal(size=(n, 2)))


@pytest.mark.parametrize("reml", [True, False])
def test_so_they_have_where_there_is_no_random_term(reml: bool) -> None:
    data = random_data(np.random.default_rng(4)).assign(w=lambda d: d["x"] ** 2 + 0.5)
    fit = rm.lm("y ~ x + offset(z)", data, reml, weights="w")
    Y = data["y"].to_numpy()[:, None] + np.random.default_rng(5).normal(size=(len(data), 4))
    Y[:, 3] = fit.design.offset + fit.design.X @ [1, 2]
    found = agree(fit, Y[:, :3])
    assert (found.messages == "").all()
    assert "reproduces the response exactly" in fit.refit(Y).messages[3]


def test_sleepstudy_s_digits_are_those_of_a_fit_by_itself() -> None:
    Y = responses(SLEEP, 40, seed=2)
    found = SLEEP.refit(Y)
    inner = [j for j in range(40) if not found.is_singular[j]]
    ours, theirs = found.theta.loc[inner], [alone(SLEEP, Y[:, j]).theta for j in inner]
    assert np.abs(ours.to_numpy() - np.array(theirs)).max() < 7e-13


def test_rows_are_named_as_the_columns_are() -> None:
    Y = pd.DataFrame(responses(DYES, 3), columns=["a", "b", "c"])
    found = DYES.refit(Y)
    assert list(found.beta.index) == ["a", "b", "c"]
    assert list(found.theta.columns) == ["Batch.(Intercept)"]


def test_a_response_that_cannot_be_fitted_is_a_row_of_nan_and_a_reason() -> None:
    Y = responses(DYES, 3)
    Y[:, 1] = np.repeat(np.arange(6.0), 5)  # the groups give it exactly
    found = DYES.refit(Y)
    assert list(found.criterion.isna()) == [False, True, False]
    assert "reproduces the response exactly" in found.messages[1]


def test_rows_that_were_not_kept_have_no_other_response() -> None:
    sleep = rm.load_dataset("sleepstudy")
    fit = rm.lmer(SLEEP.formula, [sleep[:90], sleep[90:]])
    for y in (sleep["Reaction"], sleep[["Reaction"]]):
        with pytest.raises(OptionError, match="come in chunks are not kept"):
            fit.refit(y)


def test_a_response_of_another_length_is_refused() -> None:
    for y in (np.ones(7), np.ones((7, 2)), np.full((30, 2), np.nan)):
        with pytest.raises(OptionError, match="y must be finite numbers in 30 rows"):
            DYES.refit(y)
    with pytest.raises(OptionError, match="y has no column"):
        DYES.refit(np.ones((30, 0)))


def test_a_wrong_end_is_no_plain_one() -> None:
    """The check of the ends can fail: ends that are moved are fitted by themselves."""
    Y = responses(DYES, 20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refit, "settled", lambda search, theta, which: theta + 0.01)
        is_plain, _, _ = refit.at_once(DYES, Y)
        assert not is_plain.any()
        agree(DYES, Y)
