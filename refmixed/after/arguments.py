"""What several questions to a fit take: a level, a seed."""

from __future__ import annotations

import numpy as np

from ..checks import as_floats, whole_number
from ..errors import OptionError


def between_0_and_1(name: str, value: object) -> float:
    """A level of confidence or of a test.  Raises OptionError."""
    number = as_floats(value)
    if number is None or number.ndim or isinstance(value, bool) or not 0.0 < number < 1.0:
        raise OptionError(f"{name} must be a number between 0 and 1, not {value!r}")
    return float(number)


def a_seed(seed: int | None) -> int:
    """A seed, one of the system's where none is given.  Raises OptionError."""
    if seed is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    return whole_number("seed", seed, 0, OptionError)
