"""A study is the same for any number of workers, after any interruption, and keeps its failures."""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import subprocess
import sys
import threading
import warnings
from collections import deque
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import random_designs
from scipy import stats
from scipy.stats import multivariate_normal, rv_discrete

import refmixed as rm
from refmixed.errors import RefmixedError, ResumeError, StudyError, StudyWarning
from refmixed.population import Sample, population, response, sample_x, sample_y
from refmixed.population.predictors import factor, predictor
from refmixed.study import failures, sampling_distribution
from refmixed.study.description import describe
from refmixed.study.files import read_study
from refmixed.study.refit import refitter
from refmixed.study.replicates import CHUNK
from refmixed.study.rows import as_rows, tidy
from refmixed.study.storage import Parts

SCHOOL = population(
    x=predictor("normal"),
    g=factor("ABCDE"),
    y=response("x + by_level(g, A = 1, B = 2, C = 3, D = 1, E = 0)", error_scale=1),
)


def a_sample() -> Sample:
    rng = np.random.default_rng(5)
    return sample_y(sample_x(SCHOOL, 30, rng), rng)


def mean(data: pd.DataFrame) -> dict[str, float]:
    return {"mean": float(data["y"].mean())}


def slope(data: pd.DataFrame) -> rm.Fit:
    return rm.lmer("y ~ x + (1 | g)", data)


def fails_above_one(data: pd.DataFrame) -> float:
    if data["y"].mean() > 1:
        raise ValueError("the mean is above 1")
    return float(data["y"].mean())


def kills_its_worker_once(marker: Path, data: pd.DataFrame) -> dict[str, float]:
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return mean(data)


def study(fit_function: Callable[[pd.DataFrame], object] = mean, nsim: int = 45, seed: int = 1,
          source: object = SCHOOL, **options: object) -> pd.DataFrame:  # fmt: skip
    """A study of 30 rows."""
    n = 30 if source is SCHOOL else None
    return sampling_distribution(fit_function, source, nsim, seed, n=n, **options)  # type: ignore[arg-type]


def assert_same(a: pd.DataFrame, b: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(a, b, check_exact=True)


def test_a_row_a_replicate_and_term() -> None:
    rows = study(slope, nsim=3)
    assert rows["replicate"].to_list() == [0] * 4 + [1] * 4 + [2] * 4
    terms = ["(Intercept)", "x", "sd__(Intercept)", "sd__Observation"]
    assert rows["term"].to_list() == terms * 3


def test_two_workers_write_the_bytes_that_one_writes(tmp_path: Path) -> None:
    one, two = tmp_path / "one.parquet", tmp_path / "two.parquet"
    study(slope, nsim=25, keep=one)
    study(slope, nsim=25, keep=two, jobs=2)
    assert one.read_bytes() == two.read_bytes()


def test_a_replicate_does_not_depend_on_how_many_there_are() -> None:
    assert_same(study(nsim=30), study(nsim=45).query("replicate < 30"))


def test_replicates_and_seeds_differ() -> None:
    assert study(nsim=30)["estimate"].is_unique
    assert study(nsim=1, seed=1)["estimate"][0] != study(nsim=1, seed=2)["estimate"][0]


def test_x_is_fixed_for_a_sample_and_new_for_a_population() -> None:
    def of_x(data: pd.DataFrame) -> float:
        return float(data["x"].sum())

    sample = a_sample()
    assert study(of_x, source=sample)["estimate"].nunique() == 1
    assert study(of_x, source=sample, new_x=True)["estimate"].is_unique
    assert study(of_x)["estimate"].is_unique
    assert study(of_x, new_x=False)["estimate"].nunique() == 1


def test_a_failure_is_a_row_with_its_reason() -> None:
    with pytest.warns(StudyWarning, match=r"of 45 replicates failed, most often with: ValueError"):
        rows = study(fails_above_one)
    (reason,), (count,) = failures(rows).index, failures(rows)
    assert reason == "ValueError: the mean is above 1"
    assert 0 < count < 45
    assert rows["replicate"].to_list() == list(range(45))
    assert (rows["estimate"].isna() == rows["error"].notna()).all()


def test_a_warning_is_kept_with_the_estimate() -> None:
    def warns(data: pd.DataFrame) -> float:
        warnings.warn("not at a minimum", stacklevel=1)
        return 1.0

    rows = study(warns, nsim=2)
    assert rows["warning"].to_list() == ["not at a minimum"] * 2
    assert rows["estimate"].to_list() == [1.0, 1.0]


def interrupt(after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's Ctrl-C once so many chunks are kept."""
    add = Parts.add

    def stop(parts: Parts, k: int, rows: pd.DataFrame) -> None:
        if len(parts.done) == after:
            raise KeyboardInterrupt
        add(parts, k, rows)

    monkeypatch.setattr(Parts, "add", stop)


def test_a_replicate_that_cannot_be_drawn_is_a_failure_too() -> None:
    """exp(x) overflows in few samples; a population that never can be drawn is refused at once."""
    counts = population(x=predictor("normal", scale=25), y=response("x", family="poisson"))
    with pytest.warns(StudyWarning, match="failed"):
        rows = study(source=Sample(pd.DataFrame({"k": range(3)}), counts), new_x=True)
    assert 0 < rows["error"].notna().sum() < 45
    assert set(failures(rows).index.str.split(":").str[0]) == {"PopulationError"}
    never = population(y=response("no_such_column", error_scale=1))
    with pytest.raises(RefmixedError, match="no_such_column"):
        study(source=Sample(pd.DataFrame({"k": range(3)}), never))


ODD = [
    None, [1], {}, {"a": None}, {"a": "text"}, {"a": [1, 2]}, pd.Series({"a": pd.NA}),
    pd.Series(dtype=float), pd.DataFrame({"term": [], "estimate": []}), "text",
    pd.DataFrame([[1.0, 2.0]], columns=["a", "a"]), pd.DataFrame({"a": [object()]}),
    pd.DataFrame([[1.0]], columns=pd.MultiIndex.from_tuples([("a", "b")])),
    pd.DataFrame({"replicate": [1]}),
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD, ids=[f"{k}" for k in range(len(ODD))])
def test_a_value_that_is_no_estimate_is_a_failure_of_its_replicate(odd: object) -> None:
    with pytest.warns(StudyWarning, match="45 of 45 replicates failed, most often with: StudyErr"):
        rows = study(lambda data: odd)
    assert rows["replicate"].to_list() == list(range(45))


def test_whatever_stops_a_function_does_not_stop_the_study() -> None:
    def leaves(data: pd.DataFrame) -> float:
        raise SystemExit("enough")

    def mumbles(data: pd.DataFrame) -> float:
        warnings.warn("\udcff", stacklevel=1)
        raise ValueError("\udcff")

    for function, text in ((leaves, "SystemExit: enough"), (mumbles, r"ValueError: \udcff")):
        with pytest.warns(StudyWarning):
            assert failures(study(function)).to_dict() == {text: 45}


def test_one_kind_of_values_a_column() -> None:
    def either(data: pd.DataFrame) -> pd.DataFrame:
        positive = bool(data["x"].iloc[0] > 0)
        return pd.DataFrame({"value": [1.0 if positive else "negative"]})

    with pytest.raises(StudyError, match="different kinds"):
        study(either)


def test_columns_stand_in_one_order_whatever_fails_first() -> None:
    rows = {}
    for fails in (True, False):
        function = partial(fails_at_first, [True] if fails else [])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", StudyWarning)
            rows[fails] = study(function)
    expected = ["replicate", "term", "estimate", "error", "warning"]
    assert list(rows[True]) == list(rows[False]) == expected


def fails_at_first(remaining: list[bool], data: pd.DataFrame) -> dict[str, float]:
    if remaining and remaining.pop():
        raise ValueError("not yet")
    return mean(data)


def test_functions_that_draw_from_global_generators_are_reproduced_too() -> None:
    def draws(data: pd.DataFrame) -> dict[str, float]:
        return {"numpy": np.random.random(), "python": random.random()}  # noqa: NPY002

    np.random.seed(3)  # noqa: NPY002
    state = np.random.get_state()[1].tolist()  # type: ignore[index]  # noqa: NPY002
    one = study(draws)
    assert np.random.get_state()[1].tolist() == state  # type: ignore[index]  # noqa: NPY002
    assert one["estimate"].is_unique
    assert_same(one, study(draws, jobs=2))


def test_numbers_of_numpy_are_numbers() -> None:
    rows = study(nsim=np.int64(3), seed=np.int64(1), jobs=np.int64(1))
    assert_same(rows, study(nsim=3))
    assert rows.attrs == study(nsim=3).attrs


@pytest.mark.filterwarnings("ignore::refmixed.errors.StudyWarning")
def test_what_was_done_before_an_interruption_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, broken = tmp_path / "whole.parquet", tmp_path / "broken.parquet"
    study(fails_above_one, keep=whole)
    with monkeypatch.context() as patch:
        interrupt(1, patch)
        with pytest.raises(KeyboardInterrupt):
            study(fails_above_one, keep=broken)
    parts = tmp_path / "broken.parquet.parts"
    kept = {part.name: part.stat().st_mtime_ns for part in parts.glob("*.parquet")}
    assert len(kept) == 1
    added: list[int] = []
    add = Parts.add
    monkeypatch.setattr(Parts, "add", lambda p, k, rows: (added.append(k), add(p, k, rows)))
    study(fails_above_one, keep=broken)
    assert added == [1, 2]
    assert broken.read_bytes() == whole.read_bytes()
    assert not parts.exists()


@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize(
    "other", [{"seed": 2}, {"nsim": 46}, {"fit_function": slope}, {"description": "another"}]
)
def test_another_study_is_not_taken_for_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, complete: bool, other: dict[str, object]
) -> None:
    path = tmp_path / "study.parquet"
    if complete:
        study(keep=path)
    else:
        with monkeypatch.context() as patch:
            interrupt(1, patch)
            with pytest.raises(KeyboardInterrupt):
                study(keep=path)
    with pytest.raises(ResumeError, match=r"holds a study of another"):
        study(keep=path, **other)  # type: ignore[arg-type]


def test_a_study_of_other_versions_is_not_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "study.parquet"
    study(keep=path)
    monkeypatch.setattr(rm, "__version__", "0.0.0")
    with pytest.raises(ResumeError, match="another version of refmixed"):
        study(keep=path)


def test_a_finished_study_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "study.parquet"
    first = study(keep=path)
    stamp = path.stat().st_mtime_ns
    assert_same(study(keep=path), first)
    assert path.stat().st_mtime_ns == stamp


def test_the_file_says_what_it_is_of(tmp_path: Path) -> None:
    path = tmp_path / "study.parquet"
    rows = study(keep=path, description="means")
    said = read_study(path).attrs["study"]
    assert said == rows.attrs["study"] == json.loads(json.dumps(said))
    assert (said["seed"], said["nsim"], said["description"]["text"]) == (1, 45, "means")
    assert said["versions"]["refmixed"] == rm.__version__
    assert "by_level" in said["description"]["source"]


def test_a_fit_is_tidied_as_broom_mixed_does() -> None:
    fit = rm.lmer("Reaction ~ Days + (Days | Subject)", rm.load_dataset("sleepstudy"))
    rows = tidy(fit)
    assert rows["term"].to_list() == [
        "(Intercept)", "Days", "sd__(Intercept)", "cor__(Intercept).Days", "sd__Days",
        "sd__Observation",
    ]  # fmt: skip
    assert rows["estimate"].to_numpy() == pytest.approx(
        [251.405105, 10.467286, 24.740658, 0.065551, 5.922138, 25.591796], rel=1e-5
    )
    assert rows["se"][:2].to_numpy() == pytest.approx([6.824597, 1.545790], rel=1e-5)
    assert rows["group"][2:].to_list() == ["Subject"] * 3 + ["Residual"]


@pytest.mark.parametrize(
    "found", [{"a": 1.0, "b": 2}, pd.Series({"a": 1.0, "b": 2.0}),
              pd.DataFrame({"term": ["a", "b"], "estimate": [1.0, 2.0]}, index=[7, 8])]
)  # fmt: skip
def test_whatever_a_fit_function_returns_becomes_rows(found: object) -> None:
    rows = as_rows(found)
    assert rows.to_dict("list") == {"term": ["a", "b"], "estimate": [1.0, 2.0]}
    assert list(rows.index) == [0, 1]


def test_a_refit_takes_frames_of_other_makers() -> None:
    data = pl.from_pandas(a_sample().frame)
    assert_same(tidy(refitter("y ~ x + (1 | g)", data)(data)), tidy(slope(a_sample().frame)))


def test_a_refit_is_the_fit_that_lmer_makes() -> None:
    sample = a_sample()
    again = sample_y(sample, np.random.default_rng(8)).frame
    found = refitter("y ~ x + (1 | g)", sample.frame)(again)
    assert_same(tidy(found), tidy(slope(again)))


def test_an_index_of_names_becomes_the_term() -> None:
    rows = as_rows(pd.DataFrame({"estimate": [1.0, 2.0]}, index=["a", "b"]))
    assert rows.to_dict("list") == {"term": ["a", "b"], "estimate": [1.0, 2.0]}


def test_tables_of_groups_and_of_other_makers_become_rows() -> None:
    data = pd.DataFrame({"g": list("AABB"), "h": list("CDCD"), "x": [1.0, 2.0, 3.0, 4.0]})
    two = as_rows(data.groupby(["g", "h"])[["x"]].mean())
    assert two.to_dict("list") == {"g": [*"AABB"], "h": [*"CDCD"], "x": [1.0, 2.0, 3.0, 4.0]}
    cut = as_rows(data.groupby(pd.cut(data["x"], [0, 2, 4]), observed=True)[["g"]].first())
    assert cut.to_dict("list") == {"x": ["(0, 2]", "(2, 4]"], "g": ["A", "B"]}
    assert as_rows(pl.DataFrame({"e": [1.0]})).to_dict("list") == {"e": [1.0]}
    assert as_rows(pd.DataFrame({"e": pd.arrays.SparseArray([0.0, 1.0])}))["e"].to_list() == [0, 1]


def test_a_study_with_counts_and_failures_is_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole numbers become decimal ones in the chunk in which a replicate failed."""
    limit = study().query("replicate < 2 * @CHUNK")["estimate"].max()

    def counts(data: pd.DataFrame) -> pd.DataFrame:
        if data["y"].mean() == limit:
            raise ValueError("too large")
        return pd.DataFrame({"count": [len(data)]})

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StudyWarning)
        whole = study(counts)
        kinds = {
            k: whole.loc[whole["replicate"] // CHUNK == k, "count"].isna().any() for k in (0, 1)
        }
        assert set(kinds.values()) == {False, True}
        with monkeypatch.context() as patch:
            interrupt(2, patch)
            with pytest.raises(KeyboardInterrupt):
                study(counts, keep=tmp_path / "study.parquet")
        assert_same(study(counts, keep=tmp_path / "study.parquet"), whole)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data.assign(x=data["x"] + 1), "x has other values"),
        (lambda data: data.assign(g="A"), "g has other values"),
        (lambda data: data.assign(y=np.nan), "missing or infinite"),
        (lambda data: data.assign(y="a"), "not numeric"),
        (lambda data: data.drop(columns="y"), "no column 'y'"),
        (lambda data: data[1:], "29 rows"),
    ],
)
def test_a_refit_refuses_other_data(
    change: Callable[[pd.DataFrame], pd.DataFrame], words: str
) -> None:
    data = a_sample().frame
    with pytest.raises(RefmixedError, match=words):
        refitter("y ~ x + (1 | g)", data)(change(data))


class Model:
    """Something with a method that fits."""

    def __init__(self, k: float) -> None:
        self.k = k

    def fit(self, data: pd.DataFrame) -> float:
        return self.k

    def __call__(self, data: pd.DataFrame) -> float:
        return self.k


class Inherits(Model):
    """The same, with a method that it uses."""

    def fit(self, data: pd.DataFrame) -> float:
        return self.twice(self.k)

    def twice(self, x: float) -> float:
        return 2 * x


class Thrice(Inherits):
    """Another method of that name."""

    def twice(self, x: float) -> float:
        return 3 * x


def made(kind: str, code: str) -> object:
    """A class that is written anew, as in a file that is edited."""
    known: dict[str, Any] = {"Model": Model, "__name__": __name__}
    exec(f"class {kind}(Model):\n    {code}", known)
    return known[kind](1)


SCALE = 1.0


def scaled(data: pd.DataFrame) -> float:
    return SCALE


def calls_scaled(data: pd.DataFrame) -> float:
    return scaled(data)


def recursive(data: pd.DataFrame) -> float:
    return recursive(data)


class Queue(deque[int]):
    """A kind of a kind that is written in C."""


PAIRS: list[tuple[object, object]] = [
    (lambda d: max(v * 1 for v in d), lambda d: max(v * 100 for v in d)),
    (lambda d: d.agg(lambda v: v.min()), lambda d: d.agg(lambda v: v.max())),
    (lambda d, *, k=1: k, lambda d, *, k=2: k),
    (Model(1).fit, Model(2).fit),
    (Model(1), Model(2)),
    (partial(Model(1)), partial(Model(2))),
    (cache(Model(1)), cache(Model(2))),
    (rv_discrete(values=([1, 2], [0.5, 0.5])), rv_discrete(values=([1, 2], [1.0, 0.0]))),
    (multivariate_normal([0, 1], np.eye(2)), multivariate_normal([0, 1], 2 * np.eye(2))),
    (pd.Series(pd.Categorical(["A"], ["A", "B"])), pd.Series(pd.Categorical(["A"], ["B", "A"]))),
    (pd.Categorical(["A"], ["A"]), pd.Categorical(["A"], ["A"], ordered=True)),
    (pd.Index(range(200)), pd.Index([*range(199), 0])),
    (pd.DataFrame({"a": [[1]]}), pd.DataFrame({"a": [[2]]})),
    (np.array([1, "a"], dtype=object), np.array([2, "a"], dtype=object)),
    ({"a", "b"}, {"a", "c"}),
    (Inherits(1).fit, Thrice(1).fit),
    (made("Same", "k = 1"), made("Same", "k = 2")),
    (made("Same", "def g(self): return 1"), made("Same", "def g(self): return 2")),
    (made("Same", "g = property(lambda s: 1)"), made("Same", "g = property(lambda s: 2)")),
    (pl.DataFrame({"w": [1.0]}), pl.DataFrame({"w": [2.0]})),
    (pl.Series([1.0]), pl.Series([2.0])),
    (Queue([1]), Queue([2])),
    (refitter("y ~ x", a_sample().frame), refitter("y ~ x", a_sample().frame[::-1])),
]


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=[str(k) for k in range(len(PAIRS))])
def test_a_difference_of_any_kind_is_described(one: object, other: object) -> None:
    assert describe(one) == describe(one) != describe(other)


def test_the_values_and_functions_that_a_function_uses_are_part_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = describe(calls_scaled)
    monkeypatch.setitem(globals(), "SCALE", 2.0)
    assert describe(calls_scaled) != before
    assert describe(recursive) == describe(recursive)


def test_what_is_not_read_is_no_part_of_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    """A global of the name of an attribute; what a logger, a cache or scipy remembers."""
    log = logging.getLogger("refmixed.test")
    law = stats.Normal(mu=0.0, sigma=1.0)

    def fits(data: pd.DataFrame) -> float:
        log.debug("fits")
        return float(data.beta.mean())

    before = describe([fits, law])
    monkeypatch.setitem(globals(), "beta", 5)
    logging.getLogger("refmixed.another").debug("something")
    law.mean(), law.moment(4)
    assert describe([fits, law]) == before


def test_what_a_function_takes_from_a_module_of_the_user_is_part_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def designs(data: pd.DataFrame) -> object:
        return random_designs.one_way(data, 2, 2, between=1.0)

    before = describe(designs)
    monkeypatch.setattr(random_designs, "one_way", scaled)
    assert describe(designs) != before


DESCRIBED_ELSEWHERE = """
import numpy as np, scipy.stats
from refmixed.study.description import describe
def f(d, drop={"x", "y", "z"}): return d if "b" in {"a", "b", "c"} else drop
print(describe([f, scipy.stats.norm(1, 2), {"p", "q", "r"}, np.array([1, "a"], dtype=object)]))
"""


def test_a_description_is_the_same_in_another_process() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", DESCRIBED_ELSEWHERE],
            env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(said) == 1


def test_descriptions_tell_apart_what_differs_and_nothing_else() -> None:
    def adding(k: float) -> Callable[[float], float]:
        return lambda x: x + k

    assert describe(adding(1)) == describe(adding(1)) != describe(adding(2))
    a, b = np.arange(5000.0), np.arange(5000.0)
    b[2500] = 0.0
    assert describe(a) == describe(a.copy()) != describe(b)
    assert describe(pd.DataFrame({"a": a})) != describe(pd.DataFrame({"b": a}))
    assert " at 0x" not in describe([SCHOOL, mean, partial(mean, k=object())])


WRONG: list[tuple[str, Callable[[], object]]] = [
    ("nsim must be a whole number, 1 or more, not 0", lambda: study(nsim=0)),
    ("nsim must be", lambda: study(nsim=2.5)),  # type: ignore[arg-type]
    ("seed must be", lambda: study(seed=-1)),
    ("jobs must be", lambda: study(jobs=0)),
    ("backend must be one of", lambda: study(backend="spark")),
    ("fit_function must be", lambda: study("lmer")),  # type: ignore[arg-type]
    ("source must be", lambda: study(source=3)),
    ("needs n", lambda: sampling_distribution(mean, SCHOOL, 3, 1)),
    ("n must be", lambda: sampling_distribution(mean, SCHOOL, 3, 1, n=0)),
    ("has its rows", lambda: sampling_distribution(mean, a_sample(), 3, 1, n=9)),
    ("cannot write to", lambda: study(keep="/proc/none/study.parquet")),
    ("is a folder", lambda: study(keep="/proc")),
    ("name of a file", lambda: study(keep=3)),
    ("new_x must be", lambda: study(new_x="no")),
    ("description must be", lambda: study(description={1: 2})),
    ("cannot be sent to workers", lambda: study(partial(mean, threading.Lock()), jobs=2)),
    ("distributed.Client", lambda: study(backend="dask")),
    ("a worker died", lambda: study(lambda data: os.kill(os.getpid(), signal.SIGKILL), jobs=2)),
]


@pytest.mark.parametrize(("words", "mistake"), WRONG, ids=[words for words, _ in WRONG])
def test_a_mistake_gets_one_clear_sentence(words: str, mistake: Callable[[], object]) -> None:
    with pytest.raises(RefmixedError) as caught:
        mistake()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    table, text = tmp_path / "table.parquet", tmp_path / "text.parquet"
    pd.DataFrame({"a": [1]}).to_parquet(table)
    text.write_text("no table")
    with pytest.raises(StudyError, match="not the file of a study"):
        study(keep=table)
    with pytest.raises(StudyError, match="cannot be read as Parquet"):
        study(keep=text)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    parts = tmp_path / "study.parquet.parts"
    parts.mkdir()
    (parts / "mine.txt").write_text("mine")
    with pytest.raises(StudyError, match="holds something else"):
        study(keep=tmp_path / "study.parquet")
    assert (parts / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize(("file", "words"), [("00000.parquet", "Parquet"), ("study.json", "read")])
def test_a_damaged_part_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, words: str
) -> None:
    path = tmp_path / "study.parquet"
    with monkeypatch.context() as patch:
        interrupt(1, patch)
        with pytest.raises(KeyboardInterrupt):
            study(keep=path)
    (tmp_path / "study.parquet.parts" / file).write_text("")
    with pytest.raises(StudyError, match=words):
        study(keep=path)


@pytest.mark.filterwarnings("ignore")  # dask's own
def test_a_dask_worker_that_dies_changes_nothing(tmp_path: Path) -> None:
    import distributed

    marker = tmp_path / "killed"
    dies = partial(kills_its_worker_once, marker)
    nsim = 4 * CHUNK
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=str(tmp_path)
        ) as cluster,
        distributed.Client(cluster),
    ):
        rows = study(dies, nsim=nsim, jobs=2, backend="dask")
    assert marker.exists()
    assert_same(rows, study(nsim=nsim))
