"""No submission changes its points, reads a secret, or leaves a process or a file.

The attempts are bounded and harmless. After each of them the next task is asked, and answered.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from course import require_walls

import refmixed
from validation.course import walls
from validation.course.answers import Answer
from validation.course.asking import Submission
from validation.course.limits import Limits

ATTEMPTS = Path(__file__).with_name("hostile_submission.py")
X = np.array([1.5, 2.25, 4.125])
RIGHT = 24.328125  # the sum of squares
LIMITS = Limits(
    seconds=3.0, memory=2**30, file=300_000, folder=1_000_000, line=2**20, said=500, cpu=20
)
MARK = f"course-{os.getpid()}"
SECRET = "the hidden tests of the next task"


def credit(answer: Answer) -> bool:
    """Whether an answer is worth points."""
    return answer.status == "value" and np.array_equal(answer.value, RIGHT)


def digest(number: float) -> str:
    return hashlib.sha256(str(float(number)).encode()).hexdigest()


@pytest.fixture(scope="module", autouse=True)
def mark() -> Iterator[None]:
    """What these tests start is known by its environment, whoever it has become."""
    walls.ENVIRONMENT["MARK"] = MARK
    yield
    del walls.ENVIRONMENT["MARK"]


def processes() -> set[str]:
    """The processes that these tests have started behind a wall and that are still there."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended, or is not ours
            if f"MARK={MARK}\0".encode() in (folder / "environ").read_bytes():
                found.add(folder.name)
    return found


def files(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*")}


@pytest.fixture(scope="module")
def listeners() -> Iterator[dict[str, Any]]:
    """Sockets that wait on this machine for somebody to come, and refuse nobody."""
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as named:
        named.bind(f"\0{MARK}")
        for one in (tcp, named):
            one.listen()
            one.setblocking(False)
        yield {"port": tcp.getsockname()[1], "abstract": MARK, "sockets": (tcp, named)}


@pytest.fixture(scope="module")
def student(
    tmp_path_factory: pytest.TempPathFactory, listeners: dict[str, Any]
) -> Iterator[Submission]:
    """The submission of attempts, which is told what somebody who attacks might know."""
    require_walls()
    folder = tmp_path_factory.mktemp("grader")
    (folder / "secret.txt").write_text(SECRET)
    known = {
        "secret": str(folder / "secret.txt"),
        "package": str(Path(refmixed.__file__).parents[1]),
        "socket": str(folder / "socket"),
        "port": listeners["port"],
        "abstract": listeners["abstract"],
        "x": X,
        "digest": digest((X**3).sum()),  # of a task that is asked later
        "decoy": digest(0.4375),
        "planted": 0.4375,
        "masked": MASKED,
    }
    before, running = files(folder), processes()
    os.environ["REFMIXED_TEST_SECRET"] = "hush"
    with socket.socket(socket.AF_UNIX) as one, Submission(ATTEMPTS, limits=LIMITS) as student:
        one.bind(known["socket"])
        one.listen()
        student.load()
        assert student.notices == ()
        assert student.call("remember", known).status == "value"
        assert processes() - running
        yield student
        assert student.call("remember", known).status == "value"
    del os.environ["REFMIXED_TEST_SECRET"]
    os.unlink(known["socket"])
    assert (folder / "secret.txt").read_text() == SECRET
    assert files(folder) == before
    gone(running)


def gone(before: set[str]) -> None:
    """Nothing that was started is still there at the end."""
    assert processes() - before == set()


NOWHERE, NO_NUMBER = "FileNotFoundError", "a number or an array of numbers is expected"
# Without root the first process behind the wall is of the same user: it hears no signal, and has
# nothing that a submission has not.
CLOSED = ("PermissionError", "-1") if os.geteuid() == 0 else ("None", "0")
LIBRARY = f"/python/lib/python{sys.version_info[0]}.{sys.version_info[1]}"
MASKED = [f"{LIBRARY}/{name}-packages" for name in ("site", "dist")]
ENDS: dict[str, tuple[str, str]] = {
    "a_path_of_the_graders_leads_nowhere": ("value", NOWHERE),
    "a_symbolic_link_leads_nowhere": ("value", NOWHERE),
    "a_hard_link_leads_nowhere": ("value", NOWHERE),
    "parent_directories_have_no_more_than_the_wall_shows": (
        "value", "etc grader lib lib64 packages python usr work",
    ),
    "nothing_on_the_disk_is_called_refmixed_or_validation": ("value", ""),
    "users_and_hosts_of_the_machine_are_not_listed": ("value", NOWHERE),
    "processes_and_devices_are_not_shown": ("value", NOWHERE),
    "homes_and_temporary_folders_are_not_there": ("value", NOWHERE),
    "the_library_and_the_graders_folder_cannot_be_written": (
        "value", "OSError( PermissionError)?",
    ),
    "a_file_does_not_grow_past_its_limit": ("value", "300000"),
    "a_folder_does_not_grow_past_its_limit": ("value", r"\d{6}"),
    "a_device_cannot_be_made": ("value", "PermissionError"),
    "another_root_cannot_be_had": ("value", "PermissionError"),
    "a_forged_result_stays_in_the_empty_folder": ("value", "['results.json']"),
    "a_module_called_numpy_beside_the_work_is_not_loaded": ("value", "/packages/.*"),
    "the_reference_cannot_be_imported": ("value", "ModuleNotFoundError"),
    "the_reference_cannot_be_imported_from_its_own_folder": ("value", "ModuleNotFoundError"),
    "a_shell_or_r_cannot_be_run": ("value", NOWHERE),
    "a_command_of_the_system_does_nothing": ("value", "True"),
    "another_python_is_behind_the_same_wall": ("value", "False"),
    "forty_children_are_more_than_twenty": ("value", "1[0-9]"),
    "forty_threads_are_more_than_twenty": ("value", "1[0-9]"),
    "limits_cannot_be_raised": ("value", "ValueError"),
    "nobody_else_can_be_become": ("value", "(PermissionError|OSError) True"),
    "the_parent_cannot_be_signalled": ("value", CLOSED[0]),
    "no_other_process_can_be_seen": ("value", "1"),
    "the_parent_cannot_be_traced_or_read": ("value", CLOSED[1]),
    "namespaces_of_its_own_do_not_take_the_wall_away": (
        "value", r"\[\[\].*\] (OSError|PermissionError)",
    ),
    "namespaces_of_its_own_show_no_processes": ("value", "-1"),
    "more_files_than_allowed_cannot_be_open": ("value", "64"),
    "threads_that_go_on_change_nothing": ("value", "0"),
    "a_listener_on_the_same_machine_is_not_reached": ("value", "ConnectionRefusedError"),
    "a_listener_by_a_path_is_not_reached": ("value", NOWHERE),
    "a_listener_by_an_abstract_name_is_not_reached": ("value", "ConnectionRefusedError"),
    "there_is_no_network_but_to_itself": ("value", "lo"),
    "no_address_leads_out": ("value", "OSError"),
    "the_environment_is_empty": ("value", "False"),
    "the_command_line_names_no_folder_of_the_machine": ("value", "False"),
    "no_file_of_the_grader_is_open": ("value", "True"),
    "the_right_answer_is_nowhere_in_memory": ("value", "False True"),
    "an_object_that_is_equal_to_everything_is_no_number": ("error", NO_NUMBER),
    "an_array_of_objects_that_are_equal_to_everything_is_no_array": ("error", NO_NUMBER),
    "a_float_that_lies_is_no_number": ("error", NO_NUMBER),
    "a_class_that_says_that_it_is_float_is_no_number": ("error", NO_NUMBER),
    "an_object_that_says_that_its_class_is_float_is_no_number": ("error", NO_NUMBER),
    "an_object_that_offers_an_array_is_none": ("error", NO_NUMBER),
    "a_list_that_lies_about_its_length_is_no_list": ("error", NO_NUMBER),
    "an_array_with_methods_of_its_own_is_taken_for_its_numbers": ("value", "0.0"),
    "a_pickle_is_not_read": ("error", NO_NUMBER),
    "a_pickle_as_bytes_is_not_read": ("error", NO_NUMBER),
    "code_as_a_text_is_a_text": ("value", re.escape("__import__('os').mkdir('evaluated')")),
    "not_a_number_is_not_a_number": ("value", "nan"),
    "infinity_is_infinity": ("value", "inf"),
    "a_complex_number_is_none": ("error", "complex numbers"),
    "a_generator_is_no_value": ("error", NO_NUMBER),
    "a_function_is_no_value": ("error", NO_NUMBER),
    "a_dictionary_is_no_value": ("error", NO_NUMBER),
    "a_list_that_contains_itself_is_no_array": ("error", "lists in lists"),
    "lists_a_thousand_deep_are_no_array": ("error", "lists in lists"),
    "a_million_numbers_are_too_many": ("error", "1000000 numbers"),
    "a_long_text_is_too_long": ("error", "a text of 1000000 characters"),
    "a_number_of_many_digits_is_none": ("error", "too large"),
    "a_recursion_ends": ("error", "RecursionError"),
    "an_error_that_has_no_text_is_told": ("error", r"NastyError: \(its text cannot be had\)"),
    "an_error_with_orders_for_the_terminal_is_told_plainly": ("error", "ValueError: .2J"),
    "leaving_is_no_answer": ("error", r"sys.exit\(\) was called"),
    "lines_on_the_standard_descriptors_are_prints": ("value", "0"),
    "nothing_can_be_read_from_the_standard_input": ("value", "'' b''"),
    "a_flood_of_prints_is_cut": ("value", "0"),
    "a_tracer_sees_no_more_than_the_work": ("value", "0"),
    "standard_output_that_is_closed_is_no_loss": ("value", "0"),
    "a_signal_to_oneself_can_be_taken": ("value", "0"),
}  # fmt: skip


@pytest.mark.parametrize("attempt", ENDS)
def test_the_attempt_ends_as_it_is_called(
    student: Submission, listeners: dict[str, Any], attempt: str
) -> None:
    status, words = ENDS[attempt]
    answer = student.call(attempt, {"x": X})
    assert answer.status == status, answer
    if status == "value":
        got = answer.value if isinstance(answer.value, str | list) else str(answer.value)
        assert re.fullmatch(words, str(got)) or str(got) == words, answer
    else:
        assert re.search(words, answer.text), answer
    assert not credit(answer)
    assert SECRET not in repr(answer)
    assert "hush" not in repr(answer)
    assert f"{answer.text}{answer.said}".replace("\n", "").isprintable()
    assert len(answer.said) < LIMITS.said + 100
    assert not any(Path(name).exists() for name in ("unpickled", "evaluated"))
    for one in listeners["sockets"]:
        with pytest.raises(BlockingIOError):
            one.accept()
    assert credit(student.call("honest", {"x": X}))


def test_each_attempt_is_asked() -> None:
    names = re.findall(r"^def (\w+)\(x\)", ATTEMPTS.read_text("utf-8"), re.MULTILINE)
    assert set(names) - {"honest"} == set(ENDS)


# --- attempts that cost their process -----------------------------------------------------------

HONEST = "import json, os, sys, time\nimport numpy as np\ndef honest(x): return (x * x).sum()\n"
FIND = """
def channels():
    found = []
    for fd in range(3, 64):
        try:
            os.fstat(fd)
            found.append(fd)
        except OSError:
            pass
    return found
def number():
    frame = sys._getframe()
    while "request" not in frame.f_locals: frame = frame.f_back
    return frame.f_locals["request"]["id"]
def forged(id):
    value = {"dtype": "float", "shape": [], "numbers": ["24.328125"]}
    return (json.dumps({"id": id, "value": value}) + "\\n").encode()
"""
LOST: dict[str, tuple[str, str]] = {
    "os._exit ends the process": ("died", "os._exit(0)"),
    "an abort ends the process": ("died", "os.abort()"),
    "a signal to itself ends the process": ("died", "os.kill(os.getpid(), 9)"),
    "stopping itself is not to answer in time": ("time", "os.kill(os.getpid(), 19)"),
    "a loop that ends a little late is too late": (
        "time", "e = time.time() + 1.5\n while time.time() < e: pass",
    ),
    "sleep that uses no processor is too late as well": ("time", "time.sleep(1.5)"),
    "a line that was not asked for is no answer": (
        "garbage", "os.write(channels()[1], b'{}\\n')",
    ),
    "a line with a guessed number is no answer": (
        "garbage", "os.write(channels()[1], forged('0' * 32))",
    ),
    "two answers to one question are none": (
        "garbage", "os.write(channels()[1], 2 * forged(number()))",
    ),
    "an answer without an end is too long": (
        "garbage", "[os.write(channels()[1], b'9' * 60_000) for _ in range(20)]",
    ),
    "nested lines do not break the reader": (
        "garbage", "os.write(channels()[1], b'[' * 50_000 + b'\\n')",
    ),
    "numbers of many digits do not break the reader": (
        "garbage", "os.write(channels()[1], b'9' * 50_000 + b'\\n')",
    ),
    "a closed channel is no answer": ("died|garbage", "os.closerange(3, 64)"),
}  # fmt: skip
SHORT = Limits(seconds=0.7, statement=3.0, memory=2**30, line=2**20, cpu=20)


def asked(
    folder: Path, code: str, limits: Limits = SHORT
) -> tuple[Answer, Answer, tuple[str, ...]]:
    """The answers of an attempt and of the task after it, and the notices."""
    require_walls()
    (folder / "mine").mkdir()
    path = folder / "mine" / "hw1.py"
    path.write_text(HONEST + FIND + code, "utf-8")
    before, running = files(folder), processes()
    with Submission(path, limits=limits) as student:
        answers = student.call("attempt", {"x": X}), student.call("honest", {"x": X})
        notices = student.notices
    assert files(folder) == before
    gone(running)
    assert not credit(answers[0])
    return *answers, notices


@pytest.mark.parametrize("attempt", LOST)
def test_an_attempt_that_costs_its_process_costs_its_task(tmp_path: Path, attempt: str) -> None:
    status, code = LOST[attempt]
    answer, honest, _ = asked(tmp_path, f"def attempt(x):\n {code}\n return 0.0\n")
    assert re.fullmatch(status, answer.status), answer
    assert answer.text.startswith("attempt")
    assert credit(honest)


def test_memory_over_the_limit_is_an_answer_of_its_own(tmp_path: Path) -> None:
    answer, honest, _ = asked(tmp_path, "def attempt(x): return np.empty(2**27 + 2**20).size")
    assert answer.status == "memory"
    assert credit(honest)


def test_processor_time_over_the_limit_ends_the_process(tmp_path: Path) -> None:
    code = "import signal\nsignal.signal(24, signal.SIG_IGN)\ndef attempt(x):\n while x.size: pass"
    limits = Limits(seconds=10.0, cpu=1)
    answer, honest, _ = asked(tmp_path, code, limits)
    assert answer.status in ("died", "time")
    assert "within 10" not in answer.text
    assert credit(honest)


PATCHED = {
    "numpy": "np.sum = np.array = np.asarray = np.array_equal = lambda *_, **__: True",
    "json": "line = forged('0')\njson.dumps = json.loads = lambda *_, **__: line",
    "comparison": "import math, operator\nmath.isclose = operator.eq = lambda *_, **__: True",
    "os": "os.write = os.read = os.fork = os.getpid = lambda *_: 0",
    "builtins": "import builtins\nbuiltins.repr = builtins.str = lambda *_: '21.0'",
    "the types of numpy": "sys.modules['numpy'].float64 = float\nnp.ndarray = object",
    "the child's own code": (
        "child = next(m for name, m in sys.modules.items() if name.endswith('inside.child'))\n"
        "child.written = child.answer = lambda *_: {'value': {'dtype': 'float', 'shape': [], "
        "'numbers': ['20']}, 'score': 100, 'passed': True, 'right': True}"
    ),
}


@pytest.mark.parametrize("module", PATCHED)
def test_who_patches_a_module_patches_his_own_process(tmp_path: Path, module: str) -> None:
    patch = PATCHED[module].replace("\n", "\n ")
    answer, honest, _ = asked(tmp_path, f"def attempt(x):\n {patch}\n return 0.0\n")
    assert answer.status in ("value", "garbage", "died"), answer
    assert honest.status in ("value", "garbage", "died"), honest


STAYS = {
    "a process that went its own way": (
        "def attempt(x):\n if not os.fork():\n  os.setsid()\n  if os.fork(): os._exit(0)\n"
        "  time.sleep(20)\n  os._exit(0)\n return 0.0"
    ),
    "a thread": (
        "import threading\n"
        "def attempt(x): threading.Thread(target=time.sleep, args=(20,)).start(); return 0.0"
    ),
    "what is to be done at the end": (
        "import atexit\natexit.register(lambda: [os.write(fd, forged('0')) for fd in channels()])\n"
        "def attempt(x): return 0.0"
    ),
    "a file": (
        "def attempt(x):\n for name in ('left', '../left', '/work/left'):\n  try: open(name, 'w')\n"
        "  except OSError: pass\n return 0.0"
    ),
}


@pytest.mark.parametrize("what", STAYS)
def test_nothing_stays_behind(tmp_path: Path, what: str) -> None:
    answer, honest, _ = asked(tmp_path, STAYS[what])
    assert answer.value == 0
    assert credit(honest)


def test_a_grader_that_is_killed_leaves_no_process(tmp_path: Path) -> None:
    require_walls()
    path, running = tmp_path / "hw1.py", processes()
    path.write_text("def f(x): return x\nimport time\ntime.sleep(20)")
    code = (
        "from validation.course import walls\nfrom validation.course.asking import Submission\n"
        f"walls.ENVIRONMENT['MARK'] = {MARK!r}\nwalls.refusal = lambda: ''\n"
        f"Submission({str(path)!r}).__enter__().load()"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[1]) as grader:
        assert within(20, lambda: processes() - running)
        grader.kill()
    assert within(20, lambda: not processes() - running)


def within(seconds: float, happens: Callable[[], Any]) -> bool:
    """Whether something happens in time."""
    end = time.monotonic() + seconds
    while not happens() and time.monotonic() < end:
        time.sleep(0.05)
    return bool(happens())


def test_who_writes_later_is_started_anew_before_the_next_task(tmp_path: Path) -> None:
    code = (
        "import threading\ndef attempt(x):\n"
        " write = lambda: os.write(channels()[1], forged('0' * 32))\n"
        " threading.Timer(0.2, write).start()\n return 0.0\ndef later(x): time.sleep(0.4)"
    )
    require_walls()
    path = tmp_path / "hw1.py"
    path.write_text(HONEST + FIND + code, "utf-8")
    with Submission(path, limits=SHORT) as student:
        assert student.call("attempt", {"x": X}).value == 0
        time.sleep(0.4)
        assert credit(student.call("honest", {"x": X}))
        assert student.notices == ("it wrote on the grader's channel, and was started anew",)
        student.call("attempt", {"x": X})
        assert student.call("later", {"x": X}).status == "garbage"
        assert credit(student.call("honest", {"x": X}))


def test_lines_forged_while_it_is_loaded_win_nothing(tmp_path: Path) -> None:
    code = "os.write(channels()[1], forged('0') * 9)\ndef attempt(x): return 0.0"
    answer, honest, notices = asked(tmp_path, code)
    assert (answer.value, credit(honest)) == (0, True)
    assert "wrote on the grader's channel" in notices[0]


def test_one_submission_sees_nothing_of_another(tmp_path: Path) -> None:
    require_walls()
    paths = [tmp_path / name for name in ("one.py", "two.py")]
    seen = "import os\nseen = ' '.join(os.listdir('.'))\nfound = str(os.path.exists(__FOUND__))\n"
    for path, other in zip(paths, paths[::-1], strict=True):
        path.write_text(seen.replace("__FOUND__", repr(str(other))) + "open('answers', 'w')\n")
    for path in paths:
        with Submission(path, limits=SHORT) as student:
            assert [student.variable(name).value for name in ("seen", "found")] == ["", "False"]


@pytest.mark.parametrize("kind", ["a link", "a pipe", "a folder", "nothing"])
def test_what_is_no_plain_file_is_not_read(tmp_path: Path, kind: str) -> None:
    require_walls()
    path, secret = tmp_path / "hw1.py", tmp_path / "secret.py"
    secret.write_text(f"x = {SECRET!r}")
    make = {"a link": lambda: path.symlink_to(secret), "a pipe": lambda: os.mkfifo(path)}
    make |= {"a folder": path.mkdir, "nothing": lambda: None}
    make[kind]()
    with Submission(path, limits=SHORT) as student:
        answer = student.variable("x")
    assert answer.status == "unreadable"
    assert SECRET not in answer.text
