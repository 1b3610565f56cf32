# %% [markdown]
# # Laplace's approximation
#
# The likelihood of a generalized model is an integral over the random effects, and it has no closed
# form. This page replaces the integrand by the nearest thing of which the integral is known: a
# normal density with the same peak and the same curvature there. It also derives the slope of the
# result, without which a search over $\beta$ and $\theta$ would be slow and inexact.

# %%
"""Imports, and the name of the page."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page

import refmixed as rm
from refmixed.covariance import relative_factor
from refmixed.glm import families, joint_mode, links, model, pirls
from refmixed.glm.laplace import Laplace

page("g02_laplace")

# %% [markdown]
# ## The integral
#
# Throughout let $A \equiv Z\Lambda$, so that $\eta = o + X\beta + Au$, and let $a_i^\top$ be the
# rows of $A$. (With generalized models there are more blocks than letters: $A$, $H$ and $G$ are
# these, not those of other pages.) The joint density of $y$ and $u$ is $(2\pi)^{-q/2} e^{-h(u)}$
# with
#
# $$
# h(u) = -\sum_i \log f(y_i \mid \eta_i) + \tfrac12 u^\top u .
# $$ (eq:penalized-deviance)
#
# Twice $h$ is the penalized deviance of lme4, up to constants. Of the likelihood only $y$ is left:
#
# $$
# e^{\ell} = (2\pi)^{-q/2} \int e^{-h(u)} \, \mathrm{d}u .
# $$ (eq:glmm-likelihood)
#
# The integral is one over $q$ variables. With one grouping factor it falls apart into integrals
# over the effects of one level each. With crossed factors it does not.

# %%
rng = np.random.default_rng(2)
rows = 24
data = pd.DataFrame({"x": rng.normal(size=rows), "g": list("abcd") * 6, "h": list("pqrpqrqr") * 3})
data["y"], data["o"] = rng.normal(size=(2, rows))
design = rm.design("y ~ x + (x | g) + (1 | h)", data, offset="o")
m = rng.integers(1, 7, rows).astype(float)
s = np.floor(rng.uniform(size=rows) * (m + 1))
FAMILIES = [
    families.Binomial(links.LOGIT, s, m),
    families.Binomial(links.PROBIT, s, m),
    families.Binomial(links.CLOGLOG, s, m),
    families.Poisson(rng.poisson(2, rows).astype(float), m),
    families.Gamma(rng.gamma(2, size=rows), m),
]
psi = np.array([0.3, -0.5, 0.8, -0.3, 0.6, 1.1])  # beta, theta
Lambda = relative_factor(design, psi[2:])
A = design.Z @ Lambda
CASES = [  # a model and its parameters
    (of, np.append(psi, [np.log(0.7)] * of.sizes[2]))
    for family in FAMILIES
    for of in (model.Model(design, family, dialect) for dialect in model.DIALECTS)
]
u = rng.normal(size=design.q)
for case, parameters in CASES:
    at = case.at(parameters)
    eta = design.offset + design.X @ psi[:2] + A @ u
    expected = u @ u / 2 - at.family.log_density(eta).sum()
    link("eq:penalized-deviance", expected, at.penalized(u, at.eta(u)), model.At.penalized)

# %%
beta, theta, u1, v1 = sp.symbols("beta theta u v", real=True)
x1, x2, y1, y2, z1, z2 = sp.symbols("x_1:3 y_1:3 z_1:3", real=True)


def normal(y, mean, variance=1):
    """The density of a normal variable."""
    return sp.exp(-((y - mean) ** 2) / (2 * variance)) / sp.sqrt(2 * sp.pi * variance)


pairs = [(y1, beta * x1 + theta * z1 * u1), (y2, beta * x2 + theta * z2 * u1)]
h = -sum(sp.expand_log(sp.log(normal(*pair)), force=True) for pair in pairs) + u1**2 / 2
joint = normal(*pairs[0]) * normal(*pairs[1]) * normal(u1, 0)
check("eq:penalized-deviance", sp.simplify(joint / sp.exp(-h)), 1 / sp.sqrt(2 * sp.pi), "symbolic",
      "n = 2 normal responses, q = 1")  # fmt: skip

# %% [markdown]
# ## One normal curve
#
# Let $\tilde u$ be the mode, where $h$ is least: {doc}`g03_pirls` finds it. There $h$ has the slope
# zero, and Taylor's expansion begins with the square,
#
# $$
# h(u) \approx h(\tilde u) + \tfrac12 (u - \tilde u)^\top H (u - \tilde u), \qquad
# H \equiv h''(\tilde u) .
# $$
#
# With this in place of $h$ the integral is that of a normal density without its constant, which is
# $(2\pi)^{q/2} |H|^{-1/2}$. Put into {eq}`eq:glmm-likelihood`, the powers of $2\pi$ cancel:
#
# $$
# \ell \approx -h(\tilde u) - \tfrac12 \log |H| .
# $$ (eq:laplace)

# %%
a11, a21, a22 = sp.symbols("a_11 a_21 a_22", positive=True)
root = sp.Matrix([[a11, 0], [a21, a22]])
H2, point = root * root.T, sp.Matrix([u1, v1])
square = (point.T * H2 * point)[0]
inner = sp.integrate(sp.exp(-square / 2), (u1, -sp.oo, sp.oo), conds="none")
integral = sp.integrate(sp.simplify(inner), (v1, -sp.oo, sp.oo), conds="none") / (2 * sp.pi)
check("eq:laplace", sp.simplify(integral), 1 / sp.sqrt(H2.det()), "symbolic",
      "h a square that is zero at the mode, q = 2")  # fmt: skip
numbers = {beta: 1, x1: 2, x2: -1, theta: sp.Rational(3, 4), z1: 1, z2: 2, y1: 3, y2: 1}
V = sp.eye(2) + theta**2 * sp.Matrix([z1, z2]) * sp.Matrix([[z1, z2]])
r = sp.Matrix([y1 - beta * x1, y2 - beta * x2])
exact = -sp.log(2 * sp.pi) - sp.log(V.det()) / 2 - (r.T * V.inv() * r)[0] / 2
integral = sp.integrate(sp.exp(-h.subs(numbers)), (u1, -sp.oo, sp.oo)) / sp.sqrt(2 * sp.pi)
check("eq:glmm-likelihood", sp.log(integral), exact.subs(numbers), "exact",
      "n = 2 normal responses, q = 1", text_only=True)  # fmt: skip


def at_mode(case, parameters):
    """u, what the family says there, H and G, by Newton's method with whole matrices."""
    family, u = case.at(parameters).family, np.zeros(design.q)
    for _ in range(30):
        local = family.at(design.offset + design.X @ parameters[:2] + A @ u)
        H = (A.T * local.observed.W) @ A + np.eye(design.q)
        u = u - np.linalg.solve(H, u - A.T @ local.score)
    weights = local.observed if case.dialect == "observed" else local.expected
    return u, local, weights, H, (A.T * weights.W) @ A + np.eye(design.q)


for case, parameters in CASES:
    u, local, _, _, G = at_mode(case, parameters)
    expected = u @ u / 2 - local.log.sum() + np.linalg.slogdet(G)[1] / 2
    found = Laplace(pirls.mode(case.at(parameters)))
    link("eq:laplace", expected, found.value, Laplace.value)

# %% [markdown]
# With normal responses $h$ *is* a square, and nothing is lost: the formula gives the likelihood of
# {eq}`eq:deviance`. For two rows of one group, $\sigma = 1$:
#
# $$
# -h(\tilde u) - \tfrac12 \log |H| = \log N(y; X\beta, V) .
# $$ (eq:laplace-normal)

# %%
mode_of = sp.solve(h.diff(u1), u1)[0]
approximate = -h.subs(u1, mode_of) - sp.log(h.diff(u1, 2)) / 2
difference = sp.expand_log(approximate - exact, force=True)
check("eq:laplace-normal", sp.simplify(difference), 0, "symbolic", "n = 2, q = 1", text_only=True)

# %% [markdown]
# Otherwise the integrand is skew, or has other tails, and the error is that of the parts of $h$
# beyond the square. One level with two trials and no success, by the logit, with $\theta = 2$ and
# nothing else in $\eta$:


# %% mystnb={"image": {"alt": "the integrand leans to the left of the normal curve at its peak"}}
def level(trials, successes, grid):
    """The integrand over its highest value, Laplace's curve, and the log of their areas' ratio."""
    family = families.Binomial(links.LOGIT, np.array(float(successes)), np.array(float(trials)))
    h = grid**2 / 2 - family.log_density(2.0 * grid)
    top = h.argmin()
    H = 4 * family.at(2.0 * grid[top]).observed.W + 1
    curves = np.exp(h[top] - h), np.exp(-H * (grid - grid[top]) ** 2 / 2)
    return curves, np.log(curves[0].sum() / curves[1].sum())


grid = np.linspace(-8, 8, 100_001)
(integrand, curve), _ = level(2, 0, grid)
figure, axes = plt.subplots(figsize=(6.4, 3.0), layout="constrained")
axes.plot(grid, integrand, color="black", label="integrand")
axes.plot(grid, curve, color="0.5", linestyle="--", label="Laplace's")
axes.set(xlabel="$u$", ylabel="over the highest value", xlim=(-4, 2), ylim=(0, None))
_ = axes.legend(frameon=False)

# %% [markdown]
# The more a level has seen, the less is lost: in proportion to $1/n_j$, by and by. With a quarter
# of the trials successes:

# %%
for trials in (4, 16, 64, 256):
    error = level(trials, trials // 4, grid)[1]
    print(f"{trials:3d} trials: Laplace's log-likelihood is off by {-error:8.5f}")

# %% [markdown]
# ## Two determinants
#
# $H = A^\top W A + I$ has the observed weights of {eq}`eq:expected-weight`, as the second
# derivative of $h$ must. Some programs, lme4 among them, take the expected ones in the determinant,
#
# $$ G \equiv A^\top \tilde W A + I $$
#
# in place of $H$, since their search for the mode has it at hand. `dialect="observed"` is Laplace's
# approximation, and glmmTMB's; `dialect="expected"` is lme4's. With a canonical link, and with
# normal responses, the two are the same. Else $w - \tilde w$ has the mean zero: within a level with
# $n_j$ rows these differences add up to something as large as $\sqrt{n_j}$, beside an $H$ as large
# as $n_j$. So $\log |H| - \log |G|$ fades as $1 / \sqrt{n_j}$, where Laplace's own error fades as
# $1 / n_j$: the cheaper determinant costs more than the approximation. For the herds of `cbpp`:

# %%
cbpp = rm.load_dataset("cbpp")
FORMULA = "cbind(incidence, size - incidence) ~ period + (1 | herd)"
fits = {
    (family, name): rm.glmer(FORMULA, cbpp, f"binomial({family})", **choice)
    for family in ("logit", "probit", "cloglog")
    for name, choice in [
        ("Laplace, observed", {}),
        ("Laplace, expected", {"dialect": "expected"}),
        ("exact", {"likelihood": "exact"}),
    ]
}
laplace, exactly = fits["logit", "Laplace, observed"], fits["logit", "exact"]
table = pd.DataFrame(
    [(*key, f"{fit.loglik:.4f}", f"{fit.theta.iloc[0]:.5f}") for key, fit in fits.items()],
    columns=["link", "likelihood", "at its maximum", "theta"],
)
print(table.to_string(index=False))

# %% [markdown]
# Log-likelihoods from programs of two dialects do not compare, nor do their AICs.
#
# ## The slope, and what moves with it
#
# From here on $\ell$ is the approximation, and $G$ the matrix of either dialect, $\tilde W$ the
# weights in it and $w'$ their slopes in $\eta$. Minus $\ell$ is $h + \tfrac12 \log |G|$ at
# $\tilde u$, and $\tilde u$ moves with the parameters. For $h$ this does not matter, since its
# slope in $u$ is zero. For the determinant it does. Let $s_i$ be the slope of $\log f_i$ in
# $\eta_i$ (`score` in the code). Then by Jacobi's formula
#
# $$
# v_i \equiv a_i^\top G^{-1} a_i, \qquad
# \frac{\partial}{\partial \eta_i} \tfrac12 \log |G| = \tfrac12 v_i w_i' .
# $$ (eq:laplace-leverage)
#
# $v_i$ is the variance of $\eta_i$ given $y$, as far as Laplace's normal curve goes. So the
# determinant's slope in $u$ is $c = \tfrac12 A^\top (v w')$, products taken row by row.
#
# Next, how does the mode move? It solves $u - A^\top s = 0$. If a parameter changes the left side
# by $\delta$ with $u$ held, then $\tilde u$ moves by $-H^{-1} \delta$, and $\tfrac12 \log |G|$ by
# $-c^\top H^{-1} \delta = -b^\top \delta$, where $b \equiv H^{-1} c$ (`pull`). A change of the
# fixed part of $\eta_i$ by one has $\delta = a_i w_i$. Hence the whole slope of the determinant in
# it is
#
# $$
# \tau = \tfrac12 v w' - W A b, \qquad b = H^{-1} \tfrac12 A^\top (v w') .
# $$ (eq:laplace-total)
#
# $W$ holds the observed weights here, whatever the dialect: the mode does not know of $G$. The
# gradients follow. In $\beta$,
#
# $$
# -\frac{\partial \ell}{\partial \beta} = X^\top (\tau - s) ,
# $$ (eq:laplace-beta)
#
# and in $\theta$, with $E_k = \partial \Lambda / \partial \theta_k$, where $A$ changes by $Z E_k$:
#
# $$
# -\frac{\partial \ell}{\partial \theta_k} = (\tau - s)^\top Z E_k \tilde u + s^\top Z E_k b
#   + \operatorname{tr} \bigl( G^{-1} A^\top \tilde W Z E_k \bigr) .
# $$ (eq:laplace-theta)
#
# The first part is the change of $\eta$, the second that of $A^\top s$ in the mode's equation, and
# the third that of $G$ with its weights held. With $\log \varphi$ of a Gamma law, $s$ and all
# weights change in proportion to $1/\varphi$:
#
# $$
# -\frac{\partial \ell}{\partial \log\varphi}
# = -\sum_i \frac{\partial \log f_i}{\partial \log\varphi}
#   - \tfrac12 \sum_i v_i \tilde w_i - s^\top A b .
# $$ (eq:laplace-dispersion)
#
# The checks take a log-density with a symbol for each of its derivatives, and weights in $G$ with
# symbols of their own, so that both dialects are meant.

# %%
X2, Z2, s2 = (sp.Matrix(sp.symbols(f"{name}_1:3")) for name in "xzs")
w2, dw2 = sp.symbols("w_1:3", positive=True), sp.symbols("k_1:3")  # W and its slope
g2, dg2 = sp.symbols("g_1:3", positive=True), sp.symbols("t_1:3")  # W~ and its slope
moving, base = sp.symbols("beta theta u lambda"), (*sp.symbols("beta_0 theta_0 u_0"), 0)
b_, th_, u_, lam_ = moving  # lambda: log dispersion, less what it is now
now = dict(zip(moving, base, strict=True))
own = sp.symbols("o_1:3")  # the slopes of log f in it

eta2 = X2 * b_ + th_ * Z2 * u_
off = eta2 - eta2.subs(now)
taylor = [s2[i] * off[i] - w2[i] * off[i] ** 2 / 2 - dw2[i] * off[i] ** 3 / 6 for i in (0, 1)]
log_f = [sp.exp(-lam_) * taylor[i] + own[i] * lam_ for i in (0, 1)]
weights_of_G = [sp.exp(-lam_) * (g2[i] + dg2[i] * off[i]) for i in (0, 1)]
h_of = u_**2 / 2 - sum(log_f)
half = sp.log(1 + sum(th_**2 * Z2[i] ** 2 * weights_of_G[i] for i in (0, 1))) / 2


def whole_slope(parameter):
    """Of h + log|G| / 2 where the mode moves along."""
    mode_moves = -h_of.diff(u_, parameter) / h_of.diff(u_, 2)
    return (h_of.diff(parameter) + half.diff(parameter) + half.diff(u_) * mode_moves).subs(now)


A2 = base[1] * Z2
H1 = 1 + sum(A2[i] ** 2 * w2[i] for i in (0, 1))
G1 = 1 + sum(A2[i] ** 2 * g2[i] for i in (0, 1))
v2 = [A2[i] ** 2 / G1 for i in (0, 1)]
b2 = sum(A2[i] * v2[i] * dg2[i] for i in (0, 1)) / 2 / H1
tau = [v2[i] * dg2[i] / 2 - w2[i] * A2[i] * b2 for i in (0, 1)]
sizes = "n = 2, q = 1, any log f"
stated = sum(X2[i] * (tau[i] - s2[i]) for i in (0, 1))
check("eq:laplace-beta", whole_slope(b_), stated, "symbolic", sizes)
only_first = whole_slope(b_).subs({X2[0]: 1, X2[1]: 0}) + s2[0]
check("eq:laplace-total", only_first, tau[0], "symbolic", f"{sizes}: x = (1, 0)")
stated = sum((tau[i] - s2[i]) * Z2[i] * base[2] + s2[i] * Z2[i] * b2 for i in (0, 1))
stated += sum(A2[i] * g2[i] * Z2[i] for i in (0, 1)) / G1
check("eq:laplace-theta", whole_slope(th_), stated, "symbolic", sizes)
stated = -sum(own) - sum(v2[i] * g2[i] / 2 + s2[i] * A2[i] * b2 for i in (0, 1))
check("eq:laplace-dispersion", whole_slope(lam_), stated, "symbolic", sizes)

A22, step = sp.Matrix(2, 2, sp.symbols("a_11 a_12 a_21 a_22")), sp.Symbol("e")
G2 = A22.T * sp.diag(g2[0] + dg2[0] * step, g2[1]) * A22 + sp.eye(2)
v = (A22 * G2.subs(step, 0).inv() * A22.T)[0, 0]
slope = sp.log(G2.det()).diff(step).subs(step, 0) / 2
check("eq:laplace-leverage", slope, v * dg2[0] / 2, "symbolic", "n = 2, q = 2")

# %%
UNITS = [relative_factor(design, unit) for unit in np.eye(design.m)]  # E_k
for case, parameters in CASES:
    u, local, weights, H, G = at_mode(case, parameters)
    found = Laplace(pirls.mode(case.at(parameters)))
    v = np.diag(A @ np.linalg.inv(G) @ A.T)
    turned = v * weights.slope / 2
    b = np.linalg.solve(H, A.T @ turned)
    through = turned - local.observed.W * (A @ b)
    link("eq:laplace-leverage", v, found.v, Laplace.v)
    link("eq:laplace-leverage", turned, found.turned, Laplace.turned)
    link("eq:laplace-total", through, found.through, Laplace.through)
    expected = design.X.T @ (through - local.score)
    link("eq:laplace-beta", expected, found.gradient_beta, Laplace.gradient_beta)
    moved = [design.Z @ E for E in UNITS]
    expected = [
        (through - local.score) @ ZE @ u
        + local.score @ ZE @ b
        + np.trace(np.linalg.solve(G, (A.T * weights.W) @ ZE))
        for ZE in moved
    ]
    link("eq:laplace-theta", expected, found.gradient_theta, Laplace.gradient_theta)
    if isinstance(case.family, families.Gamma):
        at = case.at(parameters)
        of_f = at.family.slope_in_log_dispersion(at.eta(u)).sum()
        expected = [-of_f - v @ weights.W / 2 - local.score @ A @ b]
        function = Laplace.gradient_dispersion
        link("eq:laplace-dispersion", expected, found.gradient_dispersion, function)

# %% [markdown]
# ## Without the determinant: nagq = 0
#
# There is a cheaper estimate of $\beta$ yet. Let it join $u$: for each $\theta$ take both from the
# minimum of $h$, that is, from
#
# $$
# A^\top s = u, \qquad X^\top s = 0 ,
# $$ (eq:joint-mode)
#
# and search over $\theta$ alone, with {eq}`eq:laplace` at that point. One system gives $u$ and
# $\beta$, as in {doc}`d06_penalized`, and the search has fewer dimensions. With $u$ moving along,
# the second derivative of $h$ in $\beta$ is Schur's complement,
#
# $$
# M = X^\top W X - X^\top W A\, H^{-1} A^\top W X .
# $$ (eq:joint-curvature)
#
# Compared with {eq}`eq:laplace-beta` the estimate leaves out $X^\top\tau$, as if the determinant
# did not depend on $\beta$. With normal responses, or the expected weights of a Gamma law, it does
# not, and the two agree. Elsewhere $\hat\beta$ is not the maximum, and the log-likelihood that is
# printed is too low, most of all where levels have few rows.

# %%
names = {"nagq = 0": rm.glmer(FORMULA, cbpp, nagq=0), "Laplace": laplace, "exact": exactly}
for name, fit in names.items():
    beta = fit.beta.to_numpy().round(4)
    print(f"{name:9s} log-likelihood {fit.loglik:.4f}  theta {fit.theta.iloc[0]:.4f}  beta {beta}")

# %% [markdown]
# As $\theta$ moves, so does the $\beta$ of the joint mode: by $M^{-1}$ times the change of
# $X^\top s$ with $\beta$ held. Since $-\ell$ is not flat in that $\beta$, its slope
# $X^\top(\tau - s)$ comes in, and with it two vectors,
#
# $$
# r = W X M^{-1} X^\top (\tau - s), \qquad e = H^{-1} A^\top r :
# $$ (eq:nagq0)
#
# in {eq}`eq:laplace-theta` and {eq}`eq:laplace-dispersion` there are $\tau - r + W A e$ in place of
# $\tau$, and $b - e$ in place of $b$.


# %%
def joint_slope(parameter):
    """The same where beta moves along, too, from the joint mode."""
    both = sp.Matrix([u_, b_])
    h_joint = sp.hessian(h_of, both)
    moves = -h_joint.inv() * sp.Matrix([h_of.diff(parameter)]).jacobian(both).T
    slopes = sp.Matrix([[half.diff(u_), half.diff(b_) + h_of.diff(b_)]])
    return (h_of.diff(parameter) + half.diff(parameter) + (slopes * moves)[0]).subs(now)


XWA = sum(X2[i] * w2[i] * A2[i] for i in (0, 1))
M1 = sum(X2[i] ** 2 * w2[i] for i in (0, 1)) - XWA**2 / H1
profiled = h_of.diff(b_, 2) - h_of.diff(b_, u_) ** 2 / h_of.diff(u_, 2)
check("eq:joint-curvature", profiled.subs(now), M1, "symbolic", sizes)
slopes = [-h_of.diff(parameter).subs(now) for parameter in (u_, b_)]
stated = [sum(A2[i] * s2[i] for i in (0, 1)) - base[2], sum(X2[i] * s2[i] for i in (0, 1))]
check("eq:joint-mode", slopes, stated, "symbolic", sizes)
slope = sum(X2[i] * (tau[i] - s2[i]) for i in (0, 1))
r2 = [w2[i] * X2[i] * slope / M1 for i in (0, 1)]
e2 = sum(A2[i] * r2[i] for i in (0, 1)) / H1
tau_joint = [tau[i] - r2[i] + w2[i] * A2[i] * e2 for i in (0, 1)]
stated = sum((tau_joint[i] - s2[i]) * Z2[i] * base[2] + s2[i] * Z2[i] * (b2 - e2) for i in (0, 1))
stated += sum(A2[i] * g2[i] * Z2[i] for i in (0, 1)) / G1
at_joint = {s2[1]: -X2[0] * s2[0] / X2[1]}  # X's = 0
of_theta = joint_slope(th_).subs(at_joint), stated.subs(at_joint)
stated = -sum(own) - sum(v2[i] * g2[i] / 2 + s2[i] * A2[i] * (b2 - e2) for i in (0, 1))
of_dispersion = joint_slope(lam_).subs(at_joint), stated.subs(at_joint)
values = {x: sp.Rational(k + 2, 7) for k, x in enumerate([*X2, *Z2, *w2, *g2, *base[:3]])}
for left, right in (of_theta, of_dispersion):
    check("eq:nagq0", left.subs(values), right.subs(values), "symbolic",
          "n = 2, p = q = 1, in fractions but for the slopes")  # fmt: skip

for case, parameters in CASES:
    found = joint_mode.joint_mode(case, parameters, None)
    parameters = np.concatenate([found.mode.at.beta, parameters[2:]])
    u, local, weights, H, G = at_mode(case, parameters)
    at, X = found.laplace, design.X
    WA = local.observed.W[:, None] * A
    M = (X.T * local.observed.W) @ X - X.T @ WA @ np.linalg.solve(H, WA.T @ X)
    r = local.observed.W * (X @ np.linalg.solve(M, X.T @ (at.through - local.score)))
    e = np.linalg.solve(H, A.T @ r)
    link("eq:joint-mode", A.T @ local.score, found.mode.u, joint_mode.joint_mode)
    link("eq:joint-curvature", M, joint_mode.curvature(found.mode), joint_mode.curvature)
    if weights.slope.any():  # else both are zero
        link("eq:nagq0", r, found.r, joint_mode.JointMode.r)
        link("eq:nagq0", e, found.e, joint_mode.JointMode.e)
