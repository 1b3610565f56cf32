"""lme4, live: the protocol's questions, answered by the R that runs within Python.

The same R code answers as in lme4_command.R; requests and answers cross as JSON.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from . import r
from .messages import Json

FILES = ("answers.R", "lme4.R", "lme4_answers.R", "lme4_generalized.R")
LOAD = """function(paths) {
  e <- new.env(parent = globalenv())
  for (path in paths) sys.source(path, e)
  list(who = function() e$text(e$who("lme4")), software = function() e$text(e$software()),
       answer = function(line) e$respond_line(line, e$respond))
}"""


@cache
def functions() -> dict[str, Any]:
    """The functions of the R side that are called from here."""
    folder = Path(__file__).parent
    loaded = r.call(r.define(LOAD), [str(folder / name) for name in FILES]).value
    return dict(zip(loaded.names, loaded, strict=True))


def ask(function: str, *args: str) -> Json:
    """The answer of a function of the R side that gives JSON."""
    (text,) = r.to_python(r.call(functions()[function], *args).value)
    answer: Json = json.loads(text)
    return answer


def software() -> Json:
    """All that its answers hang on: versions, and a digest of the R code that asks."""
    code = b"".join((Path(__file__).parent / name).read_bytes() for name in FILES)
    return {**ask("software"), "adapter": hashlib.sha256(code).hexdigest()[:16]}


def start() -> Json:
    """Who answers."""
    return {"version": 1, "implementation": ask("who")}


def run(request: Json) -> Json:
    """The answer to one request."""
    return ask("answer", json.dumps(request))
