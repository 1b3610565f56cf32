"""Parameters that are taken as they are, without a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..checks import vector
from ..errors import OptionError
from ..linalg import Array
from .model import Model


@dataclass(frozen=True)
class Given:
    """beta (p,), theta (m,) and a dispersion, or None where they are estimated."""

    beta: Any = None
    theta: Any = None
    dispersion: Any = None

    @property
    def is_nothing(self) -> bool:
        """Whether all parameters are estimated."""
        return self.beta is None and self.theta is None and self.dispersion is None

    def of(self, model: Model) -> tuple[Array, Array]:
        """psi, zeros where nothing is given, and which of it is free.  Raises OptionError."""
        p, m, has_dispersion = model.sizes
        parts = [np.zeros(p), np.zeros(m), np.zeros(has_dispersion)]
        free = [np.full(len(part), True) for part in parts]
        for k, (name, value) in enumerate((("beta", self.beta), ("theta", self.theta))):
            if value is not None:
                parts[k], free[k] = vector(name, value, len(parts[k])), ~free[k]
        if self.dispersion is not None:
            if not has_dispersion:
                raise OptionError(f"the family {model.family.name} has no dispersion to be given")
            (number,) = vector("dispersion", [self.dispersion], 1)
            if number <= 0:
                raise OptionError(f"dispersion must be positive, not {number:g}")
            parts[2], free[2] = np.log([number]), np.array([False])
        return np.concatenate(parts), np.concatenate(free)


NOTHING = Given()
