# %% [markdown]
# # The likelihood, and what is wrong with it
#
# The marginal model has three kinds of parameters: $\beta$, $\sigma$ and $\theta$. For two of them
# the best value is known in closed form, so that an optimiser has to search over $\theta$ alone;
# this page derives those values and the criterion that is left. Then it asks how good the
# estimate of $\sigma^2$ is, and finds that maximum likelihood is biased, in some designs
# however many observations there are.

# %%
import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page
from scipy.stats import multivariate_normal

import refmixed as rm
from refmixed import evaluation, marginal, penalized
from refmixed.studies import laws

page("d03_likelihood")

# %% [markdown]
# ## Three ways to check
#
# General proofs are done with letters that do not commute: each stands for a matrix of any size,
# and only what the prose has shown may be replaced. Here $\Omega$ stands for $X^\top V_0^{-1} X$,
# of size $p \times p$. It has an inverse, because $V_0$ is positive definite and the columns of $X$
# are linearly independent. Throughout, $Y$ is the response less the offset.

# %%
X, Xt, V, Omega, Y, Yt = sp.symbols("X X^T V_0 Omega Y Y^T", commutative=False)
beta, betat = sp.symbols("beta beta^T", commutative=False)


def reduce(expression):
    """Multiply out; Omega for X' V0^-1 X wherever it occurs."""
    return sp.expand(sp.expand(expression).subs(Xt * V**-1 * X, Omega))


# %% [markdown]
# Exact proofs use fractions: six observations in three groups, with weights, an intercept, a slope
# $x$ and a dense $T = \Lambda\Lambda^\top$. Nothing about these numbers is special.

# %%
R = sp.Rational
x6 = sp.Matrix([0, 1, 3, R(1, 2), 2, R(5, 3)])
X6 = sp.ones(6, 1).row_join(x6)
Y6 = sp.Matrix([1, R(7, 2), 2, -1, 0, 5])
T6 = sp.Matrix([[1, R(1, 3)], [R(1, 3), R(1, 2)]])
W6 = sp.diag(1, 2, R(1, 2), 1, 3, 1)
same = sp.Matrix(6, 6, lambda i, j: int(i // 2 == j // 2))
V6 = W6.inv() + same.multiply_elementwise(X6 * T6 * X6.T)
Omega6 = X6.T * V6.inv() * X6

# %% [markdown]
# Links to the code use random numbers: a random intercept and slope, weights, an offset. $V_0$ is
# written down entry by entry, and everything after it is done by whitening (a multiplication by the
# inverse of a root of $V_0$, which leaves errors that are not correlated) and a QR decomposition,
# which is neither of the two routes of the package.

# %%
rng = np.random.default_rng(3)
n, p = 20, 2
frame = pd.DataFrame(rng.normal(size=(n, 3)), columns=["y", "x", "o"])
frame["g"], frame["w"] = list("abcde") * 4, rng.uniform(0.5, 2, n)
design = rm.design("y ~ x + (x | g)", frame, weights="w", offset="o")
theta = np.array([0.8, -0.3, 0.5])

factor = np.array([[0.8, 0.0], [-0.3, 0.5]])
rows = np.column_stack([np.ones(n), frame["x"]])
related = frame["g"].to_numpy()[:, None] == frame["g"].to_numpy()
V0 = np.diag(1 / frame["w"]) + related * (rows @ factor @ factor.T @ rows.T)
y = (frame["y"] - frame["o"]).to_numpy()

half = np.linalg.cholesky(V0)
white_X, white_y = np.linalg.solve(half, rows), np.linalg.solve(half, y)
Q_white, R_white = np.linalg.qr(white_X)
beta_hat = np.linalg.solve(R_white, Q_white.T @ white_y)
rest = white_y - white_X @ beta_hat
at = {way: way.evaluate(design, theta, reml=False) for way in (marginal, penalized)}

# %% [markdown]
# ## The log-likelihood
#
# The marginal distribution is $Y \sim N(X\beta, V)$ with $V = \sigma^2 V_0$, where
# $V_0 \equiv W^{-1} + Z \Lambda\Lambda^\top Z^\top$ depends on $\theta$ alone. A factor $\sigma^2$
# leaves a determinant of size $n$ as $\sigma^{2n}$, and an inverse as $\sigma^{-2}$. Minus twice
# the log-density {eq}`eq:log-density` is therefore
#
# $$
# -2 \ell = n \log(2\pi\sigma^2) + \log|V_0|
#           + \frac{(Y - X\beta)^\top V_0^{-1} (Y - X\beta)}{\sigma^2}.
# $$ (eq:deviance)

# %%
sigma, a, b = sp.symbols("sigma a b", positive=True)
c, b0, x1, x2, y1, y2 = sp.symbols("c beta x_1 x_2 y_1 y_2", real=True)
V2 = sp.Matrix([[a, c], [c, b + c**2 / a]])  # any positive definite matrix is of this form
X2, Y2 = sp.Matrix([x1, x2]), sp.Matrix([y1, y2])
r2_at = ((Y2 - X2 * b0).T * V2.inv() * (Y2 - X2 * b0))[0]


def deviance(n, logdet, quadratic):
    """Minus twice the log-likelihood of its parts."""
    return n * sp.log(2 * sp.pi * sigma**2) + logdet + quadratic / sigma**2


with_V = (
    sp.log(sp.factor((2 * sp.pi * sigma**2 * V2).det()))
    + ((Y2 - X2 * b0).T * (sigma**2 * V2).inv() * (Y2 - X2 * b0))[0]
)
split = deviance(2, sp.log(sp.factor(V2.det())), r2_at)
check(
    "eq:deviance",
    sp.expand_log(with_V, force=True),
    sp.expand_log(split, force=True),
    "symbolic",
    "n = 2, p = 1, a symbol for every entry",
    text_only=True,
)
link(
    "eq:deviance",
    -2 * multivariate_normal.logpdf(y, rows @ [0.2, -0.4], 0.7**2 * V0),
    -2 * marginal.log_density(design, theta, 0.7, np.array([0.2, -0.4])),
    marginal.log_density,
)

# %% [markdown]
# Three unknowns, and $\beta$ occurs in the last term only, $\sigma$ in the first and the last. So
# the minimum is found in steps: over $\beta$ for given $\sigma$ and $\theta$, then over $\sigma$
# for given $\theta$, then over $\theta$. This is called profiling. It is no approximation: the
# least of the least values is the least value.
#
# ## Profiling beta
#
# The slope of the quadratic form in $\beta$ is $-2 X^\top V_0^{-1} (Y - X\beta)$. It is zero at
# one point, the generalised least squares estimate,
#
# $$
# \hat\beta = (X^\top V_0^{-1} X)^{-1} X^\top V_0^{-1} Y.
# $$ (eq:gls)
#
# We check that it solves $X^\top V_0^{-1} (Y - X\hat\beta) = 0$, and that a solver which is given
# the slope finds the same point. $\sigma$ has dropped out; $\theta$ has not.

# %%
gls = Omega**-1 * Xt * V**-1 * Y
check("eq:gls", reduce(Xt * V**-1 * X * gls), Xt * V**-1 * Y, "general", "all n, p")

(b_solved,) = sp.solve(sp.diff(r2_at, b0), b0)
b_hat = ((X2.T * V2.inv() * X2).inv() * X2.T * V2.inv() * Y2)[0]
check("eq:gls", b_hat, b_solved, "symbolic", "n = 2, p = 1, a symbol for every entry")

b6 = sp.Matrix(sp.symbols("b_1 b_2"))
r2_b6 = sp.expand(((Y6 - X6 * b6).T * V6.inv() * (Y6 - X6 * b6))[0])
gls6 = Omega6.LUsolve(X6.T * V6.LUsolve(Y6))
solved6 = sp.solve([sp.diff(r2_b6, symbol) for symbol in b6], list(b6), dict=True)[0]
check("eq:gls", gls6, b6.subs(solved6), "exact", "n = 6, p = 2")
for way, found in at.items():
    link("eq:gls", beta_hat, found.beta, way.evaluate)

# %% [markdown]
# That the point is the minimum, and not only stationary, is seen without a second derivative.
# Write $Y - X\beta = (Y - X\hat\beta) + X(\hat\beta - \beta)$ and multiply out. The cross terms
# vanish, because the residual is orthogonal to $X$ in the metric $V_0^{-1}$, and a square is left:
#
# $$
# (Y - X\beta)^\top V_0^{-1} (Y - X\beta)
#   = r^2 + (\beta - \hat\beta)^\top X^\top V_0^{-1} X \,(\beta - \hat\beta).
# $$ (eq:gls-square)
#
# The square is positive unless $\beta = \hat\beta$. This is Pythagoras' theorem, and it is used
# twice more: to integrate $\beta$ out, and to divide by the density of $\hat\beta$
# ({doc}`d04_reml`).

# %%
glst = Yt * V**-1 * X * Omega**-1
quadratic = (Yt - betat * Xt) * V**-1 * (Y - X * beta)
r2 = (Yt - glst * Xt) * V**-1 * (Y - X * gls)
square = (betat - glst) * Omega * (beta - gls)
check(
    "eq:gls-square",
    reduce(quadratic),
    reduce(r2 + square),
    "general",
    "all n, p",
    text_only=True,
)
r2_6 = r2_b6.subs(solved6)
square6 = ((b6 - gls6).T * Omega6 * (b6 - gls6))[0]
check("eq:gls-square", r2_b6, r2_6 + square6, "exact", "n = 6, p = 2", text_only=True)

# %% [markdown]
# What is left over at the minimum is the residual sum of squares $r^2$ in the metric $V_0^{-1}$. By
# {eq}`eq:complete-square` it is also the least penalized sum of squares, lme4's `pwrss`. By the
# same orthogonality one of its two factors may be $Y$ itself:
#
# $$
# r^2 = (Y - X\hat\beta)^\top V_0^{-1} (Y - X\hat\beta)
#     = Y^\top V_0^{-1} (Y - X\hat\beta).
# $$ (eq:r2)

# %%
check("eq:r2", reduce(r2), reduce(Yt * V**-1 * (Y - X * gls)), "general", "all n, p")
check("eq:r2", r2_6, (Y6.T * V6.LUsolve(Y6 - X6 * gls6))[0], "exact", "n = 6, p = 2")
for way, found in at.items():
    link("eq:r2", rest @ rest, found.pwrss, way.evaluate)

# %% [markdown]
# ## How precise beta-hat is
#
# For given $\theta$, $\hat\beta = X^+ Y$ is linear in $Y$, with
# $X^+ \equiv (X^\top V_0^{-1} X)^{-1} X^\top V_0^{-1}$. So $X^+ X = I$ makes it unbiased, it is
# normal, and its covariance $X^+ V X^{+\top}$ is
#
# $$
# \operatorname{Cov}(\hat\beta)
#   = X^+\, \sigma^2 V_0\, X^{+\top} = \sigma^2 (X^\top V_0^{-1} X)^{-1}.
# $$ (eq:vcov)
#
# Software puts $\hat\sigma$ and $\hat\theta$ into it as if they were known; {doc}`d10_inference`
# says what that costs. The code keeps $(X^\top V_0^{-1} X)^{-1}$, and `Fit.vcov` multiplies it by
# $\hat\sigma^2$.

# %%
X_plus, X_plus_t = Omega**-1 * Xt * V**-1, V**-1 * X * Omega**-1
check(
    "eq:vcov", reduce(sigma**2 * X_plus * V * X_plus_t), sigma**2 * Omega**-1, "general", "all n, p"
)
X6_plus = Omega6.LUsolve(X6.T * V6.inv())
check(
    "eq:vcov", sigma**2 * X6_plus * V6 * X6_plus.T, sigma**2 * Omega6.inv(), "exact", "n = 6, p = 2"
)
R_inv = np.linalg.inv(R_white)
for way, found in at.items():
    link("eq:vcov", R_inv @ R_inv.T, found.beta_cov, way.evaluate)
fit = rm.lmer("y ~ x + (x | g)", frame, weights="w", offset="o", theta=theta, reml=False)
link("eq:vcov", rest @ rest / n * R_inv @ R_inv.T, fit.vcov, rm.Fit.vcov.func)

# %% [markdown]
# ## Profiling sigma
#
# With $\beta = \hat\beta$ the deviance {eq}`eq:deviance` depends on $\sigma$ through two terms.
# Its slope in the variance $\sigma^2$ is
#
# $$
# \frac{\partial (-2\ell)}{\partial \sigma^2} = \frac{n}{\sigma^2} - \frac{r^2}{\sigma^4}.
# $$ (eq:sigma-stationary)
#
# It is negative while $\sigma^2 < r^2/n$ and positive beyond. So $r^2/n$ is the one minimum. (If
# $r^2 = 0$ there is none: a model that reproduces the data has an unbounded likelihood.)

# %%
s2 = sp.Symbol("s", positive=True)
in_s2 = with_V.subs(sigma, sp.sqrt(s2))
check(
    "eq:sigma-stationary",
    sp.diff(in_s2, s2),
    2 / s2 - r2_at / s2**2,
    "symbolic",
    "n = 2, a symbol for every entry",
    text_only=True,
)

# %% [markdown]
# REML, the subject of {doc}`d04_reml`, has the same two terms but counts $n - p$ observations in
# place of $n$. With $\nu \equiv n$ for ML and $\nu \equiv n - p$ for REML,
#
# $$
# \hat\sigma^2 = \frac{r^2}{\nu}.
# $$ (eq:sigma)

# %%
nu, rss = sp.symbols("nu r2", positive=True)
(best,) = sp.solve(sp.diff(nu * sp.log(2 * sp.pi * s2) + rss / s2, s2), s2)
check("eq:sigma", best, rss / nu, "general", "all nu")
for way in at:
    for reml in (False, True):
        found = way.evaluate(design, theta, reml)
        expected = np.linalg.norm(rest) / np.sqrt(n - p * reml)
        link("eq:sigma", expected, found.sigma, evaluation.Evaluation.sigma.fget)

# %% [markdown]
# ## The criterion that is left
#
# At $\hat\beta$ and $\hat\sigma$ the quadratic term of {eq}`eq:deviance` is $r^2 / \hat\sigma^2$,
# which is $n$ whatever the data. What is left depends on $\theta$ alone:
#
# $$
# d(\theta) = \log|V_0| + n \left(1 + \log\frac{2\pi r^2}{n}\right).
# $$ (eq:ml-criterion)
#
# The first term grows with the variances in $\theta$, the second falls as a larger $V_0$ makes
# the residuals look smaller. The estimate of $\theta$ is where they balance.

# %%
size, log_v0 = sp.symbols("n logdet_V0", positive=True)
profiled = deviance(size, log_v0, rss).subs(sigma, sp.sqrt(rss / size))
criterion = log_v0 + size * (1 + sp.log(2 * sp.pi * rss / size))
check("eq:ml-criterion", profiled, criterion, "general", "all n")

s_hat = np.sqrt(rest @ rest / n)
at_best = -2 * multivariate_normal.logpdf(y, rows @ beta_hat, s_hat**2 * V0)
for way in at:
    link("eq:ml-criterion", at_best, way.criterion(design, theta, reml=False), way.criterion)
parts = np.linalg.slogdet(V0)[1], np.linalg.slogdet(R_white.T @ R_white)[1], rest @ rest
of_parts = evaluation.profiled(design, *parts, reml=False)
link("eq:ml-criterion", at_best, of_parts, evaluation.profiled)

# %% [markdown]
# ## What remains of the errors
#
# How good is $r^2/n$ as an estimate of $\sigma^2$? Let $\eta \equiv Y - X\beta = Z\gamma + e$ be
# all that is random in $Y$, with covariance $\sigma^2 V_0$. Let
# $P \equiv V_0^{-1} - V_0^{-1} X (X^\top V_0^{-1} X)^{-1} X^\top V_0^{-1}$, the matrix with
# $V_0^{-1}(Y - X\hat\beta) = PY$ (see {eq}`eq:P`). As $PX = 0$, $r^2$ is $\eta^\top P \eta$. Its
# mean is $\sum_{ij} P_{ij} \operatorname{E} \eta_i \eta_j$, the trace of $\sigma^2 P V_0$. Now
# $P V_0$ is $I$ less $V_0^{-1} X (X^\top V_0^{-1} X)^{-1} X^\top$. A trace stays the same when the
# first factor is moved to the end, and this turns the latter into the identity of size $p$:
#
# $$
# \operatorname{E} r^2 = \sigma^2 \operatorname{tr}(P V_0) = \sigma^2 (n - p).
# $$ (eq:expected-rss)
#
# Fitting $p$ coefficients uses up $p$ of the $n$ squares. This holds at the true $\theta$; in
# linear regression, where there is no $\theta$, it holds without condition.

# %%
n_, p_ = sp.symbols("n p", positive=True)
P = V**-1 - V**-1 * X * Omega**-1 * Xt * V**-1


def trace(expression):
    """The trace by tr(AB) = tr(BA): X goes to the end, and I of size n or p has trace n or p."""
    total = 0
    for term in sp.Add.make_args(sp.expand(expression)):
        scalars, word = term.args_cnc()
        start = word.index(X) + 1 if X in word else 0
        turned = reduce(sp.Mul(*word[start:], *word[:start]))
        total += sp.Mul(*scalars) * turned * (p_ if start else n_)
    return total


check("eq:expected-rss", trace(reduce(P * V)), n_ - p_, "general", "all n, p", text_only=True)

# %% [markdown]
# The same without a trace: put $Y = X\beta + \eta$ into $r^2$, multiply out, and replace each
# product $\eta_i \eta_j$ by its mean $\sigma^2 (V_0)_{ij}$.

# %%
eta2 = sp.Matrix(sp.symbols("eta_1 eta_2"))
noisy = dict(zip(Y2, X2 * b0 + eta2, strict=True))
rss2 = sp.Poly(sp.cancel(r2_at.subs(b0, b_hat).subs(noisy)), *eta2)
moments = {(2, 0): V2[0, 0], (1, 1): V2[0, 1], (0, 2): V2[1, 1]}
mean2 = sum(slope * sigma**2 * moments[power] for power, slope in rss2.terms())
check("eq:expected-rss", mean2, sigma**2, "symbolic", "n = 2, p = 1", text_only=True)

P6 = V6.inv() - V6.inv() * X6 * Omega6.inv() * X6.T * V6.inv()
check("eq:expected-rss", (P6 * V6).trace(), 4, "exact", "n = 6, p = 2", text_only=True)

# %% [markdown]
# The mean is not all that can be had. Let $V_0^{1/2}$ be the symmetric root of $V_0$. Then $\eta =
# \sigma V_0^{1/2} z$ with $z \sim N(0, I_n)$, and $r^2/\sigma^2 = z^\top M z$ with $M \equiv
# V_0^{1/2} P\, V_0^{1/2}$. This $M$ is symmetric and its own square, a projection: its eigenvalues
# are zeros and ones, and by the trace there are $n - p$ ones. Let the columns of $Q$ be
# orthonormal eigenvectors of the ones, so that $Q^\top Q = I_{n-p}$ and $M = QQ^\top$. Hence
#
# $$
# \frac{r^2}{\sigma^2} = |Q^\top z|^2, \qquad
# \operatorname{Cov}(Q^\top z) = Q^\top Q = I_{n-p} .
# $$ (eq:rss-squares)
#
# For normal errors $Q^\top z$ is normal, so that its elements, which are uncorrelated, are
# independent: $r^2/\sigma^2$ is the sum of $n - p$ squares of independent standard normal
# variables. That is what a chi-square variable is: $r^2/\sigma^2 \sim \chi^2_{n-p}$, exactly, for
# all $n$ and $p$. Each square has the Laplace transform $(1 + 2s)^{-1/2}$, and that of a sum of
# independent variables is the product: for $s \ge 0$
#
# $$
# \operatorname{E} e^{-s r^2/\sigma^2} = \prod_{i=1}^{n-p} \operatorname{E} e^{-s (Q^\top z)_i^2}
# = (1 + 2s)^{-(n - p)/2}.
# $$ (eq:rss-law)
#
# The check is done with letters that do not commute, $h$ for $V_0^{1/2}$; the integral of one
# square is found by sympy, for every $s$. No size is special.

# %%
s = sp.Symbol("s", positive=True)
h, Q, Qt, z, zt = sp.symbols("h Q Q^T z z^T", commutative=False)
G_of_h = Xt * h**-1 * h**-1 * X  # X' V0^-1 X
P_h = h**-2 - h**-2 * X * Omega**-1 * Xt * h**-2
M = sp.expand(h * P_h * h)
squared = sp.expand(sp.expand(M * M).subs(Xt * h**-2 * X, Omega))
transposed = 1 - h**-1 * X * Omega**-1 * Xt * h**-1  # each factor of M, turned round
of = {"kind": "general", "sizes": "all n, p", "text_only": True}
check("eq:rss-squares", [squared, M], [M, transposed], **of)
ones = trace(reduce(1 - V**-1 * X * Omega**-1 * Xt))  # tr M = tr P V0
check("eq:rss-squares", ones, n_ - p_, **of)
covariance = (Qt * z * zt * Q).subs(z * zt, 1)  # E z z' = I
check("eq:rss-squares", covariance.subs(Qt * Q, 1), 1, **of)
check("eq:rss-squares", (zt * Q) * (Qt * z), (zt * M * z).subs(M, Q * Qt), **of)

x = sp.Symbol("x", real=True)
count = sp.Symbol("k", positive=True, integer=True)
one = sp.integrate(sp.exp(-s * x**2 - x**2 / 2) / sp.sqrt(2 * sp.pi), (x, -sp.oo, sp.oo))
check("eq:rss-law", one, (1 + 2 * s) ** R(-1, 2), "general", "one square, every s")
check("eq:rss-law", one**count, (1 + 2 * s) ** (-count / 2), "general", "all n - p")

# %% [markdown]
# The same from determinants: a Gaussian integral makes the transform $|I + 2s P V_0|^{-1/2}$, and
# $PV_0$ has the eigenvalues of $M$. For the six observations above, exactly:

# %%
check(
    "eq:rss-squares",
    [reduce(P * V * P * V), trace(reduce(P * V * P * V))],
    [reduce(P * V), n_ - p_],
    **of,
)
z = sp.Symbol("z")
polynomial = (P6 * V6).charpoly(z).as_expr()  # |zI - PV0|
det6 = (-2 * s) ** 6 * polynomial.subs(z, -1 / (2 * s))
check("eq:rss-law", det6, (1 + 2 * s) ** 4, "exact", "n = 6, p = 2")

# %% [markdown]
# ## The bias of maximum likelihood
#
# Derivatives of the transform at $s = 0$ give the moments: $\chi^2_\nu$ has mean $\nu$ and
# variance $2\nu$. So, at the true $\theta$, the ML estimate $\hat\sigma^2 = r^2/n$ is too small on
# average,
#
# $$
# \operatorname{E} \hat\sigma^2_{ML} = \sigma^2 \left(1 - \frac{p}{n}\right).
# $$ (eq:ml-bias)
#
# Its mean squared error, variance plus squared bias, is
#
# $$
# \operatorname{E} (\hat\sigma^2_{ML} - \sigma^2)^2 = \sigma^4\, \frac{2(n - p) + p^2}{n^2}.
# $$ (eq:ml-mse)

# %%
transform = (1 + 2 * s) ** (-nu / 2)
first, second = (sp.diff(transform, s, order).subs(s, 0) for order in (1, 2))
mean, variance = -first, second - first**2
by_law = {nu: n_ - p_}
check(
    "eq:ml-bias",
    sigma**2 * mean.subs(by_law) / n_,
    sigma**2 * (1 - p_ / n_),
    "general",
    "all n, p",
    text_only=True,
)
error = (variance + (mean - n_) ** 2).subs(by_law) / n_**2
check(
    "eq:ml-mse",
    sigma**4 * error,
    sigma**4 * (2 * (n_ - p_) + p_**2) / n_**2,
    "general",
    "all n, p",
    text_only=True,
)

# %% [markdown]
# Once more by another road: linear regression, $V_0 = I$, where $P$ is $I$ less the hat matrix,
# and the variance of $\eta^\top P \eta$ for normal $\eta$ is $2\sigma^4 \operatorname{tr}(PP)$.

# %%
H6 = X6 * (X6.T * X6).inv() * X6.T
P_lm = sp.eye(6) - H6
mean6, variance6 = P_lm.trace() / 6, 2 * (P_lm * P_lm).trace() / 36
check("eq:ml-bias", mean6, 1 - R(2, 6), "exact", "n = 6, p = 2", text_only=True)
mse6 = variance6 + (mean6 - 1) ** 2
check("eq:ml-mse", mse6, R(2 * 4 + 2**2, 6**2), "exact", "n = 6, p = 2", text_only=True)

# %% [markdown]
# Is the bias harmless in large samples? It depends on what $p$ does. Let $p = cn$, a fixed share
# $c$ of the observations. Then
#
# $$
# \lim_{n \to \infty} \operatorname{E} (\hat\sigma^2_{ML} - \sigma^2)^2 = \sigma^4 c^2.
# $$ (eq:ml-consistency)
#
# With $p$ fixed, or growing slowly (say $p = \sqrt{n}$), the share goes to zero and so does the
# error. That the number of parameters grows does no harm by itself. That it keeps up with $n$ does.

# %%
share = sp.Symbol("c", positive=True)
for growth, limit in [(share * n_, share**2), (sp.sqrt(n_), 0), (3, 0)]:
    check(
        "eq:ml-consistency",
        sp.limit(sigma**4 * error.subs(p_, growth), n_, sp.oo),
        sigma**4 * limit,
        "general",
        f"p = {growth}",
        text_only=True,
    )

# %% [markdown]
# ## The same bias in a mixed model
#
# And when $\theta$ is estimated too? Take $J$ groups of $\bar n$ rows each, and
# $y_{ij} = \mu + \gamma_i + e_{ij}$.
# This is the balanced one-way model, with one $\theta$, the ratio of the two standard deviations.
# Let $\omega \equiv 1 + \bar n\theta^2$. Let
# $SS_W$ be the sum of squares within groups, and $SS_B$ that between them (of the group means
# about the grand mean, times $\bar n$). Everything that the criterion needs is in these two sums:
#
# $$
# |V_0| = \omega^J, \qquad X^\top V_0^{-1} X = \frac{J\bar n}{\omega}, \qquad
# r^2 = SS_W + \frac{SS_B}{\omega}.
# $$ (eq:one-way-pieces)
#
# Proof. Let $E \equiv ZZ^\top$, blocks of ones, and $S \equiv \mathbf 1 \mathbf 1^\top$, all ones.
# Then $EE = \bar n E$, $ES = SE = \bar n S$ and $SS = J \bar n S$. With these rules
# $V_0 = I + \theta^2 E$ has the inverse $I - (\theta^2/\omega) E$. It is applied to
# $X = \mathbf 1$, and $P$ becomes $(I - E/\bar n) + (E/\bar n - S/J\bar n)/\omega$, the two
# projections that make the two sums of squares. The determinant is Sylvester's {eq}`eq:sylvester`:
# $|I_n + \theta^2 ZZ^\top| = |I_J + \theta^2 Z^\top Z|$, and $Z^\top Z = kI$.

# %%
J, n_bar, t = sp.symbols("J n_bar t", positive=True)  # t = theta^2
E, S = sp.symbols("E S", commutative=False)
omega = 1 + n_bar * t
within, between = 1 - E / n_bar, E / n_bar - S / (J * n_bar)


def product(*factors):
    """A product of matrices in the algebra of I, E and S."""
    total = sp.Integer(1)
    for factor in factors:
        total = sp.expand(total * factor).subs({E**2: n_bar * E, S**2: J * n_bar * S})
        total = sp.expand(total.subs({E * S: n_bar * S, S * E: n_bar * S}))
    return total


def parts(expression):
    """Its coefficients of I, J and S."""
    expression = sp.expand(expression)
    return [expression.subs({E: 0, S: 0}), expression.coeff(E), expression.coeff(S)]


V_inv = 1 - t / omega * E
XVX = J * n_bar / omega  # S V0^-1 S = (1' V0^-1 1) S
P_one = V_inv - product(V_inv, S, V_inv) / XVX
check(
    "eq:one-way-pieces",
    [parts(product(1 + t * E, V_inv)), parts(product(S, V_inv, S)), parts(P_one)],
    [[1, 0, 0], [0, 0, XVX], parts(within + between / omega)],
    "general",
    "all J, n_bar",
    text_only=True,
)

# %% [markdown]
# The determinant for a few sizes, with $\theta^2$ a symbol; the sums of squares for symbols as
# data; and all of it against the code, for seven groups of four.

# %%
for groups, size in [(2, 2), (3, 2), (2, 3)]:
    Z = sp.kronecker_product(sp.eye(groups), sp.ones(size, 1))
    det = (sp.eye(groups * size) + t * Z * Z.T).det(method="berkowitz")
    sizes = f"J = {groups}, n_bar = {size}"
    right = (1 + size * t) ** groups
    check("eq:one-way-pieces", det, right, "symbolic", sizes, text_only=True)

y4 = sp.Matrix(sp.symbols("y_1:5"))
Z4, mean4 = sp.kronecker_product(sp.eye(2), sp.ones(2, 1)), sp.ones(4, 4) / 4
means = Z4 * Z4.T / 2 * y4
squares = (y4 - means).dot(y4 - means) + (means - mean4 * y4).dot(means - mean4 * y4) / (1 + 2 * t)
V4 = sp.eye(4) + t * Z4 * Z4.T
direct = (y4.T * V4.inv() * (y4 - mean4 * y4))[0]  # beta-hat is the grand mean
check("eq:one-way-pieces", direct, squares, "symbolic", "J = 2, n_bar = 2", text_only=True)

table = rng.normal(size=(7, 4)) + rng.normal(size=(7, 1))
one_way = pd.DataFrame({"y": table.ravel(), "g": np.repeat(list("abcdefg"), 4)})
ss_within = ((table - table.mean(axis=1, keepdims=True)) ** 2).sum()
ss_between = 4 * ((table.mean(axis=1) - table.mean()) ** 2).sum()
code = marginal.evaluate(rm.design("y ~ 1 + (1 | g)", one_way), np.array([0.5]), reml=False)
expected = [ss_within + ss_between / 2, 2 / 28, 7 * np.log(2) + 28 * np.log(2 * np.pi * np.e / 28)]
actual = [code.pwrss, code.beta_cov[0, 0], code.criterion - 28 * np.log(code.pwrss)]
link("eq:one-way-pieces", expected, actual, marginal.evaluate)

# %% [markdown]
# So the ML criterion is $d(\omega) = J \log \omega + J\bar n \log(SS_W + SS_B/\omega)$ and a
# constant. With $\hat\omega \equiv (\bar n - 1)\, SS_B / SS_W$ its slope is
#
# $$
# d'(\omega) = \frac{J\, SS_W\, (\omega - \hat\omega)}{\omega\, (\omega\, SS_W + SS_B)},
# $$ (eq:one-way-ml)
#
# negative below $\hat\omega$ and positive above. As $\omega = 1 + \bar n\theta^2$ cannot be less
# than one, the estimate of $\omega$ is $\max(1, \hat\omega)$. Where it is not at the boundary,
# $\hat\sigma^2 = SS_W / J(\bar n-1)$, and $\hat\sigma^2 \hat\omega = SS_B / J$ estimates
# $\sigma^2 + \bar n\sigma_\gamma^2$, where $\sigma_\gamma = \theta\sigma$.

# %%
r, ssw, ssb = sp.symbols("omega SS_W SS_B", positive=True)
omega_hat = (n_bar - 1) * ssb / ssw
slope = sp.diff(J * sp.log(r) + J * n_bar * sp.log(ssw + ssb / r), r)
right = J * ssw * (r - omega_hat) / (r * (r * ssw + ssb))
check("eq:one-way-ml", slope, right, "general", "all J, n_bar", text_only=True)

fit = rm.lmer("y ~ 1 + (1 | g)", one_way, reml=False)
omega_hat = 3 * ss_between / ss_within
expected = [np.sqrt(ss_within / 21), np.sqrt((omega_hat - 1) / 4)]
link("eq:one-way-ml", expected, [fit.sigma, fit.theta.iloc[0]], rm.lmer)

# %% [markdown]
# The within part has the right divisor, the between part has not: the mean $\mu$ costs one of the
# $J$ group means. By the trace of the projection between groups,
#
# $$
# \operatorname{E} \frac{SS_B}{J} = \frac{J - 1}{J}\, (\sigma^2 + \bar n \sigma_\gamma^2).
# $$ (eq:one-way-ml-bias)
#
# So $(SS_B/J - SS_W/J(\bar n-1))/\bar n$, the estimate of $\sigma_\gamma^2$ wherever that is not
# negative, is too small by $(\sigma^2 + \bar n\sigma_\gamma^2)/J\bar n$ on average. What counts
# here is the number of *groups*: this bias fades as $J$ grows, not as $\bar n$ does.

# %%
sg = sp.Symbol("sigma_gamma", positive=True)


def trace_one(expression):
    """The trace in the algebra of I, E and S: each has J n_bar ones on its diagonal."""
    return J * n_bar * sum(parts(expression))


covariance = sigma**2 + sg**2 * E
mean_between = trace_one(product(between, covariance)) / J
mean_within = trace_one(product(within, covariance)) / (J * (n_bar - 1))
total = sigma**2 + n_bar * sg**2
check(
    "eq:one-way-ml-bias",
    [mean_between, mean_within, (mean_between - mean_within) / n_bar],
    [(J - 1) / J * total, sigma**2, sg**2 - total / (J * n_bar)],
    "general",
    "all J, n_bar",
    text_only=True,
)

# %% [markdown]
# ## Neyman and Scott's problem
#
# The same groups, but each with a *fixed* effect: $y_{ij} = \mu_i + e_{ij}$, and no $\theta$. Now
# $X = Z$, $p = J$, $n = J\bar n$, and $P = I - E/\bar n$ projects on the deviations from the group
# means: $r^2 = SS_W$. By {eq}`eq:rss-law` the law of the ML estimate is known exactly,
# $J\bar n\, \hat\sigma^2_{ML} / \sigma^2 \sim \chi^2_{J(\bar n-1)}$, whatever the $\mu_i$ are. Its
# mean is
#
# $$
# \operatorname{E} \hat\sigma^2_{ML} = \sigma^2\, \frac{\bar n - 1}{\bar n},
# $$ (eq:neyman-scott-mean)
#
# and its variance
#
# $$
# \operatorname{Var} \hat\sigma^2_{ML} = \frac{2\sigma^4 (\bar n - 1)}{J \bar n^2}.
# $$ (eq:neyman-scott-variance)
#
# Each is found twice: from the transform with $\nu = J(\bar n-1)$, and from traces.

# %%
by_groups = {nu: J * (n_bar - 1)}
ns_mean = sigma**2 * mean.subs(by_groups) / (J * n_bar)
ns_variance = sigma**4 * variance.subs(by_groups) / (J * n_bar) ** 2
right = sigma**2 * (n_bar - 1) / n_bar
check("eq:neyman-scott-mean", ns_mean, right, "general", "all J, n_bar", text_only=True)
by_trace = sigma**2 * trace_one(within) / (J * n_bar)
check("eq:neyman-scott-mean", by_trace, right, "general", "by the trace", text_only=True)

right = 2 * sigma**4 * (n_bar - 1) / (J * n_bar**2)
check("eq:neyman-scott-variance", ns_variance, right, "general", "all J, n_bar", text_only=True)
by_trace = 2 * sigma**4 * trace_one(product(within, within)) / (J * n_bar) ** 2
check("eq:neyman-scott-variance", by_trace, right, "general", "by the trace", text_only=True)

# %% [markdown]
# The mean does not depend on $J$; the variance goes to zero as $J$ grows. By Chebyshev's
# inequality the estimate converges in probability, but to the wrong number:
#
# $$
# \lim_{J \to \infty} \operatorname{E}
#   \Bigl(\hat\sigma^2_{ML} - \frac{\bar n-1}{\bar n} \sigma^2\Bigr)^2 = 0,
# \qquad
# \lim_{J \to \infty} \operatorname{E}(\hat\sigma^2_{ML} - \sigma^2)^2 = \frac{\sigma^4}{\bar n^2}.
# $$ (eq:neyman-scott-limit)
#
# More groups do not help, because each brings $\bar n$ observations and an unknown of its own. The
# share $p/n = 1/\bar n$ never falls, and {eq}`eq:ml-consistency` says what follows. With pairs,
# half of the variance is lost for good, and more certainly so the more pairs there are.

# %%
around = [
    ns_variance + (ns_mean - centre) ** 2 for centre in (sigma**2 * (n_bar - 1) / n_bar, sigma**2)
]
limits = [sp.limit(sp.simplify(value), J, sp.oo) for value in around]
check(
    "eq:neyman-scott-limit",
    limits,
    [0, sigma**4 / n_bar**2],
    "general",
    "all n_bar",
    text_only=True,
)

# %% [markdown]
# The cure, in this model, is the divisor. At the same $\theta$ ML and REML have the same $r^2$, and
# {eq}`eq:sigma` divides it by $n$ or by $n - p$. In Neyman and Scott's model, where there is no
# $\theta$, that is all the difference, on every data set:
#
# $$
# \frac{\hat\sigma^2_{ML}}{\hat\sigma^2_{REML}} = \frac{n - p}{n} = \frac{\bar n - 1}{\bar n}.
# $$ (eq:ml-reml-ratio)
#
# The link fits the seven groups of four by both. {doc}`d04_reml` tells why $n - p$ is right for any
# mixed model.

# %%
ratio = best.subs(nu, n_) / best.subs(nu, n_ - p_)
right = (n_ - p_) / n_
check("eq:ml-reml-ratio", ratio, right, "general", "all n, p", text_only=True)
by_groups = ratio.subs({p_: J, n_: J * n_bar})
check("eq:ml-reml-ratio", by_groups, (n_bar - 1) / n_bar, "general", "all J, n_bar", text_only=True)

no_pooling = [rm.lm("y ~ g", one_way, reml=reml).sigma ** 2 for reml in (False, True)]
link("eq:neyman-scott-mean", ss_within / 28, no_pooling[0], rm.lm)
link("eq:ml-reml-ratio", 3 / 4, no_pooling[0] / no_pooling[1], rm.lm)

law = laws.of_fixed_effects(7, 4, 1.0, reml=False)  # of r2 / 28, with 21 degrees of freedom
expected = [(1 + 2 * s / 28) ** (-21 / 2) for s in (0.5, 3.0, 40.0)]
found = [law.expect(lambda x, s=s: np.exp(-s * x)) for s in (0.5, 3.0, 40.0)]
link("eq:rss-law", expected, found, laws.of_fixed_effects)

# %% [markdown]
# {doc}`s07_neyman_scott` simulates it: with more groups the estimates from pairs close in on one
# half.

# %% [markdown]
# ## What to take away
#
# - $\beta$ and $\sigma$ are profiled out in closed form: least squares, twice. The criterion that
#   is left depends on $\theta$ alone.
# - At the true $\theta$, and in linear regression, $\hat\sigma^2_{ML}$ is too small by the share
#   $p/n$. That is harmless where the share is small, and fatal where each group has a parameter of
#   its own.
# - With $\theta$ estimated too, in balanced groups, the bias is in the variance between groups, and
#   the number of groups takes the place of $n$.
#
# The code: `marginal.log_density` is {eq}`eq:deviance`; `marginal.evaluate` and
# `penalized.evaluate` compute $\hat\beta$, its covariance and $r^2$; `Evaluation.sigma` and
# `evaluation.profiled` do the rest.
