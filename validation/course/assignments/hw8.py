"""Assignment 8: inference, for a coefficient and for a variance."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.linalg import inv

from refmixed.design import Design
from refmixed.linalg import Array

from ..models import few_rows, four_rows
from ..points import Symbol
from ..records import Assignment, Expression, Function, Number, Random, near_miss
from . import between_groups, freedom, zero_estimate


@near_miss("criterion", "eq:information")
def by_maximum_likelihood(X: Array, Vinv: Array, vcov: Array, parts: Array) -> Array:
    """This is the information of maximum likelihood: beta was estimated, too."""
    return 0.5 * np.einsum("aij,bji->ab", Vinv @ parts, Vinv @ parts)


@near_miss("divisor", "eq:information")
def no_half(**arrays: Array) -> Array:
    """This is of minus twice the log-likelihood: information is of the log-likelihood."""
    return 2.0 * freedom.information(**arrays)


@near_miss("criterion", "eq:information")
def product_of_traces(X: Array, Vinv: Array, vcov: Array, parts: Array) -> Array:
    """These are products of two traces: the trace of a product is asked for."""
    P = Vinv - Vinv @ X @ vcov @ X.T @ Vinv
    traces = np.einsum("aii->a", P @ parts)
    return 0.5 * np.outer(traces, traces)


@near_miss("sign", "eq:information", credit=0.75)
def mean_of_the_hessian(**arrays: Array) -> Array:
    """The sign is wrong: information is by how much the log-likelihood bends down."""
    return -freedom.information(**arrays)


@near_miss("variance", "eq:satterthwaite", credit=0.75)
def inverted(**arrays: Array) -> Array:
    """This is the covariance of the estimated variances: the information is its inverse."""
    return inv(freedom.information(**arrays))


@near_miss("divisor", "eq:satterthwaite")
def no_two(**arrays: Any) -> float:
    """A factor is missing: the variance of chi-square is not its degrees of freedom."""
    return freedom.freedom(**arrays) / 2.0


@near_miss("units", "eq:satterthwaite")
def standard_error(contrast: Array, vcov: Array, **arrays: Array) -> float:
    """These degrees of freedom have a unit: the mean of the estimate is to be squared."""
    return freedom.freedom(contrast, vcov=vcov, **arrays) / float(contrast @ vcov @ contrast)


@near_miss("variance", "eq:satterthwaite")
def information_for_covariance(information: Array, **arrays: Array) -> float:
    """The information stands where its inverse belongs: much information is little variance."""
    return freedom.freedom(information=inv(information), **arrays)


@near_miss("structure", "eq:information")
def variances_independent(information: Array, **arrays: Array) -> float:
    """The estimated variances are taken for independent: the information is not diagonal."""
    return freedom.freedom(information=np.diag(np.diag(information)), **arrays)


@near_miss("method", "eq:satterthwaite-profiled", credit=0.25)
def rows_less_coefficients(X: Array, **_: Array) -> float:
    """These are n less p: they are for a model without random effects."""
    return float(X.shape[0] - X.shape[1])


def with_parts(design: Design, phi: Array, contrast: Array) -> dict[str, Any]:
    """V is a sum over the errors and the groups, each of a variance phi and a matrix."""
    same = [term.codes[:, None] == term.codes for term in design.terms]
    parts = np.array([np.diag(1 / design.weights), *same], dtype=float)  # (m, n, n)
    Vinv = inv(np.tensordot(phi, parts, 1))
    found = {"X": design.X, "Vinv": Vinv, "vcov": inv(design.X.T @ Vinv @ design.X)}
    known = freedom.information(**found, parts=parts)
    return {**found, "parts": parts, "contrast": contrast, "information": known}


def some_parts(random: Random) -> dict[str, Any]:
    """Few rows at some variances."""
    return with_parts(few_rows(random), random.uniform(0.5, 2.0, 3), random.normal(size=2))


def parts_by_hand() -> dict[str, Any]:
    """The four rows, both variances one."""
    return with_parts(four_rows(), np.ones(2), np.ones(1))


ASSIGNMENT = Assignment(
    name="hw8",
    title="Degrees of freedom, and the test of a variance",
    page="c08_inference",
    hours=6,
    needs=("c04_reml", "d10_inference", "d14_freedom", "d15_likelihood_ratio"),
    data=between_groups.treated_groups,
    tasks=(
        Function(
            name="information",
            points=2,
            asks="The expected information of the restricted likelihood on the variances phi, "
            "where V is the sum of all phi_a V_a.",
            mistakes=(
                by_maximum_likelihood,
                no_half,
                product_of_traces,
                mean_of_the_hessian,
                inverted,
            ),
            of="validation.course.assignments.freedom:information",
            draw=some_parts,
            by_hand=parts_by_hand,
        ),
        Function(
            name="freedom",
            points=3,
            asks="Satterthwaite's degrees of freedom of one contrast of beta. You need the "
            "variance v of its estimate, the slopes of v in the variances, and the variance of "
            "v-hat.",
            mistakes=(
                no_two,
                standard_error,
                information_for_covariance,
                variances_independent,
                rows_less_coefficients,
            ),
            of="validation.course.assignments.freedom:freedom",
            draw=some_parts,
            by_hand=parts_by_hand,
            magnitude="own",
        ),
        Function(
            name="at_zero",
            points=2,
            asks="The likelihood rises from tau = 0 if b / |a|^2 is below a bound: b are the "
            "squares beyond the groups, |a|^2 those along the eigenvalues. The bound, for each "
            "row of shares.",
            mistakes=zero_estimate.OF_BOUND,
            of="refmixed.after.ratio.one_variance:OneVariance.at_zero",
            draw=zero_estimate.some_eigenvalues,
            by_hand=zero_estimate.eigenvalues_by_hand,
            renamed={"u": "shares"},
        ),
        Expression(
            name="zero_ml",
            points=2,
            asks="In y ~ 1 + (1 | g), three groups of m rows, the variance of the groups is zero: "
            "the probability that maximum likelihood estimates it as zero.",
            mistakes=zero_estimate.OF_ZERO,
            reference="1 - ((m - 1)/m)**(3*(m - 1)/2)",
            symbols=(Symbol("m", "whole"),),
        ),
        Number(
            name="tests",
            points=2,
            asks="Of your data, y ~ t + (1 | g) by REML: the p-value of the variance of the "
            "groups by chi-square with 1, by the 50:50 mixture, by the exact law (all groups have "
            "as many rows); and Satterthwaite's degrees of freedom of t.",
            mistakes=between_groups.MISTAKES,
            reference=between_groups.p_and_freedom,
        ),
    ),
)
