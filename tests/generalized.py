"""What the tests of generalized models share: data, formulas, and lme4's glmer(), stopping late.

lme4's own tolerances leave its modes 1e-4 from where they are; here they are 1e-13, and the search
goes on until its steps are 1e-9.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import refmixed as rm
from validation.adapters import r

CBPP = rm.load_dataset("cbpp")
TICKS = rm.load_dataset("grouseticks")
COUNTED = "cbind(incidence, size - incidence) ~ period + (1 | herd)"
TICKED = "TICKS ~ YEAR + scale(HEIGHT) + (1 | BROOD) + (1 | INDEX) + (1 | LOCATION)"

GLMER = """function(formula, data, name, family, nAGQ = 1L, weights = NULL, offset = NULL,
                     tight = TRUE) {
  control <- if (tight) lme4::glmerControl(optimizer = "bobyqa", tolPwrss = 1e-13,
    optCtrl = list(rhobeg = 1e-2, rhoend = 1e-9, maxfun = 1e5)) else
    lme4::glmerControl(tolPwrss = 1e-10)
  call <- list(quote(lme4::glmer), str2lang(formula), data = as.name(name),
    family = eval(str2lang(family)), nAGQ = nAGQ)
  if (!is.null(weights)) call$weights <- as.name(weights)
  if (!is.null(offset)) call$offset <- as.name(offset)
  call$control <- control
  m <- eval(as.call(call), list2env(setNames(list(data), name), parent = globalenv()))
  m@call$control <- NULL
  m
}"""


def lme4_glmer(formula: str, data: pd.DataFrame, family: str = "binomial", **more: Any) -> Any:
    """lme4's fit, which R holds."""
    name = str(data.attrs.get("name", "data"))
    return r.call(r.define(GLMER), formula, data, name, family, **more).value


def of(model: Any, body: str, *more: Any) -> Any:
    """What an R function of a model, and more arguments, answers."""
    return r.ask(f"function(m, ...) {{ {body} }}", model, *more)


def slopes(seed: int = 20) -> pd.DataFrame:
    """Counts of 30 groups of 8 rows, whose intercepts and slopes vary."""
    random = np.random.default_rng(seed)
    g, x = np.repeat(np.arange(30), 8), np.tile(np.linspace(-1.0, 1.0, 8), 30)
    b = random.standard_normal((30, 2)) @ np.array([[0.6, 0.2], [0.0, 0.4]])
    y = random.poisson(np.exp(0.7 + b[g, 0] + (0.4 + b[g, 1]) * x))
    names = [f"g{k:02d}" for k in g]
    return pd.DataFrame({"y": y.astype(float), "x": x, "g": pd.Categorical(names)})
