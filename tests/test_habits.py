"""R's names of arguments are answered with refmixed's, and what nobody has with the nearest."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any

import numpy as np
import pytest

import refmixed as rm
from refmixed import errors
from refmixed.r.habits import HABITS, OF_GENERALIZED

SLEEP = rm.load_dataset("sleepstudy")
FORMULA = "Reaction ~ Days + (Days | Subject)"
FIT = rm.lmer(FORMULA, SLEEP)
CBPP = rm.load_dataset("cbpp")
COUNTED = "cbind(incidence, size - incidence) ~ period + (1 | herd)"
GLMER = rm.glmer(COUNTED, CBPP, nagq=0)
ARRAYS = (np.arange(6.0) % 4, np.ones((6, 1)), [(list("aabbcc"), None)])
CALLS: dict[str, Callable[..., Any]] = {
    "glmer": lambda **given: rm.glmer(COUNTED, CBPP, **given),
    "lmer": lambda **given: rm.lmer(FORMULA, SLEEP, **given),
    "lm": lambda **given: rm.lm("Reaction ~ Days", SLEEP, **given),
    "fit": lambda **given: rm.fit(*ARRAYS, **given),
    "anova": lambda **given: FIT.anova(FIT, **given),
}
MAKERS = ("lmer", "lm", "fit", "glmer")
FUNCTIONS = {name: getattr(rm if name in MAKERS else FIT, name) for name in HABITS}


def said(name: str, **given: Any) -> str:
    """The sentence with which a call is refused."""
    with pytest.raises(errors.ArgumentError) as caught:
        CALLS.get(name, FUNCTIONS[name])(**given)
    assert isinstance(caught.value, TypeError)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("name", "argument"), [(f, a) for f in HABITS for a in HABITS[f]])
def test_a_name_of_r_s_is_answered(name: str, argument: str) -> None:
    assert said(name, **{argument: False}).startswith(f"{name}() has no argument {argument}: ")


def test_the_answer_is_what_to_write() -> None:
    assert said("lmer", REML=False) == "lmer() has no argument REML: write reml=False"
    assert said("predict", **{"re.form": None}).startswith(
        "predict() has no argument re.form: write"
    )
    assert said("predict", allow_new_levels=True).endswith("write new_levels='population'")


@pytest.mark.parametrize("name", HABITS)
def test_what_nobody_has_is_answered_with_the_nearest(name: str) -> None:
    """And no function has what the table says that it has not."""
    parameters = signature(FUNCTIONS[name]).parameters.items()
    names = [n for n, p in parameters if p.kind is not Parameter.VAR_KEYWORD]
    assert not set(names) & set(HABITS[name])
    if name == "confint":  # each method has options of its own
        with pytest.raises(errors.OptionError, match="no option 'levl'; it has reml"):
            FIT.confint(levl=0.9)
        return
    assert said(name, nonsense=1).startswith(f"{name}() has no argument 'nonsense'; there are ")
    longest = max(names, key=len)
    assert said(name, **{longest[:-1]: 1}).endswith(f"; did you mean '{longest}'?")


def test_advice_is_taken() -> None:
    """What the sentences say to write can be written."""
    assert rm.lmer(FORMULA, SLEEP, reml=False).reml is False
    FIT.predict(SLEEP.head(), random="~ (1 | Subject)", new_levels="population", se=True)
    FIT.simulate(2, 1, random="kept")
    FIT.anova(FIT.update(". ~ . - Days"), names=["a", "b"])
    assert FIT.ranef(cond_var=True)["Subject"].shape == (18, 2)
    rm.lmer("angle ~ C(recipe, contr.sum) + (1 | replicate)", rm.load_dataset("cake"))
    FIT.confint("wald", which="Days")
    FIT.test_fixed(df="kenward-roger", contrasts=[0, 1])
    FIT.summary(df="satterthwaite")


OF_GLMER = {name: OF_GENERALIZED[name] for name in OF_GENERALIZED if name not in MAKERS}


@pytest.mark.parametrize("name", OF_GLMER)
def test_a_generalized_model_answers_with_its_own_arguments(name: str) -> None:
    method = getattr(GLMER, name)
    call = (lambda **given: GLMER.anova(GLMER, **given)) if name == "anova" else method
    assert not set(signature(method).parameters) & set(OF_GLMER[name])
    for argument in OF_GLMER[name]:
        with pytest.raises(errors.ArgumentError, match=f"{name}.. has no argument {argument}: "):
            call(**{argument: "response"})


def test_its_advice_is_taken() -> None:
    with pytest.raises(errors.ArgumentError, match=r"no argument type: write scale=.response.$"):
        GLMER.predict(type="response")  # type: ignore[arg-type]
    with pytest.raises(errors.ArgumentError, match=r"write nagq=1$"):
        rm.glmer(COUNTED, CBPP, nAGQ=1)  # type: ignore[arg-type]
    GLMER.predict(random="marginal", scale="response")
    GLMER.residuals(kind="pearson")
    GLMER.test_fixed(uncertain="RX", contrasts=[0, 1, 0, 0])
