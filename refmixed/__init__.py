"""refmixed: a reference implementation of linear mixed models.

    import refmixed as rm
    fit = rm.lmer("Reaction ~ Days + (Days | Subject)", rm.load_dataset("sleepstudy"))
    print(fit.summary())

Every step can be taken on its own: `rm.fit` takes arrays and no formula, `rm.design` makes
arrays of one, `rm.marginal.criterion` and `rm.penalized.criterion` are the likelihood by definition
and from penalized least squares.
"""

import sys

from . import blocked, covariance, derivatives, errors, marginal, optimize, penalized
from .datasets import list_datasets, load_dataset
from .errors import RefmixedError, RefmixedWarning
from .fit import fit, lm, lmer
from .r.design import design
from .result import Fit

__all__ = [
    "Fit",
    "RefmixedError",
    "RefmixedWarning",
    "blocked",
    "covariance",
    "derivatives",
    "design",
    "errors",
    "fit",
    "list_datasets",
    "lm",
    "lmer",
    "load_dataset",
    "marginal",
    "optimize",
    "penalized",
]
__version__ = "0.1.0"

# `import refmixed.design as d` gives what is called so here, the function: what the module of its
# name defines is to be found there, too.
for _function in (design, fit):
    _module = sys.modules[f"{__name__}.{_function.__name__}"]
    for _name, _value in vars(_module).items():
        if getattr(_value, "__module__", "").startswith(__name__) and not _name.startswith("_"):
            setattr(_function, _name, _value)
