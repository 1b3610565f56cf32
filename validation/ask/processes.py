"""Work shared among processes, a task each at a time.

A process keeps what its tasks have loaded.  Where one ends, its task is lost and no other.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import connection, get_context
from typing import Any

from .program import ended

# A copy of this process has everything loaded; other systems' libraries do not stand to be copied.
CONTEXT: Any = get_context("fork" if sys.platform == "linux" else "spawn")
PATIENCE = 5.0  # seconds without a task after which a process asks whether it is still wanted


@dataclass(frozen=True)
class Lost:
    """What stands for the result of a task whose process ended; the text says how."""

    why: str


class Worker:
    """A process that does tasks, and the one that it is at."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        self.pipe, theirs = CONTEXT.Pipe()
        self._process = CONTEXT.Process(target=serve, args=(theirs, work), daemon=True)
        self._process.start()
        theirs.close()
        self.task: Any = None

    def begin(self, task: Any) -> None:
        """Set it to a task."""
        self.task = task
        self.pipe.send(task)

    def result(self) -> Any:
        """The result of its task, or that it is lost."""
        try:
            return self.pipe.recv()
        except (EOFError, ConnectionResetError):
            self._process.join()
            return Lost(f"the process that asked {ended(self._process.exitcode)}")

    def end(self) -> None:
        """End it, at a task or not."""
        self.pipe.close()
        self._process.terminate()
        self._process.join()


def serve(pipe: connection.Connection, work: Callable[[Any], Any]) -> None:
    """What a process does: tasks, as long as the one that sends them is there."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that began it
    parent = os.getppid()
    while os.getppid() == parent:
        if pipe.poll(PATIENCE):
            pipe.send(work(pipe.recv()))


def share(
    tasks: Sequence[Any], work: Callable[[Any], Any], processes: int
) -> Iterator[tuple[Any, Any]]:
    """Each task with its result, as they come: work(task), or Lost.

    The first process takes tasks from the front and the others take them from the back, so that
    what the first tasks must load is loaded once, as far as that holds nobody up.
    """
    left = deque(tasks)
    takes = [left.popleft, *[left.pop] * (processes - 1)]
    workers = [Worker(work) for _ in takes[: len(left)]]
    try:
        for worker, take in zip(workers, takes, strict=False):
            worker.begin(take())
        busy = {worker.pipe: k for k, worker in enumerate(workers)}
        while busy:
            for pipe in connection.wait(list(busy)):
                k = busy.pop(pipe)
                task, result = workers[k].task, workers[k].result()
                if isinstance(result, Lost):
                    workers[k].end()
                    workers[k] = Worker(work)
                if left:
                    workers[k].begin(takes[k]())
                    busy[workers[k].pipe] = k
                yield task, result
    finally:
        for worker in workers:
            worker.end()


def usable() -> int:
    """Processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
