# %% [markdown]
# # Marginal means, several comparisons, and shares of variance
#
# Which recipe bakes the better cake? A fit answers with coefficients, which depend on how factors
# are coded. A marginal mean is a prediction, averaged over everything that is not asked about, and
# does not. This page says what is averaged, when the average can be estimated at all, how many
# comparisons can be made at once, and what share of the variance a model explains.

# %%
"""Imports, and the name of the page."""

import warnings
from itertools import chain, combinations, product

import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page
from scipy import integrate, stats
from scipy.special import ndtr

import refmixed as rm
from refmixed.after import variance_explained
from refmixed.after.means import adjust, linear, studentized
from refmixed.after.means.averages import averages
from refmixed.after.means.estimable import Estimable
from refmixed.after.means.grid import reference_grid

page("d17_means")
R = sp.Rational

# %% [markdown]
# ## The reference grid
#
# Take each factor of the fixed effects at each of its levels, each covariate at its mean, and all
# of these with one another: the cells of a **reference grid**. A cell $c$ has a row $x_c$ of the
# model matrix, made as that of any new observation is, and so a prediction $x_c^\top\hat\beta$. The
# random effects are at their mean, zero. Like emmeans we take a number that has two values at both
# of them, and one that the formula makes a factor of at all.
#
# A **marginal mean** $\mu_g$ of, say, a recipe is the average over the cells $c \in g$ of that
# recipe,
#
# $$
# \hat \mu_g = \sum_c a_{gc}\, x_c^\top \hat\beta, \qquad
# a_{gc} = \frac{s_c\, [c \in g]}{\sum_{c' \in g} s_{c'}} ,
# $$ (eq:mean-of-cells)
#
# with shares $s_c$. **Equal** ones, $s_c = 1$, ask what would be if all combinations were as
# frequent: that is what "least-squares means" are in most programs. Shares $s_c = n_c$, the rows of
# the data in the cell, give with factors alone the plain average of $x_i^\top\hat\beta$ over the
# rows of the group. **Proportional** ones are those of the other factors, whatever the group: the
# same mix for every recipe.
#
# The check is by fractions: five rows, two factors of two levels, any coefficients; then the
# function, on random data.

# %%
b0, b1, b2, b3 = betas = sp.Matrix(sp.symbols("beta_0:4"))
cells = [(0, 0), (1, 0), (0, 1), (1, 1)]
rows = [0, 0, 1, 2, 3, 3, 3]  # the cell of each observation
x = [sp.Matrix([1, f, h, f * h]) for f, h in cells]
inside = [c for c, (f, _) in enumerate(cells) if f == 1]
n_c = [rows.count(c) for c in range(4)]
by_cells = sum(R(n_c[c], sum(n_c[k] for k in inside)) * x[c].dot(betas) for c in inside)
observed = [c for c in rows if c in inside]
by_rows = sum((x[c].dot(betas) for c in observed), R(0)) / len(observed)
check("eq:mean-of-cells", by_cells, by_rows, "exact", "2 x 2 cells, 7 rows, any beta")

rng = np.random.default_rng(17)
data = pd.DataFrame({"f": rng.choice(list("abc"), 60), "h": rng.choice(list("uv"), 60)})
data["x"], data["g"] = rng.normal(size=60), np.repeat(list("pqrstw"), 10)
data["y"] = rng.normal(size=60) + (data["f"] == "a") + data["x"]
fit = rm.lmer("y ~ f*h + x + (x | g)", data)
grid = reference_grid(fit.design, None)
A, named = averages(grid, ["f"], "cells")
sizes = data.groupby("f").size()
expected = [
    [((data["f"] == f) & (data["h"] == h)).sum() / sizes[f] * (f == g) for h in "uv" for f in "abc"]
    for g in named["f"]
]
link("eq:mean-of-cells", expected, A, averages)

# %% [markdown]
# ## Estimates and standard errors
#
# A mean, a difference of means, or any contrast of them, is one combination $c^\top\beta$ with a
# known $c$, and every $c^\top\hat\beta$ has the variance
#
# $$
# \operatorname{Var}(c^\top\hat\beta) = \sigma^2\, c^\top (X^\top V_0^{-1} X)^{-1} c .
# $$ (eq:combination-se)
#
# The search has coordinates of its own (see {eq}`eq:coordinates`): $X = \tilde X L^\top$ and
# $\beta = L^{-\top}(d + s\tilde\beta)$, with $d$ the least squares and $s$ the size of what they
# leave. There
#
# $$
# c^\top\hat\beta = \tilde c^\top (d + s\,\hat{\tilde\beta}), \qquad \tilde c = L^{-1} c ,
# $$ (eq:linear-combination)
#
# which loses no digits where an origin of $x$ is far off: a mean is near the data, though the
# intercept is not.

# %%
X, Xt, V, Omega, c, ct = sp.symbols("X X^T V_0 Omega c c^T", commutative=False)
Lt, L, d, beta_ = sp.symbols("L^T L d beta", commutative=False)
s, s2 = sp.symbols("s sigma^2", positive=True)
hat = ct * Omega**-1 * Xt * V**-1  # c'beta-hat = hat Y, and Cov(Y) = sigma^2 V_0
spread = sp.expand(hat * (s2 * V) * V**-1 * X * Omega**-1 * c)
general = {"kind": "general", "sizes": "all sizes"}
check("eq:combination-se", spread.subs(Xt * V**-1 * X, Omega), s2 * ct * Omega**-1 * c, **general)
in_coordinates = (ct * Lt**-1) * (d + s * beta_)  # c~' = c' L'^-1
check(
    "eq:linear-combination",
    in_coordinates.expand(),
    (ct * (Lt**-1 * (d + s * beta_))).expand(),
    **general,
)

C = rng.normal(size=(3, fit.design.p))
V0 = rm.marginal.at(fit.design, fit.theta.to_numpy(), True).V0
information = fit.design.X.T @ np.linalg.solve(V0, fit.design.X)
combined = linear.Combinations.of(fit, np.inf)
estimates, errors, _ = combined(C)
link("eq:linear-combination", C @ fit.beta, estimates, linear.Combinations.some)
expected = fit.sigma * np.sqrt(np.diag(C @ np.linalg.solve(information, C.T)))
link("eq:combination-se", expected, errors, linear.Combinations.some)

# %% [markdown]
# ## What cannot be estimated
#
# Where a cell has no rows, columns of $X$ depend on one another, and all but a basis $X_k$ of them
# were left out: $X_d = X_k B$. Coefficients then are not of the whole model, and a combination has
# a meaning only if every choice of columns gives it the same value. With $N = (-B^\top, I)^\top$ it
# is $XN = 0$, so that $\beta$ and $\beta + N\nu$ are the same model, and $x^\top\beta$ is
# **estimable** if $x^\top N = 0$:
#
# $$
# x_d^\top = x_k^\top B .
# $$ (eq:estimable)
#
# Rows of $X$ are so, and their combinations: those alone, as $N$ spans all that $X$ maps to zero. A
# mean over an empty cell is not, and is shown as missing. A difference of two such means may be
# estimable, and is asked on its own.

# %%
l3 = sp.Matrix(1, 3, sp.symbols("l_1:4"))
Xk = sp.Matrix(3, 2, sp.symbols("x_1:7"))
B = sp.Matrix(2, 1, sp.symbols("b_1:3"))
whole = Xk.row_join(Xk * B)  # the columns kept, and those left out
row = l3 * whole
check("eq:estimable", row[:, 2:], row[:, :2] * B, "symbolic", "n = 3, two columns kept, one not")

holes = data[(data["f"] != "c") | (data["h"] != "v")]
with warnings.catch_warnings():
    warnings.simplefilter("ignore", rm.RefmixedWarning)
    rank = rm.lmer("y ~ f*h + x + (x | g)", holes)
grid = reference_grid(rank.design, None)
full = np.column_stack(
    [np.ones(len(holes)), holes["f"] == "b", holes["f"] == "c", holes["h"] == "v", holes["x"]]
    + [(holes["f"] == f) & (holes["h"] == "v") for f in "bc"]
).astype(float)
_, values, axes = np.linalg.svd(full)
null = axes[np.sum(values > 1e-9) :].T  # the directions that X maps to zero
is_estimable = np.abs(grid.X @ null).max(axis=1) < 1e-9
found = Estimable.of(rank.design.recipe).holds(np.eye(len(grid.X)), grid.X)
link("eq:estimable", is_estimable, found, Estimable.holds)

# %% [markdown]
# ## Several comparisons at once
#
# A test is at level $\alpha$ if it errs with that probability where there is nothing to find. Of
# $r$ such tests one or more err much more often. **Bonferroni**'s answer is the union bound
# $P(\bigcup E_j) \le \sum P(E_j)$: each at level $\alpha/r$, whatever the dependence. In terms of
# p-values,
#
# $$
# p^B_j = \min(1,\, r\, p_j) .
# $$ (eq:bonferroni)
#
# **Holm** gains power for nothing. Order the p-values, $p_{(1)} \le \dots \le p_{(r)}$; reject the
# first at $\alpha/r$, then the next at $\alpha/(r-1)$, and so on; stop at the first that is not
# rejected. So
#
# $$
# p^{\mathrm{Holm}}_{(i)} = \max_{j \le i}\, \min\bigl(1,\, (r - j + 1)\, p_{(j)}\bigr) .
# $$ (eq:holm)
#
# Why it holds: to reject hypothesis $i$ is allowed if *every* set $S$ of hypotheses that contains
# $i$ is rejected by a test of level $\alpha$, because one of these sets is the set of the true
# ones. With Bonferroni's test of each set the p-value of $i$ is the largest, over all $S \ni i$, of
# $\min(1, |S|\min_{j \in S} p_j)$, and that is {eq}`eq:holm`. The check compares the two, and the
# rule as it is told, for all choices of three and of four p-values from a list of fractions.

# %%
LIST = [R(1, 100), R(1, 60), R(1, 40), R(1, 20), R(2, 5)]
LEVEL = R(1, 20)


def by_sets(p):
    """The largest of Bonferroni's p-values of the sets that hold i, for each i."""
    sets = list(chain.from_iterable(combinations(range(len(p)), k) for k in range(1, len(p) + 1)))
    worth = {S: min(1, len(S) * min(p[j] for j in S)) for S in sets}
    return [max(worth[S] for S in sets if i in S) for i in range(len(p))]


def stepped(p):
    """eq:holm."""
    order = sorted(range(len(p)), key=lambda i: p[i])
    steps = [min(1, (len(p) - j) * p[i]) for j, i in enumerate(order)]
    return [max(steps[: order.index(i) + 1]) for i in range(len(p))]


def rejected(p):
    """The rule in words."""
    order, found = sorted(range(len(p)), key=lambda i: p[i]), [0] * len(p)
    for j, i in enumerate(order):
        if p[i] > LEVEL / (len(p) - j):
            break
        found[i] = 1
    return found


every = [*product(LIST, repeat=3), *product(LIST, repeat=4)]
sides = [list(chain.from_iterable(map(rule, every))) for rule in (by_sets, stepped)]
check("eq:holm", *sides, "exact", "all of 3 and 4 p-values from a list of 5")
told = [int(bool(value <= LEVEL)) for value in sides[1]]
in_words = list(chain.from_iterable(map(rejected, every)))
check("eq:holm", told, in_words, "exact", "the same")
adjusted = [int(bool(min(1, len(p) * p[0]) <= LEVEL)) for p in every]
plain = [int(bool(p[0] <= LEVEL / len(p))) for p in every]
check("eq:bonferroni", adjusted, plain, "exact", "the same")

t = rng.normal(size=7) * 2
p = [2 * stats.norm.sf(abs(x)) for x in t]
infinite = np.full(7, np.inf)
link(
    "eq:holm", [float(x) for x in stepped(p)], adjust.p_values(t, infinite, "holm", 0), adjust.holm
)
found = adjust.p_values(t, infinite, "bonferroni", 0)
link("eq:bonferroni", [min(1, 7 * x) for x in p], found, adjust.p_values)

# %% [markdown]
# ## All differences: Tukey's law
#
# All $J(J-1)/2$ differences of $J$ means are far from independent, and their joint law is known.
# Let $Z_1, \dots, Z_J$ be independent and standard normal. One of them is the least, at $z$, and
# the others lie between $z$ and $z + q$: their range is at most $q$ with probability
# $J\int \varphi(z)\,[\Phi(z+q) - \Phi(z)]^{J-1} dz$. Over an estimate $S$ of the standard
# deviation, independent of them with $\nu$ degrees of freedom and density $f_\nu$ (of $S/\sigma$),
# the **studentized range** has
#
# $$
# P(Q > q) = 1 - \int_0^\infty f_\nu(s)\; J \int_{-\infty}^\infty
#   \varphi(z)\, \bigl[\Phi(z + qs) - \Phi(z)\bigr]^{J-1} dz\, ds .
# $$ (eq:tukey)
#
# A difference has the standard error $\sqrt2\, S$ times that of a mean. So no $|t_{ij}|$ is above
# $q/\sqrt2$ if and only if $Q \le q$, and the adjusted p-value is $P(Q > \sqrt2\,|t_{ij}|)$.
#
# As $J\int \varphi(z)\,[1 - \Phi(z)]^{J-1} dz = 1$, the code sums the difference of the two powers,
# so that a small probability keeps its digits.
#
# The law of the range is checked for two normals, where it must be that of $|Z_1 - Z_2|$ (by
# derivatives in $q$), and its argument for uniform variables, whose range is known to have
# probability $J q^{J-1} - (J-1) q^J$ to be at most $q$.

# %%
z, u = sp.symbols("z u", real=True)
q = sp.Symbol("q", positive=True)
phi = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
slope = sp.integrate(sp.simplify(2 * phi * phi.subs(z, z + q)), (z, -sp.oo, sp.oo))
check("eq:tukey", slope, sp.diff(sp.erf(q / 2), q), "symbolic", "k = 2, sigma known")
for k in (2, 3, 5):
    of_range = k * (
        sp.integrate(q ** (k - 1), (z, 0, 1 - q)) + sp.integrate(z ** (k - 1), (z, 0, q))
    )
    check("eq:tukey", of_range, k * q ** (k - 1) - (k - 1) * q**k, "symbolic", f"k = {k}, uniform")


def by_quadrature(at, k, nu):
    """The double integral."""

    def inner(of):
        def integrand(z):
            return np.exp(-(z**2) / 2) * (ndtr(z + of) - ndtr(z)) ** (k - 1)

        return k / np.sqrt(2 * np.pi) * integrate.quad(integrand, -9, 9, epsabs=1e-12)[0]

    chi = stats.chi(nu, scale=1 / np.sqrt(nu))
    return 1 - integrate.quad(lambda s: chi.pdf(s) * inner(at * s), 0, 6, epsabs=1e-11)[0]


link("eq:tukey", by_quadrature(3.5, 4, 7.0), studentized.beyond(3.5, 4, 7.0), studentized.beyond)

# %% [markdown]
# Means of a mixed model are correlated, often all alike: in a balanced split-plot design all pairs
# of means of a whole-plot factor have the same covariance, as blocks are shared. With variance
# $a + b$ and covariance $b$,
#
# $$
# \operatorname{Var}(\hat \mu_i - \hat \mu_j) = 2a ,
# $$ (eq:alike)
#
# as of independent means with variance $a$, and the law holds all the same. Where the variances of
# differences differ, as in unbalanced data, Tukey's p-values are a convention; experience has them
# a little large. Holm's need no such thing.

# %%
a, b = sp.symbols("a b", positive=True)
cov = a * sp.eye(4) + b * sp.ones(4)
differences = [
    sp.Matrix(4, 1, lambda k, _, p=p: int(k == p[0]) - int(k == p[1]))
    for p in combinations(range(4), 2)
]
sides = [(e.T * cov * e)[0] for e in differences], [2 * a] * 6
check("eq:alike", *map(list, sides), "symbolic", "4 means", text_only=True)

# %% [markdown]
# ## Shares of the variance
#
# Observation $i$ varies for three reasons: its predictors, its random effects, its error. In the
# rows of the data these make, on average, the variance $\sigma_f^2$ of the $x_i^\top\hat\beta$
# (over $n - 1$), and
#
# $$
# \sigma_r^2 = \frac1n \sum_{i=1}^n z_i^\top \Sigma\, z_i
#     = \frac1n \operatorname{tr}(Z \Sigma Z^\top) ,
# $$ (eq:random-variance)
#
# $$
# \sigma_e^2 = \frac1n \sum_{i=1}^n \sigma^2 / w_i .
# $$ (eq:residual-variance)
#
# With random intercepts alone $\sigma_r^2$ is the sum of their variances; with slopes $z_i^\top
# \Sigma z_i$ depends on the row, and the mean over the rows is Johnson's proposal (2014). The unit
# of weights does not matter so, as it would with $\sigma^2$ alone.
#
# Nakagawa and Schielzeth (2013) give two $R^2$: the **marginal** one of the fixed effects, and the
# **conditional** one of fixed and random effects together,
#
# $$
# R_m^2 = \frac{\sigma_f^2}{\sigma_f^2 + \sigma_r^2 + \sigma_e^2} ,
# $$ (eq:marginal-r2)
#
# $$
# R_c^2 = \frac{\sigma_f^2 + \sigma_r^2}{\sigma_f^2 + \sigma_r^2 + \sigma_e^2} .
# $$ (eq:conditional-r2)
#
# The intraclass correlation is the share of the random effects. There are two, and it pays to say
# which one is meant: **adjusted** for the fixed effects, and **unadjusted** (once called
# "conditional"),
#
# $$
# \mathrm{ICC}_a = \frac{\sigma_r^2}{\sigma_r^2 + \sigma_e^2} ,
# $$ (eq:icc-adjusted)
#
# $$
# \mathrm{ICC}_u = \frac{\sigma_r^2}{\sigma_f^2 + \sigma_r^2 + \sigma_e^2} .
# $$ (eq:icc-unadjusted)
#
# They fit together: $R_c^2 = R_m^2 + \mathrm{ICC}_u$ and $\mathrm{ICC}_u = (1 - R_m^2)\,
# \mathrm{ICC}_a$. With a random intercept alone $\mathrm{ICC}_a$ is the correlation of two
# observations of a group, given $x$, from which it has its name. With slopes, or several groups, it
# is a share and no correlation of any two observations.

# %%
sf, sr, se = sp.symbols("f r e", positive=True)
total = sf + sr + se
Rm, Rc, icc_a, icc_u = sf / total, (sf + sr) / total, sr / (sr + se), sr / total
parts = {"kind": "symbolic", "sizes": "any variances"}
check("eq:conditional-r2", Rc, Rm + icc_u, **parts)
check("eq:icc-unadjusted", icc_u, (1 - Rm) * icc_a, **parts)
check("eq:marginal-r2", Rm, 1 - (sr + se) / total, **parts)
group = se * sp.eye(3) + sr * sp.ones(3)  # a random intercept, three rows of a group
check("eq:icc-adjusted", icc_a, group[0, 1] / sp.sqrt(group[0, 0] * group[1, 1]), **parts)
Z3 = sp.Matrix(3, 2, sp.symbols("z_1:7"))
S1, S2, S12 = sp.symbols("S_1 S_2 S_12")
Sigma = sp.Matrix([[S1, S12], [S12, S2]])
rows_of = sum((Z3[i, :] * Sigma * Z3[i, :].T)[0] for i in range(3)) / 3
trace = sp.expand((Z3 * Sigma * Z3.T).trace() / 3)
check("eq:random-variance", sp.expand(rows_of), trace, "symbolic", "n = 3, q = 2, any Sigma")
w = sp.symbols("w_1:4", positive=True)
diagonal = (s2 * sp.diag(*w).inv()).trace() / 3
check("eq:residual-variance", sum(s2 / wi for wi in w) / 3, diagonal, "symbolic", "n = 3")

weights = rng.uniform(0.5, 2, 60)
heavy = rm.lmer("y ~ f*h + x + (x | g)", data, weights=weights)
cov_y = heavy.sigma**2 * rm.marginal.at(heavy.design, heavy.theta.to_numpy(), True).V0
error = heavy.sigma**2 * np.mean(1 / weights)
effects, line = np.diag(cov_y).mean() - error, np.var(heavy.design.X @ heavy.beta, ddof=1)
r2, icc, of = heavy.r2(), heavy.icc(), variance_explained.variances(heavy)
link("eq:random-variance", effects, of.random, variance_explained.variances)
link("eq:residual-variance", error, of.residual, variance_explained.variances)
whole = line + effects + error
link("eq:marginal-r2", line / whole, r2.marginal, variance_explained.r2)
link("eq:conditional-r2", (line + effects) / whole, r2.conditional, variance_explained.r2)
link("eq:icc-adjusted", effects / (effects + error), icc.adjusted, variance_explained.icc)
link("eq:icc-unadjusted", effects / whole, icc.unadjusted, variance_explained.icc)

# %% [markdown]
# ## The cakes
#
# Fifteen replicates of three recipes, each baked at six temperatures (Cochran and Cox). Recipes are
# compared between batters, temperatures within.

# %%
cake = rm.load_dataset("cake")
baked = rm.lmer("angle ~ recipe * temperature + (1 | replicate/recipe)", cake)
print(baked.means("recipe", contrasts="pairwise"))
shares = baked.r2()
print(f"R2 of the fixed effects {shares.marginal:.3f}, of all effects {shares.conditional:.3f}")
print(f"ICC, adjusted {baked.icc().adjusted:.3f}, unadjusted {baked.icc().unadjusted:.3f}")

# %% [markdown]
# ## To take away
#
# A marginal mean is an average of predictions; say over what, and with which weights. Empty cells
# leave means without a value, not zero. Holm's adjustment is never worse than Bonferroni's; Tukey's
# is exact where differences have one variance. $R^2$ and ICC are shares of three variances that
# depend on the rows at hand.
#
# In the code: `after.means.grid` and `after.means.averages` for the means, `after.means.adjust` for
# comparisons, `after.variance_explained` for the shares; `Fit.means`, `Fit.r2` and `Fit.icc` ask
# for them.
