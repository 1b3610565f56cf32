"""Assignment 1, written otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg

Array = Any


def products_by_loops(left: Array, right: Array) -> Array:
    rows = []
    for a, b in zip(left, right, strict=True):
        rows.append([x * y for y in b for x in a])
    return rows


def products_by_kronecker(left: Array, right: Array) -> Array:
    return np.array([np.kron(b, a) for a, b in zip(left, right, strict=True)])


def products_by_repeating(left: Array, right: Array) -> Array:
    return np.tile(left, right.shape[1]) * np.repeat(right, left.shape[1], axis=1)


def Z_by_loops(x: Array, q: int, k: int, codes: Array) -> Array:
    Z = [[0.0] * q for _ in x]
    for i, level in enumerate(codes):
        for a in range(k):
            Z[i][int(level) * k + a] = float(x[i][a])
    return Z


def Z_by_unit_vectors(x: Array, q: int, k: int, codes: Array) -> Array:
    unit = np.eye(q // k)
    return np.vstack([np.kron(unit[g], row) for g, row in zip(codes, x, strict=True)])


def Z_as_khatri_rao(x: Array, q: int, k: int, codes: Array) -> Array:
    indicators = (codes[:, None] == np.arange(q // k)).astype(float)
    return scipy.linalg.khatri_rao(indicators.T, x.T).T


def entries_by_loops(k: int) -> tuple[list[int], list[int]]:
    places = [(i, j) for j in range(k) for i in range(j, k)]
    return [i for i, _ in places], [j for _, j in places]


def entries_by_sorting(k: int) -> Array:
    rows, columns = np.tril_indices(k)
    order = np.lexsort((rows, columns))
    return np.array([rows[order], columns[order]])


def repeated_by_kronecker(factor: Array, levels: int) -> Array:
    return np.kron(np.eye(levels), factor)


def repeated_by_scipy(factor: Array, levels: int) -> Array:
    return scipy.linalg.block_diag(*[factor] * int(levels))


def repeated_by_loops(factor: Array, levels: int) -> Array:
    k = len(factor)
    Lambda = np.zeros((k * levels, k * levels))
    for j in range(levels):
        for a in range(k):
            for b in range(a + 1):
                Lambda[j * k + a, j * k + b] = factor[a, b]
    return Lambda


OTHERWISE = {
    "products": [products_by_loops, products_by_kronecker, products_by_repeating],
    "Z": [Z_by_loops, Z_by_unit_vectors, Z_as_khatri_rao],
    "entries": [entries_by_loops, entries_by_sorting],
    "repeated": [repeated_by_kronecker, repeated_by_scipy, repeated_by_loops],
    "line_variance": [
        "(theta1 + theta2*d)^2 + (theta3*d)^2",
        "theta1**2 + d*(2*theta1*theta2 + d*(theta2**2 + theta3**2))",
        "d^2*theta3^2 + (d*theta2 + theta1)*(theta1 + d*theta2)",
    ],
}
