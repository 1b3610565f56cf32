"""Commands of a fit give what its methods give; complaints name the options."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import refmixed as rm
from refmixed.cli import main

SLEEP = "Reaction ~ Days + (Days | Subject)"
FIT = rm.lmer(SLEEP, rm.load_dataset("sleepstudy"))
NEW = pd.DataFrame({"Days": [1.0, 2.5, 3.0], "Subject": ["308", "999", None]})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commands")
    rm.load_dataset("sleepstudy").to_csv(folder / "sleep.csv", index=False)
    NEW.to_csv(folder / "new.csv", index=False)
    return folder


def run(folder: Path, capsys: Any, command: str, *options: object) -> tuple[int, str, str]:
    """The status, and what was printed and complained."""
    status = main([command, SLEEP, str(folder / "sleep.csv"), *map(str, options)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_predictions_are_those_of_the_fit(folder: Path, capsys: Any) -> None:
    new = folder / "new.csv"
    cases: list[tuple[list[object], Any]] = [
        ([], FIT.predict()),
        (["--population"], FIT.predict(random=False)),
        (["--new", new, "--population"], FIT.predict(NEW, random=False)),
        (["--new", new, "--new-levels", "population"], FIT.predict(NEW, new_levels="population")),
        (["--random", "Subject"], FIT.predict(random=["Subject"])),
    ]
    for options, expected in cases:
        status, out, err = run(folder, capsys, "predict", *options)
        assert (status, err) == (0, "")
        lines = [line.split(",") for line in out.splitlines()]
        assert lines[0] == ["row", "fit"]
        assert [int(row) for row, _ in lines[1:]] == list(range(1, len(expected) + 1))
        np.testing.assert_allclose([float(x) for _, x in lines[1:]], expected, rtol=1e-12)


def test_so_are_their_errors_and_intervals(folder: Path, capsys: Any) -> None:
    new, weights = folder / "weighted.csv", NEW.assign(w=[1.0, 2.0, 4.0])
    weights.to_csv(new, index=False)
    options = ["--new", new, "--population", "--interval", "prediction", "--level", ".8"]
    _, out, _ = run(folder, capsys, "predict", *options, "--new-weights", "w")
    lines = [line.split(",") for line in out.splitlines()]
    assert lines[0] == ["row", "fit", "se", "lower", "upper"]
    expected = FIT.predict(weights, False, interval="prediction", level=0.8, weights="w")
    np.testing.assert_allclose(np.array(lines[1:], dtype=float)[:, 1:], expected, rtol=1e-12)
    _, out, _ = run(folder, capsys, "predict", "--se")
    assert out.splitlines()[0] == "row,fit,se"


def test_as_json_they_are_the_same_and_what_is_missing_is_null(folder: Path, capsys: Any) -> None:
    NEW.assign(Days=[1.0, None, 3.0]).to_csv(folder / "gaps.csv", index=False)
    options = ["--new", folder / "gaps.csv", "--population"]
    _, out, _ = run(folder, capsys, "predict", *options, "--json")
    rows = json.loads(out)
    assert [row["row"] for row in rows] == [1, 2, 3]
    assert rows[1]["fit"] is None
    assert run(folder, capsys, "predict", *options)[1].splitlines()[2] == "2,NA"


def table(folder: Path, capsys: Any, command: str, *options: object) -> pd.DataFrame:
    """What is printed as CSV, by its first column."""
    status, out, err = run(folder, capsys, command, *options)
    assert (status, err) == (0, "")
    return pd.read_csv(io.StringIO(out), index_col=0)


TESTS: list[tuple[list[str], dict[str, Any]]] = [
    ([], {}),
    (["--type", "1", "--df", "kenward-roger"], {"type": 1, "df": "kenward-roger"}),
    (["--type", "sequential", "--df", "chi-square"], {"type": "sequential", "df": "chi-square"}),
    (["--type", "none"], {"type": None}),
    (
        ["--contrasts", "Days=2", "--contrasts", "(Intercept)=1", "Days=-.5"],
        {"contrasts": {"Days=2": {"Days": 2}, "(Intercept)=1 Days=-.5": [1, -0.5]}},
    ),
    (["--contrasts", "(Intercept)=1", "--contrasts", "Days=1", "--joint"],
     {"contrasts": {"all": np.eye(2)}}),
]  # fmt: skip


@pytest.mark.parametrize(("options", "arguments"), TESTS)
def test_so_are_tests_of_fixed_effects(
    folder: Path, capsys: Any, options: list[str], arguments: dict[str, Any]
) -> None:
    pd.testing.assert_frame_equal(
        table(folder, capsys, "test", *options),
        FIT.test_fixed(**arguments),
        check_names=False,
        check_dtype=False,
        rtol=1e-9,
    )


def test_so_are_comparisons_of_models_and_their_notes_go_elsewhere(
    folder: Path, capsys: Any
) -> None:
    others = [". ~ . - Days", "Reaction ~ Days"]
    status, out, err = run(folder, capsys, "anova", "--others", *others)
    found = pd.read_csv(io.StringIO(out), index_col=0)
    expected = FIT.anova(FIT.update(others[0]), rm.lm(others[1], rm.load_dataset("sleepstudy")))
    assert status == 0
    assert err == f"refmixed: note: {expected.notes[0]}\n"
    assert list(found.index)[1] == "Reaction ~ 1 + (Days | Subject)"
    np.testing.assert_allclose(found, expected.table, rtol=1e-9)


def test_so_are_profiles_and_their_limits(folder: Path, capsys: Any) -> None:
    options = ["--which", "sd_", "sigma", "--level", ".9", "--reml"]
    found = table(folder, capsys, "profile", *options)
    expected = FIT.confint("profile", 0.9, ["sd_", "sigma"], reml=True)
    assert list(found.columns) == ["estimate", "lower", "upper"]
    np.testing.assert_allclose(found[["lower", "upper"]], expected, rtol=1e-9)
    assert found["estimate"]["sigma"] == pytest.approx(FIT.sigma)
    points = table(folder, capsys, "profile", "--which", "sigma", "--table")
    drawn = FIT.profile("sigma", 0.95).table.set_index("parameter")
    pd.testing.assert_frame_equal(points, drawn, rtol=1e-9)


def test_so_are_bootstrap_intervals_and_replicates(folder: Path, capsys: Any) -> None:
    options = ["--nsim", "60", "--seed", "3", "--kind", "residual", "--random", "kept"]
    boot = FIT.bootstrap(60, 3, "residual", "kept")
    found = table(folder, capsys, "bootstrap", *options, "--level", ".9", "--interval", "basic")
    np.testing.assert_allclose(found[["lower", "upper"]], boot.confint(0.9, "basic"), rtol=1e-7)
    np.testing.assert_allclose(found[["estimate", "mean"]], boot.summary().iloc[:, :2], rtol=1e-7)
    every = table(folder, capsys, "bootstrap", *options, "--replicates")
    np.testing.assert_allclose(every[boot.replicates.columns], boot.replicates, rtol=1e-7)
    status, out, err = run(folder, capsys, "bootstrap", "--nsim", 40)
    assert (status, out[:10]) == (0, "parameter,")
    assert err.startswith("refmixed: note: --seed ")


def test_a_table_is_written_to_a_file(folder: Path, capsys: Any) -> None:
    printed = run(folder, capsys, "test", "--json")[1]
    assert run(folder, capsys, "test", "--json", "--out", folder / "t.json") == (0, "", "")
    assert (folder / "t.json").read_text("utf-8") == printed
    assert json.loads(printed)[0]["term"] == "Days"


def test_pictures_of_profiles_are_written(folder: Path, capsys: Any) -> None:
    zeta = ["zeta", "--which", "sd_", "sigma", "--reml", "--out", folder / "zeta.svg"]
    contour = ["contour", "--which", "sd_", "--levels", ".5", "--out", folder / "contour.svg"]
    for options in (zeta, contour):
        assert run(folder, capsys, "plot", *options) == (0, "", "")
    assert (folder / "zeta.svg").stat().st_size > 1000


@pytest.mark.parametrize("name", ["a.png", "a.svg", "b.PDF"])
def test_a_picture_is_written(folder: Path, capsys: Any, name: str) -> None:
    options = ["--effect", "Days", "--units", "Reaction=ms", "Days=d", "--level", ".9"]
    status, out, err = run(folder, capsys, "plot", "caterpillar", "--out", folder / name, *options)
    assert (status, out, err) == (0, "", "")
    start = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}[Path(name).suffix.lower()]
    assert (folder / name).read_bytes().startswith(start)


@pytest.mark.parametrize(
    ("command", "options", "complaint"),
    [
        ("predict", ["--new", "new.csv"], "(999); --new-levels population predicts them with"),
        ("predict", ["--new", "no.csv"], "cannot read no.csv as CSV: No such file"),
        ("predict", ["--random", "Subjekt"], "no random effects of 'Subjekt'; did you mean 'Subj"),
        ("predict", ["--interval", "confidence", "--level", "95"], "--level must be"),
        ("predict", ["--new-weights", "w"], "they go with --interval prediction"),
        ("predict", ["--chunks"], "are not kept: name those to predict by --new"),
        ("plot", ["qq", "--out", "a.png", "--effect", "Days"], "qq takes no --effect; it takes"),
        ("plot", ["qq", "--out", "a.doc"], "--out must end in .png, .pdf or .svg, and 'a.doc'"),
        ("plot", ["qq", "--out", "no/a.png"], "cannot write --out no/a.png: No such file"),
        ("plot", ["lines", "--out", "a.png", "--units", "ms"], "--units takes NAME=UNIT, not"),
        ("plot", ["caterpillar", "--out", "a.png", "--level", "3"], "--level must be a number bet"),
        ("plot", ["shrinkage", "--out", "a.png", "--group", "x"], "no random effects of 'x'"),
        ("plot", ["contour", "--out", "a.png", "--levels", "x"], "a contour must be numbers, not"),
        ("plot", ["contour", "--out", "a.png", "--which", "sigma"], "two parameters, not of 1"),
        ("plot", ["residuals", "--out", "a.png", "--which", "x"], "--which must be one of"),
        ("test", ["--df", "x"], "--df must be one of 'satterthwaite'"),
        ("test", ["--type", "4"], "--type must be one of '1', '2', '3', 'sequential'"),
        (
            "test",
            ["--contrasts", "Days=1", "Days=2"],
            "names a coefficient twice in",
        ),
        ("test", ["--contrasts", "Days"], "--contrasts takes NAME=WEIGHT, not 'Days'"),
        ("test", ["--contrasts", "Dais=1"], "did you mean 'Days'"),
        ("test", ["--joint"], "--joint is of contrasts: name them by --contrasts"),
        ("test", ["--ml", "--df", "kenward-roger"], "leave out --ml, or take --df satterthwaite"),
        ("test", ["--out", "no/a.csv"], "cannot write --out no/a.csv: No such file"),
        ("anova", ["--others", ". ~ ."], "--others must be models that differ"),
        ("anova", ["--others", ". ~ 1 + (1 | Subject)", "--no-refit"], "differ: leave out --no-re"),
        ("anova", ["--others", "Days ~ (1 | Subject)"], "the responses"),
        ("profile", ["--which", "Dais"], "no parameter 'Dais'; did you mean 'Days'"),
        ("profile", ["--which", "beta_", "--reml"], "by ML, without --reml"),
        ("profile", ["--level", "95"], "--level must be a number between 0 and 1"),
        ("bootstrap", ["--nsim", "0"], "--nsim must be a whole number, 1 or more"),
        ("bootstrap", ["--seed", "-1"], "--seed must be a whole number, 0 or more"),
        ("bootstrap", ["--jobs", "0"], "--jobs must be a whole number, 1 or more"),
        ("bootstrap", ["--group", "Subject"], "--group says whose levels --kind case draws"),
        ("bootstrap", ["--kind", "case", "--random", "kept"], "and --random kept goes with other"),
        ("bootstrap", ["--level", "2", "--nsim", "9"], "--level must be a number between 0 and 1"),
    ],
)
def test_complaints_are_about_options(
    folder: Path,
    capsys: Any,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    options: list[str],
    complaint: str,
) -> None:
    monkeypatch.chdir(folder)
    status, out, err = run(folder, capsys, command, *options)
    assert (status, out) == (2, "")
    assert complaint in err
    assert err.startswith("refmixed: error: ")
    assert err.count("\n") == 1


def test_a_kind_that_there_is_not_is_argparse_s_complaint(folder: Path, capsys: Any) -> None:
    with pytest.raises(SystemExit):
        run(folder, capsys, "plot", "pie", "--out", "a.png")
    assert "invalid choice: 'pie'" in capsys.readouterr().err
