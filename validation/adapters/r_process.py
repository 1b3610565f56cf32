"""The R that runs within Python: it starts at the first call and not before."""

from __future__ import annotations

import os
from collections import deque
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from io import StringIO
from typing import Any

console: deque[str] = deque(maxlen=1000)  # what R would have printed, the latest last


class RError(RuntimeError):
    """R signalled an error; the message is R's own."""


@cache
def interface() -> Any:
    """rpy2.rinterface with R running and lme4 attached; the first call starts R.

    Raises whatever importing rpy2 raises: ImportError without it, cffi's own error when it was
    built for another R; RError without lme4.
    """
    os.environ.setdefault("LANGUAGE", "en")  # messages are compared with what R says in English
    libraries = os.environ.get("LD_LIBRARY_PATH")
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):  # what fails is raised as well
        import rpy2.rinterface as ri
        from rpy2.rinterface_lib import callbacks, embedded

    callbacks.consolewrite_print = console.append
    callbacks.consolewrite_warnerror = console.append
    if not embedded.isinitialized():  # a user's profile may change the contrasts or the digits
        embedded.set_initoptions(("rpy2", "--quiet", "--no-save", "--no-restore", "--no-init-file"))
        ri.initr()
    keep_library_path(libraries)
    ri.evalr("options(digits = 7, width = 80, scipen = 0, warn = 1, useFancyQuotes = FALSE)")
    if not ri.evalr("suppressPackageStartupMessages(require(lme4, quietly = TRUE))")[0]:
        raise RError("R has no package lme4")
    return ri


def keep_library_path(before: str | None) -> None:
    """Undo R's change of LD_LIBRARY_PATH: a child Python may load another libpython with it."""
    if before is None:
        os.environ.pop("LD_LIBRARY_PATH", None)
        os.unsetenv("LD_LIBRARY_PATH")
    else:
        os.environ["LD_LIBRARY_PATH"] = before


@cache
def define(source: str) -> Any:
    """The R function that this source text defines; defined once, however often it is asked."""
    return interface().evalr(source)
