# %% [markdown]
# # The mean over the groups
#
# A coefficient of a generalized mixed model compares two rows of one group. Over a population of
# groups the means compare otherwise: the mean of a curve is not the curve at the mean. This page
# computes the mean over the random effects, by a formula for two links, and by a rule that is
# proven for the others.

# %%
"""Imports, and the name of the page."""

import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page
from flint import acb, arb, ctx
from matplotlib.figure import Figure

import refmixed as rm
from refmixed.glm import marginal_mean as means
from refmixed.glm.links import CLOGLOG, LOG, LOGIT, PROBIT
from refmixed.glm.marginal_mean import marginal_mean

page("g06_marginal")
eta, z = sp.symbols("eta z", real=True)
s, Y, kappa, eps, T = sp.symbols("s Y kappa epsilon T", positive=True)

# %% [markdown]
# ## Two means
#
# Let $g$ be the link. Of a row with the fixed part $\eta$ of its linear predictor, and a random
# part with the variance $s^2 = a_i^\top a_i$ ($a_i$ being its row of $Z\Lambda$), two means can be
# asked for. In a group whose effects are zero it is $g^{-1}(\eta)$. Over all groups it is
#
# $$
# \operatorname{E}[y] = \operatorname{E}\bigl[ g^{-1}(\eta + s Z) \bigr]
# = \int g^{-1}(\eta + s z)\, \varphi(z)\, dz, \qquad Z \sim N(0, 1) .
# $$ (eq:mean-over-effects)
#
# Only a link whose $g$ is linear makes them equal, and so they are in a linear mixed model. The
# links below compare the code with integrals by ball arithmetic.

# %%
ctx.prec = 100  # bits
INVERSES = {
    "logit": (LOGIT, lambda x: 1 / (1 + (-x).exp())),
    "probit": (PROBIT, lambda x: (-x / acb(2).sqrt()).erfc() / 2),
    "cloglog": (CLOGLOG, lambda x: -(-x.exp()).expm1()),
    "log": (LOG, lambda x: x.exp()),
}
AT, SDS = np.array([-4.0, -1.5, 0.0, 0.7, 2.0]), np.array([0.5, 2.0, 1.0, 3.0, 0.0])


def by_integral(inverse, eta, s):
    """E[g^-1(eta + s Z)], by ball arithmetic."""
    area = acb.integral(lambda z, _: inverse(eta + s * z) * (-z * z / 2).exp(), -14, 14 + s)
    return float(area.real / (2 * arb.pi()).sqrt())


for of_link, inverse in INVERSES.values():
    left = [by_integral(inverse, a, b) for a, b in zip(AT, SDS, strict=True)]
    link("eq:mean-over-effects", left, marginal_mean(of_link, AT, SDS), marginal_mean)

# %% [markdown]
# ## Log link
#
# The mean of a lognormal variable is known:
#
# $$
# \operatorname{E}\bigl[ e^{\eta + sZ} \bigr] = e^{\eta + s^2/2} .
# $$ (eq:marginal-log)
#
# The factor $e^{s^2/2}$ is the same for all rows with the same $s$. So a random intercept moves the
# intercept by $s^2/2$ and leaves ratios of means as they are. With a random slope $s$ depends on
# $x$, and ratios do not stay.

# %%
normal = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
left = sp.integrate(sp.exp(eta + s * z) * normal, (z, -sp.oo, sp.oo))
check("eq:marginal-log", sp.simplify(left), sp.exp(eta + s**2 / 2), "symbolic", "any eta and s")
of_log = marginal_mean(LOG, AT, SDS)
link("eq:marginal-log", np.exp(AT + SDS**2 / 2), of_log, marginal_mean)

# %% [markdown]
# ## Probit link
#
# Think of a success as of a standard normal variable $e$ that stays below the predictor. Then
# $e \le \eta + sZ$ says that $e - sZ$, with the variance $1 + s^2$, is at most $\eta$:
#
# $$
# \operatorname{E}\bigl[ \Phi(\eta + sZ) \bigr] = \Phi\Bigl( \frac{\eta}{\sqrt{1 + s^2}} \Bigr) .
# $$ (eq:marginal-probit)
#
# The mean over the groups is a probit curve, too, with all coefficients nearer to zero. They are
# attenuated. The check compares slopes in $\eta$; at $\eta = 0$ both sides are one half, by
# symmetry.

# %%
inside = sp.exp(-((eta + s * z) ** 2) / 2) / sp.sqrt(2 * sp.pi)
left = sp.integrate(sp.expand(inside * normal), (z, -sp.oo, sp.oo))
v = 1 + s**2
right = sp.exp(-(eta**2) / (2 * v)) / sp.sqrt(2 * sp.pi * v)
check(
    "eq:marginal-probit",
    sp.simplify((left / right).rewrite(sp.erf)),
    1,
    "symbolic",
    "the slope, any eta and s",
)
by_symmetry = [0.5, *(by_integral(INVERSES["probit"][1], a, 1.0) for a in AT)]
found = marginal_mean(PROBIT, np.array([0.0, *AT]), np.array([2.0, *np.ones(5)]))
link("eq:marginal-probit", by_symmetry, found, marginal_mean)

# %% [markdown]
# ## Logit link
#
# Here there is no formula. But the logistic curve is nearly the normal one,
# $1/(1 + e^{-\eta}) \approx \Phi(c\eta)$ with $c = 16\sqrt3 / 15\pi \approx 0.588$, and through
# {eq}`eq:marginal-probit` and back
#
# $$
# \operatorname{E}\Bigl[ \frac{1}{1 + e^{-\eta - sZ}} \Bigr]
# \approx \frac{1}{1 + e^{-\tilde\eta}}, \qquad \tilde\eta = \frac{\eta}{\sqrt{1 + c^2 s^2}} .
# $$ (eq:marginal-logit)
#
# (Zeger, Liang and Albert 1988.) So a log odds ratio over the groups is about
# $1/\sqrt{1 + 0.346\, s^2}$ of that within a group. How good is it?

# %%
c = sp.Symbol("c", positive=True)
scaled = c * eta / sp.sqrt(1 + (c * s) ** 2)  # of eq:marginal-probit, with c eta and c s
check(
    "eq:marginal-logit",
    scaled / c,
    eta / sp.sqrt(1 + c**2 * s**2),
    "symbolic",
    "the way through probit",
    text_only=True,
)
grid = np.linspace(-8, 8, 801)
c_2 = (16 * np.sqrt(3) / (15 * np.pi)) ** 2
rows = {}
for sd in (0.5, 1.0, 2.0, 4.0):
    exact = marginal_mean(LOGIT, grid, np.full(801, sd))
    nearly = LOGIT.mean(grid / np.sqrt(1 + c_2 * sd**2))
    log_odds = np.log(exact / (1 - exact))
    rows[sd] = {
        "largest error of p": np.abs(nearly - exact).max(),
        "factor, stated": 1 / np.sqrt(1 + c_2 * sd**2),
        "slope at 0": np.gradient(log_odds, grid)[400],
        "slope at 4": np.gradient(log_odds, grid)[600],
    }
print(pd.DataFrame(rows).T.rename_axis("sd").round(4))

# %% [markdown]
# The probability is right to a percentage point or so. The last columns say what it hides: the mean
# over groups is no logistic curve. Its slope in log odds rises from the middle outwards, where
# events are rare in all groups and the link is nearly the log. A log odds ratio over the groups is
# a number for each pair of rows, and no coefficient.

# %% mystnb={"image": {"alt": "the mean of many steep curves is flatter than each of them"}}
figure = Figure(figsize=(6.5, 3.4), layout="constrained")
axes = figure.subplots()
for effect in np.linspace(-4, 4, 9):
    label = "groups" if effect == -4 else None
    axes.plot(grid, LOGIT.mean(grid + effect), color="0.75", linewidth=0.8, label=label)
axes.plot(grid, LOGIT.mean(grid), color="#0072b2", label="the group with the effect 0")
both = marginal_mean(LOGIT, grid, np.full(801, 2.0))
axes.plot(grid, both, color="#d55e00", linewidth=2, label="mean over groups, sd 2")
axes.set(xlabel=r"$\eta$", ylabel="probability")
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False)
figure

# %% [markdown]
# ## A rule with a proof
#
# For logit and cloglog the code takes the trapezoidal rule. On the edges of the strip
# $|\operatorname{Im} z| \le Y$ the inverse link is at most $e^\kappa$ times what it is on the line,
# by {eq}`eq:strip-logit` and {eq}`eq:strip-cloglog` with $y = sY$, and the normal density
# $e^{Y^2/2}$ times. So the $M$ of {eq}`eq:trapezoid-error` is $e^{\kappa + Y^2/2}$ times the
# integral itself, and for a relative error $\varepsilon$ the step
#
# $$
# h = \frac{2\pi Y}{\log\bigl( 1 + 2 e^{\kappa + Y^2/2} / \varepsilon \bigr)}
# $$ (eq:marginal-step)
#
# will do, for every $\eta$ and every smaller $s$. The ends: $-\log$ of the integrand has a second
# derivative of at least 1 and, as $-(\log p)''$ is below 1 for both links, of at most $1 + s^2$.
# Its mode is between 0 and $s$, since the slope of $\log p$ is between 0 and 1. Relative to the
# integral, then, what lies farther than $T$ from the mode is at most
# $\sqrt{1 + s^2}\, e^{-T^2/2}$. That is $\varepsilon$ with
#
# $$
# T = \sqrt{2 \log\bigl( \sqrt{1 + s^2} / \varepsilon \bigr)} .
# $$ (eq:marginal-reach)

# %%
stated = 2 * sp.pi * Y / sp.log(1 + 2 * sp.exp(kappa + Y**2 / 2) / eps)
bound = 2 * sp.exp(kappa + Y**2 / 2) / (sp.exp(2 * sp.pi * Y / stated) - 1)
check("eq:marginal-step", sp.simplify(bound), eps, "symbolic", "any strip")
reach = sp.sqrt(2 * sp.log(sp.sqrt(1 + s**2) / eps))
left = sp.sqrt(1 + s**2) * sp.exp(-(reach**2) / 2)
check("eq:marginal-reach", sp.simplify(left), eps, "symbolic", "any s")

EPS = 2.0**-52
COSINES = {"logit": (LOGIT, np.pi, 0.5), "cloglog": (CLOGLOG, np.pi / 2, 1.0)}
for of_link, width, half in COSINES.values():
    for sd, share in ((0.7, 0.5), (3.0, 0.9)):
        strip = share * width / sd
        log_M = -np.log(np.cos(half * sd * strip)) + strip**2 / 2
        step = 2 * np.pi * strip / np.log(1 + 2 * np.exp(log_M) / EPS)
        link("eq:marginal-step", step, means.step_in(of_link, sd, share), means.step_in)
        made = means.rule(of_link, sd)
        reach = np.sqrt(2 * np.log(np.sqrt(1 + sd**2) / EPS))
        step = made.z[1] - made.z[0]
        ends = [-np.ceil(reach / step) * step, np.ceil((reach + sd) / step) * step]
        link("eq:marginal-reach", ends, made.z[[0, -1]], means.rule)

# %% [markdown]
# With $s = 1$ that is 44 nodes for logit, and rounding is all that is left of the error.
#
# ## What it does to a report
#
# In cbpp the incidence falls from the first period of a herd to the others. Within a herd, and over
# herds:

# %%
cbpp = rm.load_dataset("cbpp")
fit = rm.glmer("cbind(incidence, size - incidence) ~ period + (1 | herd)", cbpp, likelihood="exact")
of_period = fit.beta.iloc[0] + np.array([0.0, *fit.beta.iloc[1:]])
within = LOGIT.mean(of_period)
over = marginal_mean(LOGIT, of_period, np.full(4, fit.theta.iloc[0]))


def odds_ratios(p):
    """Of each period against the first."""
    return p / (1 - p) / (p[0] / (1 - p[0]))


shown = {
    "herd with the effect 0": within,
    "mean over herds": over,
    "odds ratio, in a herd": odds_ratios(within),
    "odds ratio, over herds": odds_ratios(over),
}
print(pd.DataFrame(shown, index=[f"period {k}" for k in (1, 2, 3, 4)]).T.round(4))

# %% [markdown]
# The standard deviation of herds is 0.65, and the difference small; the mean over herds is higher
# throughout, as it is wherever the typical probability is below one half. With a standard
# deviation of 2, which is not rare with repeated answers of people, an odds ratio of 4 in a person
# is one of less than 2.5 over people.

# %%
two = marginal_mean(LOGIT, np.array([0.0, np.log(4.0)]), np.full(2, 2.0))
print(f"{odds_ratios(two)[1]:.2f}")

# %% [markdown]
# ## What to take away
#
# Say which mean is meant. "What if this herd were in period 2" is the coefficient; "how many of all
# cattle would be ill" is the mean over herds. Neither is wrong, and neither is an estimate of the
# other. Models for means over groups (generalized estimating equations) give smaller coefficients
# from the same data, for this reason alone.
#
# Code: `marginal_mean.marginal_mean`.
