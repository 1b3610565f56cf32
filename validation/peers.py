"""The suite on other implementations, each in an environment of its own: `make peers`.

    python -m validation.peers               all of them, then the page of the book
    python -m validation.peers mixedlm       some of them, then the page

An implementation is a package of peers.toml, an R package with a command, or refmixed by a route.
What is found is summed up in reports/NAME.json, from which results.py writes the page.  Answers are
kept in .peers/NAME.answers.jsonl: of the same packages by the same adapter none is asked for twice.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from .adapters.messages import Json
from .ask import finding
from .ask.implementations import Command, Implementation, ImplementationError
from .ask.resumed import Resumed
from .suite import cases
from .tell import kept, report, results
from .validate import ROUTES, examine, own_failures

HERE = Path(__file__).parent
ADAPTERS = HERE / "adapters"
ENVIRONMENTS = HERE.parent / ".peers"
TIMEOUT = 300.0  # seconds an answer
R_COMMANDS = {name: f"{name}_command.R" for name in ("lme4", "nlme", "glmmtmb")}
VERSIONS = 'p <- installed.packages(); cat(R.version.string, paste(p[, 1], p[, 3]), sep = "\\n")'
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def peers() -> dict[str, tuple[str, list[str]]]:
    """Adapter -> the name of its environment, and the packages there."""
    content = tomllib.loads((HERE / "peers.toml").read_text("utf-8"))
    packages = {peer["adapter"]: peer.get("packages", []) for peer in content["peer"]}
    places = {peer["adapter"]: peer.get("environment", peer["adapter"]) for peer in content["peer"]}
    return {name: (place, packages[place] + content["common"]) for name, place in places.items()}


def environment(name: str, packages: Sequence[str]) -> Path:
    """The Python of an environment that has the packages; made where it is not there yet."""
    folder = ENVIRONMENTS / name
    python, done = folder / "bin" / "python", folder / "installed.txt"
    wanted = "\n".join(packages) + "\n"
    if not done.is_file() or done.read_text("utf-8") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *packages]
        subprocess.run(install, check=True)
        done.write_text(wanted, "utf-8")
    return python


def peer(adapter: str, place: str, packages: Sequence[str]) -> Implementation:
    """A package in its environment."""
    script = [str(ADAPTERS / "serve.py"), str(ADAPTERS / f"{adapter}.py")]

    def start() -> Implementation:
        return Command([str(environment(place, packages)), *script], TIMEOUT)

    return resumed(adapter, start, packages, beside(adapter))


def beside(adapter: str) -> set[str]:
    """The adapter, and the modules beside it that it is made of."""
    text = (ADAPTERS / f"{adapter}.py").read_text("utf-8")
    several = re.findall(r"^from \. import (.+)$", text, re.MULTILINE)
    names = {name.split()[0] for line in several for name in line.split(",")}
    names |= set(re.findall(r"^from \.(\w+) import", text, re.MULTILINE))
    return {f"{adapter}.py"}.union(*map(beside, names))


def in_r(name: str) -> Implementation:
    """A package of R, by its command."""
    start = partial(Command, ["Rscript", str(ADAPTERS / R_COMMANDS[name])], TIMEOUT)
    found = subprocess.run(["Rscript", "-e", VERSIONS], capture_output=True, text=True, check=True)
    files = {"answers.R", *(path.name for path in ADAPTERS.glob(f"{name}*.R"))}
    return resumed(name, start, found.stdout.splitlines(), files)


def resumed(
    name: str, start: Callable[[], Implementation], packages: Sequence[str], files: Iterable[str]
) -> Implementation:
    """One whose answers are kept, with the packages and the adapter that they came of."""
    ENVIRONMENTS.mkdir(exist_ok=True)
    text = "".join((ADAPTERS / file).read_text("utf-8") for file in sorted(files))
    of = {"packages": list(packages), "adapter": hashlib.sha256(text.encode()).hexdigest()}
    return Resumed(start, ENVIRONMENTS / f"{name}.answers.jsonl", of)


def package(adapter: str) -> Json:
    """The name and the version of a package that does not start; an adapter of ours has neither."""
    name, _, version = peers().get(adapter, ("", [adapter]))[1][0].partition("==")
    return {"name": re.sub(r"\[.*\]", "", name), "version": version}


def everyone() -> dict[str, Callable[[], Implementation]]:
    """Name -> how to start it; R's only where there is R."""
    starters: dict[str, Callable[[], Implementation]] = {
        route: partial(finding.adapter, route) for route in ROUTES
    }
    if shutil.which("Rscript"):
        for name in R_COMMANDS:
            starters[name] = partial(in_r, name)
    for adapter, (place, packages) in peers().items():
        starters[adapter] = partial(peer, adapter, place, packages)
    return starters


def main(names: Sequence[str]) -> int:
    """Run the suite on some implementations, or on all; 1 where one is not as expected."""
    os.environ.update(ONE_THREAD)
    suite, known = cases.everything(), everyone()
    if unknown := [name for name in names if name not in known]:
        print(f"there is no implementation {unknown[0]}; there are {', '.join(known)}")
        return 2
    as_expected = [ask(name, known[name], suite) for name in names or known]
    results.write()
    return int(not all(as_expected))


def ask(name: str, start: Callable[[], Implementation], suite: Sequence[Json]) -> bool:
    """Run the suite on one and keep what is found; whether it is as expected."""
    try:
        result = examine(start(), suite, suite, own_failures(name))
    except (subprocess.CalledProcessError, ImplementationError) as why:
        kept.leave_out(name, package(name), f"It could not be asked: {why}.")
        print(f"{name}: {why}", flush=True)
        return False
    ENVIRONMENTS.mkdir(exist_ok=True)
    report.write(result, ENVIRONMENTS / f"{name}.json")  # all of it, to look into
    kept.keep(name, report.as_json(result))
    print(f"{name}: {'not as expected' if result.failed else 'as expected'}", flush=True)
    for problem in result.problems[:10]:
        print(f"  {problem}")
    return not result.failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
