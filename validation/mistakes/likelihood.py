"""Mistakes about the criterion, its constants and its derivative."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from refmixed.linalg import Array

from .covariances import profiled
from .problem import Case, Values
from .registry import ANYWHERE, mistake
from .rounding import sure
from .searches import searched
from .textbook import Textbook

TWO_PI = 2 * np.pi
ERRORS = ("se_predicted", "se_population")  # multiples of sigma
PARTS = ("condvar", "pev")  # multiples of its square, a term each


@mistake("criterion", "eq:reml-criterion", *ANYWHERE)
def ml_for_reml(p: Case) -> Values | None:
    """Full maximum likelihood where restricted maximum likelihood is asked for."""
    return p.answers(reml=False) if p.reml else None


@mistake("criterion", "eq:ml-criterion", *ANYWHERE)
def reml_for_ml(p: Case) -> Values | None:
    """Restricted maximum likelihood where full maximum likelihood is asked for."""
    return None if p.reml else p.answers(reml=True)


@mistake("criterion", "eq:reml-criterion", *ANYWHERE)
def no_logdet_x(p: Case) -> Iterator[Values]:
    """The log|X'V^-1 X| term of REML is missing."""
    if p.reml:
        yield from changed(
            p, lambda book: -book.logdet_X, lambda book: book.gradient(fixed_effects=False)
        )


def changed(
    p: Case, change: Callable[[Textbook], float], slope: Callable[[Textbook], Array]
) -> Iterator[Values]:
    """A criterion with a term more, and its slope: told alone, and followed in the search."""
    if p.level != "inference":
        yield {**plus(p, change(p.right)), "gradient": slope(p.right)}
    if p.level != "evaluate":
        yield searched(p, slope, change) or {}


@mistake("divisor", "eq:sigma", *ANYWHERE)
def divisor_n(p: Case) -> Values | None:
    """REML divides the residual sum of squares by n instead of n - p."""
    return other_divisor(p, p.design.n) if p.reml else None


@mistake("divisor", "eq:sigma", *ANYWHERE)
def divisor_n_minus_p(p: Case) -> Values | None:
    """ML divides the residual sum of squares by n - p instead of n."""
    return None if p.reml else other_divisor(p, p.design.n - p.design.p)


def other_divisor(p: Case, divisor: int) -> Values:
    """sigma by another divisor, and what is a multiple of it or of its square."""
    by = np.sqrt(p.design.dof(p.reml) / divisor)
    roots = {q: p.true(q) * by for q in ("sigma", "sd", *ERRORS) if q in p.truth}
    squares = {"vcov": p.true("vcov") * by**2} if "vcov" in p.truth else {}
    parts = {q: [part * by**2 for part in p.by_term(q)] for q in PARTS if q in p.truth}
    return {**roots, **squares, **parts}


@mistake("criterion", "eq:deviance", "evaluate", "fit")
def no_two_pi(p: Case) -> Values:
    """The log(2 pi) of the criterion is missing."""
    return plus(p, -p.design.dof(p.reml) * np.log(TWO_PI))


def plus(p: Case, term: float) -> Values:
    """The criterion plus something."""
    return {"criterion": p.true("criterion") + term}


@mistake("criterion", "eq:ml-criterion", "evaluate", "fit")
def no_constants(p: Case) -> Values:
    """The constants of the criterion, 1 + log(2 pi) for each degree of freedom, are missing."""
    return plus(p, -p.design.dof(p.reml) * (1 + np.log(TWO_PI)))


@mistake("criterion", "eq:restricted-likelihood", "evaluate", "fit")
def constants_of_n(p: Case) -> Values | None:
    """REML's constants are those of n observations instead of n - p."""
    return plus(p, p.design.p * np.log(TWO_PI)) if p.reml else None


@mistake("criterion", "eq:reml-criterion", "evaluate", "fit")
def ml_constants_in_reml(p: Case) -> Values | None:
    """The REML criterion has n in place of n - p throughout."""
    if not p.reml:
        return None
    n, dof, sigma2 = p.design.n, p.design.dof(p.reml), p.true("sigma") ** 2
    wrong, right = (m * (1 + np.log(TWO_PI * sigma2 * dof / m)) for m in (n, dof))
    return plus(p, wrong - right)


@mistake("criterion", "eq:restricted-likelihood", "evaluate", "fit")
def harville_constant(p: Case) -> Values | None:
    """The REML criterion has log|X'X| subtracted, as in Harville's form of it."""
    if not p.reml:
        return None
    R = np.linalg.qr(p.design.X, mode="r")
    return plus(p, -2 * np.log(np.abs(np.diag(R))).sum())


@mistake("criterion", "eq:log-density", "evaluate", "fit")
def log_likelihood(p: Case) -> Values:
    """The log-likelihood in place of -2 times it."""
    return times(p, -0.5)


@mistake("criterion", "eq:log-density", "evaluate", "fit")
def half_criterion(p: Case) -> Values:
    """Minus the log-likelihood in place of -2 times it."""
    return times(p, 0.5)


@mistake("sign", "eq:log-density", "evaluate", "fit")
def sign_of_criterion(p: Case) -> Values:
    """Twice the log-likelihood in place of -2 times it."""
    return times(p, -1.0)


def times(p: Case, factor: float) -> Values:
    """The criterion and its derivative, where it is asked for, times a factor."""
    return {q: factor * p.true(q) for q in ("criterion", "gradient") if q in p.truth}


@mistake("criterion", "eq:sylvester", *ANYWHERE)
def logdet_once(p: Case) -> Iterator[Values]:
    """The log determinant of V is counted once as that of its Cholesky factor, half of it."""
    return changed(
        p,
        lambda book: -book.logdet_V0 / 2,
        lambda book: book.gradient() - book.entries(book.ZtV0invZ @ book.Lambda),
    )


@mistake("criterion", "eq:deviance", "evaluate", "fit")
def no_logdet_v(p: Case) -> Values:
    """The log determinant of V is missing."""
    return plus(p, -p.right.logdet_V0)


@mistake("criterion", "eq:sylvester", "evaluate", "fit")
def no_logdet_weights(p: Case) -> Values | None:
    """The log determinant of the weights is missing from that of V."""
    weighted = (p.design.weights != 1).any()
    return plus(p, np.log(p.design.weights).sum()) if weighted else None


@mistake("criterion", "eq:pwrss", "evaluate", "fit")
def no_penalty(p: Case) -> Values:
    """The residual sum of squares is taken without the penalty |u|^2."""
    here = p.right
    residuals = p.design.y - here.fitted
    rss = float(p.design.weights @ residuals**2)
    criterion = here.criterion + here.dof * np.log(rss / here.pwrss)
    return {"criterion": criterion, "sigma": np.sqrt(rss / here.dof)}


@mistake("structure", "eq:V", "evaluate", "fit")
def diagonal_marginal_covariance(p: Case) -> Values:
    """The marginal covariance of y is taken as diagonal, as if observations were independent."""
    return profiled(independent(p, np.diag(p.right.V0)))


@mistake("structure", "eq:gls", "evaluate", "fit")
def least_squares(p: Case) -> Values:
    """beta by least squares, without the random effects."""
    return {"beta": sure(independent(p, 1 / p.design.weights)).beta}


def independent(p: Case, variances: Array) -> Textbook:
    """The model without random effects, and with other variances (n,) of the observations."""
    design = replace(p.design, weights=1 / variances)
    return Textbook(design, np.zeros((design.q, design.q)), p.reml)


@mistake("criterion", "eq:dT", "evaluate")
def gradient_in_variances(p: Case) -> Values | None:
    """The derivative in the squares of theta, without the chain rule's factor."""
    if any(term.k > 1 for term in p.design.terms) or not p.theta.all():
        return None
    return {"gradient": p.true("gradient") / (2 * p.theta)}


@mistake("criterion", "eq:dr2", "evaluate")
def gradient_without_residual(p: Case) -> Values:
    """The derivative of the log determinants alone, that of the residuals left out."""
    here = p.right
    pushed = 2 * here.dof / here.pwrss * np.outer(here.a, here.a) @ here.Lambda
    return {"gradient": p.true("gradient") + here.entries(pushed)}
