"""What goes to R comes back unchanged, what R says is data, and guesses are refused."""

import subprocess
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from validation.adapters import r

pytestmark = pytest.mark.usefixtures("lme4")

SHOW = "function(d) vapply(d, function(x) paste(class(x)[1], paste(x, collapse = ' ')), '')"


@pytest.mark.parametrize(
    "values", [np.arange(24).reshape(2, 3, 4), np.eye(2), np.array([0.1, np.inf])]
)
def test_arrays_go_and_return(values: Any) -> None:
    np.testing.assert_array_equal(r.to_python(r.array(values)), values)


def test_columns_have_the_type_of_r() -> None:
    data = pd.DataFrame(
        {
            "yes": [True, False],
            "small": [1, -2],
            "large": [2**40, 1],
            "real": [1.5, np.nan],
            "gap": pd.array([7, None], dtype="Int64"),
            "maybe": pd.array([True, None], dtype="boolean"),
            "factor": pd.Categorical(["x", None], ["z", "x"]),
            "ordered": pd.Categorical([2, 10], [10, 2], ordered=True),
        }
    )
    assert r.ask(SHOW, data) == [
        "logical TRUE FALSE",
        "integer 1 -2",
        "numeric 1099511627776 1",
        "numeric 1.5 NaN",
        "numeric 7 NaN",
        "logical TRUE NA",
        "factor x NA",
        "ordered 2 10",
    ]
    levels = r.ask("function(d) list(levels(d$factor), levels(d$ordered))", data)
    assert levels == [["z", "x"], ["10", "2"]]


@pytest.mark.parametrize(
    "column",
    [["a", "b"], pd.to_datetime(["2020-01-01"] * 2), pd.Categorical([1.5, 2.0]), [2**60, 1]],
)
def test_what_r_would_guess_is_refused(column: Any) -> None:
    with pytest.raises(TypeError):
        r.frame(pd.DataFrame({"column": column}))


def test_missing_values_return() -> None:
    numbers, strings, truths = r.ask("function() list(c(1L, NA), c('a', NA), c(NA, TRUE))")
    np.testing.assert_array_equal(numbers, [1.0, np.nan])
    assert (strings, truths) == (["a", None], [None, True])


def test_empty_things_keep_their_shape() -> None:
    null, vector, matrix = r.ask("function() list(NULL, numeric(), matrix(0, 0, 3))")
    assert (null, vector.shape, matrix.shape) == (None, (0,), (0, 3))


def test_names_that_repeat_are_refused() -> None:
    with pytest.raises(TypeError, match="names repeat"):
        r.ask("function() list(a = 1, a = 2)")


def test_conditions_are_data(capfd: pytest.CaptureFixture[str]) -> None:
    answer = r.call(r.define("function() { print(1); message('m'); warning('w'); 2 }"))
    assert (answer.warnings, answer.messages, list(r.to_python(answer.value))) == (
        ("w",),
        ("m",),
        [2],
    )
    with pytest.raises(r.RError, match=r"^it broke$"):
        r.ask("function() stop('it broke')")
    assert capfd.readouterr() == ("", "")


def test_why_r_is_missing_is_told(monkeypatch: pytest.MonkeyPatch, lme4: ModuleType) -> None:
    def broken() -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(r, "interface", broken)
    assert r.available.__wrapped__() == (False, "RuntimeError: two lines")


def test_programs_started_beside_r_find_their_own_libraries(lme4: ModuleType) -> None:
    """R adds its folders to LD_LIBRARY_PATH, where another libpython may lie."""
    told = subprocess.run(["printenv", "LD_LIBRARY_PATH"], capture_output=True, text=True).stdout
    assert "/R/" not in told
