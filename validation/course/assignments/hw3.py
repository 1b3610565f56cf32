"""Assignment 3: maximum likelihood, its bias, and Neyman and Scott's groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from refmixed import marginal
from refmixed.marginal import Marginal

from ..models import few_rows, four_rows, theta_of
from ..points import Symbol
from ..records import Assignment, Expression, Function, Mistake, Number, Random, near_miss
from . import fixed_groups


@near_miss("units", "eq:sigma")
def variance_for_sd(pwrss: float, n: int) -> Any:
    """This is the variance: sigma is the standard deviation."""
    return pwrss / n


@near_miss("divisor", "eq:sigma")
def sample_variance(pwrss: float, n: int) -> Any:
    """The divisor is that of a sample variance: the likelihood has its maximum at another one."""
    return np.sqrt(pwrss / (n - 1))


def at_maximum(n: int, pwrss: float) -> Any:
    """What is left of the criterion besides the determinant."""
    return n * (1 + np.log(2 * np.pi * pwrss / n))


@near_miss("criterion", "eq:ml-criterion")
def no_quadratic_form(n: int, pwrss: float, logdet_V0: float) -> Any:
    """The quadratic form is forgotten: at the best sigma it does not vanish."""
    return logdet_V0 + at_maximum(n, pwrss) - n


@near_miss("criterion", "eq:ml-criterion")
def no_determinant(n: int, pwrss: float, logdet_V0: float) -> Any:
    """The determinant is missing: without it nothing keeps theta from growing."""
    return at_maximum(n, pwrss)


@near_miss("criterion", "eq:deviance")
def constant_outside(n: int, pwrss: float, logdet_V0: float) -> Any:
    """The factor of pwrss belongs inside the logarithm: put sigma's best value into -2 log p."""
    return logdet_V0 + n * (1 + 2 * np.pi / n * np.log(pwrss))


@near_miss("criterion", "eq:deviance")
def no_constant(n: int, pwrss: float, logdet_V0: float) -> Any:
    """The constant with pi is left out: then models by other software cannot be compared."""
    return logdet_V0 + at_maximum(n, pwrss) - n * np.log(2 * np.pi)


@near_miss("divisor", "eq:sigma")
def not_divided(n: int, pwrss: float, logdet_V0: float) -> Any:
    """The sum of squares stands where the variance belongs: it is not divided."""
    return logdet_V0 + at_maximum(n, n * pwrss)


@near_miss("sign", "eq:deviance", credit=0.75)
def log_likelihood(n: int, pwrss: float, logdet_V0: float) -> Any:
    """This is the log-likelihood: the criterion is minimised, and is -2 times that."""
    return -0.5 * (logdet_V0 + at_maximum(n, pwrss))


J = Symbol("J", "whole")
N_BAR = Symbol("n_bar", "whole", also=("nbar",))
OF_MEAN = (
    Mistake("slope-not-counted", "divisor", "The means are counted, and the slope is not: it was "
            "estimated, too, and J is not infinite.", "eq:ml-bias", "sigma**2*(n_bar - 1)/n_bar"),
    Mistake("one-mean-counted", "divisor", "There is one mean for all here: each of the J groups "
            "has its own.", "eq:ml-bias", "sigma**2*(J*n_bar - 2)/(J*n_bar)"),
    Mistake("unbiased", "divisor", "This is the mean of the unbiased estimate: maximum likelihood "
            "has another divisor.", "eq:sigma", "sigma**2"),
    Mistake("bias", "variance", "This is the bias: the mean itself is asked for.", "eq:ml-bias",
            "-sigma**2*(J + 1)/(J*n_bar)", 0.75),
    Mistake("deviation", "units", "The estimate is of sigma squared, and so is its mean.",
            "eq:ml-bias", "sigma*(J*(n_bar - 1) - 1)/(J*n_bar)", 0.75),
)  # fmt: skip
OF_DIVISOR = (
    Mistake("ml", "divisor", "This is the divisor of maximum likelihood: compare its mean squared "
            "error with that of others.", "eq:ml-mse", "n"),
    Mistake("reml", "divisor", "This divisor makes the estimate unbiased: the mean squared error "
            "has a variance, too.", "eq:rss-law", "n - p"),
    Mistake("no-coefficients", "divisor", "The p coefficients are forgotten: the law of the sum of "
            "squares has n - p degrees of freedom.", "eq:rss-law", "n + 2"),
    Mistake("half-variance", "variance", "The variance of chi-square is not its degrees of "
            "freedom.", "eq:rss-law", "n - p + 1"),
    Mistake("inverse-mean", "sign", "This would make the mean of 1/RSS right: minimise the mean "
            "squared error of RSS/c.", "eq:rss-law", "n - p - 2"),
)  # fmt: skip


def more_rows(point: Mapping[str, Any]) -> bool:
    """Whether there are more rows than coefficients."""
    return bool(point["n"] > point["p"])


def evaluated(random: Random) -> dict[str, Any]:
    """What ML has at some theta."""
    design = few_rows(random)
    return {"self": marginal.evaluate(design, theta_of(random, design), reml=False)}


def pieces(model: Marginal) -> dict[str, Any]:
    """What the criterion is made of."""
    parts = ("design", "pwrss", "logdet_V0")
    return {name: getattr(model, name) for name in parts} | {"reml": False}


def some_pieces(random: Random) -> dict[str, Any]:
    """The same at some theta."""
    design = few_rows(random)
    return pieces(marginal.at(design, theta_of(random, design), reml=False))


ASSIGNMENT = Assignment(
    name="hw3",
    title="Maximum likelihood and its bias",
    page="c03_ml",
    hours=4,
    needs=("c02_marginal", "d03_likelihood"),
    data=fixed_groups.groups_of_few,
    tasks=(
        Function(
            name="sigma",
            points=1,
            asks="The standard deviation of errors that maximum likelihood finds.",
            mistakes=(variance_for_sd, sample_variance),
            of="refmixed.evaluation:Evaluation.sigma",
            draw=evaluated,
            by_hand=lambda: {"self": marginal.evaluate(four_rows(), np.ones(1), reml=False)},
            magnitude="own",
            renamed={"dof": "n"},
        ),
        Function(
            name="profiled",
            points=3,
            asks="-2 log-likelihood where beta and sigma are at their best, from its pieces.",
            mistakes=(
                no_quadratic_form,
                no_determinant,
                constant_outside,
                no_constant,
                not_divided,
                log_likelihood,
            ),
            of="refmixed.evaluation:profiled",
            draw=some_pieces,
            by_hand=lambda: pieces(marginal.at(four_rows(), np.ones(1), reml=False)),
            magnitude="own",
            renamed={"dof": "n"},
            fixed={"reml": False},
        ),
        Expression(
            name="ml_mean",
            points=2,
            asks="The mean of the ML estimate of sigma^2 for J groups of n_bar rows, each "
            "with a mean of its own, and a covariate with one slope for all.",
            mistakes=OF_MEAN,
            reference="sigma**2*(J*(n_bar - 1) - 1)/(J*n_bar)",
            symbols=(J, N_BAR, Symbol("sigma")),
        ),
        Expression(
            name="best_divisor",
            points=2,
            asks="In linear regression with n rows, p coefficients and the residual sum of squares "
            "RSS: for which c has RSS/c the smallest mean squared error about sigma^2?",
            mistakes=OF_DIVISOR,
            reference="n - p + 2",
            symbols=(Symbol("p", "whole"), Symbol("n", "whole", where=more_rows)),
        ),
        Number(
            name="variances",
            points=2,
            asks="Of your data, where each group g has a mean of its own and x one slope for all: "
            "the ML estimate of sigma squared, and the unbiased one.",
            mistakes=fixed_groups.MISTAKES,
            reference=fixed_groups.both,
        ),
    ),
)
