# %% [markdown]
# # The model
#
# A linear mixed model is a linear model in which some coefficients are drawn at random. This page
# writes it down in matrices, shows how `(1 | g)` and `(1 + x | g)` become columns of $Z$, and how a
# short vector $\theta$ stands for the large covariance matrix of the random effects. All that
# follows is derived from these definitions; the last section lists the symbols.

# %%
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page

import refmixed as rm
from refmixed import covariance, varcorr
from refmixed.design import Design, RandomTerm

page("d01_model")

# %% [markdown]
# ## One row, and all rows
#
# Observation $i$ has a response $Y_i$, a known offset $o_i$, and two vectors of known covariates,
# $X_i$ with $p$ entries and $Z_i$ with $q$. The model of this one observation is
#
# $$ Y_i \equiv o_i + X_i^\top \beta + Z_i^\top \gamma + e_i $$
#
# - $\beta$ is fixed: unknown numbers, the same in every repetition of the study.
# - $\gamma \sim N(0, \Sigma)$ is random: a repetition of the study would draw it again.
# - $e_i \sim N(0, \sigma^2 / w_i)$ with a known weight $w_i > 0$, independent of $\gamma$ and of
#   each other. Usually all weights are one and all offsets zero.
#
# Let $X$ have the rows $X_i^\top$, let $Z$ have the rows $Z_i^\top$, and let $W$ be the diagonal
# matrix of the weights, so that $e \sim N(0, \sigma^2 W^{-1})$. Then the $n$ rows are one equation:
#
# $$ \bigl( o_i + X_i^\top \beta + Z_i^\top \gamma + e_i \bigr)_{i = 1, \dots, n}
#    = o + X \beta + Z \gamma + e $$ (eq:model-rows)
#
# The matrix stands on the left and the coefficients on the right. Only so do the shapes fit: $X$ is
# $n \times p$ and $\beta$ has $p$ entries. (*The chapter*, on mixed and hierarchical models in
# the regression course that this book accompanies, has them the other way round. Where the two
# differ, see {doc}`errata`.)


# %%
def matrix(name, rows, columns):
    """A matrix with a symbol for every entry."""
    return sp.Matrix(rows, columns, lambda i, j: sp.Symbol(f"{name}_{i + 1}{j + 1}", real=True))


n, p, q = 3, 2, 2
X, Z, beta, gamma = matrix("x", n, p), matrix("z", n, q), matrix("b", p, 1), matrix("g", q, 1)
o, e = matrix("o", n, 1), matrix("e", n, 1)
rows = []
for i in range(n):
    fixed = sum(X[i, j] * beta[j] for j in range(p))
    random = sum(Z[i, j] * gamma[j] for j in range(q))
    rows.append(o[i] + fixed + random + e[i])
check(
    "eq:model-rows",
    sp.Matrix(rows),
    o + X * beta + Z * gamma + e,
    "symbolic",
    "n = 3, p = 2, q = 2",
    text_only=True,
)

# %% [markdown]
# ## Random intercepts: Examples 23.1 and 23.3
#
# A survey asks people in many counties for their income, and the averages of the counties are
# wanted. Person $i$ lives in county $g_i$. With a fixed coefficient for each county there are
# as many parameters as counties, and a county with two respondents gets an estimate from two
# numbers. A mixed model takes the counties as draws from a population of counties instead: the
# county's mean is $\beta_0 + \gamma_{g_i}$, with $\gamma_j \sim N(0, \sigma_\gamma^2)$ for each
# county $j$ independently. The overall mean is $\beta_0$, since the $\gamma_j$ have mean zero.
#
# In a formula this is `income ~ 1 + (1 | county)`. To the right of the bar stands the grouping
# factor, to its left the effects that differ between its levels: here the intercept. So $Z$ has
# one column a county, and $Z_{ij}$ is 1 if $g_i$ is $j$ and 0 otherwise. No level is
# left out. Six respondents from three counties:

# %%
survey = pd.DataFrame({"county": list("AAABBC"), "income": [30.0, 41.0, 37.0, 52.0, 48.0, 25.0]})
counties = rm.design("income ~ 1 + (1 | county)", survey)
print(pd.DataFrame(counties.Z.astype(int), survey["county"], counties.terms[0].levels))
sigma_g = sp.Symbol("sigma_gamma", positive=True)
print("\nSigma =\n" + sp.pretty(sigma_g**2 * sp.eye(counties.q)))

# %% [markdown]
# Each row holds a single 1, and no row belongs to two counties. Hence, with $n_j$ observations in
# county $j$ and $J$ counties,
#
# $$ Z^\top Z = \begin{pmatrix} n_1 & & \\ & \ddots & \\ & & n_J \end{pmatrix},
#    \qquad Z \mathbf 1 = \mathbf 1 $$ (eq:random-intercepts-Z)
#
# The second half says that the columns of $Z$ add up to the intercept's column of $X$. With fixed
# county effects one level would have to go. Random effects keep them all, because their
# distribution (mean zero) tells them from $\beta_0$.


# %%
def indicators(codes, levels):
    """Z of `(1 | g)`: a column of zeros and ones for each level."""
    return sp.Matrix(len(codes), levels, lambda i, j: int(codes[i] == j))


assignments = list(product(range(3), repeat=4))  # every way to put 4 rows into 3 groups
found = [list(indicators(c, 3).T * indicators(c, 3)) for c in assignments]
sizes = [list(sp.diag(*(c.count(j) for j in range(3)))) for c in assignments]
sums = [list(indicators(c, 3) * sp.ones(3, 1)) for c in assignments]
every = "all assignments of 4 rows to 3 groups"
check("eq:random-intercepts-Z", found, sizes, "exact", every, text_only=True)
check("eq:random-intercepts-Z", sums, [[1] * 4] * len(sums), "exact", every, text_only=True)
code = sp.Matrix(counties.Z.astype(int))
check(
    "eq:random-intercepts-Z", code.T * code, sp.diag(3, 2, 1), "exact", "the survey", text_only=True
)

# %% [markdown]
# ## Random intercepts and slopes: Examples 23.2 and 23.4
#
# In the sleepstudy data the reaction time of each subject was measured day after day, while they
# slept too little. Subjects differ in how fast they are on day 0, and in what a day costs them.
# The formula `Reaction ~ Days + (1 + Days | Subject)` says both. Now each subject has $k = 2$
# effects, and row $i$ brings the vector $x_i$ of the effects' covariates, here $(1, d_i)^\top$
# with $d_i$ the day. Row $i$ meets the effects of its own subject only: its random part is
# $x_i^\top \gamma_{g_i}$, where $\gamma_j$ holds the $k$ effects of level $j$.
#
# Stack the $\gamma_j$ into one $\gamma$, level after level. Then row $i$ of $Z$ is $x_i^\top$ in
# the columns of level $g_i$, and zero elsewhere. In symbols, with $\varepsilon_j$ the $j$-th unit
# vector and $\otimes$ the Kronecker product,
#
# $$ Z_i = \varepsilon_{g_i} \otimes x_i $$ (eq:Z)
#
# The check takes the other road. It writes down the random part of each row in scalars and reads
# off the coefficient of each random effect by differentiating.

# %%
codes, k, levels = [0, 0, 1, 2, 2, 1], 2, 3
x = matrix("x", len(codes), k)
gamma = matrix("g", levels, k)  # row j: the effects of level j
parts = [sum(x[i, a] * gamma[g, a] for a in range(k)) for i, g in enumerate(codes)]
unit = [sp.eye(levels)[:, j] for j in range(levels)]
kronecker = [sp.kronecker_product(unit[g], x[i, :].T).T for i, g in enumerate(codes)]
check(
    "eq:Z",
    sp.Matrix(parts).jacobian(sp.Matrix(list(gamma))),
    sp.Matrix.vstack(*kronecker),
    "symbolic",
    "6 rows, 3 levels, k = 2",
)

# %% [markdown]
# Three subjects on three days, with $Z$ as the code makes it and $\Sigma$ as the model says: the
# effects of one subject have variances $\sigma_0^2$ and $\sigma_1^2$ and covariance $\sigma_{01}$
# (the chapter calls it a correlation; see {doc}`errata`), and different subjects are independent.

# %%
sleep = rm.load_dataset("sleepstudy")
first = sleep["Subject"].isin(sleep["Subject"].cat.categories[:3]) & (sleep["Days"] < 3)
small = sleep[first]
design = rm.design("Reaction ~ Days + (1 + Days | Subject)", small)
term = design.terms[0]
titles = pd.MultiIndex.from_product([term.levels, ["1", "Days"]])
print(pd.DataFrame(design.Z.astype(int), small["Subject"].astype(str), titles).to_string())
s0, s1 = sp.symbols("sigma_0 sigma_1", positive=True)
s01 = sp.Symbol("sigma_01", real=True)
pair = sp.Matrix([[s0**2, s01], [s01, s1**2]])
Sigma = sp.kronecker_product(sp.eye(3), pair)
print("\nSigma =\n" + sp.pretty(Sigma))

# %% [markdown]
# Multiplied out, a row of this model is a straight line of the subject's own. The subject's
# intercept and slope are the population's plus a deviation. On day $d$ of subject $j$,
#
# $$ X_i^\top \beta + Z_i^\top \gamma
#    = (\beta_0 + \gamma_{j0}) + (\beta_1 + \gamma_{j1})\, d $$ (eq:subject-line)

# %%
b = sp.Matrix(sp.symbols("beta_0 beta_1"))
gamma = matrix("g", 3, 2)
X_code, Z_code = sp.Matrix(design.X.astype(int)), sp.Matrix(design.Z.astype(int))
lines = [
    (b[0] + gamma[j, 0]) + (b[1] + gamma[j, 1]) * int(d)
    for j, d in zip(term.codes, small["Days"], strict=True)
]
check(
    "eq:subject-line",
    X_code * b + Z_code * sp.Matrix(list(gamma)),
    sp.Matrix(lines),
    "symbolic",
    "X and Z of the code, 3 subjects on 3 days",
    text_only=True,
)

# %% [markdown]
# ## Another order of the columns
#
# The chapter puts all intercepts first and all slopes after them. We put the effects of one level
# side by side, as lme4 does, the R package whose names and numbers this book keeps. Both are right.
# Let $\Pi$ be the permutation matrix that sorts our $\gamma$ into the chapter's order. Then
# $Z \Pi^\top$ has the chapter's columns, and as $\Pi^\top \Pi = I$ the product $Z \gamma$ is the
# same. Let $\Sigma_1$ be the covariance of the $k$ effects of one level. In our order the
# covariance of $\gamma$ is $I_J \otimes \Sigma_1$. Sorted, the two factors change places:
#
# $$ \Pi \, (I_J \otimes \Sigma_1) \, \Pi^\top = \Sigma_1 \otimes I_J $$ (eq:column-order)
#
# In our order $\Sigma$ is block diagonal with small blocks. In the chapter's, the covariances
# $\sigma_{01}$ stand on two diagonals at a distance of $J$ from the main one.


# %%
def sorting(levels, k):
    """Pi: level after level -> effect after effect."""
    Pi = sp.zeros(levels * k)
    for j, a in product(range(levels), range(k)):
        Pi[a * levels + j, j * k + a] = 1
    return Pi


Pi = sorting(3, 2)
chapter = pd.MultiIndex.from_product([["1", "Days"], term.levels])
Z_sorted = np.array(Z_code * Pi.T, dtype=int)
print(pd.DataFrame(Z_sorted, small["Subject"].astype(str), chapter).to_string())
print("\nSigma =\n" + sp.pretty(Pi * Sigma * Pi.T))

for levels, k in ((3, 2), (2, 3), (4, 1)):
    one = matrix("s", k, k)
    check(
        "eq:column-order",
        sorting(levels, k) * sp.kronecker_product(sp.eye(levels), one) * sorting(levels, k).T,
        sp.kronecker_product(one, sp.eye(levels)),
        "symbolic",
        f"{levels} levels, k = {k}",
        text_only=True,
    )

# %% [markdown]
# ## Several terms
#
# A formula may have several bars: `(1 | plate) + (1 | sample)`. Term $t$ has $k_t$ effects for
# each of $J_t$ levels, so it has $q_t \equiv k_t J_t$ columns, made as above. The $Z$ of the
# model is these blocks side by side, and $\gamma$ is the terms' effects one below the other. As in
# lme4, the term with the most levels comes first. Effects of different terms are independent.
#
# Here are two terms with random covariates and groups, by {eq}`eq:Z` and by the code.

# %%
rng = np.random.default_rng(1)
data = pd.DataFrame({"x": rng.normal(size=14), "z": rng.normal(size=14), "y": rng.normal(size=14)})
data["g"] = [f"g{j}" for j in [0, 1, 2, 3, *rng.integers(0, 4, 10)]]
data["h"] = [f"h{j}" for j in [0, 1, 2, *rng.integers(0, 3, 11)]]
two = rm.design("y ~ x + (x + z | h) + (0 + z | g)", data)


def kronecker_rows(term):
    """(n, q) by eq:Z, a row at a time."""
    rows = zip(term.codes, term.x, strict=True)
    return np.array([np.kron(np.eye(len(term.levels))[j], x) for j, x in rows])


for term in two.terms:
    link("eq:Z", kronecker_rows(term), term.Z, RandomTerm.Z.fget)
by_rows = [np.concatenate(r) for r in zip(*map(kronecker_rows, two.terms), strict=True)]
link("eq:Z", by_rows, two.Z, Design.Z.func)
counts = {t.name: {"k": t.k, "levels": len(t.levels), "q": t.q} for t in two.terms}
print(pd.DataFrame(counts).T)

# %% [markdown]
# ## Uncorrelated effects: the double bar
#
# `(1 + x || g)` stands for two terms, `(1 | g) + (0 + x | g)`. Terms are independent, so the
# intercept and the slope of one level are uncorrelated. It is the model of the single bar with a
# diagonal covariance. With $Z_1, Z_2$ the blocks of the two terms and $Z$ the single bar's,
#
# $$ \tau_1^2 Z_1 Z_1^\top + \tau_2^2 Z_2 Z_2^\top
#    = Z \left( I_J \otimes
#      \begin{pmatrix} \tau_1^2 & 0 \\ 0 & \tau_2^2 \end{pmatrix} \right) Z^\top $$ (eq:double-bar)

# %%
apart = rm.design("Reaction ~ Days + (1 + Days || Subject)", small)
Z1, Z2 = (sp.Matrix(t.Z.astype(int)) for t in apart.terms)
t1, t2 = sp.symbols("tau_1 tau_2", positive=True)
check(
    "eq:double-bar",
    t1**2 * Z1 * Z1.T + t2**2 * Z2 * Z2.T,
    Z_code * sp.kronecker_product(sp.eye(3), sp.diag(t1**2, t2**2)) * Z_code.T,
    "exact",
    "the designs of the code, 3 subjects on 3 days",
    text_only=True,
)

# %% [markdown]
# The double bar has a price: what it says depends on where $x$ is zero. Count days from day $c$
# instead. A subject's line is the same line, but its intercept is now $\gamma_0 + c \gamma_1$, the
# height at day $c$, and
#
# $$ \operatorname{Cov}(\gamma_0 + c \gamma_1, \; \gamma_1)
#    = \sigma_{01} + c\, \sigma_1^2 $$ (eq:origin)
#
# So effects that are uncorrelated for one origin are correlated for every other one, unless all
# slopes are equal. The single bar allows every $\sigma_{01}$ and does not mind.


# %%
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


g0, g1, c = sp.symbols("gamma_0 gamma_1 c", real=True)
left = expectation((g0 + c * g1) * g1, [g0, g1], pair)
check("eq:origin", left, s01 + c * s1**2, "symbolic", "one level", text_only=True)

# %% [markdown]
# ## theta fills a triangle
#
# What can $\Sigma$ be? The $k$ effects of one level have some covariance matrix, the same one for
# every level. A covariance matrix is symmetric and positive semidefinite, and an optimiser that
# moves its entries one by one soon leaves that set. So we parametrize a square root of it. Each
# term has a lower triangle $\Lambda_t$, of size $k_t \times k_t$, and *any* real numbers in it
# give a proper covariance $\sigma^2 \Lambda_t \Lambda_t^\top$. Every covariance matrix can be had
# in this way, as the section "One covariance, one factor" shows. The factor $\sigma^2$ frees
# $\Lambda_t$ of the response's units: it is relative to the residual standard deviation.
#
# The vector $\theta$ lists the entries of the triangles, term after term, and within a term column
# by column. For three effects:

# %%
example = sp.zeros(3)
for entry, (i, j) in enumerate(zip(*covariance.entries(3), strict=True), start=1):
    example[i, j] = sp.Symbol(f"theta_{entry}")
print(sp.pretty(example))

# %% [markdown]
# Where in $\theta$ is the entry in row $i$ and column $j$, with $i \ge j$? Column $c$ holds
# $k + 1 - c$ entries, those on and below the diagonal. All columns before $j$ come first. Then come
# the entries of column $j$ down to row $i$, which are $i - j + 1$. The sum is
#
# $$ \operatorname{pos}(i, j)
#    = \sum_{c=1}^{j-1} (k + 1 - c) + (i - j + 1)
#    = (j - 1) \Bigl( k - \frac{j}{2} \Bigr) + i $$ (eq:theta)


# %%
def position(i, j, k):
    """Where entry (i, j) of a (k, k) triangle stands in theta; all count from 1."""
    return (j - 1) * (k - sp.Rational(1, 2) * j) + i


i, j, c, size = sp.symbols("i j c k", integer=True, positive=True)
before = sp.summation(size + 1 - c, (c, 1, j - 1))
check("eq:theta", before + i - j + 1, position(i, j, size), "general", "every k, i >= j")
column_by_column = [(row, col) for col in range(1, 6) for row in range(col, 6)]
places = [position(row, col, 5) for row, col in column_by_column]
check("eq:theta", list(range(1, 16)), places, "exact", "every entry, k = 5")

# %% [markdown]
# The code agrees: on the order of the entries, on the triangle of one term, and on the triangles
# of two terms that share a $\theta$.


# %%
def filled(k, part):
    """The triangle by eq:theta, entry by entry."""
    triangle = np.zeros((k, k))
    for row, col in product(range(1, k + 1), repeat=2):
        if row >= col:
            triangle[row - 1, col - 1] = part[int(position(row, col, k)) - 1]
    return triangle


rows, columns = covariance.entries(4)
where = [float(position(r + 1, c + 1, 4)) for r, c in zip(rows, columns, strict=True)]
link("eq:theta", np.arange(1, 11), where, covariance.entries)

theta = rng.normal(size=two.m)
three = covariance.layout_of((3,)).factor(theta[:6])
link("eq:theta", filled(3, theta[:6]), three, covariance.Layout.factor)
cut = two.terms[0].m
mine = [filled(two.terms[0].k, theta[:cut]), filled(two.terms[1].k, theta[cut:])]
theirs = covariance.factors(two, theta)
flat = [np.concatenate([triangle.ravel() for triangle in both]) for both in (mine, theirs)]
link("eq:theta", *flat, covariance.factors)

# %% [markdown]
# ## Lambda repeats the triangles
#
# Let $u$ be a vector of $q$ independent variables, all with the variance $\sigma^2$:
# $u \sim N(0, \sigma^2 I)$. We call it spherical, since its density is the same in all directions.
# Let $u_{tj}$ be the part that belongs to level $j$ of term $t$. The random effects of this level
# are $\gamma_{tj} \equiv \Lambda_t u_{tj}$. Stacked, this is $\gamma = \Lambda u$, where $\Lambda$
# has a copy of $\Lambda_t$ on its diagonal for every level of every term:
#
# $$ \Lambda(\theta) = \begin{pmatrix} I_{J_1} \otimes \Lambda_1 & & \\
#    & I_{J_2} \otimes \Lambda_2 & \\ & & \ddots \end{pmatrix} $$ (eq:Lambda)
#
# To check this, take $u$ apart, multiply level by level, stack, and differentiate.

# %%
shape = ((2, 3), (1, 2))  # (k, levels) of two terms
thetas = (sp.symbols("theta_1:4", real=True), sp.symbols("theta_4:5", real=True))


def triangle_of_symbols(k, part):
    """A term's triangle, by eq:theta."""
    return sp.Matrix(k, k, lambda i, j: part[position(i + 1, j + 1, k) - 1] if i >= j else 0)


triangles = [triangle_of_symbols(k, part) for (k, _), part in zip(shape, thetas, strict=True)]
gamma, u = [], []
for (k, levels), triangle in zip(shape, triangles, strict=True):
    for level in range(levels):
        own = sp.Matrix(sp.symbols(f"u_{k}{level}_:{k}"))
        gamma += list(triangle * own)
        u += list(own)
pieces = [sp.kronecker_product(sp.eye(s[1]), t) for s, t in zip(shape, triangles, strict=True)]
Lambda = sp.diag(*pieces)
sizes = "k = 2 with 3 levels beside k = 1 with 2"
check("eq:Lambda", sp.Matrix(gamma).jacobian(sp.Matrix(u)), Lambda, "symbolic", sizes)
print(sp.pretty(Lambda))

# %%
expected = np.zeros((two.q, two.q))
start = 0
for term, triangle in zip(two.terms, mine, strict=True):
    for _ in term.levels:
        expected[start : start + term.k, start : start + term.k] = triangle
        start += term.k
link("eq:Lambda", expected, covariance.relative_factor(two, theta), covariance.relative_factor)

# %% [markdown]
# All three matrices at a glance: four subjects, each measured at the same three items. Subjects
# have an intercept and a slope, items an intercept: `y ~ x + (1 + x | subject) + (1 | item)`. White
# is zero. A row of $Z$ has $(1, x)$ at its subject and a 1 at its item, and $\Lambda$ has a
# triangle for each of the four subjects, a number for each of the three items, and nothing between
# them.

# %% mystnb={"image": {"alt": "X, Z and Lambda of a small crossed design, zeros white"}}
frame = pd.DataFrame(product("abcd", "pqr"), columns=["subject", "item"])
frame["x"], frame["y"] = [1, 2, 3] * 4, range(12)
small_design = rm.design("y ~ x + (1 + x | subject) + (1 | item)", frame)
marks = np.array(covariance.relative_factor(small_design, np.arange(1.0, 5.0)), dtype=int)
effects = [f"{g}{e}" for g in "abcd" for e in ("1", "x")] + list("pqr")
rows_of = (frame["subject"] + frame["item"]).tolist()
shown = {
    "$X$": (small_design.X.astype(int), ["1", "x"], rows_of),
    "$Z$": (small_design.Z.astype(int), effects, rows_of),
    r"$\Lambda$": (marks, effects, effects),
}
figure, panels = plt.subplots(
    1, 3, figsize=(10, 4.4), width_ratios=[2, 11, 11], layout="constrained"
)
for axes, (title, (values, across, down)) in zip(panels, shown.items(), strict=True):
    axes.imshow(values, cmap="Greys", vmin=0, vmax=7)
    axes.set(title=title, xticks=range(len(across)), yticks=range(len(down)))
    axes.set_xticklabels(across, fontsize=8)
    axes.set_yticklabels(down, fontsize=8)
    axes.tick_params(length=0)
    for row, column in np.argwhere(values):
        value = values[row, column]
        text = rf"$\theta_{value}$" if axes is panels[2] else str(value)
        axes.text(column, row, text, ha="center", va="center", fontsize=8)
    if len(across) == 11:
        axes.axvline(7.5, color="k", linewidth=0.8)
panels[2].axhline(7.5, color="k", linewidth=0.8)
_ = panels[1].set_xlabel("effects of subjects | of items")

# %% [markdown]
# ## The covariance of the random effects
#
# A linear map of a normal vector is normal, and its covariance follows from linearity:
# $\operatorname{E}[\Lambda u (\Lambda u)^\top]
# = \Lambda \operatorname{E}[u u^\top] \Lambda^\top$. Hence
#
# $$ \operatorname{Cov}(\Lambda u) = \sigma^2 \Lambda \Lambda^\top $$ (eq:spherical-covariance)
#
# The check multiplies out every product $\gamma_i \gamma_j$ and takes the expectation of each
# monomial.

# %%
sigma = sp.Symbol("sigma", positive=True)
any_factor, u3 = matrix("l", 3, 3), list(sp.symbols("u_1:4", real=True))
effects = any_factor * sp.Matrix(u3)
moments = sigma**2 * sp.eye(3)  # Cov(u)
L, Lt, v, vt = sp.symbols("Lambda Lambda' u u'", commutative=False)
whole = sp.expand((L * v) * (vt * Lt)).subs(v * vt, sigma**2)
check("eq:spherical-covariance", whole, sigma**2 * L * Lt, "general", "every q", text_only=True)
by_moments = sp.Matrix(3, 3, lambda i, j: expectation(effects[i] * effects[j], u3, moments))
check(
    "eq:spherical-covariance",
    by_moments,
    sigma**2 * any_factor * any_factor.T,
    "symbolic",
    "q = 3, any square Lambda",
    text_only=True,
)

# %% [markdown]
# Now put in {eq}`eq:Lambda`. The product of two block diagonal matrices is taken block by block, so
#
# $$ \Sigma = \sigma^2 \Lambda \Lambda^\top = \sigma^2 \begin{pmatrix}
#    I_{J_1} \otimes \Lambda_1 \Lambda_1^\top & & \\
#    & I_{J_2} \otimes \Lambda_2 \Lambda_2^\top & \\ & & \ddots \end{pmatrix} $$ (eq:Sigma)
#
# In words: levels are independent, the effects of one level have covariance
# $\sigma^2 \Lambda_t \Lambda_t^\top$, and all levels of a term have the same. In the general check
# the triangles are noncommuting letters, so they may have any size.

# %%
A, At, B, Bt = sp.symbols("A A' B B'", commutative=False)
product_of_blocks = sp.diag(A, A, A, B, B) * sp.diag(At, At, At, Bt, Bt)
copies = sp.diag(A * At, A * At, A * At, B * Bt, B * Bt)
check("eq:Sigma", product_of_blocks, copies, "general", "two terms, 3 and 2 levels, any k")
blocks = [
    sigma**2 * sp.kronecker_product(sp.eye(s[1]), t * t.T)
    for s, t in zip(shape, triangles, strict=True)
]
check("eq:Sigma", sigma**2 * Lambda * Lambda.T, sp.diag(*blocks), "symbolic", sizes)

triangle, scale = filled(3, theta[:6]), 1.7
sums = [
    [scale**2 * sum(a * b for a, b in zip(r, s, strict=True)) for s in triangle] for r in triangle
]
link("eq:Sigma", sums, varcorr.covariance("abc", triangle, scale).cov, varcorr.covariance)

# %% [markdown]
# Why the detour over $u$? Its entries are independent and of one size, whatever $\theta$ is. And it
# has a density even when $\Sigma$ is singular (a variance of zero, a correlation of one), where
# $\gamma$ has none and $\Sigma^{-1}$ does not exist. Estimates on that boundary are common.
#
# For two effects the standard deviations and the correlation are, with $\theta_1 > 0$ and
# $\theta_2, \theta_3$ not both zero,
#
# $$ \sigma_0 = \sigma \theta_1, \qquad
#    \sigma_1 = \sigma \sqrt{\theta_2^2 + \theta_3^2}, \qquad
#    \rho \equiv \frac{\sigma_{01}}{\sigma_0 \sigma_1}
#         = \frac{\theta_2}{\sqrt{\theta_2^2 + \theta_3^2}} $$ (eq:sd-and-correlation)
#
# Below, what these say of the REML fit to the whole sleepstudy data, with `fit.varcorr` beside it.

# %%
th1, th2, th3 = sp.Symbol("theta_1", positive=True), *sp.symbols("theta_2 theta_3", real=True)
root = sp.sqrt(th2**2 + th3**2)
wanted = [sigma * th1, sigma * root, th2 / root]
triangle = sp.Matrix([[th1, 0], [th2, th3]])
own = sigma**2 * triangle * triangle.T
sd = [sp.sqrt(own[0, 0]), sp.sqrt(own[1, 1])]
found = [*sd, own[0, 1] / (sd[0] * sd[1])]
check("eq:sd-and-correlation", found, wanted, "symbolic", "k = 2")

fit = rm.lmer("Reaction ~ Days + (1 + Days | Subject)", sleep)
at = dict(zip([th1, th2, th3, sigma], [*fit.theta, fit.sigma], strict=True))
subject = fit.varcorr["Subject"]
numbers = [*subject.sd, subject.corr.iloc[0, 1]]
table = {"by theta": [float(w.subs(at)) for w in wanted], "varcorr": numbers}
print(pd.DataFrame(table, ["sd (Intercept)", "sd Days", "correlation"]).round(4))

# %% [markdown]
# ## How many parameters
#
# A symmetric $q \times q$ matrix has $q^2$ entries, but those above the diagonal repeat those
# below. The free ones number
#
# $$ q^2 - \frac{q (q - 1)}{2} = \frac{q (q + 1)}{2} $$ (eq:symmetric-count)
#
# The check counts dimensions: the symmetric matrices are the range of the map
# $M \mapsto (M + M^\top) / 2$ of $q \times q$ matrices, and its rank is the number of free entries.
#
# The model has far fewer. Only the triangles are free, one a term, whatever the number of levels:
#
# $$ m = \sum_t \frac{k_t (k_t + 1)}{2} $$ (eq:parameter-count)
#
# Add $p$ fixed effects and $\sigma$, and $p + m + 1$ numbers are to be estimated: three in the
# model of the counties, $\beta_0$, $\sigma_\gamma$ and $\sigma$, however many counties there are.


# %%
def symmetrizer(q):
    """The map M -> (M + M') / 2 as a matrix on the entries of M."""
    out = sp.zeros(q * q)
    for i, j in product(range(q), repeat=2):
        out[i * q + j, i * q + j] += sp.Rational(1, 2)
        out[i * q + j, j * q + i] += sp.Rational(1, 2)
    return out


ranks = [symmetrizer(q).rank() for q in range(1, 6)]
halves = [q * (q + 1) // 2 for q in range(1, 6)]
check("eq:symmetric-count", ranks, halves, "exact", "q = 1 to 5", text_only=True)
check(
    "eq:symmetric-count",
    size**2 - size * (size - 1) / 2,
    size * (size + 1) / 2,
    "general",
    "every q",
    text_only=True,
)
last = position(size, size, size)  # the place of the last entry is their number
check(
    "eq:parameter-count",
    last,
    size * (size + 1) / 2,
    "general",
    "one term, every k",
    text_only=True,
)

# %%
tries = {
    "income ~ 1 + (1 | county)": survey,
    "Reaction ~ Days + (1 + Days | Subject)": sleep,
    "Reaction ~ Days + (1 + Days || Subject)": sleep,
    "diameter ~ 1 + (1 | plate) + (1 | sample)": rm.load_dataset("Penicillin"),
}
made = {formula: rm.design(formula, frame) for formula, frame in tries.items()}
counted = [sum(t.k * (t.k + 1) // 2 for t in d.terms) for d in made.values()]
sizes_of_theta = [len(covariance.start(d)) for d in made.values()]
check(
    "eq:parameter-count",
    sizes_of_theta,
    counted,
    "exact",
    "four formulas of the code",
    text_only=True,
)
table = [(d.q, d.q**2, d.q * (d.q + 1) // 2, d.m, d.p + d.m + 1) for d in made.values()]
print(pd.DataFrame(table, list(made), ["q", "q^2", "q(q+1)/2", "m", "p+m+1"]).to_string())

# %% [markdown]
# ## One covariance, one factor
#
# $\theta$ gives a covariance. Does a covariance give $\theta$? Take one term and drop its index:
# $T = \Lambda \Lambda^\top$ is given, of size $k \times k$, and a lower triangle $\Lambda$ is
# wanted. There is more than one, because signs cancel. Let $D$ be diagonal with entries $\pm 1$, so
# that $D D^\top = I$. Then $\Lambda D$, where some columns have their signs turned, does as well:
#
# $$ (\Lambda D)(\Lambda D)^\top = \Lambda \Lambda^\top $$ (eq:column-signs)
#
# The same holds for any orthogonal $D$, but $\Lambda D$ is then rarely a triangle. The exact check
# solves $\Lambda \Lambda^\top = T$ for a given $T$ with two effects. It finds $2^k$ triangles,
# and they differ by the signs of columns only. The likelihood depends on $\Lambda$ through $T$
# alone. It is therefore even in each column: turning its sign changes nothing.

# %%
L, Lt, D, Dt = sp.symbols("L L' D D'", commutative=False)
turned = (L * D * Dt * Lt).subs(D * Dt, 1)
check("eq:column-signs", turned, L * Lt, "general", "any k, any orthogonal D", text_only=True)

T = sp.Matrix([[4, 2], [2, 10]])
a, b, c = sp.symbols("a b c", real=True)
unknown = sp.Matrix([[a, 0], [b, c]])
solutions = sorted(sp.solve(list(unknown * unknown.T - T), [a, b, c]))
one = T.cholesky()
flips = [one * sp.diag(*signs) for signs in product((-1, 1), repeat=2)]
flipped = sorted((f[0, 0], f[1, 0], f[1, 1]) for f in flips)
check(
    "eq:column-signs", solutions, flipped, "exact", "all triangles of one T, k = 2", text_only=True
)

# %% [markdown]
# So we ask for a diagonal that is not negative. Entry $(i, j)$ of $\Lambda \Lambda^\top$ is the sum
# of $\Lambda_{ic} \Lambda_{jc}$ over the columns $c$, and in a triangle it ends at $c = j$ when
# $i \ge j$. Set it equal to $T_{ij}$ and solve, column by column:
#
# $$ \Lambda_{jj} = \sqrt{ T_{jj} - \sum_{c < j} \Lambda_{jc}^2 }, \qquad
#    \Lambda_{ij} = \frac{ T_{ij} - \sum_{c < j} \Lambda_{ic} \Lambda_{jc} }{ \Lambda_{jj} }
#    \quad (i > j) $$ (eq:canonical-factor)
#
# This is Cholesky's recursion. Every step has one solution, so if $T$ is positive definite, exactly
# one lower triangle with a positive diagonal belongs to it.
#
# If $T$ is singular, some pivot $\Lambda_{jj}$ is zero and the second formula fails. What is left
# of $T$, less what the columns before $j$ have of it, is called a Schur complement, $S$. It is
# still positive semidefinite: $v^\top S v$ is the least value of $(u, v)^\top T (u, v)$ over all
# $u$ in the rows before. Its entry $S_{jj}$ is zero. By Cauchy and Schwarz
# $S_{ij}^2 \le S_{ii} S_{jj}$, so its $j$-th column is zero as well, and a column of zeros in
# $\Lambda$ serves. We fix that choice: **a zero pivot has zeros below it**. Then each step has one
# solution again. This triangle, the only one, is the canonical factor of $T$.


# %%
def recursion(T):
    """The canonical factor of T, by eq:canonical-factor."""
    k = T.rows
    out = sp.zeros(k)
    for j in range(k):
        out[j, j] = sp.sqrt(sp.expand(T[j, j] - sum(out[j, c] ** 2 for c in range(j))))
        for i in range(j + 1, k):
            rest = sp.expand(T[i, j] - sum(out[i, c] * out[j, c] for c in range(j)))
            out[i, j] = sp.cancel(rest / out[j, j]) if out[j, j] != 0 else 0
    return out


# %% [markdown]
# The first checks say that only one triangle serves: the recursion gives back the triangle that $T$
# was made of. The others say that one exists: its product is $T$, for given singular $T$.

# %%
a, b, c, d, e, f = sp.symbols("a b c d e f", positive=True)
regular = sp.Matrix([[a, 0, 0], [b, d, 0], [c, e, f]])
gap = sp.Matrix([[a, 0, 0], [b, 0, 0], [c, 0, f]])  # a zero pivot in the middle
flat = sp.Matrix([[0, 0, 0], [0, d, 0], [0, e, 0]])  # zero pivots at both ends
for factor, word in ((regular, "regular"), (gap, "zero second pivot"), (flat, "rank one")):
    back = recursion(factor * factor.T)
    check("eq:canonical-factor", factor, back, "symbolic", f"k = 3, {word}: only one")

whole = sp.Matrix([[2, 1, 1], [1, 3, 0], [1, 0, 2]])
check("eq:canonical-factor", whole.cholesky(), recursion(whole), "exact", "regular, k = 3")
for rows in ([[1, 2], [2, 4], [0, 3]], [[0, 0], [1, 1], [2, 3]], [[3, 4], [1, 1], [5, 2]]):
    thin = sp.Matrix(rows)  # three effects, rank two
    factor = recursion(thin * thin.T)
    check(
        "eq:canonical-factor", thin * thin.T, factor * factor.T, "exact", "singular, k = 3: exists"
    )

# %% [markdown]
# The rule is needed. With a zero first pivot and two effects, a whole circle of triangles has one
# covariance, and half of them have a diagonal that is not negative:
#
# $$ \begin{pmatrix} 0 & 0 \\ s \cos\phi & s \sin\phi \end{pmatrix}
#    \begin{pmatrix} 0 & 0 \\ s \cos\phi & s \sin\phi \end{pmatrix}^\top
#    = \begin{pmatrix} 0 & 0 \\ 0 & s^2 \end{pmatrix} $$ (eq:singular-circle)
#
# The likelihood is the same all along the circle. The canonical factor has $\phi = \pi / 2$.
#
# The code takes a matrix whose columns need not form a triangle, and turns it by reflections. That
# saves the digits which forming $T$ would lose. It gives the same factor as the recursion.

# %%
s, phi = sp.Symbol("s", positive=True), sp.Symbol("phi", real=True)
circle = sp.Matrix([[0, 0], [s * sp.cos(phi), s * sp.sin(phi)]])
wanted = sp.diag(0, s**2)
check(
    "eq:singular-circle",
    circle * circle.T,
    wanted,
    "symbolic",
    "k = 2, every angle",
    text_only=True,
)

columns = rng.normal(size=(4, 6))
expected = np.linalg.cholesky(columns @ columns.T)  # (4, 4)
link("eq:canonical-factor", expected, covariance.canonical(columns), covariance.canonical)
thin = np.array([[1.0, 2.0], [2.0, 4.0], [0.0, 3.0]])  # the second effect is twice the first
expected = recursion(sp.Matrix(thin.astype(int)) * sp.Matrix(thin.astype(int)).T)
found = covariance.canonical(thin, tolerance=1e-12)
link("eq:canonical-factor", np.array(expected, dtype=float), found, covariance.canonical)

# %% [markdown]
# ## What to take away
#
# $Z$ puts a row's covariates into the columns of its level. $\Lambda(\theta)$ repeats one small
# triangle a term, and $\Sigma = \sigma^2 \Lambda \Lambda^\top$ has as few parameters as the
# triangles have entries. Of all triangles with the same covariance one is canonical.
#
# In the code: `refmixed.design` (`RandomTerm.Z`, `Design.Z`) and `refmixed.covariance` (`entries`,
# `factor`, `factors`, `relative_factor`, `covariance`, `canonical`).

# %% [markdown]
# ## Symbols
#
# One name for a thing, in the book, in the code and in the reports, page by page as they first
# occur. The last column says what lme4 calls it, for a fitted model `m`. Other letters, $B$, $C$,
# $D$, $E$, $M$, $N$, $Q$ and $S$ among them, are for one section: they mean what is said there.
# A hat is an estimate, an index $j$ or $t$ a part. Precisions are over those of the errors: times
# $\sigma^2$.
#
# **This page**
#
# | code | maths | shape | meaning | lme4 |
# |---|---|---|---|---|
# | `y` | $Y$, $y$ | $(n,)$ | response | `getME(m, "y")` |
# | `offset` | $o$ | $(n,)$ | known part of the mean | `getME(m, "offset")` |
# | `weights` | $w$, $W = \operatorname{diag}(w)$ | $(n,)$ | precision of a row | `weights(m)` |
# | `X` | $X$ | $(n, p)$ | fixed-effects model matrix | `getME(m, "X")` |
# | `Z` | $Z$ | $(n, q)$ | random-effects model matrix | `getME(m, "Z")` |
# | `term.x` | $x_i$, the rows | $(n, k)$ | a term's covariates | `getME(m, "mmList")` |
# | `term.codes` | $g_i$ | $(n,)$ | the level of each row | `getME(m, "flist")` |
# | `term.k` | $k$, $k_t$ | $()$ | effects a level | `lengths(getME(m, "cnms"))` |
# | `term.levels` | $J$, $J_t$ of them | $()$ | levels of a term, groups | `ngrps(m)` |
# | | $n_j$ | $()$ | rows of group $j$ | |
# | `m` | $m = \dim\theta$ | $()$ | covariance parameters | |
# | `beta` | $\beta$ | $(p,)$ | fixed effects | `fixef(m)` |
# | `gamma` | $\gamma = \Lambda u$ | $(q,)$ | random effects | `getME(m, "b")` |
# | `u` | $u$ | $(q,)$ | spherical random effects | `getME(m, "u")` |
# | `sigma` | $\sigma$ | $()$ | residual standard deviation | `sigma(m)` |
# | `theta` | $\theta$ | $(m,)$ | entries of the triangles | `getME(m, "theta")` |
# | `factors` | $\Lambda_t$ | $(k, k)$ | a term's triangle | `getME(m, "Tlist")` |
# | `Lambda` | $\Lambda$ | $(q, q)$ | relative covariance factor | `t(getME(m, "Lambdat"))` |
# | `T` | $T = \Lambda\Lambda^\top$ | $(q, q)$ | $\Sigma / \sigma^2$ | |
# | `Sigma` | $\Sigma = \sigma^2 T$ | $(q, q)$ | covariance of $\gamma$ | `VarCorr(m)` |
# | `corr` | $\rho = \frac{\sigma_{01}}{\sigma_0 \sigma_1}$ | $()$ | correlation of two effects | |
#
# {doc}`d02_marginal`
#
# | code | maths | shape | meaning | lme4 |
# |---|---|---|---|---|
# | `V` | $V = \operatorname{Cov}(Y) = \sigma^2 V_0$ | $(n, n)$ | covariance of $Y$ | |
# | `V0` | $V_0 = W^{-1} + Z T Z^\top$ | $(n, n)$ | $V / \sigma^2$ | |
# | | $\Gamma = Z^\top W Z + T^{-1}$ | $(q, q)$ | precision of $\gamma$ given $y$ | |
# | | $\tilde\gamma$ | $(q,)$ | mean of $\gamma$ given $y$ and $\beta$ | |
#
# {doc}`d03_likelihood`
#
# | code | maths | shape | meaning | lme4 |
# |---|---|---|---|---|
# | | $\ell$ | $()$ | log-likelihood | `logLik(m)` |
# | `criterion` | $d$ | $()$ | $-2$ log-likelihood, profiled | `deviance(m)`, `REMLcrit(m)` |
# | `XtV0invX` | $\Omega = X^\top V_0^{-1} X$ | $(p, p)$ | precision of $\hat\beta$ | |
# | | $X^+ = \Omega^{-1} X^\top V_0^{-1}$ | $(p, n)$ | $\hat\beta = X^+ Y$ | |
# | `pwrss` | $r^2$ | $()$ | residual sum of squares, penalized | `getME(m, "devcomp")` |
# | `dof` | $\nu$ | $()$ | degrees of freedom: $n$ or $n - p$ | |
# | | $\bar n = n / J$ | $()$ | rows a group, where all have as many | |
# | | $\omega = 1 + \bar n \theta^2$ | $()$ | variance of a group mean over $\sigma^2 / \bar n$ | |
# | | $SS_W$, $SS_B$ | $()$ | sums of squares within and between groups | |
#
# {doc}`d04_reml`
#
# | code | maths | shape | meaning | lme4 |
# |---|---|---|---|---|
# | | $K$ | $(n, n - p)$ | error contrasts: $K^\top X = 0$, of full rank | |
# | `P` | $P = V_0^{-1} - V_0^{-1} X \Omega^{-1} X^\top V_0^{-1}$ | $(n, n)$ | $P X = 0$ | |
# | | $M_W = SS_W / J(\bar n - 1)$, $M_B = SS_B / (J - 1)$ | $()$ | mean squares | |
# | | $\mathcal F = M_B / M_W$ | $()$ | their ratio; Wald's statistic over its rows | |
#
# {doc}`d05_posterior`
#
# | code | maths | shape | meaning | lme4 |
# |---|---|---|---|---|
# | `G` | $G = \Sigma Z^\top V^{-1}$ | $(q, n)$ | $\tilde\gamma = G (y - X\beta)$ | |
# | | $\kappa$, $\kappa_j$ | $()$ | shrinkage factor of a group | |
#
# {doc}`d06_penalized`
#
# | code | maths | shape | meaning | lme4 |
# |---|---|---|---|---|
# | `L` | $L$ | $(q, q)$ | $LL^\top = \Lambda^\top Z^\top W Z \Lambda + I$ | `getME(m, "L")` |
# | `RZX` | $R_{ZX}$ | $(q, p)$ | $L R_{ZX} = \Lambda^\top Z^\top W X$ | `getME(m, "RZX")` |
# | `RX` | $R_X$, upper | $(p, p)$ | $R_X^\top R_X = \Omega$ | `getME(m, "RX")` |
#
# {doc}`d07_optimize`
#
# | code | maths | shape | meaning | lme4 |
# |---|---|---|---|---|
# | `A` | $A = Z^\top P Z$ | $(q, q)$ | $\operatorname{Cov}(a) / \sigma^2$ | |
# | `a` | $a = Z^\top P Y$ | $(q,)$ | $\hat\gamma = T a$ | |
# | `slope` | $F = C - \frac{\nu}{r^2}\,a a^\top$ | $(q, q)$ | slope of the criterion in $T$ | |
# | `hessian` | $H$ | $(m, m)$ | second derivatives of $d$ in $\theta$ | |
#
# {doc}`d08_prediction`
#
# | code | maths | shape | meaning | lme4 |
# |---|---|---|---|---|
# | | $\mathcal M$ | $(p + q, p + q)$ | matrix of Henderson's equations | |
# | `hat` | $h_i$ | $(n,)$ | hat values | `hatvalues(m)` |
#
# {doc}`d10_inference`
#
# | code | maths | shape | meaning | lme4 |
# |---|---|---|---|---|
# | | $\mathcal L$ | $(\cdot, p)$ | contrasts: a hypothesis is $\mathcal L \beta = c$ | |
#
# {doc}`g01_model`
#
# | code | maths | shape | meaning | lme4 |
# |---|---|---|---|---|
# | `eta` | $\eta_i$ | $(n,)$ | linear predictor | `predict(m)` |
# | `dispersion` | $\varphi$ | $()$ | squared coefficient of variation, Gamma law's | `sigma(m)^2` |
# | `expected.W` | $\tilde w$ | $(n,)$ | weights, the mean of $w$ over responses | |
#
# {doc}`g02_laplace`
#
# | code | maths | shape | meaning | lme4 |
# |---|---|---|---|---|
# | `u` | $\tilde u$ | $(q,)$ | mode of $u$ given $y$ | `getME(m, "u")` |
# | `score` | $s_i$ | $(n,)$ | slopes of $\log f_i$ in $\eta_i$ | |
# | `v` | $v_i$ | $(n,)$ | variances of $\eta_i$ given $y$, by Laplace | |
#
# The arrays of the code have these shapes:

# %%
rows, fixed, effects, entries = two.n, two.p, two.q, two.m
solved, evaluated = rm.penalized.solve(two, theta), rm.marginal.evaluate(two, theta)
V0 = rm.marginal.relative_covariance(two, solved.Lambda)
shapes = {
    (rows,): [two.y, two.offset, two.weights, two.terms[0].codes],
    (fixed,): [evaluated.beta, solved.beta],
    (effects,): [solved.u, rm.marginal.posterior(two, theta).gamma, solved.a],
    (entries,): [theta],
    (rows, fixed): [two.X],
    (rows, effects): [two.Z],
    (rows, rows): [V0],
    (effects, effects): [solved.Lambda, solved.L, solved.A],
    (effects, fixed): [solved.RZX],
    (fixed, fixed): [solved.RX],
}
assert all(np.shape(array) == shape for shape, arrays in shapes.items() for array in arrays)
XtVinvX = two.X.T @ np.linalg.solve(V0, two.X)
assert np.allclose(solved.RX.T @ solved.RX, XtVinvX)
assert np.allclose(solved.RX, np.triu(solved.RX))
