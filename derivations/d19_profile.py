# %% [markdown]
# # Profiles of the likelihood
#
# A standard error says how uncertain an estimate is if the likelihood near it is a bell. That of a
# standard deviation is not: it is steep towards zero and flat upwards, and it may end at zero. A
# profile looks at the likelihood itself. It holds one parameter at a value, lets all others do
# their best, and asks how much is lost. The values at which little is lost are an interval.

# %%
"""Imports, and the name of the page."""

import matplotlib.pyplot as plt
import mpmath as mp
import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page
from scipy import stats

import refmixed as rm
from refmixed import derivatives
from refmixed.after import confint
from refmixed.after.estimated import Estimated
from refmixed.after.limits import chart, held, lines, path, profile
from refmixed.after.limits.contour import contours
from refmixed.after.limits.parameters import chosen

page("d19_profile")
R = sp.Rational
sleep = rm.load_dataset("sleepstudy")
fit = rm.lmer("Reaction ~ Days + (Days | Subject)", sleep, reml=False)
line = rm.lm("Reaction ~ Days", sleep, reml=False)
dyes = rm.lmer("Yield ~ 1 + (1 | Batch)", rm.load_dataset("Dyestuff"), reml=False)

# %% [markdown]
# ## The criterion of all parameters
#
# The criterion of {eq}`eq:ml-criterion` and {eq}`eq:reml-criterion` has $\beta$ and $\sigma$ at
# their best. Here $\sigma$ may not be at its best. With $D$ for the log determinants, $\nu = n$ by
# ML and $n - p$ by REML, and $r^2$ the least residual sum of squares, as before,
#
# $$
# d(T, \sigma) = D + \nu (\log 2\pi + 2 \log\sigma) + r^2/\sigma^2 .
# $$ (eq:unprofiled)
#
# The code makes it from the criterion: it takes off what belongs to the best $\sigma$.

# %%
D, nu, r2, sigma = sp.symbols("D nu r^2 sigma", positive=True)
d_all = D + nu * (sp.log(2 * sp.pi) + 2 * sp.log(sigma)) + r2 / sigma**2
criterion = D + nu * (1 + sp.log(2 * sp.pi * r2 / nu))
from_best = criterion - nu * (1 + sp.log(r2 / nu)) + 2 * nu * sp.log(sigma) + r2 / sigma**2
check("eq:unprofiled", d_all, from_best, "general", "all sizes")
at = dyes.optimum.evaluation
V = 50.0**2 * rm.marginal.at(dyes.design, dyes.theta.to_numpy(), False).V0
density = stats.multivariate_normal.logpdf(dyes.design.y, dyes.design.X @ dyes.beta, V)
by_code = held.unprofiled(at.criterion, at.pwrss, at.dof, np.log(50.0))
link("eq:unprofiled", -2 * density, by_code, held.unprofiled)

# %% [markdown]
# ## The profile
#
# Let $z$ be all parameters and $h(z)$ the one that is asked about: a standard deviation, a
# correlation, $\sigma$, an entry of $\theta$, a coefficient. Its profile is
#
# $$
# p(c) = \min_{z :\, h(z) = c} d(z) .
# $$ (eq:profile)
#
# Choose coordinates $(c, w)$ of which $c$ itself is the first, as we do below. Then the least value
# is over $w$, without a condition. At it $\partial d/\partial w = 0$, and the chain rule leaves
#
# $$
# p'(c) = \frac{\partial d}{\partial c} .
# $$ (eq:profile-slope)
#
# In any other coordinates this reads $\nabla d = \mu \nabla h$ with $\mu = p'(c)$: Lagrange's
# condition, which the suite's proofs use. Differentiating once more, with
# $\mathrm{d}w/\mathrm{d}c = -d_{ww}^{-1} d_{wc}$, gives
#
# $$
# p''(c) = d_{cc} - d_{cw}\, d_{ww}^{-1}\, d_{wc} = 1 / (d''^{-1})_{cc} .
# $$ (eq:profile-curvature)
#
# All three are checked for a parabola with a symbol for every coefficient, two other parameters, in
# coordinates in which $h = z_1 + 2 z_2$ is not one of them.

# %%
H = sp.Matrix(3, 3, sp.symbols("h_1:10"))
H = (H + H.T) / 2
z = sp.Matrix(sp.symbols("z_1:4"))
b = sp.Matrix(sp.symbols("b_1:4"))
c, mu = sp.symbols("c mu")
slope_h = sp.Matrix([1, 2, 0])
d_z = ((z.T * H * z) / 2 + b.T * z)[0]
lagrange = [*(H * z + b - mu * slope_h), (slope_h.T * z)[0] - c]
best = sp.solve(lagrange, [*z, mu], dict=True)[0]
p_c = sp.together(d_z.subs({s: best[s] for s in z}))
to_w = sp.Matrix([[1, -2, 0], [0, 1, 0], [0, 0, 1]])  # z of (c, w): z_1 = c - 2 w_1
w1, w2 = sp.symbols("w_1:3")
d_cw = sp.expand(d_z.subs(dict(zip(z, to_w * sp.Matrix([c, w1, w2]), strict=True))))
inner = sp.solve([d_cw.diff(w1), d_cw.diff(w2)], [w1, w2], dict=True)[0]
check("eq:profile", p_c, sp.together(d_cw.subs(inner)), "symbolic", "a parabola, 3 parameters")
check("eq:profile-slope", p_c.diff(c), best[mu], "symbolic", "a parabola, 3 parameters")
curved = to_w.T * H * to_w
schur = curved[0, 0] - (curved[:1, 1:] * curved[1:, 1:].inv() * curved[1:, :1])[0]
check("eq:profile-curvature", p_c.diff(c, 2), schur, "symbolic", "a parabola, 3 parameters")
check("eq:profile-curvature", schur, 1 / curved.inv()[0, 0], "symbolic", "3 parameters")

# %% [markdown]
# For the links a profile by brute force. With one random intercept and $\sigma$ at its best the
# criterion is a function of $\theta$ alone, and the profile of $\theta$ is that criterion. That of
# a coefficient is the criterion of the model in which the offset holds it.

# %%
thetas = dyes.profile("theta_").curves[0]
for side, points in thetas.sides:
    for point in points[1::3]:
        value = thetas.value(side, point.s)
        there = rm.marginal.criterion(dyes.design, np.array([value]), False)
        link("eq:profile", there - dyes.criterion, point.zeta**2, path.follow)
        at = rm.marginal.evaluate(dyes.design, np.array([value]), False)
        unit = (thetas.value(side, 1.0) - thetas.value(side, 0.0)) / 1.0  # of theta, a unit of s
        by_hand = derivatives.gradient(at)[0] * unit
        link("eq:profile-slope", by_hand, point.slope, path.Line.point)
of = lines.problem(Estimated.of(fit), chosen(fit.design, "cor_"))
place = of.coordinates[0].place
curvature = 1 / np.linalg.inv(of.best.hessian)[place, place]
link("eq:profile-curvature", np.sqrt(2 / curvature), of.unit(0), lines.Problem.unit)

# %% [markdown]
# ## Zeta, and limits
#
# The signed root of the rise, after Bates and Watts,
#
# $$
# \zeta(c) = \operatorname{sign}(c - \hat c) \sqrt{p(c) - p(\hat c)} ,
# $$ (eq:zeta)
#
# is a straight line where the profile is a parabola, and its slope is
#
# $$
# \zeta'(c) = p'(c) / (2 \zeta(c)) .
# $$ (eq:zeta-slope)
#
# $\zeta(c)^2$ is the likelihood ratio statistic of the hypothesis that the parameter is $c$. In
# large samples its law is $\chi^2_1$, so that the values that a test of level $1 - \alpha$ does not
# reject are those between the limits
#
# $$
# \zeta(c)^2 = \chi^2_{1,\, 1-\alpha} .
# $$ (eq:profile-limit)
#
# A profile that is a parabola has the limits $\hat c \mp z_{1-\alpha/2}\,\mathrm{se}$, those of
# Wald:
#
# $$
# \hat\beta_j \mp z_{1-\alpha/2}\, \mathrm{se}_j .
# $$ (eq:wald-limit)
#
# They need a standard error {eq}`eq:se`, and `confint("wald")` gives them for coefficients alone.
# For a variance near zero they would reach below it.

# %%
chat, kappa, quantile = sp.symbols("chat kappa z", positive=True)
parabola = kappa * (c - chat) ** 2 / 2
zeta = sp.sqrt(kappa / 2) * (c - chat)
check("eq:zeta", zeta**2, parabola, "symbolic", "a parabola")
rise = sp.Function("p")(c)
by_rule = rise.diff(c) / (2 * sp.sqrt(rise))
check("eq:zeta-slope", sp.sqrt(rise).diff(c), by_rule, "general", "any smooth profile")
se = sp.sqrt(2 / kappa)  # d is -2 log-likelihood
ends = [parabola.subs(c, chat + sign * quantile * se) for sign in (-1, 1)]
check("eq:profile-limit", ends, [quantile**2] * 2, "symbolic", "a parabola")
check("eq:wald-limit", ends, [quantile**2] * 2, "symbolic", "a parabola")
by_se = fit.beta.to_numpy()[:, None] + stats.norm.ppf([0.025, 0.975]) * fit.se.to_numpy()[:, None]
link("eq:wald-limit", by_se, fit.confint("wald"), confint.by_wald)
point = thetas.sides[1][1][4]
link("eq:zeta-slope", 0.3 / (point.slope / (2 * point.zeta)), point.step(0.3), path.Point.step)
zetas = [zeta for _, zeta, _ in thetas.rows()]
signs = [np.sign(value - thetas.estimate) for value, _, _ in thetas.rows()]
heights = [rm.marginal.criterion(dyes.design, np.array([v]), False) for v, _, _ in thetas.rows()]
by_hand = np.array(signs) * np.sqrt(np.maximum(np.array(heights) - dyes.criterion, 0.0))
link(
    "eq:zeta",
    by_hand[np.abs(by_hand) > 0.1],
    np.array(zetas)[np.abs(by_hand) > 0.1],
    profile.Curve.rows,
)

# %% [markdown]
# In a linear model without random effects all of this has closed forms. With $n$ rows, $t$ the
# usual statistic of a hypothesis $\beta_j = c$, and $\hat\sigma^2 = r^2/\nu$,
#
# $$
# \zeta^2(\beta_j) = n \log\Bigl(1 + \frac{t^2}{n - p}\Bigr) ,
# $$ (eq:lm-beta-profile)
#
# $$
# \zeta^2(\sigma) = \nu \Bigl(\frac{\hat\sigma^2}{\sigma^2} - 1
#     - \log\frac{\hat\sigma^2}{\sigma^2}\Bigr) .
# $$ (eq:lm-sigma-profile)
#
# The first is a function of $t$: the limits are those of Student's $t$ with another quantile,
# narrower ones. So limits by profiles are too narrow in small samples, as Wald's are. The second
# differs between ML and REML by $\nu$, as $r^2$ is the same.

# %%
X4, y4 = sp.Matrix([[1, 0], [1, 1], [1, 3], [1, 4]]), sp.Matrix([1, 4, 2, 7])
gram = (X4.T * X4).inv()
b4 = gram * X4.T * y4
rss = ((y4 - X4 * b4).T * (y4 - X4 * b4))[0]
t = (b4[1] - c) / sp.sqrt(rss / 2 * gram[1, 1])
held_y = y4 - c * X4[:, 1]
mean = sum(held_y) / 4
rss_c = sum((e - mean) ** 2 for e in held_y)
sides = sp.expand(rss_c / rss), sp.expand(1 + t**2 / 2)
check("eq:lm-beta-profile", *sides, "exact", "n = 4, p = 2, any c", text_only=True)
at_best = d_all.subs(sigma, sp.sqrt(r2 / nu))
ratio = (r2 / nu) / sigma**2
sides = d_all - at_best, nu * (ratio - 1 - sp.log(ratio))
gap = sp.simplify(sp.expand_log(sp.expand(sides[0] - sides[1]), force=True))
check("eq:lm-sigma-profile", gap, 0, "general", "all sizes", text_only=True)
target = stats.chi2.ppf(0.95, 1)
half = np.sqrt(178 * np.expm1(target / 180)) * line.se * np.sqrt(180 / 178)
both = np.column_stack([line.beta - half, line.beta + half])
link("eq:lm-beta-profile", both, line.confint(which="beta_"), rm.Fit.confint)
link("eq:profile-limit", both, line.profile("beta_").confint(), profile.Profile.confint)
for reml, dof in ((False, 180), (True, 178)):
    found = line.confint(which="sigma", reml=reml).to_numpy()[0]
    ratio = line.sigma**2 * 180 / dof / found**2
    heights = dof * (ratio - 1 - np.log(ratio))
    link("eq:lm-sigma-profile", heights, [target, target], rm.Fit.confint)

# %% [markdown]
# ## Coordinates of which the parameter is one
#
# What is asked about should be a coordinate. Let a term have the effects $\gamma$ of each level in
# the user's units, and $\tilde\gamma$ in those of the search ({eq}`eq:coordinates`):
# $\gamma = S^{-\top} \tilde\gamma$ at $\sigma = 1$. Write $u_1^\top$, or $u_1^\top$ and
# $u_2^\top$, for the rows of $S^{-\top}$ that belong to the one or two effects that are asked
# about, over their lengths, and $U$ for the matrix with the columns $u$. With $Q_2$ an orthonormal
# basis of what is orthogonal to $U$, take $\tilde\gamma = M g$,
#
# $$
# M = \bigl(\, U (U^\top U)^{-1} ,\; Q_2 \,\bigr), \qquad U^\top M = (\, I ,\; 0 \,) ,
# $$ (eq:frame)
#
# so that the first entries of $g$ are these effects. A lower triangular factor $\Lambda_g$ of
# $\operatorname{Cov}(g)$ has the first standard deviation in its corner, and for two effects we
# write its rows with an angle, whose range is $0$ to $\pi$:
#
# $$
# \begin{pmatrix} a & 0 \\ -b \cos\psi & b \sin\psi \end{pmatrix} , \qquad
# \rho = -\cos\psi .
# $$ (eq:polar)
#
# All other entries of $\Lambda_g$ are free. None needs a bound: the criterion depends on
# $\Lambda_g \Lambda_g^\top$, and is even in each column. So a standard deviation that becomes zero
# on the way is nothing special; the search only has to leave a zero where the second derivative
# there is negative. Where a correlation, or an entry of $\theta$ off the diagonal, is held, the
# sign of $a$ and $b$ matters, and these alone are kept from falling below zero.

# %%
U = sp.Matrix([[2, 1, 2], [2, 3, 6]]).T * sp.diag(R(1, 3), R(1, 7))  # of length one
front = U * (U.T * U).inv()
Q2 = sp.Matrix([0, -2, 1]) / sp.sqrt(5)
M = sp.Matrix.hstack(front, Q2)
check("eq:frame", U.T * M, sp.Matrix([[1, 0, 0], [0, 1, 0]]), "exact", "k = 3, two effects")
S = np.linalg.cholesky(np.array([[4.0, 1, 0.5], [1, 3, 0.2], [0.5, 0.2, 2]]))
rows = np.linalg.inv(S).T[[2, 0]]
Un = (rows / np.linalg.norm(rows, axis=1)[:, None]).T
framed = chart.of_effects(S, (2, 0)).M
link("eq:frame", Un @ np.linalg.inv(Un.T @ Un), framed[:, :2], chart.of_effects)
link("eq:frame", np.eye(3)[:2], Un.T @ framed, chart.of_effects)
a, length, psi = sp.symbols("a b psi", positive=True)
G2 = sp.Matrix([[a, 0], [-length * sp.cos(psi), length * sp.sin(psi)]])
rho = -sp.cos(psi)
covariance = sp.Matrix([[a**2, rho * a * length], [rho * a * length, length**2]])
check("eq:polar", (G2 * G2.T).applyfunc(sp.trigsimp), covariance, "symbolic", "k = 2")
link("eq:polar", [-np.cos(0.7)], [lines.minus_cosine(0.7)], lines.minus_cosine)

# %% [markdown]
# ## Slope and curvature in these coordinates
#
# Let $v$ be all coordinates of covariances, $\log\sigma$ the last of them, and $T(v)$ over
# $\sigma^2$ as in {eq}`eq:slope`. With $C$ and $a$ as there, $A = Z^\top P Z$, and
# $F = C - a a^\top/\sigma^2$, in which $\sigma^2$ takes the place of $r^2/\nu$,
#
# $$
# \frac{\partial d}{\partial v_i} = \operatorname{tr}(F\, T_i)
#     + \delta_i\, (2\nu - 2 r^2/\sigma^2) ,
# $$ (eq:unprofiled-gradient)
#
# $$
# \begin{aligned}
# \frac{\partial^2 d}{\partial v_i\, \partial v_j} &= \operatorname{tr}(F\, T_{ij})
#     - \operatorname{tr}(C T_i C T_j) + 2\, a^\top T_i A\, T_j a / \sigma^2 \\
#     &\quad + (2/\sigma^2) (\delta_i\, a^\top T_j a + \delta_j\, a^\top T_i a)
#     + \delta_i \delta_j\, 4 r^2/\sigma^2 ,
# \end{aligned}
# $$ (eq:unprofiled-hessian)
#
# where $T_i$ and $T_{ij}$ are derivatives of $T$, and $\delta_i$ is one for $\log\sigma$ and zero
# for all others. {eq}`eq:slope` and {eq}`eq:hessian` are the same where $\sigma$ is at its best. By
# ML $C = Z^\top V_0^{-1} Z$; by REML it is $A$.
#
# The check has three rows in two groups, by ML and by REML, and the derivatives that sympy takes.

# %%
s, ell = sp.symbols("s ell", real=True)
X3, Z3 = sp.Matrix([1, 1, 1]), sp.Matrix([[1, 0], [1, 0], [0, 1]])
y3, T1 = sp.Matrix([2, -1, 5]), s**2 * sp.exp(-2 * ell)  # s is a standard deviation
tau = sp.Symbol("tau", positive=True)
V0 = sp.eye(3) + tau * Z3 * Z3.T
V0_inv = V0.inv().applyfunc(sp.simplify)
XVX = sp.simplify((X3.T * V0_inv * X3)[0])
P = V0_inv - V0_inv * X3 * X3.T * V0_inv / XVX
r2_tau = sp.together((y3.T * P * y3)[0])
A3, a3 = Z3.T * P * Z3, Z3.T * P * y3
point3 = {s: R(3, 2), ell: 0}
for reml in (False, True):
    nu3, C3 = (2, A3) if reml else (3, Z3.T * V0_inv * Z3)
    whole = sp.log(V0.det()) + int(reml) * sp.log(XVX) + nu3 * (sp.log(2 * sp.pi) + 2 * ell)
    whole = (whole + r2_tau * sp.exp(-2 * ell)).subs(tau, T1)
    F3 = C3 - a3 * a3.T * sp.exp(-2 * ell)

    def at(expression):
        """An expression where s = 3/2 and sigma = 1."""
        return expression.subs(tau, T1).subs(point3)

    of_T = [T1.diff(x) for x in (s, ell)]
    delta = (0, 1)
    gradient = [
        at(F3.trace() * of_T[i] + delta[i] * (2 * nu3 - 2 * r2_tau * sp.exp(-2 * ell)))
        for i in (0, 1)
    ]
    of = {"kind": "exact", "sizes": f"n = 3, {'REML' if reml else 'ML'}, at one point"}
    expected = [sp.simplify(at(whole.diff(x))) for x in (s, ell)]
    check("eq:unprofiled-gradient", expected, [sp.simplify(g) for g in gradient], **of)
    aa, aAa = (a3.T * a3)[0], (a3.T * A3 * a3)[0]
    CC, small = (C3 * C3).trace(), sp.exp(-2 * ell)
    pairs = [(0, 0), (0, 1), (1, 1)]
    second = [
        F3.trace() * T1.diff((s, ell)[i], (s, ell)[j])
        + of_T[i] * of_T[j] * (2 * aAa * small - CC)
        + 2 * small * aa * (delta[i] * of_T[j] + delta[j] * of_T[i])
        + delta[i] * delta[j] * 4 * r2_tau * small
        for i, j in pairs
    ]
    expected = [sp.simplify(at(whole.diff((s, ell)[i], (s, ell)[j]))) for i, j in pairs]
    check("eq:unprofiled-hessian", expected, [sp.simplify(at(x)) for x in second], **of)

# %% [markdown]
# The link is to the sleepstudy model, from its definition: a normal density with two standard
# deviations, a correlation, and $\sigma$, differentiated with fifty digits.

# %%
some = sleep[sleep["Subject"].isin(["308", "309", "310", "330"])].iloc[::3]
small_fit = rm.lmer("Reaction ~ Days + (Days | Subject)", some, reml=False)
of = lines.problem(Estimated.of(small_fit), chosen(small_fit.design, "cor_"))
first, angle, second_sd, log_sigma = range(4)
ways = of.held.shifted.ways
units = np.linalg.norm(np.linalg.inv(ways.S[0]).T, axis=1) * ways.size
X, y = (mp.matrix(m.tolist()) for m in (small_fit.design.X, small_fit.design.y))
of_row, days = small_fit.design.terms[0].codes, some["Days"].to_numpy()


def density(*v):
    """-2 log-likelihood, beta at its best, by the definition."""
    s1, s2 = v[0] * mp.mpf(units[0]), v[2] * mp.mpf(units[1])
    rho, sd = -mp.cos(v[1]), mp.exp(v[3]) * mp.mpf(ways.size)
    n = len(of_row)
    V = mp.matrix(n, n)
    for i in range(n):
        for j in range(n):
            if of_row[i] == of_row[j]:
                x, z = int(days[i]), int(days[j])
                V[i, j] = s1**2 + rho * s1 * s2 * (x + z) + s2**2 * x * z
        V[i, i] += sd**2
    VX, Vy = mp.matrix(mp.inverse(V) * X), mp.inverse(V) * y
    beta = mp.lu_solve(X.T * VX, X.T * Vy)
    return mp.log(mp.det(V)) + ((y - X * beta).T * (Vy - VX * beta))[0]


x = of.best.x + np.array([0.1, -0.2, 0.05, 0.1])
here = of.held.at(x)
with mp.workdps(50):
    centre, step = [mp.mpf(float(one)) for one in x], mp.mpf("1e-12")
    unit = [[step * (i == j) for i in range(4)] for j in range(4)]

    def moved(*shifts):
        """The density at the centre and some shifts."""
        return density(*(sum(parts) for parts in zip(centre, *shifts, strict=True)))

    def back(shift):
        """The opposite shift."""
        return [-one for one in shift]

    slopes = [(moved(e) - moved(back(e))) / (2 * step) for e in unit]
    bends = [
        [
            (moved(e, f) - moved(e, back(f)) - moved(back(e), f) + moved(back(e), back(f)))
            / (4 * step**2)
            for f in unit
        ]
        for e in unit
    ]
link("eq:unprofiled-gradient", np.array(slopes, float), here.gradient, held.derivatives)
link("eq:unprofiled-hessian", np.array(bends, float), here.hessian, held.derivatives)

# %% [markdown]
# ## A coefficient that is held
#
# By ML, a coefficient that is held is an offset. In the coordinates of the search $\tilde X$ has
# $\tilde X^\top W \tilde X = I$, and the coefficients that are held, $\beta_J$, are up to a
# constant $L\tilde\beta$. With $L = R^\top Q_1^\top$ ($R$ upper triangular) and $Q = (Q_1, Q_2)$
# orthogonal,
#
# $$
# \tilde X \tilde\beta = \tilde X Q_1 g_1 + \tilde X Q_2 g_2 , \qquad
# L \tilde\beta = R^\top g_1 ,
# $$ (eq:held-beta)
#
# so that the model for $y - \tilde X Q_1 g_1$ with the columns $\tilde X Q_2$ is that with
# $\beta_J$ held. In $g_1$ the slope of $d$ is, $Z\hat\gamma$ and $g_2$ at their best,
#
# $$
# \frac{\partial d}{\partial g_1} =
#     -2\, (\tilde X Q_1)^\top V_0^{-1} (y - \tilde X\tilde\beta) / \sigma^2 ,
# $$ (eq:held-slope)
#
# and $V_0^{-1} (y - \tilde X\tilde\beta)$ are the weights times the conditional residuals
# {eq}`eq:scaled-residual`.

# %%
Q = sp.Matrix([[R(3, 5), R(-4, 5)], [R(4, 5), R(3, 5)]])
y3 = sp.Matrix(sp.symbols("y_1:4"))
g1, g2, q = sp.symbols("g_1 g_2 q")
Xt = sp.Matrix(3, 2, sp.symbols("x_1:7"))
turned = Q * sp.Matrix([g1, g2])
split = Xt * Q[:, 0] * g1 + Xt * Q[:, 1] * g2
check("eq:held-beta", Xt * turned, split, "symbolic", "n = 3, p = 2")
check("eq:held-beta", (q * Q[:, :1].T * turned)[0], q * g1, "symbolic", "n = 3, p = 2")
V2 = sp.diag(1, 2, 3) + sp.ones(3, 3)
quadratic = ((y3 - Xt * turned).T * V2.inv() * (y3 - Xt * turned))[0] / sigma**2
slope = -2 * ((Xt * Q[:, 0]).T * V2.inv() * (y3 - Xt * turned))[0] / sigma**2
check("eq:held-slope", quadratic.diff(g1), slope, "symbolic", "n = 3, p = 2")
of = lines.problem(Estimated.of(fit), chosen(fit.design, "Days"))
shifted, ways = of.held.shifted, of.held.shifted.ways
for shift in (np.array([0.0]), np.array([1.5])):
    search = shifted.search(shift, False, of.held.route)
    beta = shifted.beta(shift, np.array([0.3]))
    inner = np.linalg.solve(ways.LX.T, np.eye(2))
    tilde = (ways.LX.T @ beta - ways.c) / ways.size
    left = search.design.y - search.design.X @ np.array([0.3])
    link("eq:held-beta", ways.design.y - ways.design.X @ tilde, left, held.Shifted.search)
    link("eq:held-beta", fit.beta["Days"] + shift[0], beta[1], held.Shifted.beta)
x = of.best.x + np.array([1.0, 0, 0, 0, 0])  # r^2 is a parabola: differences are exact
up, here, down = (of.held.at(x + np.eye(5)[0] * by) for by in (1.0, 0.0, -1.0))
link("eq:held-slope", (up.height - down.height) / 2, here.gradient[0], held.Shifted.slope)

# %% [markdown]
# ## Why there is no profile of beta by REML
#
# The restricted likelihood is that of $K^\top Y$, columns of $K$ orthogonal to $X$
# ({eq}`eq:reml-criterion` and the page on REML). There
#
# $$
# K^\top (Y - X b) = K^\top Y \quad \text{for every } b ,
# $$ (eq:no-reml-beta)
#
# so that it is the same whatever $\beta$ is held at: a flat profile, and no interval. To hold
# $\beta_j$ in an offset and restrict the likelihood with what is left of $X$ would compare
# likelihoods of other contrasts, as two REML fits with different $X$. `profile(reml=True)` refuses
# $\beta$; of covariances it is well defined, as $K$ does not change. The two criteria differ by
#
# $$
# d_R(T, \sigma) - d_{ML}(T, \sigma) = \log|X^\top V_0^{-1} X| - p \log(2\pi\sigma^2) ,
# $$ (eq:reml-less-ml)
#
# so that their profiles are never quite the same, and in designs of few groups clearly not. lme4
# refits by ML what was fitted by REML, and so does `profile()`, unless it is told `reml=True`.

# %%
K = sp.Matrix.hstack(*X4.T.nullspace())
shift = sp.Matrix(sp.symbols("b_1:3"))
y_any = sp.Matrix(sp.symbols("y_1:5"))
of = {"kind": "symbolic", "sizes": "n = 4, p = 2", "text_only": True}
check("eq:no-reml-beta", K.T * (y_any - X4 * shift), K.T * y_any, **of)
ns, ps, VX = sp.symbols("n p G", positive=True)
parts = [
    log_det + size * (sp.log(2 * sp.pi) + 2 * sp.log(sigma)) + r2 / sigma**2
    for log_det, size in ((D + sp.log(VX), ns - ps), (D, ns))
]
gap = sp.expand_log(sp.log(VX) - ps * sp.log(2 * sp.pi * sigma**2), force=True)
sides = sp.expand(parts[0] - parts[1]), sp.expand(gap)
check("eq:reml-less-ml", *sides, "general", "all sizes", text_only=True)
for reml in (False, True):
    print("REML" if reml else "ML", dyes.confint(reml=reml, which="sd_").round(4).to_numpy()[0])

# %% [markdown]
# ## Where the range of a parameter ends
#
# $d$ depends on a standard deviation $s$ through $s^2$ and through products with other entries that
# may change their sign with it. So the profile is even in $s$, and
#
# $$
# p'(0) = 0 .
# $$ (eq:even-profile)
#
# It arrives at zero flat, at a finite height, which is the likelihood ratio statistic of the model
# without the effect. Where that is below $\chi^2_{1, 1-\alpha}$, zero is the lower limit: no
# positive value is rejected. The same holds for $\psi$ at $0$ and $\pi$, where the correlation is
# $-1$ or $1$.
#
# Where an effect has the standard deviation zero, its correlations change nothing:
#
# $$
# a = 0: \quad \Lambda_g \Lambda_g^\top = \begin{pmatrix} 0 & 0 \\ 0 & b^2 \end{pmatrix}
#     \quad \text{for every } \psi .
# $$ (eq:flat-correlation)
#
# So if one of the two is estimated as zero, the correlation has no estimate, and the limits $-1$
# and $1$. And for the same reason the profile of a correlation nowhere rises above the likelihood
# ratio statistic of leaving out one of its effects.
#
# $\chi^2_1$ is no longer the law of $\zeta^2$ if the true value is at such an end
# ({eq}`eq:lrt-mixture`). The limits then cover more often than they say, as zero is in the interval
# whenever the test at the quantile of $\chi^2_1$ accepts it.

# %%
even = sp.Function("d")(s**2)
sides = even.diff(s).doit().subs(s, 0).doit(), sp.Integer(0)
check("eq:even-profile", *sides, "general", "any smooth d", text_only=True)
flat = (G2.subs(a, 0) * G2.subs(a, 0).T).applyfunc(sp.trigsimp)
sides = flat, sp.Matrix([[0, 0], [0, length**2]])
check("eq:flat-correlation", *sides, "symbolic", "k = 2", text_only=True)
no_batch = rm.lmer("Yield ~ 1 + (1 | Batch)", rm.load_dataset("Dyestuff2"), reml=False)
print(no_batch.confint().round(4).to_string())

# %% [markdown]
# ## How limits are computed
#
# From the estimate the profile is followed outwards, some steps of $\zeta$, each from the least
# point of the one before. Between the last two points Newton's steps on $\zeta$
# {eq}`eq:zeta-slope` find the limit. Each point is a minimum to rounding, with exact second
# derivatives, so that limits have as many digits as the criterion lets them; `lme4` interpolates,
# and has fewer ({doc}`conformance`). A limit
# is looked at once more from points far away, as another minimum may be lower there.

# %%
reference = {"Dyestuff, sd of batches": 12.1965053, "lme4 1.1 prints": 12.1985}
print(pd.Series({**reference, "here": dyes.confint(which=".sig01").iloc[0, 0]}).to_string())

# %% [markdown]
# ## Two parameters
#
# With two parameters held, a region is where
#
# $$
# \min_{z :\, h(z) = c} d(z) - d(\hat z) \le \chi^2_{2,\, 1 - \alpha} , \qquad c \in \mathbb{R}^2 ,
# $$ (eq:contour)
#
# and its outline is found on rays from the estimate, each a profile of its own. In a linear model
# and for $\beta$ it is an ellipse.

# %%
inside = (z.T * H * z)[0] / 2
sub = H.inv()[:2, :2].inv()
third = sp.solve(inside.diff(z[2]), z[2])[0]
sides = sp.together(inside.subs(z[2], third)), sp.together((z[:2, :].T * sub * z[:2, :])[0] / 2)
check("eq:contour", *sides, "symbolic", "a parabola, 3 parameters, 2 held")
outline = contours(line, ["(Intercept)", "Days"], [0.95]).table
away = outline[["(Intercept)", "Days"]].to_numpy() - line.beta.to_numpy()
XtX = line.design.X.T @ line.design.X
squares = np.einsum("ri,ij,rj->r", away, XtX, away) / (180 * line.sigma**2)
by_form = 180 * np.log1p(squares)
link("eq:contour", by_form, np.full(len(away), stats.chi2.ppf(0.95, 2)), contours)

# %% [markdown]
# ## A picture
#
# Dyestuff, by ML. On the left $\zeta$ of the standard deviation of batches, which bends: a steep
# rise towards zero, a slow one upwards. In the middle $\sigma$, which is nearly straight. On the
# right both together; the region of 99% meets the line on which there is no difference between
# batches.

# %%
figure, panels = plt.subplots(1, 3, figsize=(10, 3.2), layout="constrained")
dyes.plot("zeta", which=["sd_", "sigma"], ax=panels[:2])
dyes.plot("contour", which=["sigma", "sd_"], levels=(0.5, 0.8, 0.95, 0.99), ax=panels[2])
plt.show()

# %% [markdown]
# Names are lme4's. Rows come in the order of lme4 1.1: the lower triangle of each term, column by
# column, so that `.sig02` of the sleepstudy model is the correlation. lme4 2.x has the standard
# deviations of a term first, and there `.sig02` is that of Days. Here `sd_Days|Subject` and
# `cor_Days.(Intercept)|Subject` say which is meant.
