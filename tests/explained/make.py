"""Remake the texts of all pairs, `python tests/explained/make.py`.

R has lme4, lmerTest, nlme and glmmTMB.

A pair, PAIR.toml, says how its two texts are made (`a_made`, `b_made`); this runs it and writes the
texts (`a`, `b`) beside.  A command is R, after layouts.R; or `python: ...`, an expression over the
functions of mixedlm.py, run by `--statsmodels PYTHON` (that of `make peers`); or `refmixed: ...`,
arguments of the command.  With names of pairs: those alone.  `--data` makes data/ anew.

Of a pair is known its `cause`, a list, "cannot tell" or "equal" where there is none; `true_too`,
what may be said as well; `data`, `formula`, `weights`, `family`, given where it `needs_data`;
`source`, the public thread after which it was made, with numbers of its own; `why`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
END = "=== end of a text ==="
ENVIRONMENT = {**os.environ, "REFMIXED_ROOT": str(ROOT), "PYTHONPATH": str(ROOT)}
TEXTS = ("a", "b")


def main() -> None:
    """Read the arguments; make the data where asked, then the texts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pairs", nargs="*", help="names; all where none is given")
    parser.add_argument("--data", action="store_true")
    parser.add_argument("--statsmodels", default=str(ROOT / ".peers/statsmodels/bin/python"))
    asked = parser.parse_args()
    if asked.data:
        subprocess.run(["Rscript", str(HERE / "data.R")], check=True, env=ENVIRONMENT)
    files = [HERE / f"{name}.toml" for name in asked.pairs] or sorted(HERE.glob("*.toml"))
    pairs = {file: tomllib.loads(file.read_text()) for file in files}
    commands = sorted({pair[f"{side}_made"] for pair in pairs.values() for side in TEXTS})
    texts = made(commands, asked.statsmodels)
    for file, pair in pairs.items():
        for side in TEXTS:
            pair[side] = texts[pair[f"{side}_made"]]
        file.write_text(toml(pair))


def made(commands: list[str], statsmodels: str) -> dict[str, str]:
    """The text of each command, by its command."""
    kinds: dict[str, list[str]] = {"R": [], "python": [], "refmixed": []}
    for command in commands:
        kind = command.split(": ")[0]
        kinds[kind if kind in kinds else "R"].append(command)
    python = [command.removeprefix("python: ") for command in kinds["python"]]
    ours = [refmixed(command.removeprefix("refmixed: ")) for command in kinds["refmixed"]]
    return {
        **dict(zip(kinds["R"], by_r(kinds["R"]), strict=True)),
        **dict(zip(kinds["python"], by_statsmodels(python, statsmodels), strict=True)),
        **dict(zip(kinds["refmixed"], ours, strict=True)),
    }


def run(command: list[str], text: str | None = None) -> str:
    """What a program prints; its messages where it fails."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, env=ENVIRONMENT)
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stderr}")
    return done.stdout


def parts(printed: str) -> list[str]:
    """The texts between the marks."""
    return [part.strip("\n") for part in printed.split(END)[:-1]]


def by_r(commands: list[str]) -> list[str]:
    """All of R's in one process, each alone in its environment."""
    one = 'local({{\n{}\n}})\ncat("\\n{}\\n")'
    script = f'source("{HERE / "layouts.R"}")\n' + "\n".join(one.format(c, END) for c in commands)
    return parts(run(["Rscript", "-"], script)) if commands else []


def by_statsmodels(commands: list[str], python: str) -> list[str]:
    """All of statsmodels' in one process of its environment."""
    body = (HERE / "mixedlm.py").read_text()
    script = body + "".join(f"\nprint({command})\nprint({END!r})" for command in commands)
    return parts(run([python, "-W", "ignore", "-"], script)) if commands else []


def refmixed(arguments: str) -> str:
    """What `refmixed ARGUMENTS` prints, by the shell's rules of quoting."""
    command = f"{sys.executable} -m refmixed {arguments}"
    return run(["sh", "-c", f"cd '{ROOT}' && {command}"]).strip("\n")


def toml(pair: Mapping[str, Any]) -> str:
    """A pair as TOML: what is said of it, then the texts."""
    said = {key: value for key, value in pair.items() if key not in TEXTS}
    lines = [f"{key} = {quoted(value)}" for key, value in said.items()]
    return "\n".join([*lines, *(written(side, pair[side]) for side in TEXTS)]) + "\n"


def written(side: str, text: str) -> str:
    """A text in TOML, one line break at its end."""
    body = text.strip("\n")
    return f"{side} = '''\n{body}\n'''"


def quoted(value: Any) -> str:
    """A value in TOML: texts as they stand where they may, true and false, lists of texts."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(quoted, value))}]"
    if "\n" in value or ("'" in value and '"' in value):
        return f"'''\n{value}'''"
    return f"'{value}'" if '"' in value or "\\" in value else f'"{value}"'


if __name__ == "__main__":
    main()
