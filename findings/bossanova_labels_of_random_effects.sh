#!/bin/sh
# bossanova 0.1.0.dev27: random effects stand beside the labels of other groups where an Enum is not sorted.
#
# A pl.Enum has its levels in an order of its own.  The random effects come in that order, and .varying_offsets
# names them in alphabetical order.  Three groups with the means 1, 5 and 9, whose names are the same words in
# two orders:
#     Enum of              low      middle   high
#     high, low, middle    -4.00     0.00     4.00    sorted: right
#     low, middle, high     0.00     4.00    -4.00    the effect of low is called high, ...
# The coefficients and the variances are the same in both.
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

means, noise = {"low": 1.0, "middle": 5.0, "high": 9.0}, np.array([-0.2, -0.1, 0.1, 0.2])
groups = [name for name in means for _ in noise]
y = np.concatenate([mean + noise for mean in means.values()])


def seen(*levels):
    data = pl.DataFrame({"y": y, "group": pl.Series(groups, dtype=pl.Enum(levels))})
    fit = model("y ~ 1 + (1 | group)", data).fit()
    effects = dict(fit.varying_offsets.select("level", "Intercept").iter_rows())
    print(levels, {name: round(effects[name], 2) for name in means})
    return np.array([effects[name] for name in means]), fit.params["estimate"].item()


(right, mean), (other, same) = seen("high", "low", "middle"), seen("low", "middle", "high")
assert np.isclose(mean, same)
assert right[0] < -3 and abs(right[1]) < 0.1 and right[2] > 3, right
assert np.allclose(sorted(right), sorted(other), atol=0.01) and not np.allclose(right, other, atol=1), other
P
env/bin/python -W ignore test.py
