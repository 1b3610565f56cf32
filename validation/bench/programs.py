"""The programs that are timed, and how each is started: a worker of its own, with one thread."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..peers import ADAPTERS, environment, peers
from .live import LeftOutError

WORKERS = Path(__file__).parent / "workers"
ONE_THREAD = {
    f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "RAYON")
} | {"POLARS_MAX_THREADS": "1"}  # fmt: skip
OURS = {
    "refmixed": ("refmixed", "from a formula"),
    "refmixed_design": ("refmixed, design", "from a Design"),
    "refmixed_penalized": ("refmixed, penalized", "from a formula, by the q x q system"),
}
R = {"lmer": "lme4", "pieces": "lme4, pieces"}
OTHERS = ("glmm", "mixedlm", "lme_python", "mixedlm_rs", "statsmodels")
PARTNERS = {"refmixed, design": "lme4, pieces"}  # what is the same part of a fit
LME4 = "lme4"


@dataclass(frozen=True)
class Program:
    """A program: its name in tables, and the command, asked for when it is needed."""

    name: str
    command: Callable[[], list[str]]


def everyone(openblas: Path | None) -> list[Program]:
    """All of them; R's only where there is R, and twice where there is an OpenBLAS for it."""
    own = [Program(OURS[name][0], partial(ours, name)) for name in OURS]
    return [*own, *in_r(openblas), *(Program(plain(name), partial(peer, name)) for name in OTHERS)]


def in_r(openblas: Path | None) -> list[Program]:
    """lme4, whole and in pieces."""
    if not shutil.which("Rscript"):
        return []
    found = [Program(title, partial(rscript, what, None)) for what, title in R.items()]
    if openblas:
        found += [
            Program(f"{title} (OpenBLAS)", partial(rscript, what, openblas))
            for what, title in R.items()
        ]
    return found


def plain(adapter: str) -> str:
    """The name of a package, from that of its adapter."""
    return adapter.replace("_", "-")


def ours(worker: str) -> list[str]:
    """refmixed in this environment."""
    return [sys.executable, str(ADAPTERS / "serve.py"), str(WORKERS / f"{worker}.py")]


def peer(adapter: str) -> list[str]:
    """A package in its environment.  Raises LeftOutError."""
    try:
        python = environment(*peers()[adapter])
    except subprocess.CalledProcessError as why:
        raise LeftOutError("its environment could not be made") from why
    return [str(python), str(ADAPTERS / "serve.py"), str(WORKERS / f"{adapter}.py")]


def rscript(what: str, openblas: Path | None) -> list[str]:
    """lme4 in R, with its BLAS or another one."""
    preload = ["env", f"LD_PRELOAD={openblas}"] if openblas else []
    return [*preload, "Rscript", "--no-init-file", str(WORKERS / "lme4.R"), what]
