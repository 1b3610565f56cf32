"""Populations to sample from: predictors, random effects and responses, each drawn by its law.

    school = population(
        x=predictor("normal"),
        group=factor("ABCD"),
        b=random_effects("group", "1 + x", [[1.0, 0.2], [0.2, 0.5]]),
        y=response("4 + 2 * x + b", error_scale=1.0),
    )
    sample = sample_y(sample_x(school, 100, rng), rng)
    sample.frame                      # columns x, group, b, y
    again = sample_y(sample, rng)     # the same x and groups; b and y drawn anew

Predictors and factors come first, each on its own.  Then random effects and responses follow in
their order, and may read every column that is there by then.
"""

from .effects import random_effects
from .expressions import by_level
from .families import ar1, binomial, errors, student_t
from .population import Population, Sample, population, sample_x, sample_y
from .predictors import dirichlet, factor, predictor
from .responses import response

__all__ = [
    "Population",
    "Sample",
    "ar1",
    "binomial",
    "by_level",
    "dirichlet",
    "errors",
    "factor",
    "population",
    "predictor",
    "random_effects",
    "response",
    "sample_x",
    "sample_y",
    "student_t",
]
