"""Three conditions, 33 subjects, 25 raters, crossed: a student's data, and what is found there."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
from scipy import stats

from refmixed.fit import lm, lmer
from refmixed.result import Fit

from ..records import Random

CONDITIONS, SUBJECTS, RATERS = "abc", 33, 25
INTERCEPTS = "rating ~ condition + (1 | subject) + (1 | rater)"
RIGHT = f"{INTERCEPTS} + (1 | subject:condition) + (1 | rater:condition)"
FORMULAS = ("rating ~ condition", "rating ~ condition + (1 | rater)", INTERCEPTS, RIGHT)
TERMS = ("subject", "rater", "subject:condition", "rater:condition")  # the order of an answer
CONTRAST = "conditionb"  # b less a


def ratings(random: Random) -> pd.DataFrame:
    """Every rater with every subject under every condition."""
    C, S, R = len(CONDITIONS), SUBJECTS, RATERS
    sd_subject, sd_rater = random.uniform(0.8, 1.2), random.uniform(0.4, 0.7)
    sd_subjects_condition, sd_raters_condition = random.uniform(0.5, 0.8), random.uniform(0.3, 0.5)
    condition, subject, rater = np.array(list(product(range(C), range(S), range(R)))).T
    rating = 5 + np.append(0, random.uniform(0.1, 0.6, C - 1))[condition]
    rating += sd_subject * random.normal(size=S)[subject]
    rating += sd_rater * random.normal(size=R)[rater]
    rating += sd_subjects_condition * random.normal(size=(C, S))[condition, subject]
    rating += sd_raters_condition * random.normal(size=(C, R))[condition, rater]
    rating += random.uniform(0.9, 1.2) * random.normal(size=C * S * R)
    return pd.DataFrame(
        {
            "condition": np.array(list(CONDITIONS))[condition],
            "subject": [f"s{k + 1:02d}" for k in subject],
            "rater": [f"r{k + 1:02d}" for k in rater],
            "rating": rating.round(2),
        }
    )


def fitted(formula: str, data: pd.DataFrame) -> Fit:
    """A model with random effects, or without."""
    return lmer(formula, data) if "|" in formula else lm(formula, data)


def deviations(fit: Fit) -> list[float]:
    """Standard deviations in the order of TERMS, and that of the errors."""
    return [*(float(fit.varcorr[name].sd.iloc[0]) for name in TERMS), float(fit.sigma)]


def error_of_contrast(fit: Fit) -> float:
    """The standard error of b less a."""
    return float(fit.se[CONTRAST])


def sds(data: pd.DataFrame) -> list[float]:
    """The standard deviations of the right model."""
    return deviations(fitted(RIGHT, data))


def errors(data: pd.DataFrame) -> list[float]:
    """The standard errors of four models."""
    return [error_of_contrast(fitted(formula, data)) for formula in FORMULAS]


def interval(data: pd.DataFrame, formula: str = RIGHT, row: str = CONTRAST) -> list[float]:
    """Estimate and limits by Student's t, with Satterthwaite's degrees of freedom."""
    table = fitted(formula, data).test_fixed(type=None).loc[row, ["Estimate", "Std. Error", "df"]]
    estimate, error, freedom = map(float, table)
    return limits(estimate, error, stats.t.ppf(0.975, freedom))


def limits(estimate: float, error: float, quantile: float) -> list[float]:
    """Estimate, lower limit, upper limit."""
    return [float(estimate + side * quantile * error) for side in (0, -1, 1)]
