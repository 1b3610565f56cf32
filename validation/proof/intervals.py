"""The profile limits of a model: profile_beta, profile_sigma and profile_sd.

Where a limit lies on another face than the optimum (a variance becomes zero on the way), the
profile is followed from the optimum on that face.  The lower limit of a standard deviation is zero
where the criterion at zero is below the target.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from flint import arb

from . import starting
from .engine import at, covariances, criterion, factors
from .exact import Exact
from .krawczyk import Vector, converge
from .matrices import ProofError
from .optimum import Optimum, profiled
from .problem import problem
from .profiles import PATH, Parameter, chi_square, limit
from .unprofiled import Criterion, embedded, face

Ranks = tuple[int, ...]
Limits = list[arb]


def intervals(made: Exact, fit: Optimum) -> dict[str, list[Limits] | Limits]:
    """What is proved of the limits, for an ML fit; a quantity of which one is not is left out."""
    found: dict[str, list[Limits] | Limits] = {}
    for name, compute in (("beta", betas), ("sigma", sigmas), ("sd", sds)):
        try:
            found[f"profile_{name}"] = compute(made, fit)
        except ProofError:
            continue
    if not fit.problem.p:
        del found["profile_beta"]
    if any(k > 1 for k in fit.problem.sizes):
        found.pop("profile_sd", None)
    return found


def betas(made: Exact, fit: Optimum) -> list[Limits]:
    """(p, 2)."""
    return [beta(made, fit, j) for j in range(fit.problem.p)]


def beta(made: Exact, fit: Optimum, j: int) -> Limits:
    """(2,) of one coefficient."""
    held = problem(made, reml=False, held=j).balls()

    def starts(ranks: Ranks) -> tuple[Criterion, Parameter, Vector]:
        z, coefficients = begin(made, fit, ranks)
        return Criterion(held, ranks), Parameter(len(z)), [*z, coefficients[j]]

    return both_sides(fit, starts)


def sigmas(made: Exact, fit: Optimum) -> Limits:
    """(2,): the parameter of the profile is log sigma."""

    def starts(ranks: Ranks) -> tuple[Criterion, Parameter, Vector]:
        z, _ = begin(made, fit, ranks)
        return Criterion(fit.problem, ranks), Parameter(len(z) - 1), z

    return [x.exp() for x in both_sides(fit, starts)]


def sds(made: Exact, fit: Optimum) -> list[Limits]:
    """(terms, 2), where every term has one effect."""
    if any(k > 1 for k in fit.problem.sizes):
        raise ProofError("a term of several effects has no profile of its standard deviations")
    return [sd(made, fit, t) for t in range(len(fit.ranks))]


def sd(made: Exact, fit: Optimum, t: int) -> Limits:
    """(2,) of one term; the parameter of the profile is log theta_t + log sigma."""

    def starts(ranks: Ranks) -> tuple[Criterion, Parameter, Vector]:
        if not ranks[t]:
            raise ProofError("a standard deviation of zero has no logarithm")
        z, _ = begin(made, fit, ranks)
        return Criterion(fit.problem, ranks), Parameter(len(z) - 1, log_of=sum(ranks[:t])), z

    upper = one_side(fit, starts, upward=True).exp()
    if is_zero_below(made, fit, t):
        return [arb(0), upper]
    return [one_side(fit, starts, upward=False).exp(), upper]


def is_zero_below(made: Exact, fit: Optimum, t: int) -> bool:
    """Whether the criterion with term t at zero is proved to be below the target."""
    ranks = tuple(0 if i == t else r for i, r in enumerate(fit.ranks))
    theta = embedded(fit.problem, face(fit.problem, ranks), on_face(made, fit, ranks))
    here = at(fit.problem, covariances(factors(fit.problem, theta)))
    return bool(criterion(here, fit.problem.weights) < target(fit))


Starts = Callable[[Ranks], tuple[Criterion, Parameter, Vector]]


def both_sides(fit: Optimum, starts: Starts) -> Limits:
    """(2,) lower and upper."""
    return [one_side(fit, starts, upward) for upward in (False, True)]


def one_side(fit: Optimum, starts: Starts, upward: bool) -> arb:
    """A limit, on the optimum's own face or on one below it.  Raises ProofError."""
    reason = ProofError("no face is left")
    for ranks in faces(fit.ranks):
        try:
            d, h, z = starts(ranks)
            return limit(d, h, z, target(fit), upward)
        except ProofError as error:
            reason = error
    raise reason


def faces(ranks: Ranks) -> Iterator[Ranks]:
    """A face, and those of one rank less."""
    yield ranks
    for t, r in enumerate(ranks):
        if r:
            yield (*ranks[:t], r - 1, *ranks[t + 1 :])


def target(fit: Optimum) -> arb:
    """The criterion at a limit."""
    return criterion(fit.here, fit.problem.weights) + chi_square()


def begin(made: Exact, fit: Optimum, ranks: Ranks) -> tuple[Vector, Vector]:
    """z = (theta, log sigma) at the minimum on a face, and beta there, in points."""
    free = face(fit.problem, ranks)
    values = on_face(made, fit, ranks)
    here = at(fit.problem, covariances(factors(fit.problem, embedded(fit.problem, free, values))))
    sigma2 = here.r2[0, 0] / fit.problem.dof
    z = [*values, (sigma2.log() / 2).mid()]
    return z, [here.beta[j, 0].mid() for j in range(fit.problem.p)]


def on_face(made: Exact, fit: Optimum, ranks: Ranks) -> Vector:
    """The free entries of theta at the minimum on a face."""
    free = face(fit.problem, ranks)
    near = {entry: fit.theta[fit.problem.entries.index(entry)].mid() for entry in free}
    if ranks == fit.ranks or not free:
        return list(near.values())
    floats = np.array([float(near.get(entry, arb(0))) for entry in fit.problem.entries])
    floats = starting.on_face(made.design, fit.problem.reml, floats)
    start = [floats[fit.problem.entries.index(entry)] for entry in free]
    return converge(profiled(fit.problem, ranks), start, PATH)[0]
