"""In which numbers two accounts differ, and to how many digits."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .account import Account, Key
from .numbers import Number

# What a search that stopped early, or sums in another order, may leave: relative to the number.
RELATIVE = {
    "sd": 1e-4, "sigma": 3e-5, "se": 1e-4, "df": 1e-3, "dendf": 1e-3, "F": 1e-3, "t": 2e-4,
    "p": 2e-3, "pF": 5e-3, "lower": 1e-4, "upper": 1e-4, "beta": 1e-6, "mean": 1e-4,
}  # fmt: skip
ABSOLUTE = {
    "corr": 3e-4, "loglik": 1e-4, "criterion": 2e-4, "aic": 2e-4, "bic": 2e-4, "p": 1e-7,
    "pF": 1e-7,
}  # fmt: skip
OF_SE = 2e-4  # of beta: in standard errors
OF_SIGMA = 1e-4  # of standard deviations: in sigma
AT_ZERO = 3e-3  # of a standard deviation at zero, where the criterion is flat: in sigma


@dataclass(frozen=True)
class Difference:
    """A quantity in which two accounts differ."""

    key: Key
    a: Number
    b: Number

    @property
    def digits(self) -> float:
        """Digits to which they agree, as SPEC section 5 counts."""
        size = abs(self.b.value) or 1.0
        gap = abs(self.a.value - self.b.value) / size
        if not gap > 0 or math.isinf(size):
            return 0.0 if gap > 0 or math.isnan(gap) else 16.0
        return min(16.0, max(0.0, -math.log10(gap)))


def tolerance(key: Key, number: Number, account: Account) -> float:
    """What a number may be off by for the sake of a search that ended a little aside."""
    kind, size = key[0], min(abs(number.low), abs(number.high))
    if not math.isfinite(size):
        return 0.0
    amount = RELATIVE.get(kind, 0.0) * size + ABSOLUTE.get(kind, 0.0)
    se, sigma = account.numbers.get(("se", *key[1:])), account.one("sigma")
    if kind == "beta" and se is not None:
        amount += OF_SE * se.high
    if kind == "sd" and sigma is None and account.is_generalized and number.low <= 1e-6:
        amount += AT_ZERO  # of a linear predictor, whose unit is 1
    if kind == "sd" and sigma is not None:
        amount += sigma.high * (AT_ZERO if number.low <= 1e-6 * sigma.high else OF_SIGMA)
    return amount


def agree(key: Key, a: Number, b: Number, account: Account) -> bool:
    """Whether two numbers may be one: their roundings overlap, or are only a search apart."""
    return a.apart(b) <= max(tolerance(key, a, account), tolerance(key, b, account))


def shared(a: Account, b: Account) -> list[Key]:
    """The keys that both have, of numbers that are finite."""
    return [key for key in a.numbers if key in b.numbers]


def differences(a: Account, b: Account) -> list[Difference]:
    """The quantities that both give, and that differ by more than rounding; b has a's names."""
    both = (Difference(key, a.numbers[key], b.numbers[key]) for key in shared(a, b))
    return [d for d in both if not agree(d.key, d.a, d.b, a)]


def rounded(a: Account, b: Account) -> list[Difference]:
    """The quantities that are written otherwise and may be the same number."""
    both = (Difference(key, a.numbers[key], b.numbers[key]) for key in shared(a, b))
    return [d for d in both if d.a.value != d.b.value and agree(d.key, d.a, d.b, a)]
