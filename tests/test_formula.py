"""A mixed-model formula comes apart as in R: terms as `terms` has them, bars as lme4 has them."""

import random
import sys
from types import ModuleType

import pandas as pd
import pytest

from refmixed.errors import BarError, FormulaError, NoRandomTermError
from refmixed.r.deparse import deparse
from refmixed.r.formula import Formula, parse_formula, refuse_bars, require_bars
from refmixed.r.groups import group_name
from refmixed.r.terms import Terms
from validation.adapters import r


def shown(terms: Terms) -> str:
    """A linear predictor as text: 1 + x + x:z."""
    products = [":".join(map(deparse, term)) for term in terms.terms]
    return " + ".join([str(int(terms.intercept)), *products])


def bars(formula: Formula) -> list[str]:
    """The random terms as text, with the columns that group where they are several."""
    return [
        f"({shown(bar.effects)} | {bar.group})"
        + (f" by {'+'.join(map(group_name, bar.columns))}" if len(bar.columns) > 1 else "")
        for bar in formula.bars
    ]


# --- the algebra of terms -------------------------------------------------------------------------


def random_product(rng: random.Random, depth: int) -> str:
    """Terms without 0 and 1."""
    kind = rng.random()
    if depth == 0 or kind < 0.2:
        return rng.choice(["a", "b", "c", "d", "log(a)", "I(a + b)"])
    inner = random_product(rng, depth - 1)
    if kind < 0.8:
        return inner + rng.choice(["+", "+", "-", "*", ":", "/"]) + random_product(rng, depth - 1)
    if kind < 0.9:
        return f"({inner})"
    return f"({inner})^{rng.choice('239')}"


def random_sum(rng: random.Random, depth: int) -> str:
    """Terms with 0 and 1 among them, in brackets or not."""
    kind = rng.random()
    if depth == 0 or kind < 0.3:
        return rng.choice(["0", "1", random_product(rng, 1), random_product(rng, 2)])
    if kind < 0.8:
        return random_sum(rng, depth - 1) + rng.choice("++-") + random_sum(rng, depth - 1)
    return rng.choice(["({})", "({})", "-({})", "+({})"]).format(random_sum(rng, depth - 1))


TERMS = """function(text) lapply(text, function(t) {
  found <- terms(as.formula(t))
  as.character(c(attr(found, "intercept"), attr(found, "term.labels"))) })"""


def test_the_terms_of_any_sum_are_r_s(lme4: ModuleType) -> None:
    rng = random.Random(1)
    texts = [f"y~{random_sum(rng, rng.choice([1, 2, 3, 4]))}" for _ in range(500)]
    theirs = [" + ".join(labels) for labels in r.ask(TERMS, texts)]
    ours = [shown(parse_formula(text).fixed) for text in texts]
    assert list(zip(texts, ours, strict=True)) == list(zip(texts, theirs, strict=True))
    assert sum(text.startswith("0") for text in theirs) > 100


@pytest.mark.parametrize(
    ("right", "terms"),
    [
        ("x", "1 + x"),
        ("a*b", "1 + a + b + a:b"),
        ("a/b", "1 + a + a:b"),
        ("(a + b)^2", "1 + a + b + a:b"),
        ("(a + b)^99", "1 + a + b + a:b"),  # and not 2^99 products
        ("a*b - a", "1 + b + a:b"),
        ("b %in% a", "1 + b:a"),
        ("b:a + a", "1 + a + b:a"),  # by degree
        ("x - 1", "0 + x"),
        ("0 + x + 1", "1 + x"),  # the last one counts
        ("(0 + x)", "0 + x"),
        ("x - (z - 1)", "1 + x"),
        ("x - x", "1"),
        ("-x", "1"),
        ("1", "1"),
        ("x + x", "1 + x"),
        ("x + ( x )", "1 + x"),
        ("I(x + z)*log(z)", "1 + I(x + z) + log(z) + I(x + z):log(z)"),
    ],
)
def test_terms_by_hand(right: str, terms: str) -> None:
    assert shown(parse_formula(f"y ~ {right}").fixed) == terms


@pytest.mark.parametrize(
    ("right", "message"),
    [
        ("x + 2", "2 is not a term of a model"),
        ("2*x", "2 is not a term of a model"),
        ("x + 'a'", "'a' is not a term of a model"),
        ("TRUE", "TRUE is not a term of a model"),
        ("x:0", "0 and 1 can be added to terms, not multiplied"),
        ("1/x", "0 and 1 can be added to terms, not multiplied"),
        ("(x + z)^-1", "a power of terms is a whole number"),
        ("(x + z)^0", "a power of terms is a whole number"),
        ("(x + z)^1.5", "a power of terms is a whole number"),
        ("(x + z)^p", "a power of terms is a whole number"),
        ("a %in% (b + c)", "%in% takes a single term on its right"),
        ("(x - x)/z", "'(x - x)/z' is not a sum of terms"),
    ],
)
def test_what_is_no_term_is_refused(right: str, message: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse_formula(f"y ~ {right} + (1 | g)")
    first, formula, caret = str(caught.value).split("\n")
    assert first == message
    assert formula == f"  y ~ {right} + (1 | g)"
    assert caret.strip() == "^"


# --- bars -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("random", "found"),
    [
        ("(1 | g)", ["(1 | g)"]),
        ("(x | g)", ["(1 + x | g)"]),
        ("(0 + x | g)", ["(0 + x | g)"]),
        ("(x - 1 | g)", ["(0 + x | g)"]),
        ("((0 + x) | g)", ["(0 + x | g)"]),
        ("(x*z | g)", ["(1 + x + z + x:z | g)"]),
        ("(1 | g) + (1 | h)", ["(1 | g)", "(1 | h)"]),
        ("(1 | g) + (0 + x | g)", ["(1 | g)", "(0 + x | g)"]),
        ("(1 | g) + z + (x | g)", ["(1 | g)", "(1 + x | g)"]),
        ("(x || g)", ["(1 | g)", "(0 + x | g)"]),
        ("(x*z || g)", ["(1 | g)", "(0 + x | g)", "(0 + z | g)", "(0 + x:z | g)"]),
        ("(0 + x || g)", ["(0 + x | g)"]),
        ("(1 || g)", ["(1 | g)"]),
        ("(1 | a:b)", ["(1 | a:b) by a+b"]),
        ("(1 | a/b)", ["(1 | b:a) by b+a", "(1 | a)"]),
        ("(1 | a/b/c)", ["(1 | c:(b:a)) by c+b+a", "(1 | b:a) by b+a", "(1 | a)"]),
        ("(1 | a/(b:c))", ["(1 | (b:c):a) by b+c+a", "(1 | a)"]),
        ("(x || a/b)", [
            "(1 | b:a) by b+a", "(1 | a)", "(0 + x | b:a) by b+a", "(0 + x | a)",
        ]),
        ("(1 | `odd name`)", ["(1 | odd name)"]),
        ("(1 | `odd name`:b)", ["(1 | `odd name`:b) by odd name+b"]),
        ("((1 | g))", ["(1 | g)"]),
        ("((1 | g) + (0 + x | g))", ["(1 | g)", "(0 + x | g)"]),
        ("(1 | factor(g))", ["(1 | factor(g))"]),
        ("(1 | interaction(a, b, sep = '_'))", ['(1 | interaction(a, b, sep = "_"))']),
        ("(1 | a/factor(b))", ["(1 | factor(b):a) by factor(b)+a", "(1 | a)"]),
    ],
)  # fmt: skip
def test_bars_come_apart_as_in_lme4(random: str, found: list[str]) -> None:
    formula = parse_formula(f"y ~ x + {random}")
    assert bars(formula) == found
    assert shown(formula.fixed) == ("1 + x + z" if "+ z +" in random else "1 + x")


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("y ~ x | g", "a random-effects term needs brackets: (x | g)", 4),
        ("y ~ x + 1 | g", "a random-effects term needs brackets: x + (1 | g)", 4),
        ("y ~ z + x || g", "a random-effects term needs brackets: z + (x || g)", 4),
        ("y ~ x + (1 | g | h)", "a random-effects term (x | g) can only be added", 9),
        ("y ~ x + ((1 | g) | h)", "a random-effects term (x | g) can only be added", 10),
        ("y ~ x*(1 | g)", "a random-effects term (x | g) can only be added", 7),
        ("y ~ x:(1 | g)", "a random-effects term (x | g) can only be added", 7),
        ("y ~ (1 | g)^2", "a random-effects term (x | g) can only be added", 5),
        ("y ~ x - (1 | g)", "a random-effects term (x | g) can only be added", 9),
        ("y ~ -(1 | g)", "a random-effects term (x | g) can only be added", 6),
        ("y ~ !b + (1 | g)", "a random-effects term (x | g) can only be added", 10),
        ("y ~ x + (x | x)", "x cannot vary within itself", 9),
        ("y ~ x + (1 + f:x | g/f)", "f cannot vary within itself", 13),
        ("y ~ x + (0 | g)", "nothing varies in (0 | g)", 9),
        ("y ~ x + (-1 | g)", "nothing varies in (-1 | g)", 9),
        ("y ~ x + (0 || g)", "nothing varies in (0 | g)", 9),
        ("y ~ x + (. | g)", "'.' stands for columns among the fixed effects only", 9),
        ("y ~ x + (z:. || g)", "'.' stands for columns among the fixed effects only", 11),
    ],
)
def test_a_misplaced_bar_is_refused_and_shown(text: str, message: str, at: int) -> None:
    with pytest.raises(BarError) as caught:
        parse_formula(text)
    assert str(caught.value) == f"{message}\n  {text}\n  {' ' * at}^"


@pytest.mark.parametrize(
    "group", ["1", "'g'", "log(x)", "cut(x, 3)", "factor(cut(x, 3))", "g + h", "g*h", "c(g)", "g^2"]
)
def test_a_group_is_made_of_columns(group: str) -> None:
    with pytest.raises(
        FormulaError, match="a group is a column, factor\\(\\) or interaction\\(\\), or"
    ):
        parse_formula(f"y ~ x + (1 | {group})")


@pytest.mark.parametrize(
    ("structure", "words"),
    [
        ("us(x | g)", "unstructured: here it is written (x | g)"),
        ("diag(1 + x | g)", "of independent effects: here it is written (x || g)"),
        ("diag(x | g, hom = TRUE)", "of independent effects: here it is written (x || g)"),
        ("cs(x || g)", "compound symmetry; here there are (x | g), with all covariances"),
        ("ar1(0 + t | g)", "autoregressive; here there are (x | g), with all covariances"),
    ],
)
def test_the_structures_of_lme4_2_are_named(structure: str, words: str) -> None:
    for text in (f"y ~ x + {structure}", f"y ~ {structure}", f"y ~ x + ({structure})"):
        with pytest.raises(BarError) as caught:
            parse_formula(text)
        name = structure.partition("(")[0]
        said, _, caret = str(caught.value).split("\n")
        assert said.startswith(f"{name}(x | g) is a covariance structure of lme4 2.x, {words}")
        assert caret.index("^") == text.index(structure) + 2


# --- the dot --------------------------------------------------------------------------------------

OVER = ["y", "x", "odd name", "f"]


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("y ~ .", "1 + x + `odd name` + f"),
        ("y ~ . + (1 | f)", "1 + x + `odd name` + f"),
        ("log(y) ~ . - f", "1 + x + `odd name`"),
        ("y ~ 0 + .", "0 + x + `odd name` + f"),
        ("y ~ x*.", "1 + x + `odd name` + f + x:`odd name` + x:f"),
        ("y ~ x:.", "1 + x + x:`odd name` + x:f"),
        ("y - x ~ .^2", "1 + `odd name` + f + `odd name`:f"),
        ("x/`odd name` ~ (. - y)", "1 + f"),
        ("y ~ . + log(x)", "1 + x + `odd name` + f + log(x)"),
    ],
)
def test_a_dot_is_all_columns_that_the_response_does_not_use(text: str, fixed: str) -> None:
    formula = parse_formula(text).over(OVER)
    assert shown(formula.fixed) == fixed
    assert formula.lines == parse_formula(text).lines


DOTTED = TERMS.replace("text)", "text, data)", 1).replace("(t))", "(t), data = data)")


def test_a_dot_is_r_s(lme4: ModuleType) -> None:
    rng = random.Random(2)
    dots = [".", ".^2", "(. - a)", "b/(. - b)", "0 + .", "(c + .)"]
    texts = [
        f"y ~ {rng.choice(dots)} {rng.choice('+-*:')} {random_product(rng, 2)}" for _ in range(100)
    ]
    data = pd.DataFrame({name: [1.0, 2.0] for name in ["y", "a", "b", "c", "d"]})
    ours = [shown(parse_formula(text).over(data.columns).fixed) for text in texts]
    theirs = [" + ".join(labels) for labels in r.ask(DOTTED, texts, data)]
    assert list(zip(texts, ours, strict=True)) == list(zip(texts, theirs, strict=True))


def test_a_dot_needs_columns() -> None:
    with pytest.raises(FormulaError, match=r"'\.' stands for no column"):
        parse_formula("y - x ~ .").over(["x", "y"])


# --- the whole of the right side ------------------------------------------------------------------


def test_lmer_needs_a_random_term_and_lm_none() -> None:
    with pytest.raises(NoRandomTermError, match=r"'y ~ x' has no .* \(1 \| group\).*refmixed\.lm"):
        require_bars(parse_formula("y~x"))
    with pytest.raises(FormulaError, match=r"'y ~ \(1 \| g\)' has random.*use refmixed\.lmer"):
        refuse_bars(parse_formula("y~(1|g)"))


def test_a_bar_in_a_function_is_r_s_or() -> None:
    formula = parse_formula("y ~ I(a | b) + I((a || b)) + (1 | g)")
    assert shown(formula.fixed) == "1 + I(a | b) + I((a || b))"
    assert bars(formula) == ["(1 | g)"]


EXPAND = "function(text) lapply(text, \\(t) deparse(lme4::expandDoubleVerts(as.formula(t))))"


def test_double_bars_are_written_out_as_lme4_does(lme4: ModuleType) -> None:
    texts = [
        f"y ~ x + {random}"
        for random in ["(x || g)", "(0 + x || g)", "(x*f || a/b)", "(x || g) + (x | h)", "(x+z||g)"]
    ]
    assert [list(parse_formula(text).lines) for text in texts] == r.ask(EXPAND, texts)


# --- response and offsets -------------------------------------------------------------------------


@pytest.mark.parametrize("response", ["y", "log(y)", "I(y^2)", "y - x", "-y", "`odd name`", "y/2"])
def test_a_response_may_be_an_expression(response: str) -> None:
    assert deparse(parse_formula(f"{response}~x+(1|g)").response) == response


@pytest.mark.parametrize(
    ("right", "fixed", "offsets"),
    [
        ("x + offset(z)", "1 + x", ["z"]),
        ("offset(z)", "1", ["z"]),
        ("offset(log(z)) + x + offset(2 * w) - 1", "0 + x", ["log(z)", "2 * w"]),
        ("offset(z) - 1 + x", "0 + x", ["z"]),
        ("0 + offset(log(z)) + x + offset(2 * w)", "0 + x", ["log(z)", "2 * w"]),
        ("(x + offset(z))", "1 + x", ["z"]),
        ("(offset(z)) + x", "1 + x", ["z"]),
    ],
)
def test_offsets_are_kept_apart(right: str, fixed: str, offsets: list[str]) -> None:
    formula = parse_formula(f"y ~ {right} + (1 | g)")
    assert (shown(formula.fixed), [deparse(o) for o in formula.offsets]) == (fixed, offsets)


@pytest.mark.parametrize("right", ["x*offset(z)", "x - offset(z)", "x:offset(z)", "(offset(z))^2"])
def test_an_offset_can_only_be_added(right: str) -> None:
    with pytest.raises(FormulaError, match="an offset can only be added") as caught:
        parse_formula(f"y ~ {right} + (1 | g)")
    _, formula, caret = str(caught.value).split("\n")
    assert caret.index("^") == formula.index("offset")


@pytest.mark.parametrize("offset", ["offset()", "offset(x, z)"])
def test_an_offset_has_one_argument(offset: str) -> None:
    with pytest.raises(FormulaError, match=r"offset\(\) takes one argument"):
        parse_formula(f"y ~ x + {offset} + (1 | g)")


# --- the whole ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["y", "y + x", "log(y)", "(y ~ x)"])
def test_a_formula_has_two_sides(text: str) -> None:
    with pytest.raises(FormulaError, match="a formula reads 'response ~ terms'"):
        parse_formula(text)


@pytest.mark.parametrize("text", [None, 5, b"y ~ x", ["y ~ x"]])
def test_a_formula_is_a_string(text: object) -> None:
    kind = type(text).__name__
    with pytest.raises(FormulaError, match=rf"a formula is a string such as .*, not {kind}$"):
        parse_formula(text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["y ~ " + "(" * 9000 + "x" + ")" * 9000, "y ~ " + "-" * 20000 + "x"]
)
def test_a_formula_without_end_is_refused(text: str) -> None:
    with pytest.raises(FormulaError, match="nested too deeply"):
        parse_formula(text)


def test_a_thousand_terms_are_not_too_many() -> None:
    before = sys.getrecursionlimit()
    names = [f"x{k}" for k in range(1000)]
    assert len(parse_formula("y ~ " + "+".join(names)).fixed.terms) == 1000
    assert len(parse_formula("y ~ . + (1 | g)").over([*names, "y", "g"]).fixed.terms) == 1001
    assert sys.getrecursionlimit() == before


def test_a_formula_may_span_lines() -> None:
    assert parse_formula("y ~ x +\n  (1 | g)").lines == ("y ~ x + (1 | g)",)
