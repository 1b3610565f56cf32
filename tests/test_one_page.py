"""The first page of the book is a mixed model by itself, and finds what `lmer` finds."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.linalg import block_diag

import refmixed as rm
from derivations._book.pages import FOLDER
from refmixed.design import RandomTerm

pytestmark = pytest.mark.numerical

MODELS = [
    ("sleepstudy", "Reaction ~ Days + (Days | Subject)"),
    ("sleepstudy", "Reaction ~ Days + (Days || Subject)"),
    ("sleepstudy", "Reaction ~ Days + (1 | Subject)"),
    ("Dyestuff", "Yield ~ 1 + (1 | Batch)"),
    ("Dyestuff2", "Yield ~ 1 + (1 | Batch)"),
    ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)"),
    ("Pastes", "strength ~ 1 + (1 | batch/cask)"),
    ("cake", "angle ~ recipe * temperature + (1 | recipe:replicate)"),
]


@pytest.fixture(scope="module")
def page() -> dict[str, Callable[..., Any]]:
    """What the page defines."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))  # pages import `checks` from their own folder
        return runpy.run_path(str(FOLDER / "d00_one_page.py"))


def arrays(page: dict[str, Callable[..., Any]], terms: tuple[RandomTerm, ...]) -> tuple[Any, Any]:
    """Z and the pattern of Lambda of several terms, side by side."""
    Z, patterns, m = [], [], 0
    for term in terms:
        columns, pattern = page["random_effects"](term.codes, term.x)
        Z.append(columns)
        patterns.append(np.where(pattern > 0, pattern + m, 0))
        m += term.m
    return np.hstack(Z), block_diag(*patterns)


@pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
@pytest.mark.parametrize(("name", "formula"), MODELS)
def test_one_page_finds_what_lmer_finds(
    page: dict[str, Callable[..., Any]], name: str, formula: str, reml: bool
) -> None:
    data = rm.load_dataset(name)
    design, fit = rm.design(formula, data), rm.lmer(formula, data, reml)
    Z, pattern = arrays(page, design.terms)
    np.testing.assert_array_equal(Z, design.Z)
    gamma = rm.penalized.posterior(design, fit.theta.to_numpy()).gamma
    at = page["at"](fit.theta.to_numpy(), design.y, design.X, Z, pattern, reml)
    best = page["lmm"](design.y, design.X, Z, pattern, reml)
    for found, digits in ((at, 1e-9), (best, 1e-5)):  # the search by differences finds half of them
        assert found.criterion == pytest.approx(fit.criterion, rel=1e-9)
        assert np.abs(found.theta) == pytest.approx(
            np.abs(fit.theta.to_numpy()), abs=digits, rel=digits
        )
        assert found.beta == pytest.approx(fit.beta.to_numpy(), rel=digits, abs=digits)
        assert found.sigma == pytest.approx(fit.sigma, rel=digits)
        assert found.gamma == pytest.approx(gamma, rel=digits, abs=digits * fit.sigma)
