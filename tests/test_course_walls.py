"""A submission is asked for values: whatever became of its cells, and whatever goes wrong there."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from course import require_walls

from validation.course import walls
from validation.course.answers import Answer
from validation.course.asking import Submission
from validation.course.inside.values import ValueRefusedError, read, written
from validation.course.limits import Limits

QUICK = Limits(seconds=1.0)
X = np.array([1.0, 2.0, 4.0])


def saved(folder: Path, text: str, name: str = "hw1.py") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def notebook(*sources: Any, **metadata: Any) -> str:
    cells = [{"cell_type": "code", "source": source} for source in sources]
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A file with much that goes wrong, and functions between."""
    require_walls()
    with Submission(saved(tmp_path_factory.mktemp("student"), STUDENT)) as student:
        student.load()
        yield student


STUDENT = """
from __future__ import annotations
import numpy as np
import a_package_that_is_not_here
name = input("Your name: ")

def V0(weights, Z, T):
    print("V0 is asked")
    return np.diag(1 / weights) + Z @ T @ Z.T

raise ValueError("a mistake on the way")
import sys; sys.exit(1)

def mutates(x):
    x *= 2
    return x.sum()

def in_order(a, b):
    return a - b

def many(x): return x, x.sum(), "a text", None
def a_frame(x):
    import pandas as pd
    return pd.DataFrame({"x": x})
def raises(x):
    return x[7]
def asks(x):
    return input()
def exits(x):
    sys.exit()
def allocates(x):
    return np.ones(2**29)
def prints(x):
    print("spam " * 4000)
    return 1
def forks(x):
    import os
    os.fork()
    return os.getpid()

not_a_function = 3
ml_mean = "sigma**2 * (n - 1) / n"
numbers = [1, 2.5]
names = ["a", "b"]
import sympy
n = sympy.Symbol("n", positive=True)
expression = sympy.sqrt(n) / (n - 1)

if __name__ == "__main__":
    raise SystemExit("main was run")
"""


def value(answer: Answer) -> Any:
    assert answer.status == "value", answer
    return answer.value


def test_a_function_is_asked_by_its_name_and_answers_with_an_array(student: Submission) -> None:
    Z, T = np.eye(3)[:, :2], np.array([[2.0, 0.5], [0.5, 1.0]])
    answer = student.call("V0", {"weights": X, "Z": Z, "T": T})
    np.testing.assert_array_equal(value(answer), np.diag(1 / X) + Z @ T @ Z.T)
    assert answer.said == "V0 is asked"


def test_what_went_wrong_on_loading_is_said_with_its_line_and_loses_nothing_else(
    student: Submission,
) -> None:
    assert student.notices == (
        "line 4: ModuleNotFoundError: No module named 'a_package_that_is_not_here'",
        "line 5: EOFError: input() has nobody to ask here",
        "line 11: ValueError: a mistake on the way",
        "line 12: sys.exit() was called",
    )
    assert (student.said, student.wall) == ("Your name:", "bubblewrap")


def test_arguments_are_new_for_each_call(student: Submission) -> None:
    assert [value(student.call("mutates", {"x": X})) for _ in range(2)] == [14.0, 14.0]


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a"), ("first", "second")])
def test_arguments_go_by_name_where_the_function_has_them_else_in_order(
    student: Submission, names: tuple[str, str]
) -> None:
    right = -1.0 if names == ("b", "a") else 1.0
    assert value(student.call("in_order", dict(zip(names, (3.0, 2.0), strict=True)))) == right


def test_several_values_come_back_as_a_tuple(student: Submission) -> None:
    x, total, text, nothing = value(student.call("many", {"x": X}))
    np.testing.assert_array_equal(x, X)
    assert (total, text, nothing) == (7.0, "a text", None)


def test_a_frame_of_pandas_is_an_array(student: Submission) -> None:
    np.testing.assert_array_equal(value(student.call("a_frame", {"x": X})), X[:, None])


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("v_0", "missing", "there is no v_0: is V0 meant?"),
        ("not_a_function", "missing", "there is no not_a_function"),
        ("raises", "error", "raises: IndexError: index 7 is out of bounds for axis 0 with size 3"),
        ("asks", "error", "asks: EOFError: input() has nobody to ask here"),
        ("exits", "error", "exits: sys.exit() was called"),
        ("allocates", "memory", "allocates: MemoryError: Unable to allocate 4.00 GiB"),
        ("mutates", "error", "mutates: TypeError:"),
    ],
)
def test_what_happened_instead_of_a_value_is_said(
    student: Submission, name: str, status: str, words: str
) -> None:
    answer = student.call(name, {} if name == "mutates" else {"x": X})
    assert (answer.status, answer.value) == (status, None)
    assert answer.text.startswith(words)


def test_what_a_function_prints_is_cut(student: Submission) -> None:
    answer = student.call("prints", {"x": X})
    assert value(answer) == 1
    assert answer.said.startswith("spam spam")
    assert len(answer.said) < 400


def test_a_function_that_forks_answers_once(student: Submission) -> None:
    assert value(student.call("forks", {"x": X})) == value(student.call("forks", {"x": X}))


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("ml_mean", "sigma**2 * (n - 1) / n"),
        ("numbers", [1, 2.5]),
        ("names", ["a", "b"]),
        ("expression", "sqrt(n)/(n - 1)"),
    ],
)
def test_a_variable_is_a_text_or_numbers(student: Submission, name: str, right: Any) -> None:
    got = value(student.variable(name))
    assert (got.tolist() if isinstance(got, np.ndarray) else got) == right


# --- files, whatever became of them ---------------------------------------------------------------


def loaded(path: Path, **limits: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The values of f(1), g(1) and h(1), or their statuses, and the notices."""
    require_walls()
    with Submission(path, limits=Limits(**{"seconds": 1.0, "statement": 1.0, **limits})) as student:
        answers = {name: student.call(name, {"x": 1}) for name in "fgh"}
        values = {k: a.value if a.status == "value" else a.status for k, a in answers.items()}
        return values, student.notices


F, G, H = ("def f(x):\n    return x + 1\n", "def g(x): return 2", "def h(x): return 3")
RIGHT = {"f": 2, "g": 2, "h": 3}
CELLS: dict[str, tuple[Any, ...]] = {
    "copied": (F, F, G, H, H),
    "in another order": (H, "raise ValueError", G, F),
    "as lines": (F.splitlines(keepends=True), G, H),
    "with magic": ("%matplotlib inline\n!pip list\nimport numpy", "%%time\n" + F, G, "h?\n" + H),
    "in one": ("\n".join((F, "import matplotlib", G, "1/0", "display(3)", H)),),
    "broken": (F, "def f(x:\n", G + "\nx = = 3\n" + H),
    "of other kinds": ("%%bash\nls", F, G, H, "input()", "import os; os._exit(0)"),
}


@pytest.mark.parametrize("cells", CELLS.values(), ids=CELLS)
def test_functions_of_a_notebook_are_found_wherever_they_are(tmp_path: Path, cells: Any) -> None:
    path = saved(tmp_path, notebook(*cells), "hw1.ipynb")
    assert loaded(path)[0] == RIGHT


@pytest.mark.parametrize("name", ["hw1 (2).ipynb", "hw1.ipynb.txt", "hw1"])
def test_a_notebook_may_have_another_name_kernel_and_cells_without_ids(
    tmp_path: Path, name: str
) -> None:
    text = notebook(F, G, H, kernelspec={"name": "nobody-knows", "language": "R"})
    assert loaded(saved(tmp_path, text, name)) == (RIGHT, ())


def test_a_file_that_is_no_python_keeps_the_functions_that_are(tmp_path: Path) -> None:
    text = f"{F}\n@staticmethod\n{G}\nx = (1,\n{H}\n"
    values, notices = loaded(saved(tmp_path, text))
    assert values == RIGHT | {"g": 2}
    assert notices == ("line 6: SyntaxError: '(' was never closed",)


def test_a_loop_costs_its_own_task_alone(tmp_path: Path) -> None:
    text = F.replace("return", "\n    while True: x\n    return") + f"{G}\n{H}"
    assert loaded(saved(tmp_path, text))[0] == {"f": "time", "g": 2, "h": 3}


def test_a_loop_between_functions_costs_no_function(tmp_path: Path) -> None:
    values, notices = loaded(saved(tmp_path, f"{F}\n{G}\nwhile True: pass\n{H}"))
    assert values == RIGHT
    assert notices == ("line 5: it did not end within 1 seconds, and is passed over",)


def test_a_task_that_lost_a_process_is_not_asked_again(tmp_path: Path) -> None:
    require_walls()
    with Submission(saved(tmp_path, "def f(x):\n while x: pass"), limits=QUICK) as student:
        assert student.call("f", {"x": 1}) is student.call("f", {"x": 0})


def test_a_submission_has_a_time_in_all(tmp_path: Path) -> None:
    values, _ = loaded(saved(tmp_path, f"{F}\nwhile 1: pass\n{G}"), total=1.0, statement=5.0)
    assert values == dict.fromkeys("fgh", "time")


UNREADABLE: dict[str, tuple[str, bytes, str]] = {
    "no JSON": ("a.ipynb", b"{", "the notebook is not JSON"),
    "no cells": ("a.ipynb", b"[]", "the notebook has no cells"),
    "nested deeply": ("a.ipynb", b"[" * 9999, "the notebook is not JSON"),
    "bytes": ("a.py", b"\xff\xfe\x00", "the file is not text in UTF-8"),
    "large": ("a.py", b"#" * 2000, "the file has more than 1000 bytes"),
    "ending its process": ("a.py", b"import os\n" + 5 * b"os._exit(0)\n", "more than 3 statements"),
}


@pytest.mark.parametrize(("name", "content", "why"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_says_why(
    tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    require_walls()
    path = tmp_path / name
    path.write_bytes(content)
    with Submission(path, limits=Limits(source=1000 if name == "a.py" else 10**5)) as student:
        answer = student.call("f", {"x": 1})
    assert answer.status == "unreadable"
    assert answer.text.startswith(why)


# --- values -----------------------------------------------------------------------------------


VALUES = [None, "text", ["a", "b"], True, 3, -2.5, 1e-320, (1.0, "a"), float("inf"), 0.1 + 0.2]
ARRAYS = [np.arange(6.0).reshape(2, 3), np.zeros((0, 2)), np.array([True]), np.array([[2**62]])]


@pytest.mark.parametrize("thing", VALUES, ids=repr)
def test_values_come_through_json_as_they_are(thing: Any) -> None:
    assert read(json.loads(json.dumps(written(thing)))) == thing


@pytest.mark.parametrize("thing", ARRAYS, ids=lambda a: f"{a.dtype}{a.shape}")
def test_arrays_come_through_json_as_they_are(thing: Any) -> None:
    got = read(json.loads(json.dumps(written(thing))))
    assert (got.dtype, got.shape) == (thing.dtype, thing.shape)
    np.testing.assert_array_equal(got, thing)


@pytest.mark.parametrize(
    "message",
    [
        {}, [], {"text": 3}, {"texts": [1]}, {"tuple": [{"tuple": []}]}, {"tuple": [1]},
        {"dtype": "object", "shape": [], "numbers": ["1"]},
        {"dtype": "float", "shape": [2], "numbers": ["1"]},
        {"dtype": "float", "shape": [-1, -1], "numbers": ["1"]},
        {"dtype": "float", "shape": [True], "numbers": ["1"]},
        {"dtype": "float", "shape": [1], "numbers": [1.0]},
        {"dtype": "float", "shape": [1], "numbers": ["1" * 50]},
        {"dtype": "float", "shape": [1], "numbers": ["__import__('os')"]},
        {"dtype": "int", "shape": [1], "numbers": ["9" * 30]},
        {"dtype": [], "shape": [1], "numbers": ["9"]},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_value_is_refused(message: Any) -> None:
    with pytest.raises(ValueRefusedError):
        read(message)


# --- where there can be no wall ---------------------------------------------------------------


@pytest.fixture
def asked_anew() -> Any:
    walls.refusal.cache_clear()
    yield
    walls.refusal.cache_clear()


@pytest.mark.usefixtures("asked_anew")
def test_without_bubblewrap_a_submission_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(walls.WallsError, match=r"apt-get install bubblewrap.*--trusted"):
        Submission(saved(tmp_path, F)).__enter__()


@pytest.mark.usefixtures("asked_anew")
def test_where_namespaces_are_refused_a_submission_is_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "#!/bin/sh\necho 'No permissions to create a new namespace' >&2; exit 1"
    saved(tmp_path, text, "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(walls.WallsError, match=r"No permissions to create.*--trusted"):
        Submission(saved(tmp_path, F)).__enter__()


AS_ANOTHER_USER = """
import os, sys
os.setgroups([])
os.setresgid(12345, 12345, 12345)
os.setresuid(12345, 12345, 12345)
sys.path[:0] = ["/tmp/clone", "/tmp/packages"]
from validation.course.asking import Submission
with Submission("/tmp/hw1.py") as student:
    print(student.wall, *[student.call(name, {"x": 1}).value for name in "fgh"])
"""


def test_without_root_the_wall_stands_in_a_namespace_of_users(tmp_path: Path) -> None:
    require_walls()
    if os.geteuid() != 0:
        pytest.skip("not root: all tests here run without")
    looks = "import os\ndef g(x): return os.getuid()\ndef h(x): os.mkdir('/new')"
    python = Path(walls.python_file())
    shown = {
        python.parents[1]: "python", Path(np.__file__).parents[1]: "packages",
        Path(__file__).parents[1]: "clone", saved(tmp_path, F + looks): "hw1.py",
    }  # fmt: skip
    binds = [word for here, name in shown.items() for word in ("--ro-bind", here, f"/tmp/{name}")]
    done = subprocess.run(
        ["bwrap", "--dev-bind", "/", "/", "--tmpfs", "/tmp", *binds,
         f"/tmp/python/bin/{python.name}", "-I", "-S", "-B", "-c", AS_ANOTHER_USER],
        env={"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": "/tmp/python/lib"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "bubblewrap 2 12345 None\n", done.stderr


def test_a_trusted_submission_runs_without_a_wall_and_the_result_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walls, "bubblewrap", lambda: pytest.fail("there is a wall"))
    where = "import os\ndef where(x): return os.getcwd(), os.listdir('.')\nimport refmixed"
    with Submission(saved(tmp_path, f"{F}\n{where}"), trusted=True) as student:
        assert value(student.call("f", {"x": 1})) == 2
        folder, files = value(student.call("where", {"x": 1}))
        assert student.wall == "none, for the submission is trusted"
        assert student.notices == ("line 6: ModuleNotFoundError: No module named 'refmixed'",)
    assert files.size == 0
    assert not Path(folder).exists()
