"""What would take too long, and why: counted before anything is multiplied."""

from __future__ import annotations

from ..proof.problem import Blocks

PRODUCTS = 1e8  # of balls of 512 bits: about a minute


def products(problem: Blocks) -> float:
    """Multiplications of balls in one Hessian, about.

    A block of q_c random effects is solved and pushed along m directions, and each pair of those
    is multiplied in it; the rows of X come on top.
    """
    m = len(problem.entries)
    sizes = [block.G.nrows() for block in problem.blocks]
    return float(sum((1 + m) * q**2 * (q + problem.p) + m**2 * q**2 for q in sizes))


def out_of_reach(problem: Blocks) -> str | None:
    """Why a proof is not tried; None where it is."""
    needed = products(problem)
    if needed <= PRODUCTS:
        return None
    largest = max(block.G.nrows() for block in problem.blocks)
    return (
        f"A minimum: {problem.q} random effects, of which levels in common rows join {largest}, "
        f"and {len(problem.entries)} covariance parameters need {needed:.0e} products of balls "
        f"for a Hessian, and {PRODUCTS:.0e} are within reach; a part of the levels may be."
    )
