"""Random effects left out in turn, each by a likelihood ratio test: `fit.test_random()`.

As lmerTest's ranova: an intercept alone goes with its term, any other effect by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from ...checks import whole_number
from ...design import Design
from ...errors import OptionError
from ...r.deparse import deparse
from ...r.formula import Formula, parse_formula
from ...r.parts import droppable, part, some_of, with_effects, without
from ...r.reduced import bar
from ...r.terms import Term
from ...r.updated import bar_text, updated
from ..draws.law import Normal, a_seed, draws, fitted_law
from .boundary import beside
from .drop import Deletions, below, ratio

TITLE = "Random effects left out: likelihood ratio tests"


def test_random(fit: Any, nsim: int, seed: int) -> Deletions:
    """The random effects of a Fit left out in turn.  eq:lrt  Raises OptionError."""
    nsim, seed = whole_number("nsim", nsim, 0, OptionError), a_seed(seed)
    if fit.optimum.is_given or not fit.design.terms:
        raise OptionError("test_random() takes a fit with random terms, without theta=")
    smaller = {name: of(fit, design) for name, design in designs(fit.design)}
    fits = {"<none>": fit} | smaller
    lrt = np.array([ratio(small, fit) for small in smaller.values()])
    table = pd.DataFrame(
        {
            "npar": [one.nparameters for one in fits.values()],
            "logLik": [one.loglik for one in fits.values()],
            "AIC": [one.aic for one in fits.values()],
            "LRT": [np.nan, *lrt],
            "Df": [np.nan, *(fit.nparameters - one.nparameters for one in smaller.values())],
        },
        index=list(fits),
    )
    table["Pr(>Chisq)"] = chi2.sf(table["LRT"], table["Df"])
    more, notes = beside([(small, fit) for small in smaller.values()], lrt, list(smaller))
    table = table.join(more)
    if nsim:
        p = {name: simulated(small, fit, nsim, seed) for name, small in smaller.items()}
        table["Pr(simulated)"] = pd.Series(p)
    return Deletions(TITLE, fit.formula, table, (*notes, *below(table)))


def of(fit: Any, design: Design) -> Any:
    """The Fit of a part of the design, by the same criterion."""
    return type(fit).of(design, fit.reml, fit.route if design.terms else "auto", fit.labels)


def designs(design: Design) -> Iterator[tuple[str, Design]]:
    """The design without each of its random effects, by name."""
    for t in range(len(design.terms)):
        yield from (of_arrays if design.recipe is None else of_formula)(design, t)


def of_formula(design: Design, t: int) -> Iterator[tuple[str, Design]]:
    """Without the effects of term t, variable by variable."""
    own, formula = design.recipe.bars[t], design.recipe.formula
    alone: list[Term | None] = [None]
    for term in droppable(own.effects) or alone:
        less = None if term is None else without(own.effects, term)
        gone = less is None or not (less.terms or less.intercept)
        instead = f" + {bar_text(replace(own, effects=less))}" if less and not gone else ""
        changed: Formula = parse_formula(updated(formula, f"~ . - {bar_text(own)}{instead}"))
        within = "" if term is None else f"{':'.join(map(deparse, term))} in "
        yield within + bar_text(own), part(design, changed)


def of_arrays(design: Design, t: int) -> Iterator[tuple[str, Design]]:
    """Without each column of term t of a model of arrays, the constant ones last of all."""
    term, all_columns = design.terms[t], np.arange(design.p)
    none: list[int | None] = [None]
    for j in np.flatnonzero(np.ptp(term.x, axis=0) > 0).tolist() or none:
        rest = np.delete(np.arange(term.k), range(term.k) if j is None else j)
        terms = list(design.terms)
        terms[t : t + 1] = [with_effects(term, rest)] if len(rest) else []
        within = "" if j is None else f"{term.effects[j]} in "
        yield within + bar(design, t + 1), some_of(design, all_columns, terms, None)


def simulated(small: Any, large: Any, nsim: int, seed: int) -> float:
    """The share of responses of the smaller model, this one among them, of so large a ratio.

    Its Monte Carlo error is the root of p (1 - p) / nsim.
    """
    Y = draws(Normal(fitted_law(small, "new")), seed, range(nsim)).T  # (n, nsim)
    below = (small.refit(Y).criterion - large.refit(Y).criterion).to_numpy()
    observed = small.criterion - large.criterion
    reached = below[np.isfinite(below)] >= observed - 1e-9 * abs(large.criterion)
    return float((1 + reached.sum()) / (1 + len(reached)))
