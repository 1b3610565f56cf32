"""Arguments that are True or False, and levels of intervals: nothing else."""

from __future__ import annotations

from numbers import Real

import numpy as np

from ..errors import OptionError


def true_or_false(name: str, value: object) -> bool:
    """A switch.  Raises OptionError."""
    if not isinstance(value, bool | np.bool_):
        raise OptionError(f"{name} must be True or False, not {value!r}")
    return bool(value)


def a_level(value: object, name: str = "level") -> float:
    """A level within (0, 1).  Raises OptionError."""
    if not isinstance(value, Real) or isinstance(value, bool) or not 0.0 < float(value) < 1.0:
        raise OptionError(f"{name} must be a number between 0 and 1, not {value!r}")
    return float(value)
