"""The capstone: three conditions, subjects and raters, crossed; a report is handed in with it."""

from __future__ import annotations

from ..points import Symbol
from ..records import Assignment, Expression, Mistake, Number
from . import crossed_mistakes, crossed_ratings

SIZES = Symbol("C", "whole"), Symbol("S", "whole"), Symbol("R", "whole")
SDS = Symbol("alpha"), Symbol("tau"), Symbol("sigma")
FREEDOM = "(S*R*C - S - R - C + 2)"

OF_CONTRAST = (
    Mistake("errors-alone", "structure", "Only the errors of ratings are counted: subjects and "
            "raters respond to the conditions, too.", "eq:balanced-vcov", "2*sigma**2/(S*R)"),
    Mistake("all-over-all-rows", "structure", "Everything is divided by the number of ratings: "
            "effects are shared by many of them.", "eq:group-mean",
            "2*(alpha**2 + tau**2 + sigma**2)/(S*R)"),
    Mistake("one-mean", "variance", "This is the part of one condition: two are compared.",
            "eq:combination-se", "alpha**2/S + tau**2/R + sigma**2/(S*R)"),
    Mistake("no-raters", "structure", "What raters do under a condition is missing.",
            "eq:balanced-vcov", "2*(alpha**2/S + sigma**2/(S*R))"),
    Mistake("no-subjects", "structure", "What subjects do under a condition is missing.",
            "eq:balanced-vcov", "2*(tau**2/R + sigma**2/(S*R))"),
    Mistake("levels-exchanged", "order", "The numbers of subjects and raters have changed places.",
            "eq:group-mean", "2*(alpha**2/R + tau**2/S + sigma**2/(S*R))"),
    Mistake("deviation", "units", "This is the standard error: the variance is asked for.",
            "eq:se", "sqrt(2*(alpha**2/S + tau**2/R + sigma**2/(S*R)))", 0.75),
)  # fmt: skip
OF_RESIDUAL = (
    Mistake("not-noticed", "structure", "These are the errors alone: what the model leaves out is "
            "in its residuals.", "eq:expected-rss", "sigma**2"),
    Mistake("all-of-it", "structure", "All that is left out is in the errors here: the intercepts "
            "take a part of it.", "eq:expected-rss", "sigma**2 + alpha**2 + tau**2"),
    Mistake("many-levels", "divisor", "This holds for many levels: count the degrees of freedom of "
            "each part.", "eq:anova-within", "sigma**2 + (C - 1)/C*(alpha**2 + tau**2)"),
    Mistake("over-all-rows", "divisor", "The squares are divided by all rows: REML takes off what "
            "was estimated.", "eq:anova-within",
            f"({FREEDOM}*sigma**2 + (C - 1)*((S - 1)*R*alpha**2 + (R - 1)*S*tau**2))/(S*R*C)"),
    Mistake("a-mean-not-counted", "divisor", "Subjects and raters have a degree of freedom less "
            "each: their intercepts are taken off.", "eq:anova-between",
            f"sigma**2 + (C - 1)*S*R*(alpha**2 + tau**2)/{FREEDOM}"),
    Mistake("once-for-a-level", "units", "An effect is in as many rows as share it, and as often "
            "in the sum of squares.", "eq:anova-between",
            f"sigma**2 + (C - 1)*((S - 1)*alpha**2 + (R - 1)*tau**2)/{FREEDOM}"),
    Mistake("deviation", "units", "This is a standard deviation: the variance is asked for.",
            "eq:sigma",
            f"sqrt(sigma**2 + (C - 1)*((S - 1)*R*alpha**2 + (R - 1)*S*tau**2)/{FREEDOM})", 0.75),
)  # fmt: skip

ASSIGNMENT = Assignment(
    name="capstone",
    title="Crossed subjects and raters",
    page="c10_capstone",
    hours=12,
    needs=("c08_inference", "c09_structure"),
    data=crossed_ratings.ratings,
    template="capstone.md",
    tasks=(
        Expression(
            name="contrast_variance",
            points=3,
            asks="S subjects, R raters, one rating of each subject by each rater under each "
            "condition. Effects of a subject under a condition have the standard deviation alpha, "
            "of a rater under a condition tau, errors sigma, all independent. The variance of the "
            "difference between the means of two conditions.",
            mistakes=OF_CONTRAST,
            reference="2*(alpha**2/S + tau**2/R + sigma**2/(S*R))",
            symbols=(*SIZES[1:], *SDS),
        ),
        Expression(
            name="reported_residual",
            points=4,
            asks="Of the same design with C conditions: the mean of the residual variance that a "
            "model with conditions and intercepts of subjects and of raters alone estimates, as "
            "the sum of squares beside all these over its degrees of freedom.",
            mistakes=OF_RESIDUAL,
            reference=f"sigma**2 + (C - 1)*((S - 1)*R*alpha**2 + (R - 1)*S*tau**2)/{FREEDOM}",
            symbols=(*SIZES, *SDS),
        ),
        Number(
            name="sds",
            points=5,
            asks="By REML, of the last model of the page: the standard deviations of subjects, of "
            "raters, of subjects under conditions, of raters under conditions, of errors.",
            mistakes=crossed_mistakes.OF_SDS,
            reference=crossed_ratings.sds,
            digits=3,
        ),
        Number(
            name="standard_errors",
            points=5,
            asks="The standard error of the difference between conditions b and a by each of the "
            "four models of the page, in their order.",
            mistakes=crossed_mistakes.OF_ERRORS,
            reference=crossed_ratings.errors,
            digits=3,
        ),
        Number(
            name="interval",
            points=3,
            asks="Condition b less a by the last model: the estimate, and the limits of its 95 % "
            "interval by Student's t with Satterthwaite's degrees of freedom; three numbers.",
            mistakes=crossed_mistakes.OF_INTERVAL,
            reference=crossed_ratings.interval,
            magnitude="largest",
            digits=3,
        ),
    ),
)
