"""What the numbers depend on: the processor, the versions, the BLAS of each program."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from ..adapters.messages import Json
from .live import LeftOutError, Live
from .programs import Program

FOLDERS = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/opt/homebrew/opt/openblas/lib")
PATTERNS = ("*/openblas-serial/libopenblas*.so*", "*/openblas*/libopenblas*", "libopenblas*")
NO_OPENBLAS = (
    "R has no OpenBLAS to be timed with (Debian: the package libopenblas0-serial; "
    "--openblas FILE names a library)"
)
CPUINFO = Path("/proc/cpuinfo")


def openblas() -> Path | None:
    """An OpenBLAS of the system that R can be given: one of one thread, where there are several."""
    for pattern in PATTERNS:
        for folder in FOLDERS:
            if found := sorted(Path(folder).glob(pattern)):
                return found[0]
    return None


def described() -> Json:
    """The machine, without its name."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": processor(),
        "system": f"{platform.system()} on {platform.machine()}",
    }


def processor() -> str:
    """The model of the processor."""
    text = CPUINFO.read_text("utf-8", "replace") if CPUINFO.is_file() else ""
    found = re.search(r"^model name\s*:\s*(.*)$", text, re.MULTILINE)
    return found[1].strip() if found else platform.processor() or platform.machine()


def known(programs: Iterable[Program], limit: float) -> dict[str, Json]:
    """Name -> version, language, BLAS, and the CPU seconds of a cross product with it."""
    return {program.name: about(program, limit) for program in programs}


def about(program: Program, limit: float) -> Json:
    """What one program says of itself, or why it says nothing."""
    try:
        worker = Live(program.command(), limit)
    except LeftOutError as why:
        return {"error": str(why)}
    try:
        return {**worker.about, **worker.blas()}
    except LeftOutError as why:
        return {**worker.about, "error": str(why)}
    finally:
        worker.close()
