"""All that an implementation is asked about a case, be it of level invariance or not."""

from __future__ import annotations

from ..adapters.messages import Json
from ..suite.requests import request
from .transformations import TRANSFORMATIONS


def requests(case: Json) -> list[Json]:
    """All requests of a case: at level invariance `<id>.base` and `<id>.transformed`."""
    if case["level"] != "invariance":
        return [request(case)]
    return [{**asked, "id": f"{case['id']}.{which}"} for which, asked in both(case).items()]


def both(case: Json) -> dict[str, Json]:
    """The two requests of level invariance: `base`, untouched, and `transformed`."""
    base, transform = request(case), case["transform"]
    transformed = TRANSFORMATIONS[transform["name"]].change(base, transform)
    if transform["name"] == "predict-train":
        base = {**base, "asked": ["fitted"]}
    if transform["name"] == "matrices":
        transformed = request({**case, "form": "matrices"})
    return {"base": base, "transformed": transformed}
