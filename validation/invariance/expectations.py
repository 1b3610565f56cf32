"""What a transformation must do to the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .changes import stride
from .untouched import Untouched

if TYPE_CHECKING:
    from refmixed.linalg import Array  # which loads scipy

Expect = Callable[[Untouched], Any]


def theta_of(covariances: Sequence[Array], sigma: float) -> Array:
    """The relative covariance parameters of positive definite covariances."""
    factors = [np.linalg.cholesky(cov) / sigma for cov in covariances]
    return np.concatenate([F.T[np.triu_indices(len(F))] for F in factors])


def sds_of(covariances: Sequence[Array]) -> Array:
    """Standard deviations, term by term."""
    return np.concatenate([np.sqrt(np.diag(cov)) for cov in covariances])


def corr_of(covariances: Sequence[Array]) -> Array:
    """Correlations below the diagonal, term by term and column by column."""
    parts = [np.zeros(0)]
    for cov in covariances:
        sd = np.sqrt(np.diag(cov))
        parts.append((cov / np.outer(sd, sd)).T[np.triu_indices(len(cov), 1)])
    return np.concatenate(parts)


def linear(
    coefficients: Callable[[Untouched], Array], effects: Callable[[Untouched], list[Array]]
) -> Any:
    """What to expect when beta becomes A beta and the effects of each level of a term B_t gamma."""

    def parts(quantity: str, two_sided: bool) -> Expect:
        def expect(base: Untouched) -> list[Array]:
            return [
                B @ part @ B.T if two_sided else part @ B.T
                for B, part in zip(effects(base), base.by_term(quantity), strict=True)
            ]

        return expect

    def covariances(base: Untouched) -> list[Array]:
        pairs = zip(effects(base), base.covariances(), strict=True)
        return [B @ cov @ B.T for B, cov in pairs]

    def criterion(base: Untouched) -> float:
        shift = 2 * np.linalg.slogdet(coefficients(base))[1] if base.reml else 0.0
        return float(base["criterion"] - shift)

    return {
        "criterion": criterion,
        "beta": lambda base: coefficients(base) @ base["beta"],
        "vcov": lambda base: coefficients(base) @ base["vcov"] @ coefficients(base).T,
        "sd": lambda base: sds_of(covariances(base)),
        "corr": lambda base: corr_of(covariances(base)),
        "theta": lambda base: theta_of(covariances(base), float(base["sigma"])),
        "ranef": parts("ranef", two_sided=False),
        "condvar": parts("condvar", two_sided=True),
        "pev": parts("pev", two_sided=True),
    }


# --- covariates -----------------------------------------------------------------------------------


def power(base: Untouched, name: str) -> int:
    """How often the column of the transformation is a factor of a coefficient or an effect."""
    column = base.transform["column"]
    known = {column: 1, f"I({column}^2)": 2}
    return sum(known.get(part, 0) for part in name.split(":"))


def unit(base: Untouched, names: list[str]) -> Array:
    """(k, k): what other units of the column do to coefficients."""
    factor = float(base.transform["factor"])
    return np.diag([factor ** -power(base, name) for name in names])


def origin(base: Untouched, names: list[str]) -> Array:
    """(k, k): what another origin of the column does to coefficients."""
    A = np.eye(len(names))
    if base.transform["column"] in names:
        A[names.index("(Intercept)"), names.index(base.transform["column"])] = -float(
            base.transform["by"]
        )
    return A


def by_effects(
    matrix: Callable[[Untouched, list[str]], Array],
) -> Callable[[Untouched], list[Array]]:
    """The same for the effects of each term."""
    return lambda base: [matrix(base, effects) for effects in base.effects]


def moved_to_offset(base: Untouched) -> Array:
    """beta less what the offset explains."""
    beta = base["beta"].copy()
    beta[base.names.index(base.transform["column"])] -= float(base.transform["by"])
    return beta


# --- response and weights -------------------------------------------------------------------------


def multiplied(quantity: str, power: float = 1.0) -> Expect:
    """A quantity times a power of the factor."""

    def expect(base: Untouched) -> Any:
        factor = float(base.transform["factor"]) ** power
        if quantity in ("sigma", "sd"):
            factor = abs(factor)
        if quantity in ("ranef", "condvar", "pev"):
            return [factor * part for part in base.by_term(quantity)]
        return factor * base[quantity]

    return expect


def rescaled_criterion(base: Untouched) -> float:
    """The criterion of a response in other units."""
    return float(base["criterion"] + 2 * base.dof * np.log(abs(float(base.transform["factor"]))))


def raised(quantity: str) -> Expect:
    """A quantity plus the shift of the response: all of it, or the intercept."""

    def expect(base: Untouched) -> Array:
        value, by = base[quantity].copy(), float(base.transform["by"])
        if quantity == "beta":
            value[base.names.index("(Intercept)")] += by
            return value
        return value + by

    return expect


# --- rows and levels ------------------------------------------------------------------------------


def permuted_fitted(base: Untouched) -> Array:
    """Fitted values in the order of the rows."""
    return base["fitted"][stride(base.n, base.transform["step"])]


def reversed_effects(base: Untouched) -> list[Array]:
    """The effects of the group whose levels are reversed, the other way round."""
    groups = [term["group"] for term in base.case["model"]["terms"]]
    parts = zip(groups, base.by_term("ranef"), strict=True)
    return [part[::-1] if group == base.transform["column"] else part for group, part in parts]


def rows_asked(quantity: str) -> Expect:
    """The answers for the rows that are left."""
    return lambda base: base[quantity][base.transform["rows"]]


# --- ML in a balanced one-way layout --------------------------------------------------------------


def ml_theta(base: Untouched) -> Array:
    """theta by ML from that by REML: sigma stays, the mean square between groups shrinks."""
    J = len(base.case["model"]["terms"][0]["levels"])
    size = base.n / J
    between = (1 - 1 / J) * (1 + size * base["theta"] ** 2)
    return np.sqrt((between - 1) / size)
