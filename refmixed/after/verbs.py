"""What can be asked of a fit, by name: each answer is in a module of its own, loaded when asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

if TYPE_CHECKING:
    from .certificate import Certificate
    from .draws.bootstrap import Bootstrap
    from .draws.power import Power
    from .ends import Refits
    from .influence.diagnostics import Influence
    from .influence.pca import Components
    from .limits.profile import Profile
    from .ratio.compare import Comparison
    from .ratio.drop import Deletions


class Verbs:
    """Methods of a Fit."""

    def predict(
        self,
        newdata: Any = None,
        random: bool | str | Iterable[str] = True,
        new_levels: str = "error",
        se: bool = False,
        interval: str | None = None,
        level: float = 0.95,
        weights: Any = None,
    ) -> pd.Series[float] | pd.DataFrame:
        """Predicted means (r,), for rows of the fit or new ones; NaN where one lacks a value.

        newdata: a data frame; for a fit to arrays (X, terms).  new_levels: "error", or "population"
        to give groups that are missing, or not seen in the fit, random effects of zero.
        random: the effects that are added.  True adds all, False none; a list those of groups
        ("Subject", all its terms) or of terms ("Subject.1"); a text of bars, "~ (1 | Subject)", the
        effects named there, as lme4's re.form.  Effects that are left out are no part of the
        target either: with False it is the population's mean.

        With `se` or an interval a data frame: fit; se, of the mean, beta and the effects uncertain
        together and a new or missing group with all the variance of its effects, theta and sigma
        held; lower and upper.  interval: "confidence" for the mean, "prediction" for an
        observation, which has the residual variance over its weight too: that of the fit's own
        row, of a new one 1 or what `weights` say (a number, one a row, a column's name).  level: of
        the interval, from the normal distribution; without random terms from t with n - p degrees
        of freedom, the classical interval (exact for an `lm` by REML).
        lme4 2.x gives a new group the population's error alone: here that is random=False.
        Raises MissingColumnError, NewLevelError, UnknownLevelError, OffsetError, WeightsError,
        OptionError; warns (IdentifiabilityWarning) where errors may depend on covariance
        parameters that the data do not determine.  eq:prediction-variance, eq:interval
        """
        from .predict import predict

        return predict(self, newdata, random, new_levels, se, interval, level, weights)

    @cached_property
    def joint_cov(self) -> pd.DataFrame:
        """Cov(beta-hat - beta, gamma-hat - gamma) (p + q, p + q), theta taken as known.

        Labelled (term, level, effect); of fixed effects term and level are "".  A prediction
        x'beta + z'gamma has the error variance (x, z)'joint_cov(x, z).  Raises MemoryLimitError.
        eq:joint-covariance
        """
        from .joint import joint_cov

        return joint_cov(self)

    def refit(self, y: Any) -> Self | Refits:
        """The model for another response (n,); of many (n, b) the estimates, a row each."""
        from .refit import refit

        found: Self | Refits = refit(self, y)
        return found

    @cached_property
    def hat(self) -> pd.Series[float]:
        """Hat values (n,): the diagonal of d fitted / d y, theta held, lme4's hatvalues().

        Their sum is the effective number of parameters of the mean.  eq:hat-values
        """
        from .hat import hat

        return hat(self)

    def simulate(
        self,
        nsim: int = 1,
        seed: int | None = None,
        random: str = "new",
        newdata: Any = None,
        weights: Any = None,
    ) -> pd.DataFrame:
        """Responses (n, nsim) drawn from this model; replicate k depends on the seed and k alone.

        random: "new" draws random effects anew, "kept" keeps those of the fit.  newdata: rows of
        their own, of any groups; weights: theirs.  Raises OptionError, WeightsError, NewDataError.
        """
        from .draws.simulate import simulate

        return simulate(self, nsim, seed, random, newdata, weights)

    def bootstrap(
        self,
        nsim: int = 1000,
        seed: int | None = None,
        kind: str = "parametric",
        random: str = "new",
        *,
        group: str | None = None,
        jobs: int = 1,
        statistic: Callable[[Self], Any] | None = None,
        progress: bool = False,
    ) -> Bootstrap:
        """Replicates of standard deviations, correlations, sigma and beta; `.confint()` of them.

        kind: "parametric", responses drawn from the model; "residual", from its residuals and
        effects, given the model's variances; "case", levels of `group` (without it the factor that
        holds all others) with their rows.  random: new effects, or those of the fit "kept".
        statistic: a function of a Fit, number or {name: number}, in place of the parameters: fits
        one by one.  jobs: processes; the numbers stay.  progress: a bar.  Warns of replicates that
        could not be fitted.  Raises OptionError; ExtraError where jobs or the bar lack a package.
        """
        from .draws.bootstrap import bootstrap

        options: dict[str, Any] = {"group": group, "jobs": jobs, "statistic": statistic}
        return bootstrap(self, nsim, seed, kind, random, progress=progress, **options)

    def power(
        self,
        coefficient: Any,
        effect: Any = None,
        groups: Any = None,
        size: Any = None,
        *,
        test: str = "wald",
        df: float = float("inf"),
        level: float = 0.05,
        group: str | None = None,
        nsim: int = 1000,
        seed: int | None = None,
    ) -> Power:
        """How often a test of coefficient = 0 rejects, were this model true: by simulation.

        coefficient: a name, or a contrast (p,).  effect: its true value, in units of the response;
        groups: how many, copies of those there are; size: rows of each, its rows over again; one or
        several each, as in the data where they are not given.  group: the factor that is meant,
        without it the one that holds all others.  test: "wald", estimate over standard error
        against t with df (infinite: z), or "lrt", of fits by ML.  Raises OptionError.
        """
        from .draws.power import power

        options: dict[str, Any] = {"test": test, "df": df, "level": level, "group": group}
        return power(self, coefficient, effect, groups, size, nsim=nsim, seed=seed, **options)

    def certify(self) -> Certificate:
        """A proof of the optimum, and what could not be proved.  Needs `refmixed[validation]`."""
        from .certificate import certify

        return certify(self)

    def influence(self, groups: Any = None, theta: str = "kept") -> Influence:
        """What the fit becomes without each row, or without each group: Cook, DFBETAS and more.

        groups: None for rows, a grouping factor, or labels (n,) of any groups.  theta: "kept"
        (algebra), or "estimated" (a refit each).  Raises OptionError.
        """
        from .influence.diagnostics import influence

        return influence(self, groups, theta)

    def residual_table(self) -> pd.DataFrame:
        """A row an observation: residuals of both kinds, plain and standardized; leverages."""
        from .influence.residuals import residual_table

        return residual_table(self)

    def pca(self) -> dict[str, Components]:
        """{group: principal components of its effects' relative covariance}, as lme4's rePCA."""
        from .influence.pca import pca

        return pca(self)

    def plot(self, kind: str, ax: Any = None, **options: Any) -> Any:
        """Draw a picture on axes, or on a figure of its own; returns the axes.

        kind: one of `after.pictures.kinds.KINDS`.  Needs `refmixed[plots]`.  Raises OptionError.
        """
        from .pictures.kinds import plot

        return plot(self, kind, ax, **options)

    def test_fixed(
        self,
        df: str = "satterthwaite",
        contrasts: Any = None,
        type: int | str | None = 3,
        *,
        joint: bool | None = None,
        rhs: Any = 0.0,
        se: str | None = None,
        parameters: str | None = None,
    ) -> pd.DataFrame:
        """Tests of fixed effects: F of each term, t of each coefficient, or of contrasts given.

        type: of each term its hypothesis beside all others, 3; beside those that do not contain
        it, 2; or after those before it, 1, as lmerTest's anova() has them.  "sequential" and
        "marginal" are nlme's, the first lme4's anova() too.  None: a t of each coefficient.
        contrasts: instead of these (p,) weights of coefficients, which give a t; (l, p), which give
        one F; a Series or data frame with coefficients' names on its columns; or a dict of such,
        {name: weights}, a row each.  joint: True or False for F or t, whatever they are.
        rhs: the values that contrasts are compared with, one or one a row of weights.
        df: "satterthwaite" (observed information, as lmerTest), "satterthwaite-expected",
        "kenward-roger" (expected, as pbkrtest; REML only), "kenward-roger-observed" (as SAS),
        "residual" (n - p), "infinite", "chi-square".
        se: "model" is the root of the diagonal of vcov, "kenward-roger" the adjusted one, "joint"
        that of the joint information of beta and the variances; by default what df goes with.
        parameters: "theta" or "T", in which the information is; they differ in singular fits,
        where zeros stay zero in theta, and by default are lmerTest's and pbkrtest's.

        A data frame with R's columns: Estimate, Std. Error, df, t value, Pr(>|t|); or Sum Sq, Mean
        Sq, NumDF, DenDF, F value, Pr(>F).  Raises OptionError; warns with FreedomWarning where a
        method has no degrees of freedom (of an F, two or less), which are nan.
        """
        from .fixed.inference import tested

        return tested(self, df, contrasts, type, joint, rhs, se, parameters)

    def profile(self, which: Any = None, level: float = 0.99, reml: bool = False) -> Profile:
        """The criterion with one parameter held at a time, all others at their best.

        By ML as lme4's, of a REML fit too; with `reml` by REML, and then of variances alone: beta
        has no profile by REML.  which: names, lme4's (".sig01") or "sd_Days|Subject", or "sd_",
        "cor_", "beta_", "theta_" for all of these; None for all but theta.  Followed to the limits
        of a level, beyond which `.confint(level)` goes on.  Raises OptionError.
        """
        from .limits.profile import profile

        return profile(self, which, level, reml)

    def confint(
        self, method: str = "profile", level: float = 0.95, which: Any = None, **options: Any
    ) -> pd.DataFrame:
        """Confidence limits (parameters, 2), columns named as "2.5 %" and "97.5 %".

        method: "profile", by ML as lme4's, of a REML fit too; with reml=True by REML.  "wald":
        beta alone, normal quantiles times standard errors, as variances have no such limits.
        which: as of `profile`.  Raises OptionError.
        """
        from .confint import confint

        return confint(self, method, level, which, **options)

    def anova(
        self,
        *others: Any,
        names: Sequence[str] | None = None,
        refit: bool = True,
        boundary: bool = False,
    ) -> Comparison:
        """Likelihood ratio tests: the models by number of parameters, each against the one before.

        Fits by REML are refitted by ML, and a note says so; refit=False compares REML criteria,
        of models with the same fixed effects.  names: of the models, in the order given.
        boundary: p-values, too, that know of a variance at zero, see `test_random`.
        A fit of `lm` may be among them.  Raises OptionError where data differ.
        """
        from .ratio.compare import anova

        return anova(self, others, names, refit, boundary)

    def drop1(self, test: str = "chisq", data: Any = None) -> Deletions:
        """The model without each fixed term that no other contains, as lme4's drop1: by ML.

        `.table` has npar (how many parameters fewer), AIC, LRT and Pr(Chi), these two unless test
        is "none".  data: needed where other terms would be coded anew, as in y ~ 0 + a + b.
        Rows are those of this fit, whatever is missing in the term.  Raises OptionError.
        """
        from .ratio.drop import drop1

        return drop1(self, test, data)

    def update(
        self,
        formula: str | None = None,
        data: Any = None,
        reml: bool | None = None,
        *,
        weights: Any = None,
        offset: Any = None,
    ) -> Self:
        """The fit of a changed formula, as R's update(): "~ . - x", "log(.) ~ . + (1 | g)".

        A fit keeps its arrays and not the data, so that data must be given again, except where
        only reml changes, or terms are left out whose columns others do not hang on.  Given other
        data the formula, reml, the route and columns of weights and offset stay.
        Raises FormulaError, for what is left out and is not there too, and OptionError.
        """
        from .ratio.update import update

        found: Self = update(self, formula, data, reml, weights, offset)
        return found

    def test_random(self, nsim: int = 0, seed: int = 1) -> Deletions:
        """The model without each of its random effects, as lmerTest's ranova, by its criterion.

        `.table` has npar, logLik, AIC, LRT, Df and p-values of three laws: Pr(>Chisq), too large
        where a variance is zero in truth; Pr(mixture), of chi-squares, right in large samples; and
        Pr(exact), where one variance is all that is random.  nsim: so many responses drawn from
        the smaller model give Pr(simulated).  What has no value is nan, and a note says why.
        """
        from .ratio.random_terms import test_random

        return test_random(self, nsim, seed)
