"""Packages that only a part of refmixed needs, and the line that installs them."""

from __future__ import annotations

import importlib
import json
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urlsplit

from ..errors import ExtraError

INSTALL = "pip install '{source}[{extra}]'"  # the one line: README and TUTORIAL have it, too
PIPX_PIP = "pipx runpip refmixed"  # the pip of an environment that pipx made
CLONE = Path(__file__).parents[2]  # where this is one, and no installed package


def extra(module: str, name: str) -> ModuleType:
    """A module that the extra `name` installs, or that rests on what it installs.

    Raises ExtraError.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise missing(f"this needs {error.name}", name) from error


def missing(needs: str, name: str) -> ExtraError:
    """What to say where a package is missing that the extra `name` installs."""
    return ExtraError(f"{needs}: {install_line(name)}")


def install_line(name: str) -> str:
    """What installs an extra: refmixed is on no index, so that it names the clone or the wheel."""
    source = "" if (CLONE / "pyproject.toml").exists() else installed_from()
    if source:
        line = INSTALL.format(source=source, extra=name)
        return line.replace("pip", PIPX_PIP, 1) if in_pipx() else line
    return f"in a clone of refmixed, {INSTALL.format(source='.', extra=name)}"


def in_pipx() -> bool:
    """Whether this environment is one of pipx's, whose pip is not the user's."""
    return (Path(sys.prefix) / "pipx_metadata.json").exists()


def installed_from() -> str:
    """The wheel or the folder from which this package came, as pip notes it; else nothing."""
    try:
        note = distribution("refmixed").read_text("direct_url.json")
    except PackageNotFoundError:
        return ""
    place = Path(unquote(urlsplit(json.loads(note or '{"url": ""}')["url"]).path))
    return str(place) if place.name and place.exists() else ""
