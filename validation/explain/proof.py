"""Of a search that stopped elsewhere: what is proved of the minimum that it missed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import refmixed as rm

from .explanation import Explanation

CAUSE = "not-optimum"
PROVED = {
    "global": "proved to be the least of all",
    "local": "proved to be a local minimum",
    None: "not proved to be a minimum",
}


def missed(e: Explanation) -> Iterator[str]:
    """A line for each account whose search stopped above the minimum of its model."""
    for account, match in zip((e.a, e.b), e.matches or (), strict=False):
        fit = match.base.fit
        if fit is not None and CAUSE in {trait.cause for trait in match.base.traits}:
            least = best(fit)
            where = f"the least criterion of {account.name}'s model, {least.criterion:.10g}"
            yield f"{where}, is {PROVED[least.certify().minimum]}"


def best(fit: rm.Fit) -> rm.Fit:
    """The fit of the same design where the criterion is least."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rm.RefmixedWarning)
        return rm.Fit.of(fit.design, fit.reml)
