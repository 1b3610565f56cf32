"""The workflow for others to copy: it can be read, its actions are pinned, and its lines run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

import refmixed as rm
from validation.suite import cases

ROOT = Path(__file__).parents[1]
EXAMPLES = Path(cases.__file__).parents[1] / "examples"
TEXT = (EXAMPLES / "github" / "conformance.yml").read_text("utf-8")
WORKFLOW: dict[str, Any] = yaml.safe_load(TEXT)
(JOB,) = WORKFLOW["jobs"].values()
TUTORIAL = (EXAMPLES.parent / "TUTORIAL.md").read_text("utf-8")
STEPS: dict[str, Any] = {step.get("name", step.get("uses")): step for step in JOB["steps"]}
INSTALL, RUN, KEEP = "Install the suite", "Run the suite", "Keep what was found"
BASELINE = (
    'refmixed validate baseline --command "$COMMAND" $WHICH '
    "--expected-failures conformance/expected.toml"
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has an implementation, in an environment in which the suite is installed."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "conformance").mkdir()
    shutil.copy(EXAMPLES / "criterion.py", folder / "conformance")
    (folder / "bin").mkdir()
    for name, words in {"python": "", "refmixed": "-m refmixed "}.items():
        program = folder / "bin" / name
        program.write_text(f'#!/bin/sh\nexec {sys.executable} {words}"$@"\n')
        program.chmod(0o755)
    return folder


def run(lines: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Some lines, as a runner runs them."""
    paths = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    settings = os.environ | WORKFLOW["env"] | paths | {"OPENBLAS_NUM_THREADS": "1"}
    command = ["bash", "-e", "-c", lines]
    return subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True)


def test_actions_are_pinned_to_commits() -> None:
    used = re.findall(r"uses: (\S+)(.*)", TEXT)
    assert len(used) == sum("uses" in step for step in STEPS.values()) == 3
    for action, comment in used:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", action)
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment)


def test_it_may_read_the_project_and_no_more() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert WORKFLOW[True] == ["push", "pull_request"]  # YAML reads `on` as true
    assert STEPS[KEEP]["if"] == "always()"


def test_it_installs_the_suite_with_its_extra() -> None:
    assert STEPS[INSTALL]["run"] == 'python -m pip install "${SUITE}[validation]"'
    wheel = f"conformance/refmixed-{rm.__version__}-py3-none-any.whl"
    assert WORKFLOW["env"]["SUITE"] == wheel


def test_a_pattern_in_which_is_one_of_cases_whatever_files_there_are(tmp_path: Path) -> None:
    """The lines that run the suite say what they would ask, beside a file that fits the pattern."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "Dyestuff.csv").touch()
    program = tmp_path / "bin" / "refmixed"
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    which = re.search(r"--level evaluate --case \S+", TEXT)
    assert which
    done = run(f"WHICH='{which[0]}'\n{STEPS[RUN]['run']}", tmp_path)
    assert f" {which[0]} --expected-failures conformance/" in done.stdout


def test_the_tutorial_types_what_the_workflow_does() -> None:
    told = BASELINE.replace('"$COMMAND"', f"'{WORKFLOW['env']['COMMAND']}'")
    told = told.replace("$WHICH", WORKFLOW["env"]["WHICH"])
    assert told in TUTORIAL
    assert told.replace("baseline", "run") in TUTORIAL


def test_its_lines_run_with_a_baseline_and_find_what_breaks(project: Path) -> None:
    assert run(BASELINE, project).returncode == 0
    told = TUTORIAL[TUTORIAL.index("Conforms:") :].partition("\n```")[0]
    assert f"\n{told}\n" in run(BASELINE.replace("baseline", "run"), project).stdout
    steps = [step["run"] for name, step in STEPS.items() if "run" in step and name != INSTALL]
    for lines in steps:
        done = run(lines, project)
        assert done.returncode == 0, done.stdout + done.stderr
    kept = project / STEPS[KEEP]["with"]["path"]
    files = {path.name for path in kept.iterdir()}
    assert files == {"junit.xml", "report.json", "index.html", "badge.svg", "badge.json"}
    message = json.loads((kept / "badge.json").read_text("utf-8"))["message"]
    assert message == "evaluate at 10 digits, in part"
    program = project / "conformance" / "criterion.py"
    program.write_text(program.read_text("utf-8").replace("np.pi", "3.14"), "utf-8")
    broken = run(STEPS[RUN]["run"], project)
    assert broken.returncode == 1, broken.stderr
    assert int(ET.parse(kept / "junit.xml").getroot().get("failures", 0)) > 50
