"""Whether models have the same data, or fixed effects, so that they can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...design import Design
from ...errors import OptionError
from ...evaluation import log_weights

SAME = 1e-10  # relative, of sums over rows that are the same


def refuse_none(others: Sequence[Any]) -> None:
    """Raises OptionError where there is nothing to compare a fit with."""
    if not others:
        raise OptionError(
            "anova() compares a fit with others, and none is given: the fixed effects of one fit "
            "are tested by test_fixed()"
        )


def refuse_other_data(fit: Any, other: Any) -> None:
    """Raises OptionError where the data of two fits differ."""
    if (what := unlike(fit.design, other.design)) is not None:
        raise OptionError(
            f"the models are of different data: {what} of {other.formula!r} and of "
            f"{fit.formula!r} differ, and their likelihoods cannot be compared"
        )


def unlike(a: Design, b: Design) -> str | None:
    """In what the data of two designs differ, whatever the order of their rows; None: nothing."""
    if a.n != b.n:
        return f"the numbers of rows ({b.n} and {a.n})"
    if a.coordinates is not None or b.coordinates is not None:  # sums are all that is kept
        first, second = ([log_weights(d), float(d.weights @ d.y**2)] for d in (a, b))
        same = np.allclose(first, second, rtol=SAME)
        return None if same else "the sums of responses and weights"
    if not np.array_equal(np.sort(a.weights), np.sort(b.weights)):
        return "the weights"
    of_a, of_b = (np.stack([d.y, d.weights])[:, np.lexsort((d.weights, d.y))] for d in (a, b))
    return None if np.array_equal(of_a, of_b) else "the responses"


def same_fixed(a: Design, b: Design) -> bool:
    """Whether two designs have the same columns of X, in any order."""
    if sorted(a.names) != sorted(b.names):
        return False
    into = [b.names.index(name) for name in a.names]
    return np.allclose(a.XtX, b.XtX[np.ix_(into, into)], rtol=SAME, atol=0.0)
