"""Combinations of the fixed effects: estimates, standard errors, degrees of freedom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...checks import one_of
from ...errors import OptionError
from ...linalg import Array
from ..fixed.dialects import DF, Dialect

AT_ONCE = 200  # rows, of which a covariance is made with its square


@dataclass(frozen=True)
class Combinations:
    """What a fit says of combinations of beta: one way of df, or a number that is given."""

    dialect: Dialect
    sigma: float
    given: float | None

    @classmethod
    def of(cls, fit: Any, df: Any) -> Combinations:
        """df: a name, or a positive number.  Raises OptionError."""
        if isinstance(df, int | float) and not isinstance(df, bool):
            if not df > 0:
                raise OptionError(f"df must be positive, or one of {', '.join(DF)}, not {df!r}")
            return cls(Dialect.of(fit, "infinite"), fit.sigma, float(df))
        one_of("df", df, DF)
        return cls(Dialect.of(fit, df), fit.sigma, None)

    def __call__(self, C: Array) -> Array:
        """(3, r): estimates of C beta, C (r, p), their standard errors and degrees of freedom."""
        parts = np.split(C, np.arange(AT_ONCE, len(C), AT_ONCE))
        return np.hstack([self.some(part) for part in parts])

    def some(self, C: Array) -> Array:
        """The same of a few."""
        here = self.dialect.here
        rows, ways = here.fixed_in(C), here.coordinates  # (r, p)
        of = self.dialect.slopes(rows)
        estimates = rows @ (ways.c + ways.size * here.at.beta)  # (r,)  eq:linear-combination
        variances = np.diag(self.dialect.cov(of, rows))  # (r,)  eq:combination-se
        df = self.dialect.each(of) if self.given is None else np.full(len(C), self.given)
        return np.array([estimates, self.sigma * np.sqrt(variances), df])
