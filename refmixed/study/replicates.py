"""The replicates of a study: drawn, fitted and kept in chunks, by any number of workers.

Replicate k draws from SeedSequence(seed, spawn_key=(1, k)) and from nothing else, in one thread.
The global generators of random and numpy begin each replicate at a state of their own, for
functions that draw from them.
"""

from __future__ import annotations

import pickle
import random
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from ..errors import RefmixedError, StudyError, one_line
from ..population import Population, Sample, sample_x, sample_y
from .files import LAST
from .rows import as_rows
from .storage import Parts
from .together import OfMany

CHUNK = 20  # replicates that are done, and kept, at a time
OWN = ("replicate", *LAST)
FitFunction = Callable[[pd.DataFrame], Any]


@dataclass(frozen=True)
class Source:
    """Where the data of a replicate come from: new rows of a population, or given ones."""

    drawn: Population | Sample
    n: int  # rows of a new sample; 0: the rows of `drawn`, a Sample

    def sample(self, rng: np.random.Generator) -> Sample:
        """One data set."""
        if isinstance(self.drawn, Sample):
            return sample_y(self.drawn, rng)
        return sample_y(sample_x(self.drawn, self.n, rng), rng)


@dataclass(frozen=True)
class Chunks:
    """A study cut into pieces that do not depend on how many workers there are."""

    fit_function: FitFunction
    source: Source
    nsim: int
    seed: int

    def __len__(self) -> int:
        return -(-self.nsim // CHUNK)

    def replicates(self, k: int) -> range:
        """The replicates of chunk k."""
        return range(k * CHUNK, min((k + 1) * CHUNK, self.nsim))

    def run(self, k: int) -> tuple[int, pd.DataFrame]:
        """Chunk k and its rows."""
        with threadpool_limits(1):  # sums in another order have other last bits
            known = self.together(self.replicates(k))
            rows = [known[r] if r in known else self.replicate(r) for r in self.replicates(k)]
        texts = {"error": "str", "warning": "str"}
        return k, pd.concat(rows, ignore_index=True).astype(texts)

    def together(self, which: range) -> dict[int, pd.DataFrame]:
        """The rows of those replicates that the function makes of many samples at once."""
        if not isinstance(self.fit_function, OfMany):
            return {}
        drawn = {r: self.quiet_sample(r) for r in which}
        samples = {r: sample.frame for r, sample in drawn.items() if sample is not None}
        try:
            found = self.fit_function.many(list(samples.values())) if samples else []
        except RefmixedError:  # of the first: each is asked alone
            return {}
        pairs = zip(samples, found, strict=True)
        return {r: labelled(as_rows(rows), r, None, None) for r, rows in pairs if rows is not None}

    def quiet_sample(self, r: int) -> Sample | None:
        """The sample of a replicate, None where an error or a warning came of drawing it."""
        seeds = np.random.SeedSequence(self.seed, spawn_key=(1, r))
        with warnings.catch_warnings(), seeded(seeds):
            warnings.simplefilter("error")
            try:
                return self.source.sample(np.random.default_rng(seeds))
            except Exception:  # it is drawn again, and what it raises is kept
                return None

    def replicate(self, r: int) -> pd.DataFrame:
        """One sample and its rows."""
        seeds = np.random.SeedSequence(self.seed, spawn_key=(1, r))
        with warnings.catch_warnings(record=True) as given, seeded(seeds):
            warnings.simplefilter("always")
            rows, error = self.attempt(np.random.default_rng(seeds))
        texts = dict.fromkeys(plain_text(str(w.message)) for w in given)
        return labelled(rows, r, error, "; ".join(texts) or None)

    def attempt(self, rng: np.random.Generator) -> tuple[pd.DataFrame, str | None]:
        """What the function makes of one sample, or a row without it and the text of the error."""
        try:
            rows = as_rows(self.fit_function(self.source.sample(rng).frame))
            if taken := [name for name in OWN if name in rows]:
                raise StudyError(f"{taken[0]!r} is a column of the study itself: rename yours")
            return rows, None
        except (Exception, SystemExit) as error:  # all of it is a result of the study
            return pd.DataFrame(index=[0]), plain_text(f"{type(error).__name__}: {error}")


def labelled(rows: pd.DataFrame, r: int, error: str | None, warning: str | None) -> pd.DataFrame:
    """The rows of a replicate with what was said of it."""
    rows.insert(0, "replicate", r)
    rows["error"], rows["warning"] = error, warning
    return rows


@contextmanager
def seeded(seeds: np.random.SeedSequence) -> Iterator[None]:
    """The global generators at a state that follows from the seeds; afterwards as they were."""
    before = random.getstate(), np.random.get_state()  # noqa: NPY002  (users' functions draw there)
    words = seeds.spawn(1)[0].generate_state(4)
    random.seed(words.tobytes())
    np.random.seed(words)  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])  # noqa: NPY002


def plain_text(text: str) -> str:
    """A text that every file can hold."""
    return text.encode("utf-8", "backslashreplace").decode()


def run(chunks: Chunks, parts: Parts, jobs: int, backend: str, progress: bool) -> None:
    """Do and keep the chunks that are missing."""
    missing = [k for k in range(len(chunks)) if k not in parts.done]
    bar = tqdm(total=chunks.nsim, disable=None if progress else True, unit="replicate")
    bar.update(sum(len(chunks.replicates(k)) for k in parts.done))
    with bar:
        for k, rows in computed(chunks, missing, jobs, backend):
            parts.add(k, rows)
            bar.update(len(chunks.replicates(k)))


def computed(
    chunks: Chunks, missing: list[int], jobs: int, backend: str
) -> Iterator[tuple[int, pd.DataFrame]]:
    """Chunks as they come, in any order."""
    if jobs == 1 and backend != "dask":
        yield from map(chunks.run, missing)
        return
    with joblib.parallel_config(backend=backend, n_jobs=jobs):
        work = joblib.Parallel(return_as="generator_unordered", batch_size=1)
        try:
            yield from work(joblib.delayed(chunks.run)(k) for k in missing)
        except pickle.PicklingError as error:
            raise StudyError(f"the study cannot be sent to workers, try jobs=1: {error}") from error
        except BrokenProcessPool as error:
            raise StudyError(
                f"a worker died; with `keep` the same call goes on from here ({one_line(error)})"
            ) from error
