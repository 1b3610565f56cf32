"""The messages on the page of messages are those that its examples give when the book is built."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from refmixed import RefmixedError


@contextmanager
def says(name: str) -> Iterator[None]:
    """Print the error or warning of the lines inside: `with says("RankError"): rm.lm(...)`.

    Raises AssertionError unless there is one, of the class with this name and no subclass of it.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        said: list[object] = []
        try:
            yield
        except RefmixedError as error:
            said.append(error)
    said += [warning.message for warning in caught]
    classes = [type(one).__name__ for one in said]
    if classes != [name]:
        raise AssertionError(f"{name} is expected, and there is {classes or 'no message'}")
    print(f"{name}: {said[0]}")
