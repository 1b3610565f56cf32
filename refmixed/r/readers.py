"""Files of data, chunk by chunk: CSV and Parquet, by pyarrow, which is imported when they are read.

Of CSV, texts are texts whatever they look like, dates say; empty cells and NA are missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

SUFFIXES = {".csv": "CSV", ".parquet": "Parquet"}
ROWS = 2**17  # of a chunk of Parquet
BYTES = 2**24  # of a chunk of CSV; the types of its columns are those of the first


def columns_of(path: Path) -> list[str]:
    """The names of the columns of a file.  Raises OSError, and pyarrow's errors."""
    if path.suffix == ".csv":
        with opened(path, {}) as reader:
            return list(reader.schema.names)
    from pyarrow import parquet

    return list(parquet.read_schema(path).names)


def rows_of(path: Path) -> int | None:
    """How many rows a file has, where it says so."""
    if path.suffix == ".csv":
        return None
    from pyarrow import parquet

    return int(parquet.read_metadata(path).num_rows)


def read(path: Path, names: list[str]) -> Iterator[pd.DataFrame]:
    """The columns that are named.  Raises OSError, and pyarrow's errors."""
    if path.suffix == ".csv":
        with opened(path, {"include_columns": names}) as reader:
            types = {field.name: plain(field.type) for field in reader.schema}
        with opened(path, {"include_columns": names, "column_types": types}) as reader:
            yield from map(frame_of, reader)
        return
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        yield from map(frame_of, file.iter_batches(ROWS, columns=names))


def opened(path: Path, options: dict[str, Any]) -> Any:
    """A reader of CSV."""
    from pyarrow import csv

    return csv.open_csv(
        path,
        read_options=csv.ReadOptions(block_size=BYTES),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            null_values=["", "NA"], strings_can_be_null=True, **options
        ),
    )


def plain(kind: Any) -> Any:
    """The type of numbers as it is, of all else text."""
    import pyarrow as pa

    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    return kind if is_number else pa.string()


def frame_of(batch: Any) -> pd.DataFrame:
    """A data frame; whole numbers, some of them missing, keep all their digits."""
    import pyarrow as pa

    fields = zip(batch.schema, batch.columns, strict=True)
    gaps = any(pa.types.is_integer(field.type) and c.null_count for field, c in fields)
    nullable = {pa.int64(): pd.Int64Dtype(), pa.uint64(): pd.UInt64Dtype()} if gaps else {}
    frame: pd.DataFrame = batch.to_pandas(types_mapper=nullable.get)
    return frame
