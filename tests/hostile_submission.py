"""A submission that tries to get out, to see what it should not, and to be given points.

Each function is an attempt and is named after how it ends; what it answers says what it got. All
are bounded and harmless, even where there is no wall; `test_course_hostile.py` asks one by one.
"""

import contextlib
import ctypes
import gc
import hashlib
import importlib
import json
import os
import pickle
import resource
import signal
import socket
import stat
import subprocess
import sys
import threading
import time

import numpy as np

KNOWN = {}  # what somebody who attacks might know: a path of the grader's, ports, a digest
LARGE = 300_000  # bytes: more than a file may have


def remember(**things):
    KNOWN.update(things)


def honest(x):
    """The task: what is worth points."""
    return (x * x).sum()


def right():
    """The right answer to the last question, which a lie would tell."""
    return honest(KNOWN["x"])


def tried(action):
    """What comes of it: the name of the error, or the result."""
    try:
        return str(action())
    except Exception as error:
        return type(error).__name__


def tried_all(action, things):
    return " ".join(sorted({tried(lambda t=thing: action(t)) for thing in things}))


def emptied():
    for name in os.listdir("."):
        os.remove(name)


# --- files ----------------------------------------------------------------------------------------


def a_path_of_the_graders_leads_nowhere(x):
    folders = [KNOWN["secret"], os.path.dirname(KNOWN["secret"]), KNOWN["package"]]
    return tried_all(os.stat, folders)


def a_symbolic_link_leads_nowhere(x):
    os.symlink(KNOWN["secret"], "link")
    return tried(lambda: open("link").read())


def a_hard_link_leads_nowhere(x):
    return tried(lambda: os.link(KNOWN["secret"], "hard"))


def parent_directories_have_no_more_than_the_wall_shows(x):
    return " ".join(sorted(os.listdir("../../../../..")))


def nothing_on_the_disk_is_called_refmixed_or_validation(x):
    names = {name for _, folders, files in os.walk("/") for name in [*folders, *files]}
    wanted = ("refmixed", "statsmodels", "rpy2", "validation", "hidden", "derivations")
    return " ".join(sorted(n for n in names if n.startswith(wanted)))


def users_and_hosts_of_the_machine_are_not_listed(x):
    return tried_all(os.stat, ("/etc/passwd", "/etc/shadow", "/etc/hosts", "/etc/hostname"))


def processes_and_devices_are_not_shown(x):
    return tried_all(os.stat, ("/proc", "/proc/self", "/sys", "/dev", "/dev/null", "/dev/shm"))


def homes_and_temporary_folders_are_not_there(x):
    return tried_all(os.stat, ("/root", "/home", "/tmp", "/var", "/run", "/mnt", "/opt"))


def the_library_and_the_graders_folder_cannot_be_written(x):
    child = next(m for name, m in sys.modules.items() if name.endswith("inside.child"))
    files = (child.__file__, "/packages/numpy/new.py", "/python/lib/new.py", "/new")
    return tried_all(lambda path: open(path, "a"), files)


def a_file_does_not_grow_past_its_limit(x):
    with contextlib.suppress(OSError), open("large", "wb", 0) as file:
        while file.tell() < 2 * LARGE:
            file.write(bytes(10_000))
    return os.path.getsize("large")


def a_folder_does_not_grow_past_its_limit(x):
    emptied()
    written = 0
    with contextlib.suppress(OSError):
        for number in range(20):
            with open(f"part{number}", "wb", 0) as file:
                written += file.write(bytes(100_000))
    return written


def a_device_cannot_be_made(x):
    return tried(lambda: os.mknod("null", 0o020666, os.makedev(1, 3)))


def another_root_cannot_be_had(x):
    return tried(lambda: os.chroot("/work"))


def a_forged_result_stays_in_the_empty_folder(x):
    for name in ("results.json", "../results.json", KNOWN["secret"]):
        with contextlib.suppress(OSError), open(name, "w") as file:
            json.dump({"score": 100, "tests": [{"name": "honest", "score": 100}]}, file)
    return [name for name in os.listdir(".") if "results" in name]


def a_module_called_numpy_beside_the_work_is_not_loaded(x):
    emptied()
    with open("numpy.py", "w") as file:
        file.write("raise SystemExit\n")
    module = sys.modules.pop("numpy.polynomial", None)
    return importlib.import_module("numpy.polynomial").__file__ + f" {module is not None}"


# --- imports and programs -------------------------------------------------------------------------


def the_reference_cannot_be_imported(x):
    names = ("refmixed", "validation", "statsmodels", "rpy2", "formulaic", "tests", "flint")
    return tried_all(importlib.import_module, names)


def the_reference_cannot_be_imported_from_its_own_folder(x):
    sys.path.insert(0, KNOWN["package"])
    try:
        return tried_all(importlib.import_module, ("refmixed", "validation"))
    finally:
        del sys.path[0]


def a_shell_or_r_cannot_be_run(x):
    programs = ("Rscript", "/usr/bin/Rscript", "sh", "/bin/sh", "bwrap", "setpriv", "python3")
    return tried_all(lambda name: subprocess.run([name, "--version"]), programs)


def a_command_of_the_system_does_nothing(x):
    return os.system("true") != 0


def another_python_is_behind_the_same_wall(x):
    code = f"import os; print(os.path.exists({KNOWN['secret']!r}), os.listdir('/'))"
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True)
    return done.stdout.split()[0]


# --- processes ------------------------------------------------------------------------------------


def forty_children_are_more_than_twenty(x):
    children = []
    with contextlib.suppress(OSError):
        for _ in range(40):
            child = os.fork()
            if not child:
                time.sleep(2)
                os._exit(0)
            children.append(child)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return len(children)


def forty_threads_are_more_than_twenty(x):
    stop, threads = threading.Event(), []
    with contextlib.suppress(RuntimeError):
        for _ in range(40):
            thread = threading.Thread(target=stop.wait, args=(2,))
            thread.start()
            threads.append(thread)
    stop.set()
    return len(threads)


def limits_cannot_be_raised(x):
    names = ("RLIMIT_AS", "RLIMIT_NPROC", "RLIMIT_FSIZE", "RLIMIT_CPU", "RLIMIT_NOFILE")
    more = resource.RLIM_INFINITY
    limits = [getattr(resource, name) for name in names]
    return tried_all(lambda name: resource.setrlimit(name, (more, more)), limits)


def nobody_else_can_be_become(x):
    errors = tried_all(lambda change: change(0), (os.setuid, os.seteuid, os.setgid))
    return f"{errors} {os.getuid() > 0}"


def the_parent_cannot_be_signalled(x):
    signals = (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP)
    return tried_all(lambda number: os.kill(os.getppid(), number), signals)


def is_there(pid):
    return tried(lambda: os.kill(pid, 0)) != "ProcessLookupError"


def no_other_process_can_be_seen(x):
    return " ".join(str(pid) for pid in range(1, 1000) if pid != os.getpid() and is_there(pid))


def the_parent_cannot_be_traced_or_read(x):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    return libc.ptrace(0x4206, os.getppid(), None, None)  # PTRACE_SEIZE stops nobody


def in_namespaces_of_its_own(action):
    """What comes of an action of a child that is root in namespaces of its own, where it may."""
    libc, (out, end) = ctypes.CDLL(None, use_errno=True), os.pipe()
    child = os.fork()
    if not child:
        libc.unshare(0x10000000 | 0x00020000)  # of users, of mounts
        os.write(end, tried(lambda: action(libc)).encode())
        os._exit(0)
    os.close(end)
    os.waitpid(child, 0)
    with open(out) as pipe:
        return pipe.read()


def namespaces_of_its_own_do_not_take_the_wall_away(x):
    def look(libc):
        masked = [path for path in KNOWN["masked"] if os.path.isdir(path)]
        for path in masked:
            libc.umount2(path.encode(), 2)
        libc.mount(None, b"/", None, 32, None)  # to write
        return f"{[os.listdir(path) for path in masked]} {tried(lambda: os.mkdir('/new'))}"

    return in_namespaces_of_its_own(look)


def namespaces_of_its_own_show_no_processes(x):
    def look(libc):
        os.mkdir("shown")
        return libc.mount(b"proc", b"shown", b"proc", 0, None)

    return in_namespaces_of_its_own(look)


def more_files_than_allowed_cannot_be_open(x):
    opened = []
    with contextlib.suppress(OSError):
        opened.extend(os.dup(0) for _ in range(100))  # the list is lost at the error
    count = len([fd for fd in range(200) if tried(lambda fd=fd: os.fstat(fd)) != "OSError"])
    os.closerange(40, 200)
    return count


def threads_that_go_on_change_nothing(x):
    threading.Thread(target=time.sleep, args=(20,)).start()
    return 0


# --- the network ----------------------------------------------------------------------------------


def a_listener_on_the_same_machine_is_not_reached(x):
    return tried(lambda: socket.create_connection(("127.0.0.1", KNOWN["port"]), 0.5))


def a_listener_by_a_path_is_not_reached(x):
    with socket.socket(socket.AF_UNIX) as one:
        return tried(lambda: one.connect(KNOWN["socket"]))


def a_listener_by_an_abstract_name_is_not_reached(x):
    with socket.socket(socket.AF_UNIX) as one:
        return tried(lambda: one.connect("\0" + KNOWN["abstract"]))


def there_is_no_network_but_to_itself(x):
    return " ".join(name for _, name in socket.if_nameindex())


def no_address_leads_out(x):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        return tried(lambda: one.connect(("192.0.2.1", 9)))  # an address for examples


# --- what lies in memory --------------------------------------------------------------------------


def the_environment_is_empty(x):
    return "hush" in str(os.environ) or len(os.environ) > 7


def the_command_line_names_no_folder_of_the_machine(x):
    words = " ".join([*sys.argv, *sys.orig_argv, *sys.path, sys.prefix, sys.executable])
    return KNOWN["package"] in words or os.path.dirname(KNOWN["secret"]) in words


def no_file_of_the_grader_is_open(x):
    kinds = set()
    for fd in range(3, 64):
        with contextlib.suppress(OSError):
            kinds.add(stat.S_IFMT(os.fstat(fd).st_mode))
    return kinds == {stat.S_IFIFO}


def the_right_answer_is_nowhere_in_memory(x):
    """It is known by its digest, as to somebody who would know it when seen; a decoy is found."""
    frames, frame = [], sys._getframe()
    while frame is not None:
        frames.append(frame.f_locals)
        frame = frame.f_back
    seen = set()
    things = [*gc.get_objects(), *frames]
    for thing in [*things, *gc.get_referents(*things)]:  # small ones are not tracked
        if type(thing) in (dict, list, tuple, set):
            inside = list(thing.values() if type(thing) is dict else thing)[:2000]
            seen |= {str(value) for value in inside if type(value) in (float, str)}
    digests = {hashlib.sha256(text.encode()).hexdigest() for text in seen if len(text) < 30}
    return f"{KNOWN['digest'] in digests} {KNOWN['decoy'] in digests}"


# --- values that lie ------------------------------------------------------------------------------


class Equal:
    """Equal to whatever it is held against."""

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = None


class Closer(float):
    """A number that says another one to each that asks."""

    def __float__(self):
        return right()

    __eq__ = Equal.__eq__
    __hash__ = None

    def __sub__(self, other):
        return 0.0

    __rsub__ = __sub__

    def __repr__(self):
        return "1e999"


class Meta(type):
    """A class that is equal to float."""

    def __eq__(cls, other):
        return True

    def __hash__(cls):
        return hash(float)


class Posing(metaclass=Meta):
    def __repr__(self):
        return str(right())


class Claims:
    @property
    def __class__(self):
        return float

    def __float__(self):
        return right()


class Arrayed:
    shape, dtype, ndim, size = (), np.dtype(float), 0, 1

    def __array__(self, *args, **kwargs):
        return np.array(right())

    def item(self):
        return right()

    tolist = item


class Long(list):
    def __len__(self):
        return 1

    def __iter__(self):
        yield right()


class Sub(np.ndarray):
    """Zeros that say that they are right."""

    def __eq__(self, other):
        return True

    def tolist(self):
        return right()

    def astype(self, *_, **__):
        return np.array(right())

    def __array_function__(self, *_):
        return np.array(right())


class Reduced:
    """Would run a harmless call if somebody unpickled it."""

    def __reduce__(self):
        return (os.mkdir, ("unpickled",))


def an_object_that_is_equal_to_everything_is_no_number(x):
    return Equal()


def an_array_of_objects_that_are_equal_to_everything_is_no_array(x):
    return np.array([Equal()], dtype=object)


def a_float_that_lies_is_no_number(x):
    return Closer(3.0)


def a_class_that_says_that_it_is_float_is_no_number(x):
    return Posing()


def an_object_that_says_that_its_class_is_float_is_no_number(x):
    return Claims()


def an_object_that_offers_an_array_is_none(x):
    return Arrayed()


def a_list_that_lies_about_its_length_is_no_list(x):
    return Long([1.0, 2.0])


def an_array_with_methods_of_its_own_is_taken_for_its_numbers(x):
    return np.zeros(()).view(Sub)


def a_pickle_is_not_read(x):
    return Reduced()


def a_pickle_as_bytes_is_not_read(x):
    return pickle.dumps(Reduced())


def code_as_a_text_is_a_text(x):
    return "__import__('os').mkdir('evaluated')"


def not_a_number_is_not_a_number(x):
    return float("nan")


def infinity_is_infinity(x):
    return np.array(np.inf)


def a_complex_number_is_none(x):
    return right() + 0j


def a_generator_is_no_value(x):
    return (value for value in iter(int, 1))


def a_function_is_no_value(x):
    return honest


def a_dictionary_is_no_value(x):
    return {"id": 1, "value": right(), "score": 100}


def a_list_that_contains_itself_is_no_array(x):
    circle = []
    circle.append(circle)
    return circle


def lists_a_thousand_deep_are_no_array(x):
    nest = 1.0
    for _ in range(1000):
        nest = [nest]
    return nest


def a_million_numbers_are_too_many(x):
    return np.zeros(10**6)


def a_long_text_is_too_long(x):
    return "a" * 10**6


def a_number_of_many_digits_is_none(x):
    return 10**400


def a_recursion_ends(x):
    return a_recursion_ends(x) + 1


def an_error_that_has_no_text_is_told(x):
    class NastyError(Exception):
        def __str__(self):
            raise SystemExit("again")

    raise NastyError


def an_error_with_orders_for_the_terminal_is_told_plainly(x):
    raise ValueError("\x1b[2J\x1b]0;full marks\x07" + "\n" * 50 + KNOWN["secret"])


def leaving_is_no_answer(x):
    sys.exit(0)


def lines_on_the_standard_descriptors_are_prints(x):
    value = {"dtype": "float", "shape": [], "numbers": [str(right())]}
    line = json.dumps({"id": "0" * 32, "value": value})
    for fd in (1, 2):
        os.write(fd, line.encode() + b"\n")
    print(line)
    return 0


def nothing_can_be_read_from_the_standard_input(x):
    return f"{sys.stdin.read()!r} {os.read(0, 100)!r}"


def a_flood_of_prints_is_cut(x):
    for _ in range(20):
        print("#" * 100_000)
    return 0


def a_tracer_sees_no_more_than_the_work(x):
    seen = []
    sys.settrace(lambda frame, *_: seen.append(frame.f_code.co_name))
    try:
        return 0
    finally:
        sys.setprofile(None)


def standard_output_that_is_closed_is_no_loss(x):
    sys.stdout, sys.stderr = None, None
    return 0


def a_signal_to_oneself_can_be_taken(x):
    signal.signal(signal.SIGTERM, lambda *_: None)
    os.kill(os.getpid(), signal.SIGTERM)
    return 0
