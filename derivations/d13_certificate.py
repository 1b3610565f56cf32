# %% [markdown]
# # A proof for one's own fit
#
# A program returns numbers, and perhaps a warning. Are they the maximum of the likelihood? A
# gradient that is small in floating point does not say so. This page is about `fit.certify()`,
# which proves what can be proved of a fit and says what cannot: the reference values of the
# conformance suite are proved in the same way.

# %%
"""Imports, and the name of the page."""

import numpy as np
import pandas as pd
import sympy as sp
from checks import check, page
from flint import arb, arb_mat, ctx

import refmixed as rm
from validation.certificate import corner, flat
from validation.certificate.decimals import decimals
from validation.proof import krawczyk
from validation.proof.everywhere import shaped
from validation.proof.problem import problem
from validation.proof.slopes import residual_products, units
from validation.suite.tables import load

page("d13_certificate")
ctx.prec = 512  # bits of every ball
R = sp.Rational

# %%
sleep = rm.load_dataset("sleepstudy")
fit = rm.lmer("Reaction ~ Days + (Days | Subject)", sleep)
print(fit.certify())

# %% [markdown]
# The last two columns are digits: those that are proved (of the 32 that `fit.certify().estimates`
# has), and those that the fit, which computes in doubles, has right.
#
# ## From doubles to numbers
#
# A proof is about numbers, and a double stands for several. A cell of a table that reads `0.1`
# becomes the double next to it, $0.1000000000000000055\ldots$; the proof takes the shortest decimal
# that becomes this double, which is the cell again. A column that was computed, a logarithm or a
# square, is taken as it was rounded. With $y$, $X$, $Z$ and $W$ in fractions everything at a
# rational $T$ is a fraction but for logarithms and roots, and everything at other $T$ is enclosed
# by balls: a number and a radius that covers all that rounding may have done to it.

# %%
data = pd.DataFrame(
    {"y": [3, 5, 4, 1, 2, 7, 6, 9, 8, 4], "x": [0, 1, 2, 0, 3, 1, 2, 4, 1, 3], "w": [1, 2] * 5}
)
data["g"], data["h"] = list("aaabbbcccc"), list("ppqqqqrrrr")
slopes = rm.design("y ~ x + (x | g)", data, weights="w")


def fractions(array):
    """The numbers of a matrix, small integers all, as fractions."""
    rows = np.asarray(array).reshape(len(array), -1)
    return sp.Matrix(*rows.shape, lambda i, j: R(int(rows[i, j])))


def known(matrix):
    """A matrix of the proofs as one of sympy's."""
    return sp.Matrix([[R(int(x.p), int(x.q)) for x in row] for row in matrix.tolist()])


X, Z, y, w = (fractions(a) for a in (slopes.X, slopes.Z, slopes.y, slopes.weights))
W, n, p = sp.diag(*w), 10, 2
units_of_T = [sp.Matrix([[1, 0], [0, 0]]), sp.Matrix([[0, 1], [1, 0]]), sp.Matrix([[0, 0], [0, 1]])]
directions = [sp.kronecker_product(sp.eye(3), E) for E in units_of_T]

# %% [markdown]
# ## Is the model identified?
#
# By {eq}`eq:linear-v` the covariance parameters are identified if $K^\top W^{-1}K$ and the
# $K^\top M_jK$ are linearly independent, that is, if their Gram matrix is not singular. With
# $P = K(K^\top W^{-1}K)^{-1}K^\top$, and the inner product $\langle M, N\rangle =
# \operatorname{tr}(PAPB)$, that matrix has the elements
#
# $$
# \langle W^{-1}, W^{-1}\rangle = n - p, \qquad
# \langle W^{-1}, M_j\rangle = \operatorname{tr}(C D_j), \qquad
# \langle M_i, M_j\rangle = \operatorname{tr}(C D_i\, C D_j),
# $$ (eq:gram)
#
# where $M_j = Z D_j Z^\top$ and $C = Z^\top P Z$; by ML $P$ is $W$, and the first element is $n$.
# These are quantities of the model at $T = 0$, so that the engine of the proofs has them. They are
# fractions, and a rank of fractions is no matter of tolerance.


# %%
def inner_products(P):
    """Of W^-1 and the M_j, by the definition."""
    M = [W.inv(), *(Z * D * Z.T for D in directions)]
    return sp.Matrix(4, 4, lambda i, j: (P * M[i] * P * M[j]).trace())


P = W - W * X * (X.T * W * X).inv() * X.T * W
for reml in (True, False):
    found = known(flat.gram(problem(decimals(slopes), reml)))
    right = inner_products(P if reml else W)
    check("eq:gram", found, right, "exact", "n = 10, k = 2", text_only=True)

doubled = rm.design("y ~ 1 + (1 | g) + (0 + x | g) + (x | g)", data)
print("rank", int(flat.gram(problem(decimals(doubled), True)).rank()), "of", 1 + doubled.m)

# %% [markdown]
# Where a direction is flat there is no strict minimum, and nothing to enclose. Often a smaller
# formula is the same model: an effect that adds nothing, one that depends on other effects of its
# term, a variance that other terms can give. Of the effects of a term this is seen from the sum of
# the blocks of $C$ over its levels, $\sum_l Z_l^\top P Z_l$: a $v$ that it takes to zero has
# $P Z_l v = 0$ at every level. The certificate leaves such effects out, says so, and goes on; what
# it then proves are the numbers that all these models share.
#
# ## A minimum in a box
#
# Let $g$ be the gradient of the criterion, and $H(B)$ an enclosure of the Hessian over a box $B$
# with the midpoint $c$. For every $x$ in $B$ there is a matrix $\tilde H$ in $H(B)$ with
# $g(x) - g(c) = \tilde H(x - c)$. Newton's step with any fixed matrix $Y$ is then
#
# $$
# \begin{aligned}
# x - Y g(x) &= c - Y g(c) + (I - Y \tilde H)(x - c) \\
# &\in \mathcal K(B) = c - Y g(c) + \bigl(I - Y H(B)\bigr)(B - c) .
# \end{aligned}
# $$ (eq:krawczyk)
#
# If $\mathcal K(B)$ lies inside $B$, the step maps the box into itself and has a fixed point
# (Brouwer), which is a zero of $g$, $Y$ being invertible; every $\tilde H$ is too, so that there is
# no second one. The Hessian's pivots, in balls, are then positive or not. Positive, the zero is a
# strict local minimum, and it is known to the width of the box. (Krawczyk 1969; Moore 1977.)

# %%
x, c, Y, H, g_c = sp.symbols("x c Y H g_c", commutative=False)
g_x = g_c + H * (x - c)
step, mapped = sp.expand(x - Y * g_x), sp.expand(c - Y * g_c + (1 - Y * H) * (x - c))
check("eq:krawczyk", step, mapped, "general", "all sizes", text_only=True)


def root_of_two(z):
    """x^2 - 2 and its derivative, at a point or over a box."""
    return [z[0] * z[0] - 2], arb_mat([[2 * z[0]]])


near = krawczyk.newton(root_of_two, [1.4])
box, _ = krawczyk.prove_zero(root_of_two, near, [arb("1e-30")])
print("one zero in", box[0].str(35))

# %% [markdown]
# ## On the boundary
#
# A variance of zero or a correlation of one is an exact statement. Where a term's covariance has
# rank $r$ the box is one of covariances of this rank, whose factor has $r$ columns, and away from
# them the criterion has to rise. By {eq}`eq:kkt` it does where the slope $F$ of the term is
# positive definite on the null space of $T$.
#
# There is a case between: a slope that is exactly zero. With all variances zero it can be decided,
# since everything is a fraction. $F$ may then be singular, as long as it is positive semidefinite
# and the criterion bends upward along the $D$ within its null space. At $T = 0$
#
# $$
# \frac{\partial^2 d}{\partial D_1 \partial D_2} = - \operatorname{tr}(C D_1 C D_2)
# + \frac{\nu}{r^2}\Bigl( 2\, a^\top D_1 A D_2\, a
# - \frac{a^\top D_1 a \; a^\top D_2 a}{r^2} \Bigr),
# $$ (eq:corner)
#
# where $A = Z^\top P Z$, $a = Z^\top P y$, $\nu$ is $n - p$ (by ML $n$), and $C$ is $A$ for REML
# and $Z^\top W Z$ for ML: the second derivative {eq}`eq:hessian` with $\sigma$ at its best.

# %% [markdown]
# The check computes with two infinitesimals, $e_1^2 = e_2^2 = 0$, as matrices of four by four: what
# stands beside $e_1 e_2$ in the end is the mixed second derivative.

# %%
N = sp.Matrix([[0, 1], [0, 0]])
e1, e2 = sp.kronecker_product(N, sp.eye(2)), sp.kronecker_product(sp.eye(2), N)


def constant(A):
    """A matrix without infinitesimals."""
    return sp.kronecker_product(A, sp.eye(4))


def pieces(A):
    """What stands beside 1, e_1, e_2 and e_1 e_2."""
    return [A[::4, k::4] for k in (0, 2, 1, 3)]


def mixed_logdet(A):
    """The mixed second derivative of log det A."""
    A0, A1, A2, A12 = pieces(A)
    return (A0.inv() * A12 - A0.inv() * A1 * A0.inv() * A2).trace()


M1, M2 = (Z * D * Z.T for D in directions[:2])
V = constant(W.inv()) + sp.kronecker_product(M1, e1) + sp.kronecker_product(M2, e2)
V_inv, X4, y4 = V.inv(), constant(X), constant(y)
XVX = X4.T * V_inv * X4
r2_all = y4.T * V_inv * y4 - y4.T * V_inv * X4 * XVX.inv() * X4.T * V_inv * y4
r2, r2_1, r2_2, r2_12 = (piece[0] for piece in pieces(r2_all))
for reml in (True, False):
    blocks = problem(decimals(slopes), reml)
    here = flat.at_zero(blocks)
    bent = known(corner.curvature(here, residual_products(here), units(blocks)))
    logs = mixed_logdet(V) + (mixed_logdet(XVX) if reml else 0)
    by_calculus = logs + (n - p if reml else n) * (r2_12 / r2 - r2_1 * r2_2 / r2**2)
    check("eq:corner", bent[0, 1], by_calculus, "exact", "n = 10, k = 2", text_only=True)

# %% [markdown]
# ## Is it the lowest?
#
# A box says nothing of other boxes. With one variance, $T = t I$, there is a way to know. Let
#
# $$
# D = \det(I + t Z^\top W Z), \qquad E = D \det(X^\top V_0^{-1}X), \qquad R = E\, r^2 .
# $$ (eq:ratio-polynomials)
#
# All three are polynomials in $t$ of degree $q$ at most, with rational coefficients, and positive
# for $t \ge 0$. Constants aside the criterion is a sum of their logarithms,
#
# $$
# d_{\mathrm{REML}} = (n-p) \log R - (n-p-1) \log E, \qquad
# d_{\mathrm{ML}} = \log D + n \log R - n \log E .
# $$ (eq:ratio-criterion)
#
# The derivative is a polynomial over a positive one, and the positive zeros of a polynomial can be
# counted and isolated without an error (by Descartes' rule of signs, halving intervals where it
# leaves a doubt). The criterion there, at zero and at infinity, in balls, shows the lowest, if one
# is: of two that no ball tells apart neither is called so.

# %%
one = rm.design("y ~ x + (1 | h)", data, weights="w")
Z1, t = fractions(one.Z), sp.symbols("t", positive=True)
inverse = (W.inv() + t * Z1 * Z1.T).inv().applyfunc(sp.cancel)
D = (sp.eye(3) + t * Z1.T * W * Z1).det()
XVX = (X.T * inverse * X).applyfunc(sp.cancel)
E = sp.cancel(D * XVX.det())
XVy = (X.T * inverse * y).applyfunc(sp.cancel)
r2 = sp.cancel((y.T * inverse * y - XVy.T * XVX.inv() * XVy)[0])
for reml in (True, False):
    parts = shaped(problem(decimals(one), reml)).parts
    found = [sum(R(int(c.p), int(c.q)) * t**k for k, c in enumerate(f.coeffs())) for _, f in parts]
    right = [E * r2, E] if reml else [D, E * r2, E]
    right = [sp.cancel(side) for side in right]
    check("eq:ratio-polynomials", found, right, "exact", "n = 10, q = 3", text_only=True)

logD, logG, logr2, nn, pp = sp.symbols("log_D log_G log_r2 n p")  # G is X'V0^-1 X
logE = logD + logG
logR = logE + logr2
left = [logD + logG + (nn - pp) * logr2, logD + nn * logr2]
right = [(nn - pp) * logR - (nn - pp - 1) * logE, logD + nn * logR - nn * logE]
check("eq:ratio-criterion", left, right, "general", "all sizes", text_only=True)

# %% [markdown]
# Data with two minima, which most programs find one of:

# %%
two = rm.lmer("y ~ x + (1 | g)", load("two-minima-inside").frame())
print(two.certify())

# %% [markdown]
# With more parameters nothing so simple is known. The certificate then says *local*, and tells
# where a dozen searches from other starts led.
#
# ## To take away
#
# "Converged" is the word of an optimiser about itself. A stationary point, a positive Hessian, a
# boundary and even a lowest minimum are statements about the data, and can be proved or refuted.
#
# Code: `result.Fit.certify`, and `after.certificate.Certificate` for what it returns; on the
# command line `refmixed fit FORMULA FILE --certify`.
