"""The law of the responses of a fitted model, and draws from it.

Replicate k depends on the seed and on k alone: each BLOCK of replicates has a stream of random
numbers of its own, and a replicate takes as many of them as there are effects and rows.  Effects
are Lambda z in the coordinates of the search: Lambda is a triangle, and no units or origins matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from ...checks import whole_number
from ...design import Design
from ...errors import OptionError
from ...linalg import Array

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


def a_seed(seed: int | None) -> int:
    """A seed, one of the system's where none is given.  Raises OptionError."""
    if seed is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    return whole_number("seed", seed, 0, OptionError)


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
    if random == "kept":
        noise = fit.sigma / np.sqrt(fit.design.weights)  # (n,)
        return Law(fit.fitted.to_numpy(), (), (), (), noise)  # eq:simulated-kept
    optimum, ways = fit.optimum, fit.optimum.coordinates
    beta = ways.c + ways.size * optimum.work_evaluation.beta  # (p,)
    whole = replace(ways.design, offset=fit.design.offset)
    return law_of(whole, beta, work_factors(fit), fit.sigma)


def law_of(design: Design, beta: Array, factors: list[Array], sigma: float) -> Law:
    """The law of a design with beta (p,), a relative factor (k, k) of each term, and sigma."""
    terms = design.terms
    return Law(
        mean=design.offset + design.X @ beta,
        loads=tuple(sigma * t.x @ F for t, F in zip(terms, factors, strict=True)),
        codes=tuple(t.codes for t in terms),
        levels=tuple(len(t.levels) for t in terms),
        noise=sigma / np.sqrt(design.weights),
    )


def work_factors(fit: Any) -> list[Array]:
    """Lambda (k, k) of each term, in the coordinates of the search."""
    at = fit.optimum.work_evaluation
    return at.layout.blocks(at.Lambda)
