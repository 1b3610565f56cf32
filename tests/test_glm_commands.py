"""`refmixed ... --family` gives what a fit by glmer() gives; complaints name the options."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from generalized import CBPP, COUNTED

import refmixed as rm
from refmixed.cli import main

DATA = CBPP.assign(herd="h" + CBPP["herd"].astype(str), period="p" + CBPP["period"].astype(str))
FIT = rm.glmer(COUNTED, DATA)
NEW = pd.DataFrame({"period": ["p1", "p2", None], "herd": ["h1", "h99", "h1"]})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generalized")
    DATA.to_csv(folder / "cbpp.csv", index=False)
    NEW.to_csv(folder / "new.csv", index=False)
    return folder


def run(folder: Path, capsys: Any, command: str, *options: object) -> tuple[int, str, str]:
    """The status, and what was printed and complained."""
    given = [command, COUNTED, str(folder / "cbpp.csv"), "--family", "binomial"]
    status = main([*given, *map(str, options)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def table(folder: Path, capsys: Any, command: str, *options: object) -> pd.DataFrame:
    """What is printed as CSV, by its first column."""
    status, out, err = run(folder, capsys, command, *options)
    assert (status, err) == (0, "")
    return pd.read_csv(io.StringIO(out), index_col=0)


def test_a_fit_prints_its_summary(folder: Path, capsys: Any) -> None:
    status, out, err = run(folder, capsys, "fit")
    assert (status, err) == (0, "")
    assert out == f"{FIT.summary()}\n"


def test_as_json_every_number_is_there(folder: Path, capsys: Any) -> None:
    found = json.loads(run(folder, capsys, "fit", "--json")[1])
    assert list(found)[:8] == [
        "formula", "family", "link", "nagq", "likelihood", "dialect", "route", "nobs",
    ]  # fmt: skip
    assert (found["family"], found["link"], found["nagq"]) == ("binomial", "logit", 1)
    assert (found["loglik"], found["dispersion"]) == (FIT.loglik, 1.0)
    assert found["beta"] == FIT.beta.to_dict()
    assert found["se"] == FIT.se.to_dict()
    assert found["theta"] == FIT.theta.to_list()
    assert found["varcorr"]["herd"]["sd"] == {"(Intercept)": FIT.theta.iloc[0]}
    assert found["ranef"]["herd"]["h1"]["(Intercept)"] == FIT.ranef()["herd"].loc["h1"].item()
    options = ["--likelihood", "exact", "--json"]
    exact = json.loads(run(folder, capsys, "fit", *options)[1])
    assert exact["likelihood"] == "exact"
    assert exact["loglik"] == pytest.approx(-91.98336903731, abs=1e-9)
    nodes = json.loads(run(folder, capsys, "fit", "--nagq", 3, "--json")[1])
    assert (nodes["nagq"], nodes["loglik"]) == (3, rm.glmer(COUNTED, DATA, nagq=3).loglik)


def test_predictions_are_those_of_the_fit(folder: Path, capsys: Any) -> None:
    new = folder / "new.csv"
    cases: list[tuple[list[object], Any]] = [
        ([], FIT.predict()),
        (["--population", "--scale", "response"], FIT.predict(random=False, scale="response")),
        (["--marginal", "--scale", "response"], FIT.predict(None, "marginal", "response")),
        (["--random", "~ (1 | herd)"], FIT.predict()),
        (["--new", new, "--new-levels", "population"], FIT.predict(NEW, new_levels="population")),
    ]
    for options, expected in cases:
        found = table(folder, capsys, "predict", *options)
        np.testing.assert_allclose(found["fit"], expected, rtol=1e-9)
    found = table(folder, capsys, "predict", "--interval", "confidence", "--level", ".8")
    expected = FIT.predict(interval="confidence", level=0.8)
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert list(found.index) == list(range(1, 57))


def test_so_are_tests_and_limits(folder: Path, capsys: Any) -> None:
    pairs = [
        (["test"], FIT.test_fixed()),
        (["test", "--type", "none"], FIT.test_fixed(type=None)),
        (
            ["test", "--contrasts", "periodp4=1", "periodp3=-1"],
            FIT.test_fixed({"l": {"periodp4": 1, "periodp3": -1}}),
        ),
        (["anova", "--others", ". ~ . - period"], FIT.anova(FIT.update("~ . - period")).table),
        (
            ["profile", "--which", "periodp2", "--level", ".9"],
            FIT.confint(which="periodp2", level=0.9),
        ),
        (["bootstrap", "--nsim", "3", "--seed", "1", "--replicates"], FIT.bootstrap(3, 1).table),
    ]
    for given, expected in pairs:
        found = table(folder, capsys, *given)
        ends = {"5 %": "lower", "95 %": "upper"}
        numbers = expected.rename(columns=ends).select_dtypes("number")
        np.testing.assert_allclose(found[list(numbers)], numbers, rtol=1e-7)
    profile = table(folder, capsys, "profile", "--which", "periodp2", "--level", ".9", "--table")
    assert profile["zeta"].abs().max() == pytest.approx(1.6448536269514722)


@pytest.mark.parametrize(
    ("command", "options", "said"),
    [
        ("fit", ["--ml"], "--ml is of normal responses: leave it out, or --family"),
        ("fit", ["--certify"], "--certify is of normal responses: leave it out, or --family"),
        ("fit", ["--chunks"], "a generalized model takes a CSV file that is read whole, without"),
        ("fit", ["--route", "marginal"], "--route must be one of 'blocked', 'penalized'"),
        ("fit", ["--nagq", "-1"], "--nagq must be a whole number, 0 or more, not -1"),
        ("fit", ["--nagq", "3", "--likelihood", "exact"], "--likelihood exact goes with digits"),
        ("predict", ["--new-weights", "w"], "--new-weights is of normal responses"),
        ("predict", ["--interval", "prediction"], "--interval must be 'confidence'"),
        ("test", ["--df", "residual"], "--df is of normal responses"),
        ("test", ["--type", "2"], "--type must be one of '3', 'marginal', 'none', not '2'"),
        ("anova", ["--others", ".~1+(1|herd)", "--boundary"], "--boundary is of normal responses"),
        ("profile", ["--reml"], "--reml is of normal responses"),
        ("bootstrap", ["--kind", "case"], "--kind is of normal responses"),
        ("plot", ["zeta", "--out", "x.png"], "refmixed plot is of normal responses: leave"),
    ],
)
def test_what_does_not_go_together_is_said_in_the_command_line_s_words(
    folder: Path, capsys: Any, command: str, options: list[str], said: str
) -> None:
    status, out, err = run(folder, capsys, command, *options)
    assert (status, out) == (2, "")
    assert err.startswith(f"refmixed: error: {said}")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("command", "options", "said"),
    [
        ("fit", ["--nagq", "3"], "--nagq goes with --family"),
        ("fit", ["--likelihood", "exact"], "--likelihood goes with --family"),
        ("predict", ["--marginal"], "--marginal goes with --family"),
        ("predict", ["--scale", "link"], "--scale goes with --family"),
        ("fit", ["--family", "gaussian"], "the family 'gaussian' is not fitted: leave --family"),
        ("fit", ["--family", "binomial(log)"], "the link 'log' of binomial is not fitted"),
    ],
)
def test_options_of_generalized_models_want_a_family_that_is_there(
    folder: Path, capsys: Any, command: str, options: list[str], said: str
) -> None:
    given = [command, "incidence ~ period + (1 | herd)", str(folder / "cbpp.csv"), *options]
    assert main(given) == 2
    assert capsys.readouterr().err.startswith(f"refmixed: error: {said}")


def test_the_help_names_the_families(capsys: Any) -> None:
    with pytest.raises(SystemExit):
        main(["fit", "--help"])
    assert "binomial(probit)" in " ".join(capsys.readouterr().out.split())
