"""Settings that every test shares, and lme4 for those that ask it."""

import os

# Before numpy loads: on matrices this small, more threads are hundreds of times slower.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

from types import ModuleType

import pytest
from hypothesis import settings
from kernels import ASKED, check_processor

from validation.adapters import r

check_processor()

# The same examples in every run: a test that fails must fail for whoever looks into it, too.
settings.register_profile("refmixed", derandomize=True, database=None, deadline=None)
settings.load_profile("refmixed")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """As other processors see it, what is held against lme4 is left out: R computes by itself."""
    if ASKED in os.environ:
        left_out = [item for item in items if "lme4" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def lme4() -> ModuleType:
    """The adapter to a live lme4; a skip where R is missing, an error when it is required."""
    answers, reason = r.available()
    if not answers:
        without(f"no live lme4: {reason}")
    from validation.adapters import lme4

    return lme4


@pytest.fixture(scope="session")
def gtools(lme4: ModuleType) -> None:
    """R's package gtools, which has the Dirichlet distribution."""
    require("gtools")


@pytest.fixture(scope="session")
def emmeans(lme4: ModuleType) -> None:
    """R's package emmeans."""
    require("emmeans")


@pytest.fixture(scope="session")
def performance(lme4: ModuleType) -> None:
    """R's package performance, which has R2 and ICC."""
    require("performance")


@pytest.fixture(scope="session")
def broom_mixed(lme4: ModuleType) -> None:
    """R's package broom.mixed."""
    require("broom.mixed")


def require(package: str) -> None:
    """Skip a test, or fail it, without a package of R."""
    if not r.ask("function(p) requireNamespace(p, quietly = TRUE)", package)[0]:
        without(f"R has no package {package}")


def without(what: str) -> None:
    """Skip a test, or fail it where R is required."""
    if os.environ.get("REFMIXED_REQUIRE_R") == "1":
        pytest.fail(f"REFMIXED_REQUIRE_R=1, and {what}")
    pytest.skip(what)
