"""Run a page in a process of its own, then make every check on it fail.

`python -m derivations._book.running PAGE` prints a JSON list with an object for each check: what
`checks.record` tells of it.  The build of the book writes the same down.
"""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from . import book
from .pages import FOLDER


@dataclass(frozen=True)
class Checked:
    """What is known of one check after its page has run."""

    tag: str
    page: str
    kind: str
    sizes: str
    function: str
    text_only: bool
    sensitive: bool


def run(page: str) -> list[Checked]:
    """The checks of a page, in its order.  Raises RuntimeError where the page fails."""
    return parse(known(page))


def parse(text: str) -> list[Checked]:
    """What `run_for_json` returned."""
    return [Checked(**record) for record in json.loads(text)]


def known(page: str) -> str:
    """What the book says of a page if it was built from what is there now; else a run of it."""
    if not is_built():
        return run_for_json(page)
    file = book.CHECKS / f"{page}.json"
    return file.read_text() if file.exists() else "[]"


@cache
def is_built() -> bool:
    """Whether there is a book of these very files; looked at once."""
    return book.is_current()


def run_for_json(page: str) -> str:
    """What the process prints."""
    done = subprocess.run(
        [sys.executable, "-m", "derivations._book.running", page],
        cwd=FOLDER.parent,
        env=os.environ | {"MPLBACKEND": "Agg", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"the page {page} fails:\n{done.stderr}")
    return done.stdout


def records(page: str) -> list[dict[str, Any]]:
    """Run a page here.  It imports `checks` as from its own folder, and so does this."""
    sys.path.insert(0, str(FOLDER))
    checks = import_module("checks")
    printed, sys.stdout = sys.stdout, sys.stderr  # stdout is for the answer
    runpy.run_path(str(FOLDER / f"{page}.py"), run_name="__main__")
    sys.stdout = printed
    return [checks.record(check) for check in checks.CHECKS]


if __name__ == "__main__":
    print(json.dumps(records(sys.argv[1])))
