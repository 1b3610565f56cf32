# %% [markdown]
# # The likelihood ratio, and its laws
#
# Two models, one a special case of the other: how much better does the larger one fit than chance
# would have it? The ratio of the two likelihoods answers, if its law is known. For fixed effects
# that law is nearly $\chi^2$. For variances it is not, since a variance cannot be below zero: this
# page derives what it is in large samples, and exactly where one variance is all that is random.

# %%
"""Imports, and the name of the page."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp
from checks import check, holds, link, page
from scipy import stats
from scipy.linalg import null_space

import refmixed as rm
from refmixed import marginal
from refmixed.after.ratio import compare, cones, nested, one_variance

page("d15_likelihood_ratio")
R = sp.Rational

# %% [markdown]
# ## The statistic
#
# The likelihood of a model is the largest density that its parameters give the data. $L_0$ is that
# of the smaller model, $L_1$ that of the larger. As $d = -2 \log L$ for each
# {eq}`eq:ml-criterion`, the statistic is a difference of criteria:
#
# $$
# D = -2 \log \frac{L_0}{L_1} = d_0 - d_1 .
# $$ (eq:lrt)
#
# It is never negative: what the smaller model can do, the larger one can do as well. A negative
# value says that the models are not nested, or that the larger fit is not at its minimum. The code
# says so, and does not hide it behind a zero.

# %%
L0, L1 = sp.symbols("L_0 L_1", positive=True)
d0, d1 = -2 * sp.log(L0), -2 * sp.log(L1)
check("eq:lrt", sp.expand_log(-2 * sp.log(L0 / L1)), d0 - d1, "general", "any two models")

sleep = rm.load_dataset("sleepstudy")
formulas = ["Reaction ~ Days + (1 | Subject)", "Reaction ~ Days + (Days | Subject)"]
fits = [rm.lmer(formula, sleep, reml=False) for formula in formulas]


def log_density(fit):
    """The normal log-density of the data at the estimates."""
    design, Z = fit.design, fit.design.Z
    k, m = design.terms[0].k, len(design.terms[0].levels)
    factor = np.zeros((k, k))
    factor[np.triu_indices(k)[::-1]] = fit.theta
    V0 = np.eye(180) + Z @ np.kron(np.eye(m), factor @ factor.T) @ Z.T
    return stats.multivariate_normal.logpdf(design.y, design.X @ fit.beta, fit.sigma**2 * V0)


ratio = 2 * (log_density(fits[1]) - log_density(fits[0]))
found = compare.differences(np.array([fit.criterion for fit in fits]), fits)[1]
link("eq:lrt", ratio, found, compare.differences)
link("eq:lrt", ratio, fits[1].anova(fits[0]).table["Chisq"].iloc[1], rm.Fit.anova)
print(fits[0].anova(fits[1]))

# %% [markdown]
# **Which criterion.** The restricted likelihood is that of the error contrasts $K^\top Y$ with
# $K^\top X = 0$. Two models with one $X$ have the same contrasts, the same data, and their REML
# criteria can be compared: $D$ is a ratio of likelihoods. Models with other fixed effects have
# other contrasts, and fewer or more of them: a ratio of densities of different data means nothing,
# and its value hangs on the units of $X$ {eq}`eq:reml-units`. So `anova` fits by ML first, and
# `refit=False` is refused where $X$ differs.
#
# ## One variance, exactly
#
# From here on one term has one effect, $V_0 = W^{-1} + \tau ZZ^\top$ with $\tau = \theta^2$, and
# the hypothesis is $\tau = 0$. Let $P_0$ be the $P$ of {eq}`eq:P` at $\tau = 0$, $P_0 = W -
# WX(X^\top W X)^{-1} X^\top W$. All that the criteria need is in $Z^\top P_0 Z$ and $Z^\top P_0
# Y$:
#
# $$
# \begin{aligned}
# |V_0| &= |W|^{-1}\, |I + \tau Z^\top W Z| , \\
# |V_0|\, |X^\top V_0^{-1} X| &= |W|^{-1}\, |X^\top W X|\, |I + \tau Z^\top P_0 Z| , \\
# r^2(\tau) &= Y^\top P_0 Y - \tau\, Y^\top P_0 Z\, (I + \tau Z^\top P_0 Z)^{-1} Z^\top P_0 Y .
# \end{aligned}
# $$ (eq:lrt-pieces)
#
# The first is {eq}`eq:V-determinant`. For the others, $K$ with $KK^\top = P_0$ makes contrasts
# with the covariance $\sigma^2 (I + \tau K^\top Z Z^\top K)$; their determinant and their
# quadratic form are those of {eq}`eq:contrast-determinant` and {eq}`eq:P-contrasts`. The check has
# $\tau$ as a symbol, in a design of six observations with weights.

# %%
t = sp.Symbol("tau", positive=True)
X6 = sp.ones(6, 1).row_join(sp.Matrix([0, 1, 3, R(1, 2), 2, R(5, 3)]))
Z6 = sp.Matrix(6, 3, lambda i, j: [1, 2, R(1, 2), 1, -1, 3][i] * int(i // 2 == j))
Y6, W6 = sp.Matrix([1, R(7, 2), 2, -1, 0, 5]), sp.diag(1, 2, R(1, 2), 1, 3, 1)
P0 = W6 - W6 * X6 * (X6.T * W6 * X6).inv() * X6.T * W6
V6 = W6.inv() + t * Z6 * Z6.T
V6_inv = W6 - t * W6 * Z6 * (sp.eye(3) + t * Z6.T * W6 * Z6).inv() * Z6.T * W6
G6 = X6.T * V6_inv * X6
small, score = sp.eye(3) + t * Z6.T * P0 * Z6, Z6.T * P0 * Y6
r2 = (Y6.T * V6_inv * Y6 - Y6.T * V6_inv * X6 * G6.inv() * X6.T * V6_inv * Y6)[0]
left = [V6.det(method="berkowitz"), sp.cancel(V6.det(method="berkowitz") * G6.det()), sp.cancel(r2)]
right = [
    (sp.eye(3) + t * Z6.T * W6 * Z6).det() / W6.det(),
    (X6.T * W6 * X6).det() * small.det() / W6.det(),
    sp.cancel((Y6.T * P0 * Y6 - t * score.T * small.inv() * score)[0]),
]
check("eq:lrt-pieces", left, right, "symbolic", "n = 6, p = 2, q = 3, any tau", text_only=True)

# %% [markdown]
# Turn the contrasts so that $K^\top Z Z^\top K$ is diagonal. Its positive eigenvalues $\mu_1,
# \dots, \mu_r$ are those of $Z^\top P_0 Z$. Then the contrasts $a_s$ are independent with the
# variances $\sigma^2 (1 + \tau \mu_s)$, and $\nu = n - p - r$ more have $\sigma^2$: let $b$ be the
# sum of their squares. With $\xi_j$ the eigenvalues of $Z^\top P_0 Z$ and $N = n - p$ for REML,
# and those of $Z^\top W Z$ and $N = n$ for ML, the ratio is (Crainiceanu and Ruppert, 2004)
#
# $$
# D = \max_{\tau \ge 0} f(\tau), \qquad
# f(\tau) = N \log \frac{\sum_s a_s^2 + b}{\sum_s a_s^2/(1 + \tau\mu_s) + b}
#     - \sum_j \log(1 + \tau \xi_j) .
# $$ (eq:lrt-law)
#
# No $\beta$ and no $\sigma$ are in it, as both sums of squares have $\sigma^2$ as a factor. Under
# the hypothesis the $a_s/\sigma$ are standard normal, and $b/\sigma^2 \sim \chi^2_\nu$: the law is
# known, for every $n$. Many random terms have no such law, because the variances that stay unknown
# are in it.
#
# The link makes data with chosen $a_s$ and $b$, and compares $f$ with differences of the
# criterion.

# %%
# sympy: r^2 of eq:lrt-pieces for diagonal Z'P_0Z is the sum in f
mu1, mu2, a1, a2, b = sp.symbols("mu_1 mu_2 a_1 a_2 b", positive=True)
pieces = [a1**2 + a2**2 + b - sum(t * m * a**2 / (1 + t * m) for m, a in ((mu1, a1), (mu2, a2)))]
shrunk = [a1**2 / (1 + t * mu1) + a2**2 / (1 + t * mu2) + b]  # Z'P_0Y has the elements mu^1/2 a
check("eq:lrt-law", pieces, shrunk, "symbolic", "r = 2, any mu, tau, a, b")

sizes = np.array([2, 3, 5, 8, 12])
rng = np.random.default_rng(15)
group = np.repeat(np.arange(5), sizes)
n = len(group)
X = np.column_stack([np.ones(n), rng.normal(size=n)])
Z = (group[:, None] == np.arange(5)).astype(float)
contrasts = null_space(X.T)
values, turned = np.linalg.eigh(contrasts.T @ Z @ Z.T @ contrasts)
basis, mu = contrasts @ turned[:, -4:], values[-4:]
rest = contrasts @ turned[:, :-4]


def data_with(a, b):
    """A response (n,) with these contrasts."""
    direction = rest @ rng.normal(size=rest.shape[1])
    return X @ [3.0, -2.0] + basis @ a + direction * np.sqrt(b / (direction @ direction))


def f(tau, a, b, reml):
    """f(tau) as derived."""
    xi, N = (mu, n - 2) if reml else (sizes, n)
    ratio = (a @ a + b) / (a**2 @ (1 / (1 + tau * mu)) + b)
    return N * np.log(ratio) - np.log1p(tau * xi).sum()


a, b_value = np.array([1.0, -2.0, 0.5, 4.0]), 30.0
design = rm.design(
    "y ~ x + (1 | g)", pd.DataFrame({"y": data_with(a, b_value), "x": X[:, 1], "g": group})
)
for reml in (True, False):
    heights = [marginal.criterion(design, np.array([np.sqrt(tau)]), reml) for tau in (0, 0.3, 2)]
    wanted = [f(tau, a, b_value, reml) for tau in (0.3, 2)]
    link("eq:lrt-law", wanted, heights[0] - np.array(heights[1:]), marginal.criterion)
of_Z, of_ZPZ = one_variance.spectrum(design)
link("eq:lrt-law", np.append(0, mu), np.sort(of_ZPZ).round(12), one_variance.spectrum)
link("eq:lrt-law", sizes, of_Z, one_variance.spectrum)

# %% [markdown]
# ## A tail without simulating data
#
# What is $\Pr(D > c)$? Write the $a_s$ as a length and a direction: $a_s^2 = |a|^2 u_s$ with
# $\sum_s u_s = 1$. For normal $a_s$ the two are independent, and $|a|^2/\sigma^2 \sim \chi^2_r$.
# With $C(\tau) \equiv \exp\{(c + \sum_j \log(1 + \tau\xi_j))/N\}$ and $h(\tau) \equiv \sum_s
# u_s/(1 + \tau\mu_s)$,
#
# $$
# f(\tau) > c \quad\Longleftrightarrow\quad
# \frac{b}{|a|^2} < g(\tau) \equiv \frac{1 - h(\tau)}{C(\tau) - 1} - h(\tau) .
# $$ (eq:lrt-bound)
#
# So $D > c$ if the length of the rest is short enough for one $\tau$, and that means for the best:
#
# $$
# D > c \quad\Longleftrightarrow\quad \frac{b}{|a|^2} < g^*(u) \equiv \max_{\tau \ge 0} g(\tau) .
# $$ (eq:lrt-furthest)
#
# The quotient $b/|a|^2$ has nothing to do with the direction, and its law is Fisher's, up to a
# factor; in terms of the incomplete beta function,
#
# $$
# \Pr(D > c) = \operatorname{E}_u\, I_{x(u)}\!\left(\frac\nu2, \frac r2\right), \qquad
# x(u) = \frac{g^*}{1 + g^*}, \quad g^* > 0 .
# $$ (eq:lrt-tail)
#
# Where all $\mu_s$ are equal, as in balanced groups, $u$ drops out and this is a number: the F
# test of {eq}`eq:lrt-one-way`. Else it is a mean over directions of a smooth function, and Sobol's
# points give it to four digits, also far out in the tail.

# %%
h, C, rho2 = sp.symbols("h C rho^2", positive=True)
quotient = lambda b: (rho2 + b) / (rho2 * h + b)  # noqa: E731
edge = rho2 * ((1 - h) / (C - 1) - h)
check("eq:lrt-bound", sp.simplify(quotient(edge)), C, "general", "all N, r, tau")
slope = sp.factor(sp.diff(quotient(b), b) * (rho2 * h + b) ** 2)  # h < 1: f falls in b
check("eq:lrt-bound", slope, -rho2 * (1 - h), "general", "all N, r, tau")
x, y_, g = sp.symbols("x y g", positive=True)
for nu, r_ in ((2, 4), (4, 2), (2, 2)):
    law = [
        s ** (R(k, 2) - 1) * sp.exp(-s / 2) / (2 ** R(k, 2) * sp.gamma(R(k, 2)))
        for s, k in ((x, nu), (y_, r_))
    ]
    inner = sp.integrate(sp.expand(law[0]), (x, 0, g * y_))
    tail = sp.integrate(sp.expand(inner * law[1]), (y_, 0, sp.oo))
    beta = sp.integrate(x ** (R(nu, 2) - 1) * (1 - x) ** (R(r_, 2) - 1), (x, 0, g / (1 + g)))
    beta /= sp.beta(R(nu, 2), R(r_, 2)).rewrite(sp.gamma)
    check("eq:lrt-tail", sp.simplify(tail), sp.simplify(beta), "exact", f"nu = {nu}, r = {r_}")

# %% [markdown]
# Data on the very edge, $b = |a|^2 g^*(u)$, must have a ratio of exactly $c$. So fits of them
# check the code's maximum over $\tau$:

# %%
u = a**2 / (a @ a)
for reml in (True, False):
    law = one_variance.OneVariance.of(design, reml)
    for c in (0.7, 4.0):
        furthest = law.furthest(u[None, ::-1], c)[0]  # the code has the largest mu first
        edge_data = pd.DataFrame({"y": data_with(a, a @ a * furthest), "x": X[:, 1], "g": group})
        some = rm.lmer("y ~ x + (1 | g)", edge_data, reml)
        none = rm.lm("y ~ x", edge_data, reml)
        link(
            "eq:lrt-furthest", none.criterion - some.criterion, c, one_variance.OneVariance.furthest
        )
        tau = float(some.theta.iloc[0]) ** 2
        h_, C_ = u @ (1 / (1 + tau * mu)), np.exp((c + np.log1p(tau * law.xi) @ law.counts) / law.N)
        reached = law.bound(u[None, ::-1], np.log([tau * mu[-1]]), c, mu[-1])[0]
        link("eq:lrt-bound", (1 - h_) / (C_ - 1) - h_, reached[0], one_variance.OneVariance.bound)
dyes = rm.load_dataset("Dyestuff")
balanced = rm.design("Yield ~ 1 + (1 | Batch)", dyes)
for F in (1.3, 4.6):
    c = 29 * np.log((5 * F + 24) / 29) - 5 * np.log(F)  # eq:lrt-one-way
    law = one_variance.OneVariance.of(balanced, reml=True)
    link("eq:lrt-tail", stats.f.sf(F, 5, 24), law.sf(c)[0], one_variance.OneVariance.sf)

# %% [markdown]
# As $c$ goes to zero there is a mass left: $D = 0$ where no $\tau$ pays. At $c = 0$ the bound has
# the limit
#
# $$
# \lim_{\tau \to 0} g(\tau) = N\, \frac{\sum_s u_s \mu_s}{\sum_j \xi_j} - 1 .
# $$ (eq:lrt-mass)
#
# In balanced groups all $\mu_s$ and $\xi_j$ are $\bar n$. With $x = 1 + \bar n\tau$, and $a$ for
# the number of the $\xi_j$ over $N$, the bound at $c = 0$ is
#
# $$
# g(\tau) = \frac{1 - x^{-(1 - a)}}{x^a - 1} .
# $$ (eq:lrt-balanced-bound)
#
# In $\log x$ the numerator is concave and the denominator convex, and both begin at zero: the
# quotient falls, and is largest as $\tau$ goes to zero. So $\Pr(D = 0)$ is $\Pr(\mathcal F \le 1)$
# by REML and $\Pr(\mathcal F \le J/(J - 1))$ by ML: the table has six groups of five, where the
# mixture of the next section has one half.

# %%
N_, u1, xi1, xi2 = sp.symbols("N u_1 xi_1 xi_2", positive=True)
both = ((u1, mu1), (1 - u1, mu2))
h_tau = sum(w / (1 + t * m) for w, m in both)
C_tau = ((1 + t * xi1) * (1 + t * xi2)) ** (1 / N_)
limit = sp.limit(sp.together(1 - h_tau) / t, t, 0) / sp.limit((C_tau - 1) / t, t, 0)
right = N_ * sum(w * m for w, m in both) / (xi1 + xi2) - 1
check("eq:lrt-mass", limit - h_tau.subs(t, 0), right, "symbolic", "r = 2, any mu, xi, N")
x, share = sp.symbols("x a", positive=True)
bound = (1 - 1 / x) / (x**share - 1) - 1 / x
right = (1 - x ** (share - 1)) / (x**share - 1)
check("eq:lrt-balanced-bound", bound, right, "general", "every a", text_only=True)
for reml, F in ((True, 1.0), (False, 6 / 5)):
    law = one_variance.OneVariance.of(balanced, reml)
    link("eq:lrt-mass", stats.f.cdf(F, 5, 24), law.zero[0], one_variance.OneVariance.zero)
    wanted = law.N * 5 / (5 * (5 if reml else 6)) - 1
    found = law.at_zero(np.ones((1, 1)))
    link("eq:lrt-mass", [wanted], found, one_variance.OneVariance.at_zero)
    print(f"Pr(D = 0), six groups of five, {'REML' if reml else 'ML'}: {law.zero[0]:.4f}")

# %% [markdown]
# Fixed effects that are tested along with the variance, by ML, bring squares that the smaller
# model leaves in the residuals and the larger one takes out for every $\tau$. That is a $\mu$ of
# infinity, and nothing else in the derivation changes.
#
# ## Large samples: a cone
#
# Several variances, or a whole covariance matrix, are tested where other parameters have to be
# estimated. In large samples the estimate without constraints is nearly normal, with the
# information $\mathcal I$ as the inverse of its covariance. What is not tested drops out: with $N$
# the other parameters,
#
# $$
# \mathcal I_\cdot = \mathcal I_{CC} - \mathcal I_{CN} \mathcal I_{NN}^{-1} \mathcal I_{NC}
# $$ (eq:efficient-information)
#
# is what is left for those in question, as minimising $(z - \phi)^\top \mathcal I (z - \phi)$ over
# the others shows.

# %%
JCC, JCN, JNC, JNN, zc, zct = sp.symbols("J_CC J_CN J_NC J_NN z z^T", commutative=False)
other, other_t = -(JNN**-1) * JNC * zc, -zct * JCN * JNN**-1
form = zct * JCC * zc + zct * JCN * other + other_t * JNC * zc + other_t * JNN * other
stationary = sp.expand(JNC * zc + JNN * other)
right = [sp.expand(zct * (JCC - JCN * JNN**-1 * JNC) * zc), 0]
check("eq:efficient-information", [sp.expand(form), stationary], right, "general", "all sizes")


def derivatives_of(fit, theta):
    """V0 at theta, and its derivatives in the entries of T and in sigma^2, of one term of two.

    Effects are in the units of the search, where x'x / n is the identity.
    """
    term = fit.design.terms[0]
    S = np.linalg.cholesky(term.x.T @ term.x / fit.nobs)
    x, factor = np.linalg.solve(S, term.x.T).T, np.zeros((2, 2))
    units = [[[1, 0], [0, 0]], [[0, 1], [1, 0]], [[0, 0], [0, 1]]]
    same = term.codes[:, None] == term.codes
    parts = [same * (x @ np.array(unit) @ x.T) for unit in units]
    factor[np.triu_indices(2)[::-1]] = theta
    V0 = np.eye(fit.nobs) + same * (term.x @ factor @ factor.T @ term.x.T)
    return V0, [*parts, V0]


reml_fits = [rm.lmer(formula, sleep) for formula in formulas]
lone = rm.lm("Reaction ~ Days", sleep)
for smaller, theta, tested in (
    (lone, [0, 0, 0], [0, 1, 2]),
    (reml_fits[0], [reml_fits[0].theta.iloc[0], 0, 0], [2]),
):
    V0, parts = derivatives_of(reml_fits[1], theta)
    Xs, V_inv = reml_fits[1].design.X, np.linalg.inv(V0)
    P = V_inv - V_inv @ Xs @ np.linalg.inv(Xs.T @ V_inv @ Xs) @ Xs.T @ V_inv
    J = np.array([[np.trace(P @ i @ P @ j) / 2 for j in parts] for i in parts])  # eq:information
    others = [k for k in range(4) if k not in tested]
    across = J[np.ix_(tested, others)]
    wanted = J[np.ix_(tested, tested)] - across @ np.linalg.solve(
        J[np.ix_(others, others)], across.T
    )
    lies = nested.nested(smaller.design, reml_fits[1].design)
    found = nested.information_on(smaller, reml_fits[1], lies)
    link("eq:efficient-information", wanted, found, nested.information_on)

# %% [markdown]
# The parameters must lie in a cone $\mathcal C$ about the true point: a variance in $[0, \infty)$,
# a covariance matrix in the cone of those that are positive semidefinite. So the criterion falls
# from zero by
# $z^\top \mathcal I z - \min_{\phi \in \mathcal C} (z - \phi)^\top \mathcal I (z - \phi)$, the
# squared length of the projection of $z$ on the cone, $z \sim N(0, \mathcal I^{-1})$. Length and
# direction of $z$ are independent, and the projection scales with the length. Let $\eta$ be the
# share of the squared length that it keeps, with $f$ free parameters more, which keep all of
# theirs, and $s$ in the cone:
#
# $$
# \Pr(D > c) = \operatorname{E}_\eta \Pr\left(\chi^2_{f + s} > c / \eta\right) .
# $$ (eq:chi-bar)
#
# A cone with flat sides makes a mixture of chi-squares out of this: $\eta$ is then, by the face
# on which the projection lies, a squared cosine of so many coordinates. For a half-line and $f$
# free parameters, the weights are a half each (Self and Liang, 1987; Stram and Lee, 1994):
#
# $$
# \Pr(D > c) = \tfrac12 \Pr(\chi^2_f > c) + \tfrac12 \Pr(\chi^2_{f+1} > c) .
# $$ (eq:half-space)
#
# The check compares moments. A share $\eta$ of a $\chi^2_{f+1}$ is $\chi^2_{f+1}$ where the
# half-line's coordinate is positive, $\eta = 1$, and else the sum of the squares of the $f$
# others, of which the share has the law Beta$(f/2, 1/2)$.

# %%
for free in (1, 2, 3):
    k = sp.Symbol("k", positive=True)
    chi_moment = lambda df, j: sp.prod([df + 2 * i for i in range(j)])  # noqa: E731  E chi^2j
    left, right = [], []
    for j in range(1, 6):
        a_, b_ = R(free, 2), R(1, 2)
        shared = sp.prod([(a_ + i) / (a_ + b_ + i) for i in range(j)])  # a moment of Beta
        left.append((1 + shared) / 2 * chi_moment(free + 1, j))
        right.append((chi_moment(free, j) + chi_moment(free + 1, j)) / 2)
    check("eq:half-space", left, right, "exact", f"f = {free}, moments 1 to 5", text_only=True)
    check("eq:chi-bar", left, right, "exact", f"f = {free}, moments 1 to 5")
for free in (0, 1, 2):
    law = cones.chi_bar(np.eye(1), (1,), free)
    lower = stats.chi2.sf(3.1, free) if free else 0.0
    link("eq:chi-bar", (lower + stats.chi2.sf(3.1, free + 1)) / 2, law.sf(3.1)[0], cones.ChiBar.sf)

# %% [markdown]
# **A slope added to an intercept.** Is the cone for one effect more, beside $q$ that vary, a
# half-space? The covariance has a new row: $q$ covariances $\delta c$ and a variance $\delta v$.
# At a true $T_{11}$ that is positive definite, small changes of it aside,
#
# $$
# \det \begin{pmatrix} T_{11} & \delta c \\ \delta c^\top & \delta v \end{pmatrix}
#     = \delta \det(T_{11})\, \bigl(v - \delta\, c^\top T_{11}^{-1} c\bigr) .
# $$ (eq:tangent-cone)
#
# For small $\delta$ the sign is that of $v$: the covariances are free, the variance is not. So
# {eq}`eq:half-space` holds with $f = q$, a $\tfrac12 \chi^2_1 + \tfrac12 \chi^2_2$ for one slope.
# It is no longer so where $T_{11}$ is singular; the code gives no mixture then, and says why.

# %%
small_step, v = sp.symbols("delta v", positive=True)
for q in (1, 2):
    T11 = sp.Matrix(q, q, lambda i, j: sp.Symbol(f"T_{min(i, j)}{max(i, j)}"))
    cs = sp.Matrix(sp.symbols(f"c_1:{q + 1}"))
    whole = sp.Matrix(
        sp.BlockMatrix([[T11, small_step * cs], [small_step * cs.T, sp.Matrix([[small_step * v]])]])
    )
    right = small_step * T11.det() * (v - small_step * (cs.T * T11.inv() * cs)[0])
    check(
        "eq:tangent-cone",
        sp.expand(whole.det()),
        sp.cancel(right),
        "symbolic",
        f"q = {q}",
        text_only=True,
    )

# %% [markdown]
# **Two or three variances at zero.** The cone is a corner with flat sides, and the weight $w_j$ of
# $\chi^2_j$ is the probability that the projection lies on a face of dimension $j$. With $r$ the
# correlations of $z$, whose covariance is $\mathcal I^{-1}$, and $\tilde r$ those of $\mathcal I$,
#
# $$
# \begin{aligned}
# s = 2:&\quad w_2 = \tfrac14 + \frac{\arcsin r_{12}}{2\pi}, \quad w_1 = \tfrac12, \quad
#     w_0 = \tfrac12 - w_2 ; \\
# s = 3:&\quad w_3 = \tfrac18 + \sum_{i<j} \frac{\arcsin r_{ij}}{4\pi}, \quad
#     w_0 = \tfrac18 + \sum_{i<j} \frac{\arcsin \tilde r_{ij}}{4\pi}, \quad
#     w_1 = \tfrac12 - w_3, \quad w_2 = \tfrac12 - w_0 .
# \end{aligned}
# $$ (eq:chi-bar-corner)
#
# Proof. $w_s$ is the probability that all $z$ are positive. For two it rises with $r$ by the
# density at zero (Plackett), $1/(2\pi\sqrt{1 - r^2})$, from $\frac14$ at $r = 0$. For three,
# inclusion and exclusion leave $2 w_3 = 1 - \frac32 + \sum_{i<j} w_2(r_{ij})$. $w_0$ is the
# probability of the polar cone, in which all elements of $\mathcal I z \sim N(0, \mathcal I)$ are
# negative. In the sphere's terms the corner cuts out a triangle with angles
# $\vartheta_i = \pi/2 + \arcsin r$ and sides $\alpha_i$; the polar one has sides
# $\pi - \vartheta_i$. Its area is $\sum \vartheta_i - \pi$, that of the polar one
# $2\pi - \sum \alpha_i$. A projection lies on an edge with probability
# $\frac12 (\pi - \vartheta_i)/(2\pi)$, on a side with $\frac12\, \alpha_i/(2\pi)$.

# %%
xx, yy = sp.symbols("x y", real=True)
r_ = sp.Symbol("r", real=True)
density = sp.exp(-(xx**2 - 2 * r_ * xx * yy + yy**2) / (2 * (1 - r_**2))) / (
    2 * sp.pi * sp.sqrt(1 - r_**2)
)
plackett = sp.simplify((density.diff(r_) - density.diff(xx, yy)) / density)
check("eq:chi-bar-corner", plackett, 0, "general", "two variables, any r")
w2 = R(1, 4) + sp.asin(r_) / (2 * sp.pi)
sides = [w2.diff(r_), w2.subs(r_, 0)], [density.subs({xx: 0, yy: 0}), R(1, 4)]
check("eq:chi-bar-corner", *sides, "general", "two variables, any r")
rs = sp.symbols("r_1:4", real=True)
w3 = R(1, 8) + sum(map(sp.asin, rs)) / (4 * sp.pi)
check(
    "eq:chi-bar-corner", 2 * w3, 1 - R(3, 2) + sum(w2.subs(r_, r) for r in rs), "general", "three"
)
A, al = sp.symbols("A_1:4"), sp.symbols("alpha_1:4")
area, polar = (sum(A) - sp.pi) / (4 * sp.pi), (2 * sp.pi - sum(al)) / (4 * sp.pi)
edges, sides = sum((sp.pi - angle) / (4 * sp.pi) for angle in A), sum(al) / (4 * sp.pi)
check("eq:chi-bar-corner", [edges, sides], [R(1, 2) - area, R(1, 2) - polar], "general", "three")
in_angles = area.subs(dict(zip(A, (sp.pi / 2 + sp.asin(r) for r in rs), strict=True)))
check("eq:chi-bar-corner", in_angles, w3, "general", "three variances")


def triangle(J):
    """Weights of three variances, of the angles and sides of a triangle on the sphere."""
    edges = np.linalg.cholesky(J).T  # columns: the edges of the corner where J is the identity
    edges = edges / np.linalg.norm(edges, axis=0)
    alpha = [np.arccos(edges[:, i] @ edges[:, j]) for i, j in ((1, 2), (0, 2), (0, 1))]
    angles = []
    for i, (j, k) in enumerate(((1, 2), (0, 2), (0, 1))):
        first, second = (edges[:, o] - edges[:, i] * (edges[:, i] @ edges[:, o]) for o in (j, k))
        cosine = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
        angles.append(np.arccos(cosine))
    inside, out = (sum(angles) - np.pi) / (4 * np.pi), (2 * np.pi - sum(alpha)) / (4 * np.pi)
    return [out, 0.5 - inside, 0.5 - out, inside]


root = rng.normal(size=(3, 5))
link("eq:chi-bar-corner", triangle(root @ root.T), cones.corner(root @ root.T), cones.corner)
J2 = np.array([[2.0, 0.7], [0.7, 1.0]])
angle = np.arccos(-0.7 / np.sqrt(2.0))  # between edges: the correlation of J^-1 is -0.7/sqrt(2)
edges2 = np.linalg.cholesky(J2).T
angle = np.arccos(edges2[:, 0] @ edges2[:, 1] / np.prod(np.linalg.norm(edges2, axis=0)))
wanted = [0.5 - angle / (2 * np.pi), 0.5, angle / (2 * np.pi)]
link("eq:chi-bar-corner", wanted, cones.corner(J2), cones.corner)

# %% [markdown]
# Two independent variances have the weights of a binomial law, $\frac14, \frac12, \frac14$.
#
# **Two correlated effects at zero.** Covariances of two effects, with the entries
# $(T_{11}, \sqrt2\, T_{12}, T_{22})$, make a cone with a round side. Its edges are the matrices of
# rank one, $e(\phi) = (\cos^2\phi, \sqrt2 \cos\phi \sin\phi, \sin^2\phi)$, and those of the polar
# cone are $-e(\phi)$. Where $\mathcal I = LL^\top$, $L^\top e$ are the edges seen in the metric,
# and $L^{-1} e$ those of the polar cone. A triangle with more and more corners has the area of its
# polar still as $2\pi$ less its length. So with the lengths $\lambda$ and $\lambda_*$ of the two
# curves on the sphere
#
# $$
# w_0 = \tfrac12 - \frac{\lambda}{4\pi}, \quad w_3 = \tfrac12 - \frac{\lambda_*}{4\pi}, \quad
# w_1 = \tfrac12 - w_3, \quad w_2 = \tfrac12 - w_0 .
# $$ (eq:chi-bar-round)
#
# Where all entries count alike, $\mathcal I = I$, the cone is that of 45 degrees about the identity
# matrix: the check compares with the area of its cap. The link has any $\mathcal I$, and integrates
# the area itself.

# %%
phi = sp.Symbol("phi", real=True)
edge = sp.Matrix([sp.cos(phi) ** 2, sp.sqrt(2) * sp.cos(phi) * sp.sin(phi), sp.sin(phi) ** 2])
assert sp.simplify(edge.dot(edge)) == 1
speed = sp.sqrt(sp.simplify(edge.diff(phi).dot(edge.diff(phi))))
around = sp.integrate(speed, (phi, 0, sp.pi))
cap = 2 * sp.pi * (1 - sp.cos(sp.pi / 4))
check("eq:chi-bar-round", R(1, 2) - around / (4 * sp.pi), cap / (4 * sp.pi), "symbolic", "J = I")


def solid_angle(points, slopes, axis):
    """What a closed curve of directions about an axis cuts out of the sphere, over 4 pi."""
    size = np.linalg.norm(points, axis=0)
    points, slopes, axis = points / size, slopes / size, axis / np.linalg.norm(axis)
    height = axis @ points
    turns = axis @ np.cross(points.T, slopes.T).T / (1 - height**2)  # of the angle about the axis
    return abs(np.mean((1 - height) * turns)) * np.pi / (4 * np.pi)


steps = np.arange(4000) * np.pi / 4000
c_, s_ = np.cos(steps), np.sin(steps)
e = np.array([c_**2, np.sqrt(2) * c_ * s_, s_**2])
de = np.array([-np.sin(2 * steps), np.sqrt(2) * np.cos(2 * steps), np.sin(2 * steps)])
root = rng.normal(size=(3, 6))
L = np.linalg.cholesky(root @ root.T)
middle = np.array([1.0, 0.0, 1.0])
w3, w0 = (solid_angle(M @ e, M @ de, M @ middle) for M in (L.T, np.linalg.inv(L)))
link("eq:chi-bar-round", [w0, 0.5 - w3, 0.5 - w0, w3], cones.rounded(L @ L.T), cones.rounded)

# %% [markdown]
# Other cones, of three effects or of several terms at once, have no such weights: the code
# projects random directions, and tells the Monte Carlo error.
#
# ## How good is the limit?
#
# The six batches of five of Dyestuff: the exact tails beside the mixture, and the naive
# $\chi^2_1$. Where the mixture's p-value is .05 the exact one is .039 by REML and .024 by ML, and
# the naive one is .10.

# %% mystnb={"image": {"alt": "exact tails lie below the mixture's, and far below chi-square's"}}
grid = np.linspace(0.01, 8, 80)
figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
for reml, style in ((True, "-"), (False, "--")):
    law = one_variance.OneVariance.of(balanced, reml)
    name = f"exact, {'REML' if reml else 'ML'}"
    axes.semilogy(grid, [law.sf(c)[0] for c in grid], style, color="k", linewidth=1.4, label=name)
axes.semilogy(grid, stats.chi2.sf(grid, 1) / 2, color="0.5", linewidth=1.2, label="mixture")
axes.semilogy(grid, stats.chi2.sf(grid, 1), ":", color="0.5", linewidth=1.6, label=r"$\chi^2_1$")
axes.set(
    xlabel="likelihood ratio statistic $c$", ylabel=r"$\Pr(D > c)$", xlim=(0, 8), ylim=(1e-3, 1)
)
axes.legend(frameon=False)
table = {}
for reml in (True, False):
    law = one_variance.OneVariance.of(balanced, reml)
    table["REML" if reml else "ML"] = [law.sf(c)[0] for c in (0, 1, 2.706, 3.841, 6.635)]
table["mixture"] = [stats.chi2.sf(c, 1) / 2 for c in (1e-12, 1, 2.706, 3.841, 6.635)]
print(pd.DataFrame(table, index=[0, 1, 2.706, 3.841, 6.635]).rename_axis("c").round(4))

# %% [markdown]
# A slope beside an intercept has no exact law, as the intercept's variance is in it. Eight groups
# of six, a few draws where the intercepts vary as much as the errors do: the 95 % point is below
# that of the mixture, 5.14.

# %%
labels = np.repeat(np.arange(8), 6)
Xg = np.column_stack([np.ones(48), np.tile(np.arange(6.0), 8)])
first = rng.normal(size=48) + rng.normal(size=8)[labels]
intercepts, lines = rm.fit(first, Xg, [(labels, None)]), rm.fit(first, Xg, [(labels, Xg)])
Y = intercepts.simulate(300, seed=4)
drops = (intercepts.refit(Y).criterion - lines.refit(Y).criterion).dropna()
print(f"{len(drops)} draws: 95 % point {np.quantile(drops, 0.95):.2f}")
mixture = (stats.chi2.sf(5.1384, 1) + stats.chi2.sf(5.1384, 2)) / 2
assert holds(np.array(round(mixture, 4)), np.array(0.05))

# %% [markdown]
# ## What to take away
#
# - Fixed effects: compare by ML, with $\chi^2$ for many groups. Other random effects beside one
#   $X$: by either criterion.
# - One variance, and nothing else random: the law is exact, and the code has it.
# - Else a mixture of chi-squares in large samples. With few groups it gives p-values that are too
#   large, and `test_random(nsim=...)` simulates.
#
# The code: `fit.anova`, `fit.test_random` and `fit.drop1`; `after.ratio.compare` is {eq}`eq:lrt`,
# `after.ratio.one_variance` the exact law, `after.ratio.nested` and `after.ratio.cones` the limits.
