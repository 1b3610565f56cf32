"""Ways to fit a generalized model: which likelihood, by which weights, of which family and link."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from refmixed.glm.families import CANONICAL
from refmixed.glm.likelihoods import Kind
from refmixed.glm.model import DIALECTS
from refmixed.glm.named import LINKS, Named, named

from ..account import Account
from ..base import Trait, Traits
from .dimensions import DIALECT, DIGITS, JOINT_MODE, LAPLACE, LAW, LIKELIHOOD, kind, law, likelihood

NODES = (2, 3, 5, 9, 25)  # that are tried besides what an account says
NEAR_EXACT = Kind(25)
WORDS = {
    LAPLACE: "is by Laplace's approximation",
    JOINT_MODE: "takes the fixed effects of the joint mode (nagq = 0)",
    "exact": "is by the integral itself",
}
CAUSES = {LAPLACE: "", JOINT_MODE: "beta-of-joint-mode"}
WEIGHTS = {"observed": "the observed weights", "expected": "Fisher's weights"}


@dataclass(frozen=True)
class Way:
    """A likelihood, its dialect, and a family with its link."""

    kind: Kind
    named: Named
    dialect: str = "observed"

    @property
    def matters(self) -> bool:
        """Whether the dialect makes a difference: not where the two weights are the same."""
        is_canonical = self.named.link.name == CANONICAL.get(self.named.family)
        return not is_canonical and self.kind.digits is None

    def traits(self, usual: Named) -> Traits:
        """What this way is, beside a usual family and link."""
        return frozenset(
            {of_likelihood(self.kind), of_law(self.named, usual), of_dialect(self.dialect)}
        )


def of_likelihood(kind: Kind) -> Trait:
    """Which likelihood; Laplace's is the usual one."""
    value = likelihood(kind)
    says = WORDS.get(value, f"is by adaptive quadrature of {value}")
    return Trait(LIKELIHOOD, value, CAUSES.get(value, "approximation"), says)


def of_law(one: Named, usual: Named) -> Trait:
    """A family and a link."""
    cause = "family" if one.family != usual.family else "link" if one != usual else ""
    value = law(one.family, one.link.name)
    says = f"has the link {one.link.name}" if cause != "family" else f"is of the family {value}"
    return Trait(LAW, value, cause, says)


def of_dialect(dialect: str) -> Trait:
    """The weights in the determinant; where they are the same each dialect has them."""
    cause = "laplace-weights" if dialect == "expected" else ""
    return Trait(DIALECT, dialect, cause, f"has {WEIGHTS[dialect]} in the determinant")


def is_usual(traits: Traits) -> bool:
    """Whether a fit is the usual one: by Laplace, of the usual law."""
    return not any(trait.cause for trait in traits)


def told_law(told: Account, usual: Named) -> Named:
    """The family and link that an account says, the usual ones where it says none that is known."""
    said = told.word(LAW)
    laws = {law(family, link) for family, links in LINKS.items() for link in links}
    return named(said) if said in laws else usual


def first(told: Account, usual: Named) -> Iterator[Way]:
    """What the account says of itself; else Laplace's approximation; and the usual family."""
    kinds = [Kind(), kind(told.word(LIKELIHOOD)) or Kind()]
    yield from both_dialects(kinds, [usual, told_law(told, usual)])


def others(told: Account, usual: Named, is_scalar: bool) -> Iterator[Way]:
    """Other likelihoods of the account's own family; other links, and other families.

    is_scalar: whether a row has one random effect, which is what nodes are for.
    """
    integrals = [*map(Kind, NODES), Kind(1, DIGITS)] if is_scalar else []
    yield from both_dialects([Kind(0), *integrals], [told_law(told, usual)])
    own = kind(told.word(LIKELIHOOD)) or Kind()
    laws = [Named(f, link) for f, links in LINKS.items() for link in links.values()]
    yield from both_dialects([own, Kind()], [one for one in laws if one != usual])


def changed(told: Account, usual: Named) -> Iterator[Way]:
    """Those of a changed model: what the account says; else Laplace's, and nearly exact."""
    own = kind(told.word(LIKELIHOOD))
    yield from both_dialects([own] if own else [Kind(), NEAR_EXACT], [told_law(told, usual)])


def both_dialects(kinds: Iterable[Kind], laws: Iterable[Named]) -> Iterator[Way]:
    """Each with each once, with both weights."""
    for one, of, dialect in product(dict.fromkeys(kinds), dict.fromkeys(laws), DIALECTS):
        yield Way(one, of, dialect)
