"""print(fit.summary()) and print(fit.varcorr) are what R prints, character for character.

Two tiers.  At refmixed's own theta lme4 must print the same, whatever the model.  At the optimum of
a late-stopping lme4 the models below print the same too.
"""

from __future__ import annotations

from types import ModuleType

import pandas as pd
import pytest

import refmixed as rm
from refmixed.r.deparse import deparse
from refmixed.r.parse import Node
from validation.adapters import r

MODELS = [
    ("sleepstudy", "Reaction ~ Days + (Days | Subject)"),
    ("sleepstudy", "Reaction ~ Days + (Days || Subject)"),
    ("sleepstudy", "Reaction ~ Days + (1 | Subject)"),
    ("sleepstudy", "Reaction~poly(Days,2)+(Days|Subject)"),
    ("sleepstudy", "Reaction ~ 0 + Days + (0 + Days | Subject)"),
    ("sleepstudy", "log(Reaction) ~ Days + I(Days^2) + offset(Days / 100) + (1 | Subject)"),
    ("Dyestuff", "Yield ~ 1 + (1 | Batch)"),
    ("Dyestuff2", "Yield ~ 1 + (1 | Batch)"),
    ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)"),
    ("Pastes", "strength ~ 1 + (1 | batch/cask)"),
    ("Pastes", "strength ~ 1 + (1 | sample) + (1 | batch)"),
    ("cake", "angle ~ recipe + temp + (1 | recipe:replicate)"),
    ("cake", "angle ~ temperature + (1 | replicate) + (1 | recipe:replicate)"),
    ("cake", "angle ~ recipe * temperature + (1 | recipe:replicate)"),
    ("cake", "angle ~ recipe + (recipe | replicate)"),
]
# models of which lme4's optimum lacks the digits that are printed
SENSITIVE = [
    ("cake", "angle ~ recipe + temp + (temp || replicate) + (1 | recipe:replicate)"),
]


@pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
@pytest.mark.parametrize(("name", "formula"), MODELS + SENSITIVE)
def test_lme4_prints_the_same_at_the_same_theta(
    lme4: ModuleType, name: str, formula: str, reml: bool
) -> None:
    data = rm.load_dataset(name)
    fit = rm.lmer(formula, data, reml)
    there = lme4.at(formula, data, fit.theta.to_numpy(), reml)
    ours = str(fit.summary()).split("\n")
    if fit.is_singular:  # the last three lines are about lme4's optimiser, which was not called
        assert ours[-3:] == [
            "optimizer (nloptwrap) convergence code: 0 (OK)",
            "boundary (singular) fit: see help('isSingular')",
            "",
        ]
        ours = ours[:-3]
    assert ours == list(lme4.summary_lines(there))


@pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
@pytest.mark.parametrize(("name", "formula"), MODELS)
def test_lme4_prints_the_same_at_its_own_optimum(
    lme4: ModuleType, name: str, formula: str, reml: bool
) -> None:
    data = rm.load_dataset(name)
    fit = rm.lmer(formula, data, reml)
    assert str(fit.summary()).split("\n") == list(lme4.summary_lines(lme4.fit(formula, data, reml)))


def test_weights_and_offsets_are_named(lme4: ModuleType) -> None:
    data = rm.load_dataset("sleepstudy")
    data["w"], data["o"] = 1 + data["Days"] % 3, data["Days"] * 2.0
    formula = "Reaction ~ Days + (1 | Subject)"
    ours = rm.lmer(formula, data, weights="w", offset="o").summary()
    theirs = lme4.fit(formula, data, weights="w", offset="o")
    assert str(ours).split("\n") == list(lme4.summary_lines(theirs))


# names of a slope, a factor and a group, and the factor's levels
NAMED = [
    ("変数", "種類", "組", ("甲", "乙", "丙")),
    ("größe", "Farbe", "Straße", ("weiß", "grün", "rot")),
    ("ｘ", "e\u0301", "\u0e04\u0e19", ("e\u0301", "é", "e")),
    ("x²", "½", "n°", ("10 €", "5 €", "…")),
    ("a\tb", "back\\slash", "two\nlines", ("\t", "\\", "'")),
    ("a b", "🙂", "👍🏽", ("no\u00a0break", "soft\u00adhyphen", "\u200b")),
    ("\x01", 'q"', "a`b", ("`", '"', "\x7f")),
    ("한", "국", "어", ("ㄱ", "\u1112\u1161\u11ab", "ㄴ")),
    ("température", "niveau trés élevé", "année", ("été", "hiver", "automne")),
]


@pytest.mark.parametrize("named", NAMED, ids=[name for name, *_ in NAMED])
def test_names_of_any_script_are_aligned_as_in_r(
    lme4: ModuleType, named: tuple[str, str, str, tuple[str, ...]]
) -> None:
    r.interface().evalr("suppressWarnings(Sys.setlocale('LC_CTYPE', 'C.UTF-8'))")
    slope, factor, group, levels = named
    data = rm.load_dataset("sleepstudy").rename(columns={"Days": slope, "Subject": group})
    data[factor] = pd.Categorical.from_codes([k % 7 % 3 for k in range(len(data))], levels)
    x, f, g = (deparse(Node("name", name)) for name in (slope, factor, group))
    formula = f"Reaction ~ {x} + {f} + ({x} | {g})"
    fit = rm.lmer(formula, data)
    there = lme4.at(formula, data, fit.theta.to_numpy())
    assert str(fit.summary()).split("\n") == list(lme4.summary_lines(there))
    theirs = r.ask("function(m) capture.output(print(lme4::VarCorr(m)))", there.model)
    assert str(fit.varcorr).split("\n") == list(theirs)


@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1e3, 1e8])
def test_numbers_of_any_size_are_aligned_as_in_r(lme4: ModuleType, scale: float) -> None:
    data = rm.load_dataset("sleepstudy")
    data["Reaction"] *= scale
    fit = rm.lmer("Reaction ~ Days + (Days | Subject)", data)
    there = lme4.at("Reaction ~ Days + (Days | Subject)", data, fit.theta.to_numpy())
    assert str(fit.summary()).split("\n") == list(lme4.summary_lines(there))


def test_variances_print_as_in_r(lme4: ModuleType) -> None:
    data = rm.load_dataset("sleepstudy")
    for formula in ("Reaction ~ Days + (Days | Subject)", "Reaction ~ Days + (1 | Subject)"):
        fit = rm.lmer(formula, data)
        model = lme4.at(formula, data, fit.theta.to_numpy()).model
        theirs = r.ask("function(m) capture.output(print(lme4::VarCorr(m)))", model)
        assert str(fit.varcorr).split("\n") == list(theirs)


def test_dropped_rows_are_counted_in_the_last_line() -> None:
    data = rm.load_dataset("sleepstudy")
    data.loc[[3, 50, 99], "Days"] = None
    fit = rm.lmer("Reaction ~ Days + (1 | Subject)", data)
    assert str(fit.summary()).endswith("(3 observations deleted due to missingness)")
    assert fit.nobs == 177
    assert 3 not in fit.fitted.index


def test_data_without_a_name_are_called_data() -> None:
    data = pd.DataFrame(rm.load_dataset("sleepstudy").to_dict("list"))
    assert "\n   Data: data\n" in str(rm.lmer("Reaction ~ Days + (1 | Subject)", data).summary())
