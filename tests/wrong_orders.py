"""Implementations that take the levels of factors in an order of their own: refmixed otherwise."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from suite import Json

import refmixed as rm
from refmixed.design import Design
from validation.adapters import answers, frames, refmixed
from validation.adapters.refmixed_designs import formula
from validation.adapters.refmixed_models import Modelled

Order = Callable[[Sequence[str], Sequence[str]], Iterable[str]]  # levels, the column -> levels
ORDERS: dict[str, Order] = {
    "levels-in-order-of-rows": lambda _, column: dict.fromkeys(column),
    "levels-sorted": lambda levels, _: sorted(levels),
    "levels-in-order-of-locale": lambda levels, _: sorted(levels, key=str.casefold),
    "levels-reversed": lambda levels, _: reversed(levels),
    "levels-as-numbers": lambda levels, _: sorted(levels, key=natural),
}


def natural(label: str) -> tuple[int, str]:
    """A key that sorts numbers as numbers, and other labels as texts."""
    return (int(label), "") if label.isdigit() else (0, label)


@dataclass(frozen=True)
class Reordered(Modelled):
    """A model with all its factors in another order; the answers stay in that."""

    order: Order

    @cached_property
    def design(self) -> Design:
        model, data = self.said["model"], self.said["data"]
        factors = {f: list(self.order(v, data["columns"][f])) for f, v in data["factors"].items()}
        frame = frames.frame({**data, "factors": factors})
        return rm.design(formula(model), frame, weights=model["weights"], allow_saturated=True)


@dataclass(frozen=True)
class Disordered:
    """An adapter."""

    name: str

    def start(self) -> Json:
        who = {"name": self.name, "version": "0", "language": "Python"}
        return {"version": 1, "implementation": who}

    def run(self, request: Json) -> Json:
        asked = refmixed.Asked(request, Reordered(request, "auto", ORDERS[self.name]))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rm.RefmixedWarning)
            way = refmixed.LEVELS[request["level"]]
            return answers.answer(request, way(asked), {})
