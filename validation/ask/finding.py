"""Adapters by name: those of the suite, in files, and in modules."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

from .implementations import ImplementationError, InProcess, say

ADAPTERS = Path(__file__).parents[1] / "adapters"


def names() -> dict[str, str]:
    """The adapters of the suite: name -> module, of those with start() and run().

    That of a live package, `lme4_live`, goes by the name of the package.
    """
    texts = {file.stem: file.read_text("utf-8") for file in sorted(ADAPTERS.glob("*.py"))}
    modules = [m for m, text in texts.items() if "\ndef start(" in text and "\ndef run(" in text]
    return {module.removesuffix("_live"): module for module in modules}


def adapter(name: str) -> InProcess:
    """An adapter: "lme4" of the suite, a file "mine.py", a module "my.adapter", "my.adapter:thing".

    Raises ImplementationError.
    """
    try:
        thing = find(name)
    except ImplementationError:
        raise
    except Exception as error:  # whatever its import raises: there is nobody to ask
        raise ImplementationError(f"adapter {name} cannot be imported: {say(error)}") from error
    return InProcess(thing, name)


def find(name: str) -> Any:
    """The module, or the object in it.  Raises ImportError, ImplementationError."""
    module, _, path = name.partition(":")
    if module.endswith(".py"):
        thing: Any = from_file(Path(module))
    elif "." in module:
        sys.path.insert(0, os.getcwd())
        thing = importlib.import_module(module)
    elif module in names():
        thing = importlib.import_module(f"..adapters.{names()[module]}", __package__)
    else:
        raise ImplementationError(f"there is no adapter {name}; there are {', '.join(names())}")
    for part in path.split(".") if path else []:
        if not hasattr(thing, part):
            raise ImplementationError(f"{module} has no {part}")
        thing = getattr(thing, part)
    return thing


def from_file(path: Path) -> Any:
    """The module in a file.  Raises ImportError, ImplementationError."""
    name = f"adapter_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ImplementationError(f"there is no file {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module
