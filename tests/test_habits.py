"""R's names of arguments are answered with refmixed's, and what nobody has with the nearest."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any

import numpy as np
import pytest

import refmixed as rm
from refmixed import errors
from refmixed.r.habits import HABITS

SLEEP = rm.load_dataset("sleepstudy")
FORMULA = "Reaction ~ Days + (Days | Subject)"
FIT = rm.lmer(FORMULA, SLEEP)
ARRAYS = (np.arange(6.0) % 4, np.ones((6, 1)), [(list("aabbcc"), None)])
CALLS: dict[str, Callable[..., Any]] = {
    "lmer": lambda **given: rm.lmer(FORMULA, SLEEP, **given),
    "lm": lambda **given: rm.lm("Reaction ~ Days", SLEEP, **given),
    "fit": lambda **given: rm.fit(*ARRAYS, **given),
    "anova": lambda **given: FIT.anova(FIT, **given),
}
FUNCTIONS = {name: getattr(rm if name in ("lmer", "lm", "fit") else FIT, name) for name in HABITS}


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
