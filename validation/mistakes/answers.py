"""The quantities of SPEC section 3, read off a page of the textbook."""

from __future__ import annotations

from typing import Any

import numpy as np

from refmixed.covariance import entries
from refmixed.linalg import Array
from refmixed.prediction import NewRows

from .textbook import Textbook


def evaluated(book: Textbook) -> dict[str, Any]:
    """Level `evaluate`."""
    return {
        "criterion": book.criterion,
        "beta": book.beta,
        "sigma": book.sigma,
        "u": book.Lambda.T @ book.a,
        "gradient": book.gradient(),
    }


def fitted_parameters(book: Textbook, theta: Array) -> dict[str, Any]:
    """Level `fit`."""
    return {
        "theta": theta,
        "criterion": book.criterion,
        "beta": book.beta,
        "sigma": book.sigma,
        "sd": sds(book.covariances),
        "corr": correlations(book.covariances),
    }


def inferred(book: Textbook, new: NewRows | None) -> dict[str, Any]:
    """Level `inference`, without degrees of freedom and profiles."""
    found = {
        "vcov": book.sigma**2 * book.beta_cov,
        "ranef": book.split(book.gamma),
        "condvar": book.blocks(book.condvar),
        "pev": book.blocks(book.pev),
        "fitted": book.fitted,
    }
    return found | (predicted(book, new) if new is not None else {})


def predicted(book: Textbook, new: NewRows) -> dict[str, Any]:
    """New rows: predictions and their standard errors."""
    mean = new.offset + new.X @ book.beta
    variance = error_variance(book, new) + unseen_variance(book, new)
    return {
        "predicted": mean + Znew(book, new) @ book.gamma,
        "population": mean,
        "se_predicted": np.sqrt(variance),
        "se_population": np.sqrt(mean_variance(book, new)),
    }


# --- predictions ----------------------------------------------------------------------------------


def Znew(book: Textbook, new: NewRows) -> Array:
    """(r, q): rows of Z, zero for a new level."""
    Z = np.zeros((len(new.X), book.design.q))
    for at, codes, x in zip(book.places(), new.codes, new.x, strict=True):
        for i in np.flatnonzero(codes >= 0):
            Z[i, at[codes[i]]] = x[i]
    return Z


def unseen_variance(book: Textbook, new: NewRows) -> Array:
    """(r,): the variance of the effects of new levels."""
    total = np.zeros(len(new.X))
    for cov, codes, x in zip(book.covariances, new.codes, new.x, strict=True):
        total += np.where(codes < 0, quadratic(x, cov), 0.0)
    return total


def error_variance(book: Textbook, new: NewRows) -> Array:
    """(r,): the variance of the prediction's error, effects of new levels left out."""
    return mean_variance(book, new) + quadratic(Znew(book, new), book.pev) + cross(book, new)


def cross(book: Textbook, new: NewRows) -> Array:
    """(r,): twice the covariance of x'beta^ and z'(gamma^ - gamma)."""
    both = -(book.sigma**2) * book.beta_cov @ book.U @ book.T  # (p, q)
    return 2 * np.asarray(np.einsum("rp,pq,rq->r", new.X, both, Znew(book, new)))


def mean_variance(book: Textbook, new: NewRows) -> Array:
    """(r,): the variance of x'beta^."""
    return quadratic(new.X, book.sigma**2 * book.beta_cov)


def quadratic(x: Array, C: Array) -> Array:
    """(r,): x'Cx of each row of x."""
    return np.asarray(np.einsum("ri,ij,rj->r", x, C, x))


# --- covariances ----------------------------------------------------------------------------------


def sds(covariances: list[Array]) -> Array:
    """Standard deviations, term by term."""
    return np.concatenate([np.zeros(0), *(np.sqrt(np.diag(c)) for c in covariances)])


def below(covariances: list[Array]) -> list[tuple[float, float]]:
    """(covariance, correlation) below the diagonal, column by column, where there is one."""
    found = []
    for cov in covariances:
        sd = np.sqrt(np.diag(cov))
        for row, column in zip(*entries(len(cov)), strict=True):
            scale = sd[row] * sd[column]
            if row > column and scale > 0:
                found.append((float(cov[row, column]), float(cov[row, column] / scale)))
    return found


def correlations(covariances: list[Array]) -> Array:
    """Correlations below the diagonal, column by column."""
    return np.array([correlation for _, correlation in below(covariances)])
