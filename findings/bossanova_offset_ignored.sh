#!/bin/sh
# bossanova 0.1.0.dev27: a mixed model takes the offset of fit(offset=...) and does not use it.
#
# "Column name for an offset term (added to the linear predictor)": with an offset of 100 in each row the
# intercept must be 100 lower.  That of y ~ 1 is, 5 becomes -95; that of y ~ 1 + (1 | group) stays 5, without a word.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check bossanova==0.1.0.dev27 numpy==2.4.6 pandas==3.1.1 \
    scipy==1.17.1 jax==0.10.2 nlopt==2.11.0 polars==2.1.0 pyarrow==26.0.1

cat > test.py <<'P'
import numpy as np
import polars as pl
from bossanova import model

noise = np.array([-0.2, -0.1, 0.1, 0.2])
data = pl.DataFrame(
    {
        "y": np.concatenate([mean + noise for mean in (1.0, 5.0, 9.0)]),
        "group": [name for name in "abc" for _ in noise],
        "known": [100.0] * 12,
    }
)


def intercepts(formula):
    plain = model(formula, data).fit().params["estimate"].item()
    moved = model(formula, data).fit(offset="known").params["estimate"].item()
    print(formula, plain, moved)
    return plain, moved


plain, moved = intercepts("y ~ 1 + (1 | group)")
assert np.isclose(plain, 5) and np.isclose(moved, 5), (plain, moved)
plain, moved = intercepts("y ~ 1")
assert np.isclose(plain, 5) and np.isclose(moved, -95), (plain, moved)
P
env/bin/python -W ignore test.py
