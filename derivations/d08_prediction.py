# %% [markdown]
# # Predictions, and how far off they may be
#
# A mixed model makes two kinds of predictions: for a group that it knows, and for one that it has
# never seen. This page derives both, shows in which sense they are the best, and gives the
# variance of their errors, the uncertainty of $\beta$ included. It ends with what an interval made
# of such a variance leaves out. A prediction without an error is only half of an answer.

# %%
"""Imports, and the name of the page."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page

import refmixed as rm
from refmixed import blocked, marginal, penalized, prediction
from refmixed.after import conditional, hat, joint
from refmixed.after.estimated import Estimated
from refmixed.derivatives import hessian

page("d08_prediction")

# %% [markdown]
# ## What is to be predicted
#
# $x_0$ and $z_0$ are a row of $X$ and of $Z$, of the data or a new one; $Y$ is the response less
# the offset. There are three targets, and it pays to say which one is meant.
#
# - The **marginal** mean $x_0^\top\beta$: of the population, all groups averaged.
# - The **conditional** mean $x_0^\top\beta + z_0^\top\gamma$: of one group, a known or a new one.
# - An **observation** $x_0^\top\beta + z_0^\top\gamma + e_0$, with $e_0 \sim N(0, \sigma^2/w_0)$.
#
# In the first line $\gamma$ is averaged out, and so the other two have that mean as well. They
# differ in how far from it they are.
#
# ## Three ways to check
#
# As before, general proofs are done with letters that do not commute; $\Omega$ stands for
# $X^\top V_0^{-1}X$ and $T$ for $\Lambda\Lambda^\top$. Each letter has a partner, its transpose.

# %%
X, Xt, V, Omega, Z, Zt, T = sp.symbols("X X^T V_0 Omega Z Z^T T", commutative=False)
Y, x0, x0t, z0, z0t = sp.symbols("Y x_0 x_0^T z_0 z_0^T", commutative=False)
beta_hat = Omega**-1 * Xt * V**-1 * Y  # eq:gls
P = V**-1 - V**-1 * X * Omega**-1 * Xt * V**-1  # eq:P
gamma_hat = T * Zt * P * Y  # eq:posterior-mean
sure = {"kind": "general", "sizes": "all sizes", "text_only": True}
used = {**sure, "text_only": False}  # of what the code computes


def reduce(expression):
    """Multiply out; Omega for X' V0^-1 X wherever it occurs."""
    return sp.expand(sp.expand(expression).subs(Xt * V**-1 * X, Omega))


# %% [markdown]
# Exact proofs take eight observations of three groups in fractions, with weights and an offset, an
# intercept and a slope that both vary by group. They go by Henderson's equations
# {eq}`eq:normal-equations`, with the matrix
#
# $$
# \mathcal M \equiv \begin{pmatrix} X^\top W X & X^\top W Z\Lambda \\
# \Lambda^\top Z^\top W X & \Lambda^\top Z^\top W Z\Lambda + I \end{pmatrix}.
# $$

# %%
R = sp.Rational
data = pd.DataFrame({"y": [3, 5, 4, 1, 2, 7, 6, 9], "x": [0, 1, 2, 0, 3, 1, 2, 4]})
data["g"], data["o"], data["w"] = list("aaabbccc"), [1, 0, 2, 0, 1, 0, 1, 1], [1, 2, 1, 0.5] * 2
formula, theta = "y ~ x + offset(o) + (x | g)", [1.0, -0.5, 0.75]
design = rm.design(formula, data, weights="w")


def exact(array):
    """The numbers of a matrix, or of a column, as fractions."""
    rows = np.reshape(array, (len(array), -1))
    return sp.Matrix(*rows.shape, lambda i, j: R(rows[i, j].item()))


x, o, y = exact(data["x"].to_numpy()), exact(data["o"].to_numpy()), exact(data["y"].to_numpy())
XX, W = sp.ones(8, 1).row_join(x), sp.diag(*exact(data["w"].to_numpy()))
member = sp.Matrix(8, 3, lambda i, j: int("aaabbccc"[i] == "abc"[j]))
ZZ = sp.Matrix(8, 6, lambda i, j: member[i, j // 2] * XX[i, j % 2])
Lambda_1 = sp.Matrix([[1, 0], [R(-1, 2), R(3, 4)]])
Lambda, T1, y = sp.diag(*[Lambda_1] * 3), Lambda_1 * Lambda_1.T, y - o
V0 = W.inv() + ZZ * Lambda * Lambda.T * ZZ.T
Vi, G0 = V0.inv(), XX.T * V0.inv() * XX
PP = Vi - Vi * XX * G0.inv() * XX.T * Vi


def henderson(X, Z, W, Lambda):
    """The matrix M."""
    M = X.row_join(Z * Lambda)
    return M.T * W * M + sp.diag(sp.zeros(X.cols), sp.eye(Z.cols))


M = henderson(XX, ZZ, W, Lambda)
solution = M.LUsolve(XX.row_join(ZZ * Lambda).T * W * y)
b_hat, g_hat = solution[:2, :], Lambda * solution[2:, :]
checked = {"kind": "exact", "sizes": "n = 8, p = 2, q = 6", "text_only": True}
used_exact = {**checked, "text_only": False}

# %% [markdown]
# ## Fitted values
#
# For the rows of the data, put the estimates in for the conditional mean. As $V_0 P Y$ is
# $Y - X\hat\beta$, and $\hat\gamma = TZ^\top P Y$, what is left over has a short form: with
# $W^{-1} = V_0 - ZTZ^\top$,
#
# $$
# \hat Y \equiv o + X\hat\beta + Z\hat\gamma = o + Y - W^{-1} P\,Y.
# $$ (eq:fitted)
#
# So $P$, which is no projection, still does what a projection does in a regression: it makes the
# residuals.

# %%
left, right = X * beta_hat + Z * gamma_hat, Y - (V - Z * T * Zt) * P * Y
check("eq:fitted", sp.expand(left), sp.expand(right), "general", "all sizes")
by_henderson = o + XX * b_hat + ZZ * g_hat
check("eq:fitted", by_henderson, o + y - W.inv() * PP * y, "exact", "n = 8, p = 2, q = 6")

for route in (marginal, penalized):
    beta, gamma = route.evaluate(design, theta).beta, route.posterior(design, theta).gamma
    by_code = prediction.fitted(design, beta, gamma, prediction.own_rows(design))
    link("eq:fitted", list(o + y - W.inv() * PP * y), by_code, prediction.fitted)
given = rm.lmer(formula, data, weights="w", theta=theta)
marginal_mean = given.predict(random=False)
link("eq:fitted", list(o + XX * b_hat), marginal_mean, given.predict)

# %% [markdown]
# ## The groups average to the population
#
# If the effects of a term also stand in $X$ (the usual case: `x + (x | g)`), then the columns of
# $Z$, added up over the groups, are columns of $X$: $\sum_i Z_i = XB$ with some matrix $B$. The sum
# of the $\hat\gamma_i$ is $T_1 \sum_i Z_i^\top P Y = T_1 B^\top X^\top P Y$, where $T_1$ is the
# block of $T$ for one group. And $X^\top P = 0$. So with $J$ groups, balanced or not,
#
# $$
# \frac1J \sum_{i=1}^J \bigl(x_0^\top\hat\beta + z_0^\top\hat\gamma_i\bigr) = x_0^\top\hat\beta.
# $$ (eq:average-of-groups)
#
# The marginal prediction is the plain average of the conditional ones. (In a linear model. Behind
# a curved link function it is not.)

# %%
T1_, Bt = sp.symbols("T_1 B^T", commutative=False)
average = x0t * beta_hat + z0t * T1_ * Bt * Xt * P * Y  # the second term is the effects'
check("eq:average-of-groups", reduce(average), sp.expand(x0t * beta_hat), **sure)
row = sp.Matrix([[1, R(7, 2)]])
each = [(row * b_hat + row * g_hat[2 * i : 2 * i + 2, :])[0] for i in range(3)]
check("eq:average-of-groups", sum(each) / 3, (row * b_hat)[0], **checked)

# %% [markdown]
# ## A new group
#
# The effects of a group without data are independent of $Y$, so that conditioning on $Y$ changes
# nothing. Their distribution is still the one in the model, with the covariance
# $\Sigma_1 \equiv \sigma^2 T_1$:
#
# $$
# E(\gamma_{\text{new}} \mid Y) = 0, \qquad
# \operatorname{Cov}(\gamma_{\text{new}} \mid Y) = \Sigma_1 .
# $$ (eq:new-group)
#
# Henderson's equations say the same. Append columns of zeros to $Z$, and the new part of
# $\mathcal M$ is an identity matrix, with zeros beside it and on the right side. So the conditional
# mean of a new group is predicted by the marginal one, $x_0^\top\hat\beta$.

# %%
Z_more, Lambda_more = ZZ.row_join(sp.zeros(8, 2)), sp.diag(Lambda, Lambda_1)
K_more = henderson(XX, Z_more, W, Lambda_more)
longer = K_more.LUsolve(XX.row_join(Z_more * Lambda_more).T * W * y)
K_inverse = K_more.inv()
cov_new = Lambda_1 * K_inverse[8:, 8:] * Lambda_1.T
found = [*(Lambda_1 * longer[8:, :]), *cov_new, *K_inverse[:8, 8:]]
check("eq:new-group", found, [0, 0, *T1, *[0] * 16], "exact", "n = 8, p = 2, q = 6 + 2")

new = pd.DataFrame({"x": [3.5, -1.0], "o": [0.0, 2.0], "g": ["nobody", "a"]})
rows = sp.Matrix([[1, R(7, 2)], [1, -1]])
expected = rows * b_hat + sp.Matrix([0, 2 + (rows[1, :] * g_hat[:2, :])[0]])
by_code = given.predict(new, new_levels="population")
link("eq:new-group", list(expected), by_code, given.predict)
gammas, both = np.array(g_hat, dtype=float).reshape(3, 2), np.array(rows, dtype=float)
by_hand = [0.0, both[1] @ gammas[0]]
by_code = prediction.contribution(both, np.array([-1, 0]), gammas)
link("eq:new-group", by_hand, by_code, prediction.contribution)

# %% [markdown]
# ## The best there is
#
# Take any target $x_0^\top\beta + z_0^\top\gamma$, and write $\sigma^2 \eta$ for its covariance
# with $Y$: $\eta \equiv ZTz_0$. The predictor of this page puts $\hat\beta$ ({eq}`eq:gls`) and
# $\hat\gamma$ ({eq}`eq:blup`) in, and is linear in $Y$:
#
# $$
# x_0^\top\hat\beta + z_0^\top\hat\gamma = c^\top Y, \qquad
# c \equiv V_0^{-1}\eta + V_0^{-1} X \Omega^{-1}\,(x_0 - X^\top V_0^{-1}\eta).
# $$ (eq:blup-weights)
#
# It is unbiased, $X^\top c = x_0$. Any other unbiased one has weights $c + h$ with
# $X^\top h = 0$. The error $b^\top Y - x_0^\top\beta - z_0^\top\gamma$ of unbiased weights $b$ has
# the variance $\sigma^2(b^\top V_0 b - 2 b^\top\eta + z_0^\top T z_0)$; call it
# $\operatorname{MSE}(b)$. In $\operatorname{MSE}(c + h)$ the cross term is
# $2h^\top(V_0 c - \eta)$, and $V_0 c - \eta$ is $X$ times something, which $h$ does not see.
# So
#
# $$
# \operatorname{MSE}(c + h) = \operatorname{MSE}(c) + \sigma^2\,h^\top V_0\,h ,
# $$ (eq:blup-best)
#
# and $c$ is the *best linear unbiased predictor*, BLUP.

# %%
eta, etat, h, ht = Z * T * z0, z0t * T * Zt, *sp.symbols("h h^T", commutative=False)
c = V**-1 * eta + V**-1 * X * Omega**-1 * (x0 - Xt * V**-1 * eta)
ct = etat * V**-1 + (x0t - etat * V**-1 * X) * Omega**-1 * Xt * V**-1
plug_in = x0t * beta_hat + z0t * gamma_hat
check("eq:blup-weights", sp.expand(plug_in), sp.expand(ct * Y), **sure)
check("eq:blup-best", reduce(Xt * c), x0, **sure)


def mse(b, bt):
    """The error variance of unbiased weights, over sigma^2."""
    return sp.expand(bt * V * b - bt * eta - etat * b + z0t * T * z0)


unseen = {ht * X: 0, Xt * h: 0}
other = sp.expand(mse(c + h, ct + ht).subs(unseen))
check("eq:blup-best", other, sp.expand(mse(c, ct) + ht * V * h), **sure)

# %% [markdown]
# A second road to $c$: minimise $b^\top V_0 b - 2b^\top\eta$ under $X^\top b = x_0$ by
# Lagrange's multipliers, a system of $n + p$ equations.

# %%
x_0, z_0 = sp.Matrix([1, 5]), sp.Matrix([0, 0, 1, 5, 0, 0])  # the second group at x = 5
k_0 = ZZ * Lambda * Lambda.T * z_0
border = V0.row_join(XX).col_join(XX.T.row_join(sp.zeros(2, 2)))
lagrange = border.LUsolve(k_0.col_join(x_0))[:8, :]
c_0 = Vi * k_0 + Vi * XX * G0.inv() * (x_0 - XX.T * Vi * k_0)
check("eq:blup-weights", lagrange, c_0, **checked)
check("eq:blup-weights", (c_0.T * y)[0], (x_0.T * b_hat + z_0.T * g_hat)[0], **checked)

# %% [markdown]
# With normal data no other unbiased predictor is better, linear or not. Given $Y$, the target has
# the mean $\eta^\top V_0^{-1} Y + \delta^\top\beta$ with
# $\delta \equiv x_0 - X^\top V_0^{-1}\eta$, and a variance that nobody can take away. What is
# left is to estimate $\delta^\top\beta$ without bias. Let another unbiased estimate be
# $\delta^\top\hat\beta + h(Y)$, so that $\operatorname{E} h(Y) = 0$ for every $\beta$. Its
# derivative in $\beta$ is zero as well: it is the mean of $h(Y)$ times that of the log-density,
#
# $$
# \frac{\partial \log p(Y)}{\partial\beta} = \frac{1}{\sigma^2} X^\top V_0^{-1} (Y - X\beta)
# = \frac{1}{\sigma^2}\, \Omega\, (\hat\beta - \beta) .
# $$ (eq:score-beta)
#
# So $h(Y)$ is not correlated with $\hat\beta$, and its variance is added to that of
# $\delta^\top\hat\beta$. (This is Lehmann and Scheffé's theorem for the case at hand, at given
# $\theta$ and $\sigma$.)

# %%
beta = sp.Symbol("beta", commutative=False)
score = reduce(Xt * V**-1 * (Y - X * beta))
check("eq:score-beta", score, sp.expand(Omega * (beta_hat - beta)), **sure)
b_0 = sp.Matrix(sp.symbols("beta_0 beta_1"))
half_square = -((y - XX * b_0).T * Vi * (y - XX * b_0))[0] / 2
slopes = [half_square.diff(b) for b in b_0]
check("eq:score-beta", slopes, [*(G0 * (b_hat - b_0))], "exact", "n = 8, p = 2", text_only=True)

# %% [markdown]
# ## The variance of the error
#
# The same two steps give the error variance: what remains of $z_0^\top\gamma$ when $Y$ and $\beta$
# are known, {eq}`eq:posterior-covariance`, and the price of estimating $\beta$, {eq}`eq:vcov`:
#
# $$
# \begin{aligned}
# \frac{\operatorname{Var}(c^\top Y - x_0^\top\beta - z_0^\top\gamma)}{\sigma^2}
# &= z_0^\top(T - TZ^\top V_0^{-1} ZT)\,z_0 + \delta^\top \Omega^{-1}\,\delta \\
# &= \begin{pmatrix} x_0 \\ \Lambda^\top z_0 \end{pmatrix}^{\!\top}
#    \mathcal M^{-1} \begin{pmatrix} x_0 \\ \Lambda^\top z_0 \end{pmatrix} \equiv v .
# \end{aligned}
# $$ (eq:prediction-variance)
#
# The second line is Henderson's: the inverse of his matrix is the covariance, over $\sigma^2$, of
# the errors of $\hat\beta$ and $\hat u$ together. It is there for any $T$, singular ones too, and
# its parts for $\beta$ and $u$ may not be taken alone: their errors are correlated. The proof is
# short. Write $N = (X, Z\Lambda)$, $b$ for $\beta$ and $u$ together, and $I_u$ for the matrix that
# keeps $u$ and makes zeros of $\beta$; then $\mathcal M = N^\top W N + I_u$. The error of
# $\hat b = \mathcal M^{-1} N^\top W(Nb + e)$ is
# $\mathcal M^{-1}N^\top W e - \mathcal M^{-1} I_u b$, two independent parts.

# %%
delta, deltat = x0 - Xt * V**-1 * eta, x0t - etat * V**-1 * X
posterior = z0t * (T - T * Zt * V**-1 * Z * T) * z0
v = sp.expand(posterior + deltat * Omega**-1 * delta)
check("eq:prediction-variance", reduce(mse(c, ct)), v, **used)

Ml, Iu, N, Nt, Wl = sp.symbols("M I_u N N^T W", commutative=False)
of_b = sp.expand(Ml**-1 * Nt * Wl * N).subs(Nt * Wl * N, Ml - Iu).expand() - 1
check("eq:prediction-variance", of_b, -(Ml**-1) * Iu, **used)
by_e, by_et = Ml**-1 * Nt * Wl, Wl * N * Ml**-1
both = (by_e * Wl**-1 * by_et).subs(Nt * Wl * N, Ml - Iu).expand() + Ml**-1 * Iu * Ml**-1
check("eq:prediction-variance", both, Ml**-1, **used)


# %%
def by_formula(x_0, z_0):
    """The first line of eq:prediction-variance, in fractions."""
    k_0, T_0 = ZZ * Lambda * Lambda.T * z_0, Lambda * Lambda.T
    d_0 = x_0 - XX.T * Vi * k_0
    rest = z_0.T * T_0 * z_0 - k_0.T * Vi * k_0
    return (rest + d_0.T * G0.inv() * d_0)[0]


def by_inverse(x_0, z_0):
    """The second line, by solving with M."""
    whole = x_0.col_join(Lambda.T * z_0)
    return (whole.T * M.LUsolve(whole))[0]


columns = [sp.Matrix([1, place]) for place in (-2, 0, R(3, 2), 5)]
pairs = [(one, sp.Matrix([0, 0, 0, 0, *one])) for one in columns]
check(
    "eq:prediction-variance",
    [by_formula(*p) for p in pairs],
    [by_inverse(*p) for p in pairs],
    **used_exact,
)

some = replace(
    design,
    y=np.zeros(4),
    X=np.array([[float(v) for v in x_0] for x_0, _ in pairs]),
    terms=(
        replace(
            design.terms[0], x=np.array([[1.0, -2], [1, 0], [1, 1.5], [1, 5]]), codes=np.full(4, 2)
        ),
    ),
)
by_code = [by_formula(*p) for p in pairs]
for route in (marginal, penalized, blocked):
    found = route.error_variances(design, theta, some)
    link("eq:prediction-variance", by_code, found, route.error_variances)

# %% [markdown]
# As one matrix, multiplied out, this is
#
# $$
# \frac{1}{\sigma^2} \operatorname{Cov}\begin{pmatrix} \hat\beta - \beta \\ \hat\gamma - \gamma
# \end{pmatrix} = \begin{pmatrix} \Omega^{-1} & -\Omega^{-1} X^\top V_0^{-1} Z T \\
# -T Z^\top V_0^{-1} X\, \Omega^{-1} & T - T Z^\top P Z T \end{pmatrix} .
# $$ (eq:joint-covariance)
#
# The last block is {eq}`eq:blup-error`, and the ones beside the diagonal are what those leave out
# who add up the variances of two standard errors: where a group's data have had their say in
# $\hat\beta$, an error of $\hat\gamma$ makes up for one of $\hat\beta$.

# %%
across, down = -(Omega**-1) * Xt * V**-1 * Z * T, -T * Zt * V**-1 * X * Omega**-1
corner = T - T * Zt * P * Z * T
multiplied = x0t * Omega**-1 * x0 + x0t * across * z0 + z0t * down * x0 + z0t * corner * z0
check("eq:joint-covariance", v, sp.expand(multiplied), "general", "all sizes")
TT = Lambda * Lambda.T
x_down, x_corner = -TT * ZZ.T * Vi * XX * G0.inv(), TT - TT * ZZ.T * PP * ZZ * TT
x_joint = G0.inv().row_join(x_down.T).col_join(x_down.row_join(x_corner))
wide = sp.diag(sp.eye(2), Lambda)
check("eq:joint-covariance", wide * M.inv() * wide.T, x_joint, "exact", "n = 8, p = 2, q = 6")
for route in ("marginal", "penalized", "blocked"):
    same = rm.lmer(formula, data, weights="w", theta=theta, route=route)
    by_code = same.joint_cov.to_numpy() / same.sigma**2
    link("eq:joint-covariance", np.array(x_joint, dtype=float), by_code, joint.joint_cov)

# %% [markdown]
# ## What a fitted value takes from its own response
#
# By {eq}`eq:fitted` the fitted values are $o + (I - W^{-1}P)\,Y$, linear in $Y$ at a given
# $\theta$. The diagonal of $I - W^{-1}P$ are the *hat values* or leverages. The errors of the
# conditional means of the rows of the data have the covariance {eq}`eq:prediction-variance`, with
# $X$ for $x_0^\top$ and $Z$ for $z_0^\top$, which is
#
# $$
# \frac{\operatorname{Cov}(\hat Y - o - X\beta - Z\gamma)}{\sigma^2} = W^{-1} - W^{-1} P\, W^{-1}
# = (I - W^{-1}P)\, W^{-1}, \qquad\text{so that}\qquad
# h_i \equiv \frac{\partial \hat Y_i}{\partial Y_i} = w_i v_i ,
# $$ (eq:hat-values)
#
# a row's weight times the error variance of its own fitted value. The routes that make no
# $n \times n$ matrix have the one, and so the other. The sum of all $h_i$, the trace of
# $I - W^{-1}P$, is the
# effective number of parameters of the mean: $p$ where $\theta = 0$, and at most the rank of
# $(X, Z)$.

# %%
of_rows = v.subs({x0: Xt, x0t: X, z0: Zt, z0t: Z}, simultaneous=True)
W_inverse = V - Z * T * Zt
right = W_inverse - W_inverse * P * W_inverse
check("eq:hat-values", reduce(of_rows), reduce(sp.expand(right)), "general", "all sizes")
leverages = [1 - PP[i, i] / W[i, i] for i in range(8)]
by_error = [W[i, i] * by_formula(XX[i, :].T, ZZ[i, :].T) for i in range(8)]
check("eq:hat-values", leverages, by_error, "exact", "n = 8, p = 2, q = 6")
for route in ("marginal", "penalized", "blocked"):
    same = rm.lmer(formula, data, weights="w", theta=theta, route=route)
    link("eq:hat-values", leverages, same.hat, hat.hat)

# %% [markdown]
# For a new group, $\eta = 0$: the data say nothing of its $\gamma$. And an observation, of either
# group, has an error of its own, independent of all else. With $v_{\text{new}}$ for the new group's
# mean and $v_{\text{obs}}$ for an observation,
#
# $$
# v_{\text{new}} = x_0^\top \Omega^{-1} x_0 + z_0^\top T_1 z_0, \qquad
# v_{\text{obs}} = v + \frac{1}{w_0} \quad\text{or}\quad v_{\text{new}} + \frac{1}{w_0}.
# $$ (eq:prediction-variance-new)
#
# More data make the first part of $v_{\text{new}}$ small, but never the second: a new group stays
# as uncertain as groups differ.

# %%
T0 = sp.Symbol("T_1", commutative=False)
c_new, ct_new = V**-1 * X * Omega**-1 * x0, x0t * Omega**-1 * Xt * V**-1
variance = reduce(ct_new * V * c_new) + z0t * T0 * z0  # of two independent parts
check("eq:prediction-variance-new", variance, x0t * Omega**-1 * x0 + z0t * T0 * z0, **used)

w_0 = R(3, 2)  # an observation's error as one more random effect, whose column of Z is zero
Z_obs, Lambda_obs = Z_more.row_join(sp.zeros(8, 1)), sp.diag(Lambda_more, 1 / sp.sqrt(w_0))
K_obs = henderson(XX, Z_obs, W, Lambda_obs)
for one in columns:
    new_group = one.col_join(Lambda_obs.T * sp.Matrix([*[0] * 6, *one, 1]))
    known = one.col_join(Lambda_obs.T * sp.Matrix([*[0] * 4, *one, 0, 0, 1]))
    by_K = [(whole.T * K_obs.LUsolve(whole))[0] for whole in (new_group, known)]
    v_new = (one.T * G0.inv() * one + one.T * T1 * one)[0]
    v_known = by_formula(one, sp.Matrix([*[0] * 4, *one]))
    check("eq:prediction-variance-new", by_K, [v_new + 1 / w_0, v_known + 1 / w_0], **used_exact)

levels = [2, -1, 0, -1]  # of each row; -1: a new group
by_code = [
    (one.T * (G0.inv() + T1) * one)[0]
    if level < 0
    else by_formula(one, sp.Matrix([*[0] * 2 * level, *one, *[0] * (4 - 2 * level)]))
    for (one, _), level in zip(pairs, levels, strict=True)
]
some_new = replace(prediction.own_rows(some), codes=(np.array(levels),))
for route in (marginal, penalized, blocked):
    found = prediction.error_variances(design, theta, route, some_new)
    link("eq:prediction-variance-new", by_code, found, prediction.error_variances)

# %% [markdown]
# ## Is a known group predicted better?
#
# Often, but not by a law. The difference, at the same $x_0$ and $z_0$, is
#
# $$
# v_{\text{new}} - v = \eta^\top P\,\eta + 2\,x_0^\top \Omega^{-1} X^\top V_0^{-1}\eta .
# $$ (eq:known-against-new)
#
# The first term is what the group's data tell of it, and never negative. The second has any sign.
# It comes from a known group having had its say in $\hat\beta$: its effect and the error of
# $\hat\beta$ are correlated. An intercept that varies little, and a group whose data lie on one
# side while the prediction is for the far other side: there the known group has the larger error.

# %%
v_new = x0t * Omega**-1 * x0 + z0t * T * z0
said = x0t * Omega**-1 * Xt * V**-1 * eta + etat * V**-1 * X * Omega**-1 * x0
check("eq:known-against-new", v_new - v, sp.expand(etat * P * eta + said), **sure)

T_small = R(1, 9)  # the variance of an intercept, over sigma^2
X_far = sp.Matrix(8, 2, [1, 0, 1, 1] * 3 + [1, 5, 1, 6])  # four groups of two, the last far off
Z_far, at = sp.kronecker_product(sp.eye(4), sp.ones(2, 1)), sp.Matrix([1, -2])
Vi_far = (sp.eye(8) + T_small * Z_far * Z_far.T).inv()
G_inv = (X_far.T * Vi_far * X_far).inv()
P_far = Vi_far - Vi_far * X_far * G_inv * X_far.T * Vi_far
k_far = T_small * Z_far[:, 3]
v_new = (at.T * G_inv * at)[0] + T_small
whole = at.col_join(sp.Matrix([0, 0, 0, R(1, 3)]))
v_known = (whole.T * henderson(X_far, Z_far, sp.eye(8), sp.eye(4) / 3).LUsolve(whole))[0]
right = k_far.T * P_far * k_far + 2 * at.T * G_inv * X_far.T * Vi_far * k_far
check("eq:known-against-new", v_new - v_known, right[0], "exact", "n = 8, q = 4", text_only=True)
print(f"error variance over sigma^2: new group {float(v_new):.3f}, known {float(v_known):.3f}")

# %% [markdown]
# ## Two cases in closed form
#
# In the balanced one-way layout ($J$ groups of $\bar n$, an intercept, weights of one) the
# shrinkage factor {eq}`eq:shrinkage-factor` is $\kappa = \bar n\theta^2/(1 + \bar n\theta^2)$.
# Solving Henderson's equations for a known group's mean, and for a new one's, gives
#
# $$
# v = \kappa\,\frac1{\bar n} + (1 - \kappa)\,\frac1{J\bar n}, \qquad
# v_{\text{new}} = \theta^2 + \frac{1 + \bar n\theta^2}{J\bar n}.
# $$ (eq:one-way-prediction)
#
# The known group's $v$ lies between $1/\bar n$ and $1/J\bar n$, what the errors $e$ alone give its
# own mean and the grand mean, as its prediction lies between the two. If $\theta$ is large, a known
# group stands on its own $\bar n$ observations, and of a new one nothing is known.
#
# The check is for all $J$ and $\bar n$: by symmetry the solution has three different entries, those
# of $\beta$, of the group in question and of any other.

# %%
J, n_bar = sp.symbols("J n_bar", positive=True)
theta_, (b0, u1, u2) = sp.Symbol("theta", positive=True), sp.symbols("beta u_1 u_2")
row_beta = J * n_bar * b0 + n_bar * theta_ * (u1 + (J - 1) * u2) - 1
row_group = n_bar * theta_ * b0 + (n_bar * theta_**2 + 1) * u1 - theta_
row_other = n_bar * theta_ * b0 + (n_bar * theta_**2 + 1) * u2
solved = sp.solve([row_beta, row_group, row_other], [b0, u1, u2])
kappa = n_bar * theta_**2 / (1 + n_bar * theta_**2)
solved_new = sp.solve([row_beta, row_group + theta_, row_other], [b0, u1, u2])
by_K = [solved[b0] + theta_ * solved[u1], solved_new[b0] + theta_**2]
stated = [
    kappa / n_bar + (1 - kappa) / (J * n_bar),
    theta_**2 + (1 + n_bar * theta_**2) / (J * n_bar),
]
check("eq:one-way-prediction", by_K, stated, "symbolic", "all J, n_bar, theta", text_only=True)

# %% [markdown]
# At $\theta = 0$ there are no random effects. $V_0 = W^{-1}$, $\eta = 0$, and what is left of
# {eq}`eq:prediction-variance` and {eq}`eq:prediction-variance-new` is the textbook's for a
# regression, for known groups and new ones alike:
#
# $$
# v = v_{\text{new}} = x_0^\top(X^\top W X)^{-1}x_0, \qquad
# v_{\text{obs}} = \frac1{w_0} + x_0^\top(X^\top W X)^{-1}x_0 .
# $$ (eq:classical-interval)
#
# The second is checked by a regression that knows nothing of predictions: add a row with any
# response, and a dummy variable for it alone. Its coefficient is the error of the prediction, and
# its variance an entry of the inverse of the new cross products.

# %%
check("eq:classical-interval", sp.expand(v.subs(T, 0)), x0t * Omega**-1 * x0, **sure)
XWX, one = XX.T * W * XX, columns[0]
v_classical = (one.T * XWX.inv() * one)[0]
K_zero = henderson(XX, ZZ, W, 0 * Lambda)
whole = one.col_join(sp.zeros(6, 1))  # Lambda' z_0 = 0 for every z_0
check("eq:classical-interval", (whole.T * K_zero.LUsolve(whole))[0], v_classical, **checked)

with_row = XX.col_join(one.T).row_join(sp.Matrix([*[0] * 8, 1]))
products = with_row.T * sp.diag(W, w_0) * with_row
check("eq:classical-interval", products.inv()[2, 2], 1 / w_0 + v_classical, **checked)

# %% [markdown]
# ## Intervals
#
# An error is a linear function of normal variables, hence normal; its mean is zero. If $\theta$
# and $\sigma$ are known, then with the standard normal distribution function $\Phi$
#
# $$
# \Pr\bigl(|\hat\tau - \tau| \le z\,\sigma\sqrt v\,\bigr) = 2\,\Phi(z) - 1
# $$ (eq:interval)
#
# for a prediction $\hat\tau$ of the target $\tau$ with $\operatorname{Var}(\hat\tau - \tau) =
# \sigma^2 v$. What differs between intervals is only the target:
#
# | interval for | centre | $v$ |
# |---|---|---|
# | the population's mean (*confidence*) | $x_0^\top\hat\beta$ | $x_0^\top \Omega^{-1}x_0$ |
# | a known group's mean (*confidence*) | $x_0^\top\hat\beta + z_0^\top\hat\gamma$ | $v$ |
# | a new group's mean | $x_0^\top\hat\beta$ | $v_{\text{new}}$ |
# | an observation (*prediction*) | that of its group | $v_{\text{obs}}$ |
#
# Without random terms there is no $\theta$, and the unbiased $\hat\sigma^2$ is independent of the
# error. With it in the place of $\sigma^2$ the same holds for Student's $t$ with $n - p$ degrees of
# freedom: the classical interval. `fit.predict` takes $t$ for an `lm`, and $\Phi$ for all else.
#
# The probability is over $Y$ *and* $\gamma$. For one fixed group with an unusual $\gamma$ it is
# less than stated, for ordinary groups more: shrinkage is a bias in favour of the usual.

# %%
s, q, z = sp.symbols("s q z", positive=True)
density = sp.exp(-(q**2) / (2 * s**2)) / sp.sqrt(2 * sp.pi * s**2)
within = 2 * sp.integrate(density, (q, 0, z * s))
Phi = (1 + sp.erf(z / sp.sqrt(2))) / 2
check("eq:interval", within, 2 * Phi - 1, "symbolic", "one target")
half_widths = [float(sp.sqrt(2) * sp.erfinv(share)) for share in (R(1, 2), R(9, 10), R(19, 20))]
by_code = [prediction.half_width(share) for share in (0.5, 0.9, 0.95)]
link("eq:interval", half_widths, by_code, prediction.half_width)

# %% [markdown]
# ## What the intervals leave out
#
# In practice $\theta$ is estimated, and then put in as if it were known. The prediction is worse
# for it, and nothing in $v$ says so. How much worse can be had exactly in the balanced one-way
# layout. With the sums of squares $SS_B$ between and $SS_W$ within groups and $n = J\bar n$, the
# shrinkage factor is estimated by $\hat\kappa = 1 - \frac{J-1}{n-J}\,SS_W/SS_B$ (this is REML's
# wherever it is not negative). The prediction $\bar y + \hat\kappa(\bar y_i - \bar y)$ differs from
# the best one by $(\hat\kappa - \kappa)(\bar y_i - \bar y)$. That is a function of contrasts
# $h^\top Y$ with $X^\top h = 0$, of which the error of the best one is independent: their
# covariance is the cross term of {eq}`eq:blup-best`, zero. So the mean squares add up.
# $SS_B(1-\kappa)/\sigma^2$ and
# $SS_W/\sigma^2$ are independent $\chi^2_{J-1}$ and $\chi^2_{n-J}$, and
# $\sum_i(\bar y_i - \bar y)^2 = SS_B/\bar n$. For $J > 3$,
#
# $$
# E\Bigl(\frac{(\hat\kappa - \kappa)^2\,SS_B}{J\bar n\,\sigma^2}\Bigr)
# = \frac{1-\kappa}{\bar n}\cdot\frac{2(J-1)(n-1)}{J\,(J-3)(n-J)} .
# $$ (eq:estimated-theta)
#
# This comes on top of $v$, the mean over the groups. With many groups it is about $2/J$ times
# $(1-\kappa)/(\bar n-1)$: it falls with the number of groups.

# %%
J, n_bar, kappa, t = sp.symbols("J n_bar kappa t", positive=True)
n = J * n_bar


def moment(nu, power):
    """E(Q^power) of a chi-square variable with nu degrees of freedom."""
    return 2**power * sp.gamma(nu / 2 + power) / sp.gamma(nu / 2)


# (kappa-hat - kappa)^2 SS_B = (1 - kappa)^2 SS_B - 2 (1 - kappa) ratio SS_W + ratio^2 SS_W^2/SS_B
ratio = (J - 1) / (n - J)
SS_B, one_over = moment(J - 1, 1) / (1 - kappa), moment(J - 1, -1) * (1 - kappa)
SS_W, SS_W2 = moment(n - J, 1), moment(n - J, 2)
extra = (1 - kappa) ** 2 * SS_B - 2 * (1 - kappa) * ratio * SS_W + ratio**2 * SS_W2 * one_over
closed = (1 - kappa) / n_bar * 2 * (J - 1) * (n - 1) / (J * (J - 3) * (n - J))
simplified = sp.gammasimp(sp.expand_func(extra)) / n
check("eq:estimated-theta", simplified, closed, "symbolic", "all J > 3, n_bar", text_only=True)
many = sp.limit(closed * J / (1 - kappa), J, sp.oo)
check("eq:estimated-theta", many, 2 / (n_bar - 1), "symbolic", "J to infinity", text_only=True)

density = t ** R(3, 2) * sp.exp(-t / 2) / (2 ** R(5, 2) * sp.gamma(R(5, 2)))  # chi-square, 5 df
moments = [sp.integrate(t**power * density, (t, 0, sp.oo)) for power in (-1, 1, 2)]
by_gamma = [moment(R(5), power) for power in (-1, 1, 2)]
check("eq:estimated-theta", moments, by_gamma, "exact", "moments of chi-square", text_only=True)

# %% [markdown]
# The same by drawing data: the share of nominal 95 % intervals that hold their target, with
# $\theta$ and $\sigma$ known, and with both estimated by REML (zeros included).

# %%
rng = np.random.default_rng(8)
DRAWS, Z95 = 20_000, 1.959963984540054


def coverage(J, n_bar, theta, estimated):
    """Shares of intervals that hold the mean of a known, of a new group, and an observation."""
    gamma = theta * rng.normal(size=(DRAWS, J + 1))  # the last group is the new one
    means = gamma[:, :J] + rng.normal(size=(DRAWS, J)) / np.sqrt(n_bar)
    centre = means.mean(axis=1)
    among, inside = n_bar * means.var(axis=1, ddof=1), rng.chisquare(J * (n_bar - 1), DRAWS)
    omega, sigma2 = np.full(DRAWS, 1 + n_bar * theta**2), np.ones(DRAWS)
    if estimated:
        mean_square, n = inside / (J * (n_bar - 1)), J * n_bar
        omega = np.maximum(1, among / mean_square)
        pooled = (inside + (J - 1) * among) / (n - 1)
        sigma2 = np.where(among > mean_square, mean_square, pooled)
    kappa, theta2 = 1 - 1 / omega, (omega - 1) / n_bar
    v, v_new = (
        kappa / n_bar + (1 - kappa) / (J * n_bar),
        theta2 + omega / (J * n_bar),
    )  # eq:one-way-prediction
    known = centre + kappa * (means[:, 0] - centre) - gamma[:, 0]
    new = centre - gamma[:, J]
    observed = new + rng.normal(size=DRAWS)
    errors = np.abs([known, new, observed]) / np.sqrt(sigma2 * np.array([v, v_new, v_new + 1]))
    return (errors <= Z95).mean(axis=1)


print(f"{'groups':>6} {'size':>4} {'theta':>5}   known group   new group   observation")
for case in ((6, 3, 0.5), (6, 3, 2.0), (30, 3, 0.5), (30, 3, 2.0)):
    true, found = coverage(*case, estimated=False), coverage(*case, estimated=True)
    cells = "   ".join(f"{100 * a:.1f} / {100 * b:.1f}" for a, b in zip(true, found, strict=True))
    print("{:6} {:4} {:5}   ".format(*case) + cells)

# %% [markdown]
# The first number of each pair is with $\theta$ known. The second is too small, for the mean of a
# known group and of a new one alike: by most with few groups, and where groups differ so little
# that $\hat\theta$ is at times zero. Observations suffer less, as most of their error is $\sigma$.
# The formulas are right, but $\theta$ is not known. With few groups an interval should rest on the
# bootstrap, or on a posterior of $\theta$.
#
# ## The error of theta, by its slope
#
# What an error of $\hat\theta$ does to $\hat\gamma$ can be computed to first order. As
# $\hat\gamma = T Z^\top P Y$, and the derivative of $P$ is $-P\, Z \dot T_j Z^\top P$ with
# $\dot T_j$ for that of $T$ in $\theta_j$,
#
# $$
# \frac{\partial\hat\gamma}{\partial\theta_j} = (I - T Z^\top P Z)\, \dot T_j\, Z^\top P Y .
# $$ (eq:theta-moves)
#
# Let $D$ have these as its $m$ columns, and take the error of $\hat\theta$ from the curvature of
# the criterion, its Hessian $H$ ({eq}`eq:hessian`; it is twice a negative log-likelihood).
# Then by the delta method (an error times the slope is the error of the function)
#
# $$
# \operatorname{Cov}(\hat\gamma(\hat\theta) - \gamma) \approx
# \sigma^2 (T - T Z^\top P Z T) + D\, (2 H^{-1})\, D^\top .
# $$ (eq:theta-estimated)
#
# The parts add up for the reason of above: $\hat\theta$ and $D$ depend on contrasts alone. Level by
# level it takes $m$ products of $P$ with a column, and no $q \times q$ matrix. A variance or a
# correlation at its boundary is held there, since a slope says nothing of what lies beyond. In the
# balanced one-way layout the mean over the groups can be compared with {eq}`eq:estimated-theta`.
# With $SS_B$ and $SS_W$ at their means the slope finds $(J-3)/(J-1)$ of what the error adds.

# %%
dT, Pt = sp.symbols("dT P", commutative=False)
slope_of_P = -Pt * Z * dT * Zt * Pt
moved = sp.expand(dT * Zt * Pt * Y + T * Zt * slope_of_P * Y)
stated = sp.expand((1 - T * Zt * Pt * Z) * dT * Zt * Pt * Y)
check("eq:theta-moves", moved, stated, "general", "all sizes")

t_ = sp.symbols("t_1:4")
L_t, at_theta = sp.Matrix([[t_[0], 0], [t_[1], t_[2]]]), [1, R(-1, 2), R(3, 4)]
for one in t_:
    dT1 = (L_t * L_t.T).diff(one).subs(dict(zip(t_, at_theta, strict=True)))
    x_dT = sp.diag(*[dT1] * 3)
    dVi, B = -Vi * ZZ * x_dT * ZZ.T * Vi, Vi * XX * G0.inv()
    dP = dVi - dVi * XX * B.T - B * XX.T * dVi + B * XX.T * dVi * XX * B.T  # from its definition
    by_parts = x_dT * ZZ.T * PP * y + TT * ZZ.T * dP * y
    stated = (sp.eye(6) - TT * ZZ.T * PP * ZZ) * x_dT * ZZ.T * PP * y
    check("eq:theta-moves", by_parts, stated, "exact", "n = 8, p = 2, q = 6")

omega, SS_b, SS_w = sp.symbols(
    "omega SS_B SS_W", positive=True
)  # omega = 1 + n_bar theta^2 = 1 / (1 - kappa)
J, n_bar = sp.symbols("J n_bar", positive=True)
n = J * n_bar
profile = (J - 1) * sp.log(omega) + (n - 1) * sp.log(SS_w + SS_b / omega)
means = {SS_b: (J - 1) * omega, SS_w: n - J}  # over sigma^2
H_rho = profile.diff(omega, 2).subs(means)
added = (1 - 1 / omega).diff(omega) ** 2 * 2 / H_rho * means[SS_b] / (n_bar * J)
exactly = (1 / omega) / n_bar * 2 * (J - 1) * (n - 1) / (J * (J - 3) * (n - J))
check("eq:theta-estimated", added, exactly * (J - 3) / (J - 1), "symbolic", "all J > 3, n_bar")

# %% [markdown]
# The three variances of an effect, in the one that is asked for most:

# %%
sleep = rm.load_dataset("sleepstudy")
fit = rm.lmer("Reaction ~ Days + (Days | Subject)", sleep)
for words in conditional.KINDS:
    print(f"{words:16} {fit.ranef(words).cond_var['Subject'][0, 0, 0]:.1f}")


def moves(at):
    """(q, m): the derivatives of gamma-hat in theta, by q x q matrices."""
    found, L1 = [], at.Lambda[:2, :2]
    for row, column in ((0, 0), (1, 0), (1, 1)):
        E = np.zeros((2, 2))
        E[row, column] = 1.0
        dT = np.kron(np.eye(18), E @ L1.T + L1 @ E.T)
        found.append((np.eye(36) - at.T @ at.A) @ dT @ at.a)
    return np.array(found).T


here = Estimated.of(fit)  # in the coordinates of the search
by_hand = moves(marginal.at(here.design, here.theta))
link("eq:theta-moves", by_hand, conditional.theta_moves(here), conditional.theta_moves)
at = marginal.at(fit.design, fit.theta.to_numpy())  # in the user's
D, H = moves(at), hessian(marginal.evaluate(fit.design, fit.theta.to_numpy()))
whole = fit.sigma**2 * (at.T - at.T @ at.A @ at.T) + 2 * D @ np.linalg.solve(H, D.T)
expected = np.moveaxis([whole[i : i + 2, i : i + 2] for i in range(0, 36, 2)], 0, 2)
by_code = fit.ranef("theta estimated").cond_var["Subject"]
link("eq:theta-estimated", expected, by_code, conditional.conditional)

# %% [markdown]
# ## Sleepstudy
#
# The upper picture is of a subject of the study, whose reactions hardly slow, the lower one of
# someone who was not in it. The intervals are of 95 %.

# %%
days = np.linspace(0, 9, 37)
asked = pd.DataFrame({"Days": days, "Subject": "335"})
stranger = asked.assign(Subject="somebody")
known = [fit.predict(asked, interval=kind) for kind in ("prediction", "confidence")]
new = [
    fit.predict(stranger, interval=kind, new_levels="population")
    for kind in ("prediction", "confidence")
]
new.append(fit.predict(asked, random=False, interval="confidence"))

# %%
figure, panels = plt.subplots(2, 1, figsize=(6.4, 7), sharex=True, sharey=True)
figure.set_layout_engine("constrained")
words = ["an observation", "this subject's mean", "the population's mean"]
shades = [["0.88", "0.55"], ["0.88", "0.75", "0.55"]]
subject = sleep[sleep["Subject"] == "335"]
for axes, bands, greys, rows in zip(panels, (known, new), shades, (subject, sleep), strict=True):
    for band, shade, word in zip(bands, greys, words, strict=False):
        axes.fill_between(days, band["lower"], band["upper"], color=shade, label=word, linewidth=0)
    axes.plot(days, bands[0]["fit"], "k-", label="prediction")
    axes.plot(rows["Days"], rows["Reaction"], "k.", markersize=6 if rows is subject else 3)
    axes.set_ylabel("reaction time (ms)")
panels[0].plot(days, new[0]["fit"], "k--", linewidth=0.8, label="the population")
panels[0].set_title("subject 335 (dots: this subject's data)", fontsize=10)
panels[1].set_title("a new subject (dots: all the data)", fontsize=10)
panels[1].set_xlabel("days of the study")
for axes in panels:
    axes.legend(frameon=False, fontsize=8, loc="upper left")

# %% [markdown]
# ## To take away
#
# Say which target is meant: the population, a known group, a new group, or an observation; the
# centres differ by $z_0^\top\hat\gamma$, the variances by $z_0^\top T_1 z_0$ and $1/w_0$. The error
# variance of a known group needs the whole inverse of Henderson's matrix. All of it takes $\theta$
# as known, which with few groups is too good to be true.
#
# In the code: `fit.predict`, which is `after/predict.py`; `prediction.fitted` and
# `prediction.contribution` for the centres, `prediction.error_variances` and
# `prediction.half_width` for intervals; `error_variances` and `error_covariance` of each route, by
# definition in `marginal`, from a factor of $\mathcal M$ in `penalized`, and level by level in
# `blocked/errors.py` ({eq}`eq:eliminated-error`). `fit.joint_cov` has {eq}`eq:joint-covariance`,
# `fit.hat` the hat values, `fit.ranef(cond_var=...)` the three variances of the effects, which are
# in `after/conditional.py`.
