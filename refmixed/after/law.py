"""The law of the responses of a fitted model, and draws from it.

Replicate k depends on the seed and on k alone: each BLOCK of replicates has a stream of random
numbers of its own, and a replicate takes as many of them as there are effects and rows.  Effects
are Lambda z in the coordinates of the search: Lambda is a triangle, and no units or origins matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ..linalg import Array

BLOCK = 20  # replicates to a stream of random numbers


@dataclass(frozen=True)
class Law:
    """What responses are made of: a mean, effects u of unit variance with their loads, errors."""

    mean: Array  # (n,)
    loads: tuple[Array, ...]  # (n, k) of each term: sigma x Lambda
    codes: tuple[Array, ...]  # (n,) the level of each row
    levels: tuple[int, ...]
    noise: Array  # (n,)  sigma over the root of the weight

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """(levels, k) of the effects of each term."""
        return [(G, load.shape[1]) for G, load in zip(self.levels, self.loads, strict=True)]

    def responses(self, u: list[Array], e: Array) -> Array:
        """(b, n) of effects u (b, levels, k) of each term and errors e (b, n).  eq:simulated"""
        Y = self.mean + self.noise * e
        for own, load, codes in zip(u, self.loads, self.codes, strict=True):
            for a in range(load.shape[1]):
                Y += load[:, a] * own[:, codes, a]
        return Y


class Source(Protocol):
    """Where responses come from."""

    def draw(self, random: np.random.Generator, b: int) -> Array:
        """(b, n): so many responses, each of the same number of random numbers, in their order."""
        ...


@dataclass(frozen=True)
class Normal:
    """Responses of the model: effects and errors are normal."""

    law: Law

    def draw(self, random: np.random.Generator, b: int) -> Array:
        """(b, n)."""
        sizes = [G * k for G, k in self.law.shapes]
        z = random.standard_normal((b, sum(sizes) + len(self.law.mean)))
        *parts, e = np.split(z, np.cumsum(sizes), axis=1)
        pairs = zip(parts, self.law.shapes, strict=True)
        return self.law.responses([part.reshape(b, G, k) for part, (G, k) in pairs], e)


def draws(source: Source, seed: int, which: range) -> Array:
    """(b, n): some replicates, one after the other."""
    parts = [source.draw(stream, end)[start:] for stream, start, end in streams(seed, which)]
    return np.concatenate(parts)


def streams(seed: int, which: range) -> Iterator[tuple[np.random.Generator, int, int]]:
    """The stream of each block, and which of its replicates are wanted, from start to end."""
    for block in range(which.start // BLOCK, -(-which.stop // BLOCK)):
        seeds = np.random.SeedSequence(seed, spawn_key=(block,))
        first = block * BLOCK
        start, end = max(which.start - first, 0), min(which.stop - first, BLOCK)
        yield np.random.default_rng(seeds), start, end


def fitted_law(fit: Any, random: str) -> Law:
    """The law of responses in the rows of a fit."""
    noise = fit.sigma / np.sqrt(fit.design.weights)  # (n,)
    if random == "kept":
        return Law(fit.fitted.to_numpy(), (), (), (), noise)  # eq:simulated-kept
    optimum, ways = fit.optimum, fit.optimum.coordinates
    beta = ways.c + ways.size * optimum.work_evaluation.beta  # (p,)
    mean = fit.design.offset + ways.design.X @ beta  # (n,)
    terms, factors = ways.design.terms, work_factors(fit)
    loads = tuple(fit.sigma * t.x @ F for t, F in zip(terms, factors, strict=True))
    codes, levels = tuple(t.codes for t in terms), tuple(len(t.levels) for t in terms)
    return Law(mean, loads, codes, levels, noise)


def work_factors(fit: Any) -> list[Array]:
    """Lambda (k, k) of each term, in the coordinates of the search."""
    at = fit.optimum.work_evaluation
    return at.layout.blocks(at.Lambda)
