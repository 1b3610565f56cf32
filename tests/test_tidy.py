"""tidy, glance and augment give the columns, the order and the values of R's broom.mixed."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import refmixed as rm
from refmixed.errors import OptionError
from validation.adapters import r

pytestmark = pytest.mark.numerical

SLEEP, CAKE = rm.load_dataset("sleepstudy"), rm.load_dataset("cake")
DAYS = "Reaction ~ Days + (Days | Subject)"
WIDE = SLEEP.assign(w=1 + SLEEP["Days"], half=SLEEP["Days"] / 2, o=SLEEP["Days"] ** 2)
WIDE["Reaction"] = WIDE["Reaction"].where(WIDE.index % 7 != 3)
WIDE.attrs["name"] = "wide"
FITS: dict[str, tuple[str, pd.DataFrame, dict[str, Any]]] = {
    "slopes": (DAYS, SLEEP, {}),
    "ML": (DAYS, SLEEP, {"reml": False}),
    "two terms of a group": ("Reaction ~ Days + (Days || Subject)", SLEEP, {}),
    "three effects": ("angle ~ temp + (recipe | replicate)", CAKE, {}),
    "nested": ("angle ~ recipe*temp + (1 | replicate/recipe)", CAKE, {}),
    "crossed": ("diameter ~ 1 + (1 | plate) + (1 | sample)", rm.load_dataset("Penicillin"), {}),
    "singular": ("Yield ~ 1 + (1 | Batch)", rm.load_dataset("Dyestuff2"), {}),
    "gaps, weights, offset": (
        "log(Reaction) ~ (Days | Subject) + offset(o / 1000) + I(half^2) + factor(Days > 3)",
        WIDE,
        {"weights": "w"},
    ),
}
PLAIN = """function(m, verb, args) {
  found <- as.data.frame(do.call(get(verb, asNamespace("broom.mixed")), c(list(m), args)))
  found[] <- lapply(found, function(x) if (is.factor(x)) as.character(x) else x)
  as.list(found) }"""


def broom(there: Any, verb: str, *given: str) -> pd.DataFrame:
    """What broom.mixed says of lme4's model, `given` R's arguments as text."""
    arguments = r.define(f"function() list({', '.join(given)})")()
    return pd.DataFrame(r.ask(PLAIN, there.model, verb, arguments))


@pytest.fixture(scope="module", params=FITS.values(), ids=FITS)
def pair(request: Any, lme4: ModuleType, broom_mixed: None) -> tuple[rm.Fit, Any]:
    """A fit, and lme4's at the same theta."""
    formula, data, options = request.param
    fit = rm.lmer(formula, data, **options)
    return fit, lme4.at(formula, data, fit.theta.to_numpy(), fit.reml, options.get("weights"))


def assert_same(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """The same columns in the same order, and the same in them."""
    assert list(ours.columns) == list(theirs.columns)
    assert len(ours) == len(theirs)
    for column in theirs:
        if pd.api.types.is_numeric_dtype(theirs[column]):
            scale = np.nanmax(np.abs(theirs[column]), initial=0.0)
            np.testing.assert_allclose(ours[column], theirs[column], 1e-9, 1e-9 * scale)
        else:
            none = ours[column].isna().tolist()
            assert none == theirs[column].isna().tolist()
            assert ours[column].dropna().astype(str).tolist() == theirs[column].dropna().tolist()


ASKED = [
    ({}, ()),
    ({"conf_int": True}, ("conf.int = TRUE",)),
    ({"effects": "fixed"}, ("effects = 'fixed'",)),
    ({"effects": "ran_pars"}, ("effects = 'ran_pars'",)),
    (
        {"effects": "ran_vals", "conf_int": True, "conf_level": 0.8},
        ("effects = 'ran_vals'", "conf.int = TRUE", "conf.level = 0.8"),
    ),
    (
        {"effects": ["ran_vals", "fixed", "ran_pars"], "conf_int": True},
        ("effects = c('ran_vals', 'fixed', 'ran_pars')", "conf.int = TRUE"),
    ),
]


@pytest.mark.parametrize(("asked", "there"), ASKED, ids=[str(a) for a, _ in ASKED])
def test_tidy_is_that_of_broom(
    pair: tuple[rm.Fit, Any], asked: dict[str, Any], there: tuple[str, ...]
) -> None:
    fit, model = pair
    assert_same(fit.tidy(**asked), broom(model, "tidy.merMod", *there))


def test_glance_is_that_of_broom(pair: tuple[rm.Fit, Any]) -> None:
    fit, model = pair
    assert_same(fit.glance(), broom(model, "glance.merMod"))


def test_augment_is_that_of_broom(pair: tuple[rm.Fit, Any]) -> None:
    fit, model = pair
    theirs = broom(model, "augment.merMod").drop(columns=".rownames", errors="ignore")
    assert_same(fit.augment(), theirs)
    assert fit.augment().index.equals(fit.design.index)


def test_augment_takes_the_data_with_columns_that_the_formula_does_not_read() -> None:
    formula, data, options = FITS["gaps, weights, offset"]
    fit = rm.lmer(formula, data, **options)
    whole = fit.augment(data)
    assert list(whole.columns) == [*data.columns, *fit.augment().columns[7:]]
    pd.testing.assert_frame_equal(whole[data.columns], data.dropna())
    pd.testing.assert_frame_equal(whole[[".hat", ".wtres"]], fit.augment()[[".hat", ".wtres"]])
    with pytest.raises(OptionError, match="data must be the 180 rows that the fit was given"):
        fit.augment(data[:20])


def test_another_response_is_shown_as_that() -> None:
    fit = rm.lmer(DAYS, SLEEP).refit(SLEEP["Reaction"] ** 0.5)
    assert isinstance(fit, rm.Fit)
    np.testing.assert_array_equal(fit.augment()["Reaction"], SLEEP["Reaction"] ** 0.5)


def test_lm_and_fits_to_arrays_are_tabled_too() -> None:
    flat = rm.lm("Reaction ~ Days", SLEEP)
    assert flat.tidy()["term"].tolist() == ["(Intercept)", "Days", "sd__Observation"]
    assert len(flat.tidy("ran_vals")) == 0
    assert flat.augment()[".hat"].sum() == pytest.approx(2.0, rel=1e-12)
    X = np.column_stack([np.ones(180), SLEEP["Days"]])
    fit = rm.fit(SLEEP["Reaction"].to_numpy(), X, [(SLEEP["Subject"], X)])
    named, bare = rm.lmer(DAYS, SLEEP).augment(), fit.augment()
    assert list(bare.columns[:4]) == ["y", "x1", "x2", "Subject"]
    np.testing.assert_allclose(bare[".cooksd"], named[".cooksd"], rtol=1e-6)
    np.testing.assert_allclose(
        fit.tidy()["estimate"], rm.lmer(DAYS, SLEEP).tidy()["estimate"], 1e-6
    )


def test_data_in_chunks_have_no_rows_to_show() -> None:
    fit = rm.lmer(DAYS, [SLEEP[:90], SLEEP[90:]])
    assert len(fit.tidy(["fixed", "ran_pars", "ran_vals"])) == 2 + 4 + 36
    assert fit.glance()["nobs"].tolist() == [180]
    with pytest.raises(OptionError, match="chunks are not kept"):
        fit.augment()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"effects": "random"}, "effects must be one of 'fixed', 'ran_pars', 'ran_vals'"),
        ({"effects": ["fixed", 3]}, "effects must be one of"),
        ({"effects": []}, "effects must be one of"),
        ({"effects": 3}, "effects must be one of"),
        ({"conf_int": "yes"}, "conf_int must be True or False"),
        ({"conf_int": True, "conf_level": 95.0}, "conf_level must be a number between 0 and 1"),
    ],
)
def test_what_tidy_does_not_know_is_said(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        rm.lmer(DAYS, SLEEP).tidy(**asked)
