"""print(fit.summary()) of a generalized model is what R prints, line for line.

lme4's standard errors are by differences of its deviance, and agree to the digits that are printed;
its p-values, which go down by orders of magnitude, not always to the last.
"""

from __future__ import annotations

import re
from types import ModuleType

import numpy as np
import pytest
from generalized import CBPP, COUNTED, TICKED, TICKS, lme4_glmer, of, slopes

import refmixed as rm
from refmixed.r import anova, lmertest
from validation.adapters import r

SLOPES = "y ~ x + (x | g)"
DATA = {"cbpp": CBPP, "grouseticks": TICKS, "slopes": slopes()}
MODELS = [
    ("cbpp", COUNTED, "binomial", 1),
    ("cbpp", COUNTED, "binomial", 0),
    ("cbpp", COUNTED, "binomial(probit)", 1),
    ("cbpp", "incidence / size ~ period + (1 | herd)", "binomial", 1),
    ("slopes", SLOPES, "poisson", 1),
    ("slopes", "y ~ x + (x || g)", "poisson", 1),
]
P_ASIDE = [
    ("grouseticks", TICKED, "poisson", 1),
    ("cbpp", COUNTED, "binomial(cloglog)", 1),
    ("grouseticks", "TICKS ~ YEAR + scale(HEIGHT) + (1 | BROOD) + (1 | LOCATION)", "poisson", 1),
]


def both(name: str, formula: str, family: str, nagq: int) -> tuple[list[str], list[str]]:
    """The lines of refmixed and of lme4."""
    data = DATA[name]
    weights = "size" if "/ size" in formula else None
    fit = rm.glmer(formula, data, family, nagq, weights=weights, dialect="expected")
    call = re.sub(r"\((\w+)\)", r'("\1")', family)
    model = lme4_glmer(formula, data, call, nAGQ=nagq, weights=weights)
    theirs = of(model, "suppressMessages(capture.output(print(summary(m))))")
    return str(fit.summary()).split("\n"), [re.sub("[‘’]", "'", line) for line in theirs]


@pytest.mark.parametrize(("name", "formula", "family", "nagq"), MODELS)
def test_lme4_prints_the_same(
    lme4: ModuleType, name: str, formula: str, family: str, nagq: int
) -> None:
    ours, theirs = both(name, formula, family, nagq)
    assert ours == theirs


@pytest.mark.parametrize(("name", "formula", "family", "nagq"), P_ASIDE)
def test_lme4_prints_the_same_but_for_the_last_digit_of_p(
    lme4: ModuleType, name: str, formula: str, family: str, nagq: int
) -> None:
    ours, theirs = both(name, formula, family, nagq)
    last = re.compile(r"\d(e-\d+)? (\*{1,3}|[. ]) *$")
    assert [last.sub("", line) for line in ours] == [last.sub("", line) for line in theirs]
    assert sum(a != b for a, b in zip(ours, theirs, strict=True)) <= 1


def test_a_variance_of_zero_is_told(lme4: ModuleType) -> None:
    data = slopes().assign(y=[float(k**2 % 7 % 5) for k in range(240)])
    ours = str(rm.glmer("y ~ x + (1 | g)", data, "poisson").summary()).split("\n")
    model = lme4_glmer("y ~ x + (1 | g)", data, "poisson")
    theirs = of(model, "capture.output(print(summary(m)))")
    assert of(model, "lme4::isSingular(m)")
    theirs = [re.sub("[‘’]", "'", line).replace("bobyqa", "Nelder_Mead") for line in theirs]
    here = ours.index("Random effects:")  # lme4's zero is not one: 1e-9 or so
    assert (ours[:here], ours[here + 3 :]) == (theirs[:here], theirs[here + 3 :])
    assert ours[here + 2].split() == ["g", "(Intercept)", "0", "0"]
    assert ours[-2] == "boundary (singular) fit: see help('isSingular')"


def test_the_title_says_what_was_maximised(lme4: ModuleType) -> None:
    five = str(rm.glmer(COUNTED, CBPP, nagq=5).summary()).split("\n")
    theirs = of(lme4_glmer(COUNTED, CBPP, nAGQ=5), "capture.output(print(summary(m)))")
    assert five[:5] == list(theirs[:5])
    assert five[1] == "  Gauss-Hermite Quadrature, nAGQ = 5) [glmerMod]"
    exact = str(rm.glmer(COUNTED, CBPP, likelihood="exact").summary()).split("\n")
    assert exact[0] == (
        "Generalized linear mixed model fit by maximum likelihood (exact) ['glmerMod']"
    )


def test_gamma_has_a_residual_row_and_its_z_are_called_t(lme4: ModuleType) -> None:
    """As lme4 prints them: the model, which is another one there, aside."""
    formula = "size ~ period + (1 | herd)"
    ours = str(rm.glmer(formula, CBPP, "Gamma").summary()).split("\n")
    theirs = of(lme4_glmer(formula, CBPP, "Gamma('log')"), "capture.output(print(summary(m)))")
    assert ours[:6] == [*theirs[:5], ""]
    words = [wordy(line) for line in ours]
    assert ["Residual"] in words
    assert ["Estimate", "Std.", "Error", "t", "value", "Pr(>|z|)"] in words
    assert words == [wordy(line) for line in theirs]


def wordy(line: str) -> list[str]:
    """What is no number, and no star."""
    parts = re.sub("[‘’]", "'", line).split()
    return [part for part in parts if not re.fullmatch(r"<|[*.]+|-?[\d.]+(e-\d+)?", part)]


def test_offsets_and_weights_are_named(lme4: ModuleType) -> None:
    data = slopes().assign(o=lambda d: d["x"] / 10)
    ours = rm.glmer("y ~ x + (1 | g)", data, "poisson", offset="o").summary()
    theirs = of(
        lme4_glmer("y ~ x + (1 | g)", data, "poisson", offset="o"),
        "capture.output(print(summary(m)))",
    )
    assert str(ours).split("\n")[3:6] == list(theirs[3:6])
    assert str(ours).split("\n")[5] == " Offset: o"


@pytest.mark.parametrize("digits", [3, 4])
def test_p_values_are_as_format_pval_has_them(lme4: ModuleType, digits: int) -> None:
    """Those from 1e-4 on with decimals, in one width; smaller ones with exponents."""
    p = np.array([1.47e-09, 0.001068, 0.000474, 0.0001, 9.99e-05, 0.5, 1e-17])
    theirs = r.ask("function(p, d) format.pval(p, digits = d)", p, float(digits))
    texts = lmertest.p_values(p, digits) if digits == 3 else anova.p_values(p)
    assert [text.strip() for text in texts] == [text.strip() for text in theirs]


def test_the_table_of_coefficients_is_there_to_be_read() -> None:
    table = rm.glmer(COUNTED, CBPP).summary().coefficients
    assert list(table) == ["Estimate", "Std. Error", "z value", "Pr(>|z|)"]
    assert table["z value"].equals(table["Estimate"] / table["Std. Error"])
