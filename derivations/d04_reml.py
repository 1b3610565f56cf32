# %% [markdown]
# # REML: the likelihood of what beta does not touch
#
# Maximum likelihood estimates variances as if $\hat\beta$ were $\beta$. Restricted maximum
# likelihood (REML) does not. There are three reasons to write it down, and they look unrelated:
# this page derives one criterion from all three, shows what it repairs, and says which of its
# values can be compared with each other and which cannot.

# %%
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page
from scipy.integrate import quad
from scipy.linalg import null_space
from scipy.stats import beta as beta_law
from scipy.stats import f as f_law
from scipy.stats import multivariate_normal

import refmixed as rm
from refmixed import evaluation, marginal, penalized
from refmixed.studies import laws

page("d04_reml")

# %% [markdown]
# ## Three ways to check
#
# As in {doc}`d03_likelihood`, general proofs use letters that do not commute, one for each matrix,
# of any size. A product is replaced only where the prose has said so. $\Omega$ is
# $X^\top V_0^{-1} X$; $K$ is any $n \times (n - p)$ matrix of rank $n - p$ with $K^\top X = 0$.
# Both $\Omega$ and $K^\top V_0 K$ (`KVK` in the checks) have inverses, because $V_0$ is positive
# definite. $Y$ is the response less the offset.

# %%
X, Xt, V, Omega, K, Kt, KVK, Y, Yt = sp.symbols(
    "X X^T V_0 Omega K K^T KVK Y Y^T", commutative=False
)
beta, betat = sp.symbols("beta beta^T", commutative=False)


def reduce(expression):
    """Multiply out; X' V0^-1 X = Omega, K' V0 K = KVK, K'X = 0."""
    known = {Xt * V**-1 * X: Omega, Kt * V * K: KVK, Kt * X: 0, Xt * K: 0}
    return sp.expand(sp.expand(expression).subs(known))


# %% [markdown]
# Exact proofs use fractions: six observations in three groups, with weights, an intercept, a slope
# $x$ and a dense $T = \Lambda\Lambda^\top$. The columns of $K$ span all that is orthogonal to $X$.

# %%
R = sp.Rational
x6 = sp.Matrix([0, 1, 3, R(1, 2), 2, R(5, 3)])
X6 = sp.ones(6, 1).row_join(x6)
Y6 = sp.Matrix([1, R(7, 2), 2, -1, 0, 5])
T6 = sp.Matrix([[1, R(1, 3)], [R(1, 3), R(1, 2)]])
W6 = sp.diag(1, 2, R(1, 2), 1, 3, 1)
same = sp.Matrix(6, 6, lambda i, j: int(i // 2 == j // 2))
V6 = W6.inv() + same.multiply_elementwise(X6 * T6 * X6.T)
K6 = sp.Matrix.hstack(*X6.T.nullspace())
V6_inv = V6.inv()
Omega6, KVK6 = X6.T * V6_inv * X6, K6.T * V6 * K6
X6_plus = Omega6.inv() * X6.T * V6_inv  # beta-hat = X6_plus Y6
P6 = V6_inv - V6_inv * X6 * X6_plus

# %% [markdown]
# Links to the code use random numbers: a random intercept and slope, weights, an offset. $V_0$ is
# written down entry by entry; everything after it is done by whitening and a QR decomposition, or
# with an orthonormal $K$, roads that the package does not take.

# %%
rng = np.random.default_rng(4)
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
contrasts = null_space(rows.T)  # K'K = I

# %% [markdown]
# ## First road: error contrasts
#
# An error contrast is a combination of the data whose mean is zero whatever $\beta$ is. There are
# $n - p$ independent ones, the columns of $K$:
#
# $$
# K^\top Y = K^\top (Y - X\beta).
# $$ (eq:error-contrasts)
#
# So $K^\top Y \sim N(0, \sigma^2 K^\top V_0 K)$: $\beta$ is gone. REML is maximum likelihood, with
# these $n - p$ numbers as the data. That is all of it; the rest of the page computes the density.

# %%
check(
    "eq:error-contrasts",
    Kt * Y,
    reduce(Kt * (Y - X * beta)),
    "general",
    "all n, p",
    text_only=True,
)
b6 = sp.Matrix(sp.symbols("b_1 b_2"))
right = K6.T * (Y6 - X6 * b6)
check("eq:error-contrasts", K6.T * Y6, right, "exact", "n = 6, p = 2", text_only=True)

# %% [markdown]
# ## The matrix P
#
# The quadratic form in that density will turn out to be $r^2$. The way there leads through the
# matrix that takes $Y$ to $V_0^{-1}(Y - X\hat\beta)$, with $\hat\beta$ from {eq}`eq:gls`:
#
# $$
# P = V_0^{-1} - V_0^{-1} X (X^\top V_0^{-1} X)^{-1} X^\top V_0^{-1}.
# $$ (eq:P)
#
# In the code $P$ is used between two copies of $Z$. There we compare with
# $P = S^{-\top} (I - QQ^\top) S^{-1}$, where $V_0 = SS^\top$ (Cholesky) and $Q$ has orthonormal
# columns that span those of $S^{-1} X$.

# %%
gls = Omega**-1 * Xt * V**-1 * Y
P = V**-1 - V**-1 * X * Omega**-1 * Xt * V**-1
check("eq:P", V**-1 * (Y - X * gls), P * Y, "general", "all n, p")
bordered = sp.Matrix(sp.BlockMatrix([[V6, X6], [X6.T, sp.zeros(2)]]))  # an old way to get P
check("eq:P", bordered.inv()[:6, :6], P6, "exact", "n = 6, p = 2")

half = np.linalg.inv(np.linalg.cholesky(V0))
Q, _ = np.linalg.qr(half @ rows)
P_white = half.T @ (np.eye(n) - Q @ Q.T) @ half
for at in (marginal.at(design, theta), penalized.solve(design, theta)):
    link("eq:P", design.Z.T @ P_white @ design.Z, at.A, type(at).A)

# %% [markdown]
# Three properties follow by multiplying out. $P$ sees nothing of $X$:
#
# $$
# P X = 0.
# $$ (eq:P-annihilates)
#
# In the metric of $V_0$ it is a projection (so $PV_0$ has the eigenvalues one and zero):
#
# $$
# P V_0 P = P.
# $$ (eq:P-idempotent)
#
# And it gives the residual sum of squares {eq}`eq:r2` as one quadratic form:
#
# $$
# r^2 = Y^\top P Y.
# $$ (eq:r2-P)

# %%
glst = Yt * V**-1 * X * Omega**-1
r2 = reduce((Yt - glst * Xt) * V**-1 * (Y - X * gls))
check("eq:P-annihilates", reduce(P * X), 0, "general", "all n, p", text_only=True)
check("eq:P-idempotent", reduce(P * V * P), P, "general", "all n, p", text_only=True)
check("eq:r2-P", r2, sp.expand(Yt * P * Y), "general", "all n, p", text_only=True)

residual6 = Y6 - X6 * X6_plus * Y6
r2_6 = (residual6.T * V6_inv * residual6)[0]
by_P6 = (Y6.T * P6 * Y6)[0]
check("eq:P-annihilates", P6 * X6, sp.zeros(6, 2), "exact", "n = 6, p = 2", text_only=True)
check("eq:P-idempotent", P6 * V6 * P6, P6, "exact", "n = 6, p = 2", text_only=True)
check("eq:r2-P", r2_6, by_P6, "exact", "n = 6, p = 2", text_only=True)

# %% [markdown]
# The same matrix comes out of the contrasts:
#
# $$
# P = K (K^\top V_0 K)^{-1} K^\top.
# $$ (eq:P-contrasts)
#
# Proof. Call the right side $M$ and put $B \equiv (K, V_0^{-1} X)$, which is square. Both $P$ and
# $M$ turn $V_0 B$ into $(K, 0)$. Now $B^\top V_0 B$ is block diagonal with the blocks
# $K^\top V_0 K$ and $\Omega$, so $B$ has an inverse, and two matrices that agree on $V_0 B$ are
# equal. By {eq}`eq:r2-P` the quadratic form in the density of $K^\top Y$ is $r^2$.

# %%
M = K * KVK**-1 * Kt
B, Bt = [K, V**-1 * X], [Kt, Xt * V**-1]
check(
    "eq:P-contrasts",
    [reduce(P * V * column) for column in B],
    [reduce(M * V * column) for column in B],
    "general",
    "all n, p",
    text_only=True,
)
check(
    "eq:P-contrasts",
    [reduce(row * V * column) for row in Bt for column in B],
    [KVK, 0, 0, Omega],
    "general",
    "all n, p: the blocks of B'V0B",
    text_only=True,
)
right = K6 * KVK6.inv() * K6.T
check("eq:P-contrasts", P6, right, "exact", "n = 6, p = 2", text_only=True)

# %% [markdown]
# ## The determinant
#
# The density of $K^\top Y$ also needs $|K^\top V_0 K|$. It is known as well:
#
# $$
# |K^\top V_0 K| = \frac{|K^\top K|}{|X^\top X|}\, |V_0|\, |X^\top V_0^{-1} X|.
# $$ (eq:contrast-determinant)
#
# Proof. With $B$ as above and $N \equiv (K, X)$, three products are block triangular:
# $B^\top V_0 B$ has the diagonal blocks $K^\top V_0 K$ and $\Omega$; $N^\top B$ has $K^\top K$ and
# $\Omega$; $N^\top N$ has $K^\top K$ and $X^\top X$. Their determinants are three equations. The
# last two give $|N|^2$ and $|B|$, and the first then gives $|K^\top V_0 K|$.

# %%
N, Nt = [K, X], [Kt, Xt]
check(
    "eq:contrast-determinant",
    [reduce(row * column) for row in Nt for column in B],
    [Kt * K, Kt * V**-1 * X, 0, Omega],
    "general",
    "all n, p: the blocks of N'B",
    text_only=True,
)
check(
    "eq:contrast-determinant",
    [reduce(row * column) for row in Nt for column in N],
    [Kt * K, 0, 0, Xt * X],
    "general",
    "all n, p: the blocks of N'N",
    text_only=True,
)
det_KVK, det_Omega, det_V, det_KK, det_XX = sp.symbols(
    "|KVK| |Omega| |V_0| |K'K| |X'X|", positive=True
)
det_N = sp.sqrt(det_KK * det_XX)
det_B = det_KK * det_Omega / det_N
(solution,) = sp.solve(det_B**2 * det_V - det_KVK * det_Omega, det_KVK)
right = det_KK / det_XX * det_V * det_Omega
check("eq:contrast-determinant", solution, right, "general", "determinants", text_only=True)

# %% [markdown]
# With numbers, and for $n = 3$, $p = 1$ with a symbol for every entry of $X$ and $V_0$:

# %%
right = (K6.T * K6).det() / (X6.T * X6).det() * V6.det() * Omega6.det()
check("eq:contrast-determinant", KVK6.det(), right, "exact", "n = 6, p = 2", text_only=True)

u1, u2, u3 = sp.symbols("x_1:4", positive=True)
V3 = sp.Matrix(3, 3, lambda i, j: sp.Symbol(f"v_{min(i, j)}{max(i, j)}"))
X3, K3 = sp.Matrix([u1, u2, u3]), sp.Matrix([[u2, 0], [-u1, u3], [0, -u2]])
left = (K3.T * V3 * K3).det() * (X3.T * X3)[0]
right = (K3.T * K3).det() * (X3.T * V3.adjugate() * X3)[0]  # |V| V^-1 is the adjugate
check("eq:contrast-determinant", left, right, "symbolic", "n = 3, p = 1", text_only=True)

# %% [markdown]
# ## The choice of K does not matter
#
# Another $K$ of full rank spans the same space, so it is $\tilde K = KC$ with an invertible $C$:
#
# $$
# |\tilde K^\top V_0 \tilde K| = |C|^2\, |K^\top V_0 K|, \qquad
# \tilde K (\tilde K^\top V_0 \tilde K)^{-1} \tilde K^\top = K (K^\top V_0 K)^{-1} K^\top.
# $$ (eq:K-free)
#
# The log-density changes by the logarithm of $|C|$, in which there is neither $\theta$ nor
# $\sigma$. So one may take an orthonormal $K$ or any other (differences of neighbours, where $X$ is
# a column of ones): estimates and likelihood ratios are the same.

# %%
C, Ct = sp.symbols("C C^T", commutative=False)
inverse = C**-1 * KVK**-1 * Ct**-1
check(
    "eq:K-free",
    [reduce(Ct * Kt * V * K * C * inverse), K * C * inverse * Ct * Kt],
    [1, K * KVK**-1 * Kt],
    "general",
    "all n, p",
    text_only=True,
)
other = (sp.eye(6) - X6 * (X6.T * X6).inv() * X6.T)[:, :4]  # columns of the residual maker
C6 = (K6.T * K6).inv() * K6.T * other
check(
    "eq:K-free",
    [(other.T * V6 * other).det(), other * (other.T * V6 * other).inv() * other.T],
    [C6.det() ** 2 * KVK6.det(), K6 * KVK6.inv() * K6.T],
    "exact",
    "n = 6, p = 2",
    text_only=True,
)

# %% [markdown]
# Together, for a $K$ with orthonormal columns, minus twice the log-density of $K^\top Y$ is
#
# $$
# -2 \ell_R = (n - p) \log(2\pi\sigma^2) + \log|V_0| + \log|X^\top V_0^{-1} X|
#             - \log|X^\top X| + \frac{r^2}{\sigma^2}.
# $$ (eq:restricted-likelihood)
#
# The last but one term is a constant. The exact check has a $K$ whose columns are not orthonormal,
# and adds $\log|K^\top K|$ to it.

# %%
sigma = sp.Symbol("sigma", positive=True)


def log(value):
    """The logarithm of a number, prime by prime, or of a symbol."""
    return sp.expand_log(sp.log(value), force=True, factor=True)


def minus_two_log_density(y, mean, covariance):
    """Of the normal distribution, as textbooks write it."""
    r = y - mean
    return len(y) * log(2 * sp.pi) + log(covariance.det()) + (r.T * covariance.inv() * r)[0]


left = minus_two_log_density(K6.T * Y6, sp.zeros(4, 1), sigma**2 * KVK6)
constant6 = log((K6.T * K6).det()) - log((X6.T * X6).det())
right = 4 * log(2 * sp.pi * sigma**2) + log(V6.det()) + log(Omega6.det()) + r2_6 / sigma**2
check("eq:restricted-likelihood", left, right + constant6, "exact", "n = 6, p = 2", text_only=True)

# %% [markdown]
# ## Second road: integrate beta out
#
# Give $\beta$ a flat prior, every value as likely as any other, and average the likelihood over it.
# By the completed square {eq}`eq:gls-square` the integrand is a normal density in $\beta$ around
# $\hat\beta$, times what does not depend on $\beta$. Its integral is
# $(2\pi\sigma^2)^{p/2} |X^\top V_0^{-1} X|^{-1/2}$, so that
#
# $$
# \int p(Y \mid \beta)\, d\beta
#   = (2\pi\sigma^2)^{-(n - p)/2}\, |V_0|^{-1/2}\, |X^\top V_0^{-1} X|^{-1/2}\, e^{-r^2/2\sigma^2}.
# $$ (eq:beta-integrated)
#
# Minus twice its logarithm is {eq}`eq:restricted-likelihood` without the constant. We do the
# integral over one coefficient after the other, by the formula that sympy finds for one variable,
# and compare $r^2$ and the square of the factor in front.

# %%
alpha, delta, b = sp.Symbol("alpha", positive=True), *sp.symbols("delta b", real=True)
found = sp.integrate(sp.exp(-alpha * b**2 / 2 - delta * b), (b, -sp.oo, sp.oo))
known = sp.sqrt(2 * sp.pi / alpha) * sp.exp(delta**2 / (2 * alpha))
check("eq:beta-integrated", found, known, "symbolic", "one coefficient", text_only=True)


def integrate_out(exponent, variable):
    """Integral of exp(-exponent): the square of its factor, and the exponent that is left."""
    square, linear, constant = sp.Poly(exponent, variable).all_coeffs()
    return sp.pi / square, sp.cancel(constant - linear**2 / (4 * square))


squares6 = ((Y6 - X6 * b6).T * V6_inv * (Y6 - X6 * b6))[0]
factor1, exponent = integrate_out(squares6 / (2 * sigma**2), b6[0])
factor2, exponent = integrate_out(exponent, b6[1])
in_front = factor1 * factor2 / ((2 * sp.pi * sigma**2) ** 6 * V6.det())
right = [1 / ((2 * sp.pi * sigma**2) ** 4 * V6.det() * Omega6.det()), r2_6 / (2 * sigma**2)]
check("eq:beta-integrated", [in_front, exponent], right, "exact", "n = 6, p = 2", text_only=True)

# %% [markdown]
# ## Third road: the density given beta-hat
#
# Where $\hat\beta$ has used up its share of the data, ask how likely the rest is: divide the
# density of $Y$ by that of $\hat\beta$, which is normal with mean $\beta$ and the covariance
# {eq}`eq:vcov`. By the same square, everything with $\beta$ in it cancels:
#
# $$
# -2 \log \frac{p(Y \mid \beta)}{p(\hat\beta \mid \beta)}
#   = (n - p) \log(2\pi\sigma^2) + \log|V_0| + \log|X^\top V_0^{-1} X| + \frac{r^2}{\sigma^2}.
# $$ (eq:conditional-likelihood)

# %%
quadratic = (Yt - betat * Xt) * V**-1 * (Y - X * beta)
square = (betat - glst) * Omega * (beta - gls)  # its covariance has the inverse Omega / sigma^2
check(
    "eq:conditional-likelihood",
    reduce(quadratic - square),
    sp.expand(Yt * P * Y),
    "general",
    "all n, p: what is divided by sigma^2",
    text_only=True,
)
right = 4 * log(2 * sp.pi * sigma**2) + log(V6.det() * Omega6.det()) + r2_6 / sigma**2
for at in (sp.Matrix([0, 0]), sp.Matrix([3, R(-1, 2)])):
    of_y = minus_two_log_density(Y6, X6 * at, sigma**2 * V6)
    ratio = of_y - minus_two_log_density(X6_plus * Y6, at, sigma**2 * Omega6.inv())
    sizes = f"n = 6, p = 2, beta = ({at[0]}, {at[1]})"
    check("eq:conditional-likelihood", ratio, right, "exact", sizes, text_only=True)

# %% [markdown]
# Is the ratio a density of something? Yes, of the contrasts. With $\hat\beta = X^+ Y$,
# $X^+ \equiv (X^\top V_0^{-1} X)^{-1} X^\top V_0^{-1}$, the pair $(\hat\beta, K^\top Y)$ is a
# linear map of $Y$, and its two parts are independent:
#
# $$
# \operatorname{Cov}(\hat\beta, K^\top Y) = \sigma^2 X^+ V_0 K = 0.
# $$ (eq:contrast-independence)
#
# So $p(Y)$ is $p(\hat\beta)\, p(K^\top Y)$ times the determinant of the map. $X^+$ depends on
# $\theta$; the determinant does not:
#
# $$
# \begin{vmatrix} X^+ \\ K^\top \end{vmatrix}^2 = \frac{|K^\top K|}{|X^\top X|}.
# $$ (eq:contrast-jacobian)
#
# Proof: the map times $(X, K)$ has the blocks $I$, $X^+K$, $0$ and $K^\top K$, and the square of
# $|(X, K)|$ is $|X^\top X|\, |K^\top K|$. So the three roads lead to the same place, which is
# {eq}`eq:restricted-likelihood` up to constants.

# %%
X_plus = Omega**-1 * Xt * V**-1
check("eq:contrast-independence", reduce(X_plus * V * K), 0, "general", "all n, p", text_only=True)
right = sp.zeros(2, 4)
check("eq:contrast-independence", X6_plus * V6 * K6, right, "exact", "n = 6, p = 2", text_only=True)
check(
    "eq:contrast-jacobian",
    [reduce(X_plus * X), reduce(Kt * X), reduce(Kt * K)],
    [1, 0, Kt * K],
    "general",
    "all n, p: blocks of the map times (X, K)",
    text_only=True,
)
det_map = X6_plus.col_join(K6.T).det()
right = (K6.T * K6).det() / (X6.T * X6).det()
check("eq:contrast-jacobian", det_map**2, right, "exact", "n = 6, p = 2", text_only=True)

# %% [markdown]
# ## The REML criterion
#
# In $\sigma$ the restricted likelihood has the shape of the full one, with $n - p$ for $n$: its
# minimum is at $\hat\sigma^2 = r^2/(n - p)$, see {eq}`eq:sigma`. Put in, it leaves
#
# $$
# d_R(\theta) = \log|V_0| + \log|X^\top V_0^{-1} X|
#               + (n - p)\left(1 + \log\frac{2\pi r^2}{n - p}\right).
# $$ (eq:reml-criterion)
#
# These are lme4's constants: $2\pi$ and the one are kept, $\log|X^\top X|$ is left out. So it is
# what the second and the third road give, to the letter. The first has $-\log|X^\top X|$ besides,
# which the links below take away again. It is a matter of units: error contrasts do not change
# when a column of $X$ is given in other units, and $d_R$ does, {eq}`eq:reml-units`.

# %%
nu, rss, s2 = sp.symbols("nu r2 s", positive=True)
logdets = sp.log(det_V) + sp.log(det_Omega)
restricted = nu * sp.log(2 * sp.pi * s2) + logdets + rss / s2
(best,) = sp.solve(sp.diff(restricted, s2), s2)
right = logdets + nu * (1 + sp.log(2 * sp.pi * rss / nu))
check("eq:reml-criterion", restricted.subs(s2, best), right, "general", "all n - p")

KVK0 = contrasts.T @ V0 @ contrasts
z = contrasts.T @ y
s2_hat = z @ np.linalg.solve(KVK0, z) / (n - p)
density = multivariate_normal.logpdf(z, np.zeros(n - p), s2_hat * KVK0)
expected = -2 * density + np.linalg.slogdet(rows.T @ rows)[1]
for way in (marginal, penalized):
    link("eq:reml-criterion", expected, way.criterion(design, theta), way.criterion)
inside = rows.T @ np.linalg.inv(V0) @ rows
parts = np.linalg.slogdet(V0)[1], np.linalg.slogdet(inside)[1], s2_hat * (n - p)
of_parts = evaluation.profiled(design, *parts, reml=True)
link("eq:reml-criterion", expected, of_parts, evaluation.profiled)

# %% [markdown]
# The constant for the sleep study, at the estimate. What is printed as the REML criterion is not
# for orthonormal contrasts, but for some with $|K^\top K| = |X^\top X|$.

# %%
sleep = rm.load_dataset("sleepstudy")
fit = rm.lmer("Reaction ~ Days + (Days | Subject)", sleep)
made = fit.design
U = made.Z @ rm.covariance.relative_factor(made, fit.theta)
K_sleep = null_space(made.X.T)
cov = fit.sigma**2 * K_sleep.T @ (np.eye(made.n) + U @ U.T) @ K_sleep
density = multivariate_normal.logpdf(K_sleep.T @ made.y, np.zeros(made.n - 2), cov)
print(f"REML criterion                    {fit.criterion:10.4f}")
print(f"log|X'X|                          {np.linalg.slogdet(made.XtX)[1]:10.4f}")
print(f"-2 log density of the contrasts   {-2 * density:10.4f}")

# %% [markdown]
# ## What REML repairs
#
# At the true $\theta$ the contrasts are normal with the covariance $\sigma^2 K^\top V_0 K$, and
# $r^2 = Y^\top K (K^\top V_0 K)^{-1} K^\top Y$ is $\sigma^2$ times a sum of $n - p$ squares of
# independent standard normal variables. So the divisor is right:
#
# $$
# \operatorname{E} \frac{r^2}{n - p}
#   = \frac{\sigma^2 \operatorname{tr}\bigl((K^\top V_0 K)^{-1} K^\top V_0 K\bigr)}{n - p}
#   = \sigma^2.
# $$ (eq:reml-unbiased)
#
# ($\operatorname{E} r^2 = \sigma^2 (n-p)$ was also {eq}`eq:expected-rss`, from the other side.)

# %%
sizes = "all n, p: under the trace is I of size n - p"
check("eq:reml-unbiased", reduce(KVK**-1 * Kt * V * K), 1, "general", sizes, text_only=True)
left = (K6 * KVK6.inv() * K6.T * V6).trace() / 4
check("eq:reml-unbiased", left, 1, "exact", "n = 6, p = 2", text_only=True)

# %% [markdown]
# And $\theta$? Nothing so simple holds for its estimate, but it solves an unbiased equation.
# Let $D \equiv \partial V_0 / \partial \theta_j$ for some entry of $\theta$. Then
#
# $$
# \frac{\partial}{\partial \theta_j} \bigl(\log|V_0| + \log|X^\top V_0^{-1} X|\bigr)
#   = \operatorname{tr}(P D) = \frac{\operatorname{E}\, Y^\top P D P Y}{\sigma^2}.
# $$ (eq:reml-score)
#
# On the right is minus the mean slope of $r^2/\sigma^2$ ({eq}`eq:dr2`). So at the true parameters
# the slope of $-2\ell_R$ is zero on average. ML has $\log|V_0|$ alone, whose slope is
# $\operatorname{tr}(V_0^{-1} D)$. The excess, $\operatorname{tr}((V_0^{-1} - P) D)$, is not
# negative where $D$ is positive semidefinite (a larger $\theta_j$ adds variance), because
# $V_0^{-1} - P$ is positive semidefinite too. And a positive slope of a criterion that one
# minimises pushes the estimate down.
#
# Proof. $\partial \log|M| = \operatorname{tr}(M^{-1} \partial M)$ and
# $\partial V_0^{-1} = -V_0^{-1} D V_0^{-1}$ give the first equation after a turn under the trace,
# and $P V_0 P = P$ gives the second: the mean of $Y^\top P D P Y$ is
# $\sigma^2 \operatorname{tr}(PDPV_0)$.

# %%
D = sp.Symbol("D", commutative=False)


def turn(expression):
    """Words under a trace, turned until D stands last: tr(AB) = tr(BA)."""
    total = 0
    for term in sp.Add.make_args(sp.expand(expression)):
        scalars, word = term.args_cnc()
        start = word.index(D) + 1
        total += sp.Mul(*scalars) * reduce(sp.Mul(*word[start:], *word[:start]))
    return total


slope_V = V**-1 * D
slope_Omega = -(Omega**-1) * Xt * V**-1 * D * V**-1 * X
check(
    "eq:reml-score",
    [turn(slope_V + slope_Omega), turn(P * D * P * V)],
    [sp.expand(P * D), sp.expand(P * D)],
    "general",
    "all n, p: under the trace",
    text_only=True,
)

t = sp.Symbol("t", positive=True)
KVK_t = (K6.T * (W6.inv() + t * same) * K6).det(method="berkowitz")
left = (sp.diff(sp.log(KVK_t), t)).subs(t, R(1, 2))
V_half = W6.inv() + same / 2
XV = X6.T * V_half.inv()
P_half = V_half.inv() - XV.T * (XV * X6).inv() * XV
right = (P_half * same).trace()
check("eq:reml-score", left, right, "exact", "n = 6, p = 2, by contrasts", text_only=True)

# %% [markdown]
# ## Balanced groups: REML is the analysis of variance
#
# For $J$ groups of $\bar n$ and $\omega \equiv 1 + \bar n\theta^2$ the pieces of the criterion are
# in {eq}`eq:one-way-pieces`: a constant and
# $d_R = (J - 1) \log \omega + (J\bar n - 1) \log(SS_W + SS_B/\omega)$. The sums of squares over
# their degrees of freedom are the *mean squares*, $M_B \equiv SS_B / (J - 1)$ between groups and
# $M_W \equiv SS_W / J(\bar n - 1)$ within them. With their ratio $\mathcal F \equiv M_B / M_W$,
#
# $$
# d_R'(\omega) = \frac{(J - 1)\, SS_W\, (\omega - \mathcal F)}{\omega\, (\omega\, SS_W + SS_B)}.
# $$ (eq:anova-slope)
#
# Negative below $\mathcal F$, positive above: if $\mathcal F \ge 1$ the minimum is at
# $\hat\omega = \mathcal F$. There
#
# $$
# \hat\sigma^2 = \frac{r^2}{J\bar n - 1} = \frac{SS_W}{J(\bar n - 1)},
# $$ (eq:anova-within)
#
# $$
# \hat\sigma^2 + \bar n \hat\sigma_\gamma^2 = \hat\omega\, \hat\sigma^2 = \frac{SS_B}{J - 1}.
# $$ (eq:anova-between)
#
# These are the mean squares of the classical table, each unbiased for what it estimates (the traces
# are $J(\bar n-1)$ and $J - 1$, {eq}`eq:one-way-ml-bias`). ML had the divisor $J$ in the second.

# %%
J, n_bar, omega, ssw, ssb = sp.symbols("J n_bar omega SS_W SS_B", positive=True)
F = ssb / (J - 1) / (ssw / (J * (n_bar - 1)))
d_R = (J - 1) * sp.log(omega) + (J * n_bar - 1) * sp.log(ssw + ssb / omega)
right = (J - 1) * ssw * (omega - F) / (omega * (omega * ssw + ssb))
check("eq:anova-slope", sp.diff(d_R, omega), right, "general", "all J, n_bar", text_only=True)

within = (ssw + ssb / F) / (J * n_bar - 1)
right = ssw / (J * (n_bar - 1))
check("eq:anova-within", within, right, "general", "all J, n_bar", text_only=True)
right = ssb / (J - 1)
check("eq:anova-between", F * within, right, "general", "all J, n_bar", text_only=True)

# %% [markdown]
# If $\mathcal F < 1$ the groups differ by less than their members would make them differ by chance.
# As $\omega \ge 1$, the minimum is at the boundary $\omega = 1$: $\hat\theta = 0$, one variance for
# all,
#
# $$
# \hat\sigma^2 = \frac{SS_W + SS_B}{J\bar n - 1}
#   = \frac{1}{J\bar n - 1} \sum_{ij} (y_{ij} - \bar y)^2.
# $$ (eq:anova-boundary)
#
# The classical table would say $\hat\sigma_\gamma^2 < 0$ here. That estimate is unbiased; REML's,
# which puts a zero in place of what is negative, is too large on average, most of all when the
# truth is near zero.

# %%
y6 = sp.Matrix(sp.symbols("y_1:7"))
means = sp.kronecker_product(sp.eye(3), sp.ones(2, 2) / 2) * y6
grand = sp.ones(6, 6) / 6 * y6
sums = (y6 - means).dot(y6 - means) + (means - grand).dot(means - grand)
total = (y6 - grand).dot(y6 - grand)
check("eq:anova-boundary", sums / 5, total / 5, "symbolic", "J = 3, n_bar = 2", text_only=True)

table = rng.normal(size=(7, 4)) + 2 * rng.normal(size=(7, 1))
by_group = table.mean(axis=1, keepdims=True)
for values in (table, table - 0.99 * by_group):  # F > 1, then F < 1
    data = pd.DataFrame({"y": values.ravel(), "g": np.repeat(list("abcdefg"), 4)})
    ms_within = values.var(axis=1, ddof=1).mean()
    ms_between = 4 * values.mean(axis=1).var(ddof=1)
    fit = rm.lmer("y ~ 1 + (1 | g)", data)
    if ms_between > ms_within:
        link("eq:anova-within", ms_within, fit.sigma**2, rm.lmer)
        code = fit.sigma**2 * (1 + 4 * fit.theta.iloc[0] ** 2)
        link("eq:anova-between", ms_between, code, rm.lmer)
    else:
        expected = [0, values.var(ddof=1)]
        link("eq:anova-boundary", expected, [fit.theta.iloc[0], fit.sigma**2], rm.lmer)

# %% [markdown]
# ## What the zero costs
#
# By how much is it too large, and what does ML do? Let $g$ be the divisor of $SS_B$, $J$ for ML
# {eq}`eq:one-way-ml` and $J - 1$ for REML, $\nu_W \equiv J(\bar n - 1)$ and
# $\tau \equiv \sigma^2 + \bar n\sigma_\gamma^2$. Then
# $x_W \equiv SS_W/\sigma^2 \sim \chi^2_{\nu_W}$ and
# $x_B \equiv SS_B/\tau \sim \chi^2_{J-1}$ are independent, and the share
# $S \equiv x_W/(x_B + x_W)$ has the beta distribution of $\nu_W/2$ and $(J - 1)/2$. The estimate of
# $\sigma_\gamma^2$ is positive where $SS_W/\nu_W < SS_B/g$. That is where $S$ is below
#
# $$
# s_0 = \frac{\nu_W\tau}{\nu_W\tau + g\sigma^2} .
# $$ (eq:one-way-edge)
#
# The density $f_c$ of $\chi^2_c$ has $x f_c(x) = c f_{c+2}(x)$. So what the samples with $S < s_0$
# add to the mean of $x_W$ is $\nu_W$ times the probability of $S < s_0$ with $\nu_W + 2$ in place
# of $\nu_W$, and so it is with $x_B$. With $I$ the distribution function of beta,
#
# $$
# \begin{aligned}
# E_W &\equiv \operatorname{E}(SS_W;\, S < s_0)
#   = \sigma^2\, \nu_W\; I_{s_0}\bigl(\tfrac{\nu_W}{2} + 1,\; \tfrac{J-1}{2}\bigr), \\
# E_B &\equiv \operatorname{E}(SS_B;\, S < s_0)
#   = \tau\, (J - 1)\; I_{s_0}\bigl(\tfrac{\nu_W}{2},\; \tfrac{J-1}{2} + 1\bigr).
# \end{aligned}
# $$ (eq:one-way-kept)
#
# Below $s_0$ the estimates are mean squares, above it one variance for all. Together,
#
# $$
# \begin{aligned}
# \operatorname{E} \hat\sigma_\gamma^2
#   &= \frac1{\bar n} \Bigl( \frac{E_B}{g} - \frac{E_W}{\nu_W} \Bigr), \\
# \operatorname{E} \hat\sigma^2 &= \frac{E_W}{\nu_W}
#   + \frac{\sigma^2 \nu_W - E_W + \tau (J - 1) - E_B}{g + \nu_W} .
# \end{aligned}
# $$ (eq:one-way-means)
#
# For $J = 3$ the mean of REML's $\hat\sigma_\gamma^2$ is the power in
# {eq}`eq:errata-reml-truncated`. With negative estimates kept, $s_0 = 1$, only ML's
# $\hat\sigma_\gamma^2$ would have a bias, {eq}`eq:one-way-ml-bias`.

# %%
nu, g, tau, a, b = sp.symbols("nu g tau a b", positive=True)
(b_edge,) = sp.solve(sigma**2 * b / nu - tau * a / g, b)
s0 = nu * tau / (nu * tau + g * sigma**2)
check("eq:one-way-edge", b_edge / (a + b_edge), s0, "general", "all J, n_bar")


def density(x, dof):
    """Of chi-square."""
    return x ** (dof / 2 - 1) * sp.exp(-x / 2) / (2 ** (dof / 2) * sp.gamma(dof / 2))


ratio = sp.gammasimp(b * density(b, nu) / density(b, nu + 2))
check("eq:one-way-kept", sp.powsimp(ratio), nu, "general", "all J, n_bar: of the density")

odds = sp.Symbol("c", positive=True)  # s / (1 - s): S < s where b < c a
share = odds / (1 + odds)
kept = []
for of in (b, a):
    given_a = sp.expand(sp.integrate(of * density(b, R(6)), (b, 0, odds * a)) * density(a, R(2)))
    kept.append(sp.integrate(sp.powsimp(given_a), (a, 0, sp.oo)))
I_W, I_B = share**4, share**3 * (4 - 3 * share)  # I_s(4, 1) and I_s(3, 2)
check("eq:one-way-kept", kept, [6 * I_W, 2 * I_B], "symbolic", "J = n_bar = 3, every s")

E_W, E_B = sp.symbols("E_W E_B", positive=True)
means = [(E_B / g - E_W / nu) / n_bar]
means += [E_W / nu + (sigma**2 * nu - E_W + tau * (J - 1) - E_B) / (g + nu)]
in_full = {E_W: sigma**2 * nu, E_B: tau * (J - 1)}
right = [((J - 1) / g * tau - sigma**2) / n_bar, sigma**2]
check("eq:one-way-means", [of.subs(in_full) for of in means], right, "general", "s_0 = 1")
three = {E_W: 6 * sigma**2 * I_W, E_B: 2 * tau * I_B, g: 2, nu: 6, n_bar: 3}
left = means[0].subs(three).subs(odds, (s0 / (1 - s0)).subs(three))
right = tau / 3 * (1 + sigma**2 / (3 * tau)) ** -3
check("eq:one-way-means", left, right, "symbolic", "J = n_bar = 3, by REML: as in the errata")

# %% [markdown]
# The code, against integrals that do without $E_W$ and $E_B$. As $x_B + x_W$ is independent of $S$,
# the sums of squares have, given $S$, the means $(J - 1 + \nu_W)\, S \sigma^2$ and
# $(J - 1 + \nu_W)(1 - S)\, \tau$.


# %%
def by_integrals(m, k, reml, s2=0.7, sg2=0.4):
    """The probability of zero, and the mean estimates of sigma_gamma^2 and sigma^2."""
    nu, g, tau = m * (k - 1), m - reml, s2 + k * sg2
    zero = f_law(m - 1, nu).cdf(g / (m - 1) * s2 / tau)
    law = beta_law(nu / 2, (m - 1) / 2)
    edge, total = law.ppf(1 - zero), m - 1 + nu

    def mean(of, low, high):
        """Of a function of S, between two values of S."""
        return quad(lambda s: of(s) * law.pdf(s), low, high, epsabs=1e-13)[0]

    def ms_within(s):
        return total * s * s2 / nu

    def excess(s):
        return (total * (1 - s) * tau / g - ms_within(s)) / k

    def one_variance(s):
        return total * (s * s2 + (1 - s) * tau) / (g + nu)

    return zero, mean(excess, 0, edge), mean(ms_within, 0, edge) + mean(one_variance, edge, 1)


for layout in [(5, 2, False), (5, 2, True), (4, 3, True), (20, 10, False)]:
    zero, *means = by_integrals(*layout)
    m_, k_, reml = layout
    found = laws.means_of_mixed_model(m_, k_, 0.7, 0.4, reml)
    code = [found["sigma_gamma^2"], found["sigma^2"]]
    link("eq:one-way-edge", zero, found["zero"], laws.means_of_mixed_model)
    link("eq:one-way-kept", means, code, laws.means_of_mixed_model)
    link("eq:one-way-means", means, code, laws.means_of_mixed_model)

# %% [markdown]
# ## Neyman and Scott again
#
# A fixed effect for each of $J$ groups of $\bar n$: $p = J$, $n - p = J(\bar n - 1)$, and by
# {eq}`eq:rss-law` $r^2/\sigma^2 \sim \chi^2_{J(\bar n-1)}$. A chi-square variable has a variance of
# twice its mean. So
#
# $$
# \operatorname{E} \hat\sigma^2_{REML} = \sigma^2, \qquad
# \operatorname{Var} \hat\sigma^2_{REML} = \frac{2\sigma^4}{J(\bar n - 1)} .
# $$ (eq:reml-neyman-scott)
#
# The variance goes to zero as groups are added, around the right value: REML is consistent where ML
# is not. The contrasts know nothing of the group means, so it does no harm that there are so many.
# (The other way out is to draw the group effects from a distribution: then $p = 1$.)
# {doc}`s07_neyman_scott` simulates all of this.

# %%
Z = sp.kronecker_product(sp.eye(3), sp.ones(4, 1))
K_groups = sp.Matrix.hstack(*Z.T.nullspace())  # contrasts of three groups of four: n - p = 9
P_groups = K_groups * (K_groups.T * K_groups).inv() * K_groups.T
moments = [P_groups.trace() / 9, 2 * (P_groups * P_groups).trace() / 9**2]
right = [1, R(2, 3 * (4 - 1))]
check(
    "eq:reml-neyman-scott", moments, right, "exact", "J = 3, n_bar = 4, sigma = 1", text_only=True
)

s = sp.Symbol("s", positive=True)
laplace = (1 + 2 * s * sigma**2 / (J * (n_bar - 1))) ** (
    -J * (n_bar - 1) / 2
)  # of r2 / (J (n_bar - 1))
first, second = (sp.diff(laplace, s, order).subs(s, 0) for order in (1, 2))
moments = [-first, second - first**2]
right = [sigma**2, 2 * sigma**4 / (J * (n_bar - 1))]
check("eq:reml-neyman-scott", moments, right, "general", "all J, n_bar", text_only=True)

pooled = table.var(axis=1, ddof=1).mean()
data = pd.DataFrame({"y": table.ravel(), "g": np.repeat(list("abcdefg"), 4)})
link("eq:reml-neyman-scott", pooled, rm.lm("y ~ g", data).sigma ** 2, rm.lm)

# %% [markdown]
# ## What can be compared
#
# Replace $X$ by $XC$ with an invertible $C$: other units, another origin, other contrasts of a
# factor. Nothing about the model changes, nor do $P$, $r^2$ or the space of the error contrasts.
# But in place of $X^\top V_0^{-1} X$ there is $C^\top X^\top V_0^{-1} X C$, so that
#
# $$
# d_R(\theta; XC) = d_R(\theta; X) + 2 \log |\det C|.
# $$ (eq:reml-units)
#
# The ML criterion stays as it is: there is no $X$ in it but through $r^2$.

# %%
swapped = V**-1 - V**-1 * X * C * (C**-1 * Omega**-1 * Ct**-1) * Ct * Xt * V**-1  # P of XC
check("eq:reml-units", swapped, P, "general", "all n, p: P", text_only=True)
C2 = sp.Matrix([[1, R(1, 2)], [3, -2]])
X6_new = X6 * C2
Omega6_new = X6_new.T * V6_inv * X6_new
P6_new = V6_inv - V6_inv * X6_new * Omega6_new.inv() * X6_new.T * V6_inv
right = [Omega6.det() * C2.det() ** 2, P6]
check("eq:reml-units", [Omega6_new.det(), P6_new], right, "exact", "n = 6, p = 2", text_only=True)

new_units = replace(design, X=design.X @ np.array(C2, dtype=float))
expected = marginal.criterion(design, theta) + 2 * np.log(abs(float(C2.det())))
link("eq:reml-units", expected, marginal.criterion(new_units, theta), marginal.criterion)
expected = marginal.criterion(design, theta, reml=False)
actual = marginal.criterion(new_units, theta, reml=False)
link("eq:reml-units", expected, actual, marginal.criterion)

# %% [markdown]
# A REML criterion therefore has no meaning on its own, and differences have one only where the
# space of the contrasts is the same. Does the sleep study need a curve, a fixed effect of the
# square of `Days`? The table shows by how much the criterion changes when it is added, with time
# counted in three units. ML gives one answer. REML gives three, of either sign.


# %%
def change(unit, reml):
    """By how much the criterion changes when a square of time is added."""
    data = sleep.assign(time=sleep["Days"] * unit)
    line = rm.lmer("Reaction ~ time + (time | Subject)", data, reml)
    curve = rm.lmer("Reaction ~ time + I(time^2) + (time | Subject)", data, reml)
    return curve.criterion - line.criterion


print("unit          ML      REML")
for name, unit in {"weeks": 1 / 7, "days": 1, "hours": 24}.items():
    print(f"{name:6s} {change(unit, reml=False):9.2f} {change(unit, reml=True):9.2f}")

# %% [markdown]
# | compared | by REML | by ML |
# |---|---|---|
# | the same $X$, other random effects | yes | yes |
# | the same columns in other units | after {eq}`eq:reml-units` | yes |
# | other fixed effects | no: other contrasts, other data | yes |
# | another response, or other rows | no | no |
#
# ## A picture
#
# The batches of Dyestuff. Both criteria, each less its own minimum, against the one $\theta$. A dot
# marks each minimum. ML's is further left: its $\hat\omega$ is $\mathcal F(J - 1)/J$, not
# $\mathcal F$.

# %% mystnb={"image": {"alt": "the REML criterion is least further right than that of ML"}}
dyes = rm.design("Yield ~ 1 + (1 | Batch)", rm.load_dataset("Dyestuff"))
grid = np.linspace(0, 3, 121)
figure, axes = plt.subplots(figsize=(6, 3.2))
for name, reml, style in [("ML", False, "--"), ("REML", True, "-")]:
    theta_hat = rm.optimize.minimize(dyes, reml, marginal).theta[0]
    least = marginal.criterion(dyes, np.array([theta_hat]), reml)
    curve = [marginal.criterion(dyes, np.array([at]), reml) - least for at in grid]
    label = rf"{name}, least at $\theta$ = {theta_hat:.3f}"
    axes.plot(grid, curve, style, color="k", linewidth=1.3, label=label)
    axes.plot(theta_hat, 0, "o", color="k", fillstyle="full" if reml else "none", clip_on=False)
axes.set(
    xlabel=r"$\theta = \sigma_\gamma / \sigma$",
    ylabel="criterion less its minimum",
    xlim=(0, 3),
    ylim=(0, 8),
)
axes.legend(frameon=False)
figure.tight_layout()

# %% [markdown]
# ## What to take away
#
# - REML is the likelihood of the $n - p$ error contrasts. Integrating $\beta$ out, or dividing by
#   the density of $\hat\beta$, gives the same up to constants.
# - It puts $n - p$ where ML has $n$, and adds $\log|X^\top V_0^{-1} X|$. The first repairs
#   $\hat\sigma$, the second the slope in $\theta$.
# - REML criteria are compared for one $X$ only. For different fixed effects, fit by ML.
#
# The code: `marginal.evaluate` has $P$ as on this page, `evaluation.profiled` the two criteria,
# `penalized.criterion` the same number without any $n \times n$ matrix.
