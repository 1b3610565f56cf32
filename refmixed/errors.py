"""What can go wrong: one class a kind of mistake, each told in one sentence.

Each derives from `RefmixedError` and the nearest built-in: ValueError, or LookupError for a name.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


class RefmixedError(Exception):
    """Base of all errors that refmixed raises on purpose; derivations/messages.py explains each."""


class FormulaError(RefmixedError, ValueError):
    """A formula cannot be read or evaluated."""


class BarError(FormulaError):
    """A random-effects bar stands outside brackets, or is malformed."""


class NoRandomTermError(FormulaError):
    """A formula for `lmer` has no term such as (1 | group)."""


class UnknownColumnError(RefmixedError, LookupError):
    """A formula names a column that the data do not have."""


class DataError(RefmixedError, ValueError):
    """The data cannot be read as a table of observations."""


class EmptyDataError(DataError):
    """No row is left."""


class InfiniteValueError(DataError):
    """A variable holds inf or -inf."""


class ResponseError(DataError):
    """The response is not one numeric column that varies."""


class GroupError(DataError):
    """A grouping factor has a single level."""


class SaturatedError(DataError):
    """As many random effects of one term as observations, or more."""


class WeightsError(DataError):
    """Prior weights are not positive numbers, one a row."""


class OffsetError(DataError):
    """An offset is not a number, one a row."""


class FamilyError(RefmixedError, ValueError):
    """A family or a link is not fitted, or the two do not go together."""


class SeparationError(DataError):
    """The likelihood of a generalized model rises for ever, as an estimate grows."""


class NewDataError(DataError):
    """New data cannot be predicted."""


class MissingColumnError(NewDataError, LookupError):
    """New data lack a column that the formula reads."""


class NewLevelError(NewDataError):
    """New data hold a group that the fit has not seen."""


class UnknownLevelError(NewDataError):
    """New data hold a level of a fixed effect that the fit has not seen."""


class RankError(RefmixedError, ValueError):
    """X has as many independent columns as there are rows, so that no residuals are left."""


class PerfectFitError(RefmixedError, ValueError):
    """The model reproduces the response exactly: the likelihood is unbounded."""


class OptionError(RefmixedError, ValueError):
    """An argument is not one of its admissible values."""


class ArgumentError(RefmixedError, TypeError):
    """A function does not have this argument; R's may have it."""


class MemoryLimitError(MemoryError, RefmixedError):  # in this order dask can make it anew
    """A matrix of the model is larger than the memory: n, p, q, bytes, bytes there, advice."""

    def __str__(self) -> str:
        n, p, q, needed, limit, advice = self.args
        return (
            f"the matrices of {n} rows, {p} fixed and {q} random effects (levels times effects) "
            f"need {needed / 1e9:,.1f} GB or more, and {limit / 1e9:,.1f} GB of memory are there: "
            f"{advice}"
        )


class ExtraError(RefmixedError, ImportError):
    """A package is missing that only a part of refmixed needs."""


class DatasetError(RefmixedError, LookupError):
    """No data set of that name ships with refmixed."""


class PopulationError(RefmixedError, ValueError):
    """A population is described wrongly, or cannot be drawn from."""


class LevelError(PopulationError, LookupError):
    """An expression names a level that a factor does not have, or leaves one out."""


class StudyError(RefmixedError, ValueError):
    """A study of a sampling distribution is described wrongly."""


class ResumeError(StudyError):
    """The file of a study holds another study."""


class RefmixedWarning(UserWarning):
    """Base of all warnings that refmixed gives; derivations/messages.py explains each."""


class ConvergenceWarning(RefmixedWarning):
    """The point returned is no local minimum, or another one is lower: the message says which."""


class IdentifiabilityWarning(RefmixedWarning):
    """The data do not determine some covariance parameters: the message says which."""


class FreedomWarning(RefmixedWarning):
    """A test has no degrees of freedom by the method that was chosen."""


class StudyWarning(RefmixedWarning):
    """Some replicates of a study failed, and are not among its estimates."""


class ReplicateWarning(RefmixedWarning):
    """Replicates of a bootstrap or a power study could not be fitted, or are too few."""


class MissingValueWarning(RefmixedWarning):
    """An expression has no value where its variables have one: these rows are left out."""


class ExtrapolationWarning(RefmixedWarning):
    """New rows lie beyond the data of the fit, where a spline is a guess."""


class RankWarning(RefmixedWarning):
    """Linearly dependent columns of X were dropped."""


class OrderedWarning(RefmixedWarning):
    """A column is ordered by its type, and gets polynomial contrasts that nobody asked for."""


def nearest(name: object, known: Iterable[str]) -> str:
    """The end of a message: '; did you mean X?', or the names there are."""
    names = [str(k) for k in known]
    if close := get_close_matches(str(name), names, n=1):
        return f"; did you mean {close[0]!r}?"
    shown = ", ".join(map(repr, names[:12])) + ", ..." * (len(names) > 12)
    return f"; there are {shown}" if names else ""


def one_line(text: object) -> str:
    """Another program's words, which may come in several lines, as a part of one sentence."""
    return " ".join(str(text).split())


def nth(labels: Any, k: int) -> str:
    """The label of row k, of an index or a range, as a part of a sentence."""
    return repr(next(iter(labels[k : k + 1])))
