"""A program that answers by one JSON object a line; SPEC.md, section 8.  POSIX only.

Nothing that the program does can hold this side up or break it: reading and writing never block,
each exchange has a deadline and a line a limit, and at the end its whole process group is killed.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Sequence
from typing import Any

from ..adapters.messages import Json
from ..suite.text import plain
from . import protocol
from .missing import why_not
from .protocol import VERSION, LostError, checked, parsed, started

LINE = 64 * 2**20  # bytes that an answer may have
CHUNK = 2**16
TAIL = 4096  # bytes of standard error that are kept for a message
GRACE = 5.0  # seconds to end after "stop"


class Program:
    """A running program, in a process group of its own."""

    def __init__(self, command: Sequence[str], timeout: float) -> None:
        self.timeout = timeout
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, start_new_session=True
            )
        except OSError as error:
            raise LostError(f"cannot run {command[0]}: {why_not(command[0], error)}") from error
        self._in, self._out, self._err = (
            stream.fileno()
            for stream in (self._process.stdin, self._process.stdout, self._process.stderr)
            if stream is not None
        )
        for fd in (self._in, self._out, self._err):
            os.set_blocking(fd, False)
        self._line = bytearray()  # of standard output, begun
        self._said = b""  # the end of standard error

    def start(self) -> Json:
        """Who answers.  Raises LostError."""
        message = self._exchange({"cmd": "start", "version": VERSION})
        return started(message)

    def ask(self, request: Json) -> Json:
        """The answer to a request to run.  Raises LostError."""
        return checked(self._exchange(request), request)

    def stop(self) -> str:
        """Ask it to end, and end it; what is wrong with how it ended, or nothing."""
        line = sent({"cmd": "stop"})
        deadline = time.monotonic() + min(GRACE, self.timeout)
        self._pump(line, deadline, until_line=False)
        while self._process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        status = self._process.poll()
        self.kill()
        if status is None:
            return f'did not end within {min(GRACE, self.timeout):g} seconds of "stop"'
        return "" if status == 0 else f'after "stop" it {ended(status)}'

    def kill(self) -> None:
        """End it and all that it started, at once."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # gone already; macOS says it may not
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    # --- lines ------------------------------------------------------------------------------------

    def _exchange(self, request: Json) -> Any:
        """Send a line, and read one."""
        line = sent(request)
        if not self._pump(line, time.monotonic() + self.timeout, until_line=True):
            raise LostError(self._why())
        answer, _, rest = bytes(self._line).partition(b"\n")
        self._line = bytearray(rest)
        if len(answer) > LINE:
            raise LostError(f"wrote more than {LINE // 2**20} MiB in a line")
        if rest:
            raise LostError("wrote more than one line in answer to one request")
        return parsed(answer)

    def _pump(self, pending: bytes, deadline: float, until_line: bool) -> bool:
        """Write what is pending and read what comes; whether a whole line, or too much, has come.

        Without `until_line` what comes is thrown away, until the program closes its outputs.
        """
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
                    elif not self._read(key.fd, until_line):
                        selector.unregister(key.fd)
                        if key.fd == self._out and until_line:
                            return False
                if until_line and (b"\n" in self._line[-CHUNK:] or len(self._line) > LINE):
                    return True
                if not selector.get_map():
                    return False
        return False

    def _write(self, pending: bytes) -> bytes:
        """Write some of what is pending; what is left of it."""
        try:
            return pending[os.write(self._in, pending[:CHUNK]) :]
        except BlockingIOError:
            return pending
        except BrokenPipeError:  # it reads no more; what it wrote is read all the same
            return b""

    def _read(self, fd: int, keep: bool) -> bool:
        """Read some; False at the end."""
        try:
            chunk = os.read(fd, CHUNK)
        except BlockingIOError:
            return True
        if fd == self._err:
            self._said = (self._said + chunk)[-TAIL:]
        elif keep:
            self._line += chunk
        return bool(chunk)

    def _why(self) -> str:
        """Why there was no line."""
        try:
            status = self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            status = None
        if status is None and not self._out_closed():
            return f"did not answer within {self.timeout:g} seconds"
        what = "closed its standard output" if status is None else ended(status)
        lines = self._said.decode("utf-8", "replace").split("\n")
        words = [text for text in map(plain, lines) if text]
        chosen = [text for text in words if "rror" in text] or words  # node ends with its version
        return f"{what}; its last words: {chosen[-1]}" if chosen else f"{what} and said nothing"

    def _out_closed(self) -> bool:
        """Whether its standard output is at its end."""
        try:
            return not os.read(self._out, CHUNK)
        except BlockingIOError:
            return False


def sent(request: Json) -> bytes:
    """A request as a line."""
    return f"{protocol.line(request)}\n".encode()


def ended(status: int) -> str:
    """How a program ended."""
    if status >= 0:
        return f"ended with exit status {status}"
    return f"was ended by signal {-status} ({signal.strsignal(-status)})"
