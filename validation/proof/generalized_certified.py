"""One generalized model and what is proved of it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import refmixed as rm
from refmixed.design import Design
from refmixed.glm.likelihoods import Kind
from refmixed.glm.model import Model
from refmixed.glm.named import named
from refmixed.glm.response import family_of, reader
from refmixed.glm.result import GlmerFit
from refmixed.linalg import Array
from refmixed.r.design import design

from ..models import GeneralizedModel, Point
from ..suite.columns import Row, codes, rows
from ..suite.tables import Table, load
from .exact import Term
from .generalized.families import family
from .generalized.likelihoods import Likelihood, likelihood
from .generalized.maximum import Maximum, prove
from .generalized.mode import Mode, mode
from .generalized.model import Generalized
from .matrices import ProofError, ball

LABELS = {"data": None, "weights": None, "offset": None}
FACTORS = (0.1, 0.5, 2.0, 5.0)  # of theta, where other searches begin
NUDGE = 0.01  # off a boundary
HIGHER = 1e-7  # of a log-likelihood
DIGITS = 12  # of the exact likelihood whose maximum is where a proof begins


@dataclass(frozen=True)
class GeneralizedCertified:
    """A model; its arrays and its proofs are made where they are asked for."""

    model: GeneralizedModel

    @cached_property
    def table(self) -> Table:
        """Its data."""
        return load(self.model.data)

    @cached_property
    def design(self) -> Design:
        """refmixed's arrays of it."""
        model, read = self.model, reader(named(self.model.family), False)
        own = f" + offset({model.offset})" if model.offset else ""
        return design(model.formula + own, self.table.frame(), allow_saturated=True, read=read)

    @cached_property
    def exact(self) -> Generalized:
        """Its arrays, from the decimals of the data."""
        model, offset = self.model, self.model.offset
        n = len(self.table)
        trials: Row = self.table.fractions(model.trials) if model.trials else [Fraction(1)] * n
        counted = zip(self.table.fractions(model.response), trials, strict=True)
        return Generalized(
            family(model.family, model.link, [y / m for y, m in counted], trials),
            [[ball(x) for x in row] for row in rows(self.table, self.design.names)],
            [ball(o) for o in self.table.fractions(offset)] if offset else [ball(0)] * n,
            self.terms,
            model.dialect or "observed",
        )

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """Its random terms."""
        bars = zip(self.design.terms, self.design.recipe.bars, strict=True)
        return tuple(
            Term(t.group, bar.columns, t.effects, t.levels, rows(self.table, t.effects),
                 codes(self.table, bar.columns, t.levels))
            for t, bar in bars
        )  # fmt: skip

    @property
    def likelihood(self) -> Likelihood:
        """Which log-likelihood is meant."""
        return likelihood(self.model.likelihood, self.model.nodes)

    def at(self, point: Point) -> Mode:
        """The mode at parameters of decimals."""
        spread = [] if point.dispersion is None else [ball(Fraction(point.dispersion)).log()]
        given = [ball(Fraction(x)) for x in (*point.beta, *point.theta)]
        return mode(self.exact.at([*given, *spread]))

    @cached_property
    def maximum(self) -> Maximum:
        """Its maximum, next to that which refmixed finds."""
        return prove(self.exact, self.likelihood, self.found.psi.tolist())

    @cached_property
    def found(self) -> GlmerFit:
        """What refmixed finds."""
        return self.search(None)

    def search(self, begin: Array | None) -> GlmerFit:
        """Where a search by refmixed ends."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rm.RefmixedWarning)
            return GlmerFit.of(self.own, self.kind, LABELS, begin=begin)

    @cached_property
    def evidence(self) -> str:
        """What stands for a global maximum.  Raises ProofError where a search leads higher."""
        p, m, _ = self.own.sizes
        for factor in FACTORS:
            begin = self.found.psi.copy()
            begin[p : p + m] = (begin[p : p + m] + NUDGE) * factor
            other = self.search(begin)
            if other.loglik > self.found.loglik + HIGHER:
                return self.higher(factor, other)
        return (
            f"Searches by refmixed from {len(FACTORS)} more starts, theta {min(FACTORS):g} to "
            f"{max(FACTORS):g} times that of the maximum, found no higher one."
        )

    def higher(self, factor: float, other: GlmerFit) -> str:
        """The sentence of a higher maximum, which is known.  Raises ProofError where it is not."""
        if "two-minima" not in self.model.flags:
            raise ProofError(f"theta {factor:g} times as large leads higher, to {other.loglik:.4f}")
        return (
            f"A search by refmixed from theta {factor:g} times that of the maximum leads to a "
            f"higher one, of {other.loglik:.6f}, with theta up to {other.theta.max():.4f}."
        )

    @property
    def own(self) -> Model:
        """refmixed's model of it."""
        chosen = named(f"{self.model.family}({self.model.link})")
        dialect = self.model.dialect or "observed"
        return Model(self.design, family_of(chosen, self.design), dialect)

    @property
    def kind(self) -> Kind:
        """refmixed's likelihood of it."""
        return Kind(self.model.nodes, DIGITS if self.model.likelihood == "exact" else None)
