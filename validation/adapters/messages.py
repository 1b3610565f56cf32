"""What crosses between the suite and an implementation, and what a case is: JSON objects.

The type stands here because an adapter may import nothing but what is beside it (see serve.py).
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
