"""A search that stopped elsewhere: the criterion and beta at the variances of an account."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator

import numpy as np

import refmixed as rm
from refmixed.covariance import flatten
from refmixed.design import Design
from refmixed.linalg import Array

from .account import Account, Numbers
from .align import aligned
from .base import Base, Trait, account_of
from .numbers import Number

NEAR_ZERO = 0.02  # of theta: of standard deviations over sigma
MOST = 3  # changed models that are tried
NEAR = 1e-3  # of sigma: what rounded variances may move it by
LEAST = 1e-3  # by which the criterion must be above its least


def bases(base: Base, told: Account) -> Iterator[Base]:
    """The model at theta of an account, where the criterion is above its least."""
    here = aligned(told, base.account)
    if base.fit is None or here.one("sigma") is None:
        return
    center = theta(base.fit.design, here, {})
    if center is None:
        return
    fits = [at(base.fit, one) for one in (center, *around(base.fit, here))]
    numbers = hull([account_of(fit).numbers for fit in fits])
    above = fits[0].criterion - base.fit.criterion
    if above > LEAST and may_stop(fits[0]):
        says = (
            f"stopped where the criterion is {above:.4g} above its least, {base.fit.criterion:.8g}"
        )
        trait = Trait("optimum", "elsewhere", "not-optimum", says)
        account = Account("live", "refmixed", numbers, base.fit.reml)
        yield Base(account, fits[0], base.traits | {trait})


def nearest(bases: Iterable[Base], told: Account) -> list[Base]:
    """Of models whose sigma is the account's at its theta those with its nearest fixed effects."""
    centers = {base: center for base in bases if (center := elsewhere(base, told))}
    return sorted(centers, key=lambda base: apart(centers[base], told))[:MOST]


def apart(base: Base, told: Account) -> float:
    """How far fixed effects are from those of an account, in standard errors, summed."""
    here = aligned(base.account, told, by_place=True).numbers
    keys = [key for key in told.of("beta") if key in here]
    errors = {key: here["se", key[1]].value for key in keys}
    return sum(abs(here[k].value - told.numbers[k].value) / errors[k] for k in keys)


def elsewhere(base: Base, told: Account) -> Base | None:
    """A model at theta of an account; None where sigma is another, or the criterion the least."""
    here = aligned(told, base.account)
    sigma = here.one("sigma")
    if base.fit is None or sigma is None or (center := theta(base.fit.design, here, {})) is None:
        return None
    fit = at(base.fit, center)
    is_near = abs(fit.sigma - sigma.value) < NEAR * sigma.value
    above = fit.criterion - base.fit.criterion
    return Base(account_of(fit), fit) if is_near and above > LEAST else None


def may_stop(fit: rm.Fit) -> bool:
    """Whether variances at zero are a minimum there: else the groups may be other ones, too."""
    theta = fit.theta.to_numpy(dtype=float)
    moved = theta.copy()
    moved[np.flatnonzero(theta < NEAR_ZERO)] = NEAR_ZERO
    return (theta.any() and theta.max() > NEAR_ZERO) or at(fit, moved).criterion > fit.criterion


def at(fit: rm.Fit, theta: Array) -> rm.Fit:
    """The model at one theta."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rm.RefmixedWarning)
        return rm.Fit.of(fit.design, fit.reml, theta=theta)


def around(fit: rm.Fit, told: Account) -> Iterator[Array]:
    """theta with one number at an end of its rounding."""
    for key in told.numbers:
        if key[0] in ("sd", "corr", "sigma"):
            for end in ("low", "high"):
                found = theta(fit.design, told, {key: getattr(told.numbers[key], end)})
                if found is not None:
                    yield found


def theta(
    design: Design,
    told: Account,
    moved: dict[tuple[str, ...], float],
    sigma: float | None = None,
) -> Array | None:
    """theta (m,) of standard deviations and correlations; None where one is missing.

    sigma: what standard deviations are relative to, that of the account where it is not given.
    """
    values = {key: number.value for key, number in told.numbers.items()} | moved
    blocks = []
    for term in design.terms:
        sd = [values.get(("sd", term.group, effect)) for effect in term.effects]
        if None in sd:
            return None
        C = np.eye(term.k)
        for i, j in zip(*np.tril_indices(term.k, -1), strict=True):
            r = values.get(("corr", term.group, term.effects[j], term.effects[i]))
            if r is None:
                return None
            C[i, j] = C[j, i] = r
        factor = root(C)
        if factor is None:
            return None
        blocks.append(np.array(sd, dtype=float)[:, None] * factor / (sigma or values["sigma",]))
    return flatten(blocks)


def root(C: Array) -> Array | None:
    """The lower triangle of a correlation matrix; None where rounding made it no such."""
    try:
        return np.asarray(np.linalg.cholesky(C + 1e-12 * np.eye(len(C))))
    except np.linalg.LinAlgError:
        return None


def hull(every: list[Numbers]) -> Numbers:
    """From the first values: as far to both sides as roundings may add up to."""
    first, *others = every
    return {
        key: Number(
            value.value - reach(key, value, others), value.value + reach(key, value, others)
        )
        for key, value in first.items()
    }


def reach(key: tuple[str, ...], value: Number, others: list[Numbers]) -> float:
    """The sum over pairs of ends of the larger change."""
    moves = [abs(one[key].value - value.value) for one in others if key in one]
    return float(sum(max(pair) for pair in zip(moves[::2], moves[1::2], strict=False)))
