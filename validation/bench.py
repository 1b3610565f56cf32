"""`python -m validation.bench`: a sleepstudy fit beside lmer() itself, and what certificates take.

Fits, from formula and data, are timed in turn in the same process, lme4 through rpy2 with its
default settings, so that a noisy machine disturbs both alike; what counts is the ratio.  Exit
status 1 when it is above 1.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from tqdm import tqdm

import refmixed as rm

from .adapters import r
from .models import MODELS
from .suite.tables import load

FORMULA = "Reaction ~ Days + (Days | Subject)"
ROUNDS, REPEATS = 15, 5
CERTIFIED = ("sleepstudy-slopes-reml", "crossed-sparse-reml", "three-effects-ml", "Oxboys-reml")


def time_refmixed(repeats: int) -> list[float]:
    """Seconds that each fit takes."""
    data, seconds = rm.load_dataset("sleepstudy"), []
    for _ in range(repeats):
        begin = time.perf_counter()
        rm.lmer(FORMULA, data)
        seconds.append(time.perf_counter() - begin)
    return seconds


def print_certificates() -> None:
    """Seconds that the proof of a fit takes."""
    for model in (model for model in MODELS if model.id in CERTIFIED):
        fit = rm.lmer(model.formula, load(model.data).frame(), model.reml)
        size = f"{fit.nobs} rows, {fit.design.m + 1} covariance parameters"
        print(f"certificate of {model.id:24} {fit.certify().seconds:8.2f} s  ({size})")


def main() -> int:
    """Time all of it, and print."""
    print_certificates()
    live, reason = r.available()
    if not live:
        print(f"nothing to time against: {reason}")
        return 1
    from .adapters import lme4

    time_refmixed(REPEATS)  # imports and caches
    lme4.time_lmer(FORMULA, rm.load_dataset("sleepstudy"), REPEATS)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in tqdm(range(ROUNDS), desc="timing", leave=False, disable=None):
        ours += time_refmixed(REPEATS)
        theirs += list(lme4.time_lmer(FORMULA, rm.load_dataset("sleepstudy"), REPEATS))
    ratio = float(np.median(ours) / np.median(theirs))
    known = r.versions()
    print(f"{FORMULA}, median of {len(ours)} fits")
    print(f"refmixed {rm.__version__:24} {1e3 * np.median(ours):8.1f} ms")
    print(f"lme4 {known['lme4']}, R {known['R']:14} {1e3 * np.median(theirs):8.1f} ms")
    print(f"ratio {ratio:35.2f}")
    return int(ratio > 1)


if __name__ == "__main__":
    sys.exit(main())
