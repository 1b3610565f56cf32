#!/bin/sh
# FLASH-MM 0.1.0: the REML log-likelihood changes with the unit of a covariate as no other program's does.
#
# It is larger than the restricted log-likelihood of lme4, nlme and SAS by half log|X'X|, Harville's form, which
# depends on X through V^-1 alone: that of two units of a covariate is the same, where the others differ by the
# log of the unit.  So it cannot be set beside theirs, nor be used to compare what they print.  ML agrees.
#     REML log-likelihood      x       x / 1000
#     FLASH-MM                 equal
#     lme4's formula           differ by log(1000) = 6.9078
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check FLASH-MM==0.1.0 numpy==2.4.6 pandas==3.1.1 scipy==1.17.1

cat > test.py <<'P'
import numpy as np
from flash_mm import lmmfit

n, group = 24, np.repeat(np.arange(6), 4)
y = np.sin(7.0 * np.arange(n)) + 2 * np.cos(3.0 * group)
Z = (group[:, None] == np.arange(6)).astype(float)


def restricted(X, variances):
    """log|V|, log|X'V^-1 X| and the residuals, all constants included."""
    V = variances[0] * Z @ Z.T + variances[1] * np.eye(n)
    W = np.linalg.inv(V)
    XWX = X.T @ W @ X
    r = y - X @ np.linalg.solve(XWX, X.T @ W @ y)
    dets = np.linalg.slogdet(V)[1] + np.linalg.slogdet(XWX)[1]
    return -0.5 * (dets + r @ W @ r + (n - X.shape[1]) * np.log(2 * np.pi))


def seen(unit):
    X = np.column_stack([np.ones(n), np.arange(n) / unit])
    fit = lmmfit(y[None, :], X, Z, d=[6], epsilon=1e-9, max_iter=200)
    theirs, usual = fit["logLik"].iloc[0], restricted(X, fit["theta"].to_numpy()[:, 0])
    half = 0.5 * np.linalg.slogdet(X.T @ X)[1]
    print(unit, theirs, usual, half)
    assert np.isclose(theirs - usual, half), (theirs, usual, half)
    return theirs, usual


(a, usual_a), (b, usual_b) = seen(1), seen(1000)
assert np.isclose(a, b) and np.isclose(usual_b - usual_a, np.log(1000)), (a, b, usual_a, usual_b)
P
env/bin/python -W ignore test.py
