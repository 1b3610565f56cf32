"""Packages that only a part of refmixed needs."""

from __future__ import annotations

import importlib
from types import ModuleType

from ..errors import ExtraError


def extra(module: str, name: str) -> ModuleType:
    """A module that the extra `name` installs, or that rests on what it installs.

    Raises ExtraError.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise ExtraError(f"this needs {error.name}: pip install 'refmixed[{name}]'") from error
