"""What Laplace's approximation costs, said by a fit beside the exact one."""

from __future__ import annotations

import numpy as np
import pytest
from random_glms import random_data

import refmixed as rm
from refmixed.errors import OptionError
from refmixed.glm.cost import approximation_error, quadrature_converged

CBPP = "cbind(incidence, size - incidence) ~ period + (1 | herd)"


def test_every_estimate_stands_beside_the_exact_one() -> None:
    fit, exact = (
        rm.glmer(CBPP, rm.load_dataset("cbpp"), likelihood=k) for k in ("laplace", "exact")
    )
    table = approximation_error(fit)
    assert list(table.index[:5]) == [*fit.beta.index, *fit.theta.index]
    right = np.append(exact.beta, exact.theta)
    assert table["exact"][:5].to_numpy() == pytest.approx(right, rel=1e-7)
    assert table["estimate"][:5].to_list() == [*fit.beta, *fit.theta]
    assert table["se"][:4].to_list() == fit.se.to_list()
    assert table["exact_se"][:4].to_numpy() == pytest.approx(exact.se.to_numpy(), rel=1e-6)
    assert (table["difference"] == table["estimate"] - table["exact"]).all()
    share = table["difference"][:5] / table["exact_se"][:5]
    assert table["difference_in_se"][:5].to_list() == share.to_list()


def test_the_log_likelihood_is_compared_at_the_maxima_and_at_the_estimates() -> None:
    table = approximation_error(rm.glmer(CBPP, rm.load_dataset("cbpp")))
    assert table.loc["loglik", "estimate"] == pytest.approx(-92.0262818647571, abs=1e-10)
    assert table.loc["loglik", "exact"] == pytest.approx(-91.98336903731, abs=1e-10)
    assert table.loc["loglik here", "exact"] == pytest.approx(-91.983798443708, abs=1e-10)


def test_what_was_given_stays() -> None:
    table = approximation_error(rm.glmer(CBPP, rm.load_dataset("cbpp"), theta=[0.5]))
    row = table.loc["herd.(Intercept)"]
    assert (row["estimate"], row["exact"]) == (0.5, 0.5)
    assert np.isnan(row["exact_se"])


def test_the_dispersion_is_a_parameter_too() -> None:
    data = random_data(np.random.default_rng(1), 60)
    table = approximation_error(rm.glmer("positive ~ x + (1 | g)", data, "Gamma"), 6.0)
    assert table.loc["log(dispersion)", "exact_se"] > 0
    assert abs(table.loc["log(dispersion)", "difference_in_se"]) < 0.1


def test_of_the_exact_fit_nothing_is_lost() -> None:
    fit = rm.glmer(CBPP, rm.load_dataset("cbpp"), likelihood="exact")
    assert approximation_error(fit)["difference"].abs().max() < 1e-7


def test_nodes_are_doubled_until_nothing_changes() -> None:
    fit = rm.glmer(CBPP, rm.load_dataset("cbpp"))
    table = quadrature_converged(fit, 1e-8)
    assert list(table.index) == [1, 2, 4, 8, 16, 32]
    assert table["loglik"][1] == fit.loglik
    assert table["loglik"][32] == pytest.approx(-91.983798443708, abs=1e-9)
    assert table["change"][32] == table["loglik"][32] - table["loglik"][16]
    assert (table["change"].abs() < 1e-8).tolist() == [False] * 5 + [True]


def test_nodes_that_are_too_few_are_an_error() -> None:
    """Of effects that vary much, integrands are far from normal."""
    fit = rm.glmer(CBPP, rm.load_dataset("cbpp"), theta=[20.0])
    with pytest.raises(OptionError, match="with 64 nodes the log-likelihood still changes by"):
        quadrature_converged(fit, 1e-9)


def test_crossed_factors_have_no_exact_fit_to_stand_beside() -> None:
    data = random_data(np.random.default_rng(1))
    fit = rm.glmer("count ~ x + (1 | g) + (1 | h)", data, "poisson")
    with pytest.raises(OptionError, match="there are 2 of g, h"):
        approximation_error(fit)
    with pytest.raises(OptionError, match="nagq = 2 takes one random term"):
        quadrature_converged(fit)
