"""refmixed: a reference implementation of mixed models.

    import refmixed as rm
    fit = rm.lmer("Reaction ~ Days + (Days | Subject)", rm.load_dataset("sleepstudy"))
    print(fit.summary())

What else a fit is asked for, tests, intervals, predictions, pictures, `help(refmixed.Fit)` says.
Responses that are not normal take `rm.glmer`.
Every step can be taken on its own: `rm.fit` takes arrays and no formula, `rm.design` makes
arrays of one, `rm.marginal.criterion` and `rm.penalized.criterion` are the likelihood by definition
and from penalized least squares.

numpy, pandas, scipy and formulaic are loaded with the first name that needs them.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from . import errors
from .errors import RefmixedError, RefmixedWarning

if TYPE_CHECKING:
    from . import blocked, covariance, derivatives, marginal, optimize, penalized
    from .datasets import list_datasets, load_dataset
    from .fit import fit, lm, lmer
    from .glm.fit import glmer
    from .glm.result import GlmerFit
    from .r.design import design
    from .result import Fit

__all__ = [
    "Fit",
    "GlmerFit",
    "RefmixedError",
    "RefmixedWarning",
    "blocked",
    "covariance",
    "derivatives",
    "design",
    "errors",
    "fit",
    "glmer",
    "list_datasets",
    "lm",
    "lmer",
    "load_dataset",
    "marginal",
    "optimize",
    "penalized",
]
__version__ = "0.1.0"

HOME = {  # the module of what is no module
    "Fit": "result",
    "GlmerFit": "glm.result",
    "design": "r.design",
    "fit": "fit",
    "glmer": "glm.fit",
    "list_datasets": "datasets",
    "lm": "fit",
    "lmer": "fit",
    "load_dataset": "datasets",
}


class Package(ModuleType):
    """refmixed, whose names are there before the modules that define them are loaded."""

    def __getattr__(self, name: str) -> Any:
        """What is asked for the first time.  Raises AttributeError."""
        if name in HOME:
            value = with_its_module(getattr(import_module(f"{__name__}.{HOME[name]}"), name))
        elif not name.startswith("_") and find_spec(f"{__name__}.{name}"):
            value = import_module(f"{__name__}.{name}")
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        setattr(self, name, value)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        """Modules come here when they are loaded; `design` and `fit` stay functions."""
        if not (name in HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *__all__})


def with_its_module(function: Any) -> Any:
    """A function, with what the module of its name defines, if there is one, as attributes.

    `import refmixed.design as d` gives what is called so here, the function: what is in the module
    is to be found there, too.
    """
    module = sys.modules.get(f"{__name__}.{function.__name__}")
    for name, value in vars(module).items() if module else ():
        if getattr(value, "__module__", "").startswith(__name__) and not name.startswith("_"):
            setattr(function, name, value)
    return function


sys.modules[__name__].__class__ = Package
