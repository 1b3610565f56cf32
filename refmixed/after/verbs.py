"""What can be asked of a fit, by name: each answer is in a module of its own, loaded when asked."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

if TYPE_CHECKING:
    from .certificate import Certificate
    from .diagnostics import Influence
    from .pca import Components
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

    def influence(self, groups: Any = None, theta: str = "kept") -> Influence:
        """What the fit becomes without each row, or without each group: Cook, DFBETAS and more.

        groups: None for rows, a grouping factor, or labels (n,) of any groups.  theta: "kept"
        (algebra), or "estimated" (a refit each).  Raises OptionError.
        """
        from .diagnostics import influence

        return influence(self, groups, theta)

    def residual_table(self) -> pd.DataFrame:
        """A row an observation: residuals of both kinds, plain and standardized; leverages."""
        from .residuals import residual_table

        return residual_table(self)

    def pca(self) -> dict[str, Components]:
        """{group: principal components of its effects' relative covariance}, as lme4's rePCA."""
        from .pca import pca

        return pca(self)

    def plot(self, kind: str, ax: Any = None, **options: Any) -> Any:
        """Draw a picture on axes, or on a figure of its own; returns the axes.

        kind: one of `after.pictures.KINDS`.  Needs `refmixed[plots]`.  Raises OptionError.
        """
        from .pictures import plot

        return plot(self, kind, ax, **options)
