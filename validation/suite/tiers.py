"""Tiers: how many digits are asked for, short of those that a case requires; SPEC.md, section 5.

The highest tier asks for all that a case requires, which is more than ten digits at level
`evaluate`; a lower one for its digits at most.  What a formula stands for is exact at every tier.
"""

from __future__ import annotations

from ..adapters.messages import Json
from .verdicts import SKIP, Outcome

TIERS = {4: "prints alike", 6: "textbook", 8: "converged", 10: "reference"}
REFERENCE = max(TIERS)
EXACT = "design"  # the level of which a tier changes nothing


def required(case: Json, quantity: str, tier: int = REFERENCE) -> float:
    """The digits that a case requires of a quantity, at a tier."""
    whole = case["expected"][quantity] if "expected" in case else case
    return float(capped(case["level"], whole["required"], tier))


def capped(level: str, digits: float, tier: int) -> float:
    """Digits required at a tier, of those that are required at the highest."""
    return digits if tier == REFERENCE or level == EXACT else min(digits, tier)


def meets(case: Json, outcome: Outcome, tier: int) -> bool:
    """Whether an outcome is no failure at a tier: skipped, or with digits enough."""
    if outcome.digits is None or outcome.note:  # an error, NaN, a wrong shape
        return outcome.verdict == SKIP
    return outcome.digits >= required(case, outcome.quantity, tier)


def lowered(case: Json, tier: int) -> Json:
    """The case as it is judged at a tier."""
    if "expected" not in case:
        return case | {"required": required(case, "", tier)}
    expected = {
        quantity: want | {"required": required(case, quantity, tier)}
        for quantity, want in case["expected"].items()
    }
    return case | {"expected": expected}
