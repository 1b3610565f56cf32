"""Answers as the protocol wants them."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Mapping
from functools import partial, wraps
from importlib.metadata import version
from typing import Any

import numpy as np

from .as_json import as_json
from .messages import Json

Ways = dict[str, Callable[[], Any]]  # quantity -> how to compute it
GENERALIZED = ("glmm-evaluate", "glmm-fit")  # levels
LANGUAGE = f"Python {platform.python_version()}"


class UnsupportedError(Exception):
    """The implementation does not offer what the request asks; the text is the reason."""


def numbers(values: Any) -> Any:
    """Numbers, in arrays of any shape or nested lists, as strings with all their digits."""
    plain = as_json(values)
    if isinstance(plain, list):
        return [numbers(value) for value in plain]
    return repr(float(plain)) if isinstance(plain, int | float) else plain


def linear(
    run: Callable[..., Json], reason: str = "this adapter fits linear mixed models alone"
) -> Callable[..., Json]:
    """The `run` of an adapter that asks its package about linear mixed models alone, and why."""

    @wraps(run)
    def asked(request: Json, *options: Any, **named: Any) -> Json:
        if request["level"] in GENERALIZED:
            return {"id": request["id"], "skip": reason}
        return run(request, *options, **named)

    return asked


def answer(request: Json, ways: Ways, missing: Mapping[str, str]) -> Json:
    """The answer to a request: what there is a way to compute, and why the rest is skipped.

    A way may raise UnsupportedError with a reason.  `missing` has reasons by quantity, and one
    under "" for the rest.
    """
    answers, skipped = {}, {}
    for quantity in request["asked"]:
        if quantity not in ways:
            skipped[quantity] = missing.get(quantity, missing.get("", "not computed"))
            continue
        try:
            answers[quantity] = numbers(ways[quantity]())
        except UnsupportedError as reason:
            skipped[quantity] = str(reason)
    return {"id": request["id"], "answers": answers, "skipped": skipped}


def forgiving(ways: Ways) -> Ways:
    """The same ways, of which one that fails gives NaN, and says why on standard error."""

    def tried(quantity: str) -> Any:
        try:
            return ways[quantity]()
        except UnsupportedError:
            raise
        except Exception as error:  # of any library: it costs this quantity only
            print(f"{quantity}: {type(error).__name__}: {error}", file=sys.stderr)
            return np.nan

    return {quantity: partial(tried, quantity) for quantity in ways}


def implementation(name: str, package: str | None = None) -> Json:
    """The answer to `start` of an installed Python package."""
    who = {"name": name, "version": version(package or name), "language": LANGUAGE}
    return {"version": 1, "implementation": who}
