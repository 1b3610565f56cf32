"""What a fit by glmer() is asked for: against lme4, and against what can be said in a formula."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from generalized import CBPP, COUNTED, TICKS, lme4_glmer, of, slopes
from scipy.special import expit
from scipy.stats import norm

import refmixed as rm
from refmixed import errors
from refmixed.glm.after.held import Held
from refmixed.glm.after.parameters import chosen
from refmixed.glm.after.profile import estimate
from refmixed.glm.after.residuals import of_kind
from refmixed.glm.families import Binomial, Gamma, Poisson
from refmixed.glm.links import CLOGLOG, LOGIT, PROBIT

FIT = rm.glmer(COUNTED, CBPP)
SLOPES = slopes()
COUNTS = rm.glmer("y ~ x + (x | g)", SLOPES, "poisson")
POSITIVE = rm.glmer("size ~ period + (1 | herd)", CBPP, "Gamma")
SINGLE = rm.glmer("I(incidence > 0) ~ period + (1 | herd)", CBPP)
FITS = {"binomial": FIT, "poisson": COUNTS, "Gamma": POSITIVE, "single": SINGLE}
SURE = 5.0  # standard errors: a right program is farther off in one run of 1.7 million


# --- lme4 -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def there(lme4: ModuleType) -> object:
    """lme4's fit of cbpp."""
    return lme4_glmer(COUNTED, CBPP)


@pytest.fixture(scope="module")
def there_slopes(lme4: ModuleType) -> object:
    """lme4's fit of intercepts and slopes."""
    return lme4_glmer("y ~ x + (x | g)", SLOPES, "poisson")


@pytest.mark.parametrize("kind", ["response", "pearson", "deviance", "working"])
def test_residuals_are_lme4s(there: object, there_slopes: object, kind: str) -> None:
    for fit, model in ((FIT, there), (COUNTS, there_slopes)):
        theirs = of(model, f"unname(residuals(m, '{kind}'))")
        np.testing.assert_allclose(fit.residuals(kind), theirs, rtol=2e-6, atol=2e-6)


def test_so_are_means_modes_and_their_variances(there: object, there_slopes: object) -> None:
    for fit, model, group in ((FIT, there, "herd"), (COUNTS, there_slopes, "g")):
        np.testing.assert_allclose(fit.fitted, of(model, "unname(fitted(m))"), rtol=1e-6)
        found = fit.ranef(cond_var=True)
        theirs = of(model, f"as.matrix(ranef(m)${group})")
        np.testing.assert_allclose(found[group], np.reshape(theirs, found[group].shape), atol=1e-6)
        variances = of(model, f"attr(ranef(m, condVar = TRUE)${group}, 'postVar')")
        np.testing.assert_allclose(found.cond_var[group], variances, rtol=1e-5, atol=1e-7)
        theirs = np.reshape(of(model, f"as.matrix(coef(m)${group})"), fit.coef()[group].shape)
        np.testing.assert_allclose(fit.coef()[group], theirs, atol=1e-6)
    assert list(COUNTS.ranef()["g"]) == ["(Intercept)", "x"]


def test_fisher_s_weights_are_lme4s_of_other_links(lme4: ModuleType) -> None:
    fit = rm.glmer(COUNTED, CBPP, "binomial(probit)", dialect="expected")
    model = lme4_glmer(COUNTED, CBPP, "binomial('probit')")
    found = fit.ranef(cond_var=True)
    theirs = of(model, "attr(ranef(m, condVar = TRUE)$herd, 'postVar')")
    np.testing.assert_allclose(found.cond_var["herd"], theirs, rtol=1e-5)
    for kind in ("working", "deviance"):
        theirs = of(model, f"unname(residuals(m, '{kind}'))")
        np.testing.assert_allclose(fit.residuals(kind), theirs, rtol=1e-5, atol=1e-6)


def test_crossed_and_nested_effects_are_lme4s(lme4: ModuleType) -> None:
    fit = rm.glmer("TICKS ~ YEAR + (1 | BROOD) + (1 | LOCATION)", TICKS, "poisson")
    model = lme4_glmer("TICKS ~ YEAR + (1 | BROOD) + (1 | LOCATION)", TICKS, "poisson")
    found = fit.ranef(cond_var=True)
    for group in ("BROOD", "LOCATION"):
        theirs = of(model, f"ranef(m)${group}[, 1]")
        np.testing.assert_allclose(found[group].iloc[:, 0], theirs, atol=1e-5)
        theirs = of(model, f"attr(ranef(m, condVar = TRUE)${group}, 'postVar')")
        np.testing.assert_allclose(found.cond_var[group], theirs, rtol=2e-5)
    for random, form in ((["LOCATION"], "~ (1 | LOCATION)"), (False, "NA"), (True, "NULL")):
        theirs = of(model, f"unname(predict(m, re.form = {form}))")
        np.testing.assert_allclose(fit.predict(random=random), theirs, atol=1e-5)


def test_predictions_are_lme4s(there_slopes: object) -> None:
    new = pd.DataFrame({"x": [0.5, -2.0, 0.0], "g": pd.Categorical(["g03", "g29", "new"])})
    for scale in ("link", "response"):
        call = f"predict(m, ..1, type = '{scale}', allow.new.levels = TRUE"
        for random, form in ((True, ""), (False, ", re.form = NA"), ("~ (1 | g)", BARS)):
            theirs = of(there_slopes, f"unname({call}{form}))", new)
            ours = COUNTS.predict(new, random, scale, new_levels="population")
            np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    with pytest.raises(errors.NewLevelError):
        COUNTS.predict(new)


BARS = ", re.form = ~ (1 | g)"


def test_limits_are_lme4s(there: object) -> None:
    """lme4's profile is of a fit of its own: it leaves other modes in the fit that it is given."""
    wald = of(there, "unname(confint(m, parm = 'beta_', method = 'Wald'))")
    np.testing.assert_allclose(FIT.confint("wald"), wald, rtol=1e-4)
    profiled = lme4_glmer(COUNTED, CBPP, tight=False)
    theirs = of(profiled, "suppressMessages(unname(confint(m, parm = 1, quiet = TRUE)))")
    np.testing.assert_allclose(FIT.confint(which=".sig01"), theirs, rtol=5e-4)


def test_a_correlation_has_lme4s_limits(lme4: ModuleType) -> None:
    """lme4's are by splines through its points."""
    model = lme4_glmer("y ~ x + (x | g)", SLOPES, "poisson", tight=False)
    theirs = of(model, "suppressMessages(unname(confint(m, parm = 2, quiet = TRUE)))")
    ours = COUNTS.confint(which="cor_")
    assert list(ours.index) == ["cor_x.(Intercept)|g"]
    np.testing.assert_allclose(ours, theirs, rtol=5e-3)


def test_likelihood_ratios_are_lme4s(there: object) -> None:
    less = lme4_glmer("cbind(incidence, size - incidence) ~ (1 | herd)", CBPP)
    theirs = of(there, "a <- anova(m, ..1); c(a$Chisq[2], a$Df[2], a$`Pr(>Chisq)`[2])", less)
    smaller = FIT.update("~ . - period")
    ours = FIT.anova(smaller).table.iloc[1][["Chisq", "Df", "Pr(>Chisq)"]]
    np.testing.assert_allclose(ours.to_numpy(float), theirs, rtol=1e-5)
    dropped = of(there, "d <- drop1(m, test = 'Chisq'); c(d$AIC, d$LRT[2], d$`Pr(Chi)`[2])")
    table = FIT.drop1().table
    found = [*table["AIC"], table["LRT"].iloc[1], table["Pr(Chi)"].iloc[1]]
    np.testing.assert_allclose(found, dropped, rtol=1e-3)  # it fits with lme4's own tolerances


def test_tables_have_broom_s_columns(there: object, broom_mixed: None) -> None:
    for ours, call in (
        (FIT.tidy(conf_int=True), "tidy(m, conf.int = TRUE)"),
        (FIT.tidy("ran_vals"), "tidy(m, effects = 'ran_vals')"),
        (FIT.glance(), "glance(m)"),
    ):
        names = of(there, f"names(broom.mixed::{call})")
        assert list(ours) == list(names)
        for name in ours.select_dtypes("number"):
            theirs = of(there, f"as.numeric(broom.mixed::{call}[['{name}']])")
            np.testing.assert_allclose(ours[name], theirs, rtol=2e-4)


def test_rows_have_broom_s_columns_but_leverages_of_their_own(
    there: object, broom_mixed: None
) -> None:
    """lme4's leverages of such models are not those of a projection, which it warns of."""
    ours = FIT.augment()
    call = "suppressWarnings(as.data.frame(broom.mixed::augment(m)))"
    names = [name for name in of(there, f"names({call})") if name.startswith(".")]
    assert list(ours)[-len(names) :] == names
    for name in set(names) - {".hat", ".cooksd"}:
        theirs = of(there, f"{call}[['{name}']]")
        np.testing.assert_allclose(ours[name], theirs, rtol=1e-5, atol=1e-5)
    assert ours[".hat"].between(0, 1).all()
    assert 4 < ours[".hat"].sum() < 4 + 15


# --- formulas -------------------------------------------------------------------------------------


def test_the_squared_deviance_residuals_are_twice_what_a_row_lacks_of_its_best() -> None:
    eta, y = np.array([-30.0, -1.0, 0.3, 9.0]), np.array([0.0, 2.0, 5.0, 5.0])
    m = np.full(4, 5.0)
    for link in (LOGIT, PROBIT, CLOGLOG):
        family = Binomial(link, y, m)
        inside = np.clip(y, 1e-12, m - 1e-12) / m
        best = family.log_density(link.eta(inside))
        lack = 2.0 * (best - family.log_density(eta))
        np.testing.assert_allclose(of_kind(family, eta, "deviance") ** 2, lack, atol=2e-9)
    poisson = Poisson(np.array([3.0, 1.0]), np.array([1.0, 2.0]))
    gamma = Gamma(np.array([3.0, 1.0]), np.array([1.0, 2.0]))
    for family in (poisson, gamma):
        lack = 2.0 * (family.log_density(np.log([3.0, 1.0])) - family.log_density(np.ones(2)))
        np.testing.assert_allclose(of_kind(family, np.ones(2), "deviance") ** 2, lack)


def test_residuals_of_sure_responses_keep_their_digits() -> None:
    """A success of probability 1 - e^-40 lacks e^-40 of one."""
    family = Binomial(LOGIT, np.array([1.0]), np.array([1.0]))
    for kind, value in (("response", 1.0), ("pearson", 0.5), ("deviance", 0.5)):
        (found,) = of_kind(family, np.array([40.0]), kind)
        assert found == pytest.approx(np.exp(-40 * value) * (2**0.5 if kind == "deviance" else 1))


def test_residuals_are_of_the_order_of_the_fit() -> None:
    for fit in FITS.values():
        deviance = fit.glance()["deviance"].iloc[0]
        assert (fit.residuals() ** 2).sum() == pytest.approx(deviance)
        assert fit.residuals("pearson", scaled=True).equals(fit.residuals("pearson") / fit.sigma)
        np.testing.assert_allclose(fit.residuals("response"), fit.design.y - fit.fitted, atol=1e-12)
        np.testing.assert_allclose(fit.fitted, fit.predict(scale="response"), rtol=1e-12)
        np.testing.assert_allclose(fit.eta, fit.predict(), rtol=1e-12)


def test_the_mean_of_counts_over_the_effects_has_a_formula() -> None:
    """exp(eta + z'Sigma z / 2)."""
    z = np.column_stack([np.ones(len(SLOPES)), SLOPES["x"]])
    v = np.einsum("nk,kl,nl->n", z, COUNTS.varcorr["g"].cov, z)
    expected = np.exp(COUNTS.predict(random=False) + v / 2)
    found = COUNTS.predict(random="marginal", scale="response")
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    np.testing.assert_allclose(COUNTS.predict(random="marginal"), np.log(expected), rtol=1e-12)
    new = SLOPES.head(3).drop(columns="g")
    found = COUNTS.predict(new, "marginal", "response")
    np.testing.assert_allclose(found, expected[:3], rtol=1e-12)


def test_so_has_that_of_a_probit_and_that_of_a_logit_is_between_it_and_a_half() -> None:
    fit = rm.glmer(COUNTED, CBPP, "binomial(probit)")
    sd, eta = fit.theta.iloc[0], fit.predict(random=False)
    found = fit.predict(random="marginal", scale="response")
    np.testing.assert_allclose(found, norm.cdf(eta / np.sqrt(1 + sd**2)), rtol=1e-12)
    typical, mean = (FIT.predict(random=r, scale="response") for r in (False, "marginal"))
    assert ((typical < mean) & (mean < 0.5)).all()
    draws = expit(FIT.beta.iloc[0] + FIT.theta.iloc[0] * norm.ppf((np.arange(20_000) + 0.5) / 2e4))
    assert mean.iloc[0] == pytest.approx(draws.mean(), rel=1e-5)


def test_errors_of_predictions_are_those_of_the_joint_curvature() -> None:
    """Inverted as a whole here; new groups add all the variance of their effects."""
    for fit in (FIT, COUNTS, rm.glmer(COUNTED, CBPP, "binomial(cloglog)", route="penalized")):
        mode = fit.likelihood.mode
        A = fit.design.Z @ np.kron(np.eye(len(fit.design.terms[0].levels)), mode.at.loaded.Lambda)
        both = np.hstack([fit.design.X, A])
        penalty = np.diag([0.0] * fit.design.p + [1.0] * A.shape[1])
        V = np.linalg.inv((both.T * mode.local.observed.W) @ both + penalty)
        found = fit.predict(se=True)
        np.testing.assert_allclose(found["se"] ** 2, np.einsum("np,pq,nq->n", both, V, both))
        p = fit.design.p
        np.testing.assert_allclose(V[:p, :p], fit.vcov_by("RX"), rtol=1e-9)
        alone = fit.predict(random=False, se=True)["se"] ** 2
        X = fit.design.X
        np.testing.assert_allclose(alone, np.einsum("np,pq,nq->n", X, V[:p, :p], X))
    new = CBPP.head(4).assign(herd="another")
    with_effects = FIT.predict(new, new_levels="population", se=True)["se"] ** 2
    without = FIT.predict(new, random=False, se=True)["se"] ** 2
    np.testing.assert_allclose(with_effects - without, FIT.theta.iloc[0] ** 2)


def test_on_the_response_errors_follow_the_slope_and_intervals_the_link() -> None:
    for random in (True, False, "marginal"):
        link = FIT.predict(random=random, se=True, interval="confidence", level=0.8)
        mean = FIT.predict(None, random, "response", se=True, interval="confidence", level=0.8)
        slope = mean["fit"] * (1 - mean["fit"])
        np.testing.assert_allclose(mean["se"], slope * link["se"], rtol=1e-6)
        for end in ("fit", "lower", "upper"):
            np.testing.assert_allclose(mean[end], expit(link[end]), rtol=1e-9)
    half = norm.ppf(0.9) * link["se"]
    plain = FIT.predict(random=False, se=True, interval="confidence", level=0.8)
    np.testing.assert_allclose(plain["upper"] - plain["fit"], norm.ppf(0.9) * plain["se"])
    assert (half > 0).all()


def test_rows_that_lack_a_value_are_not_predicted() -> None:
    new = pd.DataFrame({"x": [0.5, None, 0.1], "g": ["g01", "g01", None]})
    assert COUNTS.predict(new, se=True).isna().any(axis=1).to_list() == [False, True, True]
    assert COUNTS.predict(new, False).isna().to_list() == [False, True, False]
    marginal = COUNTS.predict(new, "marginal", "response", interval="confidence")
    assert marginal.isna().any(axis=1).to_list() == [False, True, False]
    logit = rm.glmer("I(y > 2) ~ x + (x | g)", SLOPES, nagq=0)
    assert logit.predict(new, "marginal", se=True).isna().any(axis=1).to_list() == [0, 1, 0]


# --- tests and limits -----------------------------------------------------------------------------


def test_wald_s_chi_square_is_that_of_the_coefficients() -> None:
    b, V = FIT.beta.to_numpy()[1:], FIT.vcov.to_numpy()[1:, 1:]
    row = FIT.test_fixed().loc["period"]
    assert row["Chisq"] == pytest.approx(b @ np.linalg.solve(V, b), rel=1e-10)
    assert row["Df"] == 3
    z = FIT.test_fixed(type=None)
    pd.testing.assert_frame_equal(z, FIT.summary().coefficients, rtol=1e-12)
    one = FIT.test_fixed(contrasts={"late": {"period4": 1, "period3": -1}}, joint=True)
    z = FIT.test_fixed(contrasts={"late": {"period4": 1, "period3": -1}})
    assert one["Chisq"].iloc[0] == pytest.approx(z["z value"].iloc[0] ** 2)
    known = FIT.test_fixed(type=None, uncertain="theta known")["Std. Error"]
    assert (known < FIT.se).all()
    assert FIT.test_fixed(contrasts=[0, 1, 0, 0], rhs=FIT.beta.iloc[1])["z value"].iloc[0] == 0


def test_at_a_profile_limit_the_likelihood_is_as_low_as_the_quantile_says() -> None:
    """The model refitted with the parameter given: of Gamma too, and of its sigma."""
    limits = POSITIVE.confint()
    below = 3.841458820694124 / 2
    for name, what, power in (("sd_(Intercept)|herd", "theta", 1), ("sigma", "dispersion", 2)):
        for end in limits.loc[name]:
            value = [end] if what == "theta" else end**power
            held = rm.glmer("size ~ period + (1 | herd)", CBPP, "Gamma", **{what: value})
            assert POSITIVE.loglik - held.loglik == pytest.approx(below, abs=1e-7)


def test_a_profile_goes_through_the_estimate_and_ends_at_its_level() -> None:
    profile = FIT.profile([".sig01", "period2"], level=0.9)
    assert list(profile.short) == [".sig01", "period2"]
    for name, rows in profile.table.groupby("parameter"):
        zero = rows[rows["zeta"] == 0.0]
        assert zero["value"].item() == profile.estimates[name] == pytest.approx(zero[name].item())
        assert np.diff(rows["value"]).min() > 0
        assert np.diff(rows["zeta"]).min() > 0
        assert rows["zeta"].abs().max() == pytest.approx(norm.ppf(0.95), rel=1e-8)
        np.testing.assert_allclose(rows["value"], rows[name], rtol=1e-12)


def test_the_slope_of_a_profile_is_that_of_its_heights() -> None:
    """By central differences, of every kind of parameter; brackets would hide a wrong one."""
    pairs = [(COUNTS, p) for p in chosen(COUNTS.model, ["sd_", "cor_", "beta_", "theta_"])]
    pairs += [(POSITIVE, p) for p in chosen(POSITIVE.model, ["sigma"])]
    for fit, parameter in pairs:
        held, value = Held.of(fit, parameter), estimate(fit, parameter)
        begin = held.begin(fit.psi)
        low, here, high = (held.at(value + step, begin) for step in (0.0999, 0.1, 0.1001))
        assert here.slope == pytest.approx((high.height - low.height) / 2e-4, rel=1e-5)
        assert abs(here.slope) > 0.1


@pytest.mark.parametrize("name", ["sd_x|g", "cor_x.(Intercept)|g", "theta_g.x.(Intercept)", "x"])
def test_the_parameters_of_a_row_have_the_likelihood_that_its_zeta_says(name: str) -> None:
    """And no other parameters with the same value have a larger one, as far as eight are tried."""
    fit = rm.glmer("y ~ x + (x | g)", SLOPES, "poisson")
    row = fit.profile(name, level=0.9).table.iloc[0]
    sd, of_x = row["sd_(Intercept)|g"], row["sd_x|g"]
    theta = [
        sd,
        of_x * row["cor_x.(Intercept)|g"],
        of_x * np.sqrt(1 - row["cor_x.(Intercept)|g"] ** 2),
    ]
    beta = row[["(Intercept)", "x"]].to_numpy(float)
    best = rm.glmer("y ~ x + (x | g)", SLOPES, "poisson", beta=beta, theta=theta).loglik
    assert best == pytest.approx(fit.loglik - row["zeta"] ** 2 / 2, abs=1e-7)
    random = np.random.default_rng(4)
    for _ in range(8):
        s, b = theta + 0.03 * random.standard_normal(3), beta + 0.03 * random.standard_normal(2)
        if name == "x":
            b[1] = beta[1]
        elif name.startswith("theta"):
            s[1] = theta[1]
        elif name.startswith("sd"):
            s[1:] *= of_x / np.hypot(*s[1:])
        else:
            s[1:] = np.hypot(*s[1:]) * np.array(theta[1:]) / of_x
        other = rm.glmer("y ~ x + (x | g)", SLOPES, "poisson", beta=b, theta=s)
        assert other.loglik < best


def test_limits_of_the_exact_likelihood_are_wider_here() -> None:
    exact = rm.glmer(COUNTED, CBPP, likelihood="exact")
    ours, laplace = exact.confint(which=".sig01"), FIT.confint(which=".sig01")
    assert ours.iloc[0, 1] > laplace.iloc[0, 1] + 0.01
    held = rm.glmer(COUNTED, CBPP, likelihood="exact", theta=[ours.iloc[0, 1]])
    assert exact.loglik - held.loglik == pytest.approx(3.841458820694124 / 2, abs=1e-7)


def test_a_variance_of_zero_has_a_limit_above() -> None:
    flat = SLOPES.assign(y=[float(k % 5) for k in range(240)])
    fit = rm.glmer("y ~ x + (1 | g)", flat, "poisson")
    assert fit.is_singular
    low, high = fit.confint(which=".sig01").iloc[0]
    assert low == 0.0
    held = rm.glmer("y ~ x + (1 | g)", flat, "poisson", theta=[high])
    assert fit.loglik - held.loglik == pytest.approx(3.841458820694124 / 2, abs=1e-7)


# --- other responses ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FITS)
def test_responses_are_drawn_with_the_means_of_the_population(name: str) -> None:
    """Of all rows together; a z of SURE has an error probability below 1e-6."""
    fit = FITS[name]
    drawn = fit.simulate(400, seed=5)
    expected = fit.predict(random="marginal", scale="response").mean()
    means = drawn.mean()
    assert abs(means.mean() - expected) < SURE * means.std() / 20
    kept = fit.simulate(400, seed=5, random="kept").mean()
    assert abs(kept.mean() - fit.fitted.mean()) < SURE * kept.std() / 20


def test_their_variances_are_those_of_the_family() -> None:
    """At the modes, over 400 replicates: of squares of Pearson residuals, whose mean is 1."""
    for fit in FITS.values():
        family = type(fit.model.family)
        drawn = fit.simulate(400, seed=6, random="kept").sub(fit.fitted, axis=0)
        mean, w = fit.fitted, fit.design.weights
        variance = {Binomial: mean * (1 - mean), Poisson: mean, Gamma: mean**2}[family]
        squares = (drawn**2).mul(w / (fit.sigma**2 * variance), axis=0).mean()
        assert abs(squares.mean() - 1) < SURE * squares.std() / 20


def test_a_replicate_depends_on_the_seed_and_its_number_alone() -> None:
    for fit in FITS.values():
        many = fit.simulate(45, seed=1)
        assert fit.simulate(7, seed=1).equals(many[list(range(7))])
        assert not fit.simulate(7, seed=2).equals(many[list(range(7))])


def test_another_response_is_fitted_as_if_it_were_the_data() -> None:
    y = FIT.simulate(1, seed=3)[0]
    data = CBPP.assign(incidence=np.round(y * CBPP["size"]))
    ours, theirs = FIT.refit(y), rm.glmer(COUNTED, data)
    np.testing.assert_allclose(ours.psi, theirs.psi, rtol=1e-7)
    many = FIT.refit(FIT.simulate(2, seed=3))
    np.testing.assert_allclose(many.beta.iloc[0], ours.beta, rtol=1e-9)
    np.testing.assert_allclose(many.criterion.iloc[0], ours.criterion, rtol=1e-12)


def test_a_bootstrap_is_of_these() -> None:
    found = FIT.bootstrap(4, seed=3)
    assert list(found.replicates) == ["sd_(Intercept)|herd", *FIT.beta.index]
    first = FIT.refit(FIT.simulate(1, seed=3)[0])
    np.testing.assert_allclose(found.replicates.iloc[0, 1:], first.beta, rtol=1e-9)
    own = FIT.bootstrap(3, seed=3, statistic=lambda fit: {"sd": fit.theta.iloc[0]})
    np.testing.assert_allclose(own.replicates["sd"], found.replicates.iloc[:3, 0])
    with pytest.warns(errors.ReplicateWarning, match="too few"):
        limits = FIT.confint("bootstrap", nsim=5, seed=3, which="beta_")
    assert limits.shape == (4, 2)
    assert list(POSITIVE.bootstrap(1, seed=1).replicates)[1] == "sigma"


def test_replicates_without_a_maximum_are_counted() -> None:
    rare = pd.DataFrame({"y": [1.0, 0, 0, 0, 0, 0, 0, 0] * 2, "g": list("abcd") * 4})
    fit = rm.glmer("y ~ 1 + (1 | g)", rare)
    with pytest.warns(errors.ReplicateWarning, match="could not be fitted"):
        found = fit.bootstrap(20, seed=1)
    assert 0 < found.failed.sum() < 20
    assert "alike" in found.messages.index[0]
    with pytest.raises(errors.SeparationError, match="all alike"):
        fit.refit(np.zeros(16))


# --- what cannot be answered ----------------------------------------------------------------------


def test_models_that_cannot_be_compared_are_refused() -> None:
    less = "cbind(incidence, size - incidence) ~ (1 | herd)"
    for other, what in (
        (rm.glmer(less, CBPP, "binomial(probit)"), "the link 'probit'"),
        (rm.glmer(less, CBPP, nagq=3), "the likelihood 'nagq=3'"),
        (rm.glmer(less, CBPP, likelihood="exact"), "the likelihood \"likelihood='exact'\""),
        (rm.glmer(less, CBPP.head(50)), "different data"),
        (rm.lmer("incidence ~ (1 | herd)", CBPP), "compares fits of glmer"),
        (rm.glmer(less, CBPP, theta=[0.5]), "were given"),
    ):
        with pytest.raises(errors.OptionError, match=what):
            FIT.anova(other)
    with pytest.raises(errors.OptionError, match="none is given"):
        FIT.anova()
    zero = rm.glmer(COUNTED, CBPP, nagq=0)
    with pytest.raises(errors.OptionError, match="nagq=0 does not maximise"):
        zero.anova(rm.glmer(less, CBPP, nagq=0))
    with pytest.raises(errors.OptionError, match="nagq=0 does not maximise"):
        zero.profile()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: FIT.residuals("partial"), "kind must be one of"),
        (lambda: FIT.residuals(scaled=1), "scaled must be True or False"),  # type: ignore[arg-type]
        (lambda: FIT.predict(scale="mean"), "scale must be one of 'link', 'response'"),
        (lambda: FIT.predict(interval="prediction"), "new observations are not normal"),
        (lambda: FIT.predict(random=["hurd"]), "did you mean 'herd'"),
        (lambda: FIT.predict(level=95, interval="confidence"), "between 0 and 1"),
        (lambda: FIT.predict(CBPP.drop(columns="period")), "period"),
        (lambda: FIT.confint(which="sigma"), "binomial has no dispersion"),
        (lambda: FIT.confint("wald", which=".sig01"), "Wald limits are those of fixed effects"),
        (lambda: FIT.confint("wold"), "method must be one of"),
        (lambda: FIT.confint(nsim=3), "no option 'nsim'; it has none"),
        (lambda: FIT.test_fixed(type=1), "type must be 3, 'marginal' or None"),
        (lambda: FIT.test_fixed(uncertain="RY"), "uncertain must be one of"),
        (lambda: FIT.test_fixed(joint=False), "of contrasts"),
        (lambda: FIT.simulate(0), "nsim must be a whole number, 1 or more"),
        (lambda: FIT.simulate(random="old"), "random must be one of"),
        (lambda: FIT.refit(np.ones(3)), "y must be"),
        (lambda: FIT.refit(np.full(56, 0.37)), "must be whole numbers"),
        (lambda: COUNTS.refit(np.full(240, 0.5)), "whole numbers"),
        (lambda: POSITIVE.refit(np.zeros(56)), "positive"),
        (lambda: FIT.bootstrap(2, statistic=3), "must be a function"),  # type: ignore[arg-type]
        (lambda: FIT.summary(style="3"), "style must be one of"),
        (lambda: FIT.ranef(cond_var="all"), "cond_var must be"),  # type: ignore[arg-type]
    ],
)
def test_what_is_asked_wrongly_is_said_in_a_sentence(call: object, said: str) -> None:
    with pytest.raises(errors.RefmixedError, match=said) as caught:
        call()  # type: ignore[operator]
    assert "\n" not in str(caught.value)


def test_parameters_that_were_given_have_no_errors_and_no_profile() -> None:
    fit = rm.glmer(COUNTED, CBPP, beta=FIT.beta.to_numpy(), theta=FIT.theta.to_numpy())
    for call in (fit.test_fixed, fit.profile, fit.drop1, lambda: fit.update("~ . - period")):
        with pytest.raises(errors.OptionError, match="given"):
            call()
    np.testing.assert_allclose(fit.predict(), FIT.predict(), rtol=1e-9)
    np.testing.assert_allclose(fit.refit(FIT.design.y).psi, fit.psi)


def test_counts_that_stand_for_several_rows_cannot_be_drawn() -> None:
    data = SLOPES.assign(w=2.0)
    fit = rm.glmer("y ~ x + (1 | g)", data, "poisson", weights="w")
    with pytest.raises(errors.WeightsError, match="give each a row"):
        fit.simulate()


def test_an_update_keeps_how_the_model_was_fitted() -> None:
    fit = rm.glmer(COUNTED, CBPP, "binomial(probit)", 5, dialect="expected")
    less = fit.update("~ . - period")
    assert (less.link, less.kind, less.model.dialect) == ("probit", fit.kind, "expected")
    anew = rm.glmer("cbind(incidence, size - incidence) ~ 1 + (1 | herd)", CBPP, "binomial(probit)",
                    5, dialect="expected")  # fmt: skip
    np.testing.assert_allclose(less.psi, anew.psi, rtol=1e-7)
    more = less.update("~ . + period")
    np.testing.assert_allclose(more.psi, fit.psi, rtol=1e-7)
    weighted = rm.glmer("incidence / size ~ period + (1 | herd)", CBPP, weights="size")
    assert weighted.update("~ . - period + size").loglik < weighted.loglik
