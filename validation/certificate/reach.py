"""What would take too long, and why: counted before anything is multiplied."""

from __future__ import annotations

from collections.abc import Sequence

from ..proof.exact import Exact
from ..proof.problem import components

PRODUCTS = 1e8  # of balls of 512 bits: about a minute
NUMBERS = 3e6  # exact ones, in the rows of the blocks: a minute or two, and a few GB


def products(sizes: Sequence[int], m: int, p: int) -> float:
    """Multiplications of balls in one Hessian along m directions, about.

    A block of q_c random effects, of which `sizes` has one each, is solved and pushed along each
    direction, and each pair of those is multiplied in it; the p columns of X come on top.
    """
    return float(sum((1 + m) * q**2 * (q + p) + m**2 * q**2 for q in sizes))


def out_of_reach(made: Exact, hessian: bool) -> str | None:
    """Why a proof is not tried; None where it is.  Without a Hessian: at a theta that is given."""
    blocks = components(made)
    sizes = [sum(made.terms[t].k for t, _ in cells) for cells, _ in blocks]
    m, p, what = made.design.m * hessian, len(made.names), "A minimum" if hessian else "Any digits"
    numbers = sum(len(rows) * q for (_, rows), q in zip(blocks, sizes, strict=True)) + made.n * p
    if numbers > NUMBERS:
        return (
            f"{what}: {made.n} rows hold {numbers:.0e} numbers, and {NUMBERS:.0e} are within "
            "reach; a part of the rows may be."
        )
    needed = products(sizes, m, p)
    if needed <= PRODUCTS:
        return None
    beside = f" and {m} covariance parameters" if hessian else ""
    return (
        f"{what}: {sum(sizes)} random effects, of which levels "
        f"in common rows join {max(sizes)},{beside} need {needed:.0e} products of balls"
        f"{' for a Hessian' * hessian}, and {PRODUCTS:.0e} are within reach; a part of the levels "
        "may be."
    )
