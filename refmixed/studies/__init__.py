"""The studies of the chapter, by name.  Each is a module with a function `run`.

A result is a frozen dataclass with a `table`, a data frame, and a `figure()`; the same seed gives
the same bytes on one machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import StudyError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


class Result(Protocol):
    """What a study returns."""

    @property
    def table(self) -> pd.DataFrame:
        """The numbers."""
        ...

    def figure(self) -> Figure:
        """The picture."""
        ...


@dataclass(frozen=True)
class Study:
    """One study: its module, what it shows, and its defaults; None where it has no such number."""

    name: str
    title: str
    nsim: int | None = None
    seed: int | None = None

    def run(self, nsim: int | None = None, seed: int | None = None, jobs: int = 1) -> Result:
        """Run it.  Raises StudyError for a number that it does not take, or a missing package."""
        given = {"nsim": (nsim, self.nsim), "seed": (seed, self.seed)}
        options: dict[str, Any] = {}
        for option, (wanted, default) in given.items():
            if wanted is not None and default is None:
                raise StudyError(f"the study {self.name} has no {option}")
            if default is not None:
                options[option] = default if wanted is None else wanted
        if self.nsim is not None:
            options["jobs"] = jobs
        result: Result = self.module().run(**options)
        return result

    def module(self) -> Any:
        """The module of the study.  Raises StudyError where a package that it needs is missing."""
        try:
            return import_module(f"{__name__}.{self.name.replace('-', '_')}")
        except ModuleNotFoundError as error:
            raise StudyError(
                f"a study needs {error.name}: pip install 'refmixed[studies]'"
            ) from error


STUDIES: dict[str, Study] = {
    study.name: study
    for study in (
        Study("counties", "Example 23.6: 52 counties, each alone and all together", seed=236),
        Study("sleep", "Example 23.7: 18 subjects, each alone and all together"),
        Study("shrinkage", "Section 23.4: three estimators of the same four means", 1000, 234),
        Study("small-areas", "Example 23.1: the mean income of 3,200 counties", seed=231),
        Study(
            "raters", "Section 23.5: crossed raters, and the slopes that were left out", 100, 235
        ),
        Study("coverage", "Bias and coverage of ML, REML and no pooling", 400, 233),
    )
}
