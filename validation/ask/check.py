"""For those who write an adapter: one request of each kind, and a sentence on what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from ..adapters.messages import Json
from ..suite import cases, verdicts
from ..suite.requests import request
from ..suite.text import count, plain
from ..suite.verdicts import PASS, SKIP, Outcome
from .implementations import Implementation

MODELS = ("sleepstudy-slopes-reml", "Dyestuff-reml")  # the second for who has one random effect
CASES = ("design", "evaluate-1", "evaluate-1.matrices", "fit", "fit.matrices", "inference")
SKIPPED = "skipped: "
ODD = 'an "odd" id, é\\'
UNKNOWN = "unknown"  # a level

Line = tuple[bool, str]  # whether it is right, and what was seen


def check(implementation: Implementation) -> Iterator[Line]:
    """What is right and what is wrong, a line each; at the end the implementation is closed."""
    yield True, "starts as {name} {version} ({language})".format(**implementation.about)
    lines: list[Line] = []
    for model in MODELS:
        asked = [cases.read(cases.FOLDER / f"{model}.{name}.json") for name in CASES]
        lines = [one_case(implementation, case) for case in asked]
        yield from lines
        first = next(
            (c for c, line in zip(asked, lines, strict=True) if SKIPPED not in line[1]), None
        )
        if first is not None:
            break
    if first is None:
        yield False, "all requests were skipped, so that no answer has been looked at"
        first = asked[0]
    first = request(first)
    yield from again(implementation, first)
    yield odd_id(implementation, first)
    yield unknown_level(implementation, first)
    wrong = implementation.close()
    yield not wrong, wrong or "ends when told to stop"


def one_case(implementation: Implementation, case: Json) -> Line:
    """One case."""
    message = implementation.answer(request(case))
    what = f"{case['level']}, form {case['form']}"
    if "error" in message:
        return False, f"{what}: {message['error']}"
    if "skip" in message:
        return True, f"{what}: {SKIPPED}{plain(message['skip'], 60)}"
    outcomes = verdicts.judge(case, message)
    notes = [f"{o.quantity}: {o.note}" for o in outcomes if o.note and o.verdict != SKIP]
    if notes:
        return False, f"{what}: {'; '.join(notes)}"
    return True, f"{what}: {tally(outcomes)}"


def tally(outcomes: tuple[Outcome, ...]) -> str:
    """How many answers are right; wrong numbers are for `run` to judge."""
    verdicts_ = [o.verdict for o in outcomes]
    passed, skipped = verdicts_.count(PASS), verdicts_.count(SKIP)
    return f"{passed} of {len(outcomes)} right, {skipped} skipped"


def again(implementation: Implementation, request: Json) -> Iterator[Line]:
    """The same request twice has the same answer, and an unknown key does no harm."""
    first, second = (implementation.answer(request) for _ in range(2))
    same = first == second
    yield same, "the same answer twice" if same else "the same request has another answer later"
    extra = implementation.answer({**request, "comment": "keys may be added in later versions"})
    same = extra == first
    yield same, "an unknown key is ignored" if same else "an unknown key changes the answer"


def odd_id(implementation: Implementation, request: Json) -> Line:
    """An id with quotes, a backslash and a letter beyond ASCII comes back as it is."""
    message = implementation.answer({**request, "id": ODD})
    if "lost" in message:
        return False, f"an id such as {ODD!r} does not come back: {message['error']}"
    return True, f"the id {ODD!r} comes back"


def unknown_level(implementation: Implementation, request: Json) -> Line:
    """A level that it does not know is skipped, or an error; the program goes on."""
    message = implementation.answer({**request, "level": UNKNOWN, "asked": [UNKNOWN]})
    if "lost" in message:
        return False, f"an unknown level should be skipped with a reason: {message['error']}"
    if message.get("answers"):
        return False, "an unknown level should be skipped with a reason, and was answered"
    if "answers" in message and UNKNOWN not in message.get("skipped", {}):
        return False, "a quantity of an unknown level is neither answered nor skipped"
    reason = message.get("skip") or message.get("error") or message["skipped"][UNKNOWN]
    return True, f"an unknown level is refused: {plain(reason, 60)}"


def verdict(lines: list[Line]) -> str:
    """The last line."""
    wrong = sum(not right for right, _ in lines)
    return f"{count(wrong, 'thing')} to repair" if wrong else "ready for `run`"
