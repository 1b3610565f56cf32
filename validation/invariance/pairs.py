"""What a transformed answer must be, by the untouched one."""

from __future__ import annotations

from typing import Any

from ..adapters.messages import Json
from .transformations import TRANSFORMATIONS
from .untouched import UnansweredError, Untouched


def pairs(case: Json, base: Json, transformed: Json) -> dict[str, tuple[Any, Any]]:
    """Quantity -> (answer, expected), of those that both sides have answered."""
    compared = {}
    for quantity in case["asked"]:
        if quantity not in transformed:
            continue
        try:
            expected = by_base(Untouched(case, base), quantity)
        except UnansweredError:
            continue
        compared[quantity] = (transformed[quantity], expected)
    if case["transform"]["name"] == "criterion-not-above" and compared:
        return {"criterion": not_above(*compared["criterion"])}
    return compared


def by_base(base: Untouched, quantity: str) -> Any:
    """What a transformed answer must be, by the untouched one."""
    expect = TRANSFORMATIONS[base.transform["name"]].expect.get(quantity)
    return base.raw(quantity) if expect is None else listed(expect(base))


def not_above(known: Any, fitted: Any) -> tuple[Any, Any]:
    """The criterion of the fit, and the lower of it and the known one."""
    return fitted, min(float(fitted), float(known))


def listed(value: Any) -> Any:
    """Arrays as nested lists."""
    if isinstance(value, list | tuple):
        return [listed(part) for part in value]
    return value.tolist() if hasattr(value, "tolist") else value
