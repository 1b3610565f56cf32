"""Data that leave a likelihood without a maximum: it rises for ever as an estimate grows.

A combination of the predictors tells successes from failures, or counts from zeros, with random
effects or without (eq:separation); or in every group all responses are alike.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

from ..design import Design, RandomTerm
from ..errors import SeparationError
from ..linalg import Array
from .families import Binomial, Family, Poisson

TELLS = 1e-6  # a combination of columns of size one


def refuse_separated(design: Design, family: Family, back: Array | None = None) -> None:
    """Raises SeparationError where the fixed effects tell responses apart.  eq:separation

    back (p, p): of coefficients of X makes those of the columns that the names are of, if others.
    """
    if (signs := signs_of(family)) is None:
        return
    if signs[0] and (signs == signs[0]).all():
        raise SeparationError("the responses are all alike, so that estimates are infinite")
    largest = np.maximum(np.abs(design.X).max(axis=0, initial=0.0), 1e-300)  # (p,)
    X = design.X / largest
    one_sided = signs != 0
    towards = signs[one_sided, None] * X[one_sided]
    found = linprog(
        -towards.sum(axis=0),
        A_ub=-towards,
        b_ub=np.zeros(len(towards)),
        A_eq=X[~one_sided],
        b_eq=np.zeros(int((~one_sided).sum())),
        bounds=(-1.0, 1.0),
    )
    if found.status != 0 or -found.fun <= TELLS * len(design.y):
        return
    raise SeparationError(apart(told_by(design, found.x / largest, back), family))


def told_by(design: Design, direction: Array, back: Array | None) -> list[str]:
    """The names of the columns, but the intercept, that make up a combination of those of X."""
    back = np.eye(design.p) if back is None else back
    columns = np.linalg.solve(back.T, design.X.T).T  # (n, p): those that the names are of
    shares = np.abs(back @ direction) * np.abs(columns).max(axis=0, initial=0.0)
    pairs = zip(design.names, shares, strict=True)
    return [name for name, share in pairs if share > TELLS * shares.max() and name != "(Intercept)"]


def apart(names: list[str], family: Family) -> str:
    """What to say where these columns of X tell responses apart."""
    kind = "successes from failures" if isinstance(family, Binomial) else "counts from zeros"
    tell, them = ("tell", "them") if len(names) > 1 else ("tells", "it")
    return (
        f"{', '.join(names)} {tell} {kind}, so that estimates are infinite: leave {them} out, or "
        "merge levels"
    )


def signs_of(family: Family) -> Array | None:
    """(n,): 1 where an ever larger eta fits ever better, -1 where a smaller, 0 where neither."""
    if isinstance(family, Binomial):
        s, m = family.successes, family.trials
        return np.where(s == m, 1.0, np.where(s == 0, -1.0, 0.0))
    if isinstance(family, Poisson):
        return np.where(family.counts == 0, -1.0, 0.0)
    return None


def refuse_groups_alike(design: Design, family: Family) -> None:
    """Raises SeparationError where an intercept of the groups alone tells successes from failures.

    The larger its standard deviation, the likelier are groups that are all of one kind.
    """
    if len(design.terms) != 1 or not isinstance(family, Binomial):
        return
    (term,) = design.terms
    if term.k > 1 or (term.x != term.x[0]).any() or not is_alike(term, family):
        return
    raise SeparationError(
        f"in every level of {term.group} all responses are alike, so that its standard deviation "
        "grows without bound: leave its effect out, or merge levels"
    )


def is_alike(term: RandomTerm, family: Binomial) -> bool:
    """Whether each level has successes alone, or failures, and some level more than one."""
    trials = np.bincount(term.codes, family.trials)
    successes = np.bincount(term.codes, family.successes)
    one_kind = (successes == 0) | (successes == trials)
    differ = 0 < successes.sum() < trials.sum()
    return bool(one_kind.all() and differ and (trials > 1).any())
