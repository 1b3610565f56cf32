"""The parameters of which there are profiles: their names, and where each stands in coordinates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ...covariance import entries, theta_names
from ...design import Design
from ...errors import OptionError, nearest

KINDS = ("sd", "cor", "sigma", "beta", "theta")


@dataclass(frozen=True)
class Parameter:
    """One parameter."""

    kind: str  # one of KINDS
    name: str  # as lme4's profile(signames = FALSE) has it
    short: str  # as lme4 has it by default: .sig01, .sigma, or the same
    t: int = 0  # the term
    i: int = 0  # the effect, or the later one of two; or the coefficient
    j: int = 0


def parameters(design: Design) -> list[Parameter]:
    """All of them: terms as lme4 1.1 orders them, sigma, coefficients, and then theta.

    lme4 2.x has the standard deviations of a term first, so that its .sig02 is another one.
    """
    found = [p for t in range(len(design.terms)) for p in of_term(design, t)]
    found = [
        Parameter(p.kind, p.name, f".sig{n:02d}", p.t, p.i, p.j) for n, p in enumerate(found, 1)
    ]
    found.append(Parameter("sigma", "sigma", ".sigma"))
    found += [Parameter("beta", name, name, i=i) for i, name in enumerate(design.names)]
    places = [(t, i, j) for t, x in enumerate(design.terms) for i, j in triangle(x.k)]
    names = theta_names(design)
    for name, (t, i, j) in zip(names, places, strict=True):
        found.append(Parameter("theta", f"theta_{name}", f"theta_{name}", t, i, j))
    return found


def triangle(k: int) -> list[tuple[int, int]]:
    """Rows and columns of a lower triangle, column by column."""
    rows, columns = entries(k)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def of_term(design: Design, t: int) -> list[Parameter]:
    """Standard deviations and correlations of one term."""
    term, found = design.terms[t], []
    for i, j in triangle(term.k):
        a, b = term.effects[i], term.effects[j]
        name = f"sd_{a}|{term.group}" if i == j else f"cor_{a}.{b}|{term.group}"
        found.append(Parameter("sd" if i == j else "cor", name, "", t, i, j))
    return found


def chosen(design: Design, which: Any, reml: bool = False) -> list[Parameter]:
    """The parameters that are asked for.  Raises OptionError for a name that there is not.

    which: a name of either kind, "sd_", "cor_", "beta_" or "theta_" for all of these, or several;
    None for all but theta, and by REML but beta.
    """
    known = parameters(design)
    if which is None:
        left = ("theta", "beta") if reml else ("theta",)
        return [p for p in known if p.kind not in left]
    if isinstance(which, str):
        which = [which]
    if not isinstance(which, Iterable) or not all(isinstance(name, str) for name in which):
        raise OptionError(f"which must be names of parameters, not {which!r}")
    if not (which := list(which)):
        raise OptionError("which names no parameter; without it all are meant")
    found = [[p for p in known if is_called(p, name)] for name in which]
    for name, some in zip(which, found, strict=True):
        if not some:
            names = [p.name for p in known]
            raise OptionError(f"there is no parameter {name!r}{nearest(name, names)}")
    return [p for some in found for p in some]


def is_called(parameter: Parameter, name: str) -> bool:
    """Whether a name is that of a parameter, or of all of its kind."""
    return name in (parameter.name, parameter.short, f"{parameter.kind}_")
