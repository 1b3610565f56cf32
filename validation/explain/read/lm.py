"""What R prints of lm(): summary(), a model without random effects."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..account import Account, said
from ..numbers import NUMBER, Number, written
from ..readings.freedom import METHOD, RESIDUAL
from .lme4 import COLUMNS
from .tables import Pairs, coefficients, section

SIGMA = re.compile(rf"^Residual standard error:\s*({NUMBER}) on (\d+) degrees of freedom", re.M)
WEIGHTS = re.compile(r"^lm\(.*\bweights = ([\w.]+)", re.M)


def is_mine(text: str) -> bool:
    """Whether lm() wrote it."""
    return bool(SIGMA.search(text))


def read(text: str, name: str) -> Account:
    """An account of it.  Its formula has no random term: it is none of a mixed model."""
    numbers = said(pairs(text.splitlines(), text))
    weights = WEIGHTS.search(text)
    says = {METHOD: RESIDUAL}
    return Account(name, "lm", numbers, says=says, weights=weights and weights.group(1))


def pairs(lines: Sequence[str], text: str) -> Pairs:
    """Coefficients, sigma, and what follows from its degrees of freedom."""
    found = SIGMA.search(text)
    if found is None:
        return
    yield ("sigma",), written(found.group(1))
    kinds = [kind for kind in dict.fromkeys(COLUMNS.values()) if kind != "df"]
    table = list(coefficients(section(lines, r"Estimate\s+Std\. Error"), kinds))
    yield from table
    effects = [key[1] for key, _ in table if key[0] == "beta"]
    rest = float(found.group(2))
    yield from ((("df", effect), Number(rest, rest, found.group(2))) for effect in effects)
    n = rest + len(effects)
    yield ("n",), Number(n, n, f"{n:g}")
