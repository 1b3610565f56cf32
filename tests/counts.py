"""How many random models a test tries: a few, or by `make long` all of them."""

from __future__ import annotations

import os

LONG = os.environ.get("REFMIXED_LONG") == "1"


def share(few: int, of: int) -> range:
    """The first few of so many seeds; by `make long` all of them."""
    return range(of if LONG else few)
