"""A child process, asked by lines with deadlines; nothing that it does can hold this side up.

Reading and writing never block, a line has a limit, what it prints is read and cut, and at the end
its process group is killed, and with it all that is behind the wall.
"""

from __future__ import annotations

import json
import os
import secrets
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..suite.text import plain
from .inside.values import Message
from .limits import Limits

CHUNK = 2**16
GONE = 10.0  # seconds for a process that was killed, or closed its pipes, to end
SAID = 4  # bytes of a character


def children(pid: int) -> list[int]:
    """The processes that a process has started itself, where the system tells."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


class LostError(Exception):
    """No answer; `status` is "time", "died" or "garbage", the text says what happened."""

    def __init__(self, status: str, text: str) -> None:
        super().__init__(text)
        self.status = status


class Child:
    """A running child."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        limits: Limits,
        walled: bool,
    ) -> None:
        self._limits, self._walled = limits, walled
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, cwd=folder,
            env=dict(environment), close_fds=True, start_new_session=True,
        )  # fmt: skip
        streams = (self._process.stdin, self._process.stdout, self._process.stderr)
        self._streams = [stream for stream in streams if stream is not None]
        self._in, self._out, self._err = (stream.fileno() for stream in self._streams)
        for fd in (self._in, self._out, self._err):
            os.set_blocking(fd, False)
        self._line = bytearray()
        self._said = bytearray()
        self._more = 0  # bytes that were printed and not kept

    def ask(self, request: Message, seconds: float) -> Message:
        """The answer to a request, which has a number that cannot be guessed.  Raises LostError."""
        number = secrets.token_hex(16)
        line = json.dumps({"id": number, **request}, allow_nan=False).encode() + b"\n"
        if not self._exchange(line, time.monotonic() + seconds):
            raise LostError("time", f"did not end within {seconds:.2g} seconds")
        answer, _, rest = bytes(self._line).partition(b"\n")
        self._line = bytearray()
        try:
            message = json.loads(answer)
        except (ValueError, RecursionError) as error:
            raise LostError("garbage", "wrote on the grader's channel what is no answer") from error
        if type(message) is not dict or message.get("id") != number or rest:
            raise LostError("garbage", "wrote on the grader's channel what was not asked for")
        return message

    def babbles(self) -> bool:
        """Whether it has written, or closed its channel, where nothing was asked."""
        try:
            self._line += os.read(self._out, CHUNK)
        except BlockingIOError:
            return False
        return True

    def said(self) -> str:
        """What it has printed since the last time, cut."""
        self._drain()
        text = bytes(self._said).decode("utf-8", "replace")[: self._limits.said]
        more, self._more = self._more, 0
        self._said.clear()
        return f"{text}... ({more} bytes more)" if more else text

    def kill(self) -> None:
        """End it and all that it started, at once.

        Bubblewrap ends after the first process behind its wall, and that after all others there.
        """
        try:
            for child in (inner := children(self._process.pid)):
                os.kill(child, signal.SIGKILL)
            self._process.wait(GONE if inner and self._walled else 0)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            pass
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # gone already
            self._process.kill()
        self._process.wait()
        for stream in self._streams:
            stream.close()

    # --- lines ------------------------------------------------------------------------------------

    def _exchange(self, pending: bytes, deadline: float) -> bool:
        """Write a line, and read one into `_line`; whether it came in time.  Raises LostError."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._in, selectors.EVENT_WRITE)
            selector.register(self._out, selectors.EVENT_READ)
            selector.register(self._err, selectors.EVENT_READ)
            while (left := deadline - time.monotonic()) > 0:
                for key, _ in selector.select(left):
                    if key.fd == self._in:
                        pending = self._write(pending)
                        if not pending:
                            selector.unregister(self._in)
                    elif key.fd == self._err:
                        if not self._listen():
                            selector.unregister(self._err)
                    elif self._read():
                        return True
        return False

    def _write(self, pending: bytes) -> bytes:
        """Write some of what is pending; what is left of it."""
        try:
            return pending[os.write(self._in, pending[:CHUNK]) :]
        except BlockingIOError:
            return pending
        except BrokenPipeError:
            return b""

    def _read(self) -> bool:
        """Read some of the answer; whether it is whole.  Raises LostError."""
        try:
            chunk = os.read(self._out, CHUNK)
        except BlockingIOError:
            return False
        if not chunk:
            raise self._ended()
        self._line += chunk
        if len(self._line) > self._limits.line:
            raise LostError("garbage", "wrote an answer that is too long")
        return b"\n" in chunk

    def _listen(self) -> bool:
        """Read some of what is printed, and keep the beginning; False at the end."""
        try:
            chunk = os.read(self._err, CHUNK)
        except BlockingIOError:
            return True
        room = max(0, SAID * self._limits.said - len(self._said))
        self._said += chunk[:room]
        self._more += len(chunk[room:])
        return bool(chunk)

    def _drain(self) -> None:
        """Read what is printed already, a pipe's worth."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._err, selectors.EVENT_READ)
            for _ in range(4):
                if not selector.select(0) or not self._listen():
                    return

    def _ended(self) -> LostError:
        """What to say of a child that has closed its channel."""
        try:
            status = self._process.wait(GONE)
        except subprocess.TimeoutExpired:
            return LostError("garbage", "closed the grader's channel")
        number = -status if status < 0 else status - 128  # bubblewrap's way to tell a signal
        if number == signal.SIGXCPU:
            return LostError("time", "used more time than it has")
        if number in set(signal.Signals):
            return LostError("died", f"ended its process: {plain(signal.strsignal(number) or '')}")
        return LostError("died", f"ended its process with exit status {status}")
