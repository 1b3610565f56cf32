"""No program and no adapter can hang or break the harness."""

from __future__ import annotations

import json
import re
import sys
import time
import warnings
from array import array
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from flint import arb
from hostile import SERVED
from scipy.sparse import csr_array
from suite import Fixed, Json, case_of, hostile

from validation.adapters import serve
from validation.adapters.as_json import as_json
from validation.ask import program as programs
from validation.ask import run
from validation.ask.implementations import Answers, Command, ImplementationError, InProcess
from validation.suite import verdicts
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


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("lmm", r"cannot run lmm: it is no command, but a file here: write \./lmm$"),
        ("./lmm", r"cannot run \./lmm: it is not executable: chmod \+x \./lmm, or name what runs"),
        ("build", "cannot run build: it is a folder and no program$"),
        ("./build", r"cannot run \./build: it is a folder and no program$"),
    ],
)
def test_a_program_that_cannot_be_run_says_what_to_write(
    name: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lmm").touch()
    (tmp_path / "build").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ImplementationError, match=says):
        Command([name], 1.0)


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
        (Fixed(answers=np.ones(2)), r"answers: \[1.0, 1.0\] is not of type 'object'"),
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


BETA = [251.40510484848485, 10.467285959595767]
ARRAYS = {  # as which beta may come
    "a list": BETA,
    "numpy": np.array(BETA),
    "objects": np.array(BETA, dtype=object),
    "long doubles": np.array(BETA, dtype=np.longdouble),
    "numbers of numpy": (np.float64(BETA[0]), np.longdouble(BETA[1])),
    "masked": np.ma.masked_array(BETA),
    "pandas": pd.Series(BETA, index=["(Intercept)", "Days"]),
    "pandas' own numbers": pd.Series(BETA, dtype="Float64"),
    "a column of a data frame": pd.DataFrame({"beta": BETA})["beta"],
    "polars": pl.Series(BETA),
    "decimals": [Decimal(repr(x)) for x in BETA],
    "fractions": [Fraction(x) for x in BETA],
    "mpmath": [mpmath.mpf(x) for x in BETA],
    "a column of mpmath": mpmath.matrix(BETA).T.tolist()[0],
    "balls": [arb(x) for x in BETA],
    "a memoryview": memoryview(np.array(BETA)),
    "Python's own array": array("d", BETA),
    "Arrow": pa.chunked_array([[BETA[0]], [BETA[1]]]),
    "one number an array": [np.array(x) for x in BETA],
}
COV = np.array([[46.57, -1.451], [-1.451, 2.389]])
MATRICES = {
    "numpy": COV,
    "pandas": pd.DataFrame(COV),
    "polars": pl.DataFrame(COV),
    "sparse": csr_array(COV),
    "a memoryview": memoryview(COV),
    "mpmath": mpmath.matrix(COV.tolist()),
    "Arrow": pa.table({"a": COV[:, 0], "b": COV[:, 1]}),
    "matrix": np.asmatrix(COV),
    "rows": list(COV),
    "columns of objects": pd.DataFrame(COV, dtype=object),
}


def outcome(quantity: str, value: Any, truth: Any) -> verdicts.Outcome:
    """The judgement on what an adapter answers for one quantity."""
    case = {**case_of("sleepstudy-slopes-reml.fit"), "near_misses": []}
    case["expected"] = {quantity: {"value": truth, "digits": 16, "required": 16}}
    implementation = InProcess(Fixed(answers={quantity: value}), "fixed")
    (result,) = run.run([case], implementation, progress=False)
    (only,) = result.outcomes
    return only


@pytest.mark.parametrize("kind", ARRAYS)
def test_an_adapter_may_answer_with_any_array(kind: str) -> None:
    found = outcome("beta", ARRAYS[kind], [repr(x) for x in BETA])
    assert (found.verdict, found.digits) == (PASS, 16)


@pytest.mark.parametrize("kind", MATRICES)
def test_an_adapter_may_answer_with_any_matrix(kind: str) -> None:
    assert outcome("vcov", MATRICES[kind], COV.tolist()).verdict == PASS


@pytest.mark.parametrize("number", [np.float64(0.1), np.array(0.1), Decimal("0.1"), "0.1", 0.1])
def test_an_adapter_may_answer_with_any_number(number: Any) -> None:
    assert outcome("sigma", number, "0.1").verdict == PASS


@pytest.mark.parametrize(
    ("number", "double"),
    [
        (np.float32(0.1), 0.10000000149011612),
        (np.float16(0.1), 0.0999755859375),
        (np.longdouble(1) / 10, 0.1),
        (Fraction(1, 10), 0.1),
        (np.int64(3), 3),
        (np.float32("nan"), "nan"),
        (-np.inf, "-inf"),
    ],
)
def test_a_number_of_another_precision_is_the_nearest_double(number: Any, double: Any) -> None:
    for value, expected in (
        (number, double), (np.array(number), double), (np.array([number]), [double]),
    ):  # fmt: skip
        assert as_json(value) == expected
        assert json.loads(json.dumps(as_json(value))) == expected


@pytest.mark.parametrize("kind", np.typecodes["AllInteger"] + np.typecodes["Float"])
def test_numbers_of_every_kind_of_numpy_s_are_taken(kind: str) -> None:
    """By themselves, as an array without a dimension, with one, and with two."""
    three = np.dtype(kind).type(3)
    values = (three, np.array(three), np.array([three]), np.array([[three]]))
    assert [as_json(value) for value in values] == [3, 3, [3], [[3]]]
    assert outcome("sigma", three, "3").verdict == PASS
    assert outcome("sigma", np.array(three), "3").verdict == PASS


@pytest.mark.parametrize("truth", [True, np.True_, np.array(True), pl.Series([True])[0]])
def test_a_truth_value_is_no_number(truth: Any) -> None:
    assert outcome("sigma", truth, "1").note == "True where a number is expected"


SERVED_ADAPTER = """
import numpy as np

def start():
    who = {"name": "mine", "version": "1", "language": "Python"}
    return {"version": np.int64(1), "implementation": who}

def run(request):
    return {"id": request["id"], "answers": {"sigma": np.float32(0.5), "beta": np.ones(2)}}
"""


def test_an_adapter_with_arrays_may_be_served_as_a_program(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(SERVED_ADAPTER)
    program = Command([sys.executable, serve.__file__, str(tmp_path / "mine.py")], 30.0)
    answer = program.answer({"cmd": "run", "id": "x", "asked": ["sigma", "beta"]})
    assert answer == {"id": "x", "answers": {"sigma": 0.5, "beta": [1.0, 1.0]}}
    program.close()


def test_a_file_of_answers_may_come_from_arrays(tmp_path: Path) -> None:
    """As the tutorial says to write it."""
    content = Fixed().start() | {"answers": {"x": {"id": "x", "answers": {"beta": np.ones(2)}}}}
    (tmp_path / "mine.json").write_text(json.dumps(content, default=lambda x: x.tolist()))
    found = Answers(tmp_path / "mine.json").answer({"cmd": "run", "id": "x", "asked": ["beta"]})
    assert found["answers"] == {"beta": [1.0, 1.0]}


def test_a_float32_has_no_more_digits_than_it_has() -> None:
    found = outcome("beta", np.array(BETA, dtype=np.float32), [repr(x) for x in BETA])
    assert found.verdict == FAIL
    assert 6 < (found.digits or 0.0) < 9


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (np.array([1 + 2j, 3]), "'<complex>' where a number is expected"),
        ([np.complex128(1), 2], "'<complex>' where a number is expected"),
        ([np.clongdouble(1), 2], "'<clongdouble>' where a number is expected"),
        ([object(), 2], "'<object>' where a number is expected"),
        (object(), "'<object>' where a list is expected"),
        ({1, 2}, "'<set>' where a list is expected"),
        (pd.Series([1, None], dtype="Int64"), "'<NAType>' where a number is expected"),
        (np.array(["a", "b"]), "'a' where a number is expected"),
        (np.array([True, False]), "True where a number is expected"),
        (np.ma.masked_array([1.0, 2.0], [True, False]), "NaN where a number is expected"),
        ({"x": 1.0}, "an object where a list is expected"),
        (pd.DataFrame(COV), "a list where a number is expected"),
        (np.float64(1), "1.0 where a list is expected"),
        (np.ones(3), "shape (3,) where (2,) is expected"),
    ],
)
def test_what_is_no_number_costs_its_quantity_and_is_called_by_its_type(
    value: Any, says: str
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = outcome("beta", value, BETA)
    assert (found.quantity, found.verdict, found.note) == ("beta", FAIL, says)


def test_an_exception_of_an_adapter_is_the_error_of_its_case(small_case: Json) -> None:
    class Raises(Fixed):
        def run(self, request: Json) -> Json:
            raise RuntimeError("Downdated VtV\n is not positive definite")

    (result,) = run.run([small_case], InProcess(Raises(), "raises"), progress=False)
    assert result.outcomes[0].note == "RuntimeError: Downdated VtV is not positive definite"


def test_a_quantity_that_is_compared_by_a_skipped_one_is_skipped_too() -> None:
    answered = {"answers": {"sd": [1.0]}, "skipped": {"theta": "not shown"}}
    (why,) = run.reason("sd", [answered, answered]).values()
    assert why == "what it is compared by needs theta, which is skipped"
    skipped = {"answers": {}, "skipped": {"sd": "later"}}
    assert run.reason("sd", [skipped, answered])["sd"] == "later"
    assert run.reason("sd", [{"answers": {"sd": [1.0]}}] * 2) == {}
