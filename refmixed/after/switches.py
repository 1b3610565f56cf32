"""Arguments that are True or False, and nothing else."""

from __future__ import annotations

import numpy as np

from ..errors import OptionError


def true_or_false(name: str, value: object) -> bool:
    """A switch.  Raises OptionError."""
    if not isinstance(value, bool | np.bool_):
        raise OptionError(f"{name} must be True or False, not {value!r}")
    return bool(value)
