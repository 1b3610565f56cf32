"""The functions and constants of formulas, under R's names.

`poly`, `scale` and `bs` are formulaic's and remember the data of the fit; so do `mean`, `sd`,
`min`, `max` and `median` here, so that `I(x - mean(x))` means the same for new rows.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from formulaic.transforms import TRANSFORMS
from formulaic.transforms.contrasts import (
    HelmertContrasts,
    PolyContrasts,
    SumContrasts,
    TreatmentContrasts,
)
from formulaic.utils.stateful_transforms import stateful_transform

from ..errors import ExtrapolationWarning
from ..linalg import Array
from .data import Coded
from .levels import identity, positions


def factor(x: Any, levels: Any = None, ordered: bool = False) -> Coded:
    """R's factor()."""
    return Coded.of(x, levels, ordered)


def ordered(x: Any, levels: Any = None) -> Coded:
    """R's ordered()."""
    return Coded.of(x, levels, ordered=True)


def relevel(x: Any, ref: Any) -> Coded:
    """R's relevel(): `ref` becomes the first level."""
    coded = Coded.of(x)
    first = positions(coded.levels, coded.identities).get(identity(ref))
    if first is None:
        raise ValueError(f"{identity(ref)!r} is not a level")
    rest = [level for k, level in enumerate(coded.identities) if k != first]
    return Coded.of(coded, [coded.identities[first], *rest])


def contrast_kind(kind: Any) -> Any:
    """formulaic's contrasts for R's contr.sum, "contr.sum" or sum."""
    if isinstance(kind, type):
        return kind()
    name = str(kind).removeprefix("contr.")
    if name not in KINDS:
        raise ValueError(f"contrasts are contr.{', contr.'.join(KINDS)}, not {kind}")
    return KINDS[name]()


def C(x: Any, contr: Any = None) -> Coded:
    """R's C(): a factor with other contrasts."""
    coded = Coded.of(x)
    return coded if contr is None else replace(coded, contrasts=contrast_kind(contr))


class NumberedTreatment(TreatmentContrasts):
    """Treatment contrasts as C(f, contr.treatment) names them, by number; others do by level."""


KINDS = {
    "treatment": TreatmentContrasts,
    "sum": SumContrasts,
    "helmert": HelmertContrasts,
    "poly": PolyContrasts,
}


def numbered(_contrasts: Any, levels: tuple[str, ...]) -> list[str]:
    """R numbers the columns of contr.sum and contr.helmert."""
    return [str(k) for k in range(1, len(levels))]


def named(contrasts: Any, levels: tuple[str, ...]) -> list[str]:
    """R names the columns of contr.treatment by level, those of contr.poly .L, .Q, .C, ^4."""
    return list(map(str, contrasts.get_coding_column_names(levels)))


CONTRASTS = {
    TreatmentContrasts: named,
    NumberedTreatment: lambda _, levels: [str(k + 1) for k in range(1, len(levels))],
    PolyContrasts: named,
    SumContrasts: numbered,
    HelmertContrasts: numbered,
}


def c(*values: Any) -> list[Any]:
    """R's c()."""
    return list(values)


def number(x: Any) -> Any:
    """Logical values as numbers, which R's arithmetic makes of them; numbers as they are."""
    return np.asarray(x, dtype=float)[()]


def logical(x: Any) -> Any:
    """Numbers as logical values: whether they are not zero."""
    return number(x) != 0


def numeric(function: Callable[..., Any]) -> Callable[..., Any]:
    """numpy's function of numbers, for logical values too: numpy gives those half precision."""
    return lambda x, *more: function(number(x), *more)


def log(x: Any, base: float | None = None) -> Any:
    """R's log(), natural unless a base is given."""
    return np.log(number(x)) if base is None else np.log(number(x)) / np.log(base)


def as_numeric(x: Any) -> Array:
    """R's as.numeric(): a factor gives the numbers 1, 2, ... of its levels."""
    return x.codes + 1.0 if isinstance(x, Coded) else np.asarray(x, dtype=float)


def remembered(statistic: Callable[[Any], Any]) -> Any:
    """A statistic of the data of the fit, used again for new rows."""

    def transform(x: Any, _state: dict[str, Any] = {}) -> Any:  # noqa: B006  (formulaic passes its own)
        if "value" not in _state:
            _state["value"] = float(statistic(x))
        return _state["value"]

    return stateful_transform(transform)


def bs(x: Any, *more: Any, _state: dict[str, Any] = {}, **named: Any) -> Any:  # noqa: B006
    """R's bs(): beyond the data of the fit the polynomials go on, with a warning."""
    if "upper_bound" in _state:
        low, high = _state["lower_bound"], _state["upper_bound"]
        beyond = np.asarray(x)[(np.asarray(x) < low) | (np.asarray(x) > high)]
        if beyond.size:
            text = f"bs() goes on beyond the data of the fit, {low:g} to {high:g}: {beyond[0]:g} is"
            warnings.warn(f"{text} outside", ExtrapolationWarning, stacklevel=2)
            named["extrapolation"] = "extend"
    return TRANSFORMS["bs"](x, *more, _state=_state, **named)


FUNCTIONS: dict[str, Any] = {
    "I": lambda x: x,
    "log": log,
    **{f: numeric(getattr(np, f)) for f in ("log2", "log10", "log1p", "exp", "expm1", "sqrt")},
    **{f: numeric(getattr(np, f)) for f in ("sin", "cos", "tan", "abs", "sign", "floor", "round")},
    "ceiling": numeric(np.ceil),
    "pmin": numeric(np.minimum),
    "pmax": numeric(np.maximum),
    "ifelse": np.where,
    **{f: TRANSFORMS[f] for f in ("poly", "scale")},
    "bs": stateful_transform(bs),
    **{f: remembered(getattr(np, f)) for f in ("mean", "min", "max", "median")},
    "sd": remembered(lambda x: np.std(x, ddof=1)),
    "factor": factor,
    "as.factor": factor,
    "ordered": ordered,
    "relevel": relevel,
    "as.numeric": as_numeric,
    "C": C,
    "c": c,
}
NAMES: dict[str, Any] = {"T": True, "F": False, "pi": np.pi}
NAMES |= {f"contr.{kind}": contrasts for kind, contrasts in KINDS.items()}
NAMES |= {kind: kind for kind in KINDS} | {"contr.treatment": NumberedTreatment}
