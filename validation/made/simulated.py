"""Two simulated designs after the chapter's examples, as the CSV files in validation/data.

`counties`: a survey of 1000 respondents in 52 counties of very unequal size (Example 23.6).
`slopes`: an intercept and a slope for each of 24 groups of 2 to 20 observations.

The files are what counts; `python -m validation simulate` writes them again.  They are made with
numpy's RandomState, whose streams never change, and rounded to six decimals.
"""

from __future__ import annotations

from pathlib import Path
from string import ascii_letters

import numpy as np
import pandas as pd

DATA = Path(__file__).parents[1] / "data"


def counties() -> pd.DataFrame:
    """Income by county: effects with SD 0.25, errors with SD 0.5, shares of a Dirichlet law."""
    rng = np.random.RandomState(239)  # the first from 236 on that reaches every county
    names = np.array([*ascii_letters.upper()[:26], *ascii_letters[:26]])
    effects = rng.normal(scale=0.25, size=52)
    shares = rng.dirichlet(np.full(52, 2.0))
    county = rng.choice(52, size=1000, p=shares)
    income = 1 + effects[county] + rng.normal(scale=0.5, size=1000)
    return pd.DataFrame({"county": names[county], "income": income.round(6)})


def slopes() -> pd.DataFrame:
    """y = 3 + 2 x + intercept + slope x + error; SDs 1, 0.5 and 1, correlation -0.4."""
    rng = np.random.RandomState(237)
    sizes = rng.randint(2, 21, size=24)
    group = np.repeat(np.arange(24), sizes)
    x = rng.uniform(-2, 2, size=len(group)).round(6)
    cov = [[1.0, -0.2], [-0.2, 0.25]]
    effects = rng.multivariate_normal([3.0, 2.0], cov, size=24)
    y = effects[group, 0] + effects[group, 1] * x + rng.normal(size=len(group))
    names = [f"g{k:02d}" for k in group]
    return pd.DataFrame({"group": names, "x": x, "y": y.round(6)})


def write() -> None:
    """Write both files."""
    for make in (counties, slopes):
        make().to_csv(DATA / f"{make.__name__}.csv", index=False)


def load(name: str) -> pd.DataFrame:
    """One of the files; its grouping column is a factor with sorted levels."""
    data = pd.read_csv(DATA / f"{name}.csv", dtype=str)
    group, *numbers = data.columns
    data = data.astype(dict.fromkeys(numbers, float)).astype({group: "category"})
    data.attrs["name"] = name
    return data
