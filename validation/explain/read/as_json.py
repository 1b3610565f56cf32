"""JSON: of `refmixed fit --json`, an answer of the suite, or an object of quantities by name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..account import Account, AccountError, Numbers, coefficient, said
from ..generalized.dimensions import DIALECT, EXACT, LAW, LIKELIHOOD, law, nodes
from ..numbers import Number, written
from .tables import Pairs

ALONE = {
    "n": "n", "nobs": "n", "n_obs": "n", "observations": "n",
    "criterion": "criterion", "deviance": "criterion",
    "-2loglik": "criterion", "loglik": "loglik", "loglikelihood": "loglik", "llf": "loglik",
    "aic": "aic", "bic": "bic", "sigma": "sigma",
}  # fmt: skip
NAMED = {
    "beta": "beta", "fixef": "beta", "coef": "beta", "se": "se", "bse": "se", "df": "df", "t": "t",
    "z": "t", "tvalue": "t", "p": "p", "pvalue": "p", "df_satterthwaite": "df", "df_kr": "df",
    "se_kr": "se", "groups": "groups", "ngrps": "groups", "f": "F", "numdf": "numdf",
    "dendf": "dendf",
    "lower": "lower", "upper": "upper", "means": "mean",
}  # fmt: skip


def is_mine(text: str) -> bool:
    """Whether it is JSON."""
    return text.lstrip().startswith("{")


def read(text: str, name: str) -> Account:
    """An account of it.  Raises AccountError."""
    try:
        value = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except ValueError as error:
        raise AccountError(f"{name} begins like JSON and is none: {error}") from error
    plain = value.get("answers", value)
    if not isinstance(plain, Mapping) or any(is_answer(part) for part in plain.values()):
        raise AccountError(f"{name} has answers to several cases: give the object of one")
    numbers = said(pairs(plain))
    if not numbers:
        known = ", ".join(sorted({*ALONE, *NAMED, "sd", "corr", "varcorr"}))
        raise AccountError(f"{name} has none of the quantities that are compared: {known}")
    formula = text_at("formula", plain)
    text_of_it = formula if formula and "~" in formula else None
    says = said_of_family(plain)
    return Account(
        name, "JSON", own(numbers, says), reml_of(plain), text_of_it, text_at("weights", plain),
        says=says, is_generalized=LAW in says,
    )  # fmt: skip


def said_of_family(plain: Mapping[str, Any]) -> dict[str, str]:
    """Of a generalized model family and link, the likelihood and its dialect."""
    family, link = text_at("family", plain), text_at("link", plain)
    if family is None:
        return {}
    words = {LAW: law(family, link), DIALECT: text_at("dialect", plain)}
    count = plain.get("nagq")
    if text_at("likelihood", plain) == EXACT:
        words[LIKELIHOOD] = EXACT
    elif isinstance(count, Decimal) and count.isdigit():
        words[LIKELIHOOD] = nodes(int(str(count)))
    return {name: word for name, word in words.items() if word}


def own(numbers: Numbers, says: Mapping[str, str]) -> Numbers:
    """Without means of rows where the model is not a generalized one; without a sigma that is 1."""
    of_law = says.get(LAW)
    if of_law is None:
        others = {"mean"}
    else:
        others = {"sigma"} if of_law.startswith(("binomial", "poisson")) else set()
    return {key: number for key, number in numbers.items() if key[0] not in others}


def text_at(word: str, plain: Mapping[str, Any]) -> str | None:
    """A text under a name; None where there is none, or a number."""
    value = plain.get(word)
    return str(value) if isinstance(value, str) and not isinstance(value, Decimal) else None


def is_answer(value: Any) -> bool:
    """Whether a value is an answer of the suite, one of a file of them."""
    return isinstance(value, Mapping) and "answers" in value


class Decimal(str):
    """A number of the file, as it was written."""


def reml_of(plain: Mapping[str, Any]) -> bool | None:
    """What is said of the method."""
    if isinstance(plain.get("reml"), bool):
        return bool(plain["reml"])
    method = str(plain.get("method", "")).upper()
    return method == "REML" if method in ("REML", "ML") else None


def pairs(plain: Mapping[str, Any]) -> Pairs:
    """Every number that has a name here, whatever the case of the name."""
    for word, value in plain.items():
        name = word.casefold()
        if name in ALONE:
            yield (ALONE[name],), number(value)
        elif name in NAMED:
            for label, one in labelled(value):
                yield (NAMED[name], coefficient(label)), number(one)
        elif name == "varcorr" and isinstance(value, Mapping):
            yield from varcorr(value)
        elif name == "ranef" and isinstance(value, Mapping):
            yield from groups(value)
        elif name in ("sd", "corr"):
            yield from effects(name, value)


def number(value: Any) -> Number | None:
    """A number of the file; None for what is none.  A count has no rounding."""
    if isinstance(value, bool) or not isinstance(value, str):
        return None
    parsed = written(value)
    if parsed is not None and isinstance(value, Decimal) and value.lstrip("-").isdigit():
        return Number(parsed.value, parsed.value, value)
    return parsed


def labelled(value: Any) -> Iterator[tuple[str, Any]]:
    """Names and values; a list is numbered from 1."""
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, list):
        yield from ((str(k), one) for k, one in enumerate(value, 1))


def effects(kind: str, value: Any) -> Pairs:
    """Standard deviations or correlations: {group: {effect: sd}}, {group: sd}, or a list."""
    for label, one in labelled(value):
        if isinstance(one, Mapping):
            for effect, sd in one.items():
                yield (kind, label, *effect_names(kind, effect)), number(sd)
        elif isinstance(value, list):
            yield (kind, "", *((label,) if kind == "sd" else ("", label))), number(one)
        else:
            yield (kind, label, *(("(Intercept)",) if kind == "sd" else ("1", "2"))), number(one)


def groups(value: Mapping[str, Any]) -> Pairs:
    """Levels of groups, counted: {group: {level: {effect: value}}}."""
    for group, levels in value.items():
        if isinstance(levels, Mapping):
            count = float(len(levels))
            yield ("groups", group), Number(count, count, f"{count:g}")


def effect_names(kind: str, effect: str) -> tuple[str, ...]:
    """Of a correlation two names, with a comma between them."""
    if kind == "sd":
        return (coefficient(effect),)
    return tuple(coefficient(part) for part in effect.split(",", 1))


def varcorr(value: Mapping[str, Any]) -> Pairs:
    """Of `refmixed fit --json`: {group: {"sd": {effect: value}, "corr": [[...]]}}."""
    for group, term in value.items():
        if not isinstance(term, Mapping) or not isinstance(term.get("sd"), Mapping):
            continue
        sds = term["sd"]
        for effect, sd in sds.items():
            yield ("sd", group, coefficient(effect)), number(sd)
        names = [coefficient(effect) for effect in sds]
        rows = term.get("corr")
        for i, row in enumerate(rows if isinstance(rows, list) else []):
            for j, one in enumerate(row[:i] if isinstance(row, list) else []):
                yield ("corr", group, names[j], names[i]), number(one)
