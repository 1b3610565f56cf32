"""What the tests of the course share: a wall, or a skip."""

from __future__ import annotations

import os

import pytest

from validation.course import walls


def require_walls() -> None:
    """Skip a test where there can be no wall, or fail it where one is required."""
    why = walls.refusal()
    if why and os.environ.get("REFMIXED_REQUIRE_WALLS") == "1":
        pytest.fail(f"REFMIXED_REQUIRE_WALLS=1, and {why}")
    if why:
        pytest.skip(why)
