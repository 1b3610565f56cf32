"""What can be asked of a fit, by name: each answer is in a module of its own, loaded when asked."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

if TYPE_CHECKING:
    from .certificate import Certificate
    from .refit import Refits


class Verbs:
    """Methods of a Fit."""

    def refit(self, y: Any) -> Self | Refits:
        """The model for another response (n,); of many (n, b) the estimates, a row each."""
        from .refit import refit

        found: Self | Refits = refit(self, y)
        return found

    @cached_property
    def hat(self) -> pd.Series[float]:
        """Hat values (n,): the diagonal of d fitted / d y, theta held, lme4's hatvalues().

        Their sum is the effective number of parameters of the mean.  eq:hat-values
        """
        from .hat import hat

        return hat(self)

    def certify(self) -> Certificate:
        """A proof of the optimum, and what could not be proved.  Needs `refmixed[validation]`."""
        from .certificate import certify

        return certify(self)
