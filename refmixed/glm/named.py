"""What a user calls a family and a link, and which go together."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..errors import FamilyError, nearest
from .links import CLOGLOG, LOG, LOGIT, PROBIT, Link

LINKS: dict[str, dict[str, Link]] = {
    "binomial": {"logit": LOGIT, "probit": PROBIT, "cloglog": CLOGLOG},
    "poisson": {"log": LOG},
    "Gamma": {"log": LOG},
}
CALL = re.compile(r"""\s*([\w.]+)\s*(?:\(\s*(?:link\s*=\s*)?["']?([\w./^]*)["']?\s*\))?\s*""")
LEAVES = "with normal random effects it would leave the range of the mean with positive probability"
UNSURE = "it makes a log-likelihood that is not concave, so that there may be several modes"
REASONS = {
    ("binomial", "identity"): LEAVES,
    ("binomial", "log"): LEAVES,
    ("binomial", "inverse"): LEAVES,
    ("binomial", "cauchit"): UNSURE,
    ("poisson", "identity"): LEAVES,
    ("poisson", "sqrt"): "it is not monotone where a normal effect makes it negative",
    ("Gamma", "identity"): LEAVES,
    ("Gamma", "inverse"): LEAVES,
}
SPREAD = "a quasi-likelihood is no likelihood: a random effect of each row spreads counts, too"
SPREAD_TOO = "its dispersion is no parameter here: a random effect of each row spreads counts, too"
OTHERS = {  # in small letters
    "gaussian": "of normal responses refmixed.lmer is the model",
    "inverse.gaussian": "its log-likelihood is not concave in the linear predictor",
    "quasi": "a quasi-likelihood is no likelihood",
    "bernoulli": "of 0 and 1, too, it is called 'binomial'",
    "negative.binomial": SPREAD_TOO,
    "nbinom1": SPREAD_TOO,
    "nbinom2": SPREAD_TOO,
    "betabinomial": SPREAD_TOO,
    "quasibinomial": SPREAD,
    "quasipoisson": SPREAD,
}


class Named(NamedTuple):
    """A family and its link."""

    family: str
    link: Link


def named(text: object) -> Named:
    """A family and a link of "binomial" or "binomial(probit)".  Raises FamilyError."""
    if not isinstance(text, str) or not (found := CALL.fullmatch(text)):
        raise FamilyError(f"family must be a text such as 'binomial(probit)', not {text!r}")
    family, link = found[1], found[2] or ""
    if family not in LINKS:
        why = OTHERS.get(family.lower())
        raise FamilyError(
            f"the family {family!r} is not fitted" + (f": {why}" if why else nearest(family, LINKS))
        )
    links = LINKS[family]
    if not link:
        return Named(family, next(iter(links.values())))
    if link not in links:
        why = REASONS.get((family, link))
        raise FamilyError(
            f"the link {link!r} of {family} is not fitted"
            + (f": {why}; take {next(iter(links))!r}" if why else nearest(link, links))
        )
    return Named(family, links[link])
