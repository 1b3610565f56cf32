"""Examples of other people's suites and manuals, with the figures that these state.

A figure is met in all its digits, or as closely as the suite that states it asks for.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from generalized import CBPP, COUNTED
from scipy.special import expit, logit

import refmixed as rm
from refmixed.errors import (
    ArgumentError,
    ConvergenceWarning,
    FamilyError,
    IdentifiabilityWarning,
    OptionError,
    PerfectFitError,
    ResponseError,
    SeparationError,
)
from refmixed.glm.start import without_effects
from validation.suite import tables


def frame(name: str) -> pd.DataFrame:
    """Data of the suite, labels as categories."""
    return tables.load(name).frame()


# --- figures that others state --------------------------------------------------------------------

INFECTION = pd.DataFrame(  # Beitler and Landis (1985): successes of two treatments in eight clinics
    {
        "clinic": np.repeat([f"c{k}" for k in range(8)], 2),
        "drug": np.tile([1, 0], 8),
        "x": [11, 10, 16, 22, 14, 7, 2, 1, 6, 0, 1, 0, 1, 1, 4, 6],
        "n": [36, 37, 20, 32, 19, 19, 16, 17, 17, 12, 11, 10, 5, 9, 6, 7],
    }
)
SEEDS = pd.DataFrame(  # Crowder (1978): seeds that came up, of two kinds in two extracts
    {
        "plate": [f"p{k:02d}" for k in range(21)],
        "r": [10, 23, 23, 26, 17, 5, 53, 55, 32, 46, 10, 8, 10, 8, 23, 0, 3, 22, 15, 32, 3],
        "n": [39, 62, 81, 51, 39, 6, 74, 72, 51, 79, 13, 16, 30, 28, 45, 4, 12, 41, 30, 51, 7],
        "kind": [0] * 11 + [1] * 10,
        "extract": [0] * 5 + [1] * 6 + [0] * 5 + [1] * 5,
    }
)
PAIRS = pd.DataFrame(  # lme4's test of its issue 47: a hundred pairs, 8 and 32 of them unlike
    {
        "pair": np.repeat([f"p{k:02d}" for k in range(100)], 2),
        "group": np.tile([1, 0], 100),
        "event": np.column_stack(
            [np.repeat([0, 1], 50), np.repeat([0, 1, 0, 1], [42, 8, 18, 32])]
        ).ravel(),
    }
)
DECADE = pd.DataFrame(  # from the mailing list R-sig-mixed-models, of 2020; once in MixedModels.jl
    {
        "group": np.tile(list("ABCDEFGHIJ"), 10),
        "y": [
            83, 3, 8, 78, 901, 21, 4, 1, 1, 39, 82, 3, 2, 82, 874, 18, 5, 1, 3, 50,
            87, 7, 3, 67, 914, 18, 0, 1, 1, 38, 86, 13, 5, 65, 913, 13, 2, 0, 0, 48,
            90, 5, 5, 71, 886, 19, 3, 0, 2, 32, 96, 1, 1, 87, 860, 21, 3, 0, 1, 54,
            83, 2, 4, 70, 874, 19, 5, 0, 4, 36, 100, 11, 3, 71, 950, 21, 6, 0, 1, 40,
            89, 5, 5, 73, 859, 29, 3, 0, 2, 38, 78, 13, 6, 100, 852, 24, 5, 0, 1, 39,
        ],
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "data", "options", "beta", "sd", "within"),
    [
        (  # SAS/STAT's manual of NLMIXED, which takes five nodes
            "cbind(x, n - x) ~ drug + (1 | clinic)",
            INFECTION, {"nagq": 5}, [-1.1974, 0.7385], np.sqrt(1.9591), 6e-5,
        ),
        (  # OpenBUGS's example by data cloning: maximum likelihood, Monte Carlo errors to 3e-4
            "cbind(r, n - r) ~ kind * extract + (1 | plate)",
            SEEDS, {"likelihood": "exact"}, [-0.5485, 0.09685, 1.337, -0.8105], 0.2364, 3e-4,
        ),
        (  # lme4's test of 25 nodes, "tolerance = 5.e-4"
            COUNTED, CBPP, {"nagq": 25},
            [-1.39922533406847, -0.991407294757321, -1.12782184600404, -1.57946627431248],
            0.6475, 5e-4,
        ),
        (  # MixedModels.jl's test of melanoma in Europe, "atol=1.e-3"
            "deaths ~ uvb + (1 | region) + offset(log(expected))",
            "Mmmec", {"family": "poisson", "nagq": 11},
            [-0.13860166843315044, -0.034414458364713504], 0.4121684550775567, 1e-3,
        ),
        (  # lme4 1.1-31 and glmmTMB 1.1.5, which agree in these digits
            "y ~ 1 + (1 | group)", DECADE, {"family": "poisson"}, [2.62308], 2.18603, 3e-5,
        ),
    ],
)  # fmt: skip
def test_estimates_are_as_stated(
    formula: str, data: Any, options: dict[str, Any], beta: list[float], sd: float, within: float
) -> None:
    fit = rm.glmer(formula, frame(data) if isinstance(data, str) else data, **options)
    np.testing.assert_allclose(fit.beta, beta, rtol=0, atol=within)
    np.testing.assert_allclose(fit.theta, sd, rtol=0, atol=within)


@pytest.mark.parametrize(
    ("nagq", "deviance", "within"),
    [(0, 2361.657202855648, 1e-3), (1, 2361.545768866505, 1e-3), (7, 2360.8760880739255, 1e-3)],
)
def test_deviances_of_contraception_are_those_of_julia(
    nagq: int, deviance: float, within: float
) -> None:
    formula = "use ~ age + I(age^2) + urban + livch + (1 | urban:district)"
    fit = rm.glmer(formula, frame("Contraception"), nagq=nagq)
    assert fit.criterion == pytest.approx(deviance, abs=within)  # MixedModels.jl's "atol=0.001"


def test_standard_errors_of_pairs_are_those_of_lme4s_issue_47() -> None:
    fit = rm.glmer("event ~ group + (1 | pair)", PAIRS, nagq=21)
    np.testing.assert_allclose(fit.se, [0.42542855, 0.42492581], rtol=1e-5)  # lme4's tolerance


def test_bacteria_are_lme4s_however_treatments_are_coded() -> None:
    fit = rm.glmer("y ~ trt + I(week > 2) + (1 | ID)", frame("bacteria"))
    drug, more = fit.beta["trtdrug"], fit.beta["trtdrug+"]
    steps = [drug, more - drug, fit.beta["I(week > 2)TRUE"]]
    # lme4's test: "tolerance = 1e-4" of fixef, 5e-4 of the log-likelihood
    np.testing.assert_allclose(steps, [-1.366722631, 0.5840147802, -1.598591346], rtol=1e-3)
    assert fit.loglik == pytest.approx(-96.13069, abs=1e-4)


# --- a higher maximum, which is none of the likelihood --------------------------------------------

MOTHERS = "immun ~ kid2p + rural + pcInd81 + (1 | mom)"
NEAR, FAR = (
    {"beta": [0.2078, 1.2585, -0.9438, -2.2589], "theta": [1.6761]},
    {"beta": [7.6967, 2.2389, -2.7775, -18.7923], "theta": [16.632]},
)


def test_a_higher_maximum_of_laplace_far_out_is_told() -> None:
    with pytest.warns(ConvergenceWarning, match=r"-195\.449 and not -206\.686, .* of mom of 16\.6"):
        fit = rm.glmer(MOTHERS, frame("guImmun"))
    np.testing.assert_allclose(fit.beta, NEAR["beta"], atol=1e-4)  # the digits given
    np.testing.assert_allclose(fit.theta, NEAR["theta"], atol=1e-4)


def test_the_likelihood_itself_is_lower_there() -> None:
    immun, exact = frame("guImmun"), {"likelihood": "exact", "digits": 4}
    laplace = [rm.glmer(MOTHERS, immun, **at).loglik for at in (NEAR, FAR)]
    itself = [rm.glmer(MOTHERS, immun, **exact, **at).loglik for at in (NEAR, FAR)]
    assert laplace[1] - laplace[0] == pytest.approx(11.24, abs=0.01)
    assert itself[1] - itself[0] == pytest.approx(-14.35, abs=0.01)


def test_a_maximum_far_out_is_told_where_it_is_the_only_one() -> None:
    """Eighty pairs of responses, nearly all ones, of groups with a standard deviation of one."""
    random = np.random.default_rng(3)
    chance = expit(logit(0.93) + random.normal(size=80).repeat(2))
    data = pd.DataFrame({"y": random.random(160) < chance, "g": np.arange(80).repeat(2)})
    with pytest.warns(ConvergenceWarning, match=r"its maximum far out, .* effects of g of 5\.9"):
        far = rm.glmer("y ~ 1 + (1 | g)", data)
    itself = rm.glmer("y ~ 1 + (1 | g)", data, likelihood="exact", digits=5)
    assert far.theta.iloc[0] > 4 * itself.theta.iloc[0]


@pytest.mark.filterwarnings("error")
def test_patients_who_were_never_ill_are_no_reason_to_warn() -> None:
    toenail = frame("toenail")
    healthy = ~toenail["outcome"].astype(int).groupby(toenail["patientID"], observed=True).any()
    assert healthy.mean() > 0.5
    rm.glmer("outcome ~ treatment * time + (1 | patientID)", toenail)


# --- what no data determine -----------------------------------------------------------------------


def test_an_intercept_beside_a_slope_of_each_level_is_not_told_apart() -> None:
    """lme4 takes (urban || district) so, and says that its Hessian is degenerate."""
    women, fixed = frame("Contraception"), "use ~ urban + age + livch + "
    with pytest.warns(IdentifiabilityWarning, match=r"same model: .* \(0 \+ urban \| district\)"):
        double = rm.glmer(fixed + "(urban || district)", women)
    same = rm.glmer(fixed + "(urban | district)", women)
    assert double.loglik == pytest.approx(same.loglik, abs=1e-8)
    np.testing.assert_allclose(double.se, same.se, rtol=1e-5)  # two Hessians by differences
    errors = np.sqrt(np.diag(double.cov))
    assert np.isnan(errors[double.design.p :]).all()
    assert "(Intercept)" in str(double.summary())


# --- as users of other packages type it -----------------------------------------------------------

PROPORTIONS = CBPP.assign(p=CBPP["incidence"] / CBPP["size"])
RATE = "p ~ period + (1 | herd)"
FIT = rm.glmer(COUNTED, CBPP)


def test_a_frame_of_polars_is_a_frame() -> None:
    assert rm.glmer(COUNTED, pl.from_pandas(CBPP)).loglik == FIT.loglik
    with pytest.raises(OptionError, match="not chunks"):
        rm.glmer(COUNTED, [CBPP, CBPP])


def test_proportions_of_a_table_are_rounded() -> None:
    rounded = rm.glmer(RATE, PROPORTIONS.assign(p=PROPORTIONS["p"].round(5)), weights="size")
    np.testing.assert_allclose(rounded.psi, FIT.psi, rtol=1e-9)
    with pytest.raises(ResponseError, match=r"row 0 has 0\.143 times 14"):
        rm.glmer(RATE, PROPORTIONS.assign(p=PROPORTIONS["p"].round(3)), weights="size")


def test_a_small_rate_without_trials_is_no_zero() -> None:
    small = PROPORTIONS.assign(p=PROPORTIONS["p"] * 1e-5)
    with pytest.raises(ResponseError, match="is 0 or 1, or has the numbers of trials"):
        rm.glmer(RATE, small)


@pytest.mark.parametrize(
    ("family", "said"),
    [
        ("Bernoulli", "it is called 'binomial'"),
        ("negative.binomial", "a random effect of each row"),
        ("nbinom2", "a random effect of each row"),
        ("betabinomial", "a random effect of each row"),
        ("Poisson", "did you mean 'poisson'"),
    ],
)
def test_families_of_others_are_known_by_name(family: str, said: str) -> None:
    with pytest.raises(FamilyError, match=said):
        rm.glmer(COUNTED, CBPP, family)


def test_the_predictor_that_tells_is_named_and_no_other() -> None:
    """lme4's test of complete separation: of a thousand rows a single one has x2 = 1."""
    random = np.random.default_rng(101)
    data = pd.DataFrame(
        {
            "y": random.integers(0, 2, 1000),
            "x": random.random(1000),
            "x2": np.repeat([0, 1], [999, 1]),
            "f": np.repeat([f"f{k:02d}" for k in range(20)], 50),
        }
    )
    with pytest.raises(SeparationError, match=r"^x2 tells successes from failures"):
        rm.glmer("y ~ x + x2 + (1 | f)", data)


@pytest.mark.filterwarnings("error")
def test_counts_in_millions_and_in_billions_have_the_same_effects() -> None:
    """Of counts so large the groups' means are known, and only these have a say in theta."""
    formula, ten = "incidence ~ period + (1 | herd)", np.log(1e3)
    some, more = [
        rm.glmer(formula, CBPP.assign(incidence=CBPP["incidence"] * size), "poisson")
        for size in (1e6, 1e9)
    ]
    np.testing.assert_allclose(more.theta, some.theta, rtol=1e-5)  # 1e9 leaves half of the digits
    np.testing.assert_allclose(more.beta - some.beta, [ten, 0, 0, 0], atol=1e-5)


def test_a_first_step_that_goes_too_far_is_taken_back() -> None:
    """Zeros beside hundreds of millions: the second beta of Fisher's scoring is e^40 too large."""
    random = np.random.default_rng(3)
    x, g = random.normal(size=240), np.arange(24).repeat(10)
    y = 1e8 * random.poisson(np.exp(0.3 + 0.5 * x + 0.7 * random.normal(size=24)[g]))
    fit = rm.glmer("y ~ x + (1 | g)", pd.DataFrame({"y": y, "x": x, "g": g}), "poisson")
    beta = without_effects(fit.model)
    assert beta is not None
    X = fit.design.X
    np.testing.assert_allclose(X.T @ np.exp(X @ beta), X.T @ y, rtol=1e-5)  # its steps end at 1e-6


@pytest.mark.parametrize("formula", ["z ~ period + (1 | herd)", "z ~ 1 + (1 | herd)"])
def test_positive_responses_without_errors_have_no_dispersion(formula: str) -> None:
    numbers = CBPP["herd"].astype(int) if "period" not in formula else CBPP["period"].astype(int)
    with pytest.raises(PerfectFitError, match="the dispersion is on its way to zero"):
        rm.glmer(formula, CBPP.assign(z=np.exp(np.sin(numbers))), "Gamma")


def test_an_update_takes_other_nodes() -> None:
    np.testing.assert_allclose(FIT.update(nagq=25).beta, rm.glmer(COUNTED, CBPP, nagq=25).beta)
    less = FIT.update("~ . - period", nagq=0)
    assert (less.kind.nagq, list(less.beta.index)) == (0, ["(Intercept)"])
    with pytest.raises(ArgumentError, match="write nagq=9"):
        FIT.update(nAGQ=9)  # type: ignore[arg-type]
