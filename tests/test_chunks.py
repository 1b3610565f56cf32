"""Data that come in chunks: any cut and any order give the fit of a data frame."""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import dask.dataframe as dd
import numpy as np
import pandas as pd
import polars as pl
import pytest
from distributed import Client, LocalCluster
from hypothesis import HealthCheck, given, settings
from random_designs import cases, random_data

import refmixed as rm
from refmixed import blocked, cli, errors, marginal, penalized
from refmixed.coordinates import behaved
from refmixed.r.sources import Local, record
from refmixed.r.summary import residuals

DIGITS = 1e-12
FORMULA = "y ~ x*f + (x | g) + (1 | h)"
FORMULAS = (
    "y ~ x + (x | g)",
    "y ~ x + f + (1 | g) + (1 | h)",
    "log(y + 50) ~ relevel(f, ref = 'b') + (1 | h/g)",
    "y ~ factor(k) + lg*x + (1 | g)",
    "y ~ interaction(f, h) + (1 | factor(k))",
    "y ~ C(f, sum) + x + (0 + f | g)",
    "y ~ x + double + offset(z) + (x || g)",
    "y ~ ifelse(f == 'a', x, z) + cut(x, c(-9, 0, 9)) + (1 | g:f)",
    "y ~ ordered(f) + kind + log(x) + (1 | k)",
    "y ~ 0 + x + (0 + x | g)",
    "y ~ dummy(f, 'a')*x + as.numeric(kind) + (1 | g)",
)


def make(seed: int, gaps: bool = False) -> pd.DataFrame:
    """Random data; with gaps, and a level that no complete row has."""
    rng = np.random.default_rng(seed)
    data = random_data(rng)
    n = len(data)
    data = data.assign(
        f=data["f"].astype(str),
        k=rng.integers(1990, 1995, n),
        lg=rng.random(n) > 0.5,
        double=2 * data["x"] + 1,
        kind=pd.Categorical(rng.choice(list("pq"), n), ["q", "p", "r"]),
        w=rng.uniform(0.5, 2.0, n),
    )
    if gaps:
        for name in ("x", "f", "g", "y"):
            data.loc[rng.integers(0, n, 3), name] = None
        data.loc[0, ["f", "x"]] = "zz", np.nan
        data.loc[rng.integers(1, n, 3), "w"] = 0.0
    return data


def cut(data: pd.DataFrame, rng: np.random.Generator) -> list[pd.DataFrame]:
    """The rows in disorder, in a few chunks, one of them empty."""
    parts = np.array_split(rng.permutation(len(data)), rng.integers(1, 7))
    return [data.iloc[:0], *(data.iloc[part] for part in parts)]


def said(call: Callable[[], rm.Fit]) -> tuple[Any, list[str]]:
    """A fit, or what is wrong; and warnings, but for the row that they show."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            fit = call()
        except rm.RefmixedError as error:
            return f"{type(error).__name__}: {error}", []
    return fit, sorted(str(w.message).split(": in row")[0] for w in seen)


def apart(one: rm.Fit, other: rm.Fit) -> float:
    """The largest difference of two fits, in units that any number has of its own."""
    theta = np.abs(one.theta - other.theta).max() / (1.0 + np.abs(one.theta).max())
    beta = (np.abs(one.beta - other.beta) / one.se).max()
    gamma = max(
        (a - b).abs().to_numpy().max() / one.sigma
        for a, b in zip(one.ranef().values(), other.ranef().values(), strict=True)
    )
    criterion = abs(one.criterion - other.criterion) / (1.0 + abs(one.criterion))
    se = (np.abs(one.se - other.se) / one.se).max()
    return float(max(theta, beta, gamma, criterion, se, abs(one.sigma / other.sigma - 1)))


def same_model(one: rm.Fit, other: rm.Fit) -> None:
    """Names, levels, counts and remarks."""
    assert (one.formula, one.nobs, one.messages) == (other.formula, other.nobs, other.messages)
    assert one.design.dropped == other.design.dropped
    assert list(one.beta.index) == list(other.beta.index)
    for a, b in zip(one.design.terms, other.design.terms, strict=True):
        assert (a.name, a.levels, a.effects) == (b.name, b.levels, b.effects)


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_chunks_give_the_fit_of_a_data_frame(formula: str, seed: int) -> None:
    data = make(seed, gaps=seed > 0)
    given: dict[str, Any] = {"weights": "w"} if seed < 2 else {"offset": "z", "reml": False}
    whole, remarks = said(lambda: rm.lmer(formula, data, **given))
    chunks = cut(data, np.random.default_rng(seed))
    fit, others = said(lambda: rm.lmer(formula, chunks, **given))
    assert others == remarks
    if isinstance(whole, str):
        assert fit == whole
        return
    same_model(whole, fit)
    assert apart(whole, fit) < 10 * DIGITS
    if "offset" not in given:
        rows = data.dropna().query("x > 0").tail(9)
        assert np.abs(whole.predict(rows) - fit.predict(rows)).max() < 1e-11


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases())
def test_any_cut_gives_the_numbers_of_any_other(case: Any) -> None:
    data = case.data if case.weights is None else case.data.assign(w=case.weights)
    rng = np.random.default_rng(case.data.shape[0])
    run = partial(rm.lmer, case.formula, reml=case.reml, theta=case.theta)
    given = {} if case.weights is None else {"weights": "w"}
    whole, one, two = (run(d, **given) for d in (data, cut(data, rng), cut(data, rng)))
    assert apart(one, two) < DIGITS
    assert apart(whole, one) < 10 * DIGITS
    assert one.design.n == len(data)


@pytest.mark.parametrize("route", [marginal, penalized, blocked])
def test_all_routes_take_what_is_left_of_rows(route: Any) -> None:
    data = make(4)
    whole = rm.design("y ~ x + f + (x | g) + (1 | h)", data, weights="w")
    fewer = rm.lmer(
        "y ~ x + f + (x | g) + (1 | h)", cut(data, np.random.default_rng(4)), weights="w"
    )
    theta = np.array([0.7, -0.2, 0.4, 0.9])
    for reml in (True, False):
        right = marginal.criterion(whole, theta, reml)
        found = route.criterion(route.prepare(fewer.design), theta, reml)
        assert found == pytest.approx(right, rel=1e-12)
    beta = np.ones(4)
    right = marginal.log_density(whole, theta, 1.3, beta)
    assert marginal.log_density(fewer.design, theta, 1.3, beta) == pytest.approx(right, rel=1e-12)


def test_rows_that_are_left_out_count() -> None:
    data = pd.concat([make(5)] * 20, ignore_index=True)
    data["y"] += np.random.default_rng(5).normal(size=len(data))
    fit = rm.lmer("y ~ x + (x | g)", cut(data, np.random.default_rng(5)))
    levels = data["g"].nunique()
    assert len(fit.design.y) == 3 * levels
    assert fit.nobs == fit.design.n == len(data) == 3 * levels + fit.design.left_out
    own = behaved(replace(fit.design, coordinates=None)).design
    assert own.y @ own.y == pytest.approx(len(data), rel=1e-12)
    whole = rm.lmer("y ~ x + (x | g)", data)
    known, right = fit.optimum.parameters, whole.optimum.parameters
    assert known is not None
    assert right is not None
    assert known.condition == pytest.approx(right.condition, rel=0.1)  # of random vectors


def test_a_far_origin_costs_no_digits() -> None:
    rng, n = np.random.default_rng(3), 3000
    g = rng.integers(0, 40, n)
    x, noise = rng.normal(size=(2, n))
    y = (rng.normal(size=40)[g] + 0.5 * rng.normal(size=40)[g] * x + 0.3 * x + noise).round(3)
    x, y = np.round(x * 1024) / 1024, np.round(y * 1024) / 1024  # so that what follows is exact
    near, far = (
        pd.DataFrame({"x": x + a, "y": y + b, "g": g}) for a, b in ((0, 0), (2**20, 2**30))
    )
    right = rm.lmer("y ~ x + (x | g)", near, route="blocked")
    fit = rm.lmer("y ~ x + (x | g)", cut(far, rng), route="blocked")
    assert fit.criterion == pytest.approx(right.criterion, rel=1e-14)
    assert fit.beta["x"] == pytest.approx(right.beta["x"], rel=1e-12)
    assert fit.se["x"] == pytest.approx(right.se["x"], rel=1e-12)
    assert fit.sigma == pytest.approx(right.sigma, rel=1e-12)
    assert fit.varcorr["g"].sd["x"] == pytest.approx(right.varcorr["g"].sd["x"], rel=1e-12)


def test_without_random_terms() -> None:
    data = make(6)
    whole, fit = (rm.lm("y ~ x*f", d) for d in (data, cut(data, np.random.default_rng(6))))
    assert np.abs(fit.beta - whole.beta).max() < DIGITS
    assert fit.sigma == pytest.approx(whole.sigma, rel=DIGITS)
    assert len(fit.design.y) <= 8


# --- files ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same data in files."""
    folder, data = tmp_path_factory.mktemp("big"), make(7).drop(columns=["kind", "lg"])
    data.loc[3, "k"] = None
    data["k"] = data["k"].astype("Int64") * 10**15  # digits that doubles would lose
    data["day"] = "2020-01-01"
    data.to_csv(folder / "rows.csv", index=False)
    data.to_parquet(folder / "rows.parquet", row_group_size=11)
    return {"csv": folder / "rows.csv", "parquet": folder / "rows.parquet"}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("make_path", [str, Path])
def test_a_file_is_read_in_chunks(
    files: dict[str, Path], kind: str, make_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    data = pd.read_parquet(files["parquet"])
    for formula in ("y ~ x + f + (1 | g)", "y ~ x + (1 | k)"):
        whole = rm.lmer(formula, data)
        with mock.patch("refmixed.r.readers.ROWS", 10), mock.patch("refmixed.r.readers.BYTES", 900):
            fit = rm.lmer(formula, make_path(files[kind]))
        same_model(whole, fit)
        assert apart(whole, fit) < 10 * DIGITS
        assert fit.labels["data"] == "rows"
    assert capsys.readouterr().err == ""  # no bar where there is no terminal


def test_a_type_that_changes_within_a_csv_file_is_told(tmp_path: Path) -> None:
    path, rows = tmp_path / "ints.csv", ["1,0,a", "2,1,b", "3,0,a", "4,1,b"] * 20
    path.write_text("\n".join(["y,x,g", *rows, "1.5,0,a"]) + "\n")
    with (
        mock.patch("refmixed.r.readers.BYTES", 99),
        pytest.raises(errors.DataError, match=r"as CSV: .*types are those of the first rows"),
    ):
        rm.lmer("y ~ x + (1 | g)", path)


def test_only_columns_that_are_needed_are_read(files: dict[str, Path]) -> None:
    from pyarrow import parquet

    with mock.patch.object(parquet.ParquetFile, "iter_batches", autospec=True) as read:
        read.side_effect = lambda file, rows, columns: iter(())
        with pytest.raises(errors.EmptyDataError, match="the data have no rows"):
            rm.lmer("log(y + 50) ~ x + (1 | g:h)", files["parquet"], weights="w")
    assert read.call_args.kwargs["columns"] == ["y", "x", "g", "h", "w"]


def test_the_command_line_reads_chunks(
    files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in ([str(files["parquet"])], [str(files["csv"]), "--chunks"]):
        assert cli.main(["fit", "y ~ x + (1 | g)", *arguments]) == 0
        printed = capsys.readouterr().out
        assert "   Data: rows\n" in printed
        assert "Scaled residuals" not in printed
    assert cli.main(["fit", "y ~ x + (1 | g)", str(files["csv"]), "--chunks", "--certify"]) == 2


def test_frames_of_another_maker_and_a_function() -> None:
    data = make(8)[["y", "x", "g"]].assign(g=lambda d: d["g"].astype(str))
    parts = cut(data, np.random.default_rng(8))
    whole = rm.lmer("y ~ x + (x | g)", data)
    others: list[Any] = [lambda: map(pl.DataFrame, parts), tuple(parts), lambda: iter(parts)]
    for chunks in others:
        assert apart(whole, rm.lmer("y ~ x + (x | g)", chunks)) < 10 * DIGITS


# --- a cluster ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Two worker processes."""
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        Client(cluster) as found,
    ):
        yield found


def die_once(frame: pd.DataFrame, mark: str) -> pd.DataFrame:
    """A partition; the first worker that reads the one with the mark is killed."""
    try:
        if (frame["x"] == frame["x"]).any() and 77 in frame.index:
            os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
            os.kill(os.getpid(), signal.SIGKILL)
    except FileExistsError:
        pass
    return frame


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_same_fit_though_a_worker_is_killed(
    client: Client, tmp_path: Path
) -> None:
    data = pd.concat([make(9), make(10), make(11)], ignore_index=True)
    data["kind"] = data["kind"].cat.remove_unused_categories()
    frame = dd.from_pandas(data, npartitions=7)
    whole = rm.lmer(FORMULA, data, weights="w")
    fit = rm.lmer(FORMULA, frame, weights="w")
    assert apart(whole, fit) < 10 * DIGITS
    before = set(client.run(os.getpid).values())
    mark = tmp_path / "killed"
    dying = frame.map_partitions(die_once, str(mark), meta=frame._meta)
    again = rm.lmer(FORMULA, dying, weights="w")
    assert mark.exists()
    assert apart(fit, again) == 0.0
    assert set(client.run(os.getpid).values()) != before
    same_model(whole, again)


# --- what is refused ------------------------------------------------------------------------------

PARTS = [make(1).iloc[:20], make(1).iloc[20:]]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        ("scale(x)", errors.FormulaError, r"scale\(x\) depends on all rows"),
        ("poly(x, 2)", errors.FormulaError, "make a column of it beforehand"),
        ("I(x - mean(x))", errors.FormulaError, r"mean\(x\) depends on all rows"),
        ("bs(x, df = 4)", errors.FormulaError, "data come in chunks"),
        ("cut(x, 3)", errors.FormulaError, r"cut\(x, 3\) depends"),
        ("xx", errors.UnknownColumnError, "did you mean 'x'"),
        ("log(x - 99)", errors.EmptyDataError, "every row"),
        ("log(x*0)", errors.InfiniteValueError, "is infinite in row"),
    ],
)
def test_what_needs_all_rows_is_refused(call: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        rm.lmer(f"y ~ {call} + (1 | g)", PARTS)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (iter(PARTS), errors.DataError, "read once only, and are needed again: pass a list"),
        ((part for part in PARTS), errors.DataError, "or a function that makes them anew"),
        ([], errors.DataError, "not list"),
        ([PARTS[0].iloc[:0]], errors.EmptyDataError, "the data have no rows"),
        (lambda: iter(()), errors.EmptyDataError, "the data have no rows"),
        ([PARTS[0], PARTS[1].drop(columns="x")], errors.UnknownColumnError, "some chunks"),
        ([PARTS[0], PARTS[1].assign(x="a")], errors.DataError, "of another kind"),
        ([p.assign(y=2.0) for p in PARTS], errors.ResponseError, r"constant \(2 in every row\)"),
        ([p.assign(g="a") for p in PARTS], errors.GroupError, "single level"),
        ([p.assign(y=p["x"] * 2) for p in PARTS], errors.PerfectFitError, "exactly"),
        (lambda: None, errors.DataError, "must give data frames in turn: 'NoneType'"),
        (lambda: PARTS[0], errors.DataError, "not str"),
        ("gone.csv", errors.DataError, "cannot read gone.csv as CSV: .*No such file"),
        ("gone.parquet", errors.DataError, "cannot read gone.parquet as Parquet: "),
    ],
)
def test_data_that_are_no_chunks_are_refused(data: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        rm.lmer("y ~ x + (1 | g)", data)


def test_weights_and_offset_are_columns() -> None:
    for option in ("weights", "offset"):
        with pytest.raises(errors.OptionError, match="must be a column's name"):
            rm.lmer("y ~ x + (1 | g)", PARTS, **{option: np.ones(9)})
    with pytest.raises(errors.WeightsError, match="row 0 has -1"):
        rm.lmer("y ~ x + (1 | g)", [PARTS[0].assign(w=-1.0)], weights="w")
    with pytest.raises(errors.WeightsError, match="all of them are zero"):
        rm.lmer("y ~ x + (1 | g)", [part.assign(w=0.0) for part in PARTS], weights="w")


def test_chunks_that_change_are_noticed() -> None:
    read = iter([PARTS, PARTS, PARTS, PARTS[:1]])  # the first for the names of columns
    with pytest.raises(errors.DataError, match="are others when they are read again"):
        rm.lmer("y ~ x + (1 | g)", lambda: next(read))


def test_what_asks_for_rows_is_refused() -> None:
    fit = rm.lmer("y ~ x + (1 | g)", PARTS)
    asked: list[Callable[[], Any]] = [
        lambda: fit.fitted,
        fit.residuals,
        fit.predict,
        lambda: fit.predict(random=False),
        fit.certify,
    ]
    for ask in asked:
        with pytest.raises(errors.OptionError, match="chunks are not kept"):
            ask()
    assert residuals(fit.summary()) == []
    assert len(fit.predict(PARTS[0])) == 20


@pytest.mark.parametrize("module", ["pyarrow", "tqdm"])
def test_a_missing_package_is_named(module: str, files: dict[str, Path]) -> None:
    with (
        mock.patch.dict(sys.modules, {module: None}),
        pytest.raises(errors.ExtraError, match=rf"{module}: .* pip install '\.\[big\]'"),
    ):
        rm.lmer("y ~ x + (1 | g)", files["csv"])


def test_a_step_without_rows_says_nothing() -> None:
    assert record(PARTS[0].iloc[:0], ["x"], len) is None
    assert Local("data", ["x"], lambda names: []).total(["x"], len) is None
