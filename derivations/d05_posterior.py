# %% [markdown]
# # The random effects given the data
#
# A fit estimates $\beta$, $\sigma$ and $\theta$. The random effects are no parameters, so what we
# know of them is a distribution: theirs before the data, $N(0, \Sigma)$, changed by the data into
# a posterior. This page derives its mean, which lme4 prints as `ranef`, and its covariance, and
# says what the estimation of $\beta$ adds to the latter.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page

import refmixed as rm
from refmixed import marginal, penalized
from refmixed.covariance import relative_factor

page("d05_posterior")

# %% [markdown]
# ## Random intercepts: Exercise 23.1
#
# Start with the random intercepts model, all weights one, and take $\beta$, $\sigma$ and
# $\sigma_\gamma$ as known. Throughout, $y$ is the response less the offset. Let $r_i$ be the
# entries of $r = y - X\beta$. By Bayes' theorem the
# posterior density of $\gamma$ is proportional to the density of $y$ given $\gamma$ times that of
# $\gamma$, and $-2$ times the logarithm of this product is, up to a constant,
#
# $$ \sum_j \Bigl( \frac{1}{\sigma^2} \sum_{i \in j} (r_i - \gamma_j)^2
#    + \frac{\gamma_j^2}{\sigma_\gamma^2} \Bigr) $$
#
# where $i \in j$ are the $n_j$ rows of group $j$. Each group has a term of its own. So given $y$
# the effects are independent, and one group can be looked at alone. Its term is quadratic in
# $\gamma_j$; completing the square gives
#
# $$ \frac{1}{\sigma^2} \sum_{i \in j} (r_i - \gamma_j)^2 + \frac{\gamma_j^2}{\sigma_\gamma^2}
#    = \frac{(\gamma_j - \tilde\gamma_j)^2}{v_j}
#    + \frac{1}{\sigma^2} \sum_{i \in j} r_i^2 - \frac{\tilde\gamma_j^2}{v_j} $$ (eq:group-square)
#
# with
#
# $$ \frac{1}{v_j} \equiv \frac{n_j}{\sigma^2} + \frac{1}{\sigma_\gamma^2}, \qquad
#    \tilde\gamma_j \equiv v_j \, \frac{n_j \bar r_j}{\sigma^2} $$
#
# and $\bar r_j$ the mean of the group's $r_i$. Only the first square has $\gamma_j$ in it, and a
# density whose logarithm is $-\frac12 (\gamma_j - \tilde\gamma_j)^2 / v_j$ plus a constant is that
# of $N(\tilde\gamma_j, v_j)$. This is the posterior. Precisions, one over variances, add; means are
# weighted by them.

# %%
g, nj, r_bar, squares = sp.symbols("gamma n rbar squares", real=True)
s, sg = sp.symbols("sigma sigma_gamma", positive=True)
v = 1 / (nj / s**2 + 1 / sg**2)
center = v * nj * r_bar / s**2
term = (squares - 2 * g * nj * r_bar + nj * g**2) / s**2 + g**2 / sg**2
square = (g - center) ** 2 / v + squares / s**2 - center**2 / v
check("eq:group-square", term, square, "general", "every n", text_only=True)

rs = sp.symbols("r1:4", real=True)
three = {nj: 3, r_bar: sum(rs) / 3, squares: sum(r**2 for r in rs)}
term = sum((r - g) ** 2 for r in rs) / s**2 + g**2 / sg**2
check("eq:group-square", term, square.subs(three), "symbolic", "n = 3", text_only=True)

# %% [markdown]
# ## The shrinkage factor
#
# With $\theta = \sigma_\gamma / \sigma$ both results have one factor in them. It works with
# weights too: let $w_j$ be the sum of the weights of group $j$, which is $n_j$ if they are all
# one, and $\bar r_j$ the weighted mean. Then
#
# $$ \operatorname{E}[\gamma_j \mid y] = \kappa_j \, \bar r_j, \qquad
#    \operatorname{Var}(\gamma_j \mid y) = (1 - \kappa_j) \, \sigma_\gamma^2, \qquad
#    \kappa_j = \frac{w_j \theta^2}{1 + w_j \theta^2} $$ (eq:shrinkage-factor)
#
# The group's own mean residual is drawn towards zero, since $0 \le \kappa_j < 1$: much where a
# group is small or groups differ little, hardly at all where it is large. In an empty group,
# $w_j = 0$, the posterior is what it was before.
#
# First from the square above, then by the general formula that follows below,
# $\Sigma Z^\top V^{-1} r$, for two groups of unequal sizes with a symbol for each weight.

# %%
th = sp.Symbol("theta", positive=True)
kappa = nj * th**2 / (1 + nj * th**2)
found = [part.subs(sg, th * s) for part in (center, v)]
stated = [kappa * r_bar, (1 - kappa) * (th * s) ** 2]
check("eq:shrinkage-factor", found, stated, "general", "every n, weights one", text_only=True)

w = sp.symbols("w1:4", positive=True)
Zs = sp.Matrix([[1, 0], [1, 0], [0, 1]])
Vs_inv = (sp.diag(*[1 / c for c in w]) + th**2 * Zs * Zs.T).inv()
mean = th**2 * Zs.T * Vs_inv * sp.Matrix(rs)
covariance = th**2 * sp.eye(2) - th**4 * Zs.T * Vs_inv * Zs
totals = (w[0] + w[1], w[2])
means = ((w[0] * rs[0] + w[1] * rs[1]) / totals[0], rs[2])
kappas = [t * th**2 / (1 + t * th**2) for t in totals]
stated = [k * mean for k, mean in zip(kappas, means, strict=True)]
check("eq:shrinkage-factor", list(mean), stated, "symbolic", "n_j = 2, 1: means", text_only=True)
stated = th**2 * sp.diag(*[1 - k for k in kappas])
check("eq:shrinkage-factor", covariance, stated, "symbolic", "n_j = 2, 1", text_only=True)


# %%
def random_case(formula, seed, weighted=True, zeros=()):
    """A design with unequal groups, an offset and perhaps weights; a theta, some entries zero."""
    rng = np.random.default_rng(seed)
    rows = 25
    g, h, x = rng.choice(5, rows), rng.choice(3, rows), rng.normal(size=rows)
    y = 2 + x + rng.normal(size=5)[g] + rng.normal(size=3)[h] + rng.normal(size=rows)
    data = pd.DataFrame({"y": y, "x": x, "g": g.astype(str), "h": h.astype(str)})
    weights = rng.uniform(0.5, 2, rows) if weighted else None
    design = rm.design(formula, data, weights=weights, offset=rng.normal(size=rows))
    theta = rng.uniform(0.3, 1.5, design.m)
    theta[list(zeros)] = 0.0
    return design, theta


design, theta = random_case("y ~ x + (1 | g)", 1)
r = design.y_less_offset - design.X @ marginal.evaluate(design, theta).beta
w_j, wr_j = design.Z.T @ design.weights, design.Z.T @ (design.weights * r)
kappa_j = w_j * theta**2 / (1 + w_j * theta**2)
found = marginal.posterior(design, theta)
link("eq:shrinkage-factor", kappa_j * wr_j / w_j, found.gamma, marginal.posterior)
link("eq:shrinkage-factor", np.diag(1 - kappa_j) * theta**2, found.gamma_cov, marginal.posterior)

# %% [markdown]
# ## As observations arrive
#
# The posterior after $n$ observations of a group is the prior of the next one. With residual
# $r_{n+1}$ it becomes
#
# $$ \tilde\gamma_{(n+1)} = \tilde\gamma_{(n)}
#    + \frac{v_{(n)}}{v_{(n)} + \sigma^2} \, (r_{n+1} - \tilde\gamma_{(n)}), \qquad
#    v_{(n+1)} = \frac{v_{(n)} \, \sigma^2}{v_{(n)} + \sigma^2} $$ (eq:sequential)
#
# The mean moves by a part of the surprise, a smaller part each time. Whoever updates row by row
# and whoever waits for all rows arrive at the same place.

# %%
new = sp.Symbol("r_new", real=True)
more = {nj: nj + 1, r_bar: (nj * r_bar + new) / (nj + 1)}
at_once = [part.subs(more, simultaneous=True) for part in (center, v)]
step = [center + v / (v + s**2) * (new - center), v * s**2 / (v + s**2)]
check("eq:sequential", at_once, step, "general", "every n", text_only=True)

design, theta = random_case("y ~ x + (1 | g)", 2, weighted=False)
r = design.y_less_offset - design.X @ marginal.evaluate(design, theta).beta
means, variances = np.zeros(design.q), np.full(design.q, theta[0] ** 2)  # in units of sigma
for row, j in zip(r, design.terms[0].codes, strict=True):
    means[j] += variances[j] / (variances[j] + 1) * (row - means[j])
    variances[j] /= variances[j] + 1
found = marginal.posterior(design, theta)
link("eq:sequential", means, found.gamma, marginal.posterior)
link("eq:sequential", np.diag(variances), found.gamma_cov, marginal.posterior)

# %% [markdown]
# The picture has one group, with $\sigma = \sigma_\gamma = 1$. Before the first observation the
# density of its effect is the prior, around zero. Each observation narrows it, and the later ones
# count for less.

# %% mystnb={"image": {"alt": "the density narrows and moves from zero towards the true effect"}}
effect, rng = 1.2, np.random.default_rng(8)
drawn = effect + rng.normal(size=40)
grid = np.linspace(-2.5, 3, 400)
figure, axes = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
styles = {0: ":", 1: "-.", 3: "--", 10: (0, (8, 2)), 40: "-"}
for count, style in styles.items():
    variance = 1 / (1 + count)
    center = variance * drawn[:count].sum()
    density = np.exp(-((grid - center) ** 2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)
    shade = str(0.6 - 0.15 * list(styles).index(count))
    axes.plot(grid, density, linestyle=style, color=shade, label=f"$n$ = {count}")
axes.axvline(effect, color="black", linewidth=0.8)
axes.text(effect + 0.05, axes.get_ylim()[1] * 0.95, "its true effect", va="top")
axes.set(xlabel="effect of the group", ylabel="posterior density", ylim=(0, None))
_ = axes.legend(title="observations", frameon=False, loc="upper left")

# %% [markdown]
# ## The general case, by the square
#
# For any $Z$, and a $\Sigma = \sigma^2 T$ that is invertible, the square was completed in
# {eq}`eq:complete-square`. Read as a function of $\gamma$ it says that the posterior is normal with
# mean $\Gamma^{-1} Z^\top W r$ and covariance $\sigma^2 \Gamma^{-1}$, where
# $\Gamma \equiv Z^\top W Z + T^{-1}$. Both can be written with $V_0 = W^{-1} + Z T Z^\top$ in place
# of inverses of size $q$:
#
# $$ \Gamma^{-1} Z^\top W = T Z^\top V_0^{-1}, \qquad
#    \Gamma^{-1} = T - T Z^\top V_0^{-1} Z T $$ (eq:posterior-information)
#
# For the first, multiply by $\Gamma$ from the left and by $V_0$ from the right: both sides become
# $Z^\top + Z^\top W Z T Z^\top$. For the second, multiply by $\Gamma$: on the right, $\Gamma T$ is
# $Z^\top W Z T + I$, and by the first $\Gamma T Z^\top V_0^{-1} = Z^\top W$. What remains is $I$.

# %%
W, Z, Zt, X, Xt, y, T = sp.symbols("W Z Zt X Xt y T", commutative=False)
V, Gamma = sp.symbols("V0 Gamma", commutative=False)
definition_of_V = W**-1 + Z * T * Zt
definition_of_Gamma = Zt * W * Z + T**-1
first = sp.expand(definition_of_Gamma * T * Zt), sp.expand(Zt * W * definition_of_V)
check("eq:posterior-information", *first, "general", "all sizes: the first", text_only=True)
second = sp.expand(definition_of_Gamma * T - (Zt * W * V) * V**-1 * Z * T)
check("eq:posterior-information", second, 1, "general", "all sizes: the second", text_only=True)

# %% [markdown]
# The same exactly, on seven rows in two groups, each with an intercept and a slope, and weights.

# %%
days = [0, 1, 2, 4, 0, 2, 3]
x_X = sp.Matrix(7, 2, lambda i, j: days[i] ** j)
group = [0, 0, 0, 0, 1, 1, 1]
x_Z = sp.Matrix(7, 4, lambda i, c: days[i] ** (c % 2) * int(group[i] == c // 2))
x_Lambda = sp.diag(*[sp.Matrix([["3/4", 0], ["-1/3", "1/2"]]).applyfunc(sp.Rational)] * 2)
x_W = sp.diag(*[sp.Rational(k, 2) for k in (2, 1, 3, 2, 4, 2, 3)])
x_y = sp.Matrix([3, 5, 4, 2, 6, 7, 1])
x_T = x_Lambda * x_Lambda.T
x_V = (x_W.inv() + x_Z * x_T * x_Z.T).inv()  # V0^-1
x_Gamma_inv = (x_Z.T * x_W * x_Z + x_T.inv()).inv()  # Gamma^-1
sizes = "n = 7, q = 4, p = 2"
left, right = (
    [x_Gamma_inv * x_Z.T * x_W, x_Gamma_inv],
    [x_T * x_Z.T * x_V, x_T - x_T * x_Z.T * x_V * x_Z * x_T],
)
check("eq:posterior-information", left, right, "exact", sizes, text_only=True)

# %% [markdown]
# ## The general case, for any covariance
#
# A singular $\Sigma$ has no density to multiply by. Moments do without. By the model
# $\operatorname{Cov}(\gamma, r) = \Sigma Z^\top$ and $\operatorname{Cov}(r) = V$. Take
# $G \equiv \Sigma Z^\top V^{-1}$ and split $\gamma = G r + (\gamma - G r)$. The second part is
# uncorrelated with $r$, because
#
# $$ \operatorname{Cov}(\gamma - G r, \, r) = \Sigma Z^\top - G V = 0 $$ (eq:orthogonal)
#
# and, all being jointly normal, independent of it. Given $y$, then, the first part is known and
# the second has the distribution that it always had, with mean zero. Hence
#
# $$ \operatorname{E}[\gamma \mid y] = \Sigma Z^\top V^{-1} (y - X\beta) $$ (eq:posterior-mean)
#
# $$ \operatorname{Cov}(\gamma \mid y)
#    = \operatorname{Cov}(\gamma - G r) = \Sigma - \Sigma Z^\top V^{-1} Z \Sigma
# $$ (eq:posterior-covariance)
#
# The covariance does not depend on $y$. In units of $\sigma^2$ it is $T - T Z^\top V_0^{-1} Z T$,
# as above. A difference of two large matrices loses digits, and may come out negative. Since
# $r = Z\gamma + e$, what remains is also a sum of two parts that are never negative,
#
# $$ \operatorname{Cov}(\gamma - G r)
#    = (I - G Z) \, \Sigma \, (I - G Z)^\top + \sigma^2 G W^{-1} G^\top $$ (eq:posterior-error)
#
# the effects that $G$ does not find and the noise that it takes for effects. `marginal.posterior`
# adds these up.

# %%
S = sp.Symbol("Sigma", commutative=False)
G, Gt = S * Zt * V**-1, V**-1 * Z * S  # V stands for Cov(y) here


def covariance_of(a, a_r, b, b_r):
    """Cov(a gamma + a_r r, b gamma + b_r r); b and b_r given transposed."""
    return sp.expand(a * S * b + a * S * Zt * b_r + a_r * Z * S * b + a_r * V * b_r)


check("eq:orthogonal", covariance_of(1, -G, 0, 1), 0, "general", "all sizes", text_only=True)
rest = covariance_of(1, -G, 1, -Gt)
check("eq:posterior-covariance", rest, S - S * Zt * V**-1 * Z * S, "general", "all sizes")
both = sp.diag(x_T, x_W.inv())  # Cov(gamma, e) / sigma^2, and r = Z gamma + e
SW = sp.Symbol("S_W", commutative=False)  # sigma^2 W^-1
unfound, noise = (1 - G * Z) * S * (1 - Zt * Gt), G * SW * Gt
in_sum = sp.expand(sp.expand(unfound + noise).subs(SW, V - Z * S * Zt))
check("eq:posterior-error", in_sum, rest, "general", "all sizes")
parts = sp.eye(4).row_join(sp.zeros(4, 7)), x_Z.row_join(sp.eye(7))
x_G = x_Gamma_inv * x_Z.T * x_W  # by the square
remains = parts[0] - x_G * parts[1]
check("eq:orthogonal", remains * both * parts[1].T, sp.zeros(4, 7), "exact", sizes, text_only=True)
check("eq:posterior-covariance", remains * both * remains.T, right[1], "exact", sizes)
x_left = sp.eye(4) - x_G * x_Z
x_sum = x_left * x_T * x_left.T + x_G * x_W.inv() * x_G.T
check("eq:posterior-error", x_sum, right[1], "exact", sizes)

# %% [markdown]
# That it is the mean and not merely a linear guess follows from independence. As a check of the
# formula: the mean of a normal density is where it is highest, so $\Sigma Z^\top V^{-1} r$ must
# solve $\Gamma \gamma = Z^\top W r$ where $\Gamma$ exists.

# %%
r = sp.Symbol("r", commutative=False)
slope = sp.expand(definition_of_Gamma * T * Zt * V**-1 * r).subs(Z * T * Zt, V - W**-1)
check("eq:posterior-mean", sp.expand(slope), Zt * W * r, "general", "all sizes")
x_r = x_y - x_X * (x_X.T * x_V * x_X).LUsolve(x_X.T * x_V * x_y)
highest = (x_Z.T * x_W * x_Z + x_T.inv()).LUsolve(x_Z.T * x_W * x_r)
check("eq:posterior-mean", x_T * x_Z.T * x_V * x_r, highest, "exact", sizes)

# %% [markdown]
# Both routes of refmixed compute these, on random data with crossed factors, weights and an
# offset. In the last case some variances are zero.

# %%
CASES = [
    random_case("y ~ x + (x | g)", 3),
    random_case("y ~ x + (x | g) + (1 | h)", 4),
    random_case("y ~ x + (x | g) + (1 | h)", 5, zeros=[1, 2]),
]


def textbook(design, theta):
    """T, V0^-1 and the generalised least squares residuals, n x n."""
    Lambda = relative_factor(design, theta)
    T = Lambda @ Lambda.T
    V0_inverse = np.linalg.inv(np.diag(1 / design.weights) + design.Z @ T @ design.Z.T)
    XtV = design.X.T @ V0_inverse
    beta = np.linalg.solve(XtV @ design.X, XtV @ design.y_less_offset)
    return T, V0_inverse, design.y_less_offset - design.X @ beta


for design, theta in CASES:
    T_, V_, r_ = textbook(design, theta)
    for route in (marginal, penalized):
        found, TZt = route.posterior(design, theta), T_ @ design.Z.T
        link("eq:posterior-mean", TZt @ V_ @ r_, found.gamma, route.posterior)
        link("eq:posterior-covariance", T_ - TZt @ V_ @ TZt.T, found.gamma_cov, route.posterior)
    by_sum, G_ = marginal.posterior(design, theta).gamma_cov, T_ @ design.Z.T @ V_
    rest_ = np.eye(design.q) - G_ @ design.Z
    expected = rest_ @ T_ @ rest_.T + (G_ / design.weights) @ G_.T
    link("eq:posterior-error", expected, by_sum, marginal.posterior)

# %% [markdown]
# `penalized` computes both from the factor $L$ of {eq}`eq:L`, without an inverse of $V$ or
# $\Sigma$:
#
# $$ T Z^\top V_0^{-1} r = \Lambda \hat u, \qquad
#    T - T Z^\top V_0^{-1} Z T = \Lambda (L L^\top)^{-1} \Lambda^\top $$ (eq:posterior-factor)
#
# where $L L^\top \hat u = \Lambda^\top Z^\top W r$. To see it put Woodbury's {eq}`eq:woodbury` in
# for $V_0^{-1}$, and $L L^\top - I$ for $\Lambda^\top Z^\top W Z \Lambda$.

# %%
Lam, Lamt, M = sp.symbols("Lambda Lambdat M", commutative=False)  # M = L L'
V_inv = W - W * Z * Lam * M**-1 * Lamt * Zt * W
ahead = sp.expand(Lam * Lamt * Zt * V_inv * r).subs(Lamt * Zt * W * Z * Lam, M - 1)
solved = Lam * M**-1 * Lamt * Zt * W * r
check("eq:posterior-factor", ahead, solved, "general", "all sizes: the mean")
inside = sp.expand(Lam * (1 - Lamt * Zt * V_inv * Z * Lam) * Lamt)
inside = sp.expand(inside.subs(Lamt * Zt * W * Z * Lam, M - 1))
factored = Lam * M**-1 * Lamt
check("eq:posterior-factor", inside, factored, "general", "all sizes")
x_M = x_Lambda.T * x_Z.T * x_W * x_Z * x_Lambda + sp.eye(4)
factored = x_Lambda * x_M.inv() * x_Lambda.T
check("eq:posterior-factor", right[1], factored, "exact", sizes)

for design, theta in CASES:
    at = penalized.solve(design, theta)
    found = penalized.posterior(design, theta)
    factored = at.Lambda @ np.linalg.solve(at.L @ at.L.T, at.Lambda.T)
    link("eq:posterior-factor", factored, found.gamma_cov, penalized.posterior)
    link("eq:posterior-factor", at.Lambda @ at.u, found.gamma, penalized.posterior)

# %% [markdown]
# ## Means vary less than effects
#
# Split the variance of $\gamma$ as above, into that of the known part and of the rest:
#
# $$ \operatorname{Cov}(\operatorname{E}[\gamma \mid y])
#    + \operatorname{Cov}(\gamma \mid y) = \Sigma $$ (eq:total-variance)
#
# So posterior means are less spread out than the effects. A histogram of `ranef` is too narrow a
# picture of the groups, and its variance is no estimate of $\Sigma$.

# %%
known = covariance_of(0, G, 0, Gt)
check("eq:total-variance", sp.expand(known + rest), S, "general", "all sizes", text_only=True)
x_known = x_G * (x_W.inv() + x_Z * x_T * x_Z.T) * x_G.T
check("eq:total-variance", x_known + x_Gamma_inv, x_T, "exact", sizes, text_only=True)

# %% [markdown]
# ## Best linear unbiased prediction
#
# In practice $\beta$ is estimated, by generalised least squares, {eq}`eq:gls`. The result can be
# had without normal distributions. Ask for a linear predictor $C y$ of $\gamma$ that is unbiased:
# $\operatorname{E}[C y - \gamma] = C X \beta$ is zero for every $\beta$, that is, $C X = 0$. The
# best of these is the posterior mean with $\hat\beta$ in place of $\beta$:
#
# $$ \hat\gamma = \hat C y = \Sigma Z^\top V^{-1} (y - X \hat\beta), \qquad \hat C = T Z^\top P
# $$ (eq:blup)
#
# with the $P$ of {eq}`eq:P`. No other $C$ with $C X = 0$ has smaller errors, because
#
# $$ \operatorname{Cov}(C y - \gamma) = \operatorname{Cov}(\hat C y - \gamma)
#    + (C - \hat C) \, V \, (C - \hat C)^\top $$ (eq:best-predictor)
#
# and what is added is positive semidefinite. The cross terms vanish, as
# $\hat C V - \Sigma Z^\top$ is some matrix times $X^\top$, and $(C - \hat C) X = 0$. This is the
# Gauss-Markov theorem for random effects. $\hat\gamma$ is the BLUP, the best linear unbiased
# predictor.

# %%
B, D, Dt = sp.symbols("B D Dt", commutative=False)  # (X'V0^-1X)^-1, and C - C^
P = V**-1 - V**-1 * X * B * Xt * V**-1  # V stands for V0 again
best, best_t = T * Zt * P, P * Z * T


def error_covariance(C, Ct):
    """Cov(C y - gamma) / sigma^2, with D X = 0."""
    expanded = sp.expand(C * V * Ct - C * Z * T - T * Zt * Ct + T)
    return expanded.subs(D * X, 0).subs(Xt * Dt, 0)


any_other = error_covariance(best + D, best_t + Dt)
apart = sp.expand(error_covariance(best, best_t) + D * V * Dt)
check("eq:best-predictor", any_other, apart, "general", "all sizes", text_only=True)
plugged = sp.expand(T * Zt * V**-1 * (y - X * (B * Xt * V**-1 * y)))
check("eq:blup", sp.expand(best * y), plugged, "general", "all sizes", text_only=True)

# %% [markdown]
# Exactly, as the solution of the problem with a Lagrange multiplier: minimise the error variance
# of each row of $C$ subject to $C X = 0$, a system of $n + p$ equations that knows nothing of
# $P$.

# %%
lagrange = (x_V.inv().row_join(x_X)).col_join(x_X.T.row_join(sp.zeros(2)))
x_best = lagrange.LUsolve((x_Z * x_T).col_join(sp.zeros(2, 4)))[:7, :].T
x_XVX = x_X.T * x_V * x_X
x_P = x_V - x_V * x_X * x_XVX.inv() * x_X.T * x_V
check("eq:blup", x_best, x_T * x_Z.T * x_P, "exact", sizes, text_only=True)
check("eq:blup", x_best * x_y, x_T * x_Z.T * x_V * x_r, "exact", sizes, text_only=True)


def exact_errors(C):
    """Cov(C y - gamma) / sigma^2 from the covariances of gamma and e alone."""
    mixed = C * parts[1] - parts[0]
    return mixed * both * mixed.T


naive = x_T * x_Z.T * (sp.eye(7) - x_X * (x_X.T * x_X).inv() * x_X.T)  # ordinary residuals
worse = exact_errors(x_best) + (naive - x_best) * x_V.inv() * (naive - x_best).T
check("eq:best-predictor", exact_errors(naive), worse, "exact", sizes, text_only=True)

for design, theta in CASES:
    T_, V_, _ = textbook(design, theta)
    VX = V_ @ design.X
    P_ = V_ - VX @ np.linalg.solve(design.X.T @ VX, VX.T)
    gamma = T_ @ design.Z.T @ P_ @ design.y_less_offset
    link("eq:blup", gamma, penalized.posterior(design, theta).gamma, penalized.posterior)

# %% [markdown]
# ## Henderson's equations
#
# Where $\Sigma$ is invertible, $\hat\beta$ and $\hat\gamma$ solve one system, without $V$. It is
# what setting the slopes of the joint density of $y$ and $\gamma$ to zero gives, in $\beta$ and
# in $\gamma$:
#
# $$ \begin{pmatrix} X^\top W X & X^\top W Z \\ Z^\top W X & Z^\top W Z + T^{-1} \end{pmatrix}
#    \begin{pmatrix} \hat\beta \\ \hat\gamma \end{pmatrix}
#    = \begin{pmatrix} X^\top W y \\ Z^\top W y \end{pmatrix} $$ (eq:henderson)
#
# (At a given $T$. Over $T$ the joint density has no maximum, {eq}`eq:joint-unbounded`.) Put
# $\hat\gamma = T Z^\top V_0^{-1} r$ in, with $r = y - X\hat\beta$. The first row becomes
# $X^\top V_0^{-1} r = 0$, which is what {eq}`eq:gls` says; the second has been checked above.
# With $\gamma = \Lambda u$ these are the normal equations {eq}`eq:normal-equations`, which need
# no $T^{-1}$.

# %%
gamma = T * Zt * V**-1 * r
rows = sp.Matrix(
    [Xt * W * (y - r) + Xt * W * Z * gamma, Zt * W * (y - r) + definition_of_Gamma * gamma]
).applyfunc(sp.expand)
rows = rows.subs(Z * T * Zt, V - W**-1).applyfunc(sp.expand).subs(Xt * V**-1 * r, 0)
check(
    "eq:henderson",
    rows,
    sp.Matrix([Xt * W * y, Zt * W * y]),
    "general",
    "all sizes",
    text_only=True,
)

x_XZ = x_X.row_join(x_Z)
x_henderson = x_XZ.T * x_W * x_XZ + sp.diag(sp.zeros(2), x_T.inv())
at_once = x_henderson.LUsolve(x_XZ.T * x_W * x_y)
apart = x_XVX.LUsolve(x_X.T * x_V * x_y).col_join(x_best * x_y)
check("eq:henderson", at_once, apart, "exact", sizes, text_only=True)


def henderson(design, theta):
    """Matrix and right side of eq:henderson."""
    XZ = np.hstack([design.X, design.Z])
    T_inverse = np.linalg.inv(textbook(design, theta)[0])
    matrix = (XZ.T * design.weights) @ XZ
    matrix[design.p :, design.p :] += T_inverse
    return matrix, (XZ.T * design.weights) @ design.y_less_offset


for design, theta in CASES[:2]:
    solution = np.linalg.solve(*henderson(design, theta))
    found = penalized.posterior(design, theta).gamma
    link("eq:henderson", solution[design.p :], found, penalized.posterior)

# %% [markdown]
# ## How well is a random effect known?
#
# With $\beta$ known the errors $\hat\gamma - \gamma$ have the covariance
# {eq}`eq:posterior-covariance`. With $\hat\beta$ in its place they have
#
# $$ \operatorname{Cov}(\hat\gamma - \gamma) = \sigma^2 (T - T Z^\top P Z T)
#    = \operatorname{Cov}(\gamma \mid y)
#    + G X \operatorname{Cov}(\hat\beta) X^\top G^\top $$ (eq:blup-error)
#
# with $G = \Sigma Z^\top V^{-1}$ as before. The extra term is what an error of $\hat\beta$ does
# to $\Sigma Z^\top V^{-1} (y - X\hat\beta)$. A Bayesian with a flat prior for $\beta$ gets the
# same: the variance of the posterior mean over $\beta$ is added to the mean posterior variance.
# It is also $\sigma^2$ times the last $q$ rows and columns of the inverse of Henderson's matrix.

# %%
errors = error_covariance(best, best_t).subs(Xt * V**-1 * X, B**-1)
short = sp.expand(T - T * Zt * P * Z * T)
check("eq:blup-error", sp.expand(errors), short, "general", "all sizes")
GX, XtGt = T * Zt * V**-1 * X, Xt * V**-1 * Z * T
longer = sp.expand(T - T * Zt * V**-1 * Z * T + GX * B * XtGt)
check("eq:blup-error", sp.expand(errors), longer, "general", "all sizes")
corner = x_henderson.inv()[2:, 2:]
x_short = x_T - x_T * x_Z.T * x_P * x_Z * x_T
check("eq:blup-error", corner, x_short, "exact", sizes)
check(
    "eq:blup-error", corner, x_Gamma_inv + x_G * x_X * x_XVX.inv() * x_X.T * x_G.T, "exact", sizes
)

for design, theta in CASES[:2]:
    corner = np.linalg.inv(henderson(design, theta)[0])[design.p :, design.p :]
    at = penalized.solve(design, theta)
    T_ = at.Lambda @ at.Lambda.T
    link("eq:blup-error", corner, T_ - T_ @ at.A @ T_, penalized.Penalized.A)
    for route in (marginal, penalized):
        found = route.posterior(design, theta, False).gamma_cov
        link("eq:blup-error", corner, found, route.posterior)

# %% [markdown]
# lme4's conditional variances (`postVar`) are those with $\beta$ known, and so are ours
# (`ranef(cond_var=True)`, or `"beta known"`); `ranef("beta estimated")` has the variances of the
# errors. In both $\theta$ and $\sigma$ are taken as known as well; {eq}`eq:theta-estimated` goes on
# from here. How much the extra term matters is seen in $J$ groups of equal size, so that
# $\kappa_j = \kappa$ for all, with weights one and nothing but an intercept in $X$:
#
# $$ \operatorname{Var}(\hat\gamma_j - \gamma_j)
#    = \Bigl( 1 - \kappa + \frac{\kappa}{J} \Bigr) \sigma_\gamma^2 $$ (eq:balanced-error)
#
# The last summand is the extra term. With few groups, and large ones, it is most of the error:
# the group is known well, and the mean that its effect is measured from is not.

# %%
J = sp.Symbol("J", positive=True)
ZVZ = nj / (1 + nj * th**2)  # on the diagonal of Z'V0^-1 Z, else 0; Z'V0^-1 1 is the same
ZPZ = ZVZ - ZVZ**2 / (J * ZVZ)
stated = (1 - kappa + kappa / J) * th**2
check("eq:balanced-error", th**2 - th**4 * ZPZ, stated, "general", "all J and n", text_only=True)
Zb = sp.kronecker_product(sp.eye(3), sp.ones(2, 1))
one = sp.ones(6, 1)
Vb = (sp.eye(6) + th**2 * Zb * Zb.T).inv().applyfunc(sp.cancel)
Pb = Vb - Vb * one * one.T * Vb / (one.T * Vb * one)[0]
error = (th**2 * sp.eye(3) - th**4 * Zb.T * Pb * Zb)[0]
three_of_two = stated.subs({J: 3, nj: 2})
check("eq:balanced-error", error, three_of_two, "symbolic", "J = 3, n = 2", text_only=True)

# %% [markdown]
# Here are the standard deviations of the effects of the first subject in sleepstudy.

# %%
fit = rm.lmer("Reaction ~ Days + (Days | Subject)", rm.load_dataset("sleepstudy"))
kinds = ("beta known", "beta estimated")
variances = {kind: fit.ranef(kind).cond_var["Subject"][:, :, 0] for kind in kinds}
sds = {kind: np.sqrt(np.diag(both)) for kind, both in variances.items()}
print(pd.DataFrame(sds, ["Intercept", "Days"]).round(3))

# %% [markdown]
# ## What to take away
#
# The posterior mean shrinks what a group says for itself, by a factor that counts its
# observations. The same vector is the BLUP, the solution of Henderson's equations, and
# $\Lambda \hat u$ of penalized least squares. Its printed variances leave out that $\beta$,
# $\theta$ and $\sigma$ were estimated.
#
# The code: `marginal.posterior` by definition, `penalized.posterior` from factors;
# `ranef.effects` and `ranef.conditional_variances` name and shape what they return.
