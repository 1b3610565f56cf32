"""Invariance: two answers of one implementation compared; SPEC.md, section 7.

requests(case)   the untouched problem, and the transformed one
pairs(case, base, transformed)   quantity -> (answer, what it must be by the other answer)
python -m validation.invariance   writes the cases
"""

from __future__ import annotations

from typing import Any

from ..adapters.messages import Json
from ..suite import cases
from .told import Told, UnansweredError
from .transformations import TRANSFORMATIONS, Transformation


def transformation(case: Json) -> Transformation:
    """What a case does."""
    return TRANSFORMATIONS[case["transform"]["name"]]


def requests(case: Json) -> dict[str, Json]:
    """The two requests: `base`, untouched, and `transformed`."""
    base = cases.request(case)
    how = case["transform"]
    transformed = transformation(case).change(base, how)
    if how["name"] == "predict-train":
        base = {**base, "asked": ["fitted"]}
    if how["name"] == "matrices":
        transformed = cases.request({**case, "form": "matrices"})
    return {"base": base, "transformed": transformed}


def pairs(case: Json, base: Json, transformed: Json) -> dict[str, tuple[Any, Any]]:
    """Quantity -> (answer, expected), of those that both sides have answered."""
    found = {}
    for quantity in case["asked"]:
        if quantity not in transformed:
            continue
        try:
            expected = by_base(Told(case, base), quantity)
        except UnansweredError:
            continue
        found[quantity] = (transformed[quantity], expected)
    if case["transform"]["name"] == "criterion-not-above" and found:
        return {"criterion": not_above(*found["criterion"])}
    return found


def by_base(told: Told, quantity: str) -> Any:
    """What a transformed answer must be, by the untouched one."""
    expect = transformation(told.case).expect.get(quantity)
    if expect is not None:
        return listed(expect(told))
    return told.raw(quantity)


def not_above(known: Any, fitted: Any) -> tuple[Any, Any]:
    """The criterion of the fit, and the lower of it and the known one."""
    return fitted, min(float(fitted), float(known))


def listed(value: Any) -> Any:
    """Arrays as nested lists."""
    if isinstance(value, list | tuple):
        return [listed(part) for part in value]
    return value.tolist() if hasattr(value, "tolist") else value
