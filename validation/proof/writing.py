"""JSON as the cases are written: a list of numbers or of names in one line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any


def dumped(value: Any) -> str:
    """The text of a value, with a line end."""
    return "".join(pieces(value, 0)) + "\n"


def pieces(value: Any, depth: int) -> Iterable[str]:
    """The text of a value, in parts."""
    pad = " " * (depth + 1)
    if isinstance(value, dict) and value:
        yield "{"
        for k, (key, item) in enumerate(value.items()):
            yield f"{',' if k else ''}\n{pad}{json.dumps(key)}: "
            yield from pieces(item, depth + 1)
        yield f"\n{' ' * depth}}}"
    elif isinstance(value, list) and any(isinstance(item, list | dict) for item in value):
        yield "["
        for k, item in enumerate(value):
            yield f"{',' if k else ''}\n{pad}"
            yield from pieces(item, depth + 1)
        yield f"\n{' ' * depth}]"
    else:
        yield json.dumps(value, ensure_ascii=False)
