# %% [markdown]
# # The mode, and the search around it
#
# Laplace's approximation stands on the mode of the random effects. This page finds it: by Newton's
# method, which here is least squares again and again, each time with other weights. Then it asks
# how far the method has to go before one may stop, a question that has cost a well-known program
# three digits, and how the search over $\beta$ and $\theta$ around it proceeds.

# %%
"""Imports, and the name of the page."""

import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page

import refmixed as rm
from refmixed.covariance import relative_factor
from refmixed.glm import descent, families, links, model, objective, pirls, systems
from refmixed.glm.laplace import Laplace
from refmixed.glm.likelihoods import Kind
from refmixed.glm.rows import Loaded

page("g03_pirls")

# %%
rng = np.random.default_rng(3)
rows = 24
data = pd.DataFrame({"x": rng.normal(size=rows), "g": list("abcd") * 6, "h": list("pqrpqrqr") * 3})
data["y"], data["o"] = rng.normal(size=(2, rows))
design = rm.design("y ~ x + (x | g) + (1 | h)", data, offset="o")
m = rng.integers(1, 7, rows).astype(float)
s = np.floor(rng.uniform(size=rows) * (m + 1))
psi = np.array([0.3, -0.5, 0.8, -0.3, 0.6, 1.1])  # beta, theta
A = design.Z @ relative_factor(design, psi[2:])
FAMILIES = {
    "logit": families.Binomial(links.LOGIT, s, m),
    "probit": families.Binomial(links.PROBIT, s, m),
    "cloglog": families.Binomial(links.CLOGLOG, s, m),
    "counts": families.Poisson(rng.poisson(2, rows).astype(float), m),
}
MODES = {
    (name, route): pirls.mode(model.Model(design, family, route=route).at(psi))
    for name, family in FAMILIES.items()
    for route in model.ROUTES
}

# %% [markdown]
# ## Slope and curvature
#
# As on {doc}`g02_laplace`, $A \equiv Z\Lambda$, and $h$ is {eq}`eq:penalized-deviance`. Let $s_i$
# be the slope of $\log f_i$ in $\eta_i$, and $w_i$ minus its second derivative, the observed
# weight. With $W = \operatorname{diag}(w)$ the chain rule gives
#
# $$
# h' = u - A^\top s, \qquad h'' = A^\top W A + I .
# $$ (eq:mode-hessian)
#
# The weights are positive for all pairs of family and link on {doc}`g01_model`. So $h''$ is
# positive definite wherever one is, and $h$ has one minimum. (There are more blocks than letters
# here: $A$, $C$, $D$, $E$, $H = h''$ and $S$ are these, not those of other pages.)

# %%
A2 = sp.Matrix(2, 2, sp.symbols("a_11 a_12 a_21 a_22"))
point, now = sp.Matrix(sp.symbols("u_1:3")), sp.Matrix(sp.symbols("c_1:3"))
score, weight = sp.Matrix(sp.symbols("s_1:3")), sp.symbols("w_1:3", positive=True)
off = A2 * (point - now)
log_f = [
    score[i] * off[i] - weight[i] * off[i] ** 2 / 2 + sp.Symbol("k") * off[i] ** 3 for i in (0, 1)
]
h = (point.T * point)[0] / 2 - sum(log_f)
at_now = dict(zip(point, now, strict=True))
slope = sp.Matrix([h]).jacobian(point).T.subs(at_now)
check("eq:mode-hessian", slope, now - A2.T * score, "symbolic", "n = 2, q = 2, any log f: h'")
stated = A2.T * sp.diag(*weight) * A2 + sp.eye(2)
bend = sp.hessian(h, list(point)).subs(at_now)
check("eq:mode-hessian", bend, stated, "symbolic", "n = 2, q = 2, any log f: h''")
for mode in MODES.values():
    H = (A.T * mode.local.observed.W) @ A + np.eye(design.q)
    link("eq:mode-hessian", np.linalg.inv(H), mode.H.solve(np.eye(design.q)), pirls.Mode.H)

# %% [markdown]
# ## Newton's step is a regression
#
# From $u$ Newton's method goes to $u^+ = u - H^{-1} h'$. Multiply by $H$ and collect what the data
# have to say in
#
# $$
# z = A u + W^{-1} s ,
# $$ (eq:working-response)
#
# the working response. Then
#
# $$
# (A^\top W A + I)\, u^+ = A^\top W z .
# $$ (eq:pirls)
#
# These are the normal equations of {doc}`d06_penalized` for given $\beta$, with $z$ for the
# response less its fixed part, and with the weights of the moment. Hence the name: penalized
# iteratively reweighted least squares. What was said there of the matrix and its factor serves
# here.

# %%
B, Bt, W, u, r = sp.symbols("A A^T W u s", commutative=False)
H = Bt * W * B + 1
newton = sp.expand(H * u - (u - Bt * r))  # H u+
working = B * u + W**-1 * r
check("eq:pirls", newton, sp.expand(Bt * W * working), "general", "all sizes")
check(
    "eq:working-response", sp.expand(W * working), sp.expand(W * B * u + r), "general", "all sizes"
)
for mode in MODES.values():
    w = mode.local.observed.W
    z = A @ mode.u + mode.local.score / w
    again = np.linalg.solve((A.T * w) @ A + np.eye(design.q), A.T @ (w * z))
    link("eq:pirls", again, mode.u, pirls.mode)
    loaded = mode.at.loaded
    found = loaded.transposed_times(w * loaded.times(mode.u) + mode.local.score)
    link("eq:working-response", A.T @ (w * z), found, Loaded.transposed_times)

# %% [markdown]
# Many programs put the expected weights $\tilde w$ of {eq}`eq:expected-weight` in place of $w$.
# With a canonical link that is the same. With another it leads to the same mode, since $h'$ is what
# it is, in more steps: Newton's method squares its error with each, the other (Fisher's scoring)
# multiplies it by some number, and where that is not below one a whole step goes too far. The
# largest change of an effect, step by step, for the herds of `cbpp` by cloglog:


# %%
def changes(at, name, steps=5):
    """The largest change of u in each step, with observed or expected weights."""
    u, found = np.zeros(at.model.rows.q), []
    for _ in range(steps):
        now = pirls.state(at, u)
        H = at.model.factored(at.loaded, getattr(now.local, name).W)
        step = H.solve(at.loaded.transposed_times(now.local.score) - u)
        u, found = u + step, [*found, np.abs(step).max()]
    return found


cbpp, FORMULA = rm.load_dataset("cbpp"), "cbind(incidence, size - incidence) ~ period + (1 | herd)"
of_cloglog = rm.glmer(FORMULA, cbpp, "binomial(cloglog)").likelihood.mode.at
print("step    ", *(f"{k:8d}" for k in range(1, 6)))
for name in ("observed", "expected"):
    print(name, *(f"{size:8.0e}" for size in changes(of_cloglog, name)))

# %% [markdown]
# Newton's whole step may go too far as well when it starts far off. But it points downhill, $H$
# being positive definite, so that a half of it, or a half of that, lowers $h$. Near the mode no
# step is cut.
#
# ## The factor
#
# One route factors $H$ as it is, by Cholesky's method, and reads the determinant from it:
#
# $$
# L L^\top = A^\top W A + I, \qquad \log |A^\top W A + I| = 2 \sum_j \log L_{jj} .
# $$ (eq:mode-factor)
#
# $I$ does here what it did in {eq}`eq:L`: a $\theta$ of zero does no harm.

# %%
root = sp.Matrix([[sp.Symbol("l_11"), 0], [sp.Symbol("l_21"), sp.Symbol("l_22")]])
check(
    "eq:mode-factor", (root * root.T).det(), root[0, 0] ** 2 * root[1, 1] ** 2, "symbolic", "q = 2"
)
for (_, route), mode in MODES.items():
    H = (A.T * mode.local.observed.W) @ A + np.eye(design.q)
    if route == "penalized":
        link("eq:mode-factor", H, mode.H.L @ mode.H.L.T, systems.Dense.of)
        link("eq:mode-factor", np.linalg.slogdet(H)[1], mode.H.logdet, systems.Dense.logdet)

# %% [markdown]
# The other route makes use of what {doc}`d11_blocked` is about: no row belongs to two levels of one
# factor. Let $D$ be the block of the first term (the one with most levels), $E$ that of the others,
# and $C$ what stands between them. $D$ consists of small blocks, one a level, and is inverted block
# by block. What is left of the rest is $S$:
#
# $$
# H = \begin{pmatrix} D & C^\top \\ C & E \end{pmatrix}, \qquad
# |H| = |D|\, |S|, \qquad S = E - C D^{-1} C^\top .
# $$ (eq:schur-mode)
#
# The gradient {eq}`eq:laplace-theta` needs of $H^{-1}$ only what stands where a row has its
# effects. It is had from
#
# $$
# H^{-1} = \begin{pmatrix} D^{-1} + D^{-1} C^\top S^{-1} C D^{-1} & -D^{-1} C^\top S^{-1} \\
# -S^{-1} C D^{-1} & S^{-1} \end{pmatrix} .
# $$ (eq:schur-inverse)

# %%
C, Ct, D, E, S = sp.symbols("C C^T D E S", commutative=False)
lower = sp.Matrix([[1, 0], [C * D**-1, 1]])
upper = sp.Matrix([[D, Ct], [0, E - C * D**-1 * Ct]])
blocks = sp.Matrix([[D, Ct], [C, E]])
product = (lower * upper).applyfunc(sp.expand)
check("eq:schur-mode", product, blocks, "general", "all sizes: a triangle of ones, and D, S")
inverse = sp.Matrix(
    [[D**-1 + D**-1 * Ct * S**-1 * C * D**-1, -(D**-1) * Ct * S**-1], [-(S**-1) * C * D**-1, S**-1]]
)
whole = blocks.subs(E, S + C * D**-1 * Ct)
product = (whole * inverse).applyfunc(sp.expand)
check("eq:schur-inverse", product, sp.eye(2), "general", "all sizes: H times it")
x_H = sp.Matrix([[3, 0, 1, 0], [0, 4, 1, 2], [1, 1, 5, 1], [0, 2, 1, 6]])
x_S = x_H[2:, 2:] - x_H[2:, :2] * x_H[:2, :2].inv() * x_H[:2, 2:]
check("eq:schur-mode", x_H.det(), x_H[:2, :2].det() * x_S.det(), "exact", "q = 4")

for (_, route), mode in MODES.items():
    H = (A.T * mode.local.observed.W) @ A + np.eye(design.q)
    Hinv, q1 = np.linalg.inv(H), 8
    if route == "blocked":
        S_ = H[q1:, q1:] - H[q1:, :q1] @ np.linalg.solve(H[:q1, :q1], H[:q1, q1:])
        rest = mode.H.rest
        link("eq:schur-mode", S_, rest.L @ rest.L.T, systems.Rest.of)
        link("eq:schur-mode", np.linalg.slogdet(H)[1], mode.H.logdet, systems.Eliminated.logdet)
        own, across, within = rest.inverse(mode.H.Dinv)
        corner = [Hinv[2 * j : 2 * j + 2, 2 * j : 2 * j + 2] for j in range(4)]
        link("eq:schur-inverse", corner, own, systems.Rest.inverse)
        link("eq:schur-inverse", Hinv[:q1, q1:], across, systems.Rest.inverse)
        link("eq:schur-inverse", Hinv[q1:, q1:], within, systems.Rest.inverse)
    places = mode.at.model.rows.places
    expected = Hinv[places[:, :, None], places[:, None, :]]
    link("eq:schur-inverse", expected, mode.H.blocks(), type(mode.H).blocks)

# %% [markdown]
# ## When to stop
#
# At a $u$ that is off the mode by $\delta$, what is wrong with the log-likelihood? $h$ has no slope
# there, and the determinant has one, $c$ of {doc}`g02_laplace`:
#
# $$
# h(\tilde u + \delta) - h(\tilde u) = \tfrac12 \delta^\top H \delta + \dots, \qquad
# \tfrac12 \log |H(\tilde u + \delta)| - \tfrac12 \log |H(\tilde u)| = c^\top \delta + \dots
# $$ (eq:off-the-mode)
#
# So $h$ is wrong by the square of what the determinant is wrong by. A rule that stops when $h$
# hardly falls any more sees the small error only. If it leaves $\epsilon$ of $h$, then
# $\delta^\top H \delta \le 2\epsilon$, and by Cauchy's inequality
#
# $$
# |c^\top \delta| \le \max_{\delta^\top H \delta = 2\epsilon} c^\top \delta
# = \sqrt{2 \epsilon\, c^\top H^{-1} c} .
# $$ (eq:tolerance)
#
# For `cbpp`, Newton's steps from $u = 0$ at the maximum of the likelihood:

# %%
mode = rm.glmer(FORMULA, cbpp).likelihood.mode
now = pirls.state(mode.at, np.zeros(15))
for step in range(4):
    errors = now.h - mode.h, (now.H.logdet - mode.H.logdet) / 2
    print(f"step {step}: h is off by {errors[0]:8.1e}, the determinant by {errors[1]:8.1e}")
    newton = now.H.solve(mode.at.loaded.transposed_times(now.local.score) - now.u)
    now = pirls.state(mode.at, now.u + newton)

# %% [markdown]
# lme4 stops when its penalized deviance, $2h$ less what a perfect fit would have, falls by less
# than the part $10^{-7}$ of itself. The bound allows it this error:

# %%
family = mode.at.family
perfect = links.LOGIT.eta(np.clip(family.successes / family.trials, 1e-12, 1 - 1e-12))
deviance = 2 * (mode.h + family.log_density(perfect).sum())
c = mode.at.loaded.transposed_times(Laplace(mode).turned)
bound = np.sqrt(1e-7 * deviance * (c @ mode.H.solve(c)))
print(f"penalized deviance {deviance:.2f}: up to {bound:.1e}")

# %% [markdown]
# It prints a log-likelihood of these data that is $2.8 \cdot 10^{-4}$ too low, which the bound
# allows, though its estimates are right to $4 \cdot 10^{-6}$. Here the step is the rule: when one
# is below $10^{-10}$, what is left is its square.

# %%
k1, k2 = sp.symbols("k_1 k_2")
one, h2 = sp.Symbol("delta"), sp.Symbol("H", positive=True)
curve = h2 * one**2 / 2 + k1 * one**3
half = sp.log(h2 + k2 * one) / 2
found = [
    sp.series(curve, one, 0, 3).removeO(),
    sp.series(half, one, 0, 2).removeO() - sp.log(h2) / 2,
]
stated = [h2 * one**2 / 2, k2 / h2 / 2 * one]  # c is half the slope of H, over H
check("eq:off-the-mode", found, stated, "symbolic", "q = 1", text_only=True)
eps = sp.Symbol("epsilon", positive=True)
x_H, x_c = sp.Matrix([[2, 1], [1, 3]]), sp.Matrix([1, 2])
best = x_H.inv() * x_c * sp.sqrt(2 * eps / (x_c.T * x_H.inv() * x_c)[0])
found = [(best.T * x_H * best)[0], (x_c.T * best)[0]]
largest = sp.sqrt(2 * eps * (x_c.T * x_H.inv() * x_c)[0])
check("eq:tolerance", found, [2 * eps, largest], "exact", "q = 2: attained", text_only=True)
angle = sp.Symbol("phi", real=True)  # every other delta of that length, by a root of H
turned = sp.Matrix([sp.cos(angle), sp.sin(angle)]) * sp.sqrt(2 * eps)
along = (x_c.T * x_H.cholesky().inv().T * turned)[0]
left = along**2 + along.diff(angle) ** 2
check("eq:tolerance", sp.simplify(left), largest**2, "exact", "q = 2: never passed", text_only=True)

# %% [markdown]
# ## The search
#
# Around the mode stands the search for $\psi = (\beta, \theta, \log\varphi)$, with the gradient $g$
# of {doc}`g02_laplace`. It needs some second derivatives, too. To derive them once more would take
# fourth derivatives of $\log f$; differences of the exact gradient are good enough. For a step
# $\epsilon$ in one parameter
#
# $$
# \frac{g(\psi + \epsilon) - g(\psi - \epsilon)}{2\epsilon}
# = g'(\psi) + \frac{\epsilon^2}{6} g'''(\psi) + \dots
# $$ (eq:glmm-hessian)
#
# while rounding in $g$, of $10^{-16}$ of its parts, is blown up to $10^{-16} / \epsilon$. Both are
# as small as they can be at once near $\epsilon = 6 \cdot 10^{-6}$, which leaves ten digits: enough
# for standard errors, and for Newton's last steps, whose end is where $g$ is zero, not what the
# Hessian says.
#
# Far from the maximum a Hessian for each step would be wasted. BFGS begins with one inverse $B$ and
# learns on the way: after a step $\delta$ in which the gradient changed by $d$,
#
# $$
# B^+ = \Bigl( I - \frac{\delta d^\top}{d^\top \delta} \Bigr) B
#   \Bigl( I - \frac{d\, \delta^\top}{d^\top \delta} \Bigr)
#   + \frac{\delta \delta^\top}{d^\top \delta} .
# $$ (eq:bfgs)
#
# $B^+ d = \delta$: the new matrix explains the last step as a Hessian would. It stays positive
# definite if $B$ was and $d^\top\delta > 0$, so that the next step goes downhill, too. For if
# $x^\top B^+ x = 0$, then $\delta^\top x = 0$ by its last part, and by the first
# $x^\top B x = 0$.

# %%
x, eps = sp.symbols("psi epsilon")
cubic = sum(sp.Symbol(f"g_{k}") * x**k for k in range(5))
found = sp.expand((cubic.subs(x, x + eps) - cubic.subs(x, x - eps)) / (2 * eps))
stated = cubic.diff(x) + eps**2 / 6 * cubic.diff(x, 3)
check("eq:glmm-hessian", found, stated, "symbolic", "a polynomial of degree 4")
kappa = sp.Symbol("kappa")  # 1 / d'delta
B, delta, delta_t, d, d_t = sp.symbols("B delta delta^T d d^T", commutative=False)
right = sp.expand((1 - kappa * d * delta_t) * d).subs(delta_t * d, 1 / kappa)
last = (kappa * delta * delta_t * d).subs(delta_t * d, 1 / kappa)
left = sp.expand((1 - kappa * delta * d_t) * B * right + last)
check("eq:bfgs", left, delta, "general", "all sizes: times d")

of_probit = objective.Objective(model.Model(design, FAMILIES["probit"]), Kind().at)
everything, columns = np.full(6, True), []
for k in range(6):
    step = np.zeros(6)
    step[k] = objective.CENTRAL * max(1.0, abs(psi[k]))
    ahead, behind = of_probit.at(psi + step)[1], of_probit.at(psi - step)[1]
    columns.append((ahead - behind) / (2 * step[k]))
columns = np.array(columns)
found = of_probit.hessian(psi, everything)
link("eq:glmm-hessian", (columns + columns.T) / 2, found, objective.Objective.hessian)
B_ = np.linalg.inv(found)
step, change = rng.normal(size=6), found @ rng.normal(size=6)
change *= np.sign(step @ change)
shear = np.eye(6) - np.outer(step, change) / (step @ change)
expected = shear @ B_ @ shear.T + np.outer(step, step) / (step @ change)
link("eq:bfgs", expected, descent.learned(B_, step, change), descent.learned)
