"""`python -m validation.invariance`: write the cases of level invariance."""

from __future__ import annotations

from .writing import write

write()
