"""Assignment 3: maximum likelihood, its bias, and Neyman and Scott's groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from refmixed import marginal
from refmixed.fit import lm
from refmixed.marginal import Marginal

from ..models import few_rows, four_rows, theta_of
from ..records import Assignment, Function, Number, Random, near_miss


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


def sums_of_squares(data: pd.DataFrame) -> tuple[float, int, int]:
    """pwrss, n and p of `y ~ g + x`."""
    fit = lm("y ~ g + x", data)
    rss = fit.residuals().to_numpy() @ fit.residuals().to_numpy()
    return float(rss), len(data), len(fit.beta)


def both(data: pd.DataFrame) -> list[float]:
    """The ML estimate of sigma squared, and the unbiased one."""
    return [float(lm("y ~ g + x", data, reml=reml).sigma ** 2) for reml in (False, True)]


@near_miss("order", "eq:ml-reml-ratio", credit=0.75)
def the_other_way_round(data: pd.DataFrame) -> list[float]:
    """The two estimates are there, in the wrong order: which of them has the larger divisor?"""
    return both(data)[::-1]


@near_miss("units", "eq:sigma")
def deviations(data: pd.DataFrame) -> list[float]:
    """These are standard deviations: variances are asked for."""
    return [float(np.sqrt(one)) for one in both(data)]


@near_miss("divisor", "eq:reml-neyman-scott")
def one_mean_counted(data: pd.DataFrame) -> list[float]:
    """One degree of freedom is taken off for all: every group's mean was estimated."""
    rss, n, _ = sums_of_squares(data)
    return [rss / n, rss / (n - 1)]


@near_miss("divisor", "eq:reml-neyman-scott")
def slope_not_counted(data: pd.DataFrame) -> list[float]:
    """The means of the groups are counted, and the slope is not: it was estimated, too."""
    rss, n, p = sums_of_squares(data)
    return [rss / n, rss / (n - p + 1)]


@near_miss("structure", "eq:neyman-scott-mean", credit=0.25)
def no_slope(data: pd.DataFrame) -> list[float]:
    """The deviations are from the means of the groups: what x explains is still in them."""
    return [float(lm("y ~ g", data, reml=reml).sigma ** 2) for reml in (False, True)]


@near_miss("structure", "eq:neyman-scott-mean", credit=0.25)
def no_groups(data: pd.DataFrame) -> list[float]:
    """There is one mean for all here: each group has its own."""
    return [float(lm("y ~ x", data, reml=reml).sigma ** 2) for reml in (False, True)]


def groups_of_few(random: Random) -> pd.DataFrame:
    """Many groups of two or three with means of their own, and a covariate."""
    size, N = int(random.integers(2, 4)), int(random.integers(30, 50))
    g = np.repeat(np.arange(N), size)
    x, mean = random.normal(size=N * size), 3 * random.normal(size=N)
    y = mean[g] + 0.5 * x + random.normal(size=N * size)
    names = [f"g{j:02d}" for j in range(N)]
    return pd.DataFrame({"g": np.array(names)[g], "x": x.round(3), "y": y.round(3)})


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
    data=groups_of_few,
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
        Number(
            name="variances",
            points=2,
            asks="Of your data, where each group g has a mean of its own and x one slope for all: "
            "the ML estimate of sigma squared, and the unbiased one.",
            mistakes=(
                the_other_way_round,
                deviations,
                one_mean_counted,
                slope_not_counted,
                no_slope,
                no_groups,
            ),
            reference=both,
        ),
    ),
)
