"""Mistakes in the triangular systems, down to cbeta and up to u, and in the determinant."""

from __future__ import annotations

from refmixed.linalg import Array, solve_lower, solve_upper

from ..records import Mistake, near_miss


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


@near_miss("order", "eq:back-solve")
def diagonal_of_RX(RX: Array, X: Array, Wy: Array, RZX: Array, cu: Array) -> Array:
    """Only the diagonal of RX comes in: the given functions read a lower triangle."""
    return (X.T @ Wy - RZX.T @ cu) / RX.diagonal()


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


@near_miss("order", "eq:back-solve")
def diagonal_of_L(L: Array, cu: Array, RZX: Array, beta: Array) -> Array:
    """Only the diagonal of L comes in: the given functions read a lower triangle."""
    return (cu - RZX @ beta) / L.diagonal()


@near_miss("structure", "eq:back-solve")
def both_triangles(L: Array, cu: Array, RZX: Array, beta: Array) -> Array:
    """Both triangles are solved with: cu has come down through L before."""
    return solve_upper(L, solve_lower(L, cu - RZX @ beta))


DOWN = (
    effects_not_taken_off,
    effects_added,
    upwards_at_once,
    diagonal_of_RX,
    up_and_down,
    right_side,
)
UP = (beta_not_taken_off, beta_added, downwards_again, diagonal_of_L, both_triangles)
OF_DETERMINANT = (
    Mistake("no-penalty", "criterion", "Without the identity this is zero for a theta of zeros, "
            "where V0 is the identity.", "eq:sylvester", "n*S*theta1**2*theta3**2"),
    Mistake("diagonal-alone", "structure", "The matrix is not diagonal: intercept and slope are "
            "correlated.", "eq:L", "(1 + n*theta1**2 + S*theta2**2)"
            "*(1 + S*theta3**2)"),
    Mistake("variances-alone", "structure", "The matrix is not diagonal: intercept and slope are "
            "correlated.", "eq:sylvester", "(1 + n*theta1**2)"
            "*(1 + S*(theta2**2 + theta3**2))"),
    Mistake("order-of-theta", "order", "Two entries of theta have changed places: they go down the "
            "columns of the factor.", "eq:theta", "(1 + n*theta1**2)*(1 + S*theta2**2)"
            " + S*theta3**2"),
    Mistake("independent-effects", "structure", "An entry of theta does not come in: the factor is "
            "a triangle.", "eq:theta", "(1 + n*theta1**2)*(1 + S*theta3**2)"),
    Mistake("turned-factor", "order", "Lambda and its transpose have changed places: u is what "
            "Lambda is multiplied by.", "eq:L", "(1 + n*theta1**2)*(1 + S*theta3**2)"
            " + n*theta2**2"),
    Mistake("logarithm", "units", "This is the logarithm: the determinant is asked for.",
            "eq:sylvester", "log((1 + n*theta1**2)*(1 + S*theta3**2) + S*theta2**2)", 0.75),
    Mistake("of-the-triangle", "units", "This is the determinant of the triangle L: the matrix "
            "is L L'.", "eq:sylvester",
            "sqrt((1 + n*theta1**2)*(1 + S*theta3**2) + S*theta2**2)"),
)  # fmt: skip
