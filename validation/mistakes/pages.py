"""Where the equations of the mistakes stand: the pages of the book and what each defines.

The book is not part of the installed suite; a test holds this to it.
"""

from __future__ import annotations

EQUATIONS = {
    "d01_model": (
        "eq:Lambda",
        "eq:Sigma",
        "eq:Z",
        "eq:column-order",
        "eq:double-bar",
        "eq:model-rows",
        "eq:sd-and-correlation",
        "eq:spherical-covariance",
        "eq:subject-line",
        "eq:theta",
    ),
    "d02_marginal": (
        "eq:V",
        "eq:log-density",
        "eq:marginal-mean",
    ),
    "d03_likelihood": (
        "eq:deviance",
        "eq:gls",
        "eq:ml-criterion",
        "eq:sigma",
        "eq:vcov",
    ),
    "d04_reml": (
        "eq:reml-criterion",
        "eq:restricted-likelihood",
    ),
    "d05_posterior": (
        "eq:blup",
        "eq:blup-error",
        "eq:posterior-covariance",
        "eq:posterior-factor",
        "eq:shrinkage-factor",
        "eq:total-variance",
    ),
    "d06_penalized": (
        "eq:pwrss",
        "eq:sylvester",
    ),
    "d07_optimize": (
        "eq:dT",
        "eq:dr2",
        "eq:kkt",
    ),
    "d08_prediction": (
        "eq:fitted",
        "eq:joint-covariance",
        "eq:new-group",
        "eq:prediction-variance",
        "eq:prediction-variance-new",
    ),
    "d10_inference": (
        "eq:vcov-correlation",
        "eq:wald",
    ),
    "d13_certificate": ("eq:ratio-criterion",),
    "d14_freedom": (
        "eq:kenward-roger-added",
        "eq:kenward-roger-freedom",
        "eq:satterthwaite",
        "eq:satterthwaite-balanced",
        "eq:satterthwaite-f",
    ),
    "d19_profile": ("eq:profile-limit",),
    "g01_model": (
        "eq:expected-weight",
        "eq:gamma-dispersion",
        "eq:glm-density",
        "eq:glmm",
        "eq:separation",
    ),
    "g02_laplace": (
        "eq:glmm-likelihood",
        "eq:joint-mode",
        "eq:laplace",
        "eq:penalized-deviance",
    ),
    "g03_pirls": ("eq:pirls",),
    "g04_quadrature": ("eq:agq",),
    "g06_marginal": (
        "eq:marginal-logit",
        "eq:mean-over-effects",
    ),
    "errata": (
        "eq:errata-contrasts",
        "eq:errata-digits",
    ),
}
PAGES = {tag: page for page, tags in EQUATIONS.items() for tag in tags}
