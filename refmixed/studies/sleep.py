"""Example 23.7: each subject's intercept and slope, alone and within the mixed model."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from ..datasets import load_dataset
from ..fit import lm, lmer
from ..result import Fit
from .shared import COLOURS, COMPLETE, NONE, PARTIAL, Found, plain, posterior_sd

EFFECTS = ("(Intercept)", "Days")
SHOWN = ("308", "335", "337")  # subjects whose names are in the picture


@dataclass(frozen=True, eq=False)
class Sleep(Found):
    """The data, a row for each subject and effect, and the fit of the chapter."""

    fit: Fit

    def __str__(self) -> str:
        return f"{self.fit.summary()}\n{super().__str__()}"

    def figure(self) -> Figure:
        """From each subject's own line to the model's, in the plane of intercept and slope."""
        figure = Figure(figsize=(6.4, 4.8), layout="constrained")
        axes = plain(figure.subplots())
        wide = self.table.pivot(index="subject", columns="effect", values=[NONE, PARTIAL])
        start, end = wide[NONE][[*EFFECTS]].to_numpy(), wide[PARTIAL][[*EFFECTS]].to_numpy()
        for a, b in zip(start, end, strict=True):
            axes.annotate("", b, a, arrowprops={"arrowstyle": "->", "color": "#999999"})
        axes.plot(*start.T, "o", color=COLOURS[NONE], markersize=4, label=NONE)
        axes.plot(*end.T, "o", color=COLOURS[PARTIAL], markersize=4, label=PARTIAL)
        axes.plot(*self.fit.beta, "D", color=COLOURS[COMPLETE], label="fixed effects")
        for subject in SHOWN:
            at = end[wide.index.get_loc(subject)]
            axes.annotate(subject, (at[0], at[1]), (4, 4), textcoords="offset points", fontsize=8)
        axes.set(xlabel="intercept (ms)", ylabel="slope (ms a day)")
        axes.legend(frameon=False)
        return figure


def run() -> Sleep:
    """sleepstudy, by REML."""
    data = load_dataset("sleepstudy")
    fit = lmer("Reaction ~ Days + (Days | Subject)", data)
    alone = lm("Reaction ~ 0 + Subject + Subject:Days", data)  # a line for each subject
    return Sleep(data, compared(fit, alone), fit)


def compared(fit: Fit, alone: Fit) -> pd.DataFrame:
    """subject, effect, each estimate with its error, and the random effect alone."""
    gamma, together = fit.ranef()["Subject"], fit.coef()["Subject"]  # (18, 2) each
    sd = posterior_sd(fit, "Subject")  # (18, 2)
    lines = {"(Intercept)": "Subject{}", "Days": "Subject{}:Days"}
    rows = [
        {
            "subject": subject,
            "effect": effect,
            NONE: alone.beta[lines[effect].format(subject)],
            f"{NONE} se": alone.se[lines[effect].format(subject)],
            PARTIAL: together.loc[subject, effect],
            "posterior sd": sd[j, k],
            "ranef": gamma.loc[subject, effect],
        }
        for j, subject in enumerate(gamma.index)
        for k, effect in enumerate(EFFECTS)
    ]
    return pd.DataFrame(rows)
