"""Variance estimates in J groups of n_bar: what is known of them exactly, without a sample.

    y = mu_g + e           a fixed effect a group
    y = mu + gamma_g + e   a random one; its estimated variance may be zero

Derived in derivations/d03_likelihood and d04_reml.
"""

from __future__ import annotations

from typing import Any

from scipy.special import betainc
from scipy.stats import chi2


def of_fixed_effects(J: int, n_bar: int, sigma2: float, reml: bool) -> Any:
    """The distribution of the estimate of sigma^2: chi-square over the divisor, of scipy."""
    dof = J * (n_bar - 1)
    divisor = dof if reml else J * n_bar
    return chi2(dof, scale=sigma2 / divisor)  # eq:rss-law


def means_of_mixed_model(
    J: int, n_bar: int, sigma2: float, sigma_gamma2: float, reml: bool
) -> dict[str, float]:
    """The expected estimates of both variances, and how often that between groups is zero."""
    dof, a = J * (n_bar - 1), J - 1  # of the sums of squares within and between
    g = a if reml else J
    tau = sigma2 + n_bar * sigma_gamma2
    edge = dof * tau / (dof * tau + g * sigma2)  # eq:one-way-edge
    within = sigma2 * dof * betainc(dof / 2 + 1, a / 2, edge)  # eq:one-way-kept
    between = tau * a * betainc(dof / 2, a / 2 + 1, edge)  # eq:one-way-kept
    pooled = sigma2 * dof - within + tau * a - between  # of both, where the estimate is zero
    return {
        "sigma^2": within / dof + pooled / (g + dof),  # eq:one-way-means
        "sigma_gamma^2": (between / g - within / dof) / n_bar,  # eq:one-way-means
        "zero": float(1.0 - betainc(dof / 2, a / 2, edge)),
    }
