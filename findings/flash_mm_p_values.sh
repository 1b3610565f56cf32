#!/bin/sh
# FLASH-MM 0.1.0: lmm() and lmmfit() return p-values that are twice the two-sided ones, up to 2.
#
# They are documented as "Two-sided p-values for the t-tests of the fixed effects", and computed as
# 2 * t.sf(|t|, n - p) * 2.  lmmtest() of the same fit has half of them.  A coefficient of about zero has a
# p-value of nearly 2.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check FLASH-MM==0.1.0 numpy==2.4.6 pandas==3.1.1 scipy==1.17.1

cat > test.py <<'P'
import numpy as np
from flash_mm import lmmfit
from scipy import stats

n, group = 24, np.repeat(np.arange(6), 4)
x = np.tile([-1.0, 1.0, 1.0, -1.0], 6)
y = np.sin(7.0 * np.arange(n)) + np.cos(3.0 * group)
y -= x * (x @ y) / (x @ x) - 0.001 * x  # a slope of nearly zero
X, Z = np.column_stack([np.ones(n), x]), (group[:, None] == np.arange(6)).astype(float)
fit = lmmfit(y[None, :], X, Z, d=[6])
t, p = fit["t"].to_numpy()[:, 0], fit["p"].to_numpy()[:, 0]
right = 2 * stats.t.sf(np.abs(t), n - 2)
print("t", t, "p", p, "two-sided", right)
assert np.allclose(p, 2 * right), (p, right)
assert p.max() > 1.9, p
P
env/bin/python -W ignore test.py
