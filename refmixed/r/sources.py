"""Where chunks of data come from: a file, a list, a function that makes them, a dask data frame.

They are read more than once.  A source has one thing to do: apply a step to each chunk, and add up
the records that it makes.  On a cluster the workers do both, and only the sum comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from ..blocked.chunks import total
from ..errors import DataError, EmptyDataError, one_line
from .data import as_frame, require_columns
from .extras import extra
from .readers import SUFFIXES, columns_of, read, rows_of

Step = Callable[[pd.DataFrame], Any]
RETRIES, BRANCHES = 3, 8  # of a task of a cluster; records that one task adds up
AGAIN = (
    "the chunks of data can be read once only, and are needed again: pass a list of them, or a "
    "function that makes them anew"
)


class Source(Protocol):
    """Chunks of data."""

    @property
    def name(self) -> str:
        """What a summary calls the data."""
        ...

    @property
    def columns(self) -> Sequence[str]:
        """Their names."""
        ...

    def total(self, names: list[str], step: Step) -> Any:
        """The records of all chunks, some columns of them alone, added up; None of no rows."""
        ...


@dataclass(frozen=True)
class Local:
    """Chunks that come one after another."""

    name: str
    columns: Sequence[str]
    frames: Callable[[list[str]], Iterable[Any]]  # with these columns at least

    def total(self, names: list[str], step: Step) -> Any:
        """See Source."""
        return total(record(chunk, names, step) for chunk in self.frames(names))


@dataclass(frozen=True)
class Cluster:
    """The partitions of a dask data frame, on the cluster that is there."""

    frame: Any
    name: str
    columns: Sequence[str]

    def total(self, names: list[str], step: Step) -> Any:
        """See Source.  What a worker had is made again where it dies."""
        dask = extra("dask", "big")
        shared = dask.delayed(step, traverse=False)
        task, add = dask.delayed(record, pure=False), dask.delayed(total, pure=False)
        records = [task(part, names, shared) for part in self.frame[names].to_delayed()]
        while len(records) > 1:
            starts = range(0, len(records), BRANCHES)
            records = [add(records[k : k + BRANCHES]) for k in starts]
        return dask.compute(*records, retries=RETRIES)[0]


def record(chunk: Any, names: list[str], step: Step) -> Any:
    """What a step makes of a chunk; None where that has no rows."""
    with suppress(EmptyDataError):
        frame = as_frame(chunk)
        require_columns(names, frame, whose="some chunks of the data")
        return step(frame[names])
    return None


def source_of(data: Any) -> Source | None:
    """The source that data are; None for a data frame.  Raises DataError: it is read once only."""
    if isinstance(data, str | Path):
        return file(Path(data)) if Path(data).suffix in SUFFIXES else None
    if type(data).__module__.startswith("dask.") and hasattr(data, "to_delayed"):
        return Cluster(data, "data", list(map(str, data.columns)))
    if isinstance(data, Iterator):
        raise DataError(AGAIN)
    if callable(data):
        return several(data)
    return several(lambda: data) if is_several(data) else None


def is_several(data: Any) -> bool:
    """Whether it is a list of data frames, or something else that gives them in turn."""
    is_frame = hasattr(data, "columns") or hasattr(data, "shape")
    if is_frame or isinstance(data, Mapping | str | bytes) or not isinstance(data, Iterable):
        return False
    return hasattr(next(iter(data), None), "columns")


def several(make: Callable[[], Iterable[Any]]) -> Local:
    """Frames that a function makes, anew each time."""
    try:
        first = next(iter(make()), None)
    except TypeError as error:
        reason = one_line(error)
        raise DataError(f"a function as data must give data frames in turn: {reason}") from error
    if first is None:
        raise EmptyDataError("the data have no rows")
    with suppress(EmptyDataError):
        first = as_frame(first)
    return Local("data", list(map(str, first.columns)), lambda names: make())


def file(path: Path) -> Local:
    """The chunks of a file, by its suffix.  Raises DataError, ExtraError."""
    arrow, tqdm = extra("pyarrow", "big"), extra("tqdm", "big").tqdm
    for module in ("pyarrow.csv", "pyarrow.parquet"):
        extra(module, "big")
    try:
        columns = columns_of(path)
    except (OSError, arrow.ArrowException) as error:
        raise unreadable(path, error) from error
    return Local(path.stem, columns, partial(shown, path, tqdm))


def shown(path: Path, tqdm: Any, names: list[str]) -> Iterator[pd.DataFrame]:
    """The chunks of a file; a terminal sees how far they are."""
    of = {"unit": "row", "unit_scale": True, "total": rows_of(path), "disable": None}
    with tqdm(desc=f"reading {path.name}", **of) as bar:
        try:
            for frame in read(path, names):
                yield frame
                bar.update(len(frame))
        except (OSError, ValueError, NotImplementedError) as error:
            if isinstance(error, DataError):
                raise
            raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> DataError:
    """What to say of a file."""
    kind = SUFFIXES[path.suffix]
    reason = getattr(error, "strerror", None) or one_line(error)
    text = f"cannot read {path} as {kind}: {reason}"
    if "conversion error" in reason:
        text += "; types are those of the first rows: a Parquet file has them beforehand"
    return DataError(text)
