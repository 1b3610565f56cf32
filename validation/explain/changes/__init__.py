"""What else the model may have been: the same mistakes and conventions as near misses have."""

from ..setup import Changes, Setup
from . import coding, inputs, kinds, numbers, structure


def changes(setup: Setup) -> Changes:
    """All changes of a setup, one at a time."""
    for room in (structure, coding, kinds, numbers, inputs):
        yield from room.changes(setup)
