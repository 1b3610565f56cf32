"""The call that runs a study: its arguments, and what it says at the end."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..checks import one_of, whole_number
from ..errors import StudyError, StudyWarning
from ..population import Population, Sample, sample_x
from .code import versions
from .description import describe
from .files import as_file, as_pandas
from .replicates import Chunks, FitFunction, Source, run
from .storage import Parts, finished

BACKENDS = ("loky", "dask")  # processes: warnings are recorded, which threads would mix up


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

    fit_function: data frame -> a Fit, a data frame, {term: estimate}, a Series or a number.  What
    it draws itself must come from the global generators of numpy or random.
    source: a Sample, whose predictors stay as they are unless new_x; or a population, of which n
    rows are drawn, anew for each replicate unless new_x=False.  jobs: workers, of joblib's backend;
    for "dask" a distributed.Client is to be there.  keep: a Parquet file; what was done before an
    interruption is in a folder beside it, and the same call goes on from there.  Another call is
    refused: with other numbers, another population, or a function whose code or values differ
    (installed packages are told by their versions).  progress: a bar, where there is a terminal.

    Columns: replicate, those of `rows.as_rows`, error (the text, where a replicate could not be
    drawn or fitted: it has this row alone) and warning.  `attrs["study"]` holds seed, nsim,
    versions and description.  Warns (StudyWarning) of failures, which `failures` counts.
    Raises StudyError, ResumeError, and PopulationError where not even a first sample can be drawn.
    """
    if not callable(fit_function):
        raise StudyError(f"fit_function must be a function of a data frame, not {fit_function!r}")
    nsim = whole_number("nsim", nsim, 1, StudyError)
    seed = whole_number("seed", seed, 0, StudyError)
    jobs = whole_number("jobs", jobs, 1, StudyError)
    require_options(new_x, description)
    require_backend(backend)
    where = source_of(source, new_x, n, seed)
    where.sample(np.random.default_rng(seed))  # says at once what is wrong with the population
    what = {"fit": describe(fit_function), "source": describe(where), "text": description}
    metadata = {"seed": seed, "nsim": nsim, "versions": versions(), "description": what}
    path = None if keep is None else as_file(keep)
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
    n = whole_number("n", n, 1, StudyError)
    if new_x is not False:
        return Source(source, n)
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,)))
    return Source(sample_x(source, n, rng), 0)


def require_options(new_x: Any, description: Any) -> None:
    """Raises StudyError."""
    if not isinstance(new_x, bool | None):
        raise StudyError(f"new_x must be True or False, not {new_x!r}")
    if not isinstance(description, str):
        raise StudyError(f"description must be a text, not {description!r}")


def require_backend(backend: str) -> None:
    """Raises OptionError, StudyError."""
    one_of("backend", backend, BACKENDS)
    if backend == "dask":
        try:
            import distributed

            distributed.get_client()
        except (ImportError, ValueError) as error:
            raise StudyError(
                "the backend 'dask' needs a distributed.Client, connected to the cluster"
            ) from error
