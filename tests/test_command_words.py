"""No message advises a Python argument where the command line prints it: all of them are tried."""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from refmixed.after.printed import in_options
from refmixed.line import parser

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "refmixed"
PYTHON = re.compile(  # an argument, a value of one, a method, a name of a package
    r"(?<![\w.])[a-z_]+=(?![\d{])"
    r"|=(True|False|None)\b|\b(True|False|None)\b"
    r"|\b(fit|rm|refmixed|pandas|numpy)\.[a-z]|\.cat\."
    r"|\b(predict|anova|update|simulate|confint|ranef|test_\w+|drop1|lmer|lm)\("
)
ELSEWHERE = {  # what no command asks a fit for, or asks with arguments that are right
    "population", "study/sampling.py", "study/refit.py", "study/rows.py", "study/description.py",
    "study/code.py", "after/means", "after/confint.py", "after/draws/power.py",
    "after/draws/simulate.py", "after/joint.py", "after/ratio/drop.py",
    "after/ratio/random_terms.py", "after/ratio/update.py", "after/notebook.py", "after/refit.py",
    "after/augment.py", "after/switches.py", "r/picked.py", "r/tables.py", "r/cells.py",
    "r/habits.py",
}  # fmt: skip
OF_CALLS = {  # of a call with arguments that no option gives
    "type must be", "joint=False and rhs= are", "take se='model'", "random must be True",
    "reml must be True", "theta of {x} was given", "anova() compares",
    "use refmixed.lmer for it", "the offset of this fit was an argument",
    "a function as data must give", "not kept: give data=", "them again: give data=",
}  # fmt: skip

SAY = {  # the commands that print what a module says; of any other module, all that fit a model
    "after/limits": ("profile", "plot"),
    "after/draws": ("bootstrap",),
    "after/fixed": ("test",),
    "after/ratio": ("anova",),
    "after/predict.py": ("predict",),
    "prediction.py": ("predict",),
    "study": ("study",),
    "studies": ("study",),
}


def text(node: ast.AST) -> str | None:
    """A text as it stands in the code, what is put into it in braces."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        pieces = node.values
        return "".join(str(p.value) if isinstance(p, ast.Constant) else "{x}" for p in pieces)
    return None


def spoken(tree: ast.AST) -> Iterator[str]:
    """The sentences in the code of a module, its docstrings apart."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            for piece in ast.walk(node):
                piece.inside = piece is not node  # type: ignore[attr-defined]
        if isinstance(node, ast.Expr):
            node.value.inside = True  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        said = None if getattr(node, "inside", False) else text(node)
        if said and re.search(r"[a-z]+ [a-z]+", said):
            yield said


def under(place: str, known: str) -> bool:
    """Whether a file is a module, or in a room."""
    return place == known or place.startswith(f"{known}/")


@cache
def messages() -> dict[str, set[str]]:
    """All that a command could print of what refmixed says, and the commands that may."""
    found: dict[str, set[str]] = {}
    for path in sorted(HOUSE.rglob("*.py")):
        place = path.relative_to(HOUSE).as_posix()
        if place == "after/printed.py" or any(under(place, known) for known in ELSEWHERE):
            continue
        by = {name for known in SAY if under(place, known) for name in SAY[known]}
        for said in spoken(ast.parse(path.read_text("utf-8"))):
            if not any(part in said for part in OF_CALLS):
                found[said] = found.get(said, set()) | (by or FITS)
    return found


def commands() -> dict[str, argparse.Namespace]:
    """What each command is asked with: its options, none of them given."""
    (actions,) = (a for a in parser()._actions if a.dest == "command")
    found = {}
    for name, own in dict(actions.choices or {}).items():
        options = {a.dest: a.default for a in own._actions if a.dest != "help"}
        found[name] = argparse.Namespace(**options)
    return found


COMMANDS = commands()
FITS = {name for name, options in COMMANDS.items() if "formula" in options}


def python_in(said: str, names: set[str]) -> dict[str, str]:
    """The commands that print a message in words of Python, and these words."""
    told = {name: in_options(said, COMMANDS[name]) for name in names}
    return {name: words for name, words in told.items() if PYTHON.search(words)}


def test_there_are_messages_and_commands() -> None:
    assert {"fit", "predict", "test", "anova", "profile", "bootstrap", "plot"} == FITS
    assert sum(bool(PYTHON.search(said)) for said in messages()) > 15
    assert len(messages()) > 200


def test_no_message_advises_python_on_the_command_line() -> None:
    told = {said: python_in(said, names) for said, names in messages().items()}
    assert {said: found for said, found in told.items() if found} == {}


def test_advice_that_a_command_has_no_option_for_is_found() -> None:
    assert python_in("take reml=False, or fit.update()", {"fit"}) != {}
    assert python_in("the rows differ: give data=", FITS).keys() == FITS
    assert python_in("take route='auto'", FITS) == {}
