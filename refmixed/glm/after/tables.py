"""What a generalized model says as data frames, with the columns and the order of broom.mixed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ...after import tidy as linear
from ...after.augment import of_rows
from ...after.fixed.tables import t_tail
from ...after.modelframe import model_frame
from ...linalg import Array
from ...prediction import own_rows
from .joint import Joint
from .residuals import deviance, moments


def tidy(fit: Any, effects: Any, conf_int: bool, conf_level: float) -> pd.DataFrame:
    """As `Verbs.tidy`."""
    return linear.table(fit, PARTS, effects, conf_int, conf_level)


def fixed(fit: Any) -> pd.DataFrame:
    """Fixed effects, their standard errors, z and p-values.  eq:z-value"""
    table = linear.fixed(fit)
    return table.assign(**{"p.value": t_tail(table["statistic"], np.inf)})


PARTS: linear.Parts = {**linear.PARTS, "fixed": fixed}


def glance(fit: Any) -> pd.DataFrame:
    """As `Verbs.glance`."""
    columns = {
        "nobs": fit.nobs,
        "sigma": fit.sigma,
        "logLik": fit.loglik,
        "AIC": fit.aic,
        "BIC": fit.bic,
        "deviance": deviance(fit),
        "df.residual": fit.df_residual,
    }
    return pd.DataFrame({name: [value] for name, value in columns.items()})


def augment(fit: Any, data: Any) -> pd.DataFrame:
    """As `Verbs.augment`."""
    own = model_frame(fit) if data is None else of_rows(fit.design, data)
    return pd.concat([own, said(fit)], axis=1)


def said(fit: Any) -> pd.DataFrame:
    """The columns that broom.mixed adds, (n, 12)."""
    mode = fit.likelihood.mode
    of = moments(mode.at.family, mode.eta)
    pearson, h = of.deviation * np.sqrt(of.weights / of.variance), hat(fit)
    with np.errstate(divide="ignore", invalid="ignore"):
        cook = (pearson / (1 - h)) ** 2 * h / (fit.sigma**2 * fit.design.p)
    root = np.sqrt(of.weights / of.variance)
    columns = {
        ".fitted": mode.eta,
        ".resid": fit.residuals().to_numpy(),
        ".hat": h,
        ".cooksd": cook,
        ".fixed": fit.predict(random=False).to_numpy(),
        ".mu": fit.fitted.to_numpy(),
        ".offset": fit.design.offset,
        ".sqrtXwt": root * mode.at.family.link.slope(mode.eta),
        ".sqrtrwt": root,
        ".weights": of.weights,
        ".wtres": pearson,
        ".eta": mode.eta,
    }
    return pd.DataFrame(columns, index=fit.design.index)


def hat(fit: Any) -> Array:
    """(n,): weights times the error variances of eta, from 0 to 1.  eq:glmm-hat

    Of penalized least squares at the joint mode; with W the observed weights.
    """
    mode = fit.likelihood.mode
    rows = own_rows(fit.design)
    variances = Joint(mode).variances(fit.design, fit.theta.to_numpy(), rows)
    return np.asarray(mode.local.observed.W * variances)
