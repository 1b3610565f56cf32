#!/bin/sh
# aurora-glm 1.0.0: fit_gamm() with its defaults calls a search converged that stays where it began.
#
# The search for the variances starts at one, whatever the unit of the response, and ends where a step gains
# less than 1e-6 of the log-likelihood.  On the Dyestuff data, (1 | Batch), it ends after two steps:
#                    SD of Batch   residual SD   REML log-likelihood   converged
#     defaults       1.00          62.99         -163.006              True
#     tol = 1e-10    42.01         49.50         -159.827              True
# The second is what lme4 has (42.00, 49.51).  The same yields in thousands of grams, divided by 1000, end
# near the optimum with the defaults, too.
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
data = pd.DataFrame({"y": np.array(grams.split(), float), "batch": np.repeat(list("ABCDEF"), 5)})


def seen(**options):
    fit = fit_gamm(formula="y ~ 1 + (1 | batch)", data=data, **options)
    sds = np.sqrt([fit.variance_components[0][0, 0], fit.residual_variance])
    print(options, sds.round(2), round(fit.log_likelihood, 3), fit.converged)
    assert fit.converged
    return sds, fit.log_likelihood


(stayed, low), (right, high) = seen(), seen(tol=1e-10)
assert np.allclose(stayed, [1.0, 62.99], atol=0.01), stayed
assert np.allclose(right, [42.00, 49.51], atol=0.02), right
assert high - low > 3
P
env/bin/python -W ignore test.py
