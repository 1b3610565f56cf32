"""The causes that are known: conventions and mistakes, a sentence, an equation and a page each."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files

from ..mistakes import MISTAKES

FILE = "causes.toml"
LEVEL, GENERALIZED_LEVEL = "fit", "glmm-fit"  # of the mistakes that may be causes
SAME = {  # mistakes that are causes under another name
    "ml-for-reml", "reml-for-ml", "uncorrelated", "correlated", "stayed-at-start", "other-minimum",
}  # fmt: skip
GENERALIZED_SAME = {  # of generalized models
    "laplace-for-integral", "integral-for-laplace", "expected-for-observed",
    "observed-for-expected", "beta-of-joint-mode", "no-binomial-coefficients", "no-factorials",
    "saturated-taken-off", "minus-two-loglik", "sign-of-loglik", "canonical-link",
    "probit-for-cloglog", "pooled", "separation-unseen", "variance-for-sd", "uncorrelated",
    "sum-contrasts", "no-random-intercept",
}  # fmt: skip


@dataclass(frozen=True)
class Cause:
    """Why two programs differ: what it is, the equation, and its tag and page in the book."""

    name: str
    says: str
    equation: str = ""
    tag: str = ""
    page: str = ""

    @property
    def where(self) -> str:
        """The equation in the book."""
        return f"{self.tag}, page {self.page}" if self.tag else ""


def read() -> dict[str, Cause]:
    """All causes by name, from the file beside this one."""
    text = (files(__package__) / FILE).read_text("utf-8")
    return {name: Cause(name, **parts) for name, parts in tomllib.loads(text).items()}


def mistakes() -> dict[str, Cause]:
    """The named mistakes of the suite."""
    used = [
        one
        for level, same in ((LEVEL, SAME), (GENERALIZED_LEVEL, GENERALIZED_SAME))
        for one in MISTAKES
        if level in one.levels and one.name not in same
    ]
    return {one.name: Cause(one.name, one.says, "", one.equation, one.page) for one in used}


OWN = read()
REGISTRY = {**OWN, **{name: one for name, one in mistakes().items() if name not in OWN}}
