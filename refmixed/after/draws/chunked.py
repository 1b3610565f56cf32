"""Replicates in chunks, one after the other or in several processes: the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec
from typing import Any

from ...checks import whole_number
from ...errors import OptionError
from ...r.extras import extra


def in_chunks(
    run: Callable[[range], Any], nsim: int, size: int, jobs: int, progress: bool
) -> list[Any]:
    """What `run` makes of each chunk of replicates, in their order.  Raises ExtraError.

    The chunks do not depend on the number of jobs, and each is done in one thread: sums in another
    order have other last bits.
    """
    jobs = whole_number("jobs", jobs, 1, OptionError)
    chunks = [range(start, min(start + size, nsim)) for start in range(0, nsim, size)]
    if not progress:
        return list(done(run, chunks, jobs))
    with extra("tqdm", "studies").tqdm(total=nsim, unit="replicate") as bar:
        found = []
        for chunk, one in zip(chunks, done(run, chunks, jobs), strict=True):
            found.append(one)
            bar.update(len(chunk))
    return found


def done(run: Callable[[range], Any], chunks: list[range], jobs: int) -> Iterator[Any]:
    """The chunks in their order, as they come."""
    if jobs == 1:
        yield from (alone(run, chunk) for chunk in chunks)
        return
    joblib = extra("joblib", "studies")
    work = joblib.Parallel(n_jobs=jobs, return_as="generator", batch_size=1)
    yield from work(joblib.delayed(alone)(run, chunk) for chunk in chunks)


def alone(run: Callable[[range], Any], chunk: range) -> Any:
    """One chunk, in one thread where more could be at work."""
    with one_thread():
        return run(chunk)


def one_thread() -> AbstractContextManager[Any]:
    """One thread of BLAS, where threadpoolctl is there to say so; joblib comes with it."""
    if find_spec("threadpoolctl") is None:
        return nullcontext()
    return extra("threadpoolctl", "studies").threadpool_limits(1)
