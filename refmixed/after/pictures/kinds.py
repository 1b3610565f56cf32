"""The door to the pictures of a fit, `fit.plot(kind)`: which function draws which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from typing import Any

from ...checks import one_of
from ...errors import OptionError
from ...r.extras import missing

KINDS = {  # the function that draws it, (fit, ax=, ...), and its module
    "caterpillar": ("effect_plots", "caterpillar"),
    "shrinkage": ("effect_plots", "shrinkage"),
    "lines": ("line_plots", "lines"),
    "residuals": ("residual_plots", "residuals"),
    "qq": ("residual_plots", "residual_quantiles"),
    "qq-effects": ("residual_plots", "effect_quantiles"),
    "scale-location": ("residual_plots", "scale_location"),
    "panels": ("residual_plots", "panels"),
    "cook": ("influence_plots", "cook"),
    "zeta": ("profile_plots", "zeta"),
    "contour": ("profile_plots", "contour"),
}


def plot(fit: Any, kind: str, ax: Any = None, **options: Any) -> Any:
    """Draw one kind of picture; its options are those of the function that draws it.

    Raises OptionError for a kind or an option that there is not, ExtraError without matplotlib.
    """
    one_of("kind", kind, KINDS)
    known = options_of(kind)
    for option in options:
        if option not in known:
            raise OptionError(
                f"the picture {kind!r} has no option {option!r}; it has {', '.join(known)}"
            )
    if not isinstance(options.get("units") or {}, Mapping):
        raise OptionError(f"units must be {{variable: unit}}, not {options['units']!r}")
    return drawing(kind)(fit, ax=ax, **options)


def options_of(kind: str) -> list[str]:
    """The options of one kind of picture, beside ax."""
    return [name for name in signature(drawing(kind)).parameters if name not in ("fit", "ax")]


def drawing(kind: str) -> Callable[..., Any]:
    """The function that draws a kind.  Raises ExtraError."""
    if find_spec("matplotlib") is None:
        raise missing("pictures need matplotlib", "plots")
    module, name = KINDS[kind]
    found: Callable[..., Any] = getattr(import_module(f".{module}", __package__), name)
    return found
