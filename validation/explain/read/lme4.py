"""What lme4, lmerTest and glmmTMB print: summary(), print(), VarCorr(), anova(), confint()."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..account import Account, coefficient, contradictions, said
from ..numbers import NUMBER, Number, written
from ..readings.tests import SEQUENTIAL, TYPE
from .family import by_r
from .tables import Pairs, cells, coefficients, named_vector, root, section
from .words import said_of_tests

COLUMNS = {"Estimate": "beta", "Std. Error": "se", "df": "df", "t value": "t", "Pr(>|t|)": "p",
           "z value": "t", "Pr(>|z|)": "p"}  # fmt: skip
CRITERIA = {"AIC": "aic", "BIC": "bic", "logLik": "loglik", "deviance": "criterion",
            "-2*log(L)": "criterion"}  # fmt: skip
F_COLUMNS = ("", "", "numdf", "dendf", "F", "pF")  # of lmerTest
F_COLUMNS_OF_OWN = ("numdf", "", "", "F")
MODELS = r"^\s*(?:npar|Df)\s+AIC\s+BIC\s+logLik"  # anova() of several models
OWN_TESTS = r"^\s*(?:npar|Df)\s+Sum Sq\s+Mean Sq\s+F value"  # anova() without degrees of freedom
MINE = (  # each begins a table, which may be all that is there
    r"Linear mixed model fit by",
    r"^\s*Groups\s+Name\s+(Variance|Std\.Dev\.)",
    r"Estimate\s+Std\. Error",
    r"REML criterion at convergence",
    r"Analysis of Variance Table with",
    OWN_TESTS,
    MODELS,
)
CONDITIONAL = re.compile(r"\n*^Conditional model:\n", re.M)  # glmmTMB, before each table
COUNTS = r"Number of obs:\s*(\d+)(?:,\s*groups:| / Conditional model:)\s*((?:.|\n\s)*)"
DISPERSION = re.compile(rf"^Dispersion (?:estimate|parameter) .*\(sigma\^2\): *({NUMBER})", re.M)
LIMITS = re.compile(r"^\s+2\.5 ?%\s+97\.5 ?%", re.M)


def is_mine(text: str) -> bool:
    """Whether lme4 wrote it, or one of its tables."""
    return any(re.search(pattern, text, re.M) for pattern in MINE) or bool(LIMITS.search(text))


def read(text: str, name: str) -> Account:
    """An account of it."""
    is_lme4 = CONDITIONAL.search(text) is None
    text = text if is_lme4 else CONDITIONAL.sub("\n", text)
    lines, of_family = text.splitlines(), by_r(text)
    found = re.search(r"fit by\s+(REML|maximum likelihood)", text)
    weights = re.search(r"^ *Weights: ([\w.]+)$", text, re.M)
    pairs = list(numbers(lines, text))
    return Account(
        name,
        "lme4" if is_lme4 else "glmmTMB",
        said(pairs),
        reml=found and found.group(1) == "REML",
        formula=formula(text),
        weights=weights and weights.group(1),
        contradictions=contradictions(pairs),
        says=said_of_tests(text)
        | ({TYPE: SEQUENTIAL} if re.search(OWN_TESTS, text, re.M) else {})
        | of_family,
        is_generalized=bool(of_family),
    )


def formula(text: str) -> str | None:
    """The formula; none where a variable stands in its place.  Of several models the last one's."""
    whole = re.search(r"^Formula: (.*~.*(?:\n {4,}.*)*)", text, re.M)
    models = re.search(r"^Models:\n((?:.*: .*~.*\n)+)", text, re.M)
    last = models.group(1).splitlines()[-1].rpartition(": ")[2] if models else None
    return " ".join(whole.group(1).split()) if whole else last


def numbers(lines: Sequence[str], text: str) -> Pairs:
    """All numbers that are read."""
    yield from likelihood(lines, text)
    yield from random_effects(section(lines, r"^\s*Groups\s+Name\s", r"^\s*$|^Number|^optimizer"),
                              header(lines, r"^\s*Groups\s+Name\s"))  # fmt: skip
    yield from counts(text)
    head = header(lines, r"Estimate\s+Std\. Error")
    kinds = [kind for column, kind in COLUMNS.items() if column in head]
    yield from coefficients(section(lines, r"Estimate\s+Std\. Error"), kinds)
    for label, cell in named_vector(section(lines, r"^Fixed Effects:", r"^\s*$|^optimizer")):
        yield ("beta", coefficient(label)), written(cell)
    yield from tests(section(lines, r"NumDF\s+DenDF"), F_COLUMNS)
    yield from tests(section(lines, OWN_TESTS), F_COLUMNS_OF_OWN)
    yield from limits(lines)
    if found := DISPERSION.search(text):
        yield ("sigma",), root(written(found.group(1)))


def header(lines: Sequence[str], pattern: str) -> str:
    """The first line that matches, "" where there is none."""
    return next((line for line in lines if re.search(pattern, line)), "")


def likelihood(lines: Sequence[str], text: str) -> Pairs:
    """The criterion, and what is made of it; in a table of several models of the last one."""
    if found := re.search(rf"REML criterion at convergence:\s*({NUMBER})", text):
        yield ("criterion",), one_decimal(found.group(1))
    head = header(lines, r"^\s*AIC\s+BIC\s+logLik")
    if head:
        row = lines[lines.index(head) + 1].split()
        yield from criteria(head.split(), row)
    elif head := header(lines, MODELS):
        columns = head.split()
        rows = [cells(row, len(columns))[1] for row in section(lines, MODELS, r"^\s*$|^---|^ {9}")]
        yield from criteria(columns, rows[-1] if rows else [])


def criteria(columns: Sequence[str], row: Sequence[str]) -> Pairs:
    """The columns that are read."""
    for column, cell in zip(columns, row, strict=False):
        if column in CRITERIA:
            yield (CRITERIA[column],), written(cell)


def one_decimal(text: str) -> Number | None:
    """A criterion, which has one decimal or more: R leaves out a zero, 397 is 397.0."""
    return written(text if "." in text or "e" in text else f"{text}.0")


def counts(text: str) -> Pairs:
    """Observations, and levels of groups."""
    found = re.search(COUNTS, text)
    if found:
        yield ("n",), whole(found.group(1))
        for part in found.group(2).split(";"):
            if pair := re.match(r"\s*(\S+),\s*(\d+)", part):
                yield ("groups", pair.group(1)), whole(pair.group(2))


def whole(text: str) -> Number:
    """A count."""
    return Number(float(text), float(text), text)


def random_effects(rows: Sequence[str], head: str) -> Pairs:
    """The table of VarCorr: a row an effect, correlations with those before it."""
    at = head.find("Name")
    has = [word for word in ("Variance", "Std.Dev.") if word in head]
    group, effects, sds = "", list[str](), list[Number | None]()
    for row in rows:
        if row[:at].strip():
            group, effects = row[:at].strip(), []
        effect, values = cells("x " + row[at:], len(has) + len(effects))
        effect = effect.removeprefix("x").strip() or "(Intercept)"
        sds = [scaled(word, written(cell)) for word, cell in zip(has, values, strict=False)]
        for sd in sds:
            yield ("sigma",) if group == "Residual" else ("sd", group, effect), sd
        yield from correlations(group, effect, effects, values[len(has) :])
        effects.append(effect)


def scaled(column: str, number: Number | None) -> Number | None:
    """A standard deviation, as it is or from its variance."""
    return root(number) if column == "Variance" else number


def correlations(group: str, effect: str, before: Sequence[str], values: Sequence[str]) -> Pairs:
    """Those of one effect with the ones before it."""
    for other, cell in zip(before, values, strict=False):
        yield ("corr", group, other, effect), written(cell)


def tests(rows: Sequence[str], kinds: Sequence[str]) -> Pairs:
    """anova(): F of each term."""
    for row in rows:
        label, values = cells(row, len(kinds))
        for kind, cell in zip(kinds, values, strict=False):
            if kind and len(values) == len(kinds):
                yield (kind, coefficient(label)), written(cell)


def limits(lines: Sequence[str]) -> Iterator[tuple[tuple[str, ...], Number | None]]:
    """confint(): limits of parameters."""
    for row in section(lines, LIMITS.pattern):
        label, values = cells(row, 2)
        if len(values) == 2:
            yield ("lower", label), written(values[0])
            yield ("upper", label), written(values[1])
