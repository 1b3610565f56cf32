"""For those who write an adapter: one request of each kind, and a sentence on what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..adapters.messages import Json
from ..suite import cases, verdicts
from ..suite.requests import request
from ..suite.text import count, down, plain
from ..suite.verdicts import FAIL, NEAR_MISS, PASS, SKIP, Outcome
from .implementations import Implementation

MODELS = ("sleepstudy-slopes-reml", "Dyestuff-reml")  # the second for who has one random effect
CASES = ("design", "evaluate-1", "evaluate-1.matrices", "fit", "fit.matrices", "inference")
SKIPPED = "skipped: "
ODD = 'an "odd" id, é\\'
UNKNOWN = "unknown"  # a level

OK, NOTE, WRONG = "ok", "note", "WRONG"  # a note: the protocol is kept, and a number is not right

Line = tuple[str, str]  # one of these three, and what was seen


def check(implementation: Implementation) -> Iterator[Line]:
    """What is right and what is wrong, a line each; at the end the implementation is closed."""
    yield OK, "starts as {name} {version} ({language})".format(**implementation.about)
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
        yield WRONG, "all requests were skipped, so that no answer has been looked at"
        first = asked[0]
    first = request(first)
    yield from again(implementation, first)
    yield odd_id(implementation, first)
    yield unknown_level(implementation, first)
    wrong = implementation.close()
    yield either(not wrong), wrong or "ends when told to stop"


def either(right: bool) -> str:
    """How a line begins on what is right or wrong."""
    return OK if right else WRONG


def one_case(implementation: Implementation, case: Json) -> Line:
    """One case."""
    message = implementation.answer(request(case))
    what = f"{case['level']}, form {case['form']}"
    if "error" in message:
        return WRONG, f"{what}: {message['error']}"
    if "skip" in message:
        return OK, f"{what}: {SKIPPED}{plain(message['skip'], 60)}"
    outcomes = verdicts.judge(case, message)
    notes = [f"{o.quantity}: {o.note}" for o in outcomes if o.note and o.verdict != SKIP]
    if notes:
        return WRONG, f"{what}: {'; '.join(notes)}"
    if missed := [o for o in outcomes if o.verdict in (FAIL, NEAR_MISS)]:
        return NOTE, f"{what}: {not_right(missed)}; {tally(outcomes)}"
    return OK, f"{what}: {tally(outcomes)}"


def not_right(missed: Sequence[Outcome]) -> str:
    """Which numbers are not right, to how many digits the worst of them are, and what it may be."""
    worst = min(missed, key=lambda o: o.digits or 0.0)
    digits = f"{down(worst.digits or 0.0)} digits, {worst.required or 0.0:g} required"
    mistakes = "".join(f"; {name}?" for name in dict.fromkeys(o.mistake for o in missed) if name)
    verb = "is" if len(missed) == 1 else "are"
    return f"{', '.join(o.quantity for o in missed)} {verb} not right ({digits}{mistakes})"


def tally(outcomes: tuple[Outcome, ...]) -> str:
    """How many answers are right."""
    verdicts_ = [o.verdict for o in outcomes]
    passed, skipped = verdicts_.count(PASS), verdicts_.count(SKIP)
    return f"{passed} of {len(outcomes)} right, {skipped} skipped"


def again(implementation: Implementation, request: Json) -> Iterator[Line]:
    """The same request twice has the same answer, and an unknown key does no harm."""
    first, second = (implementation.answer(request) for _ in range(2))
    same = first == second
    yield (
        either(same),
        "the same answer twice" if same else "the same request is answered otherwise later",
    )
    extra = implementation.answer({**request, "comment": "keys may be added in later versions"})
    same = extra == first
    yield either(same), "an unknown key is ignored" if same else "an unknown key changes the answer"


def odd_id(implementation: Implementation, request: Json) -> Line:
    """An id with quotes, a backslash and a letter beyond ASCII comes back as it is."""
    message = implementation.answer({**request, "id": ODD})
    if "lost" in message:
        return WRONG, f"an id such as {ODD!r} does not come back: {message['error']}"
    return OK, f"the id {ODD!r} comes back"


def unknown_level(implementation: Implementation, request: Json) -> Line:
    """A level that it does not know is skipped, or an error; the program goes on."""
    message = implementation.answer({**request, "level": UNKNOWN, "asked": [UNKNOWN]})
    if "lost" in message:
        return WRONG, f"an unknown level should be skipped with a reason: {message['error']}"
    if message.get("answers"):
        return WRONG, "an unknown level should be skipped with a reason, and was answered"
    if "answers" in message and UNKNOWN not in message.get("skipped", {}):
        return WRONG, "a quantity of an unknown level is neither answered nor skipped"
    reason = message.get("skip") or message.get("error") or message["skipped"][UNKNOWN]
    return OK, f"an unknown level is refused: {plain(reason, 60)}"


def verdict(lines: Sequence[Line]) -> str:
    """The last line: what breaks the protocol is to be repaired; numbers are for `run` to judge."""
    kinds = [kind for kind, _ in lines]
    wrong, notes = kinds.count(WRONG), kinds.count(NOTE)
    first = f"{count(wrong, 'thing')} to repair" if wrong else "ready for `run`"
    return f"{first}; {count(notes, 'request')} with numbers that are not right" if notes else first
