"""The adapters ask what they should, answer in the request's order, and speak the protocol."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import kamino_stand_in
import numpy as np
import pytest
from suite import Json

from validation import peers
from validation.adapters import answers, formulas, frames, refmixed, terms
from validation.ask import finding
from validation.invariance.requests import requests
from validation.suite import cases, verdicts
from validation.tell import expected, results

ADAPTERS = Path(frames.__file__).parent
EXACT = [
    "Dyestuff2-reml.design",
    "weighted-offset-reml.design",
    "sleepstudy-slopes-reml.evaluate-1",
    "sleepstudy-slopes-reml.evaluate-1.matrices",
    "weighted-offset-reml.evaluate-1",
    "weighted-offset-reml.evaluate-1.matrices",
]
FITTED = [
    "Dyestuff2-reml.fit",
    "weighted-offset-reml.fit.matrices",
    "sleepstudy-slopes-reml.inference",
    "sleepstudy-double-bar-reml.inference",
    "Pastes-ml.inference",
    "weighted-offset-reml.inference",
]
OPTIMUM = 4.0  # digits of lme4's theta that are there on any machine


def judged(adapter: Any, name: str) -> dict[str, verdicts.Outcome]:
    """The outcomes of a case by quantity."""
    case = cases.one(name)
    (request,) = requests(case)
    return {o.quantity: o for o in verdicts.judge(case, adapter.run(request))}


@pytest.mark.parametrize("name", EXACT + FITTED)
@pytest.mark.parametrize("route", ["refmixed", "refmixed_marginal"])
def test_refmixed_passes_by_each_route(route: str, name: str) -> None:
    found = judged(finding.find(route), name)
    assert [o for o in found.values() if o.failed] == []
    assert any(o.verdict == verdicts.PASS for o in found.values())


def test_refmixed_computes_all_that_the_suite_asks() -> None:
    found = judged(refmixed, "sleepstudy-double-bar-reml.inference")
    assert {outcome.verdict for outcome in found.values()} == {verdicts.PASS}


# --- kamino ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "sleepstudy-slopes-reml.evaluate-1.matrices",
        "three-effects-mixed-reml.evaluate-1.matrices",
        "weighted-offset-reml.evaluate-1.matrices",
        "Pastes-ml.fit",
        "sleepstudy-double-bar-reml.fit",
        "sleepstudy-slopes-reml.inference",
        "Penicillin-reml.inference",
    ],
)
def test_kamino_passes_where_the_package_is_right(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each kind of request that the adapter answers, once, with a package that stands in."""
    case = cases.one(name)
    known = {quantity: want["value"] for quantity, want in case["expected"].items()}
    profiles = {q for q in known if q.startswith("profile") and len(case["model"]["terms"]) > 1}
    for module, content in kamino_stand_in.modules(known).items():
        monkeypatch.setitem(sys.modules, module, content)
    adapter = finding.find("kamino")
    del sys.modules[adapter.__name__]
    verdicts_ = {quantity: outcome.verdict for quantity, outcome in judged(adapter, name).items()}
    skipped = {quantity for quantity, verdict in verdicts_.items() if verdict == verdicts.SKIP}
    assert skipped == set(adapter.NOT) & set(known) | profiles
    assert {verdict for q, verdict in verdicts_.items() if q not in skipped} == {verdicts.PASS}


# --- lme4 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXACT)
def test_lme4_is_exact_where_nothing_is_optimised(lme4: ModuleType, name: str) -> None:
    found = judged(finding.find("lme4"), name)
    assert [o for o in found.values() if o.failed] == []


@pytest.mark.parametrize("name", FITTED[:-1])  # pbkrtest does not know of weights
def test_lme4_has_the_digits_of_its_optimiser(lme4: ModuleType, name: str) -> None:
    found = judged(finding.find("lme4"), name)
    assert [o for o in found.values() if o.failed and (o.digits or 0.0) < OPTIMUM] == []


def test_recorded_answers_are_those_of_live_lme4(lme4: ModuleType) -> None:
    recorded = json.loads((ADAPTERS.parent / "recorded" / "lme4.json").read_text("ascii"))
    adapter = finding.find("lme4")
    assert recorded["implementation"]["name"] == "lme4"
    for name in ("Dyestuff2-reml.fit", "sleepstudy-slopes-reml.evaluate-1"):
        (request,) = requests(cases.one(name))
        live, kept = adapter.run(request)["answers"], recorded["answers"][name]["answers"]
        assert float(kept["criterion"]) == pytest.approx(float(live["criterion"]), rel=1e-12)
        assert kept.keys() == live.keys()


# --- commands -------------------------------------------------------------------------------------

TALKATIVE = """
import sys
from .answers import implementation
from .frames import frame
print("hello")
def start():
    assert "refmixed" not in sys.modules and "validation" not in sys.modules
    return implementation("mine", "numpy")
def run(request):
    print("working")
    f = frame(request["data"])["f"].cat.codes
    return {"id": request["id"], "answers": {"y": f, "sigma": f.to_numpy("f4")[0], "u": {f.dtype}}}
"""


def served(adapter: Path, *requests: Json) -> list[Json]:
    """What serve.py answers to some requests, with no other package in sight."""
    lines = "".join(json.dumps(request) + "\n" for request in (*requests, {"cmd": "stop"}))
    command = [sys.executable, "-I", str(ADAPTERS / "serve.py"), str(adapter)]
    answer = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in answer.stdout.splitlines()]


def test_an_adapter_is_served_as_a_command(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(TALKATIVE)
    data = {"columns": {"f": ["b", "a"]}, "factors": {"f": ["b", "a"]}}
    start, answer, broken = served(
        tmp_path / "mine.py",
        {"cmd": "start", "version": 1},
        {"cmd": "run", "id": "one", "data": data},
        {"cmd": "run", "id": "two"},
    )
    assert start["implementation"]["name"] == "mine"
    assert answer == {"id": "one", "answers": {"y": [0, 1], "sigma": 0.0, "u": "<set>"}}
    assert broken == {"id": "two", "error": "KeyError: 'data'"}


SHARED = (
    "answers", "as_json", "by_arrays", "formulas", "frames", "generalized_arrays",
    "generalized_formulas",
    "like_statsmodels", "messages", "terms",
)  # fmt: skip
PARTS = (  # of one adapter
    "gpboost_generalized", "gpboost_terms", "mixedlm_generalized", "mixedlm_terms",
    "pystatistics_generalized",
)  # fmt: skip


@pytest.mark.parametrize("adapter", [*peers.peers(), *SHARED, *PARTS])
def test_adapters_of_peers_need_neither_refmixed_nor_the_suite(adapter: str) -> None:
    tree = ast.parse((ADAPTERS / f"{adapter}.py").read_text("utf-8"))
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    plain = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    beside = {alias.name for n in froms if n.level and n.module is None for alias in n.names}
    beside |= {n.module for n in froms if n.level and n.module is not None}
    others = {alias.name for n in plain for alias in n.names} | {n.module for n in froms}
    assert all(node.level < 2 for node in froms)
    own = {name for name in PARTS if name.partition("_")[0] == adapter.partition("_")[0]}
    assert beside <= {*SHARED, *peers.peers(), *own}  # one asked in two ways shares its adapter
    assert not {str(name).partition(".")[0] for name in others} & {"refmixed", "validation"}
    assert adapter in (*SHARED, *PARTS) or adapter in finding.names()


# --- frames ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "fixed", "bars"),
    [
        ("y ~ 1 + (1 | g)", "y ~ 1", [("1", "|", "g")]),
        ("y ~ (x || g)", "y ~ 1", [("x", "||", "g")]),
        (
            "y ~ 0 + I(x^2) + (I(x^2) | a:b) + z",
            "y ~ 0 + I(x^2) + z",
            [("I(x^2)", "|", "a:b")],
        ),
    ],
)
def test_bars_are_split_off(formula: str, fixed: str, bars: list[Any]) -> None:
    assert formulas.split_formula(formula) == (fixed, bars)


def test_numbers_are_the_nearest_doubles_and_keep_all_digits() -> None:
    assert frames.array(["0.1", "1e22"]).tolist() == [0.1, 1e22]
    assert answers.numbers([np.array([[0.1 + 0.2, np.nan]])]) == [[["0.30000000000000004", "nan"]]]
    assert answers.numbers((np.float32(0.1), 2)) == ["0.10000000149011612", "2.0"]
    assert answers.numbers(np.array([1j])) == ["<complex>"]


def test_columns_are_made_by_their_names_in_r() -> None:
    data = {"columns": {"x": ["2", "3"], "f": ["a", "b"]}, "factors": {"f": ["a", "b"]}}
    names = ["(Intercept)", "x", "I(x^2)", "x:fb"]
    made = frames.matrix(frames.frame(data), data["factors"], names)
    assert made.tolist() == [[1, 2, 4, 0], [1, 3, 9, 3]]


def test_a_way_that_fails_is_nan_and_a_refusal_a_skip(capsys: pytest.CaptureFixture[str]) -> None:
    def refuse() -> None:
        raise answers.UnsupportedError("no such thing")

    ways = answers.forgiving({"beta": lambda: 1 / 0, "u": refuse, "sigma": lambda: 2})
    request = {"id": "one", "asked": ["beta", "u", "sigma", "vcov"]}
    found = answers.answer(request, ways, {"": "later"})
    assert found["answers"] == {"beta": "nan", "sigma": "2.0"}
    assert found["skipped"] == {"u": "no such thing", "vcov": "later"}
    assert capsys.readouterr().err == "beta: ZeroDivisionError: division by zero\n"


# --- order ----------------------------------------------------------------------------------------

REQUEST: Json = {
    "model": {
        "coefficients": ["(Intercept)", "fb", "x:fb"],
        "terms": [
            {"group": "g", "effects": ["(Intercept)", "x"], "levels": ["1", "2"]},
            {"group": "b:a", "effects": ["(Intercept)"], "levels": ["u:v", "w:v"]},
        ],
    }
}


def test_coefficients_are_told_by_their_parts() -> None:
    assert terms.coefficients(["f[T.b]:x", "Intercept", "C(f)[T.b]"], REQUEST) == [1, 2, 0]
    with pytest.raises(LookupError, match=r"the names are .*z"):
        terms.coefficients(["z", "Intercept", "fb"], REQUEST)


def test_terms_effects_and_levels_are_put_in_order() -> None:
    crossed = terms.Term("a:b", ["Intercept"], ["v/w", "v/u"], np.eye(1), separator="/")
    covariance = np.array([[1.0, 2.0], [2.0, 9.0]])
    ranef = np.array([[20.0, 2.0], [10.0, 1.0]])
    slopes = terms.Term("g", ["x", "1"], ["2", "1"], covariance, ranef, theta=np.ones(3))
    first, second = terms.in_order([crossed, slopes], REQUEST)
    assert first.covariance.tolist() == [[9, 2], [2, 1]]
    assert first.ranef is not None
    assert first.ranef.tolist() == [[1, 10], [2, 20]]
    assert first.theta is None  # it would need another factor
    assert second.levels == ["u:v", "w:v"]


def test_theta_is_the_factor_of_a_covariance_singular_or_not() -> None:
    L = np.array([[2.0, 0, 0], [1, 0, 0], [3, 0, 1]])
    term = terms.Term("g", ["a", "b", "c"], [], 4 * L @ L.T)
    assert terms.theta([term], 2.0).tolist() == [2, 1, 3, 0, 0, 1]


def test_rows_and_columns_of_theta_are_told_apart() -> None:
    by_rows = np.arange(6.0)
    assert terms.from_rows(3, by_rows).tolist() == [0, 1, 3, 2, 4, 5]
    assert terms.to_rows(3, terms.from_rows(3, by_rows)).tolist() == by_rows.tolist()


def test_correlations_of_a_zero_are_left_out() -> None:
    covariance = np.array([[4.0, 0, 2], [0, 0, 0], [2, 0, 4]])
    assert terms.corr([covariance, np.eye(1)]).tolist() == [0.5]


# --- expected failures and results ----------------------------------------------------------------


@pytest.mark.parametrize("path", sorted((ADAPTERS.parent / "expected").glob("*.toml")))
def test_expected_failures_are_of_the_suite(path: Path) -> None:
    assert path.stem in {*peers.everyone(), *peers.R_COMMANDS}
    entries = expected.read(path)
    assert expected.problems([], entries, cases.everything()) == []


def test_an_entry_may_be_about_near_answers_only() -> None:
    entry = expected.Expected(("a",), "stops early", least="5", passes="sometimes")
    failed = verdicts.Outcome("theta", verdicts.FAIL, digits=7.0)
    far = verdicts.Outcome("theta", verdicts.FAIL, digits=3.0)
    passed = verdicts.Outcome("theta", verdicts.PASS, digits=11.0)
    marks = [expected.mark("a", outcome, [entry]).expected for outcome in (failed, far, passed)]
    assert marks == ["stops early", "", ""]


def test_the_page_of_results_is_made_of_the_reports_that_are_kept() -> None:
    assert results.PAGE.read_text("utf-8") == results.page()
    assert "This is **not a ranking**" in results.page()
    assert "make peers" in results.page()
