"""Data that are in an R package and nowhere else here: asked of Rscript."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pandas as pd

WRITE = 'write.csv(lme4::InstEval[c("y", "s", "d", "dept")], commandArgs(TRUE), row.names = FALSE)'


def inst_eval() -> pd.DataFrame:
    """lme4's InstEval: ratings of lectures by students s, of lecturers d, for departments."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "InstEval.csv"
        subprocess.run(["Rscript", "-e", WRITE, str(path)], check=True)
        data = pd.read_csv(path)
    factors = {name: data[name].astype(str).astype("category") for name in ("s", "d", "dept")}
    return data.assign(y=data["y"].astype("float64"), **factors)
