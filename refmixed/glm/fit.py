"""From a formula and data to a generalized linear mixed model: glmer()."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Never

import numpy as np

from ..checks import one_of, whole_number
from ..errors import OptionError
from ..r.data import is_plain
from ..r.design import design
from ..r.formula import parse_formula, require_bars
from ..r.habits import refuse_unknown
from ..r.matrices import call_labels
from ..refusals import refuse_one_level
from .likelihoods import Exact, by_nodes
from .model import DIALECTS, ROUTES, Model
from .named import named
from .response import family_of, reader
from .result import GlmerFit, Settings


def glmer(
    formula: str,
    data: Any,
    family: str = "binomial",
    *,
    nagq: int = 1,
    likelihood: str = "laplace",
    digits: float = 10,
    weights: Any = None,
    offset: Any = None,
    dialect: str = "observed",
    route: str = "blocked",
    theta: Any = None,
    beta: Any = None,
    dispersion: Any = None,
    **unknown: Never,
) -> GlmerFit:
    """Fit a generalized linear mixed model by maximum likelihood."""
    if unknown:
        refuse_unknown(glmer, unknown)
    parsed = parse_formula(formula)
    require_bars(parsed)
    chosen = named(family)
    made = design(
        parsed, data, weights=weights, offset=offset, allow_saturated=True,
        read=reader(chosen, weights is not None),
    )  # fmt: skip
    return GlmerFit.of(
        Model(made, family_of(chosen, made), dialect, route),
        Settings(likelihood, nagq, digits),
        call_labels(str(getattr(data, "attrs", {}).get("name", "data")), weights, offset),
    )
