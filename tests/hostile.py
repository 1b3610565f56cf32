"""Programs that break the protocol, one a name: `python hostile.py NAME`."""

import json
import os
import signal
import subprocess
import sys
import time

ME = {"version": 1, "implementation": {"name": "hostile", "version": "1", "language": "Python"}}
CRITERION = {"answers": {"criterion": 1.0}}


def requests():
    for line in sys.stdin:
        yield json.loads(line)


def write(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def say(message):
    write(json.dumps(message) + "\n")


def serve(answer, stop=sys.exit):
    """Start and stop as one should; answer() does the rest."""
    for request in requests():
        if request["cmd"] == "start":
            say(ME)
        elif request["cmd"] == "stop":
            stop()
        else:
            answer(request)


def hang(*_):
    while True:
        time.sleep(60)


def endless_line(_):
    while True:
        write("[" * 2**20)


def endless_lines(request):
    while True:
        say({"id": request["id"], "skip": "again and again"})


def flood_of_errors(request):
    """Says much to people, and answers all the same."""
    for _ in range(200):
        os.write(2, b"warning: \x1b[31m\xff\xfe" * 1000)
    say({"id": request["id"], "skip": "has much to say"})


def killed(_):
    os.kill(os.getpid(), 40)  # a signal without a name


def children(_):
    """Leaves a child behind that holds its output open and ignores all polite signals."""
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(3600)"
    child = subprocess.Popen([sys.executable, "-c", code])
    print(f"child {child.pid}", file=sys.stderr, flush=True)
    hang()


def answers(value):
    return lambda request: say({"id": request["id"], "answers": {"criterion": value}})


SERVED = {
    "endless line": endless_line,
    "endless lines": endless_lines,
    "hang": hang,
    "children": children,
    "flood of errors": flood_of_errors,
    "crash": lambda _: sys.exit("segmentation fault, or so"),
    "killed": killed,
    "silent end": lambda _: os._exit(0),
    "closes its output": lambda _: (os.close(1), hang()),
    "not JSON": lambda _: write("Loading required package: Matrix\n"),
    "half a line": lambda _: (write('{"id": "half'), os._exit(0)),
    "not UTF-8": lambda _: os.write(1, b'{"id": "\xff\xfe"}\n'),
    "a list": lambda _: say([1, 2, 3]),
    "deep": lambda _: write("[" * 10**6 + "\n"),
    "a long number": lambda request: write(
        json.dumps({"id": request["id"]})[:-1] + ', "answers": {"criterion": %s}}\n' % ("9" * 10**5)
    ),
    "no answer": lambda request: say({"id": request["id"]}),
    "wrong id": lambda _: say({"id": "of another case"} | CRITERION),
    "no id": lambda _: say(CRITERION),
    "twice": lambda request: write((json.dumps({"id": request["id"]} | CRITERION) + "\n") * 2),
    "skip without a reason": lambda request: say({"id": request["id"], "skip": ""}),
    "NaN": answers(float("nan")),
    "infinite": answers(1e999),
    "null": answers(None),
    "a list of numbers": answers([1.0]),
    "a truth value": answers(True),
    "words": answers("NA"),
    "an object": answers({"value": 1.0}),
    "nothing asked": lambda request: say({"id": request["id"], "answers": {"X": [[1]]}}),
}


def start_with(message):
    return lambda: (next(requests()), say(message), hang())


WHOLE = {
    "crash at start": lambda: sys.exit("there is no package called lme4"),
    "hang at start": hang,
    "of another version": start_with(ME | {"version": 2}),
    "nameless": start_with({"version": 1}),
    "hang at stop": lambda: serve(lambda r: say({"id": r["id"], "skip": "no"}), stop=hang),
    "ignores pipes": lambda: (signal.signal(signal.SIGPIPE, signal.SIG_IGN), os.close(0), hang()),
}

if __name__ == "__main__":
    name = sys.argv[1]
    WHOLE[name]() if name in WHOLE else serve(SERVED[name])
