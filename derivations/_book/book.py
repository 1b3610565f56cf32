"""Build the book in derivations/_build/html: `python -m derivations._book.book`, or `make book`.

Every build is from clean.  The last thing that a good build writes is a digest of all that it was
made from, so that `is_current` can tell whether there is anything to do.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parents[1]
BUILD = FOLDER / "_build"
HTML = BUILD / "html"
DIGEST = BUILD / "made-from"
KATEX = FOLDER / "node_modules" / "katex" / "package.json"
NPM = ["npm", "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
NPM += ["--loglevel=error"]  # a part of KaTeX that is not used here wants a newer node


def build() -> int:
    """The exit code of Sphinx; a warning is an error."""
    made_from = digest()
    shutil.rmtree(BUILD, ignore_errors=True)
    install_katex()
    code = sphinx()
    if code == 0:
        DIGEST.write_text(made_from)
    return code


def sphinx() -> int:
    """Execute and write all pages, two at a time where there are two processors."""
    options = ["-W", "--keep-going", "-q", "-j", str(min(os.cpu_count() or 1, 4))]
    command = [sys.executable, "-m", "sphinx", *options, "-d", str(BUILD / "doctrees")]
    settings = {
        "PYTHONPATH": str(FOLDER.parent),
        "OPENBLAS_NUM_THREADS": "1",
        "JUPYTER_PATH": str(kernels()),
    }
    return subprocess.run([*command, str(FOLDER), str(HTML)], env=os.environ | settings).returncode


def kernels() -> Path:
    """A folder in which `python3` is this Python, whatever kernels the user has installed.

    It says nothing but errors: ipykernel warns of a connection that never leaves this machine.
    """
    kernel = BUILD / "jupyter" / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    start = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    about = {"display_name": "Python", "language": "python"}
    kernel.write_text(json.dumps(about | {"argv": [*start, "--log-level=ERROR"]}))
    return BUILD / "jupyter"


def install_katex() -> None:
    """Let npm fetch the KaTeX of package.json, unless it is there."""
    wanted = json.loads((FOLDER / "package.json").read_text())["dependencies"]["katex"]
    if not KATEX.exists() or json.loads(KATEX.read_text())["version"] != wanted:
        subprocess.run(NPM, cwd=FOLDER, check=True)


def is_current() -> bool:
    """Whether the book that is there was built from what is there now."""
    return DIGEST.exists() and DIGEST.read_text() == digest()


def digest() -> str:
    """A digest of every file that the book is made from, and of the Python that makes it."""
    total = hashlib.sha256(sys.version.encode())
    for path in sorted(inputs()):
        total.update(str(path.relative_to(FOLDER.parent)).encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def inputs() -> Iterator[Path]:
    """The files of the code, of its data, and of this folder; the code's reading order."""
    yield FOLDER.parent / "pyproject.toml"
    yield FOLDER.parent / "ARCHITECTURE.md"
    for top in (FOLDER, FOLDER.parent / "refmixed"):
        for path in top.rglob("*"):
            generated = {"_build", "node_modules", "__pycache__"} & set(path.parts)
            if path.is_file() and not generated:
                yield path


if __name__ == "__main__":
    sys.exit(build())
