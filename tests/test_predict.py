"""What `predict`, `hat` and `ranef` answer: beside a live R, and to questions without an answer."""

from __future__ import annotations

import warnings
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from random_designs import nested_data, random_data

import refmixed as rm
from refmixed.errors import (
    BarError,
    FormulaError,
    MissingColumnError,
    NewLevelError,
    OptionError,
    WeightsError,
)
from validation.adapters import r

SLEEP = rm.load_dataset("sleepstudy")
FIT = rm.lmer("Reaction ~ Days + (Days | Subject)", SLEEP)
DAYS = pd.DataFrame({"Days": [0.0, 4.0, 12.0], "Subject": ["308", "335", "372"]})
RNG = np.random.default_rng(7)
DATA = random_data(RNG).assign(w=lambda d: np.exp(d["z"] / 3))
NESTED = nested_data(np.random.default_rng(8)).assign(w=lambda d: np.exp(d["z"] / 3))

MODELS = [
    "y ~ x + (x | g)",
    "y ~ x + f + (x || g) + (1 | h)",
    "y ~ x + z + (x + z | g) + (1 | h)",
    "y ~ x + (1 | a/b/c)",
    "y ~ x + (x | a:b) + (1 | h)",
]

HENDERSON = """
function(m, X, Z) {
  W <- Matrix::Diagonal(x = weights(m)); L <- Matrix::t(getME(m, "Lambdat"))
  M <- cbind(getME(m, "X"), as.matrix(getME(m, "Z") %*% L))
  K <- crossprod(M, as.matrix(W %*% M))
  p <- ncol(getME(m, "X")); u <- seq_len(ncol(L)) + p
  diag(K)[u] <- diag(K)[u] + 1
  rows <- cbind(X, as.matrix(Z %*% L))
  sigma(m) * sqrt(rowSums(rows * t(solve(K, t(rows)))))
}
"""


@pytest.fixture
def emmeans(lme4: ModuleType) -> ModuleType:
    """R's package emmeans."""
    from conftest import without

    if not r.ask("function() requireNamespace('emmeans', quietly = TRUE)")[0]:
        without("R has no package emmeans")
    return lme4


def data_of(formula: str) -> pd.DataFrame:
    return NESTED if "a" in formula else DATA


# --- beside R, at R's own theta -------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::refmixed.errors.RefmixedWarning")
@pytest.mark.parametrize("weights", [None, "w"])
@pytest.mark.parametrize("formula", MODELS)
def test_standard_errors_and_hat_values_are_those_of_r(
    lme4: ModuleType, formula: str, weights: str | None
) -> None:
    data = data_of(formula)
    theirs = lme4.fit(formula, data, weights=weights)
    theta = np.asarray(theirs.facts["theta"])
    fit = rm.lmer(formula, data, weights=weights, theta=theta)
    design = fit.design
    matrices = lme4.design(formula, data, weights=weights)
    assert list(matrices["groups"]) == [term.group for term in design.terms]
    for ours, Z in (
        (fit.predict(se=True)["se"], design.Z),
        (fit.predict(random=False, se=True)["se"], 0 * design.Z),
    ):
        values = r.ask(HENDERSON, theirs.model, design.X, Z)
        np.testing.assert_allclose(ours, values, rtol=1e-9)
    hat = r.ask("function(m) unname(hatvalues(m))", theirs.model)
    np.testing.assert_allclose(fit.hat, hat, rtol=1e-8)


def test_errors_of_the_population_are_those_of_emmeans(emmeans: ModuleType) -> None:
    formula = "y ~ x + f + (x | g) + (1 | h)"
    theirs = emmeans.fit(formula, DATA)
    fit = rm.lmer(formula, DATA, theta=theirs.facts["theta"])
    source = """function(m, d) {
      grid <- emmeans::emmeans(m, ~ f, at = list(x = 0.7), data = d, lmer.df = "asymptotic")
      t(as.matrix(as.data.frame(grid)[, c("emmean", "SE", "asymp.LCL", "asymp.UCL")]))
    }"""
    values = np.asarray(r.ask(source, theirs.model, r.frame(DATA))).T
    ours = fit.predict(
        pd.DataFrame({"x": 0.7, "f": ["a", "b", "c"]}), random=False, interval="confidence"
    )
    np.testing.assert_allclose(ours, values.reshape(3, 4), rtol=1e-8)


@pytest.mark.parametrize(
    ("formula", "re_form"),
    [
        ("y ~ x + (x | g) + (1 | h)", "~ (1 | g)"),
        ("y ~ x + (x | g) + (1 | h)", "~ (0 + x | g) + (1 | h)"),
        ("y ~ x + f + (f | g) + (1 | h)", "~ (f | g)"),
        ("y ~ x + (x || g)", "~ (1 | g)"),
        ("y ~ x + (1 | a/b/c) + (x | h)", "~ (1 | a/b)"),
        ("y ~ x + (1 | g)", "~ 0"),
    ],
)
@pytest.mark.filterwarnings("ignore::refmixed.errors.RefmixedWarning")
def test_a_text_of_bars_picks_the_effects_that_lme4_picks(
    lme4: ModuleType, formula: str, re_form: str
) -> None:
    data = data_of(formula)
    fit = rm.lmer(formula, data)
    theirs = lme4.predict(lme4.at(formula, data, fit.theta), data, re_form=re_form)
    np.testing.assert_allclose(fit.predict(random=re_form), theirs, rtol=1e-9)


@pytest.mark.parametrize("interval", ["confidence", "prediction"])
@pytest.mark.parametrize("weights", [None, "w"])
def test_intervals_of_a_linear_model_are_those_of_r(
    lme4: ModuleType, interval: str, weights: str | None
) -> None:
    fit = rm.lm("y ~ x + f", DATA, weights=weights)
    new = pd.DataFrame({"x": [0.2, 5.0], "f": ["a", "c"], "w": [0.5, 3.0]})
    how = {"weights": "w"} if weights and interval == "prediction" else {}
    ours = fit.predict(new, interval=interval, level=0.9, **how)
    source = """function(d, new, w, interval) {
      new$f <- factor(new$f, levels(d$f)); d$w <- if (w) d$w else 1; new$w <- if (w) new$w else 1
      t(predict(lm(y ~ x + f, d, weights = w), new, interval = interval, level = 0.9,
                weights = new$w))
    }"""
    new_f = new.assign(f=pd.Categorical(new["f"], list("abc")))
    theirs = np.asarray(
        r.ask(source, r.frame(DATA), r.frame(new_f), weights is not None, interval)
    ).T
    np.testing.assert_allclose(ours[["fit", "lower", "upper"]], theirs.reshape(2, 3), rtol=1e-10)


# --- what comes back ------------------------------------------------------------------------------


def test_a_series_or_a_data_frame_comes_back() -> None:
    assert isinstance(FIT.predict(DAYS), pd.Series)
    assert list(FIT.predict(DAYS, se=True)) == ["fit", "se"]
    found = FIT.predict(DAYS.set_axis(list("abc")), interval="prediction", level=0.5)
    assert list(found) == ["fit", "se", "lower", "upper"]
    assert list(found.index) == list("abc")
    wider = FIT.predict(DAYS, interval="prediction", level=0.9)
    assert (wider["upper"].to_numpy() > found["upper"].to_numpy()).all()
    pd.testing.assert_series_equal(FIT.predict(se=True)["fit"], FIT.predict(), check_names=False)
    assert FIT.predict(DAYS[:0], interval="confidence").shape == (0, 4)


def test_an_observation_has_the_residual_variance_over_its_weight() -> None:
    fit = rm.lmer("y ~ x + (1 | g)", DATA, weights="w")
    z = 1.959963984540054

    def noise(frame: pd.DataFrame) -> Any:
        return ((frame["upper"] - frame["fit"]) / z) ** 2 - frame["se"] ** 2

    own = noise(fit.predict(interval="prediction"))
    np.testing.assert_allclose(own, fit.sigma**2 / DATA["w"], rtol=1e-9)
    for weights, w in (
        (None, 1.0),
        (4.0, 4.0),
        ("w", DATA["w"]),
        (DATA["w"].to_numpy(), DATA["w"]),
    ):
        new = noise(fit.predict(DATA, interval="prediction", weights=weights))
        np.testing.assert_allclose(new, fit.sigma**2 / w, rtol=1e-9)


def test_a_row_that_lacks_a_value_has_no_error_either() -> None:
    gaps = DAYS.assign(Days=[0.0, np.nan, 2.0])
    found = FIT.predict(gaps, interval="prediction")
    assert found.isna().all(axis=1).tolist() == [False, True, False]


@pytest.mark.filterwarnings("ignore::refmixed.errors.RefmixedWarning")
def test_a_variance_of_zero_is_an_ordinary_answer() -> None:
    dyes = rm.load_dataset("Dyestuff2")
    fit, plain = rm.lmer("Yield ~ 1 + (1 | Batch)", dyes), rm.lm("Yield ~ 1", dyes)
    assert fit.is_singular
    np.testing.assert_allclose(fit.predict(se=True), plain.predict(se=True), rtol=1e-10)
    np.testing.assert_allclose(fit.hat, plain.hat, rtol=1e-10)
    for kind in ("beta known", "beta estimated", "theta estimated"):
        assert not np.any((fit.ranef(kind).cond_var or {})["Batch"])


def test_arrays_have_the_same_errors_as_the_formula() -> None:
    X = np.column_stack([np.ones(len(SLEEP)), SLEEP["Days"]])
    fit = rm.fit(SLEEP["Reaction"], X, [(SLEEP["Subject"], X)])
    new = (X[:3], [(["308", "nobody", None], X[:3])])
    found = fit.predict(new, new_levels="population", interval="prediction", weights=[1, 1, 2.0])
    frame = SLEEP[:3].assign(Subject=["308", "nobody", None])
    same = FIT.predict(frame, new_levels="population", interval="prediction", weights=[1, 1, 2.0])
    np.testing.assert_allclose(found, same, rtol=1e-7)
    np.testing.assert_allclose(fit.hat, FIT.hat, rtol=1e-7)


def test_rows_in_chunks_have_the_same_errors() -> None:
    chunks = [SLEEP[:70], SLEEP[70:]]
    fit = rm.lmer("Reaction ~ Days + (Days | Subject)", chunks)
    options = {"new_levels": "population", "interval": "prediction"}
    strangers = DAYS.assign(Subject=["308", "x", None])
    np.testing.assert_allclose(
        fit.predict(strangers, **options), FIT.predict(strangers, **options), rtol=1e-7
    )
    np.testing.assert_allclose(fit.joint_cov, FIT.joint_cov, rtol=1e-6, atol=1e-9)
    ours, whole = (f.ranef("theta estimated").cond_var or {} for f in (fit, FIT))
    np.testing.assert_allclose(ours["Subject"], whole["Subject"], rtol=1e-5)
    for ask in (lambda: fit.predict(se=True), lambda: fit.hat):
        with pytest.raises(OptionError, match="not kept"):
            ask()


# --- what has no answer ---------------------------------------------------------------------------

WRONG: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"level": 1.0, "interval": "confidence"}, OptionError, "level must be a number between 0 and"),
    ({"level": 95, "interval": "confidence"}, OptionError, "between 0 and 1, not 95"),
    ({"level": 0}, OptionError, "level"),
    ({"level": "0.9"}, OptionError, "level"),
    ({"level": True}, OptionError, "level"),
    ({"level": np.nan}, OptionError, "level"),
    ({"interval": "tolerance"}, OptionError, "interval must be one of 'confidence', 'prediction'"),
    ({"interval": True}, OptionError, "interval"),
    ({"se": "yes"}, OptionError, "se must be True or False"),
    ({"random": ["Subjects"]}, OptionError, "no random effects of 'Subjects'.*Subject"),
    ({"random": 3}, OptionError, "random must be"),
    ({"random": "~ (1 | Batch)"}, OptionError, "no random effects of Batch"),
    ({"random": "~ (Dayz | Subject)"}, OptionError, "no random effects of Dayz"),
    ({"random": "~ (I(Days^2) | Subject)"}, OptionError, "no random effects"),
    ({"random": "~ Days"}, OptionError, "must be bars alone"),
    ({"random": "~ 1 | Subject"}, BarError, "brackets"),
    ({"random": "~ (1 | "}, FormulaError, "missing at the end"),
    ({"weights": 2.0, "se": True}, OptionError, "interval='prediction'"),
    ({"weights": 0.0, "interval": "prediction"}, WeightsError, "positive"),
    ({"weights": [1.0, 2.0], "interval": "prediction"}, WeightsError, "3 numbers"),
    ({"weights": "w", "interval": "prediction"}, LookupError, "w"),
    ({"weights": 1.0, "interval": "prediction", "newdata": None}, WeightsError, "take no others"),
    ({"newdata": DAYS[["Days"]], "se": True}, MissingColumnError, "Subject"),
    ({"newdata": DAYS.assign(Subject="nobody"), "se": True}, NewLevelError, "nobody"),
]


@pytest.mark.parametrize(("options", "error", "message"), WRONG)
def test_one_sentence_says_what_is_wrong(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as told:
        FIT.predict(**{"newdata": DAYS} | options)
    assert isinstance(told.value, rm.RefmixedError)


def test_variances_that_have_no_value_are_refused() -> None:
    with pytest.raises(OptionError, match="cond_var must be one of 'beta known'"):
        FIT.ranef("postVar")
    given = rm.lmer("Reaction ~ Days + (Days | Subject)", SLEEP, theta=[1, 0, 0.2])
    with pytest.raises(OptionError, match="theta was given"):
        given.ranef("theta estimated")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = SLEEP.assign(twin=SLEEP["Subject"])
        fit = rm.lmer("Reaction ~ Days + (1 | Subject) + (1 | twin)", data)
    with pytest.raises(OptionError, match="do not determine theta"):
        fit.ranef("theta estimated")
    plain = rm.lm("Reaction ~ Days", SLEEP)
    assert plain.ranef("theta estimated").cond_var == {}
    assert plain.joint_cov.shape == (2, 2)
