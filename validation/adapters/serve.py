"""An in-process adapter as a command: `python serve.py adapter.py`, by SPEC.md, section 8.

It needs nothing but Python, so that an adapter can run in an environment of its own.  What the
adapter or its libraries print goes to standard error, which is for people.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

HERE = Path(__file__).resolve().parent


def load(path: str) -> ModuleType:
    """The adapter in a file, as part of a package that has `frames` in it, too."""
    file = Path(path).resolve()
    package = ModuleType("adapters")
    package.__path__ = [str(file.parent), str(HERE)]
    sys.modules["adapters"] = package
    return importlib.import_module(f"adapters.{file.stem}")


def respond(adapter: Any, request: dict[str, Any]) -> dict[str, Any]:
    """The answer to one request; what goes wrong is an answer, too."""
    as_json = importlib.import_module("adapters.as_json").as_json
    if request["cmd"] == "start":
        return as_json(dict(adapter.start()))
    try:
        return as_json(dict(adapter.run(request)))
    except Exception as error:  # of any library: it costs this case only
        return {"id": request["id"], "error": f"{type(error).__name__}: {error}"}


def serve(adapter: Any, lines: TextIO, out: TextIO) -> None:
    """Answer request after request, until the one to stop."""
    for line in lines:
        request = json.loads(line)
        if request["cmd"] == "stop":
            return
        out.write(json.dumps(respond(adapter, request)) + "\n")
        out.flush()


def main() -> None:
    """Serve the adapter that the command line names."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # also for libraries in C
    sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != HERE]
    warnings.simplefilter("ignore")
    serve(load(sys.argv[1]), sys.stdin, out)


if __name__ == "__main__":
    main()
