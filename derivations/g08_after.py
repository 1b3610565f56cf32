# %% [markdown]
# # After a generalized fit
#
# Once the parameters are found, the same questions come as after a linear fit: how far off is each
# row, how sure is a prediction, what does one parameter cost when it is moved. The answers have the
# same shapes, with a weight that depends on the mean, and no residual variance.

# %%
"""Imports, and the name of the page."""

import numpy as np
import sympy as sp
from checks import check, link, page

import refmixed as rm
from refmixed.after.limits.parameters import Parameter
from refmixed.glm import families, links
from refmixed.glm.after import held, joint, residuals, simulate, tables, wald
from refmixed.prediction import own_rows

page("g08_after")
cbpp = rm.load_dataset("cbpp")
fit = rm.glmer("cbind(incidence, size - incidence) ~ period + (1 | herd)", cbpp)
mode = fit.likelihood.mode

# %% [markdown]
# ## Residuals
#
# Let $\mu_i$ be the mean of a row at the modes, and $\phi\, v(\mu_i) / w_i$ the variance of $y_i$
# given the random effects: $v = \mu(1 - \mu)$ for a proportion of $w_i$ trials, $\mu$ for a count,
# $\mu^2$ for a Gamma response. Then $y_i - \mu_i$ is the response residual, and Pearson's has the
# variance $\phi$ for all rows alike:
#
# $$
# r_i^{\text{Pearson}} = (y_i - \mu_i) \sqrt{\frac{w_i}{v(\mu_i)}} .
# $$ (eq:pearson-residual)
#
# The working residual is the difference on the scale of the link, as far as a straight line goes:
#
# $$
# r_i^{\text{working}} = \frac{y_i - \mu_i}{d\mu_i / d\eta_i} .
# $$ (eq:working-residual)
#
# The deviance residual asks how much the log-density falls short of the best that the row could
# have by a linear predictor of its own, $\hat\eta_i$ with $g^{-1}(\hat\eta_i) = y_i$:
#
# $$
# r_i^{\text{deviance}} = \operatorname{sign}(y_i - \mu_i)
# \sqrt{2 \phi \bigl( \log f(y_i \mid \hat\eta_i) - \log f(y_i \mid \eta_i) \bigr)} .
# $$ (eq:deviance-residual)
#
# The squares of these are the terms of the deviance. It is no $-2\log L$: that of the fit's
# likelihood integrates over the random effects, and keeps the constants.

# %%
y, mu, m, w = sp.symbols("y mu m w", positive=True)
log_densities = {
    "binomial": (m * (y * sp.log(mu) + (1 - y) * sp.log(1 - mu)),
                 2 * m * (y * sp.log(y / mu) + (1 - y) * sp.log((1 - y) / (1 - mu)))),
    "poisson": (w * (y * sp.log(mu) - mu), 2 * w * (y * sp.log(y / mu) - (y - mu))),
    "Gamma": (w * (-sp.log(mu) - y / mu), 2 * w * ((y - mu) / mu - sp.log(y / mu))),
}  # fmt: skip
for log_f, stated in log_densities.values():
    twice = 2 * (log_f.subs(mu, y) - log_f)
    check("eq:deviance-residual", sp.expand_log(twice, force=True).expand(),
          sp.expand_log(stated, force=True).expand(), "symbolic", "one row, any mean")  # fmt: skip

eta = np.array([-1.0, 0.3, 0.8, 2.0])
proportion, trials = np.array([0.25, 0.5, 1.0, 0.75]), np.array([4.0, 2.0, 3.0, 8.0])
of_trials = families.Binomial(links.PROBIT, proportion * trials, trials)
best = links.PROBIT.eta(np.where(proportion == 1, 1 - 1e-16, proportion))
short = of_trials.log_density(best) - of_trials.log_density(eta)
p = links.PROBIT.mean(eta)
sides = {
    "pearson": (proportion - p) * np.sqrt(trials / (p * (1 - p))),
    "working": (proportion - p) / links.PROBIT.slope(eta),
    "deviance": np.sign(proportion - p) * np.sqrt(2 * short),
}
for kind, left in sides.items():
    link(f"eq:{kind}-residual", left, residuals.of_kind(of_trials, eta, kind), residuals.of_kind)

# %% [markdown]
# ## How sure a linear predictor is
#
# At the joint mode of $u$ and $\beta$ the curvature of $h$ is that of penalized least squares with
# the weights $W$ ({doc}`d06_penalized`). Its inverse is the covariance of the errors of both, as
# far as $h$ is a parabola and $\theta$ is known. For a row with $x$ in $X$ and $a$ in
# $A = Z\Lambda$, and with $M$ of {eq}`eq:joint-curvature`,
#
# $$
# \operatorname{Var}\bigl( x^\top(\hat\beta - \beta) + a^\top(\hat u - u) \bigr)
# = a^\top H^{-1} a + r^\top M^{-1} r, \qquad r = x - X^\top W A H^{-1} a .
# $$ (eq:glmm-prediction-variance)
#
# On the scale of the response it is multiplied by the squared slope of the mean. Of the rows of the
# fit itself the weights times these variances are the diagonal of the hat matrix, whose sum is the
# number of parameters that the modes are worth:
#
# $$
# \hat h_i = W_i \operatorname{Var}(\hat\eta_i - \eta_i) .
# $$ (eq:glmm-hat)

# %%
h11, h12, h22, b1, b2, d, a1, a2, x1 = sp.symbols("h11 h12 h22 b1 b2 d a1 a2 x1")
H_, B_, D_ = sp.Matrix([[h11, h12], [h12, h22]]), sp.Matrix([b1, b2]), sp.Matrix([[d]])
a_, x_ = sp.Matrix([a1, a2]), sp.Matrix([[x1]])
whole = sp.Matrix(sp.BlockMatrix([[H_, B_], [B_.T, D_]]).as_explicit())
both = sp.Matrix([a_, x_])
M_ = D_ - B_.T * H_.inv() * B_
r_ = x_ - B_.T * H_.inv() * a_
right = (a_.T * H_.inv() * a_)[0] + (r_.T * M_.inv() * r_)[0]
left = (both.T * whole.inv() * both)[0]
check("eq:glmm-prediction-variance", sp.simplify(left - right), sp.Integer(0), "symbolic",
      "q = 2, p = 1")  # fmt: skip

W, X = mode.local.observed.W, fit.design.X
A = fit.design.Z * fit.theta.iloc[0]
whole = np.block([[A.T @ (W[:, None] * A) + np.eye(15), A.T @ (W[:, None] * X)],
                  [X.T @ (W[:, None] * A), X.T @ (W[:, None] * X)]])  # fmt: skip
rows = np.hstack([A, X])
variances = np.diag(rows @ np.linalg.solve(whole, rows.T))
found = joint.Joint(mode).variances(fit.design, fit.theta.to_numpy(), own_rows(fit.design))
link("eq:glmm-prediction-variance", variances, found, joint.Joint.variances)
link("eq:glmm-hat", W * variances, tables.hat(fit), tables.hat)
print(f"{tables.hat(fit).sum():.2f} parameters, of 15 herds and 4 periods")

# %% [markdown]
# ## Tests of coefficients
#
# There are no degrees of freedom to be had: no variance of residuals is estimated, and estimates
# are normal where there are many groups, and else not. A contrast $c^\top\beta$ is held against a
# value by
#
# $$
# z = \frac{c^\top\hat\beta - v}{\sqrt{c^\top V c}},
# $$ (eq:z-value)
#
# with $V$ the block of the inverse Hessian of minus the log-likelihood {eq}`eq:glmm-hessian` that
# belongs to $\beta$: then the error of $\theta$ is in it. The inverse of the block of the Hessian
# leaves it out.

# %%
V, beta = fit.vcov.to_numpy(), fit.beta.to_numpy()
table = fit.test_fixed(type=None)
link("eq:z-value", beta / np.sqrt(np.diag(V)), table["z value"], wald.z_tests)
print(table.round(4))

# %% [markdown]
# ## One parameter held
#
# A profile needs the best log-likelihood with one parameter held at a value $v$. For a coefficient
# or a standard deviation that is one linear equation in the parameters of the search. So it is for
# a correlation $r$ of the first two effects of a term, whose factor has the second row
# $(\Lambda_{21}, \Lambda_{22})$:
#
# $$
# r = \frac{\Lambda_{21}}{\sqrt{\Lambda_{21}^2 + \Lambda_{22}^2}}
# \quad\Longleftrightarrow\quad
# \sqrt{1 - r^2}\, \Lambda_{21} - r\, \Lambda_{22} = 0, \qquad \Lambda_{22} \ge 0 .
# $$ (eq:held)

# %%
L21, r = sp.symbols("L21 r", real=True)
L22 = sp.Symbol("L22", positive=True)
stated = L21 / sp.sqrt(L21**2 + L22**2)
check("eq:held", sp.simplify(sp.sqrt(sp.factor(1 - stated**2)) * L21 - stated * L22),
      sp.Integer(0), "symbolic", "any second row")  # fmt: skip

slopes = rm.glmer("incidence ~ 1 + (as.numeric(period) | herd)", cbpp, "poisson",
                  theta=[0.5, -0.3, 0.4], beta=[0.1])  # fmt: skip
own = held.Held.of(slopes, Parameter("cor", "cor", ".sig02", i=1, j=0))
of_r = -0.3 / np.hypot(-0.3, 0.4)
a, b = own.equation(of_r)
link("eq:held", [0.0, np.sqrt(1 - of_r**2), -of_r], [b, a[2], a[3]], held.Held.equation)
link("eq:held", [0.0], [a @ slopes.psi - b], held.Held.equation)

# %% [markdown]
# ## Responses drawn
#
# A replicate of the fit draws $u$ anew, and then each response from its law given $\eta$. Every
# draw is the quantile of one uniform number $p$,
#
# $$
# y = \min\{ t : \Pr(y \le t) \ge p \} ,
# $$ (eq:glmm-simulated)
#
# so that the same numbers give responses of two models that can be compared.

# %%
shares = np.array([[0.1, 0.5, 0.9, 0.999]])
counts = families.Poisson(np.zeros(4), np.ones(4))
eta = np.log(np.array([[0.5, 2.0, 4.0, 9.0]]))


def smallest(mean, share):
    """The first t whose sum of probabilities reaches the share."""
    t, term = 0, np.exp(-mean)
    total = term
    while total < share:
        t += 1
        term *= mean / t
        total += term
    return float(t)


left = [[smallest(*pair) for pair in zip(np.exp(eta[0]), shares[0], strict=True)]]
link("eq:glmm-simulated", left, simulate.responses(counts, eta, shares), simulate.responses)

# %% [markdown]
# Code: `glm.after.residuals`, `joint`, `held`, `simulate`, `wald`.
