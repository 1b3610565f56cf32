# %% [markdown]
# # A mixed model on one page
#
# A mixed model is a regression in which some coefficients are drawn from a distribution: one for
# each subject, say, about a common value. This page fits one as its definition reads, with numpy
# and scipy alone, and finds the numbers of `rm.lmer`. The pages after it say why its formulas
# hold, and what to do where it goes wrong.

# %%
from checks import link, page
from scipy.linalg import block_diag

import refmixed as rm
from refmixed import marginal, optimality

page("d00_one_page")

# %% [markdown]
# ## The model
#
# $Y = X\beta + Z\gamma + e$. The coefficients $\beta$ are fixed, as in a regression. The
# coefficients $\gamma$ are random: $\gamma \sim N(0, \sigma^2\Lambda\Lambda^\top)$, and
# $e \sim N(0, \sigma^2 I)$. So $Y$ has the mean $X\beta$ and the covariance $\sigma^2 V_0$, with
# $V_0 = I + Z\Lambda\Lambda^\top Z^\top$, {eq}`eq:V`.
#
# $Z$ has a column for each group and each effect that varies by group, {eq}`eq:Z`. $\Lambda$
# repeats a small triangle along its diagonal, once a group, and $\theta$ is what the triangle is
# filled with, {eq}`eq:Lambda`. At a given $\theta$ all else is a formula: $\hat\beta$ is least
# squares weighted by $V_0^{-1}$, {eq}`eq:gls`; $\hat\sigma^2$ is the residual sum of squares per
# degree of freedom, {eq}`eq:sigma`; and $\hat\gamma$ is the mean of $\gamma$ given the data,
# {eq}`eq:posterior-mean`. Put them into the likelihood. Twice its negative logarithm, the
# criterion, depends on $\theta$ alone, {eq}`eq:reml-criterion`, and the best $\theta$ is where it
# is lowest.

# %% tags=["show"]
from collections import namedtuple

import numpy as np
from numpy.linalg import inv, slogdet, solve
from scipy.optimize import minimize

Model = namedtuple("Model", "theta criterion beta sigma gamma")


def random_effects(group, x):
    """Z of the effects x (n, k) by group (n,), and which theta each entry of Lambda is, if any."""
    n, k = x.shape
    m, levels = k * (k + 1) // 2, np.unique(group)
    member = group[:, None] == levels  # (n, levels)
    Z = (member[:, :, None] * x[:, None, :]).reshape(n, -1)  # (n, q)  eq:Z
    triangle = np.zeros((k, k), int)
    triangle.T[np.triu_indices(k)] = 1 + np.arange(m)  # (k, k)  column by column  eq:theta
    pattern = np.kron(np.eye(len(levels), dtype=int), triangle)  # (q, q)  eq:Lambda
    return Z, pattern


def at(theta, y, X, Z, pattern, reml=True):
    """The model at theta (m,): y (n,), X (n, p), Z (n, q), pattern (q, q)."""
    n, p = X.shape
    dof = n - p if reml else n
    Lambda = np.append(0.0, theta)[pattern]  # (q, q)  eq:Lambda
    T = Lambda @ Lambda.T  # (q, q)
    V0 = np.eye(n) + Z @ T @ Z.T  # (n, n)  eq:V
    V0inv = inv(V0)  # (n, n)
    XVX = X.T @ V0inv @ X  # (p, p)
    beta = solve(XVX, X.T @ V0inv @ y)  # (p,)  eq:gls
    r = y - X @ beta  # (n,)
    sigma2 = r @ V0inv @ r / dof  # ()  eq:sigma
    gamma = T @ Z.T @ V0inv @ r  # (q,)  eq:posterior-mean
    logdet = slogdet(V0)[1] + (slogdet(XVX)[1] if reml else 0.0)  # ()
    criterion = logdet + dof * (1 + np.log(2 * np.pi * sigma2))  # ()  eq:reml-criterion
    return Model(theta, criterion, beta, np.sqrt(sigma2), gamma)


def lmm(y, X, Z, pattern, reml=True):
    """The model at the best theta; the search starts from Lambda = I: 1 where theta is diagonal."""
    on_diagonal = np.isin(1 + np.arange(pattern.max()), pattern.diagonal())  # (m,)
    start = on_diagonal.astype(float)  # (m,)

    def criterion(theta):
        return at(theta, y, X, Z, pattern, reml).criterion

    theta = minimize(criterion, start, options={"gtol": 1e-9}).x  # (m,)
    return at(theta, y, X, Z, pattern, reml)


# %% [markdown]
# That is all of it. `pattern` has a 0 where $\Lambda$ is zero and a 2 where it is the second entry
# of $\theta$. REML, the likelihood of what $\beta$ does not touch ({doc}`d04_reml`), is the
# default; without it the criterion is that of maximum likelihood, {eq}`eq:ml-criterion`.
#
# ## Eighteen subjects
#
# Reaction times of 18 subjects on ten days. Each subject has a line of its own: intercept and
# slope are fixed effects for all, and random effects by subject.

# %%
sleep = rm.load_dataset("sleepstudy")
y = sleep["Reaction"].to_numpy()  # (180,)
X = np.column_stack([np.ones(180), sleep["Days"]])  # (180, 2)
Z, pattern = random_effects(sleep["Subject"].to_numpy(), X)  # (180, 36), (36, 36)
mine = lmm(y, X, Z, pattern)
for name in ("theta", "criterion", "beta", "sigma"):
    print(f"{name:9}", np.round(getattr(mine, name), 4))
print("lines of the first three subjects:", *np.round(mine.beta + mine.gamma.reshape(18, 2), 1)[:3])

# %% [markdown]
# `rm.lmer` finds the same. At its $\theta$ every number is the same up to rounding, for REML and
# for maximum likelihood. At the $\theta$ of the page's own search the criterion is. Its $\theta$
# may differ from the seventh digit on: near the minimum the criterion is a parabola, so that half
# of its digits are those of $\theta$, {eq}`eq:digits-of-theta`.

# %%
formula = "Reaction ~ Days + (Days | Subject)"
design = rm.design(formula, sleep)
for reml, tag in ((True, "eq:reml-criterion"), (False, "eq:ml-criterion")):
    fit = rm.lmer(formula, sleep, reml=reml)
    here, there = at(fit.theta, y, X, Z, pattern, reml), marginal.evaluate(design, fit.theta, reml)
    link(tag, here.criterion, marginal.criterion(design, fit.theta, reml), marginal.criterion)
    link("eq:gls", here.beta, there.beta, marginal.evaluate)
    link("eq:sigma", here.sigma, there.sigma, marginal.evaluate)
    gamma = marginal.posterior(design, fit.theta).gamma
    link("eq:posterior-mean", here.gamma, gamma, marginal.posterior)
    found = lmm(y, X, Z, pattern, reml)
    link(tag, found.criterion, fit.criterion, rm.lmer)
    np.testing.assert_allclose(found.theta, fit.theta, atol=1e-5)  # for 1e-10 in the criterion
    print(f"criterion less lmer's: {found.criterion - fit.criterion:8.1e}", end="   ")
    print(f"theta less lmer's: {np.abs(found.theta - fit.theta).max():.1e}")

# %% [markdown]
# ## Two terms
#
# Terms stand side by side in $Z$, each with entries of $\theta$ of its own. Here are measurements
# of 6 samples of penicillin on 24 plates, with an effect for each plate and each sample.

# %%
assay = rm.load_dataset("Penicillin")
one = np.ones((144, 1))
Z1, first = random_effects(assay["plate"].to_numpy(), one)  # (144, 24), (24, 24)
Z2, second = random_effects(assay["sample"].to_numpy(), one)  # (144, 6), (6, 6)
second[second > 0] += first.max()
crossed = np.hstack([Z1, Z2]), block_diag(first, second)  # (144, 30), (30, 30)
mine = lmm(assay["diameter"].to_numpy(), one, *crossed)
fit = rm.lmer("diameter ~ 1 + (1 | plate) + (1 | sample)", assay)
link("eq:reml-criterion", mine.criterion, fit.criterion, rm.lmer)
print(mine.theta, f"criterion less lmer's: {mine.criterion - fit.criterion:.1e}")

# %% [markdown]
# ## What this page gets wrong
#
# **Digits.** Count the days from another origin, a hundred thousand days earlier. That is the same
# model, and `rm.lmer` gives the same criterion. Here the columns of $X$ are then nearly parallel,
# and so are those of $Z$ for a subject. At the best $\theta$ the criterion has lost several of its
# digits. The search, which takes its slopes from differences of such numbers, does not get there:
# it stops far above the minimum, at a place that rounding errors choose. Another machine may print
# another number.

# %%
shifted = sleep.assign(Days=sleep["Days"] + 100_000)
X_shifted = np.column_stack([np.ones(180), shifted["Days"]])  # (180, 2)
arrays = y, X_shifted, *random_effects(sleep["Subject"].to_numpy(), X_shifted)
lowest, same = (rm.lmer(formula, data) for data in (sleep, shifted))
for name, model in (("lmer", same), ("at", at(same.theta, *arrays)), ("lmm", lmm(*arrays))):
    print(f"{name:4} off the minimum by {abs(model.criterion - lowest.criterion):.0e}")
assert abs(same.criterion - lowest.criterion) < 1e-8 < 1 < model.criterion - lowest.criterion

# %% [markdown]
# `coordinates.behaved` finds an origin and units in which the numbers are of size one,
# {eq}`eq:coordinates`, and `derivatives.gradient` and `derivatives.hessian` need no differences:
# {doc}`d07_optimize`.
#
# **Boundaries.** A variance may be zero. In `Dyestuff2` the best $\theta$ is 0, in `Dyestuff` it
# is not. But the criterion is an even function of a single $\theta$, so that its slope at 0 is
# always 0: a search that comes there stops in both, and reports success in both.

# %%
formula, one = "Yield ~ 1 + (1 | Batch)", np.ones((30, 1))
for name in ("Dyestuff", "Dyestuff2"):
    data = rm.load_dataset(name)
    arrays = data["Yield"].to_numpy(), one, *random_effects(data["Batch"].to_numpy(), one)
    search = minimize(lambda theta, *arrays: at(theta, *arrays).criterion, [0.0], arrays)
    above = abs(search.fun - rm.lmer(formula, data).criterion)
    assert search.success
    assert (above > 1) == (name == "Dyestuff")
    design = rm.design(formula, data)
    objections = optimality.check(design, search.x, marginal.evaluate(design, search.x)).failures
    print(f"{name:9} theta = {search.x[0]:.0f}, {above:.2f} above the minimum:", *objections)

# %% [markdown]
# The words at the end are what `optimality.check` objects to. It looks at the slope in the
# variance, not in its root, {eq}`eq:kkt`. The sign of a column of $\Lambda$ is open as well,
# {eq}`eq:column-signs`, and this page may return a negative one; `covariance.canonical` chooses.
#
# **Size.** $V_0$ has a row and a column for every observation. The same criterion follows from a
# system with one for every random effect, `penalized.solve`, derived in {doc}`d06_penalized`. To
# invert or to factor takes about as many products as the cube of the size.

# %%
n, q = Z.shape
print(f"sleepstudy: n = {n}, q = {q}, and (n / q)^3 = {(n / q) ** 3:.0f} times fewer products")
print(f"V0 of 100,000 rows: {8 * 100_000**2 / 1e9:.0f} GB")

# %% [markdown]
# **Formulas.** $X$ and $Z$ were written by hand. That is soon more than one cares to do: factors
# have contrasts, and interactions products of them; rows have missing values, and new rows must be
# coded as the old ones were. `r.design.design` makes the arrays of a formula as R does.

# %%
cake = rm.design("angle ~ recipe * temperature + (1 | recipe:replicate)", rm.load_dataset("cake"))
print(f"cake: p = {cake.p} columns, q = {cake.q}; the last is {cake.names[-1]}")

# %% [markdown]
# ## To take away
#
# A mixed model is least squares with a covariance that a few numbers $\theta$ describe, and a
# search for those. `marginal.evaluate` is `at` with weights, an offset and the pieces of the
# derivatives; `rm.lmer` is `lmm` with answers to the four points above.
