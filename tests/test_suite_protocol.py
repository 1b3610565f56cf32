"""No program and no adapter can hang or break the harness."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hostile import SERVED
from suite import Fixed, Json, case_of, hostile

from validation.ask import program as programs
from validation.ask import run
from validation.ask.implementations import Command, ImplementationError, InProcess
from validation.suite.verdicts import ERROR, FAIL, PASS

HERE = Path(__file__).parent


LOST = {  # what is said of the case
    "endless line": "wrote more than 1 MiB in a line",
    "endless lines": None,  # where the first is read alone, it is the answer
    "hang": "did not answer within 1 seconds",
    "children": "did not answer within 1 seconds",
    "flood of errors": None,
    "crash": "ended with exit status 1; its last words: segmentation fault, or so",
    "killed": r"was ended by signal 40 \(.*\) and said nothing",
    "silent end": "ended with exit status 0 and said nothing",
    "closes its output": "closed its standard output",
    "not JSON": "wrote what is not JSON: 'Loading required package: Matrix'",
    "half a line": "ended with exit status 0",
    "not UTF-8": "wrote bytes that are not UTF-8",
    "a list": "answered with list where an object is expected",
    "deep": r"wrote what is not JSON: '\[\[\[",
    "a long number": "wrote what is not JSON",
    "no answer": "one of answers, skip and error",
    "wrong id": "answered for 'of another case' and not for this case",
    "no id": "'id' is a required property",
    "twice": "wrote more than one line|not for this case",
    "skip without a reason": "skip: '' should be non-empty",
    "NaN": "NaN where a number is expected",
    "infinite": None,
    "null": "NaN where a number is expected",
    "a list of numbers": "a list where a number is expected",
    "a truth value": "True where a number is expected",
    "words": "'NA' where a number is expected",
    "an object": "an object where a number is expected",
    "nothing asked": "neither answered nor skipped",
}


@pytest.fixture(scope="module")
def small_case() -> Json:
    case = case_of("tiny-reml.evaluate-1")
    return {**case, "expected": {"criterion": case["expected"]["criterion"]}, "near_misses": []}


def test_every_hostile_program_is_tried() -> None:
    assert set(LOST) == set(SERVED)


@pytest.mark.parametrize("name", LOST)
def test_a_hostile_program_costs_its_case_alone(
    name: str, small_case: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program is started anew for the second case, which has the same fate in its own right."""
    monkeypatch.setattr(programs, "LINE", 2**20)
    program = hostile(name, 1.0 if "did not answer" in str(LOST[name]) else 10.0)
    results = run.run([small_case, small_case], program, progress=False)
    program.close()
    for result in results:
        (outcome,) = result.outcomes
        if LOST[name] is None:
            assert outcome.verdict != PASS
        else:
            assert outcome.verdict in (FAIL, ERROR)
            assert re.search(str(LOST[name]), outcome.note)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("crash at start", "ended with exit status 1; its last words: there is no package called"),
        ("hang at start", "did not answer within 0.5 seconds"),
        ("ignores pipes", "did not answer within 0.5 seconds"),
        ("of another version", "the answer to start is wrong: version: 1 was expected"),
        ("nameless", "the answer to start is wrong: 'implementation' is a required property"),
    ],
)
def test_a_program_that_does_not_start_is_refused(name: str, says: str) -> None:
    with pytest.raises(ImplementationError, match=says):
        hostile(name, 0.5 if "did not" in says else 10.0)


def test_a_program_that_is_not_there_is_refused() -> None:
    with pytest.raises(ImplementationError, match="cannot run no-such-program: No such file"):
        Command(["no-such-program"], 1.0)


def test_a_program_that_does_not_stop_is_ended(small_case: Json) -> None:
    program = hostile("hang at stop", 0.5)
    run.run([small_case], program, progress=False)
    begin = time.monotonic()
    assert "did not end within" in program.close()
    assert time.monotonic() - begin < 5


def test_a_program_leaves_no_children_behind(small_case: Json) -> None:
    program = hostile("children", 1.0)
    inner = program._running()
    assert "did not answer" in program.answer({"cmd": "run", "id": "x", "asked": []})["error"]
    child = int(inner._said.split()[1])
    for _ in range(100):
        state = Path(f"/proc/{child}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the child of a killed program lives")


def test_a_program_that_does_not_start_again_is_given_up(tmp_path: Path, small_case: Json) -> None:
    """It answers once and then is broken for good: the rest is not waited for."""
    script = tmp_path / "once.py"
    script.write_text(
        f"import pathlib, sys; sys.path.insert(0, {str(HERE)!r}); import hostile\n"
        f"mark = pathlib.Path({str(tmp_path / 'mark')!r})\n"
        "if mark.exists(): sys.exit('no more')\n"
        "mark.touch(); hostile.serve(hostile.SERVED['crash'])\n"
    )
    program = Command([sys.executable, str(script)], 10.0)
    notes = [r.outcomes[0].note for r in run.run([small_case] * 6, program, progress=False)]
    assert notes[0].startswith("ended with exit status 1; its last words: segmentation")
    assert all("no more" in note for note in notes[1:4])
    assert set(notes[4:]) == {"not asked: it did not start 3 times in a row"}


@pytest.mark.parametrize(
    ("adapter", "says"),
    [
        (Fixed(answers={"criterion": np.ones(2)}), "TypeError: .*ndarray is not JSON serializable"),
        (Fixed(answers={"criterion": 1}, id="other"), "answered for 'other'"),
        (Fixed(skip=3), "skip: 3 is not of type 'string'"),
        (Fixed(error="two\nlines \x1b[31m" + "x" * 1000), r"^two lines \[31mx+\.\.\.$"),
    ],
)
def test_an_adapter_in_the_process_breaks_nothing(
    adapter: Fixed, says: str, small_case: Json
) -> None:
    (result,) = run.run([small_case], InProcess(adapter, "fixed"), progress=False)
    assert result.verdict == ERROR
    assert re.search(says, result.outcomes[0].note)


def test_an_exception_of_an_adapter_is_the_error_of_its_case(small_case: Json) -> None:
    class Raises(Fixed):
        def run(self, request: Json) -> Json:
            raise RuntimeError("Downdated VtV\n is not positive definite")

    (result,) = run.run([small_case], InProcess(Raises(), "raises"), progress=False)
    assert result.outcomes[0].note == "RuntimeError: Downdated VtV is not positive definite"
