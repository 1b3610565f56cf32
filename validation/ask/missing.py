"""Why a program cannot be run, and what to write instead."""

from __future__ import annotations

from pathlib import Path


def why_not(name: str, error: OSError) -> str:
    """A clause on the name of a program that the system refused to run."""
    path = Path(name)
    if path.is_dir():
        return "it is a folder and no program"
    if isinstance(error, FileNotFoundError) and "/" not in name and path.is_file():
        return f"it is no command, but a file here: write ./{name}"
    if isinstance(error, PermissionError) and path.is_file():
        return f"it is not executable: chmod +x {name}, or name what runs it, as 'python {name}'"
    return error.strerror or str(error)
