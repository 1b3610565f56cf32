"""Random models whose covariance parameters are determined, proved in rationals; a seed each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import pandas as pd
from exactly import undetermined

import refmixed as rm
from refmixed.design import Design

FIXED = ["1", "x", "x + z", "f", "x + f", "x * f", "0 + f + z", "x * z", "z + I(x^2)", "t + f"]
EFFECTS = ["1", "x", "z", "t", "f", "0 + x", "0 + f", "x + z", "0 + x + z", "I(x^2)"]
TERMS = [
    "({a} | g)",
    "({a} || g)",
    "({a} | g) + ({b} | h)",
    "({a} | g) + ({b} | h) + (1 | i)",
    "({a} | g) + (1 | g:h)",
    "({a} | h/b)",
    "(1 | h/g) + (0 + {a} | i)",
    "(1 | h/i/b)",
    "(1 | g) + (0 + x | g) + (1 | h)",
    "(x | g) + (0 + z | g) + (1 | g:f)",
]
NEARLY = [  # within 1e-5 or more of one that is not determined, or whose variance X explains
    "(1 | g) + (1 | near)",
    "({a} | g) + (1 | near)",
    "(c | g)",
    "(1 | g) + (0 + c | g)",
    "(0 + x | g) + (0 + v | g)",
    "(v | g) + (0 + x | h)",
    "(1 | id) + (1 | g)",
    "({a} | k) + (1 | g)",
    "(1 | k) + (1 | g) + (1 | near)",
    "(1 | k) + (1 | g) + (0 + c | g)",
    "(1 | k) + (0 + x | g) + (0 + v | g) + (1 | id)",
]


@dataclass(frozen=True)
class Model:
    """A formula, data for it, and how to fit it."""

    formula: str
    data: pd.DataFrame
    reml: bool
    weights: str | None
    offset: str | None

    @property
    def design(self) -> Design:
        return rm.design(
            self.formula, self.data, weights=self.weights, offset=self.offset, allow_saturated=True
        )

    def fit(self, data: pd.DataFrame | None = None, **options: Any) -> rm.Fit:
        """The fit to these data, or to the same in another form."""
        options = {"weights": self.weights, "offset": self.offset} | options
        return rm.lmer(self.formula, self.data if data is None else data, self.reml, **options)


def identified(seed: int) -> Model:
    """The first model of a seed that is determined and leaves residuals; each fourth nearly not."""
    for attempt in count():
        model = draw(np.random.default_rng([seed, attempt]), is_nearly_open=seed % 4 == 3)
        design = model.design
        if design.p + design.q < design.n and not undetermined(design, model.reml):
            return model
    raise AssertionError


def draw(rng: np.random.Generator, is_nearly_open: bool) -> Model:
    """A model of one to four terms, each of one to four effects, of 2 to 30 levels."""
    data = draw_data(rng)
    a, b = rng.choice(EFFECTS, 2)
    fixed, terms = (
        (f"u + {rng.choice(['0', 'x', 'z'])}", NEARLY)
        if is_nearly_open
        else (rng.choice(FIXED), TERMS)
    )
    formula = f"y ~ {fixed} + {rng.choice(terms).format(a=a, b=b)}"
    weights = "nearly_equal" if is_nearly_open else [None, "w"][rng.integers(2)]
    return Model(formula, data, bool(rng.integers(2)), weights, [None, "o"][rng.integers(2)])


def draw_data(rng: np.random.Generator) -> pd.DataFrame:
    """Groups g of 3 to 30 levels, h of 3 to 8, i of 4, crossed; effects of any size, or none."""
    many, few = int(rng.integers(3, 31)), int(rng.integers(3, 9))
    n = int(rng.integers(max(30, 3 * many), max(60, 6 * many)))
    code = {"g": levels(rng, many, n), "h": levels(rng, few, n), "i": levels(rng, 4, n)}
    data = pd.DataFrame({"x": rng.normal(size=n), "z": rng.uniform(0, 3, n)})
    size = rng.choice([0.0, 0.1, 0.5, 1.0, 4.0], 4)
    slopes = rng.normal(size=(many, 2))[code["g"]] * size[:2]
    y = 1 + data["x"] + slopes[:, 0] + slopes[:, 1] * data["x"] + rng.normal(size=n)
    y += rng.normal(size=few)[code["h"]] * size[2] + rng.normal(size=4)[code["i"]] * size[3]
    near = np.where(np.arange(n) < 3, rng.permutation(code["g"]), code["g"])
    k = rng.choice(["k", "m"], n)
    little = 10.0 ** rng.uniform(-5, 0, 4)[:, None] * rng.uniform(-0.5, 0.5, (4, n))
    return data.assign(
        y=y * rng.choice([1e-3, 1.0, 1e3]),
        t=2000 + 10 * data["x"],
        f=rng.choice(list("abcd")[: rng.integers(2, 5)], n),
        b=[f"b{level}" for level in rng.integers(0, 3, n)],
        id=[f"row {row}" for row in range(n)],
        k=k,
        near=[f"g{level}" for level in near],
        u=(k == "m") + little[0],
        c=1 + little[1],
        v=data["x"] + little[2],
        nearly_equal=1 + little[3],
        w=rng.uniform(0.2, 4.0, n),
        o=rng.normal(size=n),
        **{name: [f"{name}{level}" for level in levels] for name, levels in code.items()},
    )


def levels(rng: np.random.Generator, many: int, n: int) -> np.ndarray:
    """The level (n,) of each row: each level at least once, some of them far more often."""
    share = rng.dirichlet(np.full(many, rng.choice([1.0, 5.0, 100.0])))
    return rng.permutation([*range(many), *rng.choice(many, n - many, p=share)])
