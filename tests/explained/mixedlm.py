"""Summaries of statsmodels' MixedLM, which make.py asks for; run where that package is."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

ROOT = Path(os.environ["REFMIXED_ROOT"])
FOLDERS = ("tests/explained/data", "refmixed/data", "validation/data")


def table(name, *factors):
    """A data set by its name; `factors`: columns that are factors, whatever they look like."""
    file = next(ROOT / f / f"{name}.csv" for f in FOLDERS if (ROOT / f / f"{name}.csv").exists())
    return pd.read_csv(file, dtype=dict.fromkeys(factors, str), keep_default_na=True)


def fitted(formula, name, groups, random=None, reml=True, **how):
    """A fit."""
    data = table(name, groups)
    model = smf.mixedlm(formula, data, groups=groups, re_formula=random, missing="drop")
    return model.fit(reml=reml, **how)


def summary(*args, **kwargs):
    """The summary of a fit, as printed."""
    return fitted(*args, **kwargs).summary().as_text()


def plain(formula, name, groups, random=None, over_scale=False):
    """A fit as a plain object; over_scale: standard deviations over sigma."""
    fit = fitted(formula, name, groups, random)
    cov = fit.cov_re.to_numpy()
    sd = np.sqrt(np.diag(cov))
    corr = cov / np.outer(sd, sd)
    effects = ["(Intercept)", *fit.cov_re.index[1:]]
    names = ["(Intercept)" if n == "Intercept" else n for n in fit.fe_params.index]
    sd = sd / fit.scale**0.5 if over_scale else sd
    varcorr = {groups: {"sd": dict(zip(effects, sd, strict=True)), "corr": corr.tolist()}}
    counts = {"nobs": int(fit.nobs), "reml": bool(fit.reml)}
    told = {"loglik": fit.llf, "sigma": fit.scale**0.5, "varcorr": varcorr}
    fixed = {
        "beta": dict(zip(names, fit.fe_params, strict=True)),
        "se": dict(zip(names, fit.bse_fe, strict=True)),
    }
    return json.dumps({**counts, **told, **fixed}, indent=2)
