# %% [markdown]
# # Shrinkage: a little bias for a lot of variance
#
# A mixed model pulls what each group says for itself towards what all groups say. This page shows
# that it is penalized regression, and then forgets that the effects are random: for groups with
# fixed means it derives exactly when pulling helps and by how much. So the estimates can be worth
# having even where nothing was drawn at random.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page

import refmixed as rm
from refmixed import marginal, penalized

page("d09_shrinkage")

# %% [markdown]
# ## Three answers
#
# Group $j$ has $n_j$ observations $y_{ij} = \alpha_j + e_{ij}$ and the mean $\bar y_j$; $n$ is
# the number of all. What is $\alpha_j$? **No pooling** gives each group a parameter of its own
# and minimises $\sum_j \sum_i (y_{ij} - \alpha_j)^2$. **Complete pooling** gives them all the
# same one, $\mu$:
#
# $$ \hat\alpha_j = \bar y_j $$ (eq:no-pooling)
#
# $$ \hat\alpha_j = \hat\mu = \frac{1}{n} \sum_j n_j \bar y_j $$ (eq:complete-pooling)
#
# The first ignores that the groups have anything in common, the second that they differ.
# **Partial pooling** writes $\alpha_j = \mu + \gamma_j$ and lets the differences $\gamma_j$ cost
# something,
#
# $$ \text{minimise} \quad \sum_j \sum_i (y_{ij} - \mu - \gamma_j)^2 + \lambda \sum_j \gamma_j^2 $$
#
# This is a ridge regression, {eq}`eq:ridge`, in which $\mu$ goes free of charge. Its solution is
#
# $$ \hat\gamma_j = \kappa_j (\bar y_j - \hat\mu), \qquad
#    \hat\mu = \frac{\sum_j \kappa_j \bar y_j}{\sum_j \kappa_j}, \qquad
#    \kappa_j = \frac{n_j}{n_j + \lambda} $$ (eq:partial-pooling)

# %%
lam, size = sp.symbols("lambda n_j", positive=True)
mean, alpha, mu = sp.symbols("ybar alpha mu", real=True)

# sums of squares around a group's own mean do not depend on the unknowns, and are left out
term = size * (mean - alpha) ** 2
check("eq:no-pooling", sp.solve(term.diff(alpha), alpha), [mean], "general", "any group", True)

sizes, means = sp.symbols("n1:4", positive=True), sp.symbols("ybar1:4", real=True)
together = sum(n * (y - mu) ** 2 for n, y in zip(sizes, means, strict=True))
common = sum(n * y for n, y in zip(sizes, means, strict=True)) / sum(sizes)
at_zero = sp.solve(together.diff(mu), mu)
check("eq:complete-pooling", at_zero, [common], "symbolic", "3 groups", text_only=True)

# %% [markdown]
# For partial pooling the slope in each $\gamma_j$ is that of its own term. The slope in $\mu$ is
# zero where $\sum_j n_j (\bar y_j - \mu - \gamma_j)$ is, and this is $\lambda \sum_j \gamma_j$ by
# the others. The exact check solves all four equations of three groups at once.

# %%
gamma = sp.Symbol("gamma", real=True)
penalized_term = size * (mean - mu - gamma) ** 2 + lam * gamma**2
(best,) = sp.solve(penalized_term.diff(gamma), gamma)
kappa_j = size / (size + lam)
check("eq:partial-pooling", best, kappa_j * (mean - mu), "general", "any group", text_only=True)
rest = size * (mean - mu - best)
check("eq:partial-pooling", rest, lam * best, "general", "any group: the slope in mu", True)


def weighted(kappas, means):
    """The mean that the factors make of the group means."""
    return sum(k * y for k, y in zip(kappas, means, strict=True)) / sum(kappas)


gammas, counts = sp.symbols("gamma1:4", real=True), (1, 3, 6)
rows = list(zip(counts, means, gammas, strict=True))
whole = sum(n * (y - mu - c) ** 2 + lam * c**2 for n, y, c in rows)
solution = sp.solve([whole.diff(c) for c in (mu, *gammas)], [mu, *gammas], dict=True)[0]
kappas = [sp.Integer(n) / (n + lam) for n in counts]
center = weighted(kappas, means)
stated = [center] + [k * (y - center) for k, y in zip(kappas, means, strict=True)]
found = [solution[c] for c in (mu, *gammas)]
check("eq:partial-pooling", found, stated, "exact", "n_j = 1, 3, 6; any lambda", text_only=True)

# %% [markdown]
# The factor is that of the posterior mean, {eq}`eq:shrinkage-factor`, if
# $\lambda = 1/\theta^2 = \sigma^2/\sigma_\gamma^2$. So the mixed model is this ridge regression.
# What is new is that it estimates the penalty, by the likelihood of $\theta$; ridge regression
# leaves that to cross-validation.
#
# It has the other two as its limits, with one surprise. Where the groups cost nothing, they are
# on their own, but $\hat\mu$ becomes the mean of the group means, each counted once:
#
# $$ \lim_{\lambda \to \infty} \hat\alpha_j = \frac{1}{n} \sum_j n_j \bar y_j, \qquad
#    \lim_{\lambda \to 0} \hat\alpha_j = \bar y_j, \qquad
#    \lim_{\lambda \to 0} \hat\mu = \frac{1}{J} \sum_j \bar y_j $$ (eq:pooling-limits)

# %%
free = weighted([n / (n + lam) for n in sizes], means)
first = free + sizes[0] / (sizes[0] + lam) * (means[0] - free)
small = [first.subs(lam, 0), free.subs(lam, 0)]
t = sp.Symbol("t", positive=True)  # 1 / lambda; kappa_j = t n_j / (1 + t n_j)
dear = weighted([n / (1 + t * n) for n in sizes], means)  # a common t cancels
large = (dear + t * sizes[0] / (1 + t * sizes[0]) * (means[0] - dear)).subs(t, 0)
ends = [common, means[0], sum(means) / 3]
check("eq:pooling-limits", [large, *small], ends, "symbolic", "3 groups of any sizes", True)

# %% [markdown]
# In refmixed the three are `lm` with a factor, `lm` without, and `lmer` with a given `theta`.


# %%
def partial_pooling(means, sizes, theta):
    """eq:partial-pooling at lambda = 1 / theta^2: the estimates of the group means, and of mu."""
    kappa = sizes * theta**2 / (1 + sizes * theta**2)
    center = kappa @ means / kappa.sum()
    return center + kappa * (means - center), center


rng = np.random.default_rng(6)
counts = np.array([2, 3, 5, 8, 12, 20, 40])
names = [f"g{j}" for j in range(len(counts))]
effects = np.array([2.0, -1.4, 0.9, -2.0, 1.5, 0.3, -0.6])
data = pd.DataFrame({"g": np.repeat(names, counts), "y": 10 + np.repeat(effects, counts)})
data["y"] += 1.5 * rng.normal(size=len(data))
raw = data.groupby("g")["y"].mean().to_numpy()

link("eq:no-pooling", raw, rm.lm("y ~ 0 + g", data).beta, rm.lm)
link("eq:complete-pooling", [counts @ raw / len(data)], rm.lm("y ~ 1", data).beta, rm.lm)
for theta in (0.1, 1.0):
    fit = rm.lmer("y ~ 1 + (1 | g)", data, theta=[theta])
    shrunken, center = partial_pooling(raw, counts, theta)
    link("eq:partial-pooling", shrunken, fit.coef()["g"]["(Intercept)"], rm.lmer)
    link("eq:partial-pooling", [center], fit.beta, rm.lmer)
complete, far = (rm.lmer("y ~ 1 + (1 | g)", data, theta=[t]) for t in (0, 1e7))
ends = [np.full(len(counts), counts @ raw / len(data)), raw]
code = [fit.coef()["g"]["(Intercept)"] for fit in (complete, far)]
link("eq:pooling-limits", ends, code, rm.lmer)

# %% [markdown]
# ## The ridge path
#
# How do the estimates travel from one end to the other? For any ridge regression take the
# singular value decomposition $Z = Q_1 D\, Q_2^\top$. Along each column of $Q_2$ the least squares
# coefficients $\hat b_0$ are multiplied by a factor that depends on the singular value and
# $\lambda$ alone:
#
# $$ Q_2^\top \hat b_\lambda = D^2 (D^2 + \lambda I)^{-1} \, Q_2^\top \hat b_0 $$ (eq:ridge-path)
#
# Well determined directions, with large $d$, are shrunk last. The columns of $Z$ for random
# intercepts are orthogonal with squared lengths $n_j$. So, given $\mu$, $Q_2 = I$, $d_j^2 = n_j$,
# and the factor $d_j^2 / (d_j^2 + \lambda)$ is $\kappa_j$.

# %%
Q2, Q2t, D2, ridged, b0 = sp.symbols(
    "Q_2 Q_2^T D2 ridged b0", commutative=False
)  # ridged = D^2 + lambda
ridge = Q2 * ridged**-1 * D2 * Q2t * b0  # as claimed, Q_2 Q_2' = I
left = sp.expand((Q2 * ridged * Q2t) * ridge).subs(Q2t * Q2, 1)  # (Z'Z + lambda) b
check(
    "eq:ridge-path", left, Q2 * D2 * Q2t * b0, "general", "all sizes: Z'Z b0 = Z'y", text_only=True
)

turn = sp.Matrix([[3, -4], [4, 3]]) / 5
Z2 = sp.Matrix([[2, 0], [0, 3], [0, 0]]) * turn.T
response = sp.Matrix([1, 5, 7])
ridge = (Z2.T * Z2 + lam * sp.eye(2)).inv() * Z2.T * response
least_squares = (Z2.T * Z2).inv() * Z2.T * response
factors = sp.diag(4 / (4 + lam), 9 / (9 + lam))
along = factors * turn.T * least_squares
check("eq:ridge-path", turn.T * ridge, along, "exact", "3 x 2, d = 2, 3", text_only=True)

# %% [markdown]
# The picture has the path of the data above, from complete pooling on the left to no pooling on
# the right. Small groups hold on to the common mean longest. The mean itself moves too. The
# vertical line is where REML puts $\theta$.

# %%
thetas = np.geomspace(0.03, 30, 200)
path = np.array([np.append(*partial_pooling(raw, counts, t)) for t in thetas])
best = rm.lmer("y ~ 1 + (1 | g)", data).theta.iloc[0]
figure, axes = plt.subplots(figsize=(6.4, 3.8), layout="constrained")
for j, count in enumerate(counts):
    axes.semilogx(thetas, path[:, j], color="black", linewidth=0.5 + 0.6 * np.log(count))
    axes.annotate(f"n = {count}", (thetas[-1], path[-1, j]), (4, -3), textcoords="offset points")
axes.semilogx(thetas, path[:, -1], "--", color="0.5", label="common mean")
axes.axvline(best, color="0.5", linewidth=0.8, label=r"REML's $\theta$")
axes.set(xlabel=r"$\theta = 1/\sqrt{\lambda}$", xlim=(0.03, 30))
axes.set_ylabel("estimate of the group's mean")
_ = axes.legend(frameon=False, loc="upper left")

# %% [markdown]
# ## Intercepts and slopes together
#
# With several effects a group, the factor becomes a matrix. Let the group have model matrix $Z_j$
# for fixed and random effects alike, its own least squares coefficients $b_j$, and let $T$ be the
# relative covariance of its effects. Then
#
# $$ \hat\gamma_j = T \bigl( T + (Z_j^\top Z_j)^{-1} \bigr)^{-1} (b_j - \hat\beta)
# $$ (eq:shrinkage-matrix)
#
# Here $(Z_j^\top Z_j)^{-1}$ is the relative covariance of $b_j$ around the group's own line, and
# $T$ that of the lines around the common one: signal over signal plus noise. It follows from
# {eq}`eq:posterior-mean`, because $(T + (Z_j^\top Z_j)^{-1})^{-1} (Z_j^\top Z_j)^{-1} Z_j^\top$,
# times the group's $V_0 = I + Z_j T Z_j^\top$, is $Z_j^\top$.

# %%
T, N, Z, Zt = sp.symbols("T N Z Zt", commutative=False)  # N = Z'Z
noisy = sp.Symbol("M", commutative=False)  # T + N^-1
spread = (noisy**-1 * N**-1 * Zt) * (1 + Z * T * Zt)
spread = sp.expand(sp.expand(spread).subs(Zt * Z, N))
stated = sp.expand(noisy**-1 * (N**-1 + T) * Zt)  # = Z', as the sum is M
check("eq:shrinkage-matrix", spread, stated, "general", "all sizes", text_only=True)

x_Z = sp.Matrix(5, 2, lambda i, k: i**k)
x_T = sp.Matrix([[2, 1], [1, 3]]) / 7
residuals = sp.Matrix([3, 1, 4, 1, 5])
x_N = x_Z.T * x_Z
by_V = x_T * x_Z.T * (sp.eye(5) + x_Z * x_T * x_Z.T).inv() * residuals
by_lines = x_T * (x_T + x_N.inv()).inv() * x_N.inv() * x_Z.T * residuals
check("eq:shrinkage-matrix", by_V, by_lines, "exact", "5 rows, 2 effects", text_only=True)

# %%
sleep = rm.load_dataset("sleepstudy")
fit = rm.lmer("Reaction ~ Days + (Days | Subject)", sleep)
separate = rm.lm("Reaction ~ 0 + Subject + Subject:Days", sleep).beta
own = separate.to_numpy().reshape(2, -1).T  # (subjects, 2): intercept and slope
beta, cov = fit.beta.to_numpy(), fit.varcorr["Subject"].cov.to_numpy()
days = np.column_stack([np.ones(10), np.arange(10)])
T_ = cov / fit.sigma**2
factor = T_ @ np.linalg.inv(T_ + np.linalg.inv(days.T @ days))
found = marginal.posterior(fit.design, fit.theta.to_numpy()).gamma
link("eq:shrinkage-matrix", ((own - beta) @ factor.T).ravel(), found, marginal.posterior)

# %% [markdown]
# Here it is for sleepstudy. Each arrow goes from the line of a subject alone to that of the mixed
# model. The ellipses are the estimated distribution of the subjects' lines, one and two standard
# deviations out. Arrows do not point straight at the centre: the data pin some combinations of
# intercept and slope down better than others.

# %%
shrunken = fit.coef()["Subject"].to_numpy()
figure, axes = plt.subplots(figsize=(6.4, 4.4), layout="constrained")
circle = np.array([np.cos(angles := np.linspace(0, 2 * np.pi, 100)), np.sin(angles)])
for scale in (1, 2):
    axes.plot(*(beta[:, None] + scale * np.linalg.cholesky(cov) @ circle), ":", color="0.6")
for start, end in zip(own, shrunken, strict=True):
    axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": "0.5", "shrinkB": 3})
axes.plot(*own.T, "o", color="black", fillstyle="none", label="no pooling")
axes.plot(*shrunken.T, "o", color="black", markersize=4, label="mixed model")
axes.plot(*beta, "*", color="black", markersize=14, label="fixed effects")
axes.set(xlabel="intercept (ms)", ylabel="slope (ms per day)")
_ = axes.legend(frameon=False, loc="lower left")

# %% [markdown]
# ## Bias and variance of one group
#
# From here on the $\alpha_j$ are fixed numbers. Take one group, whose mean has variance
# $v = \sigma^2/n_j$, and let it be pulled to a known $\mu$ by any factor $\kappa$. With
# $\delta \equiv \alpha_j - \mu$ the estimate $\hat\alpha_j \equiv \mu + \kappa (\bar y_j - \mu)$
# has bias $-(1 - \kappa)\,\delta$ and variance $\kappa^2 v$, so that
#
# $$ \operatorname{E}(\hat\alpha_j - \alpha_j)^2 = (1 - \kappa)^2 \delta^2 + \kappa^2 v
# $$ (eq:mse-group)
#
# No pooling is $\kappa = 1$: no bias, variance $v$. Complete pooling is $\kappa = 0$: no
# variance, squared bias $\delta^2$. In between, both the variance and the squared bias are
# smaller than these.

# %%
kappa, v, delta, e = sp.symbols("kappa v delta e", positive=True)


def expectation(expression, error):
    """Of a polynomial in an error from N(0, v)."""
    terms = sp.Poly(sp.expand(expression), error).terms()
    return sum(c * v ** (k // 2) * sp.factorial2(k - 1) for (k,), c in terms if k % 2 == 0)


mse = (1 - kappa) ** 2 * delta**2 + kappa**2 * v
a_less_alpha = kappa * (delta + e) - delta  # in terms of the error of the group's mean
check("eq:mse-group", expectation(a_less_alpha**2, e), mse, "general", "any group", text_only=True)
density = sp.exp(-(e**2) / (2 * v)) / sp.sqrt(2 * sp.pi * v)
integral = sp.integrate(sp.expand(a_less_alpha**2) * density, (e, -sp.oo, sp.oo))
check("eq:mse-group", integral, mse, "symbolic", "by integration", text_only=True)

# %% [markdown]
# ## When shrinkage wins
#
# Use the mixed model's factor, $\kappa = \sigma_\gamma^2 / (\sigma_\gamma^2 + v)$, with whatever
# $\sigma_\gamma^2$ one believes in. Compare with no pooling, and with complete pooling:
#
# $$ \operatorname{E}(\hat\alpha_j - \alpha_j)^2 - v
#    = (1 - \kappa)^2 \, \bigl( \delta^2 - v - 2\sigma_\gamma^2 \bigr) $$ (eq:mse-condition)
#
# $$ \operatorname{E}(\hat\alpha_j - \alpha_j)^2 - \delta^2
#    = \kappa^2 \, \Bigl( v - \delta^2 - \frac{2 v}{\sigma_\gamma^2} \, \delta^2 \Bigr)
# $$ (eq:mse-complete)
#
# So partial pooling is better than no pooling exactly if $\delta^2 < v + 2\sigma_\gamma^2$, and
# better than complete pooling exactly if $\delta^2 > v \sigma_\gamma^2 / (\sigma_\gamma^2 + 2v)$.
# No distribution of the effects is assumed. Any group closer to $\mu$ than $\sqrt 2$ times the
# assumed standard deviation is better off than alone, however many observations it has. A group
# far out is worse off. A guess of $\sigma_\gamma$ that is too large does no harm in the first
# comparison; it only gains less.

# %%
tau = sp.Symbol("sigma_gamma2", positive=True)  # sigma_gamma^2
model = {kappa: tau / (tau + v)}
gain = [(mse - v).subs(model), (mse - delta**2).subs(model)]
stated = [
    (1 - kappa) ** 2 * (delta**2 - v - 2 * tau),
    kappa**2 * (v - delta**2 * (1 + 2 * v / tau)),
]
stated = [side.subs(model) for side in stated]
check("eq:mse-condition", gain[0], stated[0], "general", "any group", text_only=True)
check("eq:mse-complete", gain[1], stated[1], "general", "any group", text_only=True)

# %% [markdown]
# ## All groups, with an estimated mean
#
# Now $J$ groups of the same size, pulled to $\hat\mu = \bar y$, the mean of all. One group alone
# may lose; what happens in total? Let $s^2$ be the variance of the true means,
# $s^2 \equiv \sum_j (\alpha_j - \bar\alpha)^2 / (J - 1)$. Then
#
# $$ \sum_j \operatorname{E}(\hat\alpha_j - \alpha_j)^2
#    = v + (J - 1) \bigl( (1 - \kappa)^2 s^2 + \kappa^2 v \bigr) $$ (eq:mse-total)
#
# The first $v$ is for the mean, the rest is {eq}`eq:mse-group` $J - 1$ times with $s^2$ for
# $\delta^2$. So all that was said of one group is true of the total: partial pooling beats no
# pooling exactly if $s^2 < v + 2\sigma_\gamma^2$.
#
# Proof: $\hat\alpha = (I - (1 - \kappa) C) \bar y$ with the centring matrix
# $C = I - \frac{1}{J} 1 1^\top$. It is a projection, so a polynomial in it has one eigenvalue at
# $C = 0$, and $J - 1$ of them at $C = 1$.

# %%
J, c, s2 = sp.symbols("J c s2", positive=True)
shrinks = 1 - (1 - kappa) * c  # the matrix, as a polynomial in C


def trace(polynomial):
    """Of a polynomial in the centring matrix."""
    return polynomial.subs(c, 0) + (J - 1) * polynomial.subs(c, 1)


bias2 = ((shrinks - 1) ** 2).subs(c, 1) * (J - 1) * s2  # as alpha' C alpha = (J - 1) s2
total = v + (J - 1) * ((1 - kappa) ** 2 * s2 + kappa**2 * v)
check("eq:mse-total", bias2 + v * trace(shrinks**2), total, "general", "all J", text_only=True)

four = sp.Matrix(sp.symbols("alpha1:5", real=True))
H = kappa * sp.eye(4) + (1 - kappa) * sp.ones(4, 4) / 4
bias = H * four - four
variance = sum((four[j] - sum(four) / 4) ** 2 for j in range(4)) / 3
direct = (bias.T * bias)[0] + v * (H * H.T).trace()
stated = total.subs({J: 4, s2: variance})
check("eq:mse-total", direct, stated, "symbolic", "m = 4, any means", text_only=True)

# %% [markdown]
# The estimates of refmixed are linear in $y$ at a given $\theta$. So their bias and variance can
# be had exactly from the code: let it solve for each unit vector in place of $y$.

# %%
balanced = pd.DataFrame({"g": np.repeat(names, 4), "y": rng.normal(size=28)})
design = rm.design("y ~ 1 + (1 | g)", balanced)
at = penalized.solve(design, np.array([0.6]))
parts = (at.Lambda, at.L, at.RZX, at.RX)
solved = [penalized.back_solve(design, *parts, unit) for unit in np.eye(28)]
estimator = np.array([beta + at.Lambda @ u for u, beta in solved]).T  # (J, n)
true, noise = rng.normal(size=7), 1.3
bias = estimator @ np.repeat(true, 4) - true
code = bias @ bias + noise**2 * (estimator**2).sum()
values = {J: 7, s2: np.var(true, ddof=1), v: noise**2 / 4, kappa: 4 * 0.36 / (1 + 4 * 0.36)}
link("eq:mse-total", float(total.subs(values)), code, penalized.back_solve)

# %% [markdown]
# ## The best factor
#
# The mean squared error is a parabola in $\kappa$, around a best factor:
#
# $$ (1 - \kappa)^2 \delta^2 + \kappa^2 v
#    = \kappa^* v + (\delta^2 + v) (\kappa - \kappa^*)^2, \qquad
#    \kappa^* = \frac{\delta^2}{\delta^2 + v} $$ (eq:best-factor)
#
# It is never 1: some shrinkage always helps, for any $\delta$ and $v$. In total the best factor
# has $s^2$ for $\delta^2$, and the mixed model's has $\sigma_\gamma^2$. This is what
# $\sigma_\gamma^2$ means for groups that nobody drew at random: an estimate of how different they
# are. If they were drawn, $\operatorname{E}\delta^2 = \sigma_\gamma^2$, and the factor of the
# posterior mean is the best one on average.

# %%
star = delta**2 / (delta**2 + v)
parabola = star * v + (delta**2 + v) * (kappa - star) ** 2
check("eq:best-factor", mse, parabola, "general", "any group", text_only=True)
lowest = sp.solve(mse.diff(kappa), kappa)
check("eq:best-factor", lowest, [star], "symbolic", "where the slope is zero", text_only=True)

# %% [markdown]
# An example: four groups with means 6, 7, 5 and 6.5, and $\sigma = 1$. The table has the sum of
# the four mean squared errors. With one observation a group the best factor saves much, with many
# hardly anything is left to save, and complete pooling becomes absurd.

# %%
true = [6, 7, 5, sp.Rational(13, 2)]
center = sum(true) / 4
s2_true = sum((a - center) ** 2 for a in true) / 3
print("n_j  best factor  no pooling  at best  complete")
for count in (1, 4, 25, 100):
    at = {J: 4, s2: s2_true, v: sp.Rational(1, count)}
    factor = star.subs(delta**2, s2).subs(at)
    no, partial, complete = (total.subs(at).subs(kappa, k) for k in (1, factor, 0))
    line = [float(number) for number in (factor, no, partial, complete)]
    print(f"{count:3}  {line[0]:11.3f}  {line[1]:10.3f}  {line[2]:7.3f}  {line[3]:8.3f}")

# %% [markdown]
# ## Group size
#
# Raw means of small groups are noisy, so that the highest and the lowest of many raw means tend
# to be small groups, {eq}`eq:group-mean`. Shrunken means are the other way round. If the groups
# are drawn with variance $\sigma_\gamma^2$,
#
# $$ \operatorname{Var} \bigl( \kappa_j (\bar y_j - \mu) \bigr) = \kappa_j \, \sigma_\gamma^2
# $$ (eq:group-size)
#
# which grows with $n_j$: a group must bring evidence to be called extreme.

# %%
drawn = tau + v  # Var(ybar_j), the group's and the mean's
by_factor = [(kappa**2 * drawn).subs(model), (kappa * tau).subs(model)]
check("eq:group-size", *by_factor, "general", "any group", text_only=True)
design = rm.design("y ~ 1 + (1 | g)", data)
theta = 0.7
kappa_j = counts * theta**2 / (1 + counts * theta**2)
left_over = np.diag(marginal.posterior(design, np.array([theta])).gamma_cov)
link("eq:group-size", kappa_j * theta**2, theta**2 - left_over, marginal.posterior)

# %% [markdown]
# ## Stein's identity
#
# The best factor needs $s^2$, which nobody knows. James and Stein estimated it from the same
# data, and showed that the result beats no pooling whatever the means are. Let
# $z \sim N(\alpha, v I)$ be the group means less the known $\mu$, $J$ of them. The tool is an
# integration by parts: for a function $g$ that does not grow too fast,
#
# $$ \operatorname{E}\bigl[ (z_j - \alpha_j) \, g(z) \bigr]
#    = v \operatorname{E}\Bigl[ \frac{\partial g}{\partial z_j} \Bigr] $$ (eq:stein-identity)
#
# The normal density $f$ has $v \, \partial f / \partial z_j = -(z_j - \alpha_j) f$. So the
# difference of the two integrands is $-v \, \partial (g f) / \partial z_j$, whose integral is
# zero.

# %%
z, alpha = sp.symbols("z alpha", real=True)
f = sp.exp(-((z - alpha) ** 2) / (2 * v)) / sp.sqrt(2 * sp.pi * v)
any_g = sp.Function("g")(z)
integrand = (z - alpha) * any_g * f - v * any_g.diff(z) * f
boundary = (-v * (any_g * f).diff(z)).doit()
check(
    "eq:stein-identity", sp.expand(integrand / f), sp.expand(boundary / f), "general", "any g", True
)
powers = [(alpha + e) ** k for k in range(1, 6)]
left = [expectation(e * power, e) for power in powers]
right = [v * expectation(power.diff(alpha), e) for power in powers]
check("eq:stein-identity", left, right, "symbolic", "g = z^k, k = 1, ..., 5", text_only=True)

# %% [markdown]
# ## James and Stein
#
# Shrink by a factor that the data choose, $\hat\alpha \equiv (1 - c v / |z|^2) z$ with a constant
# $c$. The squared error is
#
# $$ |\hat\alpha - \alpha|^2 = |z - \alpha|^2 - 2 c v \, \frac{(z - \alpha)^\top z}{|z|^2}
#    + \frac{c^2 v^2}{|z|^2} $$ (eq:loss)
#
# Take expectations. The first term gives $J v$. The second is Stein's with $g = z_j / |z|^2$, for
# which
#
# $$ \sum_j \frac{\partial}{\partial z_j} \frac{z_j}{|z|^2} = \frac{J - 2}{|z|^2} $$ (eq:divergence)
#
# so that the error depends on the unknown means through one expectation only:
#
# $$ \operatorname{E}|\hat\alpha - \alpha|^2
#    = J v - c \, \bigl( 2 (J - 2) - c \bigr) \, v^2 \operatorname{E}\frac{1}{|z|^2}
# $$ (eq:james-stein-risk)
#
# For three groups or more (with fewer the expectation is infinite) every $c$ between 0 and
# $2(J - 2)$ is better than no pooling, **for all** $\alpha$. The best $c$ is $J - 2$.

# %%
cc, inverse = sp.symbols("c E", positive=True)  # E is the expectation of 1 / |z|^2
x, others = sp.symbols("z_j rest", positive=True)  # |z|^2 = z_j^2 + rest
square = x**2 + others
one_term = 1 / square - 2 * x**2 / square**2  # and their sum is J / |z|^2 - 2 |z|^2 / |z|^4
check("eq:divergence", (x / square).diff(x), one_term, "general", "all J: a term", text_only=True)
for count in (3, 4, 5):
    zs = sp.Matrix(sp.symbols(f"z1:{count + 1}", real=True))
    al = sp.Matrix(sp.symbols(f"alpha1:{count + 1}", real=True))
    square = zs.dot(zs)
    divergence = sum((x / square).diff(x) for x in zs)
    check("eq:divergence", divergence, (count - 2) / square, "symbolic", f"J = {count}", True)
    if count == 3:
        error = zs * (1 - cc * v / square) - al
        parts = (zs - al).dot(zs - al) - 2 * cc * v * (zs - al).dot(zs) / square
        stated = parts + cc**2 * v**2 / square
        check("eq:loss", error.dot(error), stated, "symbolic", "J = 3", text_only=True)
in_parts = J * v - 2 * cc * v * (v * (J - 2) * inverse) + cc**2 * v**2 * inverse
risk = J * v - cc * (2 * (J - 2) - cc) * v**2 * inverse
check("eq:james-stein-risk", in_parts, risk, "general", "all J and c", text_only=True)

# %% [markdown]
# A second proof does without Stein, and gives the expectation. Let $v = 1$ and turn the axes so
# that $\alpha = (\eta, 0, \dots, 0)$. The density at $z$ is that for $\eta = 0$ times
# $e^{\eta z_1 - \eta^2/2}$. Expand in powers of $\eta$. For $\eta = 0$ length and direction of
# $z$ are independent, and their moments are rational in $J$. Sorting the series by powers gives
#
# $$ \operatorname{E}\frac{v}{|z|^2} = \operatorname{E}\frac{1}{J - 2 + 2N}, \qquad
#    N \sim \text{Poisson} \Bigl( \frac{|\alpha|^2}{2v} \Bigr) $$ (eq:poisson-mixture)
#
# The check compares the coefficients of $e^{\eta^2/2}$ times the direct expectations with those
# of the two formulas, for every $J$ and up to the twelfth power of $\eta$.


# %%
def length_moment(k):
    """E |z|^(2k) at alpha = 0, v = 1; k >= -1."""
    return 1 / (J - 2) if k == -1 else 2**k * sp.rf(J / 2, k)


def direction_moment(k):
    """E (z_1 / |z|)^(2k) at alpha = 0."""
    return sp.rf(sp.Rational(1, 2), k) / sp.rf(J / 2, k)


poisson, direct, direct_risk, stein = [], [], [], []
for k in range(7):  # coefficients of rho^(2k)
    exponential = 1 / (2**k * sp.factorial(k))  # of e^(rho^2/2)
    over_square = length_moment(k - 1) * direction_moment(k) / sp.factorial(2 * k)  # E 1/|z|^2
    aligned = over_square * 2 * k  # E rho z_1/|z|^2: one power of rho z_1 more, one factorial less
    second = exponential - aligned  # E (z - alpha)'z/|z|^2
    direct.append(over_square)
    poisson.append(exponential / (J - 2 + 2 * k))
    direct_risk.append(J * exponential - 2 * cc * second + cc**2 * over_square)
    stein.append(J * exponential - cc * (2 * (J - 2) - cc) * poisson[-1])
check("eq:poisson-mixture", direct, poisson, "exact", "all J, to eta^12", text_only=True)
check("eq:james-stein-risk", direct_risk, stein, "exact", "all J and c, to rho^12", text_only=True)

# %% [markdown]
# The picture has the risk of ten groups, as the means move away from $\mu$. The best factor is
# out of reach; James-Stein stays close to it, and never above no pooling.

# %%
groups = 10
square = np.linspace(0, 40, 161)  # |alpha|^2 / v
k = np.arange(200)
log_weights = k * np.log(np.maximum(square, 1e-300)[:, None] / 2) - square[:, None] / 2
log_weights -= np.concatenate([[0], np.cumsum(np.log(k[1:]))])
expected = np.exp(log_weights) @ (1 / (groups - 2 + 2 * k))
figure, axes = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
axes.plot(square, np.full_like(square, groups), "--", color="black", label="no pooling")
axes.plot(square, square, ":", color="black", label="complete pooling")
axes.plot(square, groups - (groups - 2) ** 2 * expected, "-", color="black", label="James-Stein")
best_risk = groups * square / (square + groups)
axes.plot(square, best_risk, "-", color="0.6", label="best factor")
axes.set(xlabel=r"$|\alpha|^2 / v$, the means away from $\mu$", ylim=(0, 1.3 * groups))
axes.set_ylabel("total squared error, over $v$")
_ = axes.legend(frameon=False, loc="lower right")

# %% [markdown]
# ## The mixed model as a James-Stein estimator
#
# With an unknown $\mu$ pull towards $\bar y$ instead. That costs one dimension: $J - 1$ takes the
# place of $J$, and the best $c$ is $J - 3$. What does the mixed model do? In a balanced one-way
# layout REML estimates the variances by the analysis of variance ({eq}`eq:anova-between`):
# $\hat\sigma^2 = M_W$, the mean square within groups, and
# $\hat\sigma_\gamma^2 = (M_B - M_W)/n_j$, with
# $M_B = n_j \sum_j (\bar y_j - \bar y)^2 / (J - 1)$ between them. Its shrinkage factor is
#
# $$ \hat\kappa = \frac{n_j \hat\sigma_\gamma^2}{\hat\sigma^2 + n_j \hat\sigma_\gamma^2}
#    = 1 - \frac{M_W}{M_B}
#    = 1 - \frac{(J - 1) \, \hat v}{\sum_j (\bar y_j - \bar y)^2}, \qquad
#    \hat v = \frac{\hat\sigma^2}{n_j} $$ (eq:estimated-factor)
#
# if that is positive, else zero. It is James and Stein's with $c = J - 1$ for $J - 3$, an
# estimate in place of $v$, and the positive part: a variance on the boundary is nothing but the
# rule that a factor should not be negative.
#
# Does it win? The estimate $\hat v$ is independent of the group means, and
# $\nu \hat v / v \sim \chi^2_\nu$ with $\nu = n - J$. So it has the mean $v$, and its square the
# mean $v^2 (1 + 2/\nu)$. Put $\hat v$ for $v$ in {eq}`eq:loss`, and {eq}`eq:james-stein-risk`
# becomes
#
# $$ \operatorname{E}|\hat\alpha - \alpha|^2 = J v
#    - c \, \Bigl( 2 (J - 2) - c \, \bigl( 1 + \tfrac2\nu \bigr) \Bigr)
#    \, v^2 \operatorname{E}\frac{1}{|z|^2} $$ (eq:james-stein-estimated)
#
# In $J - 1$ dimensions and with $c = J - 1$ the bracket is positive exactly if
# $(J - 5)\, \nu > 2 (J - 1)$: for six groups of three, seven of two, and all that are more or
# larger. The positive part lowers the error further. Where the factor $b$ is negative, $bz$ is
# farther off than zero by $b^2 |z|^2 - 2 b\, \alpha^\top z$, and given $|z|$ the mean of
# $\alpha^\top z$ is not negative, as the normal density is the larger of $\pm z$ where
# $\alpha^\top z > 0$. So from these sizes on the mixed model is sure to beat no pooling in total,
# whatever the means are.

# %%
MW, MB, nj = sp.symbols("M_W M_B n_j", positive=True)
between_groups = (MB - MW) / nj
factor = nj * between_groups / (MW + nj * between_groups)
around = (J - 1) * MB / nj  # the sum of squares of the group means
check("eq:estimated-factor", factor, 1 - MW / MB, "general", "all J and n", text_only=True)
in_means = 1 - (J - 1) * (MW / nj) / around
check("eq:estimated-factor", factor, in_means, "general", "all J and n", text_only=True)

nu, at = sp.symbols("nu s", positive=True)
transform = (1 + 2 * at * v / nu) ** (-nu / 2)  # E exp(-s v-hat), eq:rss-law
first, second = (sp.diff(transform, at, order).subs(at, 0) for order in (1, 2))
in_parts = J * v - 2 * cc * -first * (J - 2) * v * inverse + cc**2 * second * inverse
risk = J * v - cc * (2 * (J - 2) - cc * (1 + 2 / nu)) * v**2 * inverse
check("eq:james-stein-estimated", in_parts, risk, "general", "all J, nu and c", text_only=True)
sizes = [(groups, rows) for groups in range(4, 12) for rows in range(2, 8)]
wins = {s for s in sizes if 2 * (s[0] - 3) > (s[0] - 1) * (1 + sp.Rational(2, s[0] * (s[1] - 1)))}
assert wins == {s for s in sizes if s[0] > 6 or (s[0] == 6 and s[1] > 2)}

expected, code = [], []
for name in ("Dyestuff", "Dyestuff2"):
    dyes = rm.load_dataset(name)
    batches = dyes.groupby("Batch", observed=True)["Yield"]
    count = len(dyes) // len(batches)
    expected.append(max(0.0, 1 - batches.var().mean() / (count * batches.mean().var())))
    relative = rm.lmer("Yield ~ 1 + (1 | Batch)", dyes).theta.iloc[0]
    code.append(count * relative**2 / (1 + count * relative**2))
    print(f"{name:9}  estimated factor {code[-1]:.4f}")
link("eq:estimated-factor", expected, code, rm.lmer)

# %% [markdown]
# ## To take away
#
# Partial pooling is ridge regression with the penalty $\sigma^2/\sigma_\gamma^2$. It trades bias
# for variance, and wins as long as the groups are not much more different than $\sigma_\gamma$
# says. With $\sigma_\gamma$ estimated from balanced data it wins in total whatever the means are,
# if there are six groups of three rows, seven of two, or more.
#
# Code: `fit.lm` (no and complete pooling), `fit.lmer` (with `theta` given, or estimated),
# `marginal.posterior` and `penalized.posterior` for the shrunken effects.
