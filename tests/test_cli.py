"""The command line prints what the functions return, line for line and digit for digit."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import refmixed as rm
from refmixed.cli import main
from refmixed.r.csv_file import read_csv
from validation.suite.cases import SUITE, digest

ROOT = Path(__file__).parents[1]
SLEEP = "Reaction ~ Days + (Days | Subject)"
KEYS = ["formula", "reml", "route", "nobs", "criterion", "loglik", "aic", "bic", "sigma", "theta"]
KEYS += ["beta", "se", "varcorr", "ranef", "singular", "messages"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of CSV files: two data sets that ship with refmixed, and small tables."""
    folder = tmp_path_factory.mktemp("csv")
    for name in ("sleepstudy", "Penicillin"):
        rm.load_dataset(name).to_csv(folder / f"{name}.csv", index=False)
    rng = np.random.default_rng(5)
    data = pd.DataFrame({"y": rng.normal(size=60), "x": np.tile(np.arange(6.0), 10)})
    data["site"] = np.repeat([100000, 9, 10, 1, 2, 3, 4, 5, 6, 7], 6)
    data["code"] = np.repeat(["b", "B", "a", "é", "10", "9", "_", "Z", "z", "A"], 6)
    data["w"] = rng.uniform(0.5, 2, 60)
    data["b"] = np.where(rng.random(60) < 0.5, "TRUE", "FALSE")
    data.loc[4, "y"] = None
    data.to_csv(folder / "table.csv", index=False, na_rep="NA")
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """The status, and what was printed and complained."""
    status = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def answer(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    """The JSON object that `fit` prints."""
    status, out, _ = run(capsys, "fit", *arguments, "--json")
    assert status == 0
    found: dict[str, Any] = json.loads(out)
    return found


# --- what is printed ------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::refmixed.errors.IdentifiabilityWarning")
@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ([], {}),
        (["--ml"], {"reml": False}),
        (["--route", "marginal"], {"route": "marginal"}),
        (["--weights", "w"], {"weights": "w"}),
        (
            ["--ml", "--route", "penalized", "--weights", "w"],
            {"reml": False, "route": "penalized", "weights": "w"},
        ),
    ],
)
def test_the_summary_and_every_number_are_the_fit_s(
    folder: Path, capsys: pytest.CaptureFixture[str], options: list[str], arguments: dict[str, Any]
) -> None:
    file = folder / "table.csv"
    fit = rm.lmer("y ~ x + b + (1 | code) + (x | site)", read_csv(str(file)), **arguments)
    call = ("y~x+b+(1|code)+(x|site)", file, *options)
    (message,) = (m for m in fit.messages if "not told apart" in m)  # a code is a site
    warning = f"refmixed: warning: {message} [IdentifiabilityWarning]\n"
    assert run(capsys, "fit", *call) == (0, f"{fit.summary()}\n", warning)
    found = answer(capsys, *call)
    assert list(found) == KEYS
    for key in ("formula", "reml", "route", "nobs", "criterion", "loglik", "aic", "bic", "sigma"):
        assert found[key] == getattr(fit, key)
    assert found["theta"] == fit.theta.to_list()
    assert found["beta"] == fit.beta.to_dict()
    assert found["se"] == fit.se.to_dict()
    assert found["singular"] == fit.is_singular
    assert found["messages"] == list(fit.messages)
    assert list(found["varcorr"]) == list(fit.varcorr)
    for name, term in fit.varcorr.items():
        assert found["varcorr"][name]["sd"] == term.sd.to_dict()
        corr = np.array(found["varcorr"][name]["corr"], dtype=float)
        np.testing.assert_array_equal(corr, term.corr)
    assert list(found["ranef"]) == list(fit.ranef())
    for group, frame in fit.ranef().items():
        assert found["ranef"][group] == frame.to_dict("index")


def test_names_are_lme4_s(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, SLEEP.replace("|", "||"), folder / "sleepstudy.csv")
    assert found["formula"] == "Reaction ~ Days + ((1 | Subject) + (0 + Days | Subject))"
    assert list(found["beta"]) == ["(Intercept)", "Days"]
    assert list(found["varcorr"]) == ["Subject", "Subject.1"]
    assert list(found["ranef"]["Subject"]["308"]) == ["(Intercept)", "Days"]


def test_numbers_sort_by_size_and_strings_by_code_point(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ranef = answer(capsys, "y ~ x + (1 | site) + (1 | code)", folder / "table.csv")["ranef"]
    assert list(ranef["site"]) == ["1", "2", "3", "4", "5", "6", "7", "9", "10", "100000"]
    assert list(ranef["code"]) == ["10", "9", "A", "B", "Z", "_", "a", "b", "z", "é"]


def test_a_correlation_that_does_not_exist_is_null(tmp_path: Path, capsys: Any) -> None:
    y = np.tile([1.0, 2.0, 4.0, 3.0, 5.0, 5.5], 4) + np.repeat([0.0, 1e-9, 0.0, 0.0], 6)
    data = pd.DataFrame({"y": y, "x": np.tile(np.arange(6.0), 4), "g": np.repeat([1, 2, 3, 4], 6)})
    data.to_csv(tmp_path / "flat.csv", index=False)
    found = answer(capsys, "y ~ x + (x | g)", tmp_path / "flat.csv")
    assert found["varcorr"]["g"]["corr"] == [[1.0, None], [None, 1.0]]
    assert found["singular"]
    assert found["messages"] == ["boundary (singular) fit: see help('isSingular')"]


@pytest.mark.filterwarnings("ignore::refmixed.errors.IdentifiabilityWarning")
def test_effects_of_one_name_are_added_up(folder: Path, capsys: Any) -> None:
    twice = "y ~ x + (1 | site) + (x | site)"
    ranef = answer(capsys, twice, folder / "table.csv")["ranef"]["site"]
    frame = rm.lmer(twice, read_csv(str(folder / "table.csv"))).ranef()["site"]
    assert list(frame) == ["(Intercept)", "(Intercept)", "x"]
    assert list(ranef["9"].values()) == [frame.to_numpy()[7, :2].sum(), frame.to_numpy()[7, 2]]


def test_datasets_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "datasets")
    assert (status, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()[2:]] == list(rm.list_datasets().index)


def test_the_module_is_a_program(folder: Path) -> None:
    command = [sys.executable, "-m", "refmixed", "fit", SLEEP, str(folder / "sleepstudy.csv")]
    done = subprocess.run(
        [*command, "--json"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    fit = rm.lmer(SLEEP, rm.load_dataset("sleepstudy"))
    assert json.loads(done.stdout)["criterion"] == fit.criterion
    assert done.stderr == ""


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "file", "complaint"),
    [
        ("y ~ xx + (1 | site)", "table.csv", "the data have no column 'xx'; did you mean 'x'? ["),
        ("y ~ x", "table.csv", "'y ~ x' has no random-effects term such as (1 | group); add one ["),
        ("y ~ x + (1 | site)", "nothing.csv", "cannot read {}/nothing.csv as CSV: No such file"),
        ("y ~ x + (1 | site)", "", "cannot read {} as CSV: Is a directory [DataError]\n"),
        ("y ~ x + (1 | w)", "table.csv", "59 observations cannot tell the 59 random effects of w"),
        (
            "y ~ x + * z",
            "table.csv",
            "something is missing before '*' [FormulaError]\n  y ~ x + * z\n          ^\n",
        ),
    ],
)
def test_bad_input_is_one_complaint_and_status_2(
    folder: Path, capsys: Any, formula: str, file: str, complaint: str
) -> None:
    path = folder / file if file else folder
    status, out, err = run(capsys, "fit", formula, path, "--json")
    assert (status, out) == (2, "")
    assert err.startswith(f"refmixed: error: {complaint.format(folder)}")
    assert err.count("\n") == (3 if "^" in complaint else 1)
    assert re.search(r" \[[A-Za-z]+Error\]$", err.split("\n")[0])


@pytest.mark.parametrize(
    "arguments",
    [[], ["fit"], ["fit", SLEEP], ["refit", SLEEP, "x.csv"], ["fit", SLEEP, "x.csv", "--route=a"]],
)
def test_a_command_that_does_not_exist_has_status_2(capsys: Any, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: refmixed")


def test_a_warning_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "fit", "y ~ x + I(2*x) + (1 | site)", folder / "table.csv")
    assert status == 0
    assert err == (
        "refmixed: warning: dropped I(2 * x): linearly dependent on the fixed effects before "
        "[RankWarning]\n"
    )
    assert "rank deficient so dropping 1 column" in out


# --- how files are read ---------------------------------------------------------------------------


def test_columns_of_decimals_are_numbers_and_all_others_text(tmp_path: Path) -> None:
    path = tmp_path / "types.csv"
    path.write_text("a,b,c,d,e\n1,0.1,x,TRUE,1\n-2e3,NA,NA,FALSE,x\n,3,,TRUE,2\n")
    data = read_csv(str(path))
    assert [str(kind) for kind in data.dtypes][:2] == ["float64", "float64"]
    assert data["b"].iloc[0] == 0.1
    assert data.isna().sum().to_list() == [1, 1, 2, 0, 0]
    assert data["d"].to_list() == ["TRUE", "FALSE", "TRUE"]
    assert data["e"].to_list() == ["1", "x", "2"]
    assert data.attrs["name"] == "types"


def test_numbers_are_the_nearest_doubles(tmp_path: Path) -> None:
    texts = [repr(x) for x in np.random.default_rng(1).lognormal(0, 50, size=500).tolist()]
    (tmp_path / "x.csv").write_text("x\n" + "\n".join(texts))
    assert read_csv(str(tmp_path / "x.csv"))["x"].to_list() == [float(t) for t in texts]


# --- which version --------------------------------------------------------------------------------


def test_it_says_its_version(capsys: Any) -> None:
    with pytest.raises(SystemExit, match="0"):  # argparse ends the program
        main(["--version"])
    assert main(["validate", "--version"]) == 0
    says = [
        f"refmixed {rm.__version__}",
        f"refmixed {rm.__version__}, suite {SUITE}, cases {digest()}",
    ]
    assert capsys.readouterr().out.splitlines() == says
