"""The route `blocked`: what a search asks for, in the order of the design's terms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from ..covariance import layout
from ..design import Design
from ..evaluation import Evaluation, Forms, both, diagonal
from ..linalg import Array
from ..ranef import LevelPosterior
from . import eliminate, sparse_rest
from .columns import Columns, between, blocks, merged, of_term, orthonormal
from .crossproducts import ROUNDING, CrossProducts, crossproducts, is_few, less
from .eliminate import Eliminated
from .pieces import Pieces
from .sparse_rest import Sparse
from .tree import arranged


def prepare(design: Design) -> CrossProducts:
    """The cross products of a design."""
    return crossproducts(design)


def numbers(design: Design) -> float:
    """How many numbers the arrays of a fit hold: products level by level, and systems of R."""
    tree, rest, fronts = arranged(design.terms)
    sizes = [sum(design.terms[t].k for t in terms) for terms in tree.factors]
    R = sum(design.terms[t].q for t in rest) + design.p + 1
    met = len(design.y) * sum(design.terms[t].k for t in rest)  # levels of others that rows meet
    few = fronts is not None or is_few(met, tree.levels[0], R)
    found = 2.0 * len(design.y) * (10 + design.p + sum(sizes))
    found += 6.0 * R**2 if fronts is None else fronts.numbers
    for s, (k, G) in enumerate(zip(sizes, tree.levels, strict=True)):
        tail = met * k if few and s == 0 else G * k * R
        found += 4.0 * (G * k * sum(sizes[s:]) + tail)
    return found


def with_responses(products: CrossProducts, Y: Array) -> CrossProducts:
    """The products with each column of Y (n, b) in place of y: arrays have an axis b, the first."""
    design, R, b = products.design, products.r + products.design.p, Y.shape[1]
    w, first = design.weights, [design.terms[t] for t in products.tree.factors[0]]
    (basis, _), X, y = orthonormal(w, merged(first)), Columns(design.X, 0, 1), Columns(Y, 0, 1)
    of_y = blocks(w, basis, y)  # (G, k, b)
    left = less(y, basis, of_y)  # (n, b)
    others = [of_term(design.terms[t]) for t in products.rest]
    left_of_X = less(X, basis, blocks(w, basis, X))  # (n, p)
    C = np.empty((b, R + 1, R + 1))
    C[:, :R, :R] = products.C[:R, :R]
    C[:, R, :R] = np.vstack([between(w, one, left) for one in (*others, left_of_X)]).T
    C[:, :R, R] = C[:, R, :R]
    C[:, R, R] = w @ left.x**2  # eq:crossproducts-left
    same = np.broadcast_to(products.b[:, :R], (b, *products.b[:, :R].shape))
    by_response = np.concatenate([same, of_y.reshape(-1, b).T[..., None]], axis=2)
    return replace(products, b=by_response, C=C)


def work(products: CrossProducts) -> float:
    """About how many multiplications a criterion takes."""
    R, tails = products.C.shape[-1], [products.b, *(row.tail for row in products.above)]
    by_level = 0.0
    for tail, own, G in zip(tails, products.own, products.tree.levels, strict=True):
        k = len(own)
        size = tail.size if products.is_sparse else G * k * R
        met = R if products.fronts is None else size / G
        by_level += 20.0 * G * k**3 + size * (k + met)
    return by_level + (R**3 if products.fronts is None else products.fronts.work)


def posterior(design: Design, theta: Array, beta_known: bool = True) -> LevelPosterior:
    """Mean and covariance of gamma given y, at theta (m,): T Z'Py, and a block a level.

    Of gamma-hat - gamma where beta is not known but estimated.
    """
    products = crossproducts(design)
    at = solve(products, theta, reml=False)
    pieces, factors = pieces_of(at), layout(design).blocks(at.Lambda)
    a = [pieces.a[f][:, effects] for f, effects in products.parts]
    gamma = [(own @ L @ L.T).ravel() for own, L in zip(a, factors, strict=True)]
    eliminated = zip(products.tree.factors, pieces.given_y(beta_known), strict=True)
    covariances = {design.terms[terms[0]].group: block for terms, block in eliminated}
    for group, here in places_by_group(products).items():
        covariances[group] = pieces.rest_given_y(here, beta_known)
    return LevelPosterior(np.concatenate(gamma), covariances)


def places_by_group(products: CrossProducts) -> dict[str, Array]:
    """Of each other factor the places (levels, k) of its effects, those of all its terms."""
    found: dict[str, Array] = {}
    for t, here in zip(products.rest, products.places, strict=True):
        group = products.design.terms[t].group
        found[group] = np.hstack([found[group], here]) if group in found else here
    return found


def evaluate(products: CrossProducts, theta: Array, reml: bool = True) -> Evaluation:
    """The criterion at theta (m,), or at many (b, m), with what its derivatives need."""
    if products.takes_one and np.ndim(theta) > 1:
        return side_by_side([evaluate(products, one, reml) for one in theta])
    at, design, where = solve(products, theta, reml), products.design, products.parts
    pieces = pieces_of(at)
    C, a = pieces.C(), [pieces.a[f][..., effects] for f, effects in where]
    return Evaluation(
        layout=layout(design),
        Lambda=at.Lambda,
        criterion=at.criterion,
        pwrss=at.pwrss,
        beta=at.beta,
        beta_cov=at.beta_cov,
        left_over=partial(residuals, design, at, a),
        a=a,
        aa=diagonal(one.swapaxes(-1, -2) @ one for one in a),
        C=diagonal(C[f][..., effects[:, None], effects] for f, effects in where),
        forms=forms_of(pieces),
        dof=design.dof(reml),
    )


def solve(products: CrossProducts, theta: Array, reml: bool = True) -> Eliminated | Sparse:
    """The model at theta (m,), or at many (b, m), where the rest is dense."""
    way = eliminate if products.fronts is None else sparse_rest
    return way.solve(products, theta, reml)


def pieces_of(at: Eliminated | Sparse) -> Pieces | Sparse:
    """What derivatives need."""
    return at if isinstance(at, Sparse) else Pieces(at)


def forms_of(pieces: Pieces | Sparse) -> Callable[[], Forms]:
    """What makes spread and bend: they are there, or would cost a few evaluations."""
    if isinstance(pieces, Sparse):
        return pieces.forms
    chosen = pieces.at.products.pairs
    spread = pieces.spread()[..., chosen[:, None], chosen]
    return partial(both, spread, pieces.bend()[..., chosen[:, None], chosen])


def criterion(products: CrossProducts, theta: Array, reml: bool = True) -> float:
    """-2 log-likelihood (or restricted likelihood) at theta (m,), beta and sigma at their best."""
    return float(solve(products, theta, reml).criterion)


def criteria(products: CrossProducts, thetas: Array, reml: bool = True) -> Array:
    """The same at many theta (b, m): (b,); inf where residuals are nothing but rounding errors."""
    if products.takes_one:
        return np.array([criterion(products, theta, reml) for theta in thetas])
    at = eliminate.solve(products, thetas, reml)
    with np.errstate(invalid="ignore"):
        heights = at.criterion
    return np.where(at.pwrss > ROUNDING * at.S[..., -1, -1], heights, np.inf)


def side_by_side(found: list[Evaluation]) -> Evaluation:
    """Evaluations at one theta each as one at many."""
    names = ("Lambda", "criterion", "pwrss", "beta", "beta_cov", "aa", "C")
    many: dict[str, Any] = {n: np.stack([getattr(one, n) for one in found]) for n in names}
    a = [np.stack(parts) for parts in zip(*(one.a for one in found), strict=True)]
    forms = partial(stacked, found)
    return replace(found[0], a=a, forms=forms, **many)


def stacked(found: list[Evaluation]) -> Forms:
    """Their forms, each with an axis more, the first."""
    spread, bend = zip(*(one.forms() for one in found), strict=True)
    return np.stack(spread), np.stack(bend)


def residuals(design: Design, at: Eliminated | Sparse, a: list[Array]) -> Array:
    """(n,): y - offset - X beta - Z gamma, with gamma = T Z'Py.  eq:posterior-mean"""
    left, factors = design.y_less_offset - design.X @ at.beta, layout(design).blocks(at.Lambda)
    for term, Lambda, own in zip(design.terms, factors, a, strict=True):
        gamma = own @ (Lambda @ Lambda.T)  # (levels, k)
        left = left - (term.x * gamma[term.codes]).sum(axis=1)
    return left
