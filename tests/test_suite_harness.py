"""The command line of the suite, and its check of adapters."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from suite import SLEEP, Fixed, Json, case_of, hostile, right

from refmixed.cli import main as refmixed_main
from validation.ask import check, finding
from validation.ask.implementations import ImplementationError, InProcess
from validation.cli import main
from validation.invariance import requests
from validation.mistakes import pages
from validation.suite import cases

HERE = Path(__file__).parent
SUITE = Path(cases.__file__).parents[1]


@pytest.fixture(scope="module")
def fit_case() -> Json:
    return case_of(f"{SLEEP}.fit")


# --- the command line -----------------------------------------------------------------------------


def test_run_writes_every_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {key: tmp_path / f"r.{key}" for key in ("json", "xml", "html")}
    options = ["--report", files["json"], "--junit", files["xml"], "--html", files["html"]]
    which = ["--adapter", "refmixed", "--case", "dyestuff-reml.f*", "--form", "formula"]
    assert main([str(o) for o in ["run", *which, *options]]) == 0
    assert all(path.stat().st_size > 200 for path in files.values())
    assert main([*which, "--track", str(files["json"])]) == 0  # `run` need not be said
    assert "5 of 5 quantities as before" in capsys.readouterr().out


def test_a_failure_is_exit_status_1_unless_it_is_expected(
    tmp_path: Path, fit_case: Json, capsys: pytest.CaptureFixture[str]
) -> None:
    message = right(fit_case)
    message["answers"] |= {"sigma": 1.0}
    answers, toml = tmp_path / "answers.json", tmp_path / "expected.toml"
    answers.write_text(json.dumps(Fixed().start() | {"answers": {fit_case["id"]: message}}))
    toml.write_text(f'[[expected]]\ncase = "{SLEEP}.fit"\nquantity = "sigma"\nreason = "why"\n')
    which = ["run", "--answers", str(answers), "--case", fit_case["id"]]
    assert main(which) == 1
    assert main([*which, "--expected-failures", str(toml)]) == 0
    toml.write_text(toml.read_text().replace("sigma", "theta"))
    assert main([*which, "--expected-failures", str(toml)]) == 1
    assert "theta: passes, though it was expected" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("run", "one of --adapter, --command and --answers is needed"),
        ("run --adapter refmixed --answers x.json", "one of --adapter"),
        ("run --adapter nobody", "there is no adapter nobody; there are .*refmixed"),
        ("run --adapter nobody.at.all", "cannot be imported: ModuleNotFoundError"),
        ("run --adapter none.py", "there is no file none.py"),
        ("run --adapter math.x:pi", "cannot be imported"),
        ("run --answers none.json", "cannot read none.json: No such file"),
        ("run --command ''", "the command is empty"),
        ('run --command "\'"', "cannot read the command: No closing quotation"),
        ("run --adapter refmixed --case nothing", "no case has an id that fits 'nothing': `list`"),
        ("run --adapter refmixed --level hard", "'hard' is not one of"),
        ("run --adapter refmixed --timeout 0", "0.0 is not in the range"),
        ("run --adapter refmixed --report no/such/r.json", "there is no folder no/such"),
        ("run --adapter refmixed --track none.json", "cannot read none.json"),
        ("run --adapter refmixed --case tiny* --expected-failures no.toml", "cannot read no.toml"),
        ("show nothing", "there is no case 'nothing'"),
        ("walk", "No such command 'walk'"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_status_2(
    arguments: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(shlex.split(arguments)) == 2
    captured = capsys.readouterr()
    assert re.search(says, captured.err)
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_adapters_are_found_in_files_and_modules(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(
        "def start():\n"
        " who = {'name': 'mine', 'version': '', 'language': ''}\n"
        " return {'version': 1, 'implementation': who}\n"
        "def run(request):\n return {'id': request['id'], 'skip': 'no'}\n"
        "class Inner:\n start, run = staticmethod(start), staticmethod(run)\n"
    )
    assert finding.adapter(str(path)).about["name"] == "mine"
    assert finding.adapter(f"{path}:Inner").about["name"] == "mine"
    with pytest.raises(ImplementationError, match="has no Outer"):
        finding.adapter(f"{path}:Outer")
    path.write_text("import no_such_thing\n")
    with pytest.raises(ImplementationError, match="cannot be imported: ModuleNotFoundError"):
        finding.adapter(str(path))


def test_list_and_show_print_cases(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--level", "fit", "--case", "dyestuff-*", "--form", "formula"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        "Dyestuff-ml.fit", "Dyestuff-reml.fit",
    ]  # fmt: skip
    assert main(["show", f"{SLEEP}.fit"]) == 0
    assert json.loads(capsys.readouterr().out)["expected"]["theta"]["digits"] >= 25
    assert main(["show", f"{SLEEP}.fit", "--request"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["cmd"] == "run"
    assert main(["show", f"{SLEEP}.rows-permuted", "--request"]) == 0
    sent = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sent == requests.requests(case_of(f"{SLEEP}.rows-permuted"))
    assert len(sent) == 2


# --- for those who write an adapter ---------------------------------------------------------------


def checked(implementation: Any) -> dict[str, list[str]]:
    lines: dict[str, list[str]] = {check.OK: [], check.NOTE: [], check.WRONG: []}
    for kind, text in check.check(implementation):
        lines[kind].append(text)
    return lines


def test_check_adapter_is_content_with_a_good_one() -> None:
    lines = checked(finding.adapter("refmixed"))
    assert lines[check.WRONG] == lines[check.NOTE] == []
    assert "fit, form formula: 6 of 6 right, 0 skipped" in lines[check.OK]


def test_check_adapter_says_what_is_wrong() -> None:
    wrong = Fixed(answers={"criterion": [1.0], "unknown": 3})
    lines = checked(InProcess(wrong, "wrong"))
    assert any(
        re.match(r"evaluate.*criterion: a list where a number", t) for t in lines[check.WRONG]
    )
    assert (
        "an unknown level should be skipped with a reason, and was answered" in lines[check.WRONG]
    )
    lines = checked(hostile("wrong id"))
    assert any("answered for 'of another case'" in text for text in lines[check.WRONG])
    assert any("does not come back" in text for text in lines[check.WRONG])
    hangs = checked(hostile("hang at stop", 1.0))
    assert any("did not end" in text for text in hangs[check.WRONG])


class SkipsAll(Fixed):
    """An adapter that has everything before it."""

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"id": request["id"], "skip": "later"}


def test_check_adapter_is_not_content_with_skips_alone() -> None:
    lines = checked(InProcess(SkipsAll(), "skips"))
    says = "all requests were skipped, so that no answer has been looked at"
    assert lines[check.WRONG] == [says]


MISTAKEN = """
from validation.adapters import refmixed
start = refmixed.start  # and sigma divides by n, for n - 2
def run(request):
    message = refmixed.run(request)
    answers = message.get("answers", {})
    if "sigma" in answers:
        rows = len(request["arrays"]["y"]) if "arrays" in request else 180
        answers["sigma"] = float(answers["sigma"]) * (1 - 2 / rows) ** 0.5
    return message
"""


def test_check_adapter_names_the_numbers_that_are_not_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.py").write_text(MISTAKEN)
    assert main(["check-adapter", "--adapter", str(tmp_path / "mine.py")]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    notes = [line for line in lines if line.startswith("note ")]
    begins = (
        r"note  evaluate, form matrices: sigma is not right \(2\.\d digits, \d+ required; \S+\?\);"
    )
    assert any(re.match(begins, line) for line in notes), lines
    assert last == f"ready for `run`; {len(notes)} requests with numbers that are not right"
    assert len(notes) > 2


def test_mistakes_say_where_their_pages_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mistakes", "ml-for-reml"]) == 0
    said = capsys.readouterr().out
    (page,) = re.findall(r"page (\w+)\.$", said, re.MULTILINE)
    assert said.endswith(f"in a clone of refmixed: {page} is derivations/{page}.py.\n")
    assert all((HERE.parent / "derivations" / f"{page}.py").is_file() for page in pages.EQUATIONS)


# --- as installed ---------------------------------------------------------------------------------


def test_refmixed_validate_forwards_to_the_suite() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "refmixed", "validate", "list", "--case", "tiny-reml.fit"],
        cwd=HERE.parent, capture_output=True, text=True, check=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.stdout.startswith("tiny-reml.fit ")


def test_refmixed_validate_says_what_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "validation.cli")
    monkeypatch.setitem(sys.modules, "click", None)
    assert refmixed_main(["validate", "list"]) == 2
    line = "in a clone of refmixed, pip install '.[validation]'"
    said = capsys.readouterr().err
    assert said == f"refmixed: error: this needs click: {line} [ExtraError]\n"


def test_the_module_says_what_is_not_installed(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise ModuleNotFoundError('No', name='click')\n")
    done = subprocess.run(
        [sys.executable, "-m", "validation", "list"], cwd=HERE.parent, capture_output=True,
        text=True, env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    line = "in a clone of refmixed, pip install '.[validation]'"
    assert done.stderr == f"python -m validation: this needs click: {line}\n"
    assert done.returncode == 2


def test_the_suite_imports_itself_by_relative_paths() -> None:
    """It is `validation` in a clone and `refmixed.validation` in a wheel."""
    absolute = re.compile(r"^\s*(from|import) validation\b", re.MULTILINE)
    files = list(SUITE.rglob("*.py"))
    assert len(files) > 30
    assert [path.name for path in files if absolute.search(path.read_text("utf-8"))] == []
