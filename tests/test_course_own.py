"""A lecturer's own assignment: the file on the page is one, and what is wrong in others is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from refmixed import marginal
from validation.course import own
from validation.course.judging import by_values
from validation.course.questions import hidden
from validation.course.records import Expression, Function

FILE = Path(own.__file__).parents[1] / "examples" / "course" / "weights.toml"
TEXT = FILE.read_text("utf-8")


def test_the_example_of_the_page_is_an_assignment() -> None:
    one = own.read(FILE)
    function, formula = one.tasks
    assert isinstance(function, Function)
    assert isinstance(formula, Expression)
    assert one.points == 7
    questions = hidden(function, "ada")
    assert by_values(function, questions, [q.value for q in questions]).status == "right"
    wrong = [q.arguments["r"] @ q.arguments["r"] for q in questions]
    verdict = by_values(function, questions, wrong)
    assert (verdict.points, verdict.mistake) == (1.0, function.mistakes[0])
    assert marginal.Marginal.pwrss.__doc__


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "weights"\n', "", "'name' is a required property"),
        ("points = 4", 'points = "four"', "function/0/points: 'four' is not of type 'number'"),
        ("credit = 0.25", "credit = 2", "function/0/mistake/0/credit: 2 is greater"),
        ('model = "marginal"', 'model = "sparse"', "function/0/model: 'sparse' is not one of"),
        ("Marginal.pwrss", "Marginal.pwrs", "the task pwrss cannot be asked: AttributeError"),
        ('"r @ r"', '"r @ s"', "the task pwrss cannot be asked: NameError: name 's'"),
        ('"r @ r"', '"r @"', "the mistake of pwrss is no Python"),
        ("magnitude", "magnitud", "Additional properties are not allowed ('magnitud'"),
        ("[[function]]", "[[function", "cannot read"),
        ("{ r =", "{ s =", "the task pwrss does not say what r is"),
        ('"whole"', '"hole"', "formula/0/symbols/2/kind: 'hole' is not one of"),
        ("/ (n * w)", "/ (n * w", "the task relative_precision cannot be asked: The reference"),
        ("sqrt(n * w)", "sqrt(n * v)", "`v` is no symbol of this question"),
        ('"eq:r2"', '"eq:rr2"', "the book has no equation eq:rr2"),
    ],
)
def test_what_is_wrong_in_a_file_is_said(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "mine.toml"
    assert old in TEXT
    path.write_text(TEXT.replace(old, new, 1), "utf-8")
    with pytest.raises(own.OwnError) as told:
        own.read(path)
    assert said in str(told.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(own.OwnError, match=r"cannot read none\.toml: .*No such file"):
        own.read(tmp_path / "none.toml")
