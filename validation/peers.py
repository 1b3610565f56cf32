"""The suite on other implementations, each in an environment of its own: `make peers`.

    python -m validation.peers               all of them, then the page of the book
    python -m validation.peers mixedlm       some of them, then the page

An implementation is a package of peers.toml, an R package with a command, or refmixed by a route.
What is found is summed up in reports/NAME.json, from which results.py writes the page.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from .ask import finding
from .ask.implementations import Command, Implementation
from .suite import cases
from .tell import report, results
from .validate import ROUTES, examine, own_failures

HERE = Path(__file__).parent
ADAPTERS = HERE / "adapters"
ENVIRONMENTS = HERE.parent / ".peers"
TIMEOUT = 300.0  # seconds an answer
R_COMMANDS = {"lme4": "lme4_command.R", "nlme": "nlme_command.R"}
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
    python = environment(place, packages)
    script = [str(ADAPTERS / "serve.py"), str(ADAPTERS / f"{adapter}.py")]
    return Command([str(python), *script], TIMEOUT)


def everyone() -> dict[str, Callable[[], Implementation]]:
    """Name -> how to start it; R's only where there is R."""
    starters: dict[str, Callable[[], Implementation]] = {
        route: partial(finding.adapter, route) for route in ROUTES
    }
    if shutil.which("Rscript"):
        for name, script in R_COMMANDS.items():
            starters[name] = partial(Command, ["Rscript", str(ADAPTERS / script)], TIMEOUT)
    for adapter, (place, packages) in peers().items():
        starters[adapter] = partial(peer, adapter, place, packages)
    return starters


def main(names: Sequence[str]) -> int:
    """Run the suite on some implementations, or on all; 1 where one is not as expected."""
    os.environ.update(ONE_THREAD)
    suite, known, failed = cases.everything(), everyone(), []
    if unknown := [name for name in names if name not in known]:
        print(f"there is no implementation {unknown[0]}; there are {', '.join(known)}")
        return 2
    for name in names or known:
        result = examine(known[name](), suite, suite, own_failures(name))
        ENVIRONMENTS.mkdir(exist_ok=True)
        report.write(result, ENVIRONMENTS / f"{name}.json")  # all of it, to look into
        results.keep(name, report.as_json(result))
        failed += [name] * result.failed
        print(f"{name}: {'not as expected' if result.failed else 'as expected'}", flush=True)
        for problem in result.problems[:10]:
            print(f"  {problem}")
    results.write()
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
