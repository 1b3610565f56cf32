"""The soft densities of `modulus`, as the family of a model whose joint mode bounds an integral."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..matrices import Number
from .lines import series
from .modulus import Soft


@dataclass(frozen=True)
class Softened:
    """One of each row."""

    soft: list[Soft]
    has_dispersion: ClassVar[bool] = False

    def given(self, lam: Number) -> Softened:
        """The same: a dispersion is among what the bounds hold for."""
        return self

    def log(self, i: int, eta: Number) -> Number:
        """The logarithm of the soft density of row i."""
        return self.soft[i].log(eta)

    def score(self, i: int, eta: Number) -> Number:
        """Its slope."""
        return self.soft[i].log(series(eta, 1))[1]

    def weight(self, i: int, eta: Number, dialect: str) -> Number:
        """Minus its second derivative."""
        return -2 * self.soft[i].log(series(eta, 1))[2]
