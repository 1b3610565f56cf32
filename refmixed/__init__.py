"""refmixed: a reference implementation of linear mixed models.

    import refmixed as rm
    fit = rm.lmer("Reaction ~ Days + (Days | Subject)", rm.load_dataset("sleepstudy"))
    print(fit.summary())

Every step can be taken on its own: `rm.design` makes the arrays, `rm.marginal.criterion` and
`rm.penalized.criterion` are the likelihood by definition and from penalized least squares.
"""

from . import covariance, derivatives, errors, marginal, optimize, penalized
from .datasets import list_datasets, load_dataset
from .errors import RefmixedError, RefmixedWarning
from .fit import Fit, lm, lmer
from .r.design import design

__all__ = [
    "Fit",
    "RefmixedError",
    "RefmixedWarning",
    "covariance",
    "derivatives",
    "design",
    "errors",
    "list_datasets",
    "lm",
    "lmer",
    "load_dataset",
    "marginal",
    "optimize",
    "penalized",
]
__version__ = "0.1.0"
