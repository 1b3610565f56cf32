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
for name, content in files().items():
    (folder / name).write_text(content, encoding="ascii", newline="\n")
(folder / SUMS).write_text(sums(folder), encoding="ascii", newline="\n")
