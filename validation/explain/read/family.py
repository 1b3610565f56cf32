"""What a printed text says of a generalized model: its family, its link, and which likelihood."""

from __future__ import annotations

import re

from ..generalized.dimensions import (
    CONSTANT,
    EXACT,
    LAPLACE,
    LAW,
    LIKELIHOOD,
    SATURATED,
    law,
    nodes,
)

R = re.compile(r"^ *Family: *(\w+) *\( *(\w+) *\)", re.M)  # lme4 and glmmTMB
GLMER = re.compile(r"Generalized linear mixed model fit by maximum likelihood \(([^)]*)\)")
STATA = {  # after "Mixed-effects"
    "logistic": "binomial(logit)",
    "probit": "binomial(probit)",
    "complementary log-log": "binomial(cloglog)",
    "Poisson": "poisson(log)",
}
STATA_TITLE = re.compile(rf"Mixed-effects ({'|'.join(STATA)}) regression")
STATA_METHOD = re.compile(r"Integration method: *(\w+)(?: +Integration pts\. *= *(\d+))?")
SAS = {
    "family": re.compile(r"Response Distribution +(\w+)"),
    "link": re.compile(r"Link Function +([\w -]+?) *$", re.M),
    LIKELIHOOD: re.compile(r"Likelihood Approximation +(\w+)"),
}
SAS_WORDS = {
    "Binomial": "binomial", "Binary": "binomial", "Poisson": "poisson", "Gamma": "Gamma",
    "Logit": "logit", "Probit": "probit", "Log": "log", "Complementary Log-Log": "cloglog",
    "CLL": "cloglog", "Laplace": LAPLACE,
}  # fmt: skip


def by_r(text: str) -> dict[str, str]:
    """Of lme4's glmer() and of glmmTMB(), which has Laplace's approximation alone."""
    found = R.search(text)
    if found is None or found.group(1) == "gaussian":
        return {}
    how = GLMER.search(" ".join(text.split()))
    said = by_glmer(how.group(1)) if how else {LIKELIHOOD: LAPLACE}
    return {LAW: law(*found.groups())} | said


def by_glmer(words: str) -> dict[str, str]:
    """What was maximised, in the words of the summary's title; lme4's log-likelihood of it."""
    found = re.search(r"nAGQ = (\d+)", words)
    if found is None:
        return {LIKELIHOOD: EXACT if words == "exact" else LAPLACE}
    count = int(found.group(1))
    return {LIKELIHOOD: nodes(count)} | ({CONSTANT: SATURATED} if count > 1 else {})


def by_stata(text: str) -> dict[str, str]:
    """Of me commands.  Nodes about the mean and the variance are other nodes than those of R."""
    found = STATA_TITLE.search(text)
    if found is None:
        return {}
    how = STATA_METHOD.search(text)
    return {LAW: STATA[found.group(1)]} | (by_method(*how.groups()) if how else {})


def by_method(method: str, count: str | None) -> dict[str, str]:
    """Stata's method of integration."""
    if method == "laplace":
        return {LIKELIHOOD: LAPLACE}
    return {LIKELIHOOD: nodes(int(count))} if method == "mcaghermite" and count else {}


def by_sas(text: str) -> dict[str, str]:
    """Of PROC GLIMMIX."""
    found = {name: pattern.search(text) for name, pattern in SAS.items()}
    words = {name: SAS_WORDS.get(one.group(1), "") for name, one in found.items() if one}
    if not words.get("family"):
        return {}
    of_law = law(words["family"], words.get("link"))
    return {LAW: of_law, **{k: word for k, word in words.items() if k == LIKELIHOOD and word}}
