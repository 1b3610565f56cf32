"""The studies of the chapter, by name.  Each is a module with a function `run`.

A simulation also has `of`, which makes the same result from the rows that it kept.  The same seed
gives the same bytes on one machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..checks import whole_number
from ..errors import StudyError
from ..r.extras import install_line

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


class Result(Protocol):
    """What a study returns; as a text, what the command prints."""

    @property
    def rows(self) -> pd.DataFrame:
        """What the table is made of."""
        ...

    @property
    def table(self) -> pd.DataFrame:
        """What the study found."""
        ...

    def figure(self) -> Figure:
        """The picture."""
        ...


@dataclass(frozen=True)
class Study:
    """One study: its module, what it shows, and its defaults; None where it has no such number."""

    name: str
    title: str
    seed: int | None = None
    nsim: int | None = None  # None: not a simulation, but one analysis of one data set

    def run(
        self,
        nsim: int | None = None,
        seed: int | None = None,
        jobs: int | None = None,
        keep: str | Path | None = None,
    ) -> Result:
        """Run it.  keep: a Parquet file for the rows; an interrupted simulation goes on from there.

        Raises StudyError for a number that it does not take, or a missing package.
        """
        module = self.module()
        options = self.options(nsim, seed, jobs)
        if self.nsim is not None:
            simulated: Result = module.run(**options, keep=keep)
            return simulated
        result: Result = module.run(**options)
        if keep is not None:
            self.keep(result, Path(keep), seed)
        return result

    def options(self, nsim: int | None, seed: int | None, jobs: int | None) -> dict[str, int]:
        """Given numbers and defaults.  Raises StudyError."""
        defaults = {"nsim": self.nsim, "seed": self.seed, "jobs": self.nsim and 1}
        chosen = {}
        for name, given in {"nsim": nsim, "seed": seed, "jobs": jobs}.items():
            default = defaults[name]
            if default is None and given is not None:
                raise StudyError(f"the study {self.name} has no {name}")
            if default is not None:
                chosen[name] = default if given is None else given
        if "seed" in chosen:  # the simulations check the others themselves
            chosen["seed"] = whole_number("seed", chosen["seed"], 0, StudyError)
        return chosen

    def keep(self, result: Result, path: Path, seed: int | None) -> None:
        """Write the rows of one analysis, described.  Raises ResumeError, StudyError."""
        from ..study.code import versions
        from ..study.files import write_frame
        from ..study.storage import finished

        seed = self.seed if seed is None else seed
        about = {"seed": seed, "nsim": None, "versions": versions(), "description": self.title}
        if finished(path, about) is None:
            write_frame(result.rows, path, about)

    def read(self, path: str | Path) -> Result:
        """The result of a simulation from the rows that it kept."""
        module = self.module()
        from ..study.files import read_study

        result: Result = module.of(read_study(path))
        return result

    def module(self) -> Any:
        """The module of the study.  Raises StudyError where a package that it needs is missing."""
        try:
            return import_module(f"{__name__}.{self.name.replace('-', '_')}")
        except ModuleNotFoundError as error:
            raise StudyError(f"a study needs {error.name}: {install_line('studies')}") from error


STUDIES: dict[str, Study] = {
    study.name: study
    for study in (
        Study("counties", "Example 23.6: 52 counties, each alone and all together", 6),
        Study("sleep", "Example 23.7: 18 subjects, each alone and all together"),
        Study("shrinkage", "Section 23.4: three estimators of the same four means", 234, 1000),
        Study("small-areas", "Example 23.1: the mean income of 3,200 counties", 231),
        Study("raters", "Section 23.5: crossed raters, and slopes that were left out", 235, 200),
        Study("coverage", "Bias and coverage of ML, REML and no pooling", 233, 1000),
        Study(
            "neyman-scott", "Section 23.3.2: variances by ML and REML, many small groups", 1948, 400
        ),
        Study(
            "laplace", "Clusters of ones and zeros: what Laplace's approximation costs", 1812, 100
        ),
    )
}
