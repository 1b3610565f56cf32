"""Coordinates in which the parameters that a profile holds are coordinates themselves.

v (m + 1,): a factor (k, k) of each term, column by column, then the logarithm of sigma.  The factor
B of V0 is M G(v), over sigma where G has standard deviations and not relative ones.  M puts the
effects that are asked for first, so that their standard deviations are entries of G; a correlation
is an angle between rows of G.  All but the parameters' values is in the coordinates of the search.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...covariance import Layout, canonical
from ...evaluation import diagonal
from ...linalg import Array, solve_upper


@dataclass(frozen=True)
class Frame:
    """How the factor of one term is written: M (k, k), and what its entries are."""

    M: Array  # (k, k)  gamma~ = M g
    is_relative: bool = False  # G is over sigma, as theta is
    is_polar: bool = False  # the first two rows are (a, 0), b (-cos, sin) of an angle


def plain(k: int) -> Frame:
    """A term of which nothing is asked."""
    return Frame(np.eye(k))


def of_effects(S: Array, effects: tuple[int, ...]) -> Frame:
    """One effect first, or two: g_1 and g_2 are these effects, in units of their own.  eq:frame

    S (k, k): x = x~ S', so that gamma = S'^-1 gamma~.
    """
    rows = solve_upper(S, np.eye(len(S)))[list(effects)]  # (1 or 2, k)
    Q, R = np.linalg.qr((rows / lengths(rows)[:, None]).T, mode="complete")  # (k, k), (k, 1 or 2)
    few = len(effects)
    M = np.hstack([np.linalg.solve(R[:few], Q[:, :few].T).T, Q[:, few:]])  # (k, k)
    return Frame(M, is_polar=few == 2)


def relative(S: Array) -> Frame:
    """theta of the given model, over the units of its effects.  eq:frame"""
    return Frame(S.T / np.diag(S), is_relative=True)


def lengths(rows: Array) -> Array:
    """(any,): the length of each row."""
    return np.asarray(np.linalg.norm(rows, axis=1))


@dataclass(frozen=True)
class Chart:
    """The coordinates v of a model."""

    layout: Layout
    frames: tuple[Frame, ...]

    @property
    def M(self) -> Array:
        """(K, K)."""
        return diagonal(frame.M for frame in self.frames)

    @property
    def over_sigma(self) -> Array:
        """(K,): one for the columns of factors that are standard deviations, else zero."""
        pairs = zip(self.frames, self.layout.sizes, strict=True)
        flags = [np.full(k, float(not frame.is_relative)) for frame, k in pairs]
        return np.concatenate([np.zeros(0), *flags])

    def entry(self, t: int, i: int, j: int) -> int:
        """The place in v of the entry (i, j) of term t."""
        start = self.layout.places[t].start
        here = (self.layout.rows == start + i) & (self.layout.columns == start + j)
        return int(np.flatnonzero(here)[0])

    def angles(self) -> list[tuple[int, int, int]]:
        """Of each polar term the row of its first effect, and the places of angle and length."""
        return [
            (self.layout.places[t].start, self.entry(t, 1, 0), self.entry(t, 1, 1))
            for t, frame in enumerate(self.frames)
            if frame.is_polar
        ]

    def into(self, factor: Array, log_sigma: float) -> Array:
        """v of a relative factor (K, K) of each term, and the logarithm of sigma."""
        pairs = zip(self.frames, self.layout.blocks(factor), strict=True)
        blocks = [
            canonical(np.linalg.solve(frame.M, block))
            * (1.0 if frame.is_relative else np.exp(log_sigma))
            for frame, block in pairs
        ]
        v = np.append(self.layout.entries(diagonal(blocks)), log_sigma)
        for _, angle, length in self.angles():
            x, y = v[angle], v[length]
            v[angle], v[length] = np.arctan2(y, -x), np.hypot(x, y)
        return v

    def factors(self, v: Array) -> tuple[Array, Array, Array]:
        """B (K, K), with its first (m + 1, K, K) and second (m + 1, m + 1, K, K) derivatives."""
        G, dG, ddG = self.entries(v)
        scale = np.where(self.over_sigma > 0, np.exp(-v[-1]), 1.0)  # (K,)
        B, dB, ddB = ((self.M @ part) * scale for part in (G, dG, ddG))
        dB[-1] = -B * self.over_sigma
        ddB[-1] = ddB[:, -1] = -dB * self.over_sigma
        return B, dB, ddB

    def entries(self, v: Array) -> tuple[Array, Array, Array]:
        """G (K, K) and its derivatives.  eq:polar"""
        of, size = self.layout, len(v)
        G = of.factor(v[:-1])
        dG, ddG = np.zeros((size, *G.shape)), np.zeros((size, size, *G.shape))
        dG[np.arange(size - 1), of.rows, of.columns] = 1.0
        for s, angle, length in self.angles():
            row, b = slice(s, s + 2), v[length]
            sine, cosine = np.sin(v[angle]), np.cos(v[angle])
            G[s + 1, row] = b * np.array([-cosine, sine])
            dG[angle, s + 1, row] = b * np.array([sine, cosine])
            dG[length, s + 1, row] = -cosine, sine
            ddG[angle, angle, s + 1, row] = b * np.array([cosine, -sine])
            ddG[angle, length, s + 1, row] = ddG[length, angle, s + 1, row] = sine, cosine
        return G, dG, ddG
