"""Pictures show the numbers of the fit, on the axes that are given, and keep no state."""

from __future__ import annotations

import io
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import refmixed as rm
from refmixed import plots
from refmixed.after.influence.residuals import standardized_effects
from refmixed.after.pictures.kinds import KINDS
from refmixed.errors import OptionError
from validation.adapters import r

AFTER = Path(rm.__file__).parent / "after"
SLEEP = rm.load_dataset("sleepstudy")
FIT = rm.lmer("Reaction ~ Days + (Days | Subject)", SLEEP)
UNITS = {"Reaction": "ms", "Days": "d"}
OTHERS = {
    "crossed": rm.lmer(
        "diameter ~ 1 + (1 | plate) + (1 | sample)", rm.load_dataset("Penicillin").iloc[:60]
    ),
    "singular": rm.lmer("Yield ~ 1 + (1 | Batch)", rm.load_dataset("Dyestuff2")),
    "arrays": rm.fit(SLEEP["Reaction"].to_numpy(), SLEEP[["Days"]].assign(one=1.0).to_numpy(),
                     [(SLEEP["Subject"].to_numpy(), None)]),
    "theta given": rm.lmer("Reaction ~ Days + (Days || Subject)", SLEEP, theta=[0.0, 0.0]),
    "lm": rm.lm("Reaction ~ Days", SLEEP),
}  # fmt: skip


def dots(ax: Axes, which: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The places of the points of a line."""
    lines = [line for line in ax.lines if line.get_marker() == "o"]
    return np.asarray(lines[which].get_xdata()), np.asarray(lines[which].get_ydata())


def rendered(ax: Any) -> bytes:
    file = io.BytesIO()
    np.ravel(ax)[0].figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_draws_on_the_axes_that_are_given(kind: str) -> None:
    shape = {"panels": (2, 2), "zeta": (2, 3)}.get(kind, (1, 1))
    own = Figure().subplots(*shape, squeeze=False)
    ax = own if own.size > 1 else own[0, 0]
    drawn = FIT.plot(kind, ax=ax)
    assert drawn is ax
    assert all(one.get_xlabel() and one.get_ylabel() for one in np.ravel(drawn))


def test_a_picture_is_the_same_when_drawn_again() -> None:
    assert rendered(FIT.plot("shrinkage")) == rendered(FIT.plot("shrinkage"))


IMPOSSIBLE = {  # kind and model: why there is no such picture
    ("caterpillar", "lm"): "no random effects to draw",
    ("shrinkage", "lm"): "no random effects to draw",
    ("lines", "lm"): "no random effects to draw",
    ("qq-effects", "lm"): "no random effects to draw",
    ("shrinkage", "crossed"): "two effects",
    ("shrinkage", "singular"): "two effects",
    ("shrinkage", "arrays"): "two effects",
    ("shrinkage", "theta given"): "two effects",
    ("lines", "crossed"): "that varies, and none does",
    ("lines", "singular"): "that varies, and none does",
    ("qq-effects", "singular"): "is zero",
    ("qq-effects", "theta given"): "is zero",
    ("zeta", "theta given"): "a profile begins at a minimum",
    ("contour", "theta given"): "a profile begins at a minimum",
}


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_model_has_its_picture_or_a_sentence(name: str, kind: str) -> None:
    if (kind, name) in IMPOSSIBLE:
        with pytest.raises(OptionError, match=IMPOSSIBLE[kind, name]):
            OTHERS[name].plot(kind)
    else:
        assert np.ravel(OTHERS[name].plot(kind))[0].has_data()


def test_a_caterpillar_is_sorted_and_its_bars_are_conditional_sds() -> None:
    ax = FIT.plot("caterpillar", effect="Days", units=UNITS)
    x, _ = dots(ax)
    effects = FIT.ranef(cond_var=True)
    np.testing.assert_array_equal(x, np.sort(effects["Subject"]["Days"]))
    bars = np.diff(np.array(ax.collections[0].get_segments())[:, :, 0], axis=1)[:, 0]
    assert effects.cond_var is not None
    sd = np.sqrt(effects.cond_var["Subject"][1, 1])[0]
    np.testing.assert_allclose(bars, 2 * 1.959963984540054 * sd, rtol=1e-9)
    assert ax.get_xlabel() == "random effect Days on Reaction (ms/d)"


def test_arrows_go_from_a_regression_of_each_subject_to_its_coefficients() -> None:
    ax = FIT.plot("shrinkage")
    alone, partial = dots(ax, 0), dots(ax, 1)
    own = SLEEP[SLEEP["Subject"] == "335"]
    place = list(FIT.coef()["Subject"].index).index("335")
    line = rm.lm("Reaction ~ Days", own).beta
    np.testing.assert_allclose([alone[0][place], alone[1][place]], line, rtol=1e-9)
    np.testing.assert_allclose(np.transpose(partial), FIT.coef()["Subject"], rtol=1e-12)


def test_lines_are_the_fitted_values() -> None:
    ax = FIT.plot("lines", levels=["308", "335"], units=UNITS)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Days (d)", "Reaction (ms)")
    curves = [line.get_ydata() for line in ax.lines[1:]]
    np.testing.assert_allclose(curves[0], FIT.fitted[SLEEP["Subject"] == "308"])
    np.testing.assert_allclose(curves[-1], FIT.beta.iloc[0] + FIT.beta.iloc[1] * np.arange(10))
    crossed = rm.lmer("Reaction ~ Days + I(Days^2) + (1 | Subject)", SLEEP)
    assert [line.get_label() for line in crossed.plot("lines").lines][-1] == "population"


def test_intervals_and_power_are_drawn_of_tables() -> None:
    table = pd.DataFrame(
        {"estimate": [2.0, 1.0], "lower": [1.0, np.nan], "upper": [np.inf, 3.0]}, index=["a", "b"]
    )
    ax = plots.intervals(table, unit="ms")
    assert ax.get_xlabel() == "estimate (ms)"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    bare = pd.DataFrame({"2.5 %": [1.0, 0.5], "97.5 %": [3.0, 2.0]}, index=["a", "b"])
    x, y = dots(plots.intervals(bare, pd.Series({"b": 1.5, "a": 2.0})))
    np.testing.assert_array_equal([x, y], [[2.0, 1.5], [1, 0]])
    power = pd.DataFrame({"groups": [20, 5, 10], "power": [0.8, 0.2, 0.5]})
    x, y = dots(plots.power_curve(power, "groups"))
    np.testing.assert_array_equal([x, y], [[5, 10, 20], [0.2, 0.5, 0.8]])
    two = pd.concat([power.assign(effect=0.2), power.assign(effect=0.5)])
    curves = plots.power_curve(two.assign(lower=0.1, upper=0.9), "groups", by="effect")
    assert [text.get_text() for text in curves.get_legend().get_texts()] == ["0.2", "0.5"]
    with pytest.raises(OptionError, match="no column 'estimate'"):
        plots.intervals(bare)
    with pytest.raises(OptionError, match="estimates must be 2 numbers"):
        plots.intervals(bare, [1.0])
    with pytest.raises(OptionError, match="columns lower and upper, or two of limits"):
        plots.intervals(power.assign(third=0.0))
    with pytest.raises(OptionError, match="no column 'size'"):
        plots.power_curve(power, "groups", by="size")
    with pytest.raises(OptionError, match="no column 'n'"):
        plots.power_curve(power, "n")


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("caterpilar", {}, "kind must be one of 'caterpillar'"),
        ("caterpillar", {"colour": "red"}, "no option 'colour'; it has group, effect, level"),
        ("caterpillar", {"group": "Subjekt"}, "did you mean 'Subject'"),
        ("caterpillar", {"effect": "Day"}, "did you mean 'Days'"),
        ("caterpillar", {"level": 1.5}, "level must be a number between 0 and 1"),
        ("caterpillar", {"level": "x"}, "level must be a number between 0 and 1"),
        ("caterpillar", {"group": 3}, "no random effects of 3"),
        ("caterpillar", {"units": 3}, "units must be {variable: unit}, not 3"),
        ("cook", {"ax": 3}, "ax must be axes of matplotlib, not 3"),
        ("lines", {"levels": 3}, "has no level 3"),
        ("shrinkage", {"effects": ("Days", "Nights")}, "Subject has no effect 'Nights'"),
        ("shrinkage", {"effects": "Days"}, "effects must be two names"),
        ("lines", {"x": "Day"}, "X has no column 'Day'; did you mean 'Days'"),
        ("lines", {"levels": ["308", "3O9"]}, "Subject has no level '3O9'"),
        ("residuals", {"which": "pearson"}, "which must be one of 'conditional', 'marginal'"),
        ("panels", {"ax": [1, 2]}, "four axes"),
        ("cook", {"theta": "fixed"}, "theta must be one of"),
    ],
)
def test_bad_options_are_refused(kind: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=re.escape(message)):
        FIT.plot(kind, **options)


def test_no_figure_is_left_behind_and_only_pictures_load_matplotlib() -> None:
    """pyplot keeps every figure, and chooses a backend; a fit is to work without matplotlib."""
    texts = {path.stem: path.read_text("utf-8") for path in AFTER.rglob("*.py")}
    assert not any("pyplot" in text for text in texts.values())
    draw = {name for name in texts if name.endswith("_plots")} | {"canvas"}
    loading = re.compile(rf"^(from|import) (matplotlib|\.({'|'.join(draw)})\b)", re.MULTILINE)
    assert {name for name, text in texts.items() if loading.search(text)} == draw


# --- what is drawn --------------------------------------------------------------------------------


@pytest.mark.parametrize("route", ["blocked", "penalized", "marginal"])
def test_residuals_and_effects_are_over_the_sds_of_the_definition(route: str) -> None:
    data = SLEEP.drop(index=range(3, 60)).assign(w=np.tile([0.5, 2.0, 1.0], 41))
    data["half"] = pd.Categorical(np.where(data["Days"] < 5, "early", "late"))
    formula, theta = "Reaction ~ Days + (Days | Subject) + (1 | half)", [0.9, 0.1, 0.3, 0.7]
    fit = rm.lmer(formula, data, weights="w", theta=theta, route=route)
    here = rm.marginal.at(fit.design, fit.theta.to_numpy())
    y, X, sigma = fit.design.y, fit.design.X, fit.sigma
    table, effects = fit.residual_table(), standardized_effects(fit)
    W_inverse = np.diag(1 / fit.design.weights)
    of = {
        "marginal": (y - X @ here.beta, here.V0 @ here.P @ here.V0),
        "conditional": (here.residuals, W_inverse @ here.P @ W_inverse),
    }
    for name, (values, cov) in of.items():
        expected = values / (sigma * np.sqrt(np.diag(cov)))
        np.testing.assert_allclose(table[f"{name}_standardized"], expected, rtol=1e-9)
        np.testing.assert_allclose(table[name], values, rtol=1e-9, atol=1e-9)
    sd = sigma * np.sqrt(np.diag(here.T @ here.A @ here.T))
    ours = np.concatenate([effects[g].to_numpy().ravel() for g in ("Subject", "half")])
    np.testing.assert_allclose(ours, here.gamma / sd, rtol=1e-8)


@pytest.mark.parametrize(
    ("formula", "name"),
    [
        ("Reaction ~ Days + (Days | Subject)", "sleepstudy"),
        ("Reaction ~ Days + (Days || Subject)", "sleepstudy"),
        ("strength ~ 1 + (1 | batch/cask)", "Pastes"),
        ("Yield ~ 1 + (1 | Batch)", "Dyestuff2"),
    ],
)
def test_principal_components_are_lme4_s(lme4: ModuleType, formula: str, name: str) -> None:
    data = rm.load_dataset(name)
    fit = rm.lmer(formula, data)
    model = lme4.at(formula, data, fit.theta).model
    source = "function(m) lapply(rePCA(m), function(g) list(g$sdev, summary(g)$importance[2, ]))"
    theirs = r.ask(source, model)
    ours = fit.pca()
    assert set(ours) == set(theirs)
    for group, (sd, proportion) in theirs.items():
        np.testing.assert_allclose(ours[group].sd, np.atleast_1d(sd), rtol=1e-12, atol=1e-12)
        there = np.atleast_1d(np.asarray(proportion, dtype=float))
        np.testing.assert_allclose(ours[group].proportion, there, atol=6e-6)  # R rounds to 5


def test_a_direction_of_two_equal_components_is_not_made_up() -> None:
    fit = rm.lmer("Reaction ~ Days + (Days || Subject)", SLEEP, theta=[0.5, 0.5])
    found = fit.pca()["Subject"]
    assert found.axes.isna().all(axis=None)
    apart = rm.lmer("Reaction ~ Days + (Days || Subject)", SLEEP, theta=[0.5, 0.25]).pca()[
        "Subject"
    ]
    np.testing.assert_array_equal(apart.axes, np.eye(2))
    np.testing.assert_allclose(apart.proportion, [0.8, 0.2])
    turned = FIT.pca()["Subject"].axes.to_numpy()
    np.testing.assert_allclose(turned.T @ turned, np.eye(2), atol=1e-12)
    assert (turned[0] > 0).all()
