"""What a program says of a fit: numbers under names that all programs share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from .numbers import Number, both

Key = tuple[str, ...]
Numbers = dict[Key, Number]

# The first word of a key says what the number is; the others which one.
KINDS = {
    "n": "observations",
    "groups": "levels of a group",
    "beta": "fixed effect",
    "sigma": "residual standard deviation",
    "sd": "standard deviation",
    "corr": "correlation",
    "criterion": "-2 log-likelihood",
    "loglik": "log-likelihood",
    "aic": "AIC",
    "bic": "BIC",
    "se": "standard error",
    "df": "degrees of freedom",
    "t": "t or z",
    "p": "p-value",
    "numdf": "numerator df",
    "dendf": "denominator df",
    "F": "F",
    "pF": "p-value of F",
    "lower": "lower limit",
    "upper": "upper limit",
    "mean": "mean of row",
}
COEFFICIENT = ("beta", "se", "df", "t", "p")  # kinds that go with a fixed effect
APART = 1e-4  # relative: two ways of writing one number do not differ by so much
INTERCEPTS = {"intercept", "(intercept)", "const", "_cons", "[intercept]"}
INTERCEPT = "(Intercept)"


class AccountError(ValueError):
    """A text that is no account of a mixed model."""


@dataclass(frozen=True)
class Account:
    """Numbers by key, and what the program says of itself.

    name: the file, or "live".  program: "lme4", "nlme", "statsmodels", "SAS", "JSON", "refmixed".
    weights: the name of a column.
    reml: what it says, None where it does not say.  contradictions: two numbers for one quantity.
    says: what else it says of itself, by dimension of traits, "degrees of freedom" for one.
    is_generalized: whether the model is one, as glmer() fits them.
    """

    name: str
    program: str
    numbers: Numbers
    reml: bool | None = None
    formula: str | None = None
    weights: str | None = None
    contradictions: tuple[str, ...] = ()
    says: Mapping[str, str] = field(default_factory=dict)
    is_generalized: bool = False

    def word(self, dimension: str) -> str | None:
        """What it says of itself in a dimension of traits; None where it does not say."""
        if dimension == "method" and self.reml is not None:
            return "REML" if self.reml else "ML"
        return self.says.get(dimension)

    def with_numbers(self, numbers: Numbers) -> Account:
        """The same with other numbers."""
        return replace(self, numbers=numbers)

    def of(self, kind: str) -> Numbers:
        """The numbers of one kind."""
        return {key: number for key, number in self.numbers.items() if key[0] == kind}

    def names(self, kind: str) -> list[str]:
        """The second words of the keys of one kind, each once, in order."""
        return list(dict.fromkeys(key[1] for key in self.numbers if key[0] == kind))

    def one(self, kind: str) -> Number | None:
        """The number of a kind that has one only."""
        return self.numbers.get((kind,))

    @property
    def n(self) -> int | None:
        """Observations."""
        number = self.one("n")
        return None if number is None else round(number.value)

    @property
    def p(self) -> int:
        """Fixed effects."""
        return len(self.of("beta"))

    @property
    def m(self) -> int:
        """Covariance parameters, sigma not counted."""
        return len(self.of("sd")) + len(self.of("corr"))

    @property
    def scales(self) -> int:
        """How many parameters sigma is: none of counts and proportions."""
        return 0 if self.is_generalized and self.one("sigma") is None else 1


def coefficient(name: str) -> str:
    """The name of a fixed effect as lme4 writes it: of `C(a)[T.x]`, `a[T.x]` and `a x`, `ax`."""
    text = name.strip()
    if text.casefold() in INTERCEPTS:
        return INTERCEPT
    text = re.sub(r"(?:as\.)?factor\((\w+)\)", r"\1", text)
    text = re.sub(r"C\(([^,()]+)(?:,[^()]*(?:\([^()]*\))?[^()]*)?\)(?=\[)", r"\1", text)
    text = re.sub(r"\[(?:T\.|S\.|H\.)?([^\]]*)\]", r"\1", text)
    return re.sub(r"\s*\*\s*|\s*:\s*", ":", text) if "(" not in text else text


def said(pairs: Iterable[tuple[Key, Number | None]]) -> Numbers:
    """Numbers by key; of what is said twice what both leave; criterion and loglik go together."""
    numbers: Numbers = {}
    for key, number in pairs:
        if number is not None and number.low == number.low:
            numbers[key] = both(numbers.get(key), number) or number
    return in_one_group(numbers)


def contradictions(pairs: Iterable[tuple[Key, Number | None]]) -> tuple[str, ...]:
    """The quantities for which two numbers are written that cannot be one, with both."""
    first: Numbers = {}
    told = []
    for key, number in pairs:
        if number is not None and key in first and first[key].apart(number) > APART * number.high:
            told.append(f"{first[key]} and {number} for the {label(key)}")
        elif number is not None:
            first[key] = number
    return tuple(told)


def label(key: Key) -> str:
    """A quantity in words."""
    rest = " ".join(part for part in key[1:] if part)
    return f"{KINDS[key[0]]}{f' of {rest}' if rest else ''}"


def in_one_group(numbers: Numbers) -> Numbers:
    """`Subject.1`, as lme4 calls a second term of Subject, is Subject where the effects differ."""
    groups = {key[1] for key in numbers if key[0] == "sd"}
    renamed: Numbers = {}
    for key, number in numbers.items():
        base = re.sub(r"\.\d+$", "", key[1]) if key[0] in ("sd", "corr") else ""
        new = (key[0], base, *key[2:]) if base in groups else key
        renamed[key if new in renamed else new] = number
    return renamed
