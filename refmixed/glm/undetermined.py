"""Covariance parameters that no response determines, as those of (f || g) with a factor f.

Z Lambda Lambda' Z' is linear in the entries of Lambda Lambda', and these are determined where the
matrices that they multiply are linearly independent, here of one another alone.  eq:linear-v
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ..coordinates import Coordinates, behaved
from ..design import Design
from ..errors import IdentifiabilityWarning
from ..identifiability import Parameters, parameters
from ..r.unidentified import Open


@dataclass(frozen=True)
class Told:
    """What data of these predictors and groups can tell."""

    coordinates: Coordinates

    @cached_property
    def parameters(self) -> Parameters:
        """Of the random terms; a row of zeros tells them from the residuals of a normal model."""
        return parameters(replace(self.coordinates.design, left_out=1), reml=False)


def warn_of_undetermined(design: Design) -> None:
    """Warn (IdentifiabilityWarning) of what is not determined, one for each reason."""
    if design.m == 1:
        return
    told: Any = Told(behaved(design))
    if told.parameters.kernel.size:
        for text in Open(design, told, reml=False).sentences():
            warnings.warn(text, IdentifiabilityWarning, stacklevel=3)
