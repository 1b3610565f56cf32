"""That there is no maximum: one column of X tells all successes from all failures.

Along that column every row's log-density rises to zero, with random effects as without, and no
finite parameters reach that.  eq:separation
"""

from __future__ import annotations

from .generalized_certified import GeneralizedCertified
from .matrices import ProofError


def require_separated(certified: GeneralizedCertified) -> str:
    """The sentence that says so.  Raises ProofError where no column of X does."""
    model, table = certified.model, certified.table
    if model.family != "binomial" or model.trials:
        raise ProofError("separation is proved of a single trial a row")
    signs = [2 * y - 1 for y in table.fractions(model.response)]
    names = certified.design.names
    for name, column in zip(names, zip(*certified.exact.X, strict=True), strict=True):
        if all(sign.numerator * x > 0 for sign, x in zip(signs, column, strict=True)):
            return f"{name} is positive where the response is 1, and negative where it is 0."
    raise ProofError("no column of X tells all successes from all failures")
