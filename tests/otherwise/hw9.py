"""Assignment 9, written otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

Array = Any


def homes_by_loops(codes: Array, other: Array, levels: int) -> Any:
    found = []
    for level in range(levels):
        met = {int(b) for a, b in zip(codes, other, strict=True) if a == level}
        found.append(met.pop() if len(met) == 1 else -1)
    return found


def homes_by_a_table(codes: Array, other: Array, levels: int) -> Array:
    table = np.zeros((levels, other.max() + 1))
    np.add.at(table, (codes, other), 1)
    return np.where((table > 0).sum(axis=1) == 1, table.argmax(axis=1), -1)


def homes_by_pandas(codes: Array, other: Array, levels: int) -> Array:
    by_level = pd.Series(other).groupby(codes)
    return np.where(by_level.nunique() == 1, by_level.first(), -1)


def homes_by_least_and_largest(codes: Array, other: Array, levels: int) -> Array:
    least, largest = np.full(levels, other.max()), np.zeros(levels, dtype=int)
    np.minimum.at(least, codes, other)
    np.maximum.at(largest, codes, other)
    return np.where(least == largest, least, -1.0)


def codes_by_unique(codes: Array, size: int) -> Array:
    return np.unique(codes, return_inverse=True)[1]


def codes_by_a_dictionary(codes: Array, size: int) -> Any:
    new = {level: k for k, level in enumerate(sorted(set(codes.tolist())))}
    return [new[level] for level in codes.tolist()]


def codes_by_ranks(codes: Array, size: int) -> Array:
    return pd.Series(codes).rank(method="dense").to_numpy() - 1


def codes_by_counting(codes: Array, size: int) -> Any:
    return [len({int(c) for c in codes if c < level}) for level in codes]


def told_by_ranks(data: pd.DataFrame) -> Any:
    """The rank of the matrices K' M K, by hand."""
    ones, n = np.ones(len(data)), len(data)
    half = {name: data["school"] + data[name] for name in ("class", "team")}
    cell = {name: data["pupil"] + data[name] for name in ("day", "room")}
    pupil, school = data["pupil"], data["school"]

    def same(labels: Any) -> Array:
        labels = labels.to_numpy()
        return (labels[:, None] == labels).astype(float)

    def rank(X: Array, matrices: list[Array]) -> int:
        K = np.linalg.svd(X)[0][:, np.linalg.matrix_rank(X) :]
        images = [(K.T @ M @ K).ravel() for M in [np.eye(n), *matrices]]
        return int(np.linalg.matrix_rank(np.array(images)))

    found = [rank(ones[:, None], [same(data[c]), same(half[c])]) for c in ("class", "team")]
    found += [rank(ones[:, None], [same(pupil), same(cell[c])]) for c in ("day", "room")]
    for name in ("a", "b"):
        x = data[name].to_numpy(float)
        both = np.add.outer(x, x)
        matrices = [same(pupil), same(pupil) * both, same(pupil) * np.outer(x, x)]
        found.append(rank(np.column_stack([ones, x]), matrices))
    schools = pd.get_dummies(school, dtype=float).to_numpy()
    return [*found, rank(schools, [same(school), same(pupil)])]


OTHERWISE = {
    "homes": [homes_by_loops, homes_by_a_table, homes_by_pandas, homes_by_least_and_largest],
    "without_gaps": [codes_by_unique, codes_by_a_dictionary, codes_by_ranks, codes_by_counting],
    "maximal": ["(a^2*b^2 + a*b + a^2 + a)/2", "a*(a*(b^2 + 1) + b + 1)/2"],
    "other_sigma2": ["sigma2 + 2*(tau*d)^2", "(sigma2 + alpha^2 + tau2*d^2) - (alpha2 - tau2*d^2)"],
    "told": [told_by_ranks],
}
