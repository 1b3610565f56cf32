"""What the tutorial says to type works, as it stands there, from the folder of the suite."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import refmixed as rm
from refmixed.r.extras import INSTALL
from validation.suite import cases

ROOT = Path(__file__).parents[1]
SUITE = ROOT / "validation"
TEXT = (SUITE / "TUTORIAL.md").read_text("utf-8")
INSTALLS = ("python3 -m venv ", "pip ", "pipx ", "make ", "git ")
LINES = {"criterion.py": 45, "criterion.mjs": 75, "lmer.R": 45}  # at most, so that they are read


def blocks(language: str) -> list[str]:
    """The texts of the fenced blocks of a language."""
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", TEXT, re.DOTALL | re.MULTILINE)


COMMANDS = [
    line.strip()
    for block in blocks("sh")
    for line in block.replace("\\\n", "").splitlines()
    if line.strip() and not line.strip().startswith((*INSTALLS, "cd "))
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the suite, for programs that are called as in an environment of their own."""
    folder = tmp_path_factory.mktemp("tutorial")
    (folder / "examples").symlink_to(SUITE / "examples")
    (folder / "conformance").mkdir()
    shutil.copy(SUITE / "examples" / "criterion.py", folder / "conformance")
    (folder / "conformance" / "expected.toml").touch()  # of a process that does not write it
    (code,), (answers,) = blocks("python"), blocks("json")
    (folder / "mine.py").write_text(code)
    (folder / "mine.json").write_text(answers)
    (folder / "bin").mkdir()
    for name, words in {"python": "", "refmixed": "-m refmixed "}.items():
        program = folder / "bin" / name
        program.write_text(f'#!/bin/sh\nexec {sys.executable} {words}"$@"\n')
        program.chmod(0o755)
    accounts(folder)
    return folder


def accounts(folder: Path) -> None:
    """What two programs say of one model: alike in text, and with weights in JSON."""
    columns = {"Reaction": "y", "Days": "x", "Subject": "g"}
    rows = rm.load_dataset("sleepstudy").rename(columns=columns)
    rows.assign(w=1 + rows["x"] % 3).to_csv(folder / "rows.csv", index=False)
    fit = "refmixed fit 'y ~ x + (x | g)' rows.csv"
    for options in ("> a.txt", "--weights w --json > a.json"):
        assert typed(f"{fit} {options}", folder).returncode == 0
    shutil.copy(folder / "a.txt", folder / "b.txt")


def typed(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A command, as one types it there."""
    found = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    settings = os.environ | found | {"OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(
        ["sh", "-c", command], cwd=folder, env=settings, capture_output=True, text=True
    )


def needs(command: str) -> str:
    """The program beside Python that a command needs."""
    return next((name for name in ("Rscript", "node") if f"'{name} " in command), "sh")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_tutorial_succeeds(command: str, folder: Path) -> None:
    if not shutil.which(needs(command)):
        pytest.skip(f"no {needs(command)} here")
    done = typed(command, folder)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_examples_are_where_the_tutorial_goes() -> None:
    (place,) = re.findall(r"^cd (\S+)$", TEXT, re.MULTILINE)
    named = set(re.findall(r"examples/\w+\.\w+", " ".join(COMMANDS)))
    assert len(named) > 3
    assert all((ROOT / place / name).is_file() for name in named)


def test_a_request_can_be_piped_into_a_program(folder: Path) -> None:
    show = "refmixed validate show Dyestuff-reml.evaluate-1.matrices --request"
    done = typed(f"{show} | python examples/criterion.py", folder)
    assert json.loads(done.stdout)["answers"].keys() == {"criterion", "beta", "sigma"}


def test_the_tutorial_has_every_example_and_every_kind_of_command() -> None:
    examples = {path.name for path in (SUITE / "examples").iterdir() if path.is_file()}
    assert {name for name in examples if name not in TEXT} == set()
    for words in ("check-adapter", "--level", "--adapter", "--answers", "show", "list"):
        assert any(words in command for command in COMMANDS), words


def test_a_command_that_fails_is_seen(folder: Path) -> None:
    """A program that is not there; an answer with nine digits."""
    assert typed("refmixed validate run --command 'no-such-program'", folder).returncode == 2
    wrong = (folder / "mine.json").read_text().replace("319.65427684226", "319.65427699999")
    (folder / "wrong.json").write_text(wrong)
    command = "refmixed validate run --answers wrong.json --case Dyestuff-reml.fit"
    assert typed(command, folder).returncode == 1


@pytest.mark.parametrize("name", LINES)
def test_examples_are_short(name: str) -> None:
    lines = (SUITE / "examples" / name).read_text("utf-8").splitlines()
    assert len([line for line in lines if line.strip()]) <= LINES[name]


@pytest.mark.parametrize("page", ["README.md", "validation/TUTORIAL.md"])
def test_one_line_installs_the_suite_wherever_it_is_named(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert INSTALL.format(source=".", extra="validation") in text
    assert re.findall(r"pip install '?refmixed", text) == []


def test_no_line_of_the_project_installs_from_an_index() -> None:
    """refmixed is on none: another package of that name would be installed."""
    files = [*ROOT.glob("*.md"), *(ROOT / "validation").rglob("*.md")]
    for room in ("refmixed", "validation", "derivations"):
        files += (ROOT / room).rglob("*.py")
    assert len(files) > 300
    named = [f.name for f in files if re.search(r"install '?refmixed\b", f.read_text("utf-8"))]
    assert named == []


def test_the_readme_counts_the_cases() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert re.findall(r"(\d+) cases with proven digits", text) == [str(len(cases.everything()))]
