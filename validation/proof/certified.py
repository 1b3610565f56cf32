"""One model and what is proved of it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property

from refmixed.errors import RankWarning

from ..models import Model
from ..suite.tables import load
from . import starting
from .exact import Exact, exact
from .optimum import Optimum, prove
from .problem import Blocks, problem


@dataclass(frozen=True)
class Certified:
    """A model; its arrays, its cross products and its proofs are made where they are asked for."""

    model: Model

    @cached_property
    def made(self) -> Exact:
        """Its arrays."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RankWarning)  # columns that lme4 drops too
            return exact(self.model, load(self.model.data))

    @cached_property
    def problem(self) -> Blocks:
        """Its cross products, in rationals."""
        return problem(self.made, self.model.reml)

    @cached_property
    def fit(self) -> Optimum:
        """Its minimum."""
        model, design = self.model, self.made.design
        theta = starting.find(design, model.reml, model.start, elsewhere=design.m > 1)
        return prove(self.problem.balls(), theta, design)

    @cached_property
    def ml_fit(self) -> Optimum:
        """The minimum by maximum likelihood."""
        if not self.model.reml:
            return self.fit
        theta = starting.find(self.made.design, False, None, elsewhere=self.made.design.m > 1)
        return prove(problem(self.made, reml=False).balls(), theta, self.made.design)

    @property
    def has_profiles(self) -> bool:
        """Whether the limits by profiles are asked for: small models with one minimum."""
        d = self.made.design
        return d.m <= 3 and d.q <= 80 and d.p <= 4 and "two-minima" not in self.model.flags
