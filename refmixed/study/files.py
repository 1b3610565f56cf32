"""The Parquet file of a study, which holds its description in its schema."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import StudyError, one_line

KEY = b"refmixed"
LAST = ["error", "warning"]  # the columns at the end


def merged(schemas: list[pa.Schema]) -> pa.Schema:
    """The columns of all; whole numbers become decimal ones where some are.  Raises StudyError."""
    try:
        return pa.unify_schemas([pa.schema([]), *schemas], promote_options="permissive")
    except pa.ArrowException as error:
        raise StudyError(f"a column holds values of different kinds: {one_line(error)}") from error


def as_file(given: Any) -> Path:
    """Raises StudyError unless it can be the name of a study's file."""
    try:
        path = Path(given)
        is_folder = path.is_dir()
    except (TypeError, ValueError, OSError) as error:
        raise StudyError(f"keep must be the name of a file, not {given!r}") from error
    if is_folder:
        raise StudyError(f"{path} is a folder: name a file, such as {path / 'study.parquet'}")
    return path


def whole(path: Path, write: Callable[[Path], Any]) -> None:
    """Write a file so that it is there whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    write(temporary)
    temporary.replace(path)


def described(table: pa.Table, metadata: dict[str, Any]) -> pa.Table:
    """A table with a study's description in its schema."""
    return table.replace_schema_metadata({KEY: json.dumps(metadata, sort_keys=True).encode()})


def read_table(path: Path) -> pa.Table:
    """Raises StudyError where it is not Parquet."""
    try:
        return pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise StudyError(f"{path} cannot be read as Parquet") from error


def description(table: pa.Table, path: Path) -> dict[str, Any]:
    """What a study's file says of itself.  Raises StudyError where it says nothing."""
    metadata = table.schema.metadata or {}
    if KEY not in metadata:
        raise StudyError(f"{path} is not the file of a study")
    found: dict[str, Any] = json.loads(metadata[KEY])
    return found


def as_pandas(table: pa.Table) -> pd.DataFrame:
    """The rows of a study; `attrs["study"]` is its description."""
    frame: pd.DataFrame = table.to_pandas()
    frame.attrs["study"] = json.loads(table.schema.metadata[KEY])
    return frame


def write_frame(frame: pd.DataFrame, path: Path, metadata: dict[str, Any]) -> None:
    """A table of results with its description, byte for byte the same every time."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    whole(path, lambda temporary: pq.write_table(described(table, metadata), temporary))


def read_study(path: str | Path) -> pd.DataFrame:
    """The rows of a study that was kept; `attrs["study"]` is its description."""
    file = as_file(path)
    table = read_table(file)
    description(table, file)
    return as_pandas(table)
