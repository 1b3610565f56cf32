"""What is installed is whole: the package works in an empty folder, without the clone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's content."""
    folder = tmp_path_factory.mktemp("wheel")
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, "--target", str(folder / "site"), wheel], check=True)
    return folder / "site"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("-m refmixed datasets", "sleepstudy"),
        ("-m refmixed study sleep", "REML criterion at convergence: 1743.6"),
        ("-m refmixed validate list --case tiny-reml.fit", "tiny-reml.fit"),
        ("-c import refmixed; print(refmixed.__file__)", "{installed}"),
    ],
)
def test_an_installed_package_needs_no_clone(
    installed: Path, tmp_path: Path, arguments: str, words: str
) -> None:
    option, *rest = arguments.split(" ", 1)
    command = [sys.executable, option, *(rest[0].split() if option == "-m" else rest)]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert words.format(installed=installed) in done.stdout


def test_typing_information_and_data_are_installed(installed: Path) -> None:
    files = {str(path.relative_to(installed)) for path in installed.rglob("*")}
    assert {"refmixed/py.typed", "refmixed/data/sleepstudy.csv"} <= files
    assert any(name.startswith("refmixed/validation/cases/") for name in files)
    assert not any(name.startswith(("tests", "derivations", "validation")) for name in files)


def test_the_readmes_example_runs(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", example],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "Linear mixed model fit by REML ['lmerMod']" in done.stdout
