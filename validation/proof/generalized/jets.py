"""log f of a row to the second order in what moves it: eta, and the log of a dispersion."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from flint import arb, arb_mat

from .families import Family
from .lines import series
from .model import At, Vector


class Jet(NamedTuple):
    """A value, its slopes (A,) and second derivatives (A, A), by rows."""

    log: arb
    slopes: Vector
    bends: list[Vector]


@dataclass(frozen=True)
class Jets:
    """Those of the rows of a model."""

    at: At

    @cached_property
    def still(self) -> Family:
        """The family, in power series in which the dispersion stays."""
        return self.at.model.family.given(series(self.at.lam, 0))

    @cached_property
    def moved(self) -> Family:
        """One in which the log of the dispersion moves."""
        return self.at.model.family.given(series(self.at.lam, 1))

    def of(self, i: int, eta: arb) -> Jet:
        """That of row i at eta."""
        value, slope, bend = self.still.log(i, series(eta, 1)).coeffs()
        if not self.still.has_dispersion:
            return Jet(value, [slope], [[2 * bend]])
        _, other, turn = self.moved.log(i, series(eta, 0)).coeffs()
        mixed = self.moved.log(i, series(eta, 1))[2] - bend - turn
        return Jet(value, [slope, other], [[2 * bend, mixed], [mixed, 2 * turn]])


def moves(at: At, rows: list[int]) -> arb_mat:
    """(A n, d): how psi moves eta of the rows, and the dispersion of each."""
    model = at.model
    of_eta = arb_mat(len(rows), model.d)
    for r, i in enumerate(rows):
        for k, x in model.rows[i]:
            of_eta[r, k] = x
    if not model.family.has_dispersion:
        return of_eta
    of_lam = [[arb(k == model.d - 1) for k in range(model.d)] for _ in rows]
    return arb_mat([*of_eta.tolist(), *of_lam])
