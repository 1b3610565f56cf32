#!/bin/sh
# aurora-glm 1.0.0: the random effects of fit_gamm() depend on the unit of the response.
#
# They solve Henderson's equations with Z'Z + Psi^-1 where Z'Z + sigma^2 Psi^-1 is meant, as if the residual
# variance were one: they are shrunk too little where it is larger, and too much where it is smaller.  The
# fitted values have the same error.  Dyestuff, (1 | Batch), tol = 1e-10; the first random effect over its unit:
#     unit              grams     kilograms   right, both
#     batch A           -22.49    -0.20       -17.61
# The variances themselves are right in both units.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check \
    aurora-glm==1.0.0 numpy==2.4.6 pandas==3.1.1 scipy==1.17.1 statsmodels==0.15.0

cat > test.py <<'P'
import numpy as np
import pandas as pd
from aurora.models.gamm import fit_gamm

grams = """1545 1440 1440 1520 1580 1540 1555 1490 1560 1495 1595 1550 1605 1510 1560
1445 1440 1595 1465 1545 1595 1630 1515 1635 1625 1520 1455 1450 1480 1445"""
y, batch = np.array(grams.split(), float), np.repeat(list("ABCDEF"), 5)


def seen(unit):
    data = pd.DataFrame({"y": y / unit, "batch": batch})
    fit = fit_gamm(formula="y ~ 1 + (1 | batch)", data=data, tol=1e-10)
    psi, rest = fit.variance_components[0][0, 0], fit.residual_variance
    mean = data["y"][data["batch"] == "A"].mean() - fit.beta_parametric[0]
    right = psi / (psi + rest / 5) * mean
    answer = np.ravel(fit.random_effects["batch"]["A"])[0]
    as_if = psi / (psi + 1 / 5) * mean
    print(unit, "sd", (unit * np.sqrt([psi, rest])).round(2), "effect", unit * answer, "right", unit * right)
    assert np.isclose(answer, as_if, rtol=1e-4), (answer, as_if)
    return unit * answer, unit * right


(in_grams, right), (in_kilograms, same) = seen(1), seen(1000)
assert np.isclose(right, same, rtol=1e-2)
assert abs(in_grams / right - 1) > 0.2 and abs(in_kilograms / right) < 0.1, (in_grams, in_kilograms, right)
P
env/bin/python -W ignore test.py
