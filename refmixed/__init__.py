"""refmixed: a reference implementation of linear mixed models.

    import refmixed as rm
    fit = rm.lmer("Reaction ~ Days + (Days | Subject)", rm.load_dataset("sleepstudy"))
    print(fit.summary())

Every step can be taken on its own: `rm.fit` takes arrays and no formula, `rm.design` makes
arrays of one, `rm.marginal.criterion` and `rm.penalized.criterion` are the likelihood by definition
and from penalized least squares.
"""

import sys

from . import covariance, derivatives, errors, marginal, optimize, penalized
from .datasets import list_datasets, load_dataset
from .errors import RefmixedError, RefmixedWarning
from .fit import fit, lm, lmer
from .r.design import design
from .result import Fit

__all__ = [
    "Fit",
    "RefmixedError",
    "RefmixedWarning",
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

# `import refmixed.design as d` gives what is called so here, the function: it has the names of the
# module, too.
for _function in (design, fit):
    _names = vars(sys.modules[f"{__name__}.{_function.__name__}"])
    vars(_function).update({k: v for k, v in _names.items() if not k.startswith("_")})
