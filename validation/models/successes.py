"""Generalized models of successes of several trials."""

from __future__ import annotations

from typing import Any

from .generalized_model import GeneralizedModel as Model
from .generalized_model import Point

CBPP: dict[str, Any] = {
    "data": "cbpp",
    "formula": "cbind(incidence, size - incidence) ~ period + (1 | herd)",
    "trials": "size",
}
AT_LOGIT = Point(("-1.3985", "-0.9923", "-1.1287", "-1.5803"), ("0.6423",))
AT_PROBIT = Point(("-0.8", "-0.5", "-0.6", "-0.8"), ("0.35",))
AT_CLOGLOG = Point(("-1.5", "-0.9", "-1", "-1.5"), ("0.6",))

MODELS = (
    Model(
        "cbpp-laplace",
        "The example of lme4's help: successes of trials, fifteen herds.",
        **CBPP,
        points=(AT_LOGIT, Point(("-1", "-1", "-1", "-1.5"), ("0",))),
        flags=("unbalanced", "trials"),
    ),
    Model(
        "cbpp-nodes-9",
        "The same by nine adaptive nodes, which are exact to four digits more.",
        **CBPP,
        points=(AT_LOGIT,),
        likelihood="agq",
        nodes=9,
        flags=("unbalanced", "trials"),
    ),
    Model(
        "cbpp-exact",
        "The same with the integrals themselves, in place of their approximations.",
        **CBPP,
        points=(AT_LOGIT,),
        likelihood="exact",
        flags=("unbalanced", "trials"),
    ),
    Model(
        "cbpp-probit-observed",
        "A link that is not canonical: Laplace's determinant has the second derivative itself.",
        **CBPP,
        points=(AT_PROBIT,),
        link="probit",
        dialect="observed",
        flags=("unbalanced", "trials"),
    ),
    Model(
        "cbpp-probit-expected",
        "The same with Fisher's weights in the determinant, which is another number.",
        **CBPP,
        points=(AT_PROBIT,),
        link="probit",
        dialect="expected",
        flags=("unbalanced", "trials"),
    ),
    Model(
        "cbpp-cloglog-observed",
        "The link of grouped survival times, which is not symmetric.",
        **CBPP,
        points=(AT_CLOGLOG,),
        link="cloglog",
        dialect="observed",
        flags=("unbalanced", "trials"),
    ),
    Model(
        "cbpp-cloglog-expected",
        "The same with Fisher's weights in the determinant.",
        **CBPP,
        points=(AT_CLOGLOG,),
        link="cloglog",
        dialect="expected",
        flags=("unbalanced", "trials"),
    ),
    Model(
        "zero-laplace",
        "Groups with the same successes of the same trials: a variance of zero.",
        "zero",
        "cbind(successes, size - successes) ~ 1 + (1 | g)",
        (Point(("-0.4",), ("0.2",)),),
        trials="size",
        flags=("balanced", "singular", "trials"),
    ),
    Model(
        "nested-laplace",
        "Nested groups whose labels repeat, written with a slash.",
        "nested",
        "cbind(successes, size - successes) ~ x + (1 | a/b)",
        (Point(("0.9", "-0.6"), ("0.6", "0.5")),),
        trials="size",
        flags=("balanced", "nested", "trials"),
    ),
)
