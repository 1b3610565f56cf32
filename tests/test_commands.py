"""`refmixed predict` and `plot` give what methods of a fit give; complaints name the options."""

from __future__ import annotations

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
        ("plot", ["caterpillar", "--out", "a.png", "--level", "3"], "--level must be between 0"),
        ("plot", ["shrinkage", "--out", "a.png", "--group", "x"], "no random effects of 'x'"),
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
