# %% [markdown]
# # Assignment 6: penalized least squares
#
# The likelihood of a mixed model has a matrix with a row for every observation. Nobody needs it.
# The same numbers come out of least squares with a penalty, from a system with a row for every
# effect. In this assignment you factor that system, solve it, and get a large determinant from a
# small one.

# %%
import numpy as np
import pandas as pd
import sympy as sp
from checks import link, page

import refmixed as rm
from refmixed import marginal, penalized
from refmixed.penalized import Penalized
from validation.course.pages import agrees, box, four_rows

page("c06_penalized")

# %% tags=["remove-input"]
box("hw6")

# %% [markdown]
# ## What to do, and why
#
# Write the triangle $L$, a step of the way down, the last step of the way up, and the sum of
# squares. Solve triangular systems; your file has `solve_lower(L, b)` for $L^{-1} b$ and
# `solve_upper(L, b)` for $L^{\top -1} b$, both of a *lower* triangle. Then find the determinant of
# $V_0$ for one group with a line of its own. $V_0$ has $n$ rows; you need a matrix of two.
#
# This is how programs fit data whose $V$ nobody could store. $L$, $R_{ZX}$ and $R_X$ are what lme4
# keeps, by the same names. And a variance of zero, where textbook equations divide by zero, is
# nothing special here.
#
# ## What you need
#
# The page `d06_penalized`. {eq}`eq:joint-penalty` says what is minimised,
# {eq}`eq:normal-equations` is the system, and {eq}`eq:block-factor` its factors: multiply the
# blocks out and match them, one after the other. {eq}`eq:pwrss` says that the least sum of squares
# is the $r^2$ that you know. {eq}`eq:sylvester` is Sylvester's identity for determinants, and
# {eq}`eq:theta` says where the entries of $\theta$ stand in the factor.
#
# ## Four rows by hand
#
# The rows of the assignments before: $y = (1, 3, 6, 10)$ in the groups a, a, b, b, `y ~ 1 +
# (1 | group)` at $\theta = 1$, weights one. $\Lambda$ is the identity.
#
# **The factors.** $Z^\top Z = 2I$, so $L L^\top = 3I$ and $L = \sqrt3\, I$. $Z^\top X$ has a 2 for
# each group, so $R_{ZX}$ has $2/\sqrt3$. And $R_X^\top R_X = 4 - 2 \cdot \frac43 = \frac43$, so
# $R_X = 2/\sqrt3$. It is $X^\top V_0^{-1} X$ that was $\frac43$ in assignment 2.

# %%
root = sp.sqrt(3)
Z, X = sp.Matrix([[1, 0], [1, 0], [0, 1], [0, 1]]), sp.ones(4, 1)
y = sp.Matrix([1, 3, 6, 10])
L, RZX, RX = root * sp.eye(2), sp.ones(2, 1) * 2 / root, sp.Matrix([[2 / root]])
assert Z.T * Z + sp.eye(2) == L * L.T
assert L * RZX == Z.T * X
assert (RX.T * RX)[0] == 4 - (RZX.T * RZX)[0] == sp.Rational(4, 3)
link("eq:L", L, four_rows("hw6", "L").value, penalized.solve)
L.row_join(RZX)

# %% [markdown]
# **Down.** The sums of $y$ in the groups are 4 and 16, so $c_u = (4, 16)/\sqrt3$. The sum of all is
# 20. What belongs to $u$ is $R_{ZX}^\top c_u = \frac23 (4 + 16) = \frac{40}{3}$. It leaves
# $\frac{20}{3}$, and divided by $R_X$ that is $c_\beta = 10/\sqrt3$:

# %%
cu = sp.Matrix([4, 16]) / root
left_for_beta = (X.T * y - RZX.T * cu)[0]
assert left_for_beta == sp.Rational(20, 3)
cbeta = sp.Matrix([10 / root])
assert RX.T * cbeta == sp.Matrix([left_for_beta])
link("eq:back-solve", list(cbeta), four_rows("hw6", "cbeta").value, penalized.back_solve)
cbeta

# %% [markdown]
# **Up.** $\hat\beta = c_\beta / R_X = 5$. Then $c_u - R_{ZX} \cdot 5 = (4 - 10, 16 - 10)/\sqrt3$,
# and divided by $\sqrt3$ once more, $\hat u = (-2, 2)$. You know both numbers: the mean, and the
# posterior means of assignment 5.

# %%
beta = sp.simplify(cbeta[0] / RX[0])
u = (cu - RZX * beta) / root
assert (beta, list(u)) == (5, [-2, 2])
link("eq:back-solve", list(u), four_rows("hw6", "u").value, penalized.back_solve)
u.T

# %% [markdown]
# **The sum of squares.** The residuals are $y - 5 - Z \hat u = (-2, 0, -1, 3)$ with the sum of
# squares 14. The penalty is $4 + 4$. Together 22, which was $r^\top V_0^{-1} r$.

# %%
residuals = y - beta * X - Z * u
assert list(residuals) == [-2, 0, -1, 3]
pwrss = residuals.dot(residuals) + u.dot(u)
assert agrees("hw6", "pwrss", pwrss)
link("eq:pwrss", float(pwrss), four_rows("hw6", "pwrss").value, penalized.solve)
pwrss

# %% [markdown]
# **The criterion.** The determinant of $L L^\top$ is 9, and so is that of $V_0$. With
# $R_X^2 = \frac43$ the REML criterion has the same three pieces as in assignment 4, and no matrix
# was larger than two by two.

# %%
criterion = sp.log(9) + sp.log(RX[0] ** 2) + 3 * (1 + sp.log(2 * sp.pi * pwrss / 3))
rows = pd.DataFrame({"y": [1.0, 3, 6, 10], "group": list("aabb"), "time": [-0.5, 0.5] * 2})
design = rm.design("y ~ 1 + (1 | group)", rows)
found = penalized.criterion(design, np.ones(1))
link("eq:small-criterion", float(criterion), found, penalized.criterion)
criterion

# %% [markdown]
# **The formula.** Take the first two rows with the times $-\frac12, \frac12$, so $S = \frac12$, and
# $\theta = (1, \frac12, 1)$. By definition, the line has the variance $1 \mp \frac12 + \frac14
# \cdot \frac54$ at the two times, $\frac{13}{16}$ and $\frac{29}{16}$, and the covariance $1 -
# \frac14 \cdot \frac54 = \frac{11}{16}$. Add one to the variances:

# %%
sixteenths = sp.Matrix([[29, 11], [11, 45]])
of_group = sixteenths / 16
slopes = rm.design("y ~ 1 + (1 + time | group)", rows, allow_saturated=True)
V0 = marginal.at(slopes, np.array([1, 0.5, 1])).V0[:2, :2]
link("eq:V", of_group, V0, marginal.Marginal.V0)
of_group.det()

# %% [markdown]
# Your formula must give this for $n = 2$.
#
# ## Three exercises to check yourself
#
# **1.** Ten thousand rows, 50 groups with a line each, and four fixed effects. How many rows have
# $V_0$, $L$ and $R_X$?
#
# :::{dropdown} Solution
# $V_0$ has 10,000, $L$ has one for each effect, $2 \cdot 50 = 100$, and $R_X$ has 4.
# :::
#
# **2.** Let $\theta = 0$. What are $L$, $R_{ZX}$, $R_X$, $\hat u$ and $r^2$? What does Henderson's
# system, with $T^{-1}$ in it, say there?
#
# :::{dropdown} Solution
# $L$ is the identity, $R_{ZX}$ and $\hat u$ are zero, $R_X^\top R_X = X^\top W X$, and $r^2$ is the
# residual sum of squares of the regression without groups. $T^{-1}$ does not exist, so Henderson's
# system says nothing.
# :::
#
# **3.** Three groups of 1, 2 and 6 rows, weights one, `(1 | g)` at $\theta = 2$. What is the
# determinant of $V_0$?
#
# :::{dropdown} Solution
# $L L^\top$ is diagonal with $1 + 4 n_j$: 5, 9 and 25. The determinant of the nine by nine matrix
# is $5 \cdot 9 \cdot 25 = 1125$.
# :::

# %% tags=["hide-input"]
many = pd.DataFrame({"g": np.arange(400) % 50, "x": np.arange(400) % 7, "z": np.arange(400) % 11})
many["y"], many["v"] = 1.0 * many["x"], many["x"] * many["z"]
lines = rm.design("y ~ x + z + v + (1 + x | g)", many)
assert (lines.q, lines.p) == (100, 4)

at_zero = penalized.solve(design, np.zeros(1))
assert np.allclose(at_zero.L, np.eye(2))
assert not at_zero.RZX.any()
assert not at_zero.u.any()
assert np.isclose(at_zero.RX[0, 0] ** 2, 4)
assert np.isclose(at_zero.pwrss, rows["y"].var() * 3)

sizes = pd.DataFrame({"g": list("abbcccccc"), "y": np.arange(9.0)})
nine = penalized.solve(rm.design("y ~ 1 + (1 | g)", sizes), np.array([2.0]))
link("eq:sylvester", np.log(1125), nine.logdet_V0, Penalized.logdet_V0)

# %% [markdown]
# ## To discuss
#
# The penalty on $u$ is the same for every effect, 1, and there is none on $\beta$. Where has the
# size of the variances gone? What would a penalty on $\beta$ mean? And what happens to the system,
# to $\hat\beta$ and to $\hat u$, as $\theta$ grows without limit?
