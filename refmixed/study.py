"""Sampling distributions: what an estimator does in many samples of one population.

Needs joblib, pyarrow, threadpoolctl and tqdm: `pip install refmixed[studies]`.

Replicate k draws from SeedSequence(seed, spawn_key=(1, k)) and from nothing else, in one thread, so
that the rows are the same, to the last bit, for any number of workers and in any order.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from .description import describe, versions
from .errors import StudyError, StudyWarning, one_of, whole_number
from .population import Population, Sample, sample_x, sample_y
from .storage import Parts, as_pandas, finished
from .tidy import as_rows

CHUNK = 20  # replicates that are done, and kept, at a time
OWN = ("replicate", "error", "warning")
BACKENDS = ("loky", "dask")  # processes: warnings are recorded, which threads would mix up
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


def sampling_distribution(
    fit_function: FitFunction,
    source: Population | Sample,
    nsim: int,
    seed: int,
    *,
    new_x: bool | None = None,
    n: int | None = None,
    jobs: int = 1,
    backend: str = "loky",
    keep: str | Path | None = None,
    description: str = "",
    progress: bool = True,
) -> pd.DataFrame:
    """What `fit_function` makes of nsim samples: one row a replicate and term.

    fit_function: data frame -> a Fit, a data frame, {term: estimate}, a Series or a number.
    source: a Sample, whose predictors stay as they are unless new_x; or a population, of which n
    rows are drawn, anew for each replicate unless new_x=False.  jobs: workers, of joblib's backend;
    for "dask" a distributed.Client is to be there.  keep: a Parquet file; what was done before an
    interruption is in a folder beside it, and the same call goes on from there.  progress: a bar,
    where there is a terminal.

    Columns: replicate, those of `tidy.as_rows`, error (the text, where a replicate could not be
    drawn or fitted: it has this row alone) and warning.  `attrs["study"]` holds seed, nsim,
    versions and description.  Warns (StudyWarning) of failures, which `failures` counts.
    Raises StudyError, ResumeError, and PopulationError where not even a first sample can be drawn.
    """
    if not callable(fit_function):
        raise StudyError(f"fit_function must be a function of a data frame, not {fit_function!r}")
    nsim = whole_number("nsim", nsim, 1, StudyError)
    seed = whole_number("seed", seed, 0, StudyError)
    jobs = whole_number("jobs", jobs, 1, StudyError)
    one_of("backend", backend, BACKENDS)
    where = source_of(source, new_x, n, seed)
    where.sample(np.random.default_rng(seed))  # says at once what is wrong with the population
    what = {"fit": describe(fit_function), "source": describe(where), "text": description}
    metadata = {"seed": seed, "nsim": nsim, "versions": versions(), "description": what}
    path = None if keep is None else Path(keep)
    table = finished(path, metadata) if path else None
    if table is None:
        parts = Parts(path, metadata)
        run(Chunks(fit_function, where, nsim, seed), parts, jobs, backend, progress)
        table = parts.finish(path)
    rows = as_pandas(table)
    warn_of_failures(rows, nsim)
    return rows


def failures(rows: pd.DataFrame) -> pd.Series[Any]:
    """How many replicates failed with each text."""
    return rows.loc[rows["error"].notna(), "error"].value_counts()


def warn_of_failures(rows: pd.DataFrame, nsim: int) -> None:
    """Warns (StudyWarning) where replicates failed."""
    counts = failures(rows)
    if len(counts):
        text = f"{counts.sum()} of {nsim} replicates failed, most often with: {counts.index[0]}"
        warnings.warn(text, StudyWarning, stacklevel=3)


def source_of(source: Any, new_x: bool | None, n: int | None, seed: int) -> Source:
    """Where the data come from.  Raises StudyError."""
    if not isinstance(source, Population | Sample):
        raise StudyError(f"source must be a population or a Sample, not {type(source).__name__}")
    if isinstance(source, Sample):
        if n is not None and not new_x:
            raise StudyError("a Sample has its rows: n goes with new_x=True, or with a population")
        if not new_x:
            return Source(source, 0)
        source, n = source.population, len(source.frame) if n is None else n
    if n is None:
        raise StudyError("a population needs n, the rows of a sample")
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,)))
    first = sample_x(source, n, rng)
    return Source(first, 0) if new_x is False else Source(source, n)


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
            rows = pd.concat([self.replicate(r) for r in self.replicates(k)], ignore_index=True)
        texts = {"error": "str", "warning": "str"}
        return k, rows.astype(texts)

    def replicate(self, r: int) -> pd.DataFrame:
        """One sample and its rows."""
        rng = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(1, r)))
        with warnings.catch_warnings(record=True) as given:
            warnings.simplefilter("always")
            found, error = self.attempt(rng)
        rows = pd.DataFrame(index=[0]) if error else as_rows(found)
        if taken := [name for name in OWN if name in rows]:
            raise StudyError(f"{taken[0]!r} is a column of the study itself: rename yours")
        rows.insert(0, "replicate", r)
        rows["error"] = error
        rows["warning"] = "; ".join(dict.fromkeys(str(w.message) for w in given)) or None
        return rows

    def attempt(self, rng: np.random.Generator) -> tuple[Any, str | None]:
        """What the function makes of one sample, or the text of the error of either."""
        try:
            return self.fit_function(self.source.sample(rng).frame), None
        except Exception as error:  # whatever a user's function raises is a result of the study
            return None, f"{type(error).__name__}: {error}"


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
        yield from work(joblib.delayed(chunks.run)(k) for k in missing)
