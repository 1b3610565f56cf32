"""How a model is asked of the class MixedLM of statsmodels, and of its likeness in mixedlm-rs.

One term is a group with its effects; terms nested in it are variance components.  Crossed ones are
components of one group that has all rows, with dense matrices, which is for small sets only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from . import clock
from .clock import Fit, Model, NotForIt

MOST = 500  # levels of a component: its matrices are dense


def call(data: pd.DataFrame, model: Model) -> tuple[str, pd.DataFrame, dict[str, Any]]:
    """Formula, data and options of the function mixedlm.  Raises NotForIt."""
    if model["refits"]:
        raise NotForIt("has no refits of many responses")
    terms = sorted(model["terms"], key=lambda term: len(term["group"]))
    columns = {f"g{t}": clock.label(data, term["group"]) for t, term in enumerate(terms)}
    inside = [set(terms[0]["group"]) < set(term["group"]) for term in terms[1:]]
    options: dict[str, Any] = {"groups": columns["g0"], "re_formula": f"~ {terms[0]['effects']}"}
    parts = [f"g{t}" for t in range(len(terms))]
    if all(inside):
        parts.remove("g0")
    else:
        options = {"groups": np.zeros(len(data), dtype=int), "re_formula": None}
    if any(len(set(columns[part])) > MOST for part in parts):
        raise NotForIt("variance components have dense matrices: too many levels")
    if parts:
        options["vc_formula"] = {part: f"0 + C({part})" for part in parts}
    return model["fixed"], data.assign(**columns), options


def fits(mixedlm: Any, asked: tuple[str, pd.DataFrame, dict[str, Any]], reml: bool) -> Fit:
    """One fit by the function mixedlm, of what `call` gave: -2 log-likelihood."""
    formula, columns, options = asked
    return lambda: -2 * float(mixedlm(formula, columns, **options).fit(reml=reml).llf)
