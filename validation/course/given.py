"""What every skeleton begins with: numpy, and triangular systems."""

import numpy as np
from numpy.linalg import inv, slogdet
from scipy.linalg import solve_triangular

cholesky = np.linalg.cholesky  # of a positive definite A the lower L with L L' = A


def solve_lower(L, B):
    """L^-1 B, for a lower triangle L."""
    return solve_triangular(L, B, lower=True)


def solve_upper(L, B):
    """L'^-1 B, for the upper triangle L'."""
    return solve_triangular(L, B, lower=True, trans=1)


def logdet(L):
    """log det(L L'), for a lower triangle L."""
    return 2.0 * np.log(np.diagonal(L)).sum()
