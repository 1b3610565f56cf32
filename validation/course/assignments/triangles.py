"""Mistakes in the triangular systems: down to what is left for beta, and up to u."""

from __future__ import annotations

from refmixed.linalg import Array, solve_lower, solve_upper

from ..records import near_miss


@near_miss("structure", "eq:back-solve")
def effects_not_taken_off(RX: Array, X: Array, Wy: Array, RZX: Array, cu: Array) -> Array:
    """What belongs to u is not taken off: this is as if there were no random effects."""
    return solve_lower(RX.T, X.T @ Wy)


@near_miss("sign", "eq:back-solve")
def effects_added(RX: Array, X: Array, Wy: Array, RZX: Array, cu: Array) -> Array:
    """What belongs to u has the wrong sign: bring it to the other side of the equation."""
    return solve_lower(RX.T, X.T @ Wy + RZX.T @ cu)


@near_miss("order", "eq:block-factor")
def upwards_at_once(RX: Array, X: Array, Wy: Array, RZX: Array, cu: Array) -> Array:
    """The system is solved with RX: on the way down stands its transpose."""
    return solve_upper(RX.T, X.T @ Wy - RZX.T @ cu)


@near_miss("structure", "eq:back-solve")
def up_and_down(RX: Array, X: Array, Wy: Array, RZX: Array, cu: Array) -> Array:
    """This is beta itself, one step further: only the way down is asked for."""
    return solve_upper(RX.T, solve_lower(RX.T, X.T @ Wy - RZX.T @ cu))


@near_miss("units", "eq:back-solve")
def right_side(RX: Array, X: Array, Wy: Array, RZX: Array, cu: Array) -> Array:
    """This is the right side of a triangular system: it is still to be solved."""
    return X.T @ Wy - RZX.T @ cu


@near_miss("prediction", "eq:back-solve")
def beta_not_taken_off(L: Array, cu: Array, RZX: Array, beta: Array) -> Array:
    """What belongs to beta is not taken off: these effects explain the mean, too."""
    return solve_upper(L, cu)


@near_miss("sign", "eq:back-solve")
def beta_added(L: Array, cu: Array, RZX: Array, beta: Array) -> Array:
    """What belongs to beta has the wrong sign: bring it to the other side of the equation."""
    return solve_upper(L, cu + RZX @ beta)


@near_miss("order", "eq:block-factor")
def downwards_again(L: Array, cu: Array, RZX: Array, beta: Array) -> Array:
    """The system is solved with L: on the way up stands its transpose."""
    return solve_lower(L, cu - RZX @ beta)


@near_miss("structure", "eq:back-solve")
def both_triangles(L: Array, cu: Array, RZX: Array, beta: Array) -> Array:
    """Both triangles are solved with: cu has come down through L before."""
    return solve_upper(L, solve_lower(L, cu - RZX @ beta))


DOWN = (effects_not_taken_off, effects_added, upwards_at_once, up_and_down, right_side)
UP = (beta_not_taken_off, beta_added, downwards_again, both_triangles)
