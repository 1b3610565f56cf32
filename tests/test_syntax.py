"""The text of a formula is read, written and evaluated as R does it."""

import random
from collections.abc import Callable
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from refmixed.errors import FormulaError, InfiniteValueError
from refmixed.r.deparse import deparse, deparse_lines
from refmixed.r.parse import Node, parse
from refmixed.r.variable import Variable
from validation.adapters import r

NAMES = ["y", "x", "Days", "a.long.name_here", "temperature_of_oven", "`odd name`", ".hid", "größe"]
NUMBERS = [
    "1",
    "0",
    "2.50",
    "1e5",
    "0.001",
    "1e-5",
    "123456789",
    "2L",
    "1e15",
    ".5",
    "5.",
    "100000",
]
NUMBERS += ["0.1234567890123456789", "100000L"]
STRINGS = ["'a b'", '"q"', "'it\"s'", '"it\'s"', "TRUE"]
OPERATORS = [
    "+",
    "-",
    "*",
    "/",
    ":",
    "^",
    "**",
    "%in%",
    "%%",
    "%/%",
    ">",
    "<=",
    "==",
    "!=",
    "&",
    "&&",
    "|",
    "||",
    "~",
]


def random_text(rng: random.Random, depth: int) -> str:
    """An expression, sparing with blanks and with brackets."""
    kind = rng.random()
    if depth == 0 or kind < 0.25:
        return rng.choice(rng.choice([NAMES, NAMES, NUMBERS, STRINGS]))
    inner = random_text(rng, depth - 1)
    if kind < 0.65:
        blank = rng.choice(["", " "])
        operator = rng.choice(OPERATORS)
        return f"{inner}{blank}{operator}{blank}{random_text(rng, depth - 1)}"
    if kind < 0.8:
        return f"({inner})"
    if kind < 0.9:
        return f"{rng.choice(['log', 'as.factor'])}({inner}, degree={random_text(rng, 1)},'q')"
    return rng.choice("-+!") + inner


def written(text: str) -> list[str] | None:
    """What refmixed writes for a text; None where it refuses to read it."""
    try:
        return list(deparse_lines(parse(text)))
    except FormulaError:
        return None


DEPARSE = (
    "function(text) lapply(text, function(t) tryCatch(deparse(str2lang(t)), error = \\(e) NULL))"
)


def test_any_formula_is_written_as_r_writes_it(lme4: ModuleType) -> None:
    r.interface().evalr("suppressWarnings(Sys.setlocale('LC_CTYPE', 'C.UTF-8'))")
    rng = random.Random(1)
    texts = [f"y~{random_text(rng, rng.choice([2, 3, 4, 5]))}" for _ in range(600)]
    answers = r.ask(DEPARSE, texts)
    assert [(t, written(t)) for t in texts] == list(zip(texts, answers, strict=True))
    lengths = [len(answer) for answer in answers if answer]
    assert 20 < answers.count(None) < 100
    assert lengths.count(1) > 300
    assert sum(length > 2 for length in lengths) > 20


@pytest.mark.parametrize(
    ("text", "as_written"),
    [
        ("y~x+(x|g)", "y ~ x + (x | g)"),
        ("y ~ a**2", "y ~ a^2"),
        ("y~-a^b:c%in%d*e+f", "y ~ -a^b:c %in% d * e + f"),
        ("y~I(x %% 2)/z", "y ~ I(x%%2)/z"),
        ("y~poly( x,2L,raw =TRUE)", "y ~ poly(x, 2L, raw = TRUE)"),
        ("y~`x`+`odd name`+`_u`+`next`", "y ~ x + `odd name` + `_u` + `next`"),
        ("y~`x²`+größe+`größe`", "y ~ `x²` + größe + größe"),
        (r"y~`a\tb`+`\001`+`e\u0301`", "y ~ `a\\tb` + `\\001` + `e\u0301`"),
        ("y~1e5*x+0.10+1e-5+123456", "y ~ 1e+05 * x + 0.1 + 1e-05 + 123456"),
        ("y~relevel(f,'it\"s')", 'y ~ relevel(f, "it\\"s")'),
    ],
)
def test_blanks_numbers_and_quotes_are_r_s(text: str, as_written: str) -> None:
    assert deparse_lines(parse(text)) == (as_written,)


def test_a_line_ends_after_the_operator_that_made_it_too_long() -> None:
    text = f"y ~ {'a' * 30} + {'b' * 30} + log({'c' * 30}, {'d' * 30}) + e"
    assert deparse_lines(parse(text)) == (
        f"y ~ {'a' * 30} + {'b' * 30} + ",
        f"    log({'c' * 30}, {'d' * 30}) + ",
        "    e",
    )


def test_in_a_name_an_integer_has_no_l() -> None:
    assert deparse(parse("poly(x, 2L)")) == "poly(x, 2)"


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("y ~ x + * z", 8, "something is missing before '*'"),
        ("y ~ x +", 7, "something is missing at the end"),
        ("", 0, "something is missing at the end"),
        ("~ x", 0, "something is missing before '~'"),
        ("y ~ x $ z", 6, "'$' is not part of a formula"),
        ("y ~ x – z", 6, "'–' is not part of a formula"),
        ("y ~ `x + z", 4, "'`' is not part of a formula"),
        ("y ~ x + (1 | g", 14, "expected ')'"),
        ("y ~ x + (1 | g))", 15, "expected an operator, or the end"),
        ("y ~ x z", 6, "expected an operator, or the end"),
        ("y = x", 2, "expected an operator, or the end"),
        ("y ~ log(x z)", 10, "expected ','"),
        ("y ~ log(x", 9, "expected ','"),
        ("y ~ ()", 5, "something is missing before ')'"),
        ("y ~ (1 < x < 2)", 11, "'<' cannot follow a comparison without brackets"),
    ],
)
def test_a_caret_stands_under_the_mistake(text: str, at: int, message: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert str(caught.value) == f"{message}\n  {text}\n  {' ' * at}^"


def test_a_caret_stands_under_the_mistake_where_characters_are_wide() -> None:
    with pytest.raises(FormulaError, match=r"'\$' is not part") as caught:
        parse("y ~ 変数 $ z")
    assert str(caught.value).splitlines()[2] == f"  {' ' * len('y ~ 1234 ')}^"


@pytest.mark.parametrize(
    "brackets",
    [
        ("-a^2", "-(a^2)"),
        ("-a:b", "(-a):b"),
        ("2^3^2", "2^(3^2)"),
        ("a - b - c", "(a - b) - c"),
        ("a / b * c", "(a / b) * c"),
        ("a * b %% c", "a * (b %% c)"),
        ("a + b == c * d", "(a + b) == (c * d)"),
        ("!a == b", "!(a == b)"),
        ("!a & b", "(!a) & b"),
        ("a | b & c", "a | (b & c)"),
        ("y ~ a + b | g", "y ~ ((a + b) | g)"),
        ("y ~ 1 | g / h", "y ~ (1 | (g / h))"),
        ("a ^ -b + c", "(a ^ (-b)) + c"),
    ],
    ids=" is ".join,
)
def test_operators_bind_as_in_r(brackets: tuple[str, str]) -> None:
    bare, explicit = (prefix(parse(text)) for text in brackets)
    assert bare == explicit


def prefix(node: Node) -> str:
    """A tree in prefix notation, which needs no brackets."""
    args = [prefix(arg) for arg in node.args]
    return args[0] if node.kind == "brackets" else f"{node.text}({' '.join(args)})"


EVALUATE = """function(text, data) lapply(text, function(t) as.numeric(eval(str2lang(t), data)))"""
DATA = pd.DataFrame(
    {
        "x": [0.25, 1.5, 3.0, 2.0, 7.5],
        "z": [2.0, 0.5, 1.25, 3.0, 1.0],
        "n": [-1.0, 4.0, 0.0, -2.5, 2.0],
        "b": [True, False, True, True, False],
        "c": [False, False, True, True, True],
    }
)


def random_number(rng: random.Random, depth: int) -> str:
    """Arithmetic, in which logical values count as 0 and 1."""
    if depth == 0:
        return rng.choice(["x", "z", "n", "b", "1", "2", "3", "0.5", "pi", "TRUE"])
    inner = random_number(rng, depth - 1)
    if rng.random() < 0.6:
        operator = rng.choice(["+", "-", "*", "/", "^", "%%", "%/%"])
        return f"{inner} {operator} {random_number(rng, rng.randrange(depth))}"
    calls = ["sqrt({})", "exp({})", "abs({})", "pmax({}, 1)", "ifelse(b, {}, z)", "round({})"]
    return rng.choice(["({})", "-{}", *calls]).format(inner)


def random_logical(rng: random.Random, depth: int) -> str:
    """Comparisons, whose sides are never missing, and what joins them."""
    if depth == 0:
        sides = rng.choice(["x", "z", "n + 1", "x*z", "b"]), rng.choice(["1", "z - n", "-n*2", "c"])
        return f"{sides[0]} {rng.choice(['<', '<=', '>', '>=', '==', '!='])} {sides[1]}"
    a, b = random_logical(rng, depth - 1), random_logical(rng, depth - 1)
    return rng.choice([f"{a} & {b}", f"{a} | {b}", f"!{a}", f"({a})", f"({a}) + ({b}) > 1"])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", [random_number, random_logical])
def test_an_expression_means_what_it_means_in_r(
    lme4: ModuleType, kind: Callable[[random.Random, int], str]
) -> None:
    rng = random.Random(2)
    texts = [f"I({kind(rng, rng.choice([1, 2, 3]))})" for _ in range(300)]
    refused = 0
    for text, answer in zip(texts, r.ask(EVALUATE, texts, DATA), strict=True):
        expected = np.broadcast_to(answer, 5)
        finite = np.isfinite(expected)
        try:
            ours = Variable(parse(text)).evaluate(DATA).astype(float).ravel()
        except InfiniteValueError:
            assert not finite.all(), text
            refused += 1
            continue
        assert not np.isfinite(ours[~finite]).any(), text
        np.testing.assert_allclose(ours[finite], expected[finite], 1e-13, 1e-14, err_msg=text)
    assert refused < 60
