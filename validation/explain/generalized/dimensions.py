"""Words for what may be chosen of a generalized model: dimensions of traits, and values in them."""

from __future__ import annotations

from refmixed.glm.likelihoods import Kind
from refmixed.glm.named import LINKS

LAW = "family and link"
LIKELIHOOD, DIALECT = "likelihood", "dialect"  # which one, and the weights in its determinant
CONSTANT, SATURATED = "constant", "saturated"  # what is taken off a log-likelihood
LAPLACE, JOINT_MODE, EXACT = "Laplace", "joint mode", "exact"


def law(family: str, link: str | None) -> str:
    """A family and its link, as `glmer()` takes them; the canonical link where none is told."""
    usual = next(iter(LINKS.get(family, {})), "")
    return f"{family}({link or usual})"


def nodes(count: int) -> str:
    """A likelihood by its number of nodes, as nAGQ counts them."""
    return {0: JOINT_MODE, 1: LAPLACE}.get(count, f"{count} nodes")


def likelihood(kind: Kind) -> str:
    """A likelihood by what refmixed calls it."""
    return nodes(kind.nagq) if kind.digits is None else EXACT


def kind(said: str | None) -> Kind | None:
    """refmixed's likelihood of such a word; None where there is none."""
    if said is None:
        return None
    known = {EXACT: Kind(1, DIGITS), LAPLACE: Kind(1), JOINT_MODE: Kind(0)}
    return known.get(said) or Kind(int(said.split()[0]))


DIGITS = 10.0  # of an exact log-likelihood
