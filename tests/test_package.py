"""What is installed is whole: the package works in an empty folder, without the clone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

import refmixed as rm

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


@pytest.mark.parametrize(("pipx", "pip"), [(False, "pip"), (True, "pipx runpip refmixed")])
def test_a_wheel_names_the_line_that_adds_to_it(
    installed: Path, tmp_path: Path, pipx: bool, pip: str
) -> None:
    """Whoever has no clone has the wheel; pip keeps where it was."""
    (wheel,) = installed.parent.glob("*.whl")
    if pipx:
        (tmp_path / "pipx_metadata.json").touch()
    code = f"import sys; sys.prefix = {str(tmp_path)!r}; sys.modules['click'] = None; "
    code += "from refmixed.cli import main; sys.exit(main(['validate', 'list']))"
    command = [sys.executable, "-c", code]
    environment = os.environ | {"PYTHONPATH": str(installed)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    line = f"{pip} install '{wheel}[validation]'"
    assert done.stderr == f"refmixed: error: this needs click: {line} [ExtraError]\n"
    assert done.returncode == 2


def test_make_help_begins_with_the_main_job() -> None:
    """And lists every target that is for people."""
    command = ["make", "--no-print-directory", "help"]  # in a make that runs the tests, too
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    first, _, *targets = done.stdout.splitlines()
    assert first.startswith("The main job is: make validate.")
    (listed,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert {line.split()[0] for line in targets} == set(listed.split())


def test_make_wheel_needs_pip_alone_and_ends_with_the_path(tmp_path: Path) -> None:
    command = ["make", "--no-print-directory", "wheel", f"PYTHON={sys.executable}"]
    command += [f"DIST={tmp_path}", f"VENV={tmp_path / 'venv'}"]
    offline = {"PIP_NO_BUILD_ISOLATION": "0", "PIP_NO_INDEX": "1"}  # hatchling is here
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | offline, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{tmp_path}/refmixed-{rm.__version__}-py3-none-any.whl\n"
    assert [path.suffix for path in tmp_path.iterdir()] == [".whl"]


def test_typing_information_and_data_are_installed(installed: Path) -> None:
    files = {str(path.relative_to(installed)) for path in installed.rglob("*")}
    assert {"refmixed/py.typed", "refmixed/data/sleepstudy.csv"} <= files
    assert any(name.startswith("refmixed/validation/cases/") for name in files)
    assert not any(name.startswith(("tests", "derivations", "validation")) for name in files)


def said(code: str) -> str:
    """What a new process prints that runs some lines."""
    command = [sys.executable, "-W", "error", "-c", code]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


PACKAGES = ("numpy", "pandas", "formulaic", "scipy")
HEAVY = f"import sys; print([name for name in {PACKAGES} if name in sys.modules])"


def test_to_import_the_package_loads_nothing_heavy() -> None:
    assert said(f"import refmixed as rm; dir(rm), rm.errors, rm.__version__; {HEAVY}") == "[]\n"
    assert "'pandas'" in said(f"import refmixed as rm; rm.lmer; {HEAVY}")


def test_a_fit_loads_of_scipy_no_more_than_linear_algebra() -> None:
    fit = "rm.lmer('Reaction ~ Days + (Days | Subject)', rm.load_dataset('sleepstudy'))"
    heavy = "('scipy.interpolate', 'scipy.optimize', 'scipy.stats')"
    code = f"import sys, refmixed as rm; {fit}; print([m for m in {heavy} if m in sys.modules])"
    assert said(code) == "[]\n"


@pytest.mark.parametrize(
    ("command", "heavy"),
    [("validate", ("pandas", "scipy", "formulaic")), ("fit", ("scipy.stats",))],
)
def test_a_command_starts_without_what_it_does_not_need(command: str, heavy: object) -> None:
    """Seconds before each run: the suite needs no fits, and no fit needs all laws of statistics."""
    code = f"""
import contextlib, sys
from refmixed.cli import main
with contextlib.suppress(SystemExit):
    main([{command!r}, "--help"])
print([name for name in {heavy} if name in sys.modules])
"""
    assert said(code).endswith("\n[]\n")


@pytest.mark.parametrize(
    "first",
    [
        "pass",
        "import refmixed.design, refmixed.fit",
        "from refmixed.design import Design",
        "from refmixed.fit import lmer",
        "from refmixed import *",
        "import refmixed.cli",
        "rm.marginal",
    ],
)
def test_public_names_are_what_they_are_whatever_is_loaded_first(first: str) -> None:
    """The functions `design` and `fit` have modules of their names."""
    code = f"""
import inspect, refmixed as rm
{first}
assert set(rm.__all__) <= set(dir(rm))
kinds = {{name: type(getattr(rm, name)).__name__ for name in rm.__all__}}
print(kinds["design"], kinds["fit"], kinds["Fit"], kinds["marginal"], kinds["errors"])
print(*inspect.signature(rm.lmer).parameters, rm.design.Design.__module__, rm.fit.lmer is rm.lmer)
"""
    signature = "formula data reml route weights offset theta allow_saturated unknown"
    kinds = "function function type module module"
    assert said(code) == f"{kinds}\n{signature} refmixed.design True\n"


def test_a_name_that_is_not_there_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="module 'refmixed' has no attribute 'lmre'"):
        rm.lmre  # noqa: B018
    assert not hasattr(rm, "__wrapped__")
    assert rm.linalg.cholesky  # a module that is not public, as long as it is there


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


def test_the_docstring_of_a_fit_names_all_that_it_is_asked_for() -> None:
    kinds = [kind for kind in rm.Fit.__mro__ if kind.__module__.startswith("refmixed.after")]
    asked = {name for kind in kinds for name in vars(kind) if not name.startswith("_")}
    assert {"means", "simulate", "confint", "predict"} <= asked
    assert asked - set(re.findall(r"\w+", str(rm.Fit.__doc__))) == set()
