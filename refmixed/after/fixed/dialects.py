"""The ways of df and standard errors that have a name, each what some program calls its own.

| df | information, in | standard error | as |
|---|---|---|---|
| satterthwaite | observed, theta | model | lmerTest, SAS |
| satterthwaite-expected | expected, T | model | |
| kenward-roger | expected, T | kenward-roger | pbkrtest |
| kenward-roger-observed | observed, T | kenward-roger, observed too | SAS |
| residual | n - p | model | |
| infinite | | model | lme4's t taken for z |
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...checks import one_of
from ...errors import OptionError
from ...linalg import Array
from ..estimated import Estimated
from . import kenward_roger, satterthwaite
from .information import Information, Kind, Parameters, information
from .joint_information import fixed_cov
from .slopes import Slopes, slopes

INFORMATION: dict[str, tuple[Kind, Parameters]] = {
    "satterthwaite": ("observed", "theta"),
    "satterthwaite-expected": ("expected", "T"),
    "kenward-roger": ("expected", "T"),
    "kenward-roger-observed": ("observed", "T"),
}
KENWARD_ROGER = ("kenward-roger", "kenward-roger-observed")
DF = (*INFORMATION, "residual", "infinite")
SE = ("model", "kenward-roger", "joint")
PARAMETERS = ("theta", "T")
NOT_REML = (
    "Kenward and Roger's method is one of REML, and this fit is by maximum likelihood: fit with "
    "reml=True, or take df='satterthwaite'"
)


@dataclass(frozen=True)
class Dialect:
    """One way of standard errors and degrees of freedom, at one fit."""

    here: Estimated
    kernel: Array  # (1 + m, any)  what the data do not tell, `identifiability.Parameters.kernel`
    residual: int  # n - p
    df: str
    se: str
    parameters: Parameters

    @classmethod
    def of(cls, fit: Any, df: str, se: str | None = None, parameters: str | None = None) -> Dialect:
        """What is asked for, by name; None is what the way of df has.  Raises OptionError."""
        one_of("df", df, DF)
        usual = "kenward-roger" if df in KENWARD_ROGER else "model"
        one_of("se", se := usual if se is None else se, SE)
        own = INFORMATION.get(df, ("", "theta"))[1]
        one_of("parameters", parameters := own if parameters is None else parameters, PARAMETERS)
        if (df in KENWARD_ROGER or se == "kenward-roger") and not fit.reml:
            raise OptionError(NOT_REML)
        if df in KENWARD_ROGER and parameters != "T":
            raise OptionError(
                "Kenward and Roger's method is one of parameters in which V is linear: "
                "parameters must be 'T' for it, or df 'satterthwaite-expected'"
            )
        where: Parameters = "T" if parameters == "T" else "theta"
        of, at = Estimated.of(fit), fit.optimum
        kernel = at.parameters.kernel if at.is_given else at.kernel
        return cls(of, kernel, fit.nobs - fit.design.p, df, se, where)

    @cached_property
    def known(self) -> Information:
        """The information that df rests on."""
        return self.information(INFORMATION[self.df][0], self.parameters)

    @cached_property
    def linear(self) -> Information:
        """The information of Kenward and Roger's standard error."""
        return self.known if self.df in KENWARD_ROGER else self.information("expected", "T")

    def information(self, kind: Kind, parameters: Parameters) -> Information:
        """One or another."""
        return information(self.here, self.kernel, kind, parameters)

    def slopes(self, C: Array) -> Slopes:
        """Of contrasts (l, p) of beta~."""
        return slopes(self.here, C)

    def cov(self, of: Slopes, C: Array) -> Array:
        """(l, l): the covariance of the contrasts over sigma^2, as the standard error has it."""
        if self.se == "kenward-roger":
            return kenward_roger.adjusted(self.here, of, self.linear)
        if self.se == "joint":
            known = self.information("observed", "theta")
            return C @ fixed_cov(self.here, known) @ C.T
        return of.cov

    def each(self, of: Slopes) -> Array:
        """(l,): the degrees of freedom of the t of each contrast."""
        if self.df not in INFORMATION:
            return np.full(len(of.cov), self.constant)
        return satterthwaite.freedom(of, self.known)

    def is_told(self, of: Slopes) -> bool:
        """Whether the data determine the variances of all contrasts, as far as df needs them."""
        return self.df not in INFORMATION or bool(self.known.is_told(of).all())

    def all(self, of: Slopes, weights: Array) -> tuple[float, float]:
        """What an F of all contrasts is multiplied by, and the degrees of freedom below.

        weights (l, r): the contrasts as combinations of those of `of`.
        """
        if self.df not in INFORMATION:
            return 1.0, self.constant
        if not self.is_told(of):
            return 1.0, float("nan")
        if self.df in KENWARD_ROGER:
            return kenward_roger.scale_and_freedom(of, self.known)
        return 1.0, satterthwaite.freedom_of_all(of, self.known, weights)

    @property
    def constant(self) -> float:
        """The degrees of freedom where they are the same for all."""
        return float(self.residual) if self.df == "residual" else float("inf")
