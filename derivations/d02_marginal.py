# %% [markdown]
# # The marginal model
#
# The random effects are not observed: the data follow the distribution of $Y$ alone, with $\gamma$
# integrated out. This page finds it twice, from moments and by completing the square, and looks at
# the covariance it gives to observations that share a group. At the end it shows why maximising
# over $\gamma$ instead of integrating fails.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page

import refmixed as rm
from refmixed import covariance, marginal, penalized

page("d02_marginal")

# %% [markdown]
# ## By moments
#
# The model is $Y = o + X\beta + Z\gamma + e$ with $\gamma = \Lambda u$. Here
# $u \sim N(0, \sigma^2 I)$ and $e \sim N(0, \sigma^2 W^{-1})$ are independent. Both have mean
# zero, so
#
# $$ \operatorname{E}[Y] = o + X \beta $$ (eq:marginal-mean)
#
# No $\gamma$ is left in it. (The chapter keeps $\gamma$ in the mean; see {doc}`errata`.) The
# covariance of $Z\Lambda u + e$ is the expectation of its product with its transpose.
# The cross terms vanish, since $u$ and $e$ are independent with mean zero. What remains is
#
# $$ V \equiv \operatorname{Cov}(Y) = \sigma^2 \bigl( W^{-1} + Z \Lambda \Lambda^\top Z^\top \bigr)
#    = \sigma^2 V_0 $$ (eq:V)
#
# With $\Sigma = \sigma^2 \Lambda\Lambda^\top$ this is $V = \sigma^2 W^{-1} + Z \Sigma Z^\top$. Up
# to here nothing had to be normal. If $u$ and $e$ are normal, $Y$ is a linear map of a normal
# vector plus a constant, hence normal itself: $Y \sim N(o + X\beta, V)$.

# %%
X, Z, L, W = sp.symbols("X Z Lambda W", commutative=False)
Zt, Lt, b, o = sp.symbols("Z' Lambda' beta o", commutative=False)
u, ut, e, et = sp.symbols("u u' e e'", commutative=False)
s2 = sp.Symbol("sigma", positive=True) ** 2
mean = sp.expand(o + X * b + Z * L * u + e).subs({u: 0, e: 0})  # E is linear
check("eq:marginal-mean", mean, o + X * b, "general", "every n, p, q", text_only=True)

squared = sp.expand((Z * L * u + e) * (ut * Lt * Zt + et))
moments = squared.subs({u * et: 0, e * ut: 0, u * ut: s2, e * et: s2 * W**-1})
check("eq:V", moments, s2 * (W**-1 + Z * L * Lt * Zt), "general", "every n, q")

# %% [markdown]
# The same with a symbol for every entry, and by multiplying out: each product of two responses
# becomes a polynomial in $u$ and $e$, of which every monomial has a known expectation.


# %%
def matrix(name, rows, columns):
    """A matrix with a symbol for every entry."""
    return sp.Matrix(rows, columns, lambda i, j: sp.Symbol(f"{name}_{i + 1}{j + 1}", real=True))


def expectation(expression, random, moments):
    """E of a quadratic polynomial in random symbols of mean zero, monomial by monomial."""
    total = 0
    for powers, coefficient in sp.Poly(sp.expand(expression), *random).terms():
        which = [v for v, power in enumerate(powers) for _ in range(power)]
        if len(which) == 0:
            total += coefficient
        elif len(which) == 2:
            total += coefficient * moments[which[0], which[1]]
    return total


def second_moments(vector, random, moments):
    """E[vector vector'], entry by entry."""
    n = len(vector)
    return sp.Matrix(n, n, lambda i, j: expectation(vector[i] * vector[j], random, moments))


# %%
n, q = 3, 2
sigma = sp.Symbol("sigma", positive=True)
weights = sp.symbols("w_1:4", positive=True)
Zs, Ls = matrix("z", n, q), sp.Matrix([[sp.Symbol("l_1"), 0], sp.symbols("l_2 l_3")])
us, es = sp.symbols("u_1:3"), sp.symbols("e_1:4")
varying = Zs * Ls * sp.Matrix(us) + sp.Matrix(es)
spread = sigma**2 * sp.diag(1, 1, *(1 / w for w in weights))  # Cov of (u, e)
V0 = sp.diag(*(1 / w for w in weights)) + Zs * Ls * Ls.T * Zs.T
moments = second_moments(varying, [*us, *es], spread)
check("eq:V", moments, sigma**2 * V0, "symbolic", "n = 3, q = 2")

# %% [markdown]
# For the link to the code, two crossed terms with random covariates, weights and an offset. An
# entry of $V_0$ is what two rows have in common. For each term where they are in the same level
# that is $x_i^\top \Lambda_t \Lambda_t^\top x_j$, and a row shares $1 / w_i$ with itself.

# %%
rng = np.random.default_rng(2)
data = pd.DataFrame(rng.normal(size=(14, 4)), columns=list("yxzo"))
data["g"] = [f"g{j}" for j in [0, 1, 2, 3, *rng.integers(0, 4, 10)]]
data["h"] = [f"h{j}" for j in [0, 1, 2, *rng.integers(0, 3, 11)]]
data["w"] = rng.uniform(0.3, 3.0, 14)
two = rm.design("y ~ x + (1 + x | g) + (0 + z | h)", data, weights="w", offset="o")
theta = rng.normal(size=two.m)


def shared(design, theta, i, j):
    """Cov(y_i, y_j) / sigma^2, from what rows i and j share."""
    total = (i == j) / design.weights[i]
    for term, triangle in zip(design.terms, covariance.factors(design, theta), strict=True):
        if term.codes[i] == term.codes[j]:
            total += term.x[i] @ triangle @ triangle.T @ term.x[j]
    return total


entries = [[shared(two, theta, i, j) for j in range(two.n)] for i in range(two.n)]
Lambda = covariance.relative_factor(two, theta)
found = marginal.relative_covariance(two, Lambda)
link("eq:V", entries, found, marginal.relative_covariance)

# %% [markdown]
# ## By completing the square
#
# The other road starts from the joint density. It is longer, and pays: on the way it yields the
# inverse and the determinant of $V$, and the distribution of $\gamma$ given $y$. Suppose here that
# $T \equiv \Lambda\Lambda^\top$ is invertible, and write $r \equiv y - o - X\beta$. The joint
# density is that of $y$ given $\gamma$ times that of $\gamma$:
#
# $$ -2 \log p(y, \gamma) = (n + q) \log(2\pi\sigma^2) - \log\det W + \log\det T
#    + \frac{Q(\gamma)}{\sigma^2} $$ (eq:joint-density)
#
# $$ Q(\gamma) \equiv (r - Z\gamma)^\top W (r - Z\gamma) + \gamma^\top T^{-1} \gamma $$
#
# The check adds the logarithms of the two normal densities.


# %%
def log_normal(vector, covariance):
    """Log density of N(0, covariance)."""
    form = (vector.T * covariance.inv() * vector)[0]
    return -(len(vector) * sp.log(2 * sp.pi) + sp.log(covariance.det()) + form) / 2


Ws, Ts = sp.diag(*weights), Ls * Ls.T
gs, rs = sp.Matrix(sp.symbols("g_1:3")), sp.Matrix(sp.symbols("r_1:4"))
two_densities = log_normal(rs - Zs * gs, sigma**2 * Ws.inv()) + log_normal(gs, sigma**2 * Ts)
Qs = ((rs - Zs * gs).T * Ws * (rs - Zs * gs) + gs.T * Ts.inv() * gs)[0]
logs = (n + q) * sp.log(2 * sp.pi * sigma**2) - sp.log(Ws.det()) + sp.log(Ts.det())
check(
    "eq:joint-density",
    sp.expand_log(-2 * two_densities, force=True),
    sp.expand_log(logs + Qs / sigma**2, force=True),
    "symbolic",
    "n = 3, q = 2",
    text_only=True,
)

# %% [markdown]
# $Q$ is quadratic in $\gamma$. Its quadratic part is $\gamma^\top \Gamma \gamma$ with
# $\Gamma \equiv Z^\top W Z + T^{-1}$, and its slope is zero at
# $\tilde\gamma \equiv \Gamma^{-1} Z^\top W r$. So it is a square around $\tilde\gamma$ plus what
# does not depend on $\gamma$:
#
# $$ Q(\gamma) = (\gamma - \tilde\gamma)^\top \Gamma (\gamma - \tilde\gamma)
#    + r^\top \bigl( W - W Z \Gamma^{-1} Z^\top W \bigr) r $$ (eq:complete-square)

# %%
r, rt, g, gt, Gamma, T = sp.symbols("r r' gamma gamma' Gamma T", commutative=False)
Q = (rt - gt * Zt) * W * (r - Z * g) + gt * T**-1 * g
center, center_t = Gamma**-1 * Zt * W * r, rt * W * Z * Gamma**-1
bracket = W - W * Z * Gamma**-1 * Zt * W
square = (gt - center_t) * Gamma * (g - center) + rt * bracket * r
square = sp.expand(square).subs(gt * Gamma * g, gt * (Zt * W * Z + T**-1) * g)
check("eq:complete-square", sp.expand(Q), square, "general", "every n, q", text_only=True)

Zx, Wx = sp.Matrix([[1, 2], [1, 0], [1, -1]]), sp.diag(3, 1, sp.Rational(1, 2))
Tx = sp.Matrix([[2, 1], [1, 3]])
Gamma_x = Zx.T * Wx * Zx + Tx.inv()
away = gs - Gamma_x.inv() * Zx.T * Wx * rs
parts = away.T * Gamma_x * away + rs.T * (Wx - Wx * Zx * Gamma_x.inv() * Zx.T * Wx) * rs
whole = (rs - Zx * gs).T * Wx * (rs - Zx * gs) + gs.T * Tx.inv() * gs
check("eq:complete-square", whole, parts, "exact", "n = 3, q = 2, any r and gamma", text_only=True)

# %% [markdown]
# The matrix in the last bracket is the inverse of $V_0$. This is Woodbury's identity, and
# multiplying out proves it:
#
# $$ \bigl( W - W Z \Gamma^{-1} Z^\top W \bigr) \, V_0 = I $$ (eq:V-inverse)

# %%
multiplied = sp.expand(bracket * (W**-1 + Z * T * Zt))
collected = sp.expand(multiplied.subs(Zt * W * Z, Gamma - T**-1))
check("eq:V-inverse", collected, sp.Integer(1), "general", "every n, q", text_only=True)
inverse = (Wx.inv() + Zx * Tx * Zx.T).inv()
numbers = Wx - Wx * Zx * Gamma_x.inv() * Zx.T * Wx
check("eq:V-inverse", inverse, numbers, "exact", "n = 3, q = 2", text_only=True)

# %% [markdown]
# The determinant comes from factoring one matrix in two ways, with blocks above and below:
#
# $$ \begin{pmatrix} I & 0 \\ -Z^\top W & I \end{pmatrix}
#    \begin{pmatrix} W^{-1} & Z \\ 0 & \Gamma \end{pmatrix}
#    = \begin{pmatrix} W^{-1} & Z \\ -Z^\top & T^{-1} \end{pmatrix}
#    = \begin{pmatrix} I & Z T \\ 0 & I \end{pmatrix}
#      \begin{pmatrix} V_0 & 0 \\ -Z^\top & T^{-1} \end{pmatrix} $$ (eq:two-factorings)
#
# A block triangle's determinant is the product of those on its diagonal. So
# $\det W^{-1} \det \Gamma$ is $\det V_0 \det T^{-1}$, and
#
# $$ \det V_0 = \det W^{-1} \, \det T \, \det \Gamma $$ (eq:V-determinant)

# %%
Gamma_long, V0_long = Zt * W * Z + T**-1, W**-1 + Z * T * Zt
middle = sp.Matrix([[W**-1, Z], [-Zt, T**-1]])
one = sp.Matrix([[1, 0], [-Zt * W, 1]]) * sp.Matrix([[W**-1, Z], [0, Gamma_long]])
other = sp.Matrix([[1, Z * T], [0, 1]]) * sp.Matrix([[V0_long, 0], [-Zt, T**-1]])
check("eq:two-factorings", one, middle, "general", "every n, q", text_only=True)
check("eq:two-factorings", other, middle, "general", "every n, q", text_only=True)

left, right = V0.det(), (Ws.inv().det() * Ts.det() * (Zs.T * Ws * Zs + Ts.inv()).det())
check("eq:V-determinant", left, right, "symbolic", "n = 3, q = 2", text_only=True)
left, right = (Wx.inv() + Zx * Tx * Zx.T).det(), Wx.inv().det() * Tx.det() * Gamma_x.det()
check("eq:V-determinant", left, right, "exact", "n = 3, q = 2", text_only=True)

# %% [markdown]
# Now integrate. With $\Gamma = C C^\top$ (Cholesky) and $v = C^\top (\gamma - \tilde\gamma)$ the
# square is $v^\top v$, and $dv$ is $\det C \, d\gamma$, where $\det C$ is the root of
# $\det \Gamma$. The integral falls apart into $q$ integrals of one variable:
#
# $$ \int \exp\left( -\frac{(\gamma - \tilde\gamma)^\top \Gamma (\gamma - \tilde\gamma)}{2 \sigma^2}
#    \right) d\gamma = (2 \pi \sigma^2)^{q/2} \, (\det \Gamma)^{-1/2} $$ (eq:integral)
#
# The checks integrate with sympy, one variable after the other.

# %%
first, second = sp.symbols("g_1 g_2", real=True)
a, d = sp.symbols("a d", positive=True)
c, m = sp.symbols("c m", real=True)


def over_the_line(f, variable):
    """The integral from minus to plus infinity."""
    return sp.simplify(sp.integrate(f, (variable, -sp.oo, sp.oo)))


one = over_the_line(sp.exp(-a * (first - m) ** 2 / (2 * sigma**2)), first)
check("eq:integral", one, sp.sqrt(2 * sp.pi * sigma**2 / a), "symbolic", "q = 1", text_only=True)

C = sp.Matrix([[a, 0], [c, d]])  # any positive definite Gamma is C C'
v = C.T * sp.Matrix([first, second])
inner = over_the_line(sp.exp(-(v[0] ** 2) / (2 * sigma**2)), first)
outer = over_the_line(inner * sp.exp(-(v[1] ** 2) / (2 * sigma**2)), second)
value = 2 * sp.pi * sigma**2 / sp.sqrt((C * C.T).det())
check("eq:integral", outer, value, "symbolic", "q = 2, center at zero", text_only=True)

# %% [markdown]
# Put together: integrating adds $q \log(2\pi\sigma^2) - \log\det \Gamma$ to $2 \log p$. The $q$
# powers of $2\pi\sigma^2$ cancel, the determinants join to $\det V_0$ by {eq}`eq:V-determinant`,
# and the rest of $Q$ is $r^\top V_0^{-1} r$ by {eq}`eq:V-inverse`. With $V = \sigma^2 V_0$,
#
# $$ \log p(y \mid \beta, \theta, \sigma)
#    = -\frac12 \Bigl[ n \log(2\pi) + \log\det V + r^\top V^{-1} r \Bigr] $$ (eq:log-density)
#
# the density of $N(o + X\beta, V)$. Both roads agree.

# %%
n, q = sp.symbols("n q", positive=True)
log_W, log_T, log_Gamma, rest = sp.symbols("logdetW logdetT logdetGamma rest", real=True)
two_pi = sp.log(2 * sp.pi) + 2 * sp.log(sigma)  # log(2 pi sigma^2)
joint = -((n + q) * two_pi - log_W + log_T + rest / sigma**2) / 2  # Q at its center
integrated = joint + (q * two_pi - log_Gamma) / 2
logdet_V = 2 * n * sp.log(sigma) - log_W + log_T + log_Gamma
density = -(n * sp.log(2 * sp.pi) + logdet_V + rest / sigma**2) / 2
check("eq:log-density", integrated, density, "general", "every n, q")

# %% [markdown]
# To check the whole road, sympy integrates the exponential of $-h\gamma^2/2 + b\gamma$. For two
# observations and one random effect, $h$ and $b$ are then read off the joint density as it stands,
# without any square completed. The result must have the constant and the exponent of the normal
# density with covariance $V$.

# %%
h, tau = sp.symbols("h tau", positive=True)
z, res, b, g = sp.symbols("z_1:3"), sp.symbols("r_1:3"), sp.Symbol("b"), sp.Symbol("g", real=True)
gauss = sp.integrate(sp.exp(-h * g**2 / 2 + b * g), (g, -sp.oo, sp.oo), meijerg=False)
peak = gauss.subs(b, 0)
tilt = sp.expand_log(sp.log(sp.simplify(gauss / peak)), force=True)

squares = sum((ri - zi * g) ** 2 for ri, zi in zip(res, z, strict=True))
exponent = sp.Poly(-squares / (2 * sigma**2) - g**2 / (2 * tau**2), g)
read_off = {h: -2 * exponent.coeff_monomial(g**2), b: exponent.coeff_monomial(g)}
constant = peak**2 / ((2 * sp.pi) ** 3 * sigma**4 * tau**2)
sides = [constant.subs(read_off), tilt.subs(read_off) + exponent.coeff_monomial(1)]
Vs = sigma**2 * sp.eye(2) + tau**2 * sp.Matrix(z) * sp.Matrix(z).T
form = (sp.Matrix(res).T * Vs.inv() * sp.Matrix(res))[0]
wanted = [1 / ((2 * sp.pi) ** 2 * Vs.det()), -form / 2]
check("eq:log-density", sides, wanted, "symbolic", "n = 2, q = 1, constant and exponent")

slopes = [sp.diff(sides[1], ri) for ri in res]  # the density is highest at its mean
where = [*sp.solve(slopes, res).values()]
check("eq:marginal-mean", where, [0, 0], "symbolic", "r, n = 2, q = 1", text_only=True)

# %% [markdown]
# And the code, which forms $V$, must find what the joint density gives: its value at
# $\tilde\gamma$ and the constant of the integral, with no $n \times n$ matrix but $W$.

# %%
beta, scale = rng.normal(size=two.p), 0.7
residual = two.y - two.offset - two.X @ beta
Tn = Lambda @ Lambda.T
Gamma_n = two.ZtZ + np.linalg.inv(Tn)
at = np.linalg.solve(Gamma_n, two.ZtW @ residual)  # the center
Qn = two.weights @ (residual - two.Z @ at) ** 2 + at @ np.linalg.solve(Tn, at)
logdets = -np.log(two.weights).sum() + np.linalg.slogdet(Tn)[1] + np.linalg.slogdet(Gamma_n)[1]
by_joint = -0.5 * (two.n * np.log(2 * np.pi * scale**2) + logdets + Qn / scale**2)
found = marginal.log_density(two, theta, scale, beta)
link("eq:log-density", by_joint, found, marginal.log_density)

# %% [markdown]
# If $T$ is singular, $T^{-1}$ and the density of $\gamma$ do not exist, but $V$ is as invertible as
# before: it is at least $\sigma^2 W^{-1}$, as $V - \sigma^2 W^{-1} = Z \Sigma Z^\top$ is positive
# semidefinite. So {eq}`eq:log-density` stands, by moments or in the limit.

# %% [markdown]
# ## Random intercepts
#
# For $y_i = o_i + X_i^\top\beta + \gamma_{g_i} + e_i$ with
# $\operatorname{Var}(\gamma_j) = \sigma_\gamma^2$ and weights one, two rows
# share $\gamma_{g_i}$ if they are in the same group, and nothing otherwise. With the rows sorted by
# group, $V$ is block diagonal, and the block of group $j$, with $n_j$ rows, is
#
# $$ V_j = \sigma^2 I + \sigma_\gamma^2 \mathbf 1 \mathbf 1^\top = \begin{pmatrix}
#    \sigma^2 + \sigma_\gamma^2 & \sigma_\gamma^2 & \cdots \\
#    \sigma_\gamma^2 & \sigma^2 + \sigma_\gamma^2 & \cdots \\
#    \vdots & \vdots & \ddots \end{pmatrix} $$ (eq:V-block)
#
# The block is **not diagonal**. It would be if every group had one member, or if $\sigma_\gamma$
# were zero. The chapter's Example 23.5 has a diagonal matrix here; see {doc}`errata`. What makes a
# mixed model is just these off-diagonal entries: people of one county resemble each other.

# %%
sigma_g = sp.Symbol("sigma_gamma", positive=True)
gammas, errors, codes = sp.symbols("gamma_1:3"), sp.symbols("e_1:6"), (0, 0, 0, 1, 1)
varying = sp.Matrix([gammas[j] + e for j, e in zip(codes, errors, strict=True)])
spread = sp.diag(sigma_g**2 * sp.eye(2), sigma**2 * sp.eye(5))
V = second_moments(varying, [*gammas, *errors], spread)


def block(n):
    """V of one group of n."""
    return sigma**2 * sp.eye(n) + sigma_g**2 * sp.ones(n, n)


blocks = sp.diag(block(3), block(2))
check("eq:V-block", V, blocks, "symbolic", "groups of 3 and 2", text_only=True)

survey = pd.DataFrame({"county": list("AAABB"), "income": [30.0, 41.0, 37.0, 52.0, 48.0]})
counties = rm.design("income ~ 1 + (1 | county)", survey)
code = marginal.relative_covariance(counties, covariance.relative_factor(counties, np.array([2.0])))
at_two = blocks.subs({sigma: 1, sigma_g: 2})
check(
    "eq:V-block",
    sp.Matrix(code.astype(int)),
    at_two,
    "exact",
    "the code, theta = 2",
    text_only=True,
)
print(pd.DataFrame(code.astype(int), survey["county"], survey["county"]))

# %% [markdown]
# ## Intraclass correlation
#
# How alike are two members of one group? Their correlation, the intraclass correlation or ICC, is
#
# $$ \operatorname{ICC} \equiv \operatorname{Corr}(Y_i, Y_{i'})
#    = \frac{\sigma_\gamma^2}{\sigma_\gamma^2 + \sigma^2}
#    = \frac{\theta^2}{\theta^2 + 1} $$ (eq:intraclass)
#
# with $\theta = \sigma_\gamma / \sigma$. It is also the share of the groups in the variance
# of one observation. Correlated observations carry less information. The mean $\bar Y_j$ of a group
# of $n$ has variance
#
# $$ \operatorname{Var}(\bar Y_j) = \sigma_\gamma^2 + \frac{\sigma^2}{n}
#    = \frac{\sigma_\gamma^2 + \sigma^2}{n} \, \bigl( 1 + (n - 1) \operatorname{ICC} \bigr)
# $$ (eq:group-mean)
#
# The last factor says how many times larger that is than for independent observations of the same
# variance. It grows with $n$ without bound: more members do not average out what they share.

# %%
relative = sp.Symbol("theta", positive=True)
correlation = V[0, 1] / sp.sqrt(V[0, 0] * V[1, 1])
icc = sigma_g**2 / (sigma_g**2 + sigma**2)
check("eq:intraclass", correlation, icc, "symbolic", "any two of a group", text_only=True)
in_theta = correlation.subs(sigma_g, relative * sigma)
by_theta = relative**2 / (relative**2 + 1)
check("eq:intraclass", in_theta, by_theta, "symbolic", "any two of a group", text_only=True)

mean_of_three = expectation((sum(varying[:3]) / 3) ** 2, [*gammas, *errors], spread)
for_three = (sigma_g**2 + sigma**2) / 3 * (1 + 2 * icc)
check("eq:group-mean", mean_of_three, for_three, "symbolic", "n = 3", text_only=True)
counted = (n * V[0, 0] + n * (n - 1) * V[0, 1]) / n**2  # n variances, n (n - 1) covariances
short, long = sigma_g**2 + sigma**2 / n, (sigma_g**2 + sigma**2) / n * (1 + (n - 1) * icc)
check("eq:group-mean", [counted] * 2, [short, long], "general", "every n", text_only=True)

# %% [markdown]
# ## Inverse and determinant of a block
#
# A block needs no matrix algebra. Products of $I$ and $E \equiv \mathbf 1 \mathbf 1^\top$ are again
# combinations of the two, since $E^2 = n_j E$. So the inverse is sought as $(I - cE)/\sigma^2$.
# Solving $V_j (I - cE)/\sigma^2 = I$ for the number $c$ gives
#
# $$ V_j^{-1} = \frac{1}{\sigma^2} \left( I
#    - \frac{\sigma_\gamma^2}{\sigma^2 + n_j \sigma_\gamma^2} \, \mathbf 1 \mathbf 1^\top \right)
# $$ (eq:block-inverse)
#
# For the determinant, look at eigenvectors. $V_j$ takes $\mathbf 1$ to
# $(\sigma^2 + n_j \sigma_\gamma^2) \mathbf 1$, and every contrast (a vector $v$ with
# $\mathbf 1^\top v = 0$) to $\sigma^2 v$. There are $n_j - 1$ independent contrasts. Hence
#
# $$ \det V_j = (\sigma^2)^{n_j - 1} \, (\sigma^2 + n_j \sigma_\gamma^2) $$ (eq:block-determinant)
#
# Differences within a group have the precision of the errors. Only the group's mean has less.

# %%
E = sp.Symbol("E")  # commutes with I, and its square is n E
tried = (1 - sigma_g**2 / (sigma**2 + n * sigma_g**2) * E) / sigma**2
multiplied = sp.expand((sigma**2 + sigma_g**2 * E) * tried).subs(E**2, n * E)
check("eq:block-inverse", multiplied, 1, "general", "every n", text_only=True)

of_V0 = relative**2 * (n + relative**-2)  # eq:V-determinant with Z = 1, T = theta^2, W = I
closed = (sigma**2 + n * sigma_g**2) / sigma**2  # det V_j / sigma^(2n)
check(
    "eq:block-determinant",
    of_V0.subs(relative, sigma_g / sigma),
    closed,
    "general",
    "every n",
    text_only=True,
)

# %%
for size in range(1, 5):
    closed = sp.eye(size) - sigma_g**2 / (sigma**2 + size * sigma_g**2) * sp.ones(size, size)
    where = f"n = {size}"
    check(
        "eq:block-inverse", block(size).inv(), closed / sigma**2, "symbolic", where, text_only=True
    )
    product = sigma ** (2 * size - 2) * (sigma**2 + size * sigma_g**2)
    check("eq:block-determinant", block(size).det(), product, "symbolic", where, text_only=True)

numbers = {sigma: sp.Rational(3, 2), sigma_g: sp.Rational(2, 7)}
exact, product = block(7).subs(numbers), (sigma**12 * (sigma**2 + 7 * sigma_g**2)).subs(numbers)
closed = sp.eye(7) - (sigma_g**2 / (sigma**2 + 7 * sigma_g**2)).subs(numbers) * sp.ones(7, 7)
closed = closed / numbers[sigma] ** 2
check("eq:block-inverse", exact.inv(), closed, "exact", "n = 7", text_only=True)
check("eq:block-determinant", exact.det(), product, "exact", "n = 7", text_only=True)

# %% [markdown]
# ## Random slopes
#
# With a random intercept and a random slope in $x$ the covariance of two observations of one
# subject depends on where they are. At $x$ and $x'$ the random parts are $\gamma_0 + \gamma_1 x$
# and $\gamma_0 + \gamma_1 x'$. Multiplying out,
#
# $$ \operatorname{Cov}(Y_i, Y_{i'}) = \sigma_0^2 + \sigma_{01} (x + x') + \sigma_1^2 x x'
#    + \sigma^2 \, [i = i'] $$ (eq:slope-covariance)
#
# where $[i = i']$ is 1 for one and the same observation and 0 otherwise. The variance is a parabola
# in $x$, least at $-\sigma_{01} / \sigma_1^2$, where the subjects' lines are closest together. The
# table has the standard deviations and correlations of one subject's responses on some of the
# days, by the REML fit of sleepstudy.

# %%
x1, x2, s01 = sp.symbols("x x' sigma_01", real=True)
s0, s1 = sp.symbols("sigma_0 sigma_1", positive=True)
random = sp.symbols("gamma_0 gamma_1 e e'")
spread = sp.diag(sp.Matrix([[s0**2, s01], [s01, s1**2]]), sigma**2 * sp.eye(2))
one, other = (random[0] + random[1] * x + e for x, e in ((x1, random[2]), (x2, random[3])))
sides = [expectation(one * other, random, spread), expectation(one * one, random, spread)]
apart = s0**2 + s01 * (x1 + x2) + s1**2 * x1 * x2
same = apart.subs(x2, x1) + sigma**2
check("eq:slope-covariance", sides, [apart, same], "symbolic", "any x and x'", text_only=True)
assert sp.solve(sp.diff(same, x1), x1) == [-s01 / s1**2]

fit = rm.lmer("Reaction ~ Days + (1 + Days | Subject)", rm.load_dataset("sleepstudy"))
factor = covariance.relative_factor(fit.design, fit.theta)
days = [0, 3, 6, 9]
Vn = (fit.sigma**2 * marginal.relative_covariance(fit.design, factor))[np.ix_(days, days)]
sd = np.sqrt(np.diag(Vn))
table = pd.DataFrame(Vn / np.outer(sd, sd), days, days)
table.insert(0, "sd", sd)
print(table.round(2).rename_axis("day"))

# %% [markdown]
# ## Do not maximise over gamma
#
# $\gamma$ is unknown, and so are $\beta$, $\sigma$ and $\Sigma$. Why not maximise the joint density
# $p(y, \gamma)$ over all of them? Because it has no maximum. Take random intercepts, or any term
# with $\Sigma = \sigma_\gamma^2 I$, and weights one. Then {eq}`eq:joint-density` is
#
# $$ \log p(y, \gamma) = -\frac{n}{2} \log(2 \pi \sigma^2)
#    - \frac{|r - Z\gamma|^2}{2\sigma^2} - \frac{q}{2} \log(2\pi\sigma_\gamma^2)
#    - \frac{|\gamma|^2}{2\sigma_\gamma^2} $$ (eq:joint-intercepts)
#
# Set $\gamma = 0$, hold $\beta$ and $\sigma$, and let $\sigma_\gamma \to 0$. The first two terms
# stay as they are and the last is zero. The third is the log density of $q$ zeros under an ever
# narrower normal, and grows without bound, $q$ times as fast as $-\log\sigma_\gamma$:
#
# $$ \lim_{\sigma_\gamma \to 0} \; \frac{\log p(y, \gamma = 0)}{-\log \sigma_\gamma} = q
# $$ (eq:joint-unbounded)
#
# So whatever the data say, the "best" variance is zero and the "best" random effects are zero.

# %%
n, q, size_r, size_g = sp.symbols("n q |r-Zg|^2 |g|^2", positive=True)
data_part = -n * sp.log(2 * sp.pi * sigma**2) / 2 - size_r / (2 * sigma**2)
prior_part = -q * sp.log(2 * sp.pi * sigma_g**2) / 2 - size_g / (2 * sigma_g**2)
two_pi, relative_T = sp.log(2 * sp.pi * sigma**2), sigma_g**2 / sigma**2  # T = relative_T I
scaled = (size_r + size_g / relative_T) / sigma**2
left = -((n + q) * two_pi + q * sp.log(relative_T) + scaled) / 2
check(
    "eq:joint-intercepts",
    sp.expand_log(left, force=True),
    sp.expand_log(data_part + prior_part, force=True),
    "general",
    "every n, q",
    text_only=True,
)
path = (data_part + prior_part).subs(size_g, 0)
assert sp.limit(path, sigma_g, 0, "+") == sp.oo
speed = sp.limit(path / -sp.log(sigma_g), sigma_g, 0, "+")
check("eq:joint-unbounded", speed, q, "general", "every n, q, any data", text_only=True)

# %% [markdown]
# The marginal density is not fooled. Integrating takes the volume of the peak in place of its
# height: by {eq}`eq:integral` it multiplies by the peak's width, which is proportional to
# $(\det \Gamma)^{-1/2}$. As $\theta = \sigma_\gamma/\sigma$ goes to zero the peak rises like
# $(\det T)^{-1/2}$, and the width shrinks as fast. For random intercepts $T = \theta^2 I$, and
#
# $$ \det T \, \det \Gamma = \det(\theta^2 I) \, \det\bigl( Z^\top Z + \theta^{-2} I \bigr)
#    = \prod_j (1 + n_j \theta^2) $$ (eq:volume)
#
# which is $\det V_0$, and tends to one. Indeed $V$ is never less than $\sigma^2 W^{-1}$, so for any
# given $\sigma$ the marginal density is at most $(2\pi\sigma^2)^{-n/2} (\det W)^{1/2}$, whatever
# $\Sigma$ and $\beta$ are.

# %%
for sizes in ((3, 2), (1, 4, 2)):
    rows = [j for j, count in enumerate(sizes) for _ in range(count)]
    Zi = sp.Matrix(len(rows), len(sizes), lambda i, j, rows=rows: int(rows[i] == j))
    eye = sp.eye(len(sizes))
    volume = (relative**2 * eye).det() * (Zi.T * Zi + eye / relative**2).det()
    closed = sp.prod(1 + count * relative**2 for count in sizes)
    check("eq:volume", volume, closed, "symbolic", f"groups of {sizes}", text_only=True)
    whole = (sp.eye(len(rows)) + relative**2 * Zi * Zi.T).det()
    check("eq:volume", whole, closed, "symbolic", f"groups of {sizes}: det V0", text_only=True)

# %% [markdown]
# To see both, give the joint density every chance: for each $\theta$ take the best $\gamma$,
# $\beta$ and $\sigma$. Over $\gamma$ the least $Q$ is $r^\top V_0^{-1} r$, by
# {eq}`eq:complete-square` and {eq}`eq:V-inverse`. Let $r^2$ be its least value over $\beta$. What
# is left is a function of $\sigma^2$ with a single maximum, at $r^2 / (n + q)$, and there
#
# $$ \max_{\gamma, \beta, \sigma} \; \log p(y, \gamma)
#    = -\frac{n + q}{2} \left( 1 + \log \frac{2\pi r^2}{n + q} \right) - q \log\theta
# $$ (eq:joint-profile)
#
# Again $-q \log\theta$ takes over as $\theta \to 0$, where $r^2$ tends to the residual sum of
# squares of the model without random effects.

# %%
variance, r2 = sp.symbols("s2 r2", positive=True)
left = -(n * sp.log(2 * sp.pi * variance) + q * sp.log(2 * sp.pi * variance * relative**2)) / 2
left = left - r2 / (2 * variance)
(best,) = sp.solve(sp.diff(left, variance), variance)
at_best = sp.expand_log(left.subs(variance, best), force=True)
closed = -(n + q) * (1 + sp.log(2 * sp.pi * r2 / (n + q))) / 2 - q * sp.log(relative)
closed = sp.expand_log(closed, force=True)
check("eq:joint-profile", at_best, closed, "general", "every n, q", text_only=True)

# %% [markdown]
# Dyestuff has the yields of a few batches. In the upper picture the joint density climbs to the
# left for ever. In the lower the marginal density of the same data has a maximum, at a $\theta$
# that is well above zero. There the joint density has only a shoulder.

# %% mystnb={"image": {"alt": "the joint density rises without end, the marginal has a maximum"}}
dyes = rm.load_dataset("Dyestuff")
design = rm.design("Yield ~ 1 + (1 | Batch)", dyes)
best = rm.lmer("Yield ~ 1 + (1 | Batch)", dyes, reml=False)
grid = np.geomspace(1e-3, 20, 200)
r2s = np.array([penalized.solve(design, np.array([t])).pwrss for t in grid])
whole = design.n + design.q
joint = -whole / 2 * (1 + np.log(2 * np.pi * r2s / whole)) - design.q * np.log(grid)
assert (np.diff(joint) < 0).all()  # a shoulder, not a maximum
alone = [-marginal.criterion(design, np.array([t]), reml=False) / 2 for t in grid]

figure, axes = plt.subplots(2, 1, figsize=(6, 5), sharex=True, layout="constrained")
for axis, curve, title in (
    (axes[0], joint, r"joint, at the best $\gamma$, $\beta$, $\sigma$: no maximum"),
    (axes[1], alone, r"marginal, $\gamma$ integrated out, at the best $\beta$, $\sigma$"),
):
    axis.plot(grid, curve, "k-")
    axis.set(xscale="log", ylabel="log density", title=title)
axes[1].set_xlabel(r"$\theta = \sigma_\gamma / \sigma$")
axes[1].plot(best.theta, best.loglik, "ko")
_ = axes[1].annotate("maximum", (best.theta.iloc[0], best.loglik), (3e-2, best.loglik), va="center")

# %% [markdown]
# ## What to take away
#
# The data are normal with mean $o + X\beta$ and covariance $V = \sigma^2 W^{-1} + Z\Sigma Z^\top$.
# Random effects enter as correlation between rows of one group. The likelihood is the integral over
# $\gamma$, never the maximum. The center $\tilde\gamma$ and the matrix $\Gamma$ come back as the
# mean of $\gamma$ given $y$ and, divided by $\sigma^2$, as its precision.
#
# In the code: `refmixed.marginal` (`relative_covariance`, `log_density`).
