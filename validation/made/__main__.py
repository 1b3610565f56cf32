"""`python -m validation.made FOLDER`: write the made data sets, and the digests of all files there.

The folder must hold what `data-raw.R` writes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ..suite.tables import SUMS
from .files import files, sums

if len(sys.argv) != 2:
    raise SystemExit("usage: python -m validation.made FOLDER")
folder = Path(sys.argv[1])


def write(name: str, content: str) -> None:
    """A file of the folder."""
    (folder / name).write_text(content, encoding="ascii", newline="\n")


write(SUMS, sums(folder))  # real sets may be new, and rows to predict are made of them
for name, content in files().items():
    write(name, content)
write(SUMS, sums(folder))
