"""Where a study is kept while it runs: in parts, beside the file that it will be.

    file.parquet           the finished study
    file.parquet.parts/    study.json, which says of what, and 00000.parquet, 00001.parquet, ...

Parts appear whole or not at all, so that an interrupted study can go on from those there are.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import ResumeError, StudyError, one_line
from .files import LAST, described, description, merged, read_table, whole

OURS = re.compile(r"\.?(\d+\.parquet|study\.json)(\.\d+)?")  # files in a folder of parts
PARTS = {"fit": "fit function", "source": "population", "text": "description"}


class Parts:
    """Where the chunks of a study are kept while it runs: in a folder, or in memory."""

    def __init__(self, path: Path | None, metadata: dict[str, Any]) -> None:
        self.metadata = metadata
        self.folder = None if path is None else path.with_name(path.name + ".parts")
        self.memory: dict[int, pa.Table] = {}
        if self.folder is not None:
            open_folder(self.folder, metadata)
        self.schema = merged([self.read(k).schema for k in sorted(self.done)])

    @property
    def done(self) -> set[int]:
        """The chunks that are there."""
        if self.folder is None:
            return set(self.memory)
        return {int(part.stem) for part in self.folder.glob("*.parquet") if part.stem.isdigit()}

    def add(self, k: int, rows: pd.DataFrame) -> None:
        """Keep chunk k.  Raises StudyError where its columns are not those of the others."""
        try:
            table = pa.Table.from_pandas(rows, preserve_index=False).replace_schema_metadata(None)
        except (pa.ArrowException, TypeError) as error:
            raise StudyError(
                f"a column holds values of different kinds: {one_line(error)}"
            ) from error
        self.schema = merged([self.schema, table.schema])
        if self.folder is None:
            self.memory[k] = table
            return
        try:
            whole(self.folder / f"{k:05d}.parquet", lambda path: pq.write_table(table, path))
        except OSError as error:
            raise StudyError(f"cannot write to {self.folder}: {error.strerror}") from error

    def joined(self) -> pa.Table:
        """All chunks in order, described."""
        tables = [self.read(k) for k in sorted(self.done)]
        table = pa.concat_tables(tables, promote_options="permissive").combine_chunks()
        order = [name for name in table.column_names if name not in LAST] + LAST
        return described(table.select(order), self.metadata)

    def read(self, k: int) -> pa.Table:
        """Chunk k."""
        if self.folder is None:
            return self.memory[k]
        return read_table(self.folder / f"{k:05d}.parquet")

    def finish(self, path: Path | None) -> pa.Table:
        """The whole study, written to its file, the parts removed."""
        table = self.joined()
        if path is not None and self.folder is not None:
            whole(path, lambda temporary: pq.write_table(table, temporary))
            remove_folder(self.folder)
        return table


def open_folder(folder: Path, metadata: dict[str, Any]) -> None:
    """Begin a folder of parts, or go on with one.  Raises ResumeError, StudyError."""
    manifest = folder / "study.json"
    if manifest.exists():
        refuse_another(read_manifest(manifest), metadata, folder)
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise StudyError(f"{folder} holds something else than a study: remove it")
        text = json.dumps(metadata, indent=1, sort_keys=True)
        whole(manifest, lambda path: path.write_text(text, "utf-8"))
    except OSError as error:
        raise StudyError(f"cannot write to {folder}: {error.strerror}") from error


def read_manifest(path: Path) -> dict[str, Any]:
    """Raises StudyError."""
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise StudyError(f"{path} cannot be read: remove the folder") from error
    return found


def remove_folder(folder: Path) -> None:
    """Remove what was written there; the folder too, unless there is anything else in it."""
    for path in folder.iterdir():
        if OURS.fullmatch(path.name):
            path.unlink()
    if not any(folder.iterdir()):
        folder.rmdir()


def refuse_another(there: dict[str, Any], wanted: dict[str, Any], path: Path) -> None:
    """Raises ResumeError where what is there is not of the study that is wanted."""
    for key in wanted:
        if there.get(key) != wanted[key]:
            raise ResumeError(
                f"{path} holds a study of another {difference(key, there.get(key), wanted[key])}: "
                "remove it, or name another file"
            )


def difference(key: str, there: Any, wanted: Any) -> str:
    """What is different, in a few words."""
    if not isinstance(there, dict) or not isinstance(wanted, dict):
        return f"{key} ({there}, not {wanted})" if key in ("seed", "nsim") else key
    names = [name for name in wanted if there.get(name) != wanted[name]] or [*there]
    if key == "description":
        return " and ".join(PARTS.get(name, name) for name in names)
    return f"version of {names[0]} ({there.get(names[0])}, not {wanted.get(names[0])})"


def finished(path: Path, metadata: dict[str, Any]) -> pa.Table | None:
    """The study in a file, None where there is no file.  Raises ResumeError."""
    if not path.exists():
        return None
    table = read_table(path)
    refuse_another(description(table, path), metadata, path)
    return table
