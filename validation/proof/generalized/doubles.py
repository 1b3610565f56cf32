"""The model of a program in doubles, its arrays taken as exact numbers."""

from __future__ import annotations

from fractions import Fraction

from refmixed.glm import families
from refmixed.glm.model import Model

from ..matrices import ProofError
from .families import Family, family
from .model import Generalized


def generalized(model: Model) -> Generalized:
    """The same model."""
    d = model.design
    return Generalized(
        same_family(model.family), d.X.tolist(), d.offset.tolist(), d.terms, model.dialect
    )


def same_family(known: families.Family) -> Family:
    """Its family.  Raises ProofError for one of which nothing is proved."""
    name, link = known.name, known.link.name
    if isinstance(known, families.Binomial):
        trials = [Fraction(m) for m in known.trials]
        successes = zip(known.successes, trials, strict=True)
        return family(name, link, [Fraction(s) / m for s, m in successes], trials)
    if isinstance(known, families.Poisson):
        return family(name, link, known.counts.tolist(), known.weights.tolist())
    if isinstance(known, families.Gamma):
        return family(name, link, known.y.tolist(), known.weights.tolist())
    raise ProofError(f"nothing is proved of the family {name!r}")
