"""Build the book in derivations/_build/html: `python -m derivations._book.book`, or `make book`.

Every build is from clean.  The last thing that a good build writes is a digest of all that it was
made from: where that is what there is now, nothing is built.  Without npm formulas stay TeX.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

from . import progress

FOLDER = Path(__file__).parents[1]
BUILD = FOLDER / "_build"
HTML = BUILD / "html"
CHECKS = BUILD / "checks"  # what each page wrote down about its checks
DIGEST = BUILD / "made-from"
KATEX = FOLDER / "node_modules" / "katex" / "package.json"
NO_PAGES = ("__init__", "checks", "conf")
NPM = ["npm", "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
NPM += ["--loglevel=error"]  # a part of KaTeX that is not used here wants a newer node


def main() -> int:
    """Build, unless nothing has changed; the last line is where the book is.  The exit code."""
    install_katex()
    if is_current():
        print("Nothing has changed since the book was built.")
    elif code := build():
        print("The book was not built: what is wrong stands above.", file=sys.stderr)
        return code
    print(os.path.relpath(HTML / "index.html"))
    return 0


def build() -> int:
    """The exit code of Sphinx; a warning is an error."""
    made_from = digest()
    shutil.rmtree(BUILD, ignore_errors=True)
    code = sphinx()
    if code == 0:
        DIGEST.write_text(made_from)
    return code


def sphinx() -> int:
    """Execute and write all pages, two at a time where there are two processors."""
    options = ["-W", "--keep-going", "--no-color", "-j", str(min(os.cpu_count() or 1, 4))]
    command = [sys.executable, "-m", "sphinx", *options, "-d", str(BUILD / "doctrees")]
    settings = {
        "PYTHONPATH": str(FOLDER.parent),
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",  # or its progress would come in blocks, and from each process
        "JUPYTER_PATH": str(kernels()),
        "REFMIXED_FORMULAS": "KaTeX" if has_katex() else "TeX",
    }
    running = subprocess.Popen(
        [*command, str(FOLDER), str(HTML)],
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        text=True,
    )
    with running as process:
        progress.show(process.stdout or (), len(list(pages())))
    return running.returncode


def pages() -> Iterator[Path]:
    """The pages that are executed."""
    return (path for path in FOLDER.glob("*.py") if path.stem not in NO_PAGES)


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
    """Let npm fetch the KaTeX of package.json, unless it is there; else say what is lost."""
    if has_katex():
        return
    if shutil.which("node") and shutil.which("npm"):
        why = "npm could not fetch KaTeX"
        subprocess.run(NPM, cwd=FOLDER)
    else:
        why = "there is no npm (Debian: apt-get install nodejs npm)"
    if not has_katex():
        print(f"Formulas of the book will be shown as TeX, as {why}.", flush=True)


def has_katex() -> bool:
    """Whether the KaTeX of package.json is there, and node, which runs it."""
    wanted = json.loads((FOLDER / "package.json").read_text())["dependencies"]["katex"]
    is_there = KATEX.exists() and json.loads(KATEX.read_text())["version"] == wanted
    return is_there and shutil.which("node") is not None


def is_current() -> bool:
    """Whether the book that is there was built from what is there now."""
    return DIGEST.exists() and DIGEST.read_text() == digest()


def digest() -> str:
    """A digest of every file that the book is made from, and of the programs that make it."""
    total = hashlib.sha256(f"{sys.version} {has_katex()}".encode())
    for package in sorted(f"{d.name} {d.version}" for d in distributions()):
        total.update(package.encode())
    for path in sorted(inputs()):
        total.update(str(path.relative_to(FOLDER.parent)).encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def inputs() -> Iterator[Path]:
    """The files of the code, of the suite, of their data, and of this folder."""
    yield FOLDER.parent / "pyproject.toml"
    yield FOLDER.parent / "ARCHITECTURE.md"
    for top in (FOLDER, FOLDER.parent / "refmixed", FOLDER.parent / "validation"):
        for path in top.rglob("*"):
            generated = {"_build", "node_modules", "__pycache__"} & set(path.parts)
            if path.is_file() and not generated:
                yield path


if __name__ == "__main__":
    sys.exit(main())
