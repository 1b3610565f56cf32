"""The package pymmeans: what it computes of fits that are those of statsmodels' MixedLM.

It wants fits by formulas of patsy, which statsmodels has until 0.14: the formulas have a column for
each effect.  The search is that of the adapter of statsmodels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pymmeans
from statsmodels.regression.mixed_linear_model import MixedLM

from . import answers, frames, like_statsmodels
from .answers import UnsupportedError, Ways
from .frames import Arrays
from .like_statsmodels import Plan
from .messages import Json

NAME = "pymmeans"
NOT = {
    "ranef": f"{NAME} computes marginal means and their tests alone",
    "condvar": f"{NAME} computes marginal means and their tests alone",
    "pev": f"{NAME} computes marginal means and their tests alone",
    "fitted": f"{NAME} computes marginal means and their tests alone",
    "f_satterthwaite": f"{NAME} compares two fits, and statsmodels has none without coefficients",
    "f_kr": f"{NAME} compares two fits, and statsmodels has none without coefficients",
    "profile_beta": f"{NAME} has no profiles",
    "profile_sigma": f"{NAME} has no profiles",
    "profile_sd": f"{NAME} has no profiles",
    "": f"{NAME} has means of factors, not predictions for rows",
}
FIT = {"method": "bfgs", "gtol": 1e-9, "maxiter": 1000}


def start() -> Json:
    """Who answers."""
    return answers.implementation(NAME)


@answers.linear
def run(request: Json) -> Json:
    """The answer to one request."""
    if request["level"] != "inference":
        return {"id": request["id"], "skip": f"{NAME} fits nothing: its fits are statsmodels'"}
    arrays = frames.in_arrays(request)
    if arrays.weights is not None:
        return {"id": request["id"], "skip": "MixedLM has no prior weights"}
    try:
        layout = like_statsmodels.plan(arrays.blocks)
        ways = computed(fitted(arrays, layout, request["model"]["reml"]))
    except UnsupportedError as reason:
        return {"id": request["id"], "skip": f"the class MixedLM {reason}"}
    except pymmeans.BoundaryFitError as refusal:
        return {"id": request["id"], "skip": f"{NAME} says: {refusal}"}
    return answers.answer(request, answers.forgiving(ways), NOT)


def fitted(arrays: Arrays, layout: Plan, reml: bool) -> Any:
    """The fit.  Raises UnsupportedError where no term is the group."""
    if layout.main is None:
        raise UnsupportedError("has no group of its own for crossed terms, which pymmeans needs")
    fixed, data = names("x", arrays.X), pd.DataFrame(columns(arrays))
    model = MixedLM.from_formula(
        "y ~ 0 + " + " + ".join(fixed),
        data,
        groups=f"g{layout.main}",
        re_formula="0 + " + " + ".join(names(f"e{layout.main}_", arrays.blocks[layout.main].x)),
        vc_formula={f"v{t}": f"0 + C(g{t}):e{t}_0" for t in layout.components} or None,
    )
    return like_statsmodels.better(model, reml, FIT)


def names(stem: str, x: Any) -> list[str]:
    """The names of the columns of a matrix."""
    return [f"{stem}{j}" for j in range(x.shape[1])]


def columns(arrays: Arrays) -> dict[str, Any]:
    """The data: the response, the columns of X, and the group and the effects of each term."""
    data: dict[str, Any] = {"y": arrays.y - arrays.offset}
    data |= dict(zip(names("x", arrays.X), arrays.X.T, strict=True))
    for t, block in enumerate(arrays.blocks):
        data[f"g{t}"] = block.codes
        data |= dict(zip(names(f"e{t}_", block.x), block.x.T, strict=True))
    return data


def computed(fit: Any) -> Ways:
    """What it computes of level `inference`."""
    info, unit = pymmeans.from_fitted(fit), np.eye(len(fit.fe_params))
    kenward_roger = pymmeans.get_kr(fit)
    return {
        "vcov": lambda: kenward_roger.V_beta,
        "se_kr": lambda: np.sqrt(np.diag(kenward_roger.V_KR)),
        "df_kr": lambda: pymmeans.ddf_lb(fit, unit),
        "df_satterthwaite": lambda: pymmeans.satterthwaite_df(info, unit),
    }
