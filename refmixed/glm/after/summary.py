"""The summary of a generalized model, in the words of lme4."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ...after.fixed.tables import t_tail
from ...checks import one_of
from ...r import summary as linear
from ...r.format import WIDTH
from ...r.lmertest import broken
from ...varcorr import STYLES
from ..families import Gamma
from ..likelihoods import Kind

KIND = "glmerMod"


@dataclass(frozen=True)
class GlmerSummary(linear.Summary):
    """What lme4's summary shows of a fit by glmer."""

    optimizer: str = "Nelder_Mead"

    @cached_property
    def coefficients(self) -> pd.DataFrame:
        """A row for each fixed effect: estimate, standard error, z and its p-value.  eq:z-value"""
        beta, se = self.fit.beta, self.fit.se
        z = beta / se  # (p,)
        is_gamma = isinstance(self.fit.model.family, Gamma)  # whose z lme4 calls t
        name = "t value" if is_gamma else "z value"
        columns = {"Estimate": beta, "Std. Error": se, name: z, "Pr(>|z|)": t_tail(z, np.inf)}
        return pd.DataFrame(columns)

    def __str__(self) -> str:
        return "\n".join(line for block in BLOCKS for line in block(self))


def summary(fit: Any, style: str, optimizer: str) -> GlmerSummary:
    """As `Verbs.summary`."""
    one_of("style", style, STYLES)
    return GlmerSummary(fit, style, optimizer)


def title(s: linear.Summary) -> list[str]:
    """The kind of model, how it was fitted, and its family."""
    text = f"Generalized linear mixed model fit by maximum likelihood ({likelihood(s.fit.kind)})"
    is_short = len(f"{text} [{KIND!r}]") <= WIDTH
    lines = [f"{text} [{KIND!r}]"] if is_short else broken(text, KIND)
    return [*lines, f" Family: {s.fit.family}  ( {s.fit.link} )"]


def likelihood(kind: Kind) -> str:
    """What was maximised, in lme4's words, which has no exact one."""
    if kind.digits is not None:
        return "exact"
    if kind.nagq == 1:
        return "Laplace Approximation"
    return f"Adaptive Gauss-Hermite Quadrature, nAGQ = {kind.nagq}"


BLOCKS = [title, linear.call, linear.statistics, linear.residuals, linear.random_effects]
BLOCKS += [linear.sizes, linear.fixed_effects, linear.correlation, linear.messages]
BLOCKS += [linear.convergence, linear.missing]
