"""The door to the pictures of a fit, `fit.plot(kind)`: which function draws which."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ..checks import one_of
from ..errors import ExtraError, OptionError

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
}


def plot(fit: Any, kind: str, ax: Any = None, **options: Any) -> Any:
    """Draw one kind of picture; its options are those of the function that draws it.

    Raises OptionError for a kind or an option that there is not, ExtraError without matplotlib.
    """
    one_of("kind", kind, KINDS)
    if find_spec("matplotlib") is None:
        raise ExtraError("pictures need matplotlib: pip install 'refmixed[plots]'")
    module, name = KINDS[kind]
    draw = getattr(import_module(f".{module}", __package__), name)
    known = draw.__code__.co_varnames[1 : draw.__code__.co_argcount]
    for option in options:
        if option not in known:
            choices = ", ".join(name for name in known if name != "ax")
            raise OptionError(f"the picture {kind!r} has no option {option!r}; it has {choices}")
    return draw(fit, ax=ax, **options)
