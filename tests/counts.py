"""How much a test tries: a few random models, a share of names, or by `make long` all of them.

As other processors see them (kernels.py) it is a part of the few: there are several such runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from zlib import crc32

from hypothesis import settings
from kernels import ASKED

LONG = os.environ.get("REFMIXED_LONG") == "1"
PART = 3 if ASKED in os.environ else 1  # of the few one in so many is tried


def share(few: int, of: int) -> range:
    """A few of so many seeds; by `make long` all of them."""
    return range(of) if LONG else range(0, few, PART)


def examples(few: int) -> settings:
    """So many random examples of hypothesis."""
    return settings(max_examples=-(-few // PART))


def some(names: Iterable[str], every: int) -> list[str]:
    """One of so many names, the same ones everywhere; by `make long` all of them."""
    return [name for name in names if LONG or crc32(name.encode()) % every == 0]
