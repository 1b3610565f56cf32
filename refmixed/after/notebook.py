"""A fit as HTML, for notebooks: the model, its criterion, and two tables by pandas."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import pandas as pd

DIGITS = 5  # significant ones


def html_of(fit: Any) -> str:
    """The formula, how it was fitted, fixed effects, random effects, and what is said of it."""
    sizes = {term.group: len(term.levels) for term in fit.design.terms}
    told = [f"{'REML' if fit.reml else 'ML'}, criterion {fit.criterion:.4f}", f"n = {fit.nobs}"]
    told += [f"{group}: {levels} levels" for group, levels in sizes.items()]
    fixed = pd.DataFrame({"Estimate": fit.beta, "Std. Error": fit.se, "t value": fit.beta / fit.se})
    parts = [f"<p><code>{escape(fit.formula)}</code></p>", paragraph("; ".join(told))]
    parts += [table(fixed, "Fixed effects")] if len(fixed) else []
    parts += [table(random_effects(fit), "Random effects")]
    return "\n".join([*parts, *map(paragraph, fit.messages)])


def random_effects(fit: Any) -> pd.DataFrame:
    """A row an effect: variance, standard deviation, and correlations with those before."""
    blocks = []
    for name, term in fit.varcorr.items():
        rows = pd.MultiIndex.from_product([[name], term.sd.index])
        block = pd.DataFrame({"Variance": term.sd**2, "Std.Dev.": term.sd}).set_axis(rows)
        lower = np.tril(np.ones(term.corr.shape, dtype=bool), -1)
        corr = term.corr.where(lower).iloc[:, :-1].to_numpy()
        more = pd.DataFrame(corr, rows, [f"Corr {k + 1}" for k in range(corr.shape[1])])
        blocks.append(pd.concat([block, more], axis=1))
    last = pd.DataFrame({"Variance": fit.sigma**2, "Std.Dev.": fit.sigma}, [("Residual", "")])
    return pd.concat([*blocks, last.set_axis(pd.MultiIndex.from_tuples([("Residual", "")]))])


def table(frame: pd.DataFrame, caption: str) -> str:
    """A table under its name, numbers shortened, texts escaped; what is missing is blank."""
    made = frame.to_html(float_format=lambda x: f"{x:.{DIGITS}g}", na_rep="", border=0)
    return f"<p><b>{escape(caption)}</b></p>\n{made}"


def paragraph(text: str) -> str:
    """A text of its own, escaped."""
    return f"<p>{escape(text)}</p>"
