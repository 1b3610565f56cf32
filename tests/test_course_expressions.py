"""A formula that is right is right however it is typed; a wrong one, or code, is nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from validation.course import expressions
from validation.course.equality import Compared, compare, mistake, same
from validation.course.expressions import answers, as_text
from validation.course.points import KINDS, Asked, Symbol, ask, drawn

COURSE = Path(expressions.__file__).parents[1]
N = Symbol("n", "whole", also=("N",))
SIGMA, TAU = Symbol("sigma", also=("s",)), Symbol("tau")
RHO = Symbol("rho", "correlation")
SCALARS = (N, SIGMA, TAU, RHO, Symbol("lambda"), Symbol("m", "whole"))
P, Q = Symbol("p", "whole", most=3), Symbol("q", "whole")
MODEL = (
    P, Symbol("n", "whole", least=5, where=lambda v: v["n"] > v["p"]), Q,
    Symbol("X", "matrix", size=("n", "p")), Symbol("Z", "matrix", size=("n", "q")),
    Symbol("W", "diagonal", size=("n",)), Symbol("T", "definite", size=("q",)),
    Symbol("V", "definite", size=("n",)), Symbol("y", "vector", size=("n",)), SIGMA,
)  # fmt: skip


def judged(answer: str, reference: str, symbols: tuple[Symbol, ...], seed: int = 1) -> Compared:
    """How an answer compares with the reference."""
    asked = ask(reference, symbols, np.random.default_rng(seed))
    return compare(asked, given_by(asked, answer))


def given_by(asked: Asked, answer: str) -> list[Any]:
    """What the child says of an answer, through the text that passes between."""
    return json.loads(json.dumps(answers(answer, asked.names, asked.points, asked.needed)))


# --- right answers --------------------------------------------------------------------------------

BIAS, SHRUNK, LOG = "sigma**2*(n - 1)/n", "n*tau**2/(n*tau**2 + sigma**2)", "log(1 - rho**2)"
DEVIANCE = "n*log(2*pi*sigma**2) + n"
WRITTEN: dict[str, tuple[str, ...]] = {
    BIAS: (
        "sigma^2 (n-1)/n", "σ²(n−1)/n", "sigma2*(1 - 1/n)", "s2*(N-1)/N", "s^2 - s^2/N",
        "(n - 1) sigma**2 / n", "σ^2·(n−1)÷n", "sigma**2 * (1 - n**-1)", "σ² − σ²/n",
        "(1 - 1/n)*exp(2*log(sigma))", "sqrt(sigma**4)*(n-1)/n", "σ2(n-1)n⁻¹", "𝜎²(n-1)/n",
        "sympy.Rational(1, 2)*2*sigma^2*(n-1)/n", "Sum(sigma2, (i, 2, n))/n",
        "1.0*sigma**2 - Sum(sigma2/n**2, (i, 1, n))", "2*sigma**2/n**2 * Sum(i - 1, (i, 1, n))",
    ),
    SHRUNK: (
        "tau2/(tau2 + sigma2/n)", "1/(1 + sigma^2/(n tau^2))", "τ²/(τ² + σ²/n)",
        "1 - sigma**2/(sigma**2 + n*tau**2)", "(1/sigma2 * n)/(n/sigma2 + 1/tau2)",
        "n τ²/(σ² + n τ²)", "n*tau*tau/(n*tau*tau+sigma*sigma)", "(1+(sigma/tau)^2/n)**(-1)",
    ),
    LOG: (
        "log(1-rho) + log(1+rho)", "ln((1-ρ)(1+ρ))", "np.log(1 - rho^2)", "2*log(sqrt(1-rho^2))",
        "-log(1/(1-rho²))", "log1p(-rho**2)", "numpy.log1p(-rho) + numpy.log1p(rho)",
        "sympy.log(0.5) + math.log(2 - 2rho²)", "log(det([[1, rho], [rho, 1]]))",
    ),
    DEVIANCE: (
        "n*(1 + log(2*pi) + 2*log(sigma))", "n + n ln(2π σ²)", "n log(2 np.pi) + n(1 + log(s2))",
        "2*n*(log(sigma) + log(2*pi)/2 + 1/2)", "n*log(2*pi*e*sigma^2)",
        "n + 2n ln(sigma) + Sum(log(2pi), (i, 1, n))",
    ),
    "lambda/2 + n": ("0.5 lambda + n", "λ/2+N", "(lamda + 2n)/2", ".5*lam + n", "5e-1*lambda_ + n"),
    "n*m*(m + 1)/2": ("Sum(Sum(j, (j, 1, m)), (i, 1, n))", "Sum(j, (j, 1, m), (i, 1, n))"),
}  # fmt: skip
BLUP, HAT = "T*Z.T*inv(inv(W) + Z*T*Z.T)*y", "X*inv(X.T*inv(V)*X)*X.T*inv(V)"
MATRICES: dict[str, tuple[str, ...]] = {
    BLUP: (
        "T*Z'*inv(W^-1 + Z*T*Z')*y", "inv(Z'*W*Z + inv(T))*Z'*W*y",
        "(Z.T @ W @ Z + T**-1)**-1 @ Z.T @ W @ y", "np.linalg.inv(Z.T@W@Z + T.I)@Z.T@W@y",
        "T*transpose(Z)*(W⁻¹ + Z*T*Zᵀ)⁻¹*y", "T*inv(I + Z^T*W*Z*T)*Z^T*W*y",
        "T*inv(I(q) + Z'W Z T)*Z'W y", "T.transpose()*Z'*W*y - T*Z'*W*Z*inv(Z'W Z+inv(T))*Z'*W*y",
    ),
    HAT: ("X (X'V^-1 X)^-1 X'V^-1", "X*(X.T*V.inv()*X).inv()*X.T*V.inv()"),
    "I(n) - " + HAT: ("eye(n) - " + HAT, "I - " + HAT, "I_n - " + HAT, "-(" + HAT + " - I)"),
    "log(det(inv(W) + Z*T*Z.T))": (
        "logdet(Z'*W*Z + inv(T)) + log(det(T)) - log(det(W))",
        "-log(det(W)) + log(det(I(q) + T*Z'*W*Z))", "log(det(I + Z*T*Z'*W)/det(W))",
    ),
    "y.T*inv(V)*y": ("trace(inv(V)*y*y')", "tr(y y'V.I)", "Sum(y[i]*(V**-1*y)[i], (i, 1, n))"),
    "sigma**2*(I(n) + Z*T*Z.T)": (
        "I*sigma^2 + s2*Z*T*Z'", "σ²(I + Z T Z')", "(Z T Z' + I)*σ²", "σ²*(I*2 + Z T Z' - I**-1)",
    ),
    "sigma**2*(inv(W) + Z*T*Z.T)": ("sigma2 inv(W) + s2*Z*T*Z'", "Z*(σ² T)*Z' + σ²/1*W^-1"),
    "ones(n).T*y/n": ("Sum(y[i], (i, 1, n))/n", "(1/n)*Sum(y[k], (k, 1, n))"),
}  # fmt: skip
RIGHT = [(a, r, SCALARS) for r, several in WRITTEN.items() for a in several]
RIGHT += [(a, r, MODEL) for r, several in MATRICES.items() for a in several]


def test_there_are_forty_ways_to_be_right() -> None:
    assert len(RIGHT) >= 40


@pytest.mark.parametrize(("answer", "reference", "symbols"), RIGHT)
def test_what_is_written_otherwise_is_equal(answer: str, reference: str, symbols: Any) -> None:
    assert judged(answer, reference, symbols) == Compared("equal")


@pytest.mark.parametrize("answer", ["σ²/n\N{COMBINING MACRON}", "σ^2 / n_bar", "sigma2/nbar"])
def test_a_bar_is_written_as_on_paper(answer: str) -> None:
    n_bar = Symbol("n_bar", "whole", also=("nbar",))
    assert judged(answer, "sigma**2/n_bar", (n_bar, SIGMA)).status == "equal"


def test_a_product_with_a_bar_is_told_to_want_a_sign() -> None:
    symbols = (Symbol("J", "whole"), Symbol("n_bar", "whole"))
    told = judged("Jn\N{COMBINING MACRON}", "J*n_bar", symbols)
    assert told.status == "refused"
    assert "write * between them" in told.text


def test_an_expression_of_sympys_is_read_as_its_text() -> None:
    n, sigma = sp.symbols("n sigma", positive=True)
    i = sp.Symbol("i", integer=True)
    assert judged(as_text(sigma**2 * (1 - 1 / n)), BIAS, SCALARS).status == "equal"
    summed = sp.Sum(sigma**2, (i, 2, n)) / n
    assert judged(as_text(summed), BIAS, SCALARS).status == "equal"
    V, y = sp.MatrixSymbol("V", 5, 5), sp.MatrixSymbol("y", 5, 1)
    assert judged(as_text(y.T * V.inv() * y), "y.T*inv(V)*y", MODEL).status == "equal"
    trace = as_text(sp.Trace(V.inv() * y * y.T))
    assert judged(trace, "y.T*inv(V)*y", MODEL).status == "equal"
    lamda = as_text(sp.Symbol("lambda") / 2 + n)
    assert judged(lamda, "lambda/2 + n", SCALARS).status == "equal"
    assert as_text(0.5) == "0.5"
    with pytest.raises(TypeError, match="quotation marks"):
        as_text(print)


# --- wrong answers --------------------------------------------------------------------------------

WRONG: dict[str, tuple[str, ...]] = {
    BIAS: ("sigma**2", "sigma**2*n/(n-1)", "-sigma**2*(n-1)/n", "sigma*(n-1)/n", "s2*(n-2)/n"),
    SHRUNK: ("tau2/(tau2 + sigma2)", "sigma2/(n*tau2 + sigma2)", "n*tau/(n*tau + sigma)"),
    LOG: ("log(1 + rho**2)", "log(1-rho) - log(1+rho)", "2*log(1-rho)", "log(1-rho^2)/2", "-rho^2"),
    DEVIANCE: ("n*log(2*pi*sigma**2)", "n*log(2*pi*sigma) + n", "(n-1)*log(2*pi*sigma2) + n"),
}
WRONG_MATRICES: dict[str, tuple[str, ...]] = {
    BLUP: (
        "T*Z'*inv(W + Z*T*Z')*y",
        "inv(Z'*W*Z + T)*Z'*W*y",
        "Z'*inv(W^-1 + Z*T*Z')*y",
        "Z*T*Z'*y",
    ),
    HAT: ("X*inv(X'*X)*X'", "X*inv(X.T*V*X)*X.T*V", "inv(X'*inv(V)*X)*X'*inv(V)"),
    "log(det(inv(W) + Z*T*Z.T))": ("log(det(W) + det(T))", "log(det(Z'*W*Z + inv(T)))"),
    "y.T*inv(V)*y": ("y.T*V*y", "y.T*y", "y*y.T*inv(V)"),
}
ALL_WRONG = [(w, r, SCALARS) for r, several in WRONG.items() for w in several]
ALL_WRONG += [(w, r, MODEL) for r, several in WRONG_MATRICES.items() for w in several]


@pytest.mark.parametrize(("answer", "reference", "symbols"), ALL_WRONG)
def test_what_is_wrong_is_unequal(answer: str, reference: str, symbols: Any) -> None:
    assert judged(answer, reference, symbols).status == "unequal"


def test_no_wrong_answer_is_equal_at_any_of_a_thousand_points() -> None:
    """Of single points: what an answer is worth rests on four."""
    found = []
    for seed in range(7):
        for reference, several in WRONG.items():
            asked = ask(reference, SCALARS, np.random.default_rng(seed))
            for wrong in several:
                given = answers(wrong, asked.names, asked.points)
                values = [answer["value"] for answer in given]
                found += map(same, asked.values, values)
    assert len(found) >= 1000
    assert set(found) == {False}


def test_the_mistake_that_an_answer_equals_is_named() -> None:
    wrong = {"variance of the mean": "sigma**2/n", "unbiased": "sigma**2"}
    asked = ask(BIAS, SCALARS, np.random.default_rng(1))
    assert mistake(asked, given_by(asked, "σ²"), wrong) == "unbiased"
    assert mistake(asked, given_by(asked, "s^2 n^-1"), wrong) == "variance of the mean"
    assert mistake(asked, given_by(asked, "3 s^2"), wrong) is None
    assert mistake(asked, given_by(asked, "foo"), wrong) is None


# --- what is refused, has no value, or is not known -----------------------------------------------

REFUSED = {  # what no formula has, and words of the sentence
    "__import__('math').pi": "no text is read",
    "'sigma'": "no text is read",
    "print(n)": "`print` is no function that is read",
    "n.__class__": "`.__class__` is not read",
    "().__class__.__bases__": "is not read",
    "n.real": "`.real` is not read",
    "np.linalg.svd(n)": "`svd` is no function",
    "[i for i in n]": "`for` is a word of Python's",
    "f'{n}'": "`{` is not read",
    "(x := n)": "`:` is not read",
    "lambda x: x": "`:` is not read",
    "n if n else n": "`if` is a word of Python's",
    "import math": "`import` is a word of Python's",
    "log(*n)": "this is not read in a formula",
    "log(n, base=2)": "an answer is one side of an equation",
    "n; n": "`;` is not read",
    "n < 2": "`<` is not read",
    "log(n, 2)": "`log` has 1 argument, not 2",
    "foo + n": "`foo` is no symbol of this question; there are n, sigma, tau, rho, lambda, m",
    "nm": "`nm` is no symbol of this question; there are n, sigma, tau, rho, lambda, m: write *",
    "log": "`log` needs brackets",
    "log^2(n)": "`log` needs brackets",
    "log n": "`log` needs brackets",
    "1/2n": "two ways",
    "n^2m": "two ways",
    "2 3": "a number goes before",
    "n +": "is missing",
    "* n": "is missing",
    "(n": "this bracket is not closed",
    "n)": "closes no bracket",
    "": "the answer is empty",
    "   ": "the answer is empty",
    "0,5": "a point, 0.5",
    "n()": "nothing stands in these brackets",
    "n!": "factorials",
    r"\frac{n}{m}": r"`\` is not read in a formula: this is no LaTeX",
    "$n$": "this is no LaTeX",
    "n\N{COMBINING MACRON}": "`n_bar` is no symbol of this question",
    "|rho|": "write Abs(x)",
    "σ² = 3": "one side",
    "①e999": "Latin and Greek",
    "д": "Latin and Greek",
    "1e400": "too large or too small (at character 1",
    "9**9**9": "a power is at most 1,000",
    "n**(10**9)": "a power is at most 1,000",
    "1" * 100: "at most 40 digits",
    "n+" * 999 + "n": "too long or too deep",
    "n" * 3000: "at most 2,000 characters, and this has 3,000",
    "-" * 1900 + "n": "too long or too deep",
    "(" * 100 + "n" + ")" * 100: "at most 40 brackets",
    "Sum(i, (i, 1, 10**6))": "an end of a sum is a whole number",
    "Sum(n)": "a sum is written Sum(term, (i, 1, n))",
    "I": "the size of `I`",
}
REFUSED_MATRICES = {
    "X*X": "these cannot be multiplied",
    "X + y": "these cannot be added",
    "1/V": "a matrix does not divide",
    "inv(X)": "the inverse is of square matrices",
    "log(V)": "it was given a matrix",
    "V**0.5": "a matrix has whole powers",
    "T(Z)": "`T` is a symbol of this question",
    "y[0]": "a subscript is a whole number from 1",
}


@pytest.mark.parametrize(("answer", "words"), REFUSED.items())
def test_what_is_no_formula_is_refused_in_a_sentence(answer: str, words: str) -> None:
    told = judged(answer, BIAS, SCALARS)
    assert told.status == "refused"
    assert words in told.text
    assert told.text.endswith(".")


@pytest.mark.parametrize(("answer", "words"), REFUSED_MATRICES.items())
def test_what_matrices_do_not_do_is_refused_in_a_sentence(answer: str, words: str) -> None:
    told = judged(answer, HAT, MODEL)
    assert (told.status, words in told.text) == ("refused", True), told


VALUES = {
    "0.1 + 0.2": "3/10",
    "-2^2": "-4",
    "2^3^2": "512",
    "2⁻²": "1/4",
    "1e-2": "1/100",
    "007": "7",
    "sqrt(4/9)": "2/3",
    "Max(1, 2) - Min(1, 2)": "1",
    "Abs(-3)": "3",
    "log(1) + exp(0)": "1",
    "det([[0, 1], [1, 0]])": "-1",
    "det([[0, 0], [1, 0]])": "0",
    "inv([[0, 2], [1, 0]])": [["0", "1"], ["1/2", "0"]],
    "trace(I(3))": "3",
    "[[1, 2], [3, 4]]^2": [["7", "10"], ["15", "22"]],
    "[1, 2]' * [3, 4]": "11",
    "[[1, 2], [3, 4]][2, 1]": "3",
    "ones(2, 3)": [["1"] * 3] * 2,
    "Sum(i*j, (j, 1, i), (i, 1, 3))": "25",
    "Sum(i, (i, 3, 2))": "0",
}


@pytest.mark.parametrize(("text", "value"), VALUES.items())
def test_rational_values_are_exact(text: str, value: Any) -> None:
    (answer,) = answers(text, {}, [{}])
    assert answer["value"] == value


def test_the_place_is_that_of_the_students_text() -> None:
    assert "(at character 6, near `foo`)" in judged("σ² + foo", BIAS, SCALARS).text


@pytest.mark.parametrize(
    "answer", ["log(-n)", "n/(n - n)", "sqrt(-1)", "(-n)**(1/3)", "9**999**2**0 * exp(10**9)"]
)
def test_an_answer_without_a_value_is_wrong_and_says_why(answer: str) -> None:
    told = judged(answer, BIAS, SCALARS)
    assert told.status == "unequal"
    assert told.text.startswith("The answer has no value: it ")


def test_a_point_at_which_an_answer_has_no_value_is_passed_over() -> None:
    assert judged("2*log(rho)", "log(rho**2)", SCALARS).status == "equal"
    assert judged("3*log(rho)", "log(rho**2)", SCALARS).status == "unequal"


def test_what_cannot_be_known_is_undecided() -> None:
    zero = "(log(1 - rho**2) - log(1 - rho) - log(1 + rho))"
    assert judged(f"1/{zero}", LOG, SCALARS).status == "undecided"
    assert judged(f"{zero} + n", "n", SCALARS).status == "equal"
    assert judged(zero, "exp(-900)", SCALARS).status == "unequal"
    asked = ask(BIAS, SCALARS, np.random.default_rng(1))
    assert compare(asked, []).status == "undecided"
    long = "Sum(1, (i, 1, 99), (j, 1, 99), (k, 1, 99))"
    assert judged(long, "n", SCALARS).status == "undecided"


FORGED = [
    "",
    "nan",
    "1/0",
    "inf",
    "1e999999999",
    "0 +/- 1E+99999",
    "9" * 5000,
    None,
    [],
    [[]],
    1.0,
    {},
]


@pytest.mark.parametrize("value", FORGED)
def test_a_child_that_says_anything_is_not_believed(value: Any) -> None:
    asked = ask(BIAS, SCALARS, np.random.default_rng(1))
    assert compare(asked, [{"value": value}] * 2).status in ("undecided", "unequal")


# --- any text at all ------------------------------------------------------------------------------

PIECES = [
    *"n+-*/^()[],.'|{}=:;²⁻σλ\\\"\n ",
    "**",
    "log",
    "Sum",
    "sigma",
    "1",
    "2.5",
    "(i, 1, n)",
    ".T",
]
PIECES += ["lambda", "__class__", "V", "inv(", "I", "T", "1e9", "for", "@", "exp(", "det("]
TEXTS = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map("".join))


@settings(max_examples=200)
@given(TEXTS)
def test_no_text_whatever_ends_in_a_traceback(text: str) -> None:
    names = {"n": "n", "sigma": "sigma", "V": "V", "lambda": "lambda"}
    point = {"n": "3", "sigma": "1/2", "lambda": "2/7", "V": [["2", "1"], ["1", "3"]]}
    (answer,) = answers(text, names, [point])
    assert len(answer) == 1
    assert set(answer) <= {"value", "refused", "undefined", "undecided"}


# --- points ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"whole"}))
def test_points_are_inside_their_domain(kind: str) -> None:
    inside: dict[str, Callable[[Any], Any]] = {
        "positive": lambda x: x > 0,
        "real": bool,
        "unit": lambda x: 0 < x < 1,
        "correlation": lambda x: abs(x) < 1,
        "vector": lambda x: x.shape == (4, 1),
        "matrix": lambda x: x.shape == (4, 2),
        "diagonal": lambda x: (x == np.diag(np.diag(x))).all() and (np.diag(x) > 0).all(),
        "lower": lambda x: (x == np.tril(x)).all() and (np.diag(x) > 0).all(),
        "definite": lambda x: (x == x.T).all() and np.linalg.eigvalsh(x.astype(float)).min() > 0,
    }
    size = {"vector": (4,), "matrix": (4, 2), "definite": (4,), "diagonal": (4,), "lower": (4,)}
    symbol = Symbol("x", kind, size=size.get(kind, ()))
    for seed in range(50):
        x = drawn([symbol], np.random.default_rng(seed))["x"]
        assert inside[kind](np.array(x) if symbol.size else x)
        entries = np.array(x).ravel()
        assert all(entry.denominator <= 997 for entry in entries)
        assert kind == "definite" or all(abs(entry) != 1 for entry in entries)


def test_sizes_differ_and_symbols_go_together() -> None:
    for seed in range(50):
        point = drawn(MODEL, np.random.default_rng(seed))
        assert len({point["n"], point["p"], point["q"]}) == 3
        assert point["n"] > point["p"]
        assert all(point[name] == int(point[name]) for name in "npq")


def test_a_formula_that_is_right_for_one_size_only_is_wrong() -> None:
    for seed in range(8):
        assert judged("n - 2", "n - p", MODEL, seed).status == "unequal"
        assert judged("2*X", "p*X", MODEL, seed).status == "unequal"
        assert judged("7", "n", SCALARS, seed).status == "unequal"
        ns = [point["n"] for point in ask("n", SCALARS, np.random.default_rng(seed)).points]
        assert len(set(ns)) == len(ns)


def test_the_same_seed_asks_the_same() -> None:
    asked = [ask(BIAS, SCALARS, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert asked[0] == asked[1] != asked[2]


def test_a_question_that_cannot_be_asked_says_so() -> None:
    random = np.random.default_rng(1)
    with pytest.raises(ValueError, match="has no value"):
        ask("foo", SCALARS, random)
    with pytest.raises(ValueError, match="hardly ever"):
        ask("log(-n)", SCALARS, random)
    with pytest.raises(ValueError, match="one name"):
        ask("n", (N, Symbol("N")), random)
    with pytest.raises(ValueError, match="No point was found"):
        ask("n", (Symbol("n", "whole", where=lambda point: False),), random)


# --- alone ----------------------------------------------------------------------------------------

ALONE = """
import sys
sys.path.insert(0, sys.argv[1])
import expressions
print(expressions.answers("x^2", {"x": "x"}, [{"x": "1/2"}]))
print([m for m in ("refmixed", "validation", "numpy", "sympy") if m in sys.modules])
"""


def test_it_is_imported_without_the_rest_of_the_package() -> None:
    command = [sys.executable, "-I", "-c", ALONE, str(COURSE)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["[{'value': '1/4'}]", "[]"]
