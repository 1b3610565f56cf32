#!/bin/sh
# mixedlm 1.3.0: penalized least squares takes whole steps only, and does not find the mode of the random effects.
#
# Three groups of eight answers: no, half and half, yes. At the intercept -3 and the standard deviation 2 Laplace's
# log-likelihood is -13.0706, by the minimum of a function of one variable a group. mixedlm's is -133.0264; its
# pirls_converged is False there. At the intercept -1 both are -10.9276. A search that meets such parameters goes on with
# the wrong numbers.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check mixedlm==1.3.0 numpy==2.4.6 pandas==3.1.1 scipy==1.17.1

cat > test.py <<'P'
import mixedlm
import numpy as np
import pandas as pd
from mixedlm.families import Binomial
from mixedlm.models.modular import OptimizeResult
from scipy.optimize import minimize_scalar
from scipy.special import expit

SD = 2.0
GROUPS = {"a": np.zeros(8), "b": np.repeat([0.0, 1.0], 4), "c": np.ones(8)}


def of_group(y, intercept):
    def h(u):
        eta = intercept + SD * u
        return u * u / 2 - np.sum(y * eta - np.logaddexp(0, eta))

    u = minimize_scalar(h, bounds=(-9, 9), method="bounded", options={"xatol": 1e-10}).x
    p = expit(intercept + SD * u)
    return -h(u) - np.log(1 + SD**2 * len(y) * p * (1 - p)) / 2


def by_mixedlm(intercept):
    data = pd.DataFrame({"y": np.concatenate([*GROUPS.values()]), "g": np.repeat([*GROUPS], 8)})
    criterion = mixedlm.mkGlmerDevfun(mixedlm.glFormula("y ~ 1 + (1 | g)", data, Binomial()))
    theta, beta = np.array([SD]), np.array([intercept])
    value = criterion(np.concatenate([theta, beta]))
    here = OptimizeResult(theta, value, converged=True, n_iter=0, message="", nAGQ=1, beta=beta)
    return mixedlm.mkGlmerMod(criterion, here)


for intercept in (-1.0, -3.0):
    right = sum(of_group(y, intercept) for y in GROUPS.values())
    found = by_mixedlm(intercept)
    print(intercept, round(right, 4), round(found.logLik().value, 4), found.pirls_converged)
    assert np.isclose(right, found.logLik().value, atol=1e-4) == found.pirls_converged == (intercept == -1)
P
env/bin/python -W ignore test.py
