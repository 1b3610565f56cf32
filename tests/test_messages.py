"""Each error and warning has a section on the page of messages, and an example that gives it.

The page is derivations/messages.py; which classes there are is read from the text of refmixed.
"""

from __future__ import annotations

import ast
import io
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest

from derivations._book.says import says
from refmixed import RefmixedError, RefmixedWarning, errors, optimize
from refmixed.optimality import Optimality
from refmixed.r.summary import SINGULAR

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "derivations" / "messages.py"
CLASSES = [
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, RefmixedError | RefmixedWarning)
]
BASES = ["RefmixedError", "RefmixedWarning"]  # explained in the head of the page
NAMES = [name for name in CLASSES if name not in BASES]
REMARKS = {  # of fit.messages, and of no class: the title of the section, and what is said
    "Singular fit": SINGULAR,
    "Dropped columns": "fixed-effect model matrix is rank deficient so dropping 1 column",
    "Different scales": "Some predictor variables are on very different scales",
    "Hardly told apart": "covariance parameters can hardly be told apart",
}
ASKS = {"isinstance", "issubclass", "simplefilter", "filterwarnings", "suppress"}


# --- what there is --------------------------------------------------------------------------------


def given(tree: ast.AST) -> Iterator[str]:
    """The names that are raised, called, handed to a function, or kept to be so."""
    for node in ast.walk(tree):
        places: list[ast.expr | None] = []
        if isinstance(node, ast.Raise):
            places = [node.exc]
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") not in ASKS:
            if getattr(node.func, "attr", "") not in ASKS:
                places = [node.func, *node.args, *(keyword.value for keyword in node.keywords)]
        elif isinstance(node, ast.arguments):
            places = [*node.defaults, *node.kw_defaults]
        elif isinstance(node, ast.Dict):
            places = [*node.values]
        yield from (place.id for place in places if isinstance(place, ast.Name))


def classes_given() -> set[str]:
    """The classes of errors.py that some module of refmixed raises or warns with."""
    trees = (ast.parse(path.read_text("utf-8")) for path in (ROOT / "refmixed").rglob("*.py"))
    return {name for tree in trees for name in given(tree) if name in CLASSES}


def sections(text: str) -> dict[str, str]:
    """The code under each title of a page; that before the first title under ""."""
    found = {"": ""}
    for cell in re.split(r"^# %%", text, flags=re.MULTILINE)[1:]:
        kind, _, rest = cell.partition("\n")
        if "[markdown]" in kind:
            found |= dict.fromkeys(re.findall(r"^# ### (.+)$", rest, re.MULTILINE), "")
        else:
            found[list(found)[-1]] += rest
    return found


@pytest.fixture(scope="module")
def printed() -> dict[str, str]:
    """What the code of each section prints; all of it is run, in order."""
    output, names = {}, {"__name__": "__main__"}
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(PAGE.parent)
        for title, code in sections(PAGE.read_text("utf-8")).items():
            with redirect_stdout(io.StringIO()) as out:
                exec(compile(code, f"{PAGE}: {title}", "exec"), names)
            output[title] = out.getvalue()
    return output


# --- the two lists --------------------------------------------------------------------------------


def test_every_class_is_given_somewhere() -> None:
    assert classes_given() == set(NAMES)


def test_the_page_has_a_section_for_each_in_the_order_of_the_file() -> None:
    assert list(sections(PAGE.read_text("utf-8")))[1:] == [*NAMES, *REMARKS]


@pytest.mark.parametrize("name", NAMES)
def test_an_example_gives_the_message(printed: dict[str, str], name: str) -> None:
    assert re.match(rf"{name}: \S", printed[name])


@pytest.mark.parametrize(("title", "remark"), REMARKS.items())
def test_an_example_gives_the_remark(printed: dict[str, str], title: str, remark: str) -> None:
    assert remark in printed[title]


def test_the_command_line_has_the_name_in_brackets(printed: dict[str, str]) -> None:
    assert printed[""].startswith("refmixed: error: cannot read slep.csv")
    assert printed[""].split("\n")[0].endswith("[DataError]")


def test_all_conditions_of_a_minimum_are_explained() -> None:
    page = re.sub(r"\n# +", " ", PAGE.read_text("utf-8"))
    conditions = [*Optimality(np.nan, np.nan, np.nan).failures, optimize.ENDLESS]
    assert len(conditions) == 4
    for condition in conditions:
        assert f'"{re.sub(r" by nan| .nan.", "", condition)}":' in page


# --- mistakes, planted ----------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["FormulaError", "RankWarning", "Hardly told apart"])
def test_a_section_that_is_left_out_is_missed(title: str) -> None:
    left = PAGE.read_text("utf-8").replace(f"# ### {title}\n", "")
    assert {*NAMES, *REMARKS} - set(sections(left)) == {title}


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("raise RankError('no')", {"RankError"}),
        ("raise RankError", {"RankError"}),
        ("raise RankError('no') from error", {"RankError"}),
        ("def f(): return OptionError('no')", {"OptionError"}),
        ("warnings.warn('well', RankWarning, stacklevel=2)", {"RankWarning"}),
        ("warnings.warn('well', category=RankWarning)", {"RankWarning"}),
        ("per_row('weights', w, n, WeightsError)", {"WeightsError"}),
        ("def f(x, error=DataError): ...", {"DataError"}),
        ("def f(x, *, error=DataError): ...", {"DataError"}),
        ("errors = {'weights': WeightsError}", {"WeightsError"}),
        ("from .errors import RankError", set()),
        ("try:\n    f()\nexcept RankError:\n    pass", set()),
        ("isinstance(error, RankError)", set()),
        ("warnings.simplefilter('ignore', RankWarning)", set()),
        ("def f(x: RankError) -> RankError: ...", set()),
        ("class OtherError(RankError): ...", set()),
    ],
)
def test_what_gives_a_class_and_what_only_speaks_of_it(code: str, found: set[str]) -> None:
    assert set(given(ast.parse(code))) & set(CLASSES) == found


def silent() -> None:
    """Nothing to say."""


def two() -> None:
    warnings.warn("one", errors.RankWarning, stacklevel=1)
    warnings.warn("two", errors.RankWarning, stacklevel=1)


def both() -> None:
    warnings.warn("one", errors.RankWarning, stacklevel=1)
    raise errors.RankError("two")


def derived() -> None:
    raise errors.BarError("a FormulaError, but not that itself")


def another() -> None:
    warnings.warn("of another library", UserWarning, stacklevel=1)


@pytest.mark.parametrize(
    ("example", "name"),
    [
        (silent, "RankWarning"),
        (two, "RankWarning"),
        (both, "RankWarning"),
        (both, "RankError"),
        (derived, "FormulaError"),
        (another, "RankWarning"),
    ],
)
def test_an_example_that_says_something_else_fails(example: Callable[[], None], name: str) -> None:
    with pytest.raises(AssertionError, match=f"{name} is expected"), says(name):
        example()


def test_an_example_says_its_message(capsys: pytest.CaptureFixture[str]) -> None:
    with says("BarError"):
        derived()
    assert capsys.readouterr().out == "BarError: a FormulaError, but not that itself\n"
