"""What a submission may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Limits of a submission: times in seconds, sizes in bytes."""

    seconds: float = 5.0  # for each answer
    statement: float = 20.0  # for each statement of its own, which may import much
    total: float = 120.0  # for all of it
    start: float = 60.0  # of a process, on a machine that does much else
    cpu: int = 120  # of a process
    memory: int = 2**30  # of a process, in addresses; numpy, scipy, pandas, sympy take a third
    processes: int = 20  # with threads
    file: int = 4 * 2**20  # in its folder
    folder: int = 16 * 2**20
    files: int = 64  # open
    source: int = 5 * 2**20  # the submission itself
    line: int = 16 * 2**20  # an answer
    said: int = 1000  # characters of its prints that are kept for each answer
    lost: int = 3  # processes that loading it may end

    def of_process(self) -> dict[str, int]:
        """The limits that the child sets for itself."""
        return {
            "CPU": self.cpu, "AS": self.memory, "FSIZE": self.file, "NOFILE": self.files,
            "NPROC": self.processes, "CORE": 0, "MEMLOCK": 0, "MSGQUEUE": 0,
        }  # fmt: skip
