"""The wall around a submission: bubblewrap's command line, or a refusal.

Inside are Python with its own library, the system's shared libraries, a few packages and the folder
`inside/`, all read-only and at paths that say nothing of this machine, and an empty folder of a few
megabytes. There is no program but Python, no /proc, /dev or /tmp, no network, no other process.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import sysconfig
from functools import cache
from glob import glob
from importlib.util import find_spec
from itertools import count
from pathlib import Path

from ..suite.text import plain
from .inside.values import Message
from .limits import Limits
from .process import Child, LostError

PACKAGES = ["numpy", "scipy", "sympy", "mpmath", "pandas", "dateutil", "six", "pytz", "tzdata"]
SHOWN = [Path(__file__).parent / name for name in ("inside", "expressions")]
START = "import sys; sys.path[:0] = {!r}; from course.inside import child; child.main()"
OPTIONS = ("-I", "-S", "-B", "-u", "-X", "utf8")
NAMESPACES = tuple(f"--unshare-{space}" for space in ("ipc", "pid", "net", "uts"))
ENVIRONMENT = {
    "HOME": "/work",
    "LANG": "C.UTF-8",
    "LD_LIBRARY_PATH": "/python/lib",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}

_numbers = count()


class WallsError(Exception):
    """A submission cannot be walled off; the text says what to do."""


def command(limits: Limits) -> list[str]:
    """The command that starts the child behind the wall."""
    ways = ["--die-with-parent", "--new-session", "--clearenv", *NAMESPACES, "--cap-drop", "ALL"]
    if os.geteuid() == 0:  # the child becomes somebody else: root is not bound by all limits
        ways += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        ways += ["--unshare-user"]
    for name, value in ENVIRONMENT.items():
        ways += ["--setenv", name, value]
    seen = read_only()
    for folder in sorted({str(up) for _, place in seen for up in Path(place).parents}):
        ways += ["--perms", "0755", "--dir", folder]  # bubblewrap's own are closed to others
    for outside, place in seen:
        ways += ["--ro-bind", outside, place]
    for folder in ("site-packages", "dist-packages"):
        if Path(stdlib(), folder).is_dir():
            ways += ["--tmpfs", f"/python/lib/{Path(stdlib()).name}/{folder}"]
            ways += ["--remount-ro", f"/python/lib/{Path(stdlib()).name}/{folder}"]
    ways += ["--perms", "1777", "--size", str(limits.folder), "--tmpfs", "/work"]
    ways += ["--remount-ro", "/", "--chdir", "/work"]
    python = f"/python/bin/{Path(python_file()).name}"
    start = START.format(["/grader", "/packages"])
    return [bubblewrap(), *ways, python, *OPTIONS, "-c", start]


def read_only() -> list[tuple[str, str]]:
    """What is seen inside: (path here, path inside)."""
    name, python = Path(stdlib()).name, python_file()
    seen = [(stdlib(), f"/python/lib/{name}"), (python, f"/python/bin/{Path(python).name}")]
    library = sysconfig.get_config_var("INSTSONAME") or ""
    folders = (sysconfig.get_config_var("LIBDIR") or "", Path(python).parents[1] / "lib")
    files = [os.path.join(folder, library) for folder in folders if ".so" in library]
    shared = [os.path.realpath(file) for file in files if os.path.isfile(file)]
    seen += [(file, f"/python/lib/{library}") for file in shared[:1]]
    seen += [(os.path.realpath(loader), loader) for loader in glob("/lib*/ld-linux*.so*")]
    seen += [(os.path.realpath(folder), folder) for folder in libraries()]
    seen += [(cache_, cache_) for cache_ in ("/etc/ld.so.cache",) if os.path.isfile(cache_)]
    seen += [(str(path), f"/packages/{path.name}") for path in packages()]
    return seen + [(str(path), f"/grader/course/{path.name}") for path in SHOWN]


def stdlib() -> str:
    """The folder of Python's own library."""
    return os.path.realpath(sysconfig.get_path("stdlib"))


def python_file() -> str:
    """The program Python itself, outside of a virtual environment."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def libraries() -> list[str]:
    """The folders of the system's shared libraries, which have no programs in them."""
    names = (sysconfig.get_config_var("MULTIARCH"), f"{platform.machine()}-linux-gnu")
    folders = [
        f"{top}/{name}" for name in dict.fromkeys(names) if name for top in ("/lib", "/usr/lib")
    ]
    return [folder for folder in folders if os.path.isdir(folder)]


@cache
def packages() -> tuple[Path, ...]:
    """The packages that a submission may import, with the libraries that wheels put beside them."""
    found = []
    for name in PACKAGES:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            continue
        path = Path(spec.origin)
        path = path.parent if path.name == "__init__.py" else path
        found += [path, path.parent / f"{name}.libs"]
    return tuple(path for path in found if path.exists())


def bubblewrap() -> str:
    """The program bwrap.  Raises WallsError."""
    path = shutil.which("bwrap")
    if path is None:
        raise WallsError(
            "submissions run behind bubblewrap, which is not here: install it (Debian: apt-get "
            "install bubblewrap), or say --trusted to run them without a wall"
        )
    return path


@cache
def refusal() -> str:
    """Why there can be no wall here, with what to do; nothing where there can."""
    limits = Limits()
    try:
        child = Child(command(limits), Path("/"), {}, limits, walled=True)
    except WallsError as why:
        return str(why)
    asked: list[Message] = [
        {"limits": limits.of_process(), "uid": other_uid()},
        {"open": "import numpy.random, scipy.linalg", "notebook": False},
        {"run": 0},
    ]
    try:
        replies = [child.ask(request, limits.start) for request in asked]
        why_not = replies[-1].get("error", "")
    except LostError as why:
        why_not = child.said() or str(why)
    finally:
        child.kill()
    return why_not and (
        f"bubblewrap cannot make a wall here ({plain(why_not, 120)}): allow it namespaces, or say "
        "--trusted to run submissions without a wall"
    )


def other_uid() -> int | None:
    """Somebody who owns nothing, for root to become; another one for each child of this process."""
    if os.geteuid() != 0:
        return None
    return 20_000 + (os.getpid() * 101 + next(_numbers)) % 40_000


# --- without a wall -------------------------------------------------------------------------------


def bare(folder: Path) -> list[str]:
    """The command that starts the child without a wall, its packages shown in an empty folder."""
    for name in ("grader/course", "packages", "work"):
        (folder / name).mkdir(parents=True)
    for path in SHOWN:
        (folder / "grader" / "course" / path.name).symlink_to(path)
    for path in packages():
        (folder / "packages" / path.name).symlink_to(path)
    start = START.format([str(folder / "grader"), str(folder / "packages")])
    return [sys.executable, *OPTIONS, "-c", start]
