#!/bin/sh
# pyreadr 0.5.8: an ordered factor in an .rds file comes back as one that is not ordered; by rdata 1.1.0 it is.
#
# Both keep the levels and their order. The class `ordered`, by which R gives a factor polynomial contrasts, is
# left out by one, so that a model of the same file has other coefficients in Python than in R. Seen, of a factor
# and an ordered factor with the levels low, mid, high:
#              factor                      ordered factor
#     pyreadr  low mid high, not ordered   low mid high, not ordered
#     rdata    low mid high, not ordered   low mid high, ordered
# R must be there, to write the file.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
    numpy==2.4.6 pandas==3.1.1 pyreadr==0.5.8 rdata==1.1.0

Rscript --vanilla -e '
levels <- c("low", "mid", "high")
rows <- c("mid", "low", "high")
saveRDS(data.frame(plain = factor(rows, levels), ordered = factor(rows, levels, ordered = TRUE)), "d.rds")'

cat > read.py <<'PYTHON'
import pyreadr
import rdata

read = {"pyreadr": pyreadr.read_r("d.rds")[None], "rdata": rdata.read_rds("d.rds")}
for reader, frame in read.items():
    print(reader, {name: (list(c.cat.categories), c.cat.ordered) for name, c in frame.items()})
    assert all(list(c.cat.categories) == ["low", "mid", "high"] for _, c in frame.items())
flags = {reader: (f["plain"].cat.ordered, f["ordered"].cat.ordered) for reader, f in read.items()}
assert flags == {"pyreadr": (False, False), "rdata": (False, True)}
PYTHON
venv/bin/python read.py
