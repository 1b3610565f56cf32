"""R's names of arguments, which people bring with them: what is written here instead.

A function that has some ends its signature with `**unknown: Never`, so that a type checker refuses
what is not there, and where there are any begins with `refuse_unknown`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any

from ..errors import ArgumentError, nearest

ROWS = "choose the rows of the data before, as data[data['x'] > 0]"
GAPS = "rows with a missing value are left out, as by na.omit, and the fit counts them"
CODED = "write the contrast into the formula, as C(recipe, contr.sum)"
DF = "write df='satterthwaite' or df='kenward-roger'"
Z = "there are no degrees of freedom here: z and chi-square are of large samples"
ONE_KIND = "replicates are parametric, the only kind"
EFFECTS = "write random=False for the population, random='~ (1 | g)' for some of the effects"

ANY = ("na_action", "subset", "contrasts", "control", "verbose")
FITTED = {  # of lmer() and its kin
    "REML": "write reml={value}",
    "na_action": GAPS,
    "subset": ROWS,
    "contrasts": CODED,
    "control": "nothing is to be controlled, as the search goes on to the last digits",
    "start": "the search needs no start; theta= takes values as they are, without a search",
    "verbose": "the search says nothing on its way",
    "family": "responses are normal here: glmer() takes a family",
    "devFunOnly": "refmixed.penalized.criterion(refmixed.design(formula, data), theta) is it",
    "method": "write reml=True or reml=False",
}
GENERALIZED = {name: hint for name, hint in FITTED.items() if name in ANY} | {  # of glmer()
    "REML": "there is no restricted likelihood of a generalized model: leave it out",
    "reml": "there is no restricted likelihood of a generalized model: leave it out",
    "nAGQ": "write nagq={value}",
    "link": "write family='binomial(probit)'",
    "start": "beta= and theta= take values as they are; the search needs no start",
    "mustart": "the search needs no start",
    "etastart": "the search needs no start",
    "devFunOnly": "glmer(..., beta=, theta=).criterion is its value at parameters",
}
HABITS: dict[str, dict[str, str]] = {
    "lmer": FITTED,
    "lm": FITTED,
    "fit": FITTED,
    "glmer": GENERALIZED,
    "predict": {
        "re_form": EFFECTS,
        "allow_new_levels": "write new_levels='population'",
        "se_fit": "write se=True",
        "type": "predictions are means of the response, the only type",
        "na_action": "a row that lacks a value is predicted as NaN",
    },
    "simulate": {
        "re_form": "write random='new' or random='kept'",
        "use_u": "write random='kept' for True, random='new' for False",
        "allow_new_levels": "groups of newdata get effects of their own by random='new'",
    },
    "bootstrap": {
        "FUN": "write statistic=, a function of a Fit",
        "use_u": "write random='kept' for True, random='new' for False",
        "type": "write kind='parametric', 'residual' or 'case'",
        "ncpus": "write jobs=",
        "parallel": "write jobs=, the number of processes",
    },
    "confint": {
        "parm": "write which=",
        "boot_type": "write interval='percentile' or 'basic'",
        "oldNames": "the names are those that say what they are, as sd_Days|Subject",
        "FUN": "take fit.bootstrap(statistic=...).confint()",
    },
    "anova": {
        "model_names": "write names=",
        "test": "likelihood ratios are tested by chi-square; fit.test_fixed() has F and t",
        "type": "fit.test_fixed(type=3) has the tests of terms",
        "ddf": "fit.test_fixed(df='satterthwaite') has the tests of terms",
    },
    "ranef": {
        "condVar": "write cond_var=True",
        "postVar": "write cond_var=True",
        "whichel": "take one group of the answer, as ranef()['Subject']",
        "drop": "the answer is {{group: data frame}}, one column or more",
    },
    "test_fixed": {"ddf": DF, "L": "write contrasts="},
    "summary": {"ddf": DF, "correlation": "fit.vcov has the covariances of the fixed effects"},
    "residuals": {"type": "write kind='response' or kind='pearson'"},
}


OF_GENERALIZED: dict[str, dict[str, str]] = HABITS | {  # of a fit by glmer()
    "predict": HABITS["predict"]
    | {
        "re_form": f"{EFFECTS}; random='marginal' for the mean over all of them",
        "type": "write scale={value!r}",
    },
    "simulate": {name: HABITS["simulate"][name] for name in ("re_form", "use_u")},
    "bootstrap": HABITS["bootstrap"] | {"type": ONE_KIND, "kind": ONE_KIND},
    "anova": {
        "model_names": "write names=",
        "test": "likelihood ratios are tested by chi-square; fit.test_fixed() has Wald's tests",
        "refit": "all these fits are by maximum likelihood: leave it out",
    },
    "update": {"nAGQ": "write nagq={value}"},
    "test_fixed": {
        "df": Z,
        "ddf": Z,
        "L": "write contrasts=",
        "vcov": "write uncertain='theta estimated', 'theta known' or 'RX'",
    },
    "summary": {"ddf": Z, "df": Z, "correlation": HABITS["summary"]["correlation"]},
    "residuals": {"type": "write kind={value!r}"},
}


def refuse_unknown(function: Callable[..., Any], given: Mapping[str, Any]) -> None:
    """Refuse arguments that a function does not have.  Raises ArgumentError."""
    habits = OF_GENERALIZED if ".glm." in function.__module__ else HABITS
    for name in given:
        refuse_habit(function.__name__, name, given[name], habits)
        own = [p for p in signature(function).parameters if p not in ("self", "unknown")]
        raise ArgumentError(f"{function.__name__}() has no argument {name!r}{nearest(name, own)}")


def refuse_habit(
    function: str, name: str, value: Any, habits: Mapping[str, Mapping[str, str]] = HABITS
) -> None:
    """Refuse an argument that R's function has.  Raises ArgumentError."""
    hint = habits.get(function, {}).get(name.replace(".", "_"))
    if hint:
        raise ArgumentError(f"{function}() has no argument {name}: {hint.format(value=value)}")
