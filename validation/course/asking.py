"""A submission, asked for values: what comes back is a value, or what happened instead.

A process that was lost is started anew for the next question, so that a task costs itself alone. No
question says what the right answer is, and no answer is more than a value to compare.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import walls
from .answers import Answer, answer, cleaned, lines, source, words
from .inside.cells import UnreadableError
from .inside.values import Message, Value, written
from .limits import Limits
from .process import Child, LostError

NOTICES = 20


class Submission:
    """A student's file, .py or .ipynb, in a child process: `with Submission(path) as student:`.

    Raises WallsError on entering where there can be no wall, unless it is trusted, and from any
    question where no process can be started: then nothing is known of the submission. The thread
    that asks must live as long as the submission, for a child ends with the thread that started it.
    """

    def __init__(
        self, path: Path | str, trusted: bool = False, limits: Limits | None = None
    ) -> None:
        self.path, self.trusted, self.limits = Path(path), trusted, limits or Limits()
        self.wall = "none, for the submission is trusted" if trusted else "bubblewrap"
        self.said = ""  # what it printed while it was loaded
        self._text = self._unreadable = ""
        self._child: Child | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._deadline = 0.0
        self._given_up: dict[str, Answer] = {}  # names that cost a process
        self._skipped: set[int] = set()  # statements that cost a process
        self._notices: dict[str, None] = {}

    def __enter__(self) -> Submission:
        if not self.trusted and (why := walls.refusal()):
            raise walls.WallsError(why)
        self._deadline = time.monotonic() + self.limits.total
        try:
            self._text = source(self.path, self.limits.source)
        except UnreadableError as why:
            self._unreadable = str(why)
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    @property
    def notices(self) -> tuple[str, ...]:
        """What happened while it was loaded, a sentence each."""
        return tuple(self._notices)[:NOTICES]

    def load(self) -> None:
        """Load it now, not with the first question, so that the notices are there."""
        try:
            self._loaded()
        except LostError as why:
            self._notices[f"the submission {why}"] = None

    def call(self, name: str, arguments: Mapping[str, Value]) -> Answer:
        """What its function of this name answers to arguments, given by name or in this order."""
        given = {key: written(value) for key, value in arguments.items()}
        return self._ask(name, {"task": name, "arguments": given})

    def variable(self, name: str) -> Answer:
        """The value of its variable of this name."""
        return self._ask(name, {"variable": name})

    def formula(
        self, name: str, names: Mapping[str, str], points: Sequence[Mapping[str, Value]]
    ) -> Answer:
        """What `expressions.answers` says of the formula in its variable of this name."""
        return self._ask(name, {"formula": name, "names": dict(names), "points": list(points)})

    def _ask(self, name: str, request: Message) -> Answer:
        """Ask, in a new process where the last one was lost."""
        if name in self._given_up:
            return self._given_up[name]
        try:
            child = self._loaded()
            if child is None:
                return Answer("unreadable", text=self._unreadable)
            seconds = self._left(self.limits.seconds)
        except LostError as why:
            return Answer(why.status, text=f"the submission {why}")
        try:
            return answer(name, child.ask(request, seconds), lines(child.said()))
        except LostError as why:
            lost = Answer(why.status, text=f"{name} {why}", said=lines(child.said()))
        self._end()
        self._given_up[name] = lost
        return lost

    def _left(self, most: float) -> float:
        """Seconds for the next question.  Raises LostError where all are used."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise LostError("time", f"has used its {self.limits.total:g} seconds")
        return min(most, left)

    # --- the process ------------------------------------------------------------------------------

    def _loaded(self) -> Child | None:
        """A process that has loaded the submission, or none where it is unreadable."""
        if self._child is not None and self._child.babbles():
            self._notices["it wrote on the grader's channel, and was started anew"] = None
            self._end()
        while self._child is None and not self._unreadable:
            child = self._start()
            whole = False
            try:
                whole = self._run(child)
            finally:
                if not whole:
                    self._end()
        return self._child

    def _run(self, child: Child) -> bool:
        """Run its statements but those that cost a process; whether the process is still there."""
        seconds = self._left(self.limits.statement)
        try:
            opened = child.ask({"open": self._text, "notebook": self._is_notebook()}, seconds)
            places, notices = words(opened, "places"), words(opened, "notices")
        except LostError as why:
            opened = {"unreadable": f"reading the file {why}"}
        if "unreadable" in opened:
            self._unreadable = cleaned(str(opened["unreadable"]))
            return False
        self._notices.update(dict.fromkeys(cleaned(notice) for notice in notices))
        for number, place in enumerate(places):
            if number not in self._skipped and not self._piece(child, number, place):
                return False
        self.said = lines(child.said())
        return True

    def _piece(self, child: Child, number: int, place: str) -> bool:
        """Run a statement; whether the process is still there.  Raises LostError at the end."""
        seconds = self._left(self.limits.statement)
        try:
            reply = child.ask({"run": number}, seconds)
        except LostError as why:
            self._notices[f"{place}: it {why}, and is passed over"] = None
            self._skipped.add(number)
            if len(self._skipped) > self.limits.lost:
                self._unreadable = f"more than {self.limits.lost} statements each end the process"
            return False
        if "error" in reply:
            error = cleaned(str(reply["error"])).removesuffix(f" ({place})")
            self._notices[f"{place}: {error}"] = None
        return True

    def _is_notebook(self) -> bool:
        """Whether the file is one, by its name, or by its text where it was renamed."""
        if self.path.suffix == ".py":
            return False
        return self.path.suffix == ".ipynb" or self._text.lstrip().startswith("{")

    def _start(self) -> Child:
        """A process that waits for requests.  Raises WallsError."""
        command, folder, environment = self._command()
        child = self._child = Child(command, folder, environment, self.limits, not self.trusted)
        uid = None if self.trusted else walls.other_uid()
        try:
            child.ask({"limits": self.limits.of_process(), "uid": uid}, self.limits.start)
        except LostError as why:
            said = cleaned(child.said())
            self._end()
            raise walls.WallsError(f"a process for the submission {why}: {said}") from why
        return child

    def _command(self) -> tuple[list[str], Path, dict[str, str]]:
        """The command, its folder and its environment."""
        if not self.trusted:
            return walls.command(self.limits), Path("/"), {}
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        folder = Path(self._folder.name)
        environment = walls.ENVIRONMENT | {"HOME": str(folder / "work"), "LD_LIBRARY_PATH": ""}
        return walls.bare(folder), folder / "work", environment

    def _end(self) -> None:
        """End the process, and remove its folder."""
        if self._child is not None:
            self._child.kill()
            self._child = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
