"""What goes wrong with crossed ratings: the standard deviations, the errors, the interval."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from refmixed.fit import lmer
from refmixed.result import Fit

from ..records import near_miss
from .crossed_ratings import (
    CONTRAST,
    FORMULAS,
    INTERCEPTS,
    RIGHT,
    SUBJECTS,
    TERMS,
    deviations,
    error_of_contrast,
    errors,
    fitted,
    interval,
    limits,
    sds,
)


def with_quantile(data: pd.DataFrame, quantile: float) -> list[float]:
    """The interval of the right model with another quantile."""
    fit = fitted(RIGHT, data)
    return limits(fit.beta[CONTRAST], error_of_contrast(fit), quantile)


@near_miss("units", "eq:slope-covariance", credit=0.75)
def variances(data: pd.DataFrame) -> list[float]:
    """These are variances: standard deviations are asked for."""
    return [one**2 for one in sds(data)]


@near_miss("criterion", "eq:reml-criterion")
def by_ml(data: pd.DataFrame) -> list[float]:
    """These are the estimates of maximum likelihood: REML's are asked for."""
    return deviations(lmer(RIGHT, data, reml=False))


@near_miss("units", "eq:sigma")
def over_sigma(data: pd.DataFrame) -> list[float]:
    """These are over the standard deviation of the errors, as theta is."""
    return [one / sds(data)[-1] for one in sds(data)]


@near_miss("optimum", "eq:kkt", credit=0.25)
def where_it_began(data: pd.DataFrame) -> list[float]:
    """The search has not left its start, where all are as large: read what the program says."""
    fit = fitted(RIGHT, data)
    return deviations(Fit.of(fit.design, theta=np.ones(len(TERMS))))


@near_miss("variance", "eq:group-mean")
def of_means(data: pd.DataFrame) -> list[float]:
    """The means of subjects and of raters vary by what is below them, too: take it off."""
    means = [float(data.groupby(name)["rating"].mean().std()) for name in TERMS[:2]]
    return [*means, *sds(data)[2:]]


@near_miss("order", "eq:slope-covariance", credit=0.75)
def errors_first(data: pd.DataFrame) -> list[float]:
    """The right numbers in another order: the errors come last, and subjects first."""
    return sds(data)[::-1]


@near_miss("units", "eq:se", credit=0.75)
def squared(data: pd.DataFrame) -> list[float]:
    """These are variances: standard errors are their roots."""
    return [one**2 for one in errors(data)]


@near_miss("coding", "eq:combination-se")
def of_a_deviation(data: pd.DataFrame) -> list[float]:
    """These are of a condition's deviation from the mean of all: b is to be compared with a."""
    return [one / 3**0.5 for one in errors(data)]


@near_miss("structure", "eq:balanced-vcov")
def intercepts_again(data: pd.DataFrame) -> list[float]:
    """The last model has no more than intercepts here: effects of a condition vary, too."""
    found = errors(data)
    return [*found[:3], found[2]]


@near_miss("structure", "eq:balanced-vcov")
def subjects_alone_respond(data: pd.DataFrame) -> list[float]:
    """In the last model only the subjects respond to the conditions: raters may, too."""
    fit = fitted(f"{INTERCEPTS} + (1 | subject:condition)", data)
    return [*errors(data)[:3], error_of_contrast(fit)]


@near_miss("structure", "eq:balanced-vcov")
def raters_alone_respond(data: pd.DataFrame) -> list[float]:
    """In the last model only the raters respond to the conditions: subjects may, too."""
    fit = fitted(f"{INTERCEPTS} + (1 | rater:condition)", data)
    return [*errors(data)[:3], error_of_contrast(fit)]


@near_miss("structure", "eq:parameter-count", credit=0.75)
def unequal_slopes(data: pd.DataFrame) -> list[float]:
    """The last model has a covariance matrix for each group: the page's has fewer parameters."""
    fit = fitted("rating ~ condition + (condition | subject) + (condition | rater)", data)
    return [*errors(data)[:3], error_of_contrast(fit)]


@near_miss("order", "eq:se", credit=0.75)
def last_first(data: pd.DataFrame) -> list[float]:
    """The right numbers in another order: the models go from few random effects to many."""
    return errors(data)[::-1]


@near_miss("method", "eq:satterthwaite")
def normal_quantile(data: pd.DataFrame) -> list[float]:
    """This is the normal quantile: the standard error is an estimate, with degrees of freedom."""
    return with_quantile(data, stats.norm.ppf(0.975))


@near_miss("method", "eq:satterthwaite")
def freedom_of_subjects(data: pd.DataFrame) -> list[float]:
    """These are the degrees of freedom of the subjects alone: raters have a share in the error."""
    return with_quantile(data, stats.t.ppf(0.975, SUBJECTS - 1))


@near_miss("structure", "eq:se", credit=0.25)
def of_least_squares(data: pd.DataFrame) -> list[float]:
    """This interval is of the model without random effects, which takes ratings as independent."""
    return interval(data, FORMULAS[0])


@near_miss("structure", "eq:balanced-vcov")
def of_intercepts(data: pd.DataFrame) -> list[float]:
    """This interval is of the model with random intercepts alone."""
    return interval(data, INTERCEPTS)


@near_miss("variance", "eq:se")
def one_error(data: pd.DataFrame) -> list[float]:
    """The limits are one standard error away: that covers two thirds."""
    return with_quantile(data, 1.0)


@near_miss("coding", "eq:combination-se")
def another_condition(data: pd.DataFrame) -> list[float]:
    """This compares c with a: b less a is asked for."""
    return interval(data, row="conditionc")


@near_miss("sign", "eq:combination-se", credit=0.75)
def a_less_b(data: pd.DataFrame) -> list[float]:
    """This is a less b: b less a is asked for."""
    estimate, lower, upper = interval(data)
    return [-estimate, -upper, -lower]


OF_SDS = (variances, by_ml, over_sigma, where_it_began, of_means, errors_first)
OF_ERRORS = (
    squared,
    of_a_deviation,
    intercepts_again,
    subjects_alone_respond,
    raters_alone_respond,
    unequal_slopes,
    last_first,
)
OF_INTERVAL = (
    normal_quantile,
    freedom_of_subjects,
    of_least_squares,
    of_intercepts,
    one_error,
    another_condition,
    a_less_b,
)
