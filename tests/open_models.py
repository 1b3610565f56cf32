"""Models whose covariance parameters the data do not determine, and random data for them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from random_designs import random_data

import refmixed as rm
from refmixed.errors import IdentifiabilityWarning

# formula, the methods (reml) by which it is not determined, a piece of what is said
BOTH = [True, False]
Kind = tuple[str, list[bool], str]
KINDS: dict[str, Kind] = {
    "within X": ("y ~ x + h + (1 | h)", [True], "variance of h cannot be estimated by REML"),
    "within X, beside another": (
        "y ~ h + (1 | g) + (1 | h)", [True], "errors of (Intercept), hh1 and hh2 have no value",
    ),
    "nested in X": ("y ~ big + (1 | big/g)", [True], "leave it out: y ~ big + (1 | g:big)"),
    "a part within X": (
        "y ~ 0 + g + (x | g)", [True], "by REML; the same model: y ~ 0 + g + (0 + x | g)",
    ),
    "like terms": ("y ~ x + (1 | g) + (1 | same)", BOTH, "not told apart: only their sum is"),
    "nested without nesting": ("y ~ x + (1 | g/big)", BOTH, "only their sum is; the same model"),
    "a factor and its intercept": ("y ~ x + (f || g)", BOTH, "the same model: y ~ x + (0 + f |"),
    "a constant effect": ("y ~ x + (c | g)", BOTH, "the same model: y ~ x + (1 | g)"),
    "constant in its group": ("y ~ x + (two | g)", BOTH, "of the 3 covariance parameters of"),
    "a copy in another unit": (
        "y ~ x + (0 + x | g) + (0 + I(2 * x) | g)", BOTH, "4 times the second in sum are",
    ),
    "one row a level": ("y ~ x + (1 | id)", BOTH, "the residual variance and the variance of id"),
}  # fmt: skip
OTHERS: dict[str, Kind] = {
    "nested in X, two levels deep": (
        "y ~ big + (1 | big/mid/g)", [True], "leave it out: y ~ big + (1 | g:(mid:big)) + ",
    ),
    "two levels within X": ("y ~ mid + (1 | big/mid/g)", [True], "the variance of mid:big cannot"),
    "coarser than X": ("y ~ g + (1 | big) + (1 | h)", [True], "the variance of big cannot"),
    "an interaction in X": (
        "y ~ f * big + (1 | f:big) + (1 | g)", [True], "the variance of f:big cannot",
    ),
    "numbers that span a factor": ("y ~ v1 + v2 + (1 | h)", [True], "the variance of h cannot"),
    "slopes within X": ("y ~ x * big + (0 + x | big)", [True], "(0 + x | big) cannot"),
    "slopes and intercepts within X": (
        "y ~ x * big + (x | big) + (1 | h)", [True], "the variances of (x | big) cannot",
    ),
    "an intercept within X by another name": (
        "y ~ same + (x || g)", [True], "the variance of g cannot",
    ),
    "three like terms": (
        "y ~ x + (1 | g) + (1 | same) + (1 | again)", BOTH, "not told apart: only their sum is",
    ),
    "like terms with slopes": ("y ~ x + (x | g) + (x | same)", BOTH, "what one takes another"),
    "like terms, one without a correlation": (
        "y ~ x + (x || g) + (x | again)", BOTH, "what one takes another",
    ),
    "an intercept twice": ("y ~ x + (x | g) + (1 | same)", BOTH, "the same model: y ~ x + (x |"),
    "slopes nested without nesting": ("y ~ x + (x | g/big)", BOTH, "what one takes another"),
    "a factor of two levels and its intercept": (
        "y ~ x + (f2 || g)", BOTH, "the same model: y ~ x + (0 + f2 |",
    ),
    "a factor of four levels and its intercept": (
        "y ~ x + (f4 || g)", BOTH, "the same model: y ~ x + (0 + f4 |",
    ),
    "a constant effect in a term of its own": (
        "y ~ x + (1 | g) + (0 + c | g)", BOTH, "not told apart: only",
    ),
    "constant in its group, beside another": (
        "y ~ x + (two | g) + (x | h)", BOTH, "of the 3 covariance parameters of (two | g) only 2",
    ),
    "effects that depend on one another": (
        "y ~ x + (x + twice | g)", BOTH, "of the 6 covariance parameters of (x + twice | g) only 3",
    ),
    "indicators that sum to the intercept": (
        "y ~ x + (a1 + a2 | g)", BOTH, "of the 6 covariance parameters of (a1 + a2 | g) only 3",
    ),
    "two terms that sum to a third": (
        "y ~ x + (0 + a1 | g) + (0 + a2 | g) + (1 | f2:g)", BOTH, "what one takes another",
    ),
    "groups of two sorts that sum to all": (
        "y ~ x + (0 + two | g) + (0 + one | g) + (1 | same)", BOTH, "what one takes another",
    ),
    "one row a level, beside another": (
        "y ~ x + (1 | id) + (x | g)", BOTH, "the residual variance and the variance of id",
    ),
    "one row a level, as large as its variance": (
        "y ~ x + (0 + r | id)", BOTH, "the residual variance and the variance of (0 + r | id)",
    ),
    "opposite effects of pairs": (
        "y ~ x + (1 | pair) + (0 + s | pair)", BOTH, "the residual variance and the variances of",
    ),
}  # fmt: skip
ALL = KINDS | OTHERS
WEIGHTS: dict[str, str | None] = {  # a column, where it is not any one: None is equal weights
    "one row a level": None,
    "one row a level, beside another": None,
    "opposite effects of pairs": None,
    "one row a level, as large as its variance": "r_weights",
}


def groups(seed: int) -> pd.DataFrame:
    """Unbalanced groups g, and what depends on them and on other columns."""
    rng = np.random.default_rng(seed)
    data = random_data(rng)
    names = sorted(set(data["g"]))
    data["same"] = data["g"].map(dict(zip(names, rng.permutation(len(names)), strict=True)))
    data["same"] = data["same"].astype(str)
    data["big"] = data["g"].map({g: "pq"[k % 2] for k, g in enumerate(names)}).astype(str)
    data["two"] = data["g"].map({g: float(k % 2) for k, g in enumerate(names)}).astype(float)
    data["c"], data["id"] = rng.uniform(-3, 3), np.arange(len(data)).astype(str)
    data["w"] = rng.uniform(0.3, 3.0, len(data))
    code, h, row = data["g"].cat.codes, data["h"].cat.codes, np.arange(len(data))
    f2, f4 = rng.choice(["u", "v"], len(row)), rng.choice(list("abcd"), len(row))
    r = rng.choice([0.5, 1.0, 2.0], len(row))
    return data.assign(
        again=100 - 7 * code,
        mid=np.array(list("stuv"))[code % 4],
        one=1.0 - data["two"],
        f2=f2,
        f4=f4,
        a1=1.0 * (f2 == "u"),
        a2=1.0 * (f2 == "v"),
        v1=(h == 1) + 2.0 * (h == 2),
        v2=(h == 1) - 3.0 * (h == 2),
        twice=2.0 * data["x"].round(3),
        pair=row // 2,
        s=1.0 - 2.0 * (row % 2),
        r=r,
        r_weights=1 / r**2,
    )


def open_model(number: int) -> tuple[str, dict[str, Any]]:
    """The kind of a model of this number, and what lmer is given: columns of short decimals."""
    seed, place = divmod(number, len(ALL))
    kind = list(ALL)[place]
    formula, when, _ = ALL[kind]
    return kind, {
        "formula": formula,
        "data": groups(seed).round(3),
        "reml": when[(seed + place) % len(when)],
        "weights": WEIGHTS.get(kind, [None, "w"][seed // 2 % 2]),
    }


def fitted(formula: str, data: pd.DataFrame, reml: bool, **options: Any) -> rm.Fit:
    """A fit, whatever is said of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IdentifiabilityWarning)
        return rm.lmer(formula, data, reml, allow_saturated=True, **options)
